"""The table that both verdict engines are held to, and the server's engine asked by it.

`tests/cases/verdicts.json` has everything a verifier is given and what it has to answer, in plain
JSON; `tests/cases/make_verdicts.py` writes it. The browser's engine is asked by
`tests/browser/verdict_table.js`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from passport.model.freshness import FreshnessPolicy
from passport.rules.tokens import es256
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.gate_token import GATE
from passport.rules.tokens.status_list import read_list
from passport.rules.tokens.trust_list import read_trust
from passport.rules.verifying.gate_verdict import gate_verdict
from passport.rules.verifying.verdict import Known, Verdict

FILE = Path(__file__).parent.parent / "cases" / "verdicts.json"
Table = Mapping[str, Any]
Case = Mapping[str, Any]


@cache
def table() -> Table:
    """The table as it stands in the file."""
    found: Table = json.loads(FILE.read_text("utf-8"))
    return found


def answer(case: Case, given: Table) -> dict[str, Any]:
    """What the server's engine says of a case."""
    return _ASKED[case["kind"]](case, given)


def _gate(case: Case, given: Table) -> dict[str, Any]:
    now = _at(case["now"])
    known = Known(
        trust=None if case["trust"] is None else _trust(given["trusts"][case["trust"]], now),
        policy=FreshnessPolicy(**given["policies"][case["policy"]]),
        now=now,
        lists={uri: given["lists"][name] for uri, name in case["lists"].items()},
        newest={uri: _at(at) for uri, at in case["newest"].items()},
    )
    found = gate_verdict(
        case["text"],
        known,
        audience=frozenset(case["audience"]) if case["audience"] else GATE,
        challenge=case["challenge"],
        seen=[(bytes.fromhex(digest), second) for digest, second in case["seen"]],
    )
    return in_json(found)


def _trust(signed: Mapping[str, Any], now: datetime) -> Any:
    return read_trust(signed["token"], root=es256.from_jwk(signed["jwk"]), now=now)


def _list(case: Case, _given: Table) -> dict[str, Any]:
    key = es256.from_jwk(case["jwk"])
    at = case["at_least"]
    return _refusal(
        lambda: read_list(
            case["text"], uri=case["uri"], key=key, now=_at(case["now"]),
            at_least=None if at is None else _at(at),
        ).at(case["idx"])
    )  # fmt: skip


def _trust_list(case: Case, _given: Table) -> dict[str, Any]:
    key = es256.from_jwk(case["jwk"])
    return _refusal(
        lambda: read_trust(
            case["text"], root=key, now=_at(case["now"]), at_least=case["at_least"]
        ).version
    )


def _refusal(read: Callable[[], int]) -> dict[str, Any]:
    try:
        return {"said": int(read())}
    except BadToken as problem:
        return {"refused": problem.code}


def in_json(found: Verdict) -> dict[str, Any]:
    """A verdict as the table writes it."""
    return {
        "outcome": found.outcome.name.lower(),
        "findings": [
            {"outcome": one.outcome.name.lower(), "code": one.code, "detail": one.detail,
             "act": one.act}
            for one in found.findings
        ],
        "facts": [
            {"kind": one.kind, "says": one.says, "by": one.by, "checked": one.checked}
            for one in found.facts
        ],
        "name": found.name,
        "face": found.face.hex() if found.face else None,
        "checked": list(found.checked),
        "not_checked": list(found.not_checked),
    }  # fmt: skip


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


_ASKED = {"gate": _gate, "status_list": _list, "trust_list": _trust_list}
