"""What a fact has to say, and which earlier fact a new one takes the place of.

Rule in plain English. Facts are never edited: a newer one takes an older one's place. It does so
for the same thing (the same register, the same subject and level, the same skill …), with three
exceptions. What a person declares never replaces what an organisation checked. An award from
another source that is older than the one on record replaces nothing: newest award wins, both are
kept (passport.md §4, case 19). And once a registration was suspended, removed or given
conditions, only a later look at the register itself clears it: a personnel file that still says
“registered” may simply be stale (case 5). What was read off the register is not replaced by
anybody's word that the person is registered; that they are not counts at once, whoever says it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from passport.model.facts import FactKind, FactValue

REGISTER = "register"
"""Source of a fact that was looked up on the regulator's own register."""
REGISTERS = frozenset({REGISTER, "register_file"})
"""The register itself, asked now or read from a file that the regulator made."""
BARRING = frozenset({"suspended", "removed", "conditions"})
NOT_FOUND = "not_found"
"""The register has no entry with this number for this person."""
_STATUSES = frozenset({"registered", "lapsed", NOT_FOUND, *BARRING})
_CLOSED_LISTS: Mapping[tuple[FactKind, str], frozenset[str]] = {
    (FactKind.REGISTRATION, "status"): _STATUSES,
    (FactKind.DBS, "level"): frozenset({"basic", "standard", "enhanced", "enhanced_barred"}),
    (FactKind.DBS, "workforce"): frozenset({"adult", "child", "both"}),
    (FactKind.RIGHT_TO_WORK, "route"): frozenset(
        {"unlimited", "student", "skilled_worker", "limited"}
    ),
    (FactKind.RIGHT_TO_WORK, "check_route"): frozenset(
        {"MANUAL", "HO_ONLINE_SHARE_CODE", "IDSP_IDVT"}
    ),
}
_NEEDED: Mapping[FactKind, tuple[str, ...]] = {
    FactKind.REGISTRATION: ("body", "number", "status"),
    FactKind.TRAINING: ("subject",),
    FactKind.SKILL: ("code",),
    FactKind.DBS: ("level",),
    FactKind.RIGHT_TO_WORK: ("route",),
    FactKind.PERFORMERS_LIST: ("number",),
    FactKind.INDEMNITY: ("scheme",),
}
_SLOT: Mapping[FactKind, Callable[[Mapping[str, Any]], str]] = {
    FactKind.REGISTRATION: lambda value: str(value.get("body", "")).upper(),
    FactKind.TRAINING: lambda value: f"{value.get('subject')}:{value.get('level') or 1}",
    FactKind.SKILL: lambda value: str(value.get("code")),
    FactKind.DBS: lambda value: str(value.get("workforce")),
    FactKind.INDEMNITY: lambda value: str(value.get("scheme")),
}


def slot(kind: FactKind, value: Mapping[str, Any]) -> str:
    """Which thing of its kind a fact is about; two facts of one slot cannot both be the latest."""
    of_kind = _SLOT.get(kind)
    return of_kind(value) if of_kind else ""


def lookup(kind: FactKind, value: Mapping[str, Any]) -> str | None:
    """What a fact is found by across people: `NMC:01A2345N`; None for most kinds."""
    if kind is not FactKind.REGISTRATION:
        return None
    number = "".join(str(value.get("number", "")).upper().split())
    return f"{str(value.get('body', '')).upper()}:{number}"


def wrong_fact(fact: FactValue, today: date) -> list[str]:
    """What is wrong with a fact, in sentences."""
    wrong = [
        f"{fact.kind} {key} is missing"
        for key in _NEEDED.get(fact.kind, ())
        if not fact.value.get(key)
    ]
    for (kind, key), allowed in _CLOSED_LISTS.items():
        said = fact.value.get(key)
        if kind is fact.kind and said and said not in allowed:
            wrong.append(f"{kind} {key}: “{said}” is none of {', '.join(sorted(allowed))}")
    if fact.kind is FactKind.TRAINING and fact.awarded_on is None:
        wrong.append("training needs the day it was awarded")
    if fact.awarded_on is not None and fact.awarded_on > today:
        wrong.append(f"{fact.kind} awarded on {fact.awarded_on}: that day has not come")
    if fact.valid_from and fact.valid_until and fact.valid_until < fact.valid_from:
        wrong.append(f"{fact.kind} ends on {fact.valid_until}, before it begins")
    return wrong


def says_the_same(one: FactValue, other: FactValue) -> bool:
    """Whether two facts of one slot say the same, whoever says it."""
    return all(
        getattr(one, field) == getattr(other, field)
        for field in ("kind", "awarded_on", "valid_from", "valid_until")
    ) and dict(one.value) == dict(other.value)


def adds_nothing(new: FactValue, old: FactValue) -> bool:
    """Whether the fact on record makes the new one needless.

    A look at the register is always news: when it was last looked at matters. So is an
    organisation's check of what was only declared. An award is none where the one on record says
    as much and more of the same day.
    """
    if _told_better(new, old):
        return True
    checked_now = old.checked_by_id is None and new.checked_by_id is not None
    same = says_the_same(new, old) or _says_less(new, old)
    return same and new.source not in REGISTERS and not checked_now


def _told_better(new: FactValue, old: FactValue) -> bool:
    """Somebody's word that an entry stands, against what was read off the register itself. A
    number that the register does not know may be corrected."""
    if old.source not in REGISTERS or new.source in REGISTERS:
        return False
    if new.value.get("status") != "registered":
        return False
    known = old.value.get("status") not in ("registered", NOT_FOUND)
    return known or _number(new) == _number(old)


def _number(fact: FactValue) -> str | None:
    return lookup(fact.kind, fact.value)


def _says_less(new: FactValue, old: FactValue) -> bool:
    return (
        new.kind is FactKind.TRAINING
        and new.awarded_on == old.awarded_on
        and new.valid_until is None
        and all(old.value.get(key) == said for key, said in new.value.items())
    )


def replaces(new: FactValue, old: FactValue) -> bool:
    """Whether a new fact takes the place of one on record in its slot."""
    if old.checked_by_id is not None and new.checked_by_id is None:
        return False
    if old.value.get("status") in BARRING and new.value.get("status") not in BARRING:
        return new.source in REGISTERS and _number(new) == _number(old)
    if new.source == old.source or new.awarded_on is None or old.awarded_on is None:
        return True
    return new.awarded_on >= old.awarded_on
