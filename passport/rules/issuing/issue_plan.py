"""Given what can be issued and what was decided before: what is decided anew?

Rule in plain English. Nothing is issued twice: what waits for the holder or is held already stays.
A newer fact takes the place of an older credential of the same thing once the holder accepts it;
what they have not accepted yet is taken back instead. What is held back, was turned down and not
looked into, or was ended as an error is not simply issued again: an officer looks first. A number
that two people claim is given to neither.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from passport.errors import Cure, Reason
from passport.model.credential_types import Revocation, Withdrawal
from passport.model.credentials import CredentialState
from passport.rules.issuing.issue_claims import Issuable, Made, Missed, says_the_same, slot

S = CredentialState
_ERRORS = frozenset({Revocation.PROVIDED_IN_ERROR.value, Withdrawal.ISSUED_IN_ERROR.value})
NEEDED = "identity"
"""Without it the rest says nothing of whom it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A credential as it stands; the newest of a person come last."""

    id: UUID
    type: str
    claims: Mapping[str, Any]
    state: CredentialState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """A credential to decide, what it will replace, and what is taken back for it now."""

    made: Made
    replaces: UUID | None = None
    takes_back: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What deciding now would come to."""

    fresh: tuple[Fresh, ...]
    unchanged: tuple[Made, ...]
    blocked: tuple[Missed, ...]


def plan(
    found: Issuable,
    standing: Sequence[Standing],
    *,
    types: Collection[str] | None = None,
    disputed: Collection[str] = (),
) -> Plan:
    """What to decide of the `types`, all by default; `disputed` are numbers as `NMC:01A2345N`."""
    fresh, unchanged = [], []
    blocked = [one for one in found.missed if types is None or one.type in types]
    for made in found.made:
        if types is not None and made.type not in types:
            continue
        same = [one for one in standing if one.type == made.type]
        same = [one for one in same if slot(one.type, one.claims) == made.slot]
        reason = _why_not(made, same, disputed)
        if reason is not None:
            blocked.append(Missed(made.type, (reason,), made.fact_id))
        elif any(_stands(one, made) for one in same):
            unchanged.append(made)
        else:
            held = [one.id for one in same if one.state is S.HELD]
            waiting = tuple(one.id for one in same if one.state is S.OFFERED)
            fresh.append(Fresh(made, held[-1] if held else None, waiting))
    if fresh and not _has_identity(fresh, standing):
        missing = [Missed(NEEDED, (_no_identity(),))] if NEEDED not in _types(blocked) else []
        return Plan((), tuple(unchanged), (*blocked, *missing))
    return Plan(tuple(fresh), tuple(unchanged), tuple(blocked))


def _stands(one: Standing, made: Made) -> bool:
    return one.state in (S.OFFERED, S.HELD) and says_the_same(one.claims, made.claims)


def _why_not(made: Made, same: Iterable[Standing], disputed: Collection[str]) -> Reason | None:
    if f"{made.claims.get('body')}:{made.claims.get('number')}" in disputed:
        return Reason(
            "registration_disputed",
            cure=Cure("Settle on the people pages whose number it is"),
            text="Somebody else is on record with this registration number.",
        )
    for one in same:
        if one.state is S.SUSPENDED:
            return Reason(
                "suspended",
                cure=Cure("Reinstate or revoke it first"),
                text="The one they have is suspended.",
            )
        if one.state is S.REJECTED:
            return Reason(
                "turned_down",
                cure=Cure("Put the record right and mark it as looked into"),
                text="The holder turned it down.",
            )
        ended = one.state in (S.REVOKED, S.WITHDRAWN) and one.reason in _ERRORS
        if ended and says_the_same(one.claims, made.claims):
            return Reason(
                "ended_in_error",
                cure=Cure("Put the record right first"),
                text="The same was issued before and ended as an error.",
            )
    return None


def _has_identity(fresh: Iterable[Fresh], standing: Iterable[Standing]) -> bool:
    stands = (one.type for one in standing if one.state in (S.OFFERED, S.HELD))
    return NEEDED in {*stands, *(one.made.type for one in fresh)}


def _types(found: Iterable[Missed]) -> set[str]:
    return {one.type for one in found}


def _no_identity() -> Reason:
    return Reason(
        "no_identity",
        cure=Cure("Issue their identity with it"),
        text="There is no identity credential for the others to belong to.",
    )
