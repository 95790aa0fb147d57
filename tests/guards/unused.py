"""What is written and never called. Tests do not count as callers: what only they call is a
capability that no face offers, or a way that was left behind."""

import ast
import re
from collections import Counter
from pathlib import Path

from tests.guards.house import Module

_WORD = re.compile(r"\w+")


def uncalled(modules: list[Module], templates: Path) -> list[str]:
    """Functions of the floors whose name stands nowhere but where they are defined. A function
    with a decorator is called by whoever decorates it; templates call filters and tests."""
    words = Counter(
        word
        for text in (
            *(module.text for module in modules),
            *(page.read_text() for page in sorted(templates.rglob("*.*")) if page.is_file()),
        )
        for word in _WORD.findall(text)
    )
    return [
        f"{module.name}.{node.name} is called by nobody"
        for module in modules
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and not node.decorator_list and words[node.name] < 2
    ]
