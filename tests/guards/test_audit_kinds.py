"""What the auditor can narrow the trail to: every kind of event that the source records."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bankhub.actions.governance.audit_trail import FIRST_WORDS

HERE = Path(__file__).parents[2]


def constants(tree: ast.Module) -> dict[str, str]:
    return {
        one.targets[0].id: one.value.value
        for one in tree.body
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Name)
        and isinstance(one.value, ast.Constant)
        and isinstance(one.value.value, str)
    }


def recorded(tree: ast.Module) -> Iterator[str]:
    """Kinds of which at least the first word stands in the call."""
    known = constants(tree)
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        if call.func.id != "record" or len(call.args) < 2:
            continue
        kind = call.args[1]
        if isinstance(kind, ast.JoinedStr):
            kind = kind.values[0]
        if isinstance(kind, ast.Name):
            kind = ast.Constant(known.get(kind.id, ""))
        if isinstance(kind, ast.Constant) and kind.value:
            yield str(kind.value).partition(".")[0]


def test_every_kind_of_event_can_be_asked_for() -> None:
    found = {
        word
        for floor in ("passport", "bankhub")
        for path in sorted((HERE / floor).rglob("*.py"))
        for word in recorded(ast.parse(path.read_text()))
    }
    assert len(found) > 40
    assert found - set(FIRST_WORDS) == set()
