"""Which records are one human being?

Rule in plain English. Nobody decides that two records are one person but the person. Two records
of different organisations are proposed to them only where their dates of birth are the same and
one of two things besides: the e-mail address they proved by signing in stands in the other
record, or the same registration number does. A name proves nothing, and two records of one
organisation are never proposed: there HR keeps people apart by assignment number, and a likely
duplicate is refused until somebody says which it is (passport.md §4, cases 8 and 18).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """What the rule needs of one organisation's record of a human being."""

    person_id: UUID
    holder_id: UUID
    organisation_id: UUID
    date_of_birth: date
    email: str | None = None
    registrations: frozenset[str] = frozenset()
    """Body and number, as `NMC:01A2345N`."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another human's records that may be mine."""

    other_id: UUID
    """Their holder."""
    person_id: UUID
    """The record that made us think so."""
    because: str
    """`email` or `registration`."""


def proposals(
    mine: Sequence[HeldRecord], proven_email: str | None, others: Iterable[HeldRecord]
) -> list[Proposal]:
    """What to ask the person behind `mine`; at most one proposal for each other holder.

    `others` are all records of each other holder that has any record worth a look: one that
    shares an organisation with mine rules its holder out.
    """
    groups: dict[UUID, list[HeldRecord]] = {}
    for record in others:
        groups.setdefault(record.holder_id, []).append(record)
    at_home = {record.organisation_id for record in mine}
    own_holders = {record.holder_id for record in mine}
    found: list[Proposal] = []
    for holder, records in groups.items():
        if holder in own_holders or any(r.organisation_id in at_home for r in records):
            continue
        likely = ((r, _because(mine, proven_email, r)) for r in records)
        best = min(((why, r) for r, why in likely if why), key=lambda pair: pair[0], default=None)
        if best is not None:
            found.append(Proposal(holder, best[1].person_id, best[0]))
    return found


def _because(
    mine: Sequence[HeldRecord], proven_email: str | None, other: HeldRecord
) -> str | None:
    same_birth = [record for record in mine if record.date_of_birth == other.date_of_birth]
    if not same_birth:
        return None
    if proven_email and other.email == proven_email:
        return "email"
    if any(record.registrations & other.registrations for record in same_birth):
        return "registration"
    return None


def same_name(one: str, other: str) -> bool:
    """Whether two names are spelled the same, accents, hyphens and capitals aside."""
    return _letters(one) == _letters(other)


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[\W\d_]|[\u0300-\u036f]", "", plain)
