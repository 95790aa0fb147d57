"""Where do the personnel record and the evidence say different things?

Rule in plain English. Both sides are shown and neither is taken for right: a name that changed, a
date of birth that was mistyped and a number that belongs to somebody else look alike at first.
Names are compared without accents, hyphens and capitals. Each difference says what clears it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from passport.rules.issuing.issue_claims import Issuable, says_the_same, slot
from passport.rules.issuing.issue_plan import Standing
from passport.rules.people.same_person import same_name


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One difference, with both sides."""

    code: str
    title: str
    record: str
    evidence: str
    cure: str


_REGISTER = {
    "other_person": "The register has this number for another person.",
    "name_differs": "The register has another name with this number.",
}
_REJECTED = {
    "duplicate": "They have it already",
    "incorrect": "It is not correct",
    "no_longer_wanted": "They no longer want it",
    "other": "Another reason",
}


def of_identity(
    given_name: str, family_name: str, born: date, claims: Mapping[str, Any]
) -> Iterable[Mismatch]:
    """The record against the identity credential that they have."""
    record = f"{given_name} {family_name}".strip()
    shown = f"{claims.get('legal_given_names', '')} {claims.get('legal_family_name', '')}".strip()
    if not same_name(record, shown):
        cure = "See the document of the change, correct the record or issue the identity anew"
        yield Mismatch("name", "Name", record, shown, cure)
    if claims.get("date_of_birth") != born.isoformat():
        cure = "See the document again; correct the record or revoke the credential"
        yield Mismatch(
            "date_of_birth", "Date of birth", born.isoformat(), str(claims.get("date_of_birth")),
            cure,
        )  # fmt: skip


def of_register(body: str, number: str, because: str) -> Mismatch:
    """The record against what the register answered."""
    cure = "Look the number up with them and correct the record"
    said = _REGISTER.get(because, "The register did not answer as expected.")
    return Mismatch(because, f"{body} registration", number, said, cure)


def of_dispute(number: str) -> Mismatch:
    """A number that somebody else is on record with."""
    body, _, own = number.partition(":")
    return Mismatch(
        "disputed", f"{body} registration", own, "Somebody else is on record with this number.",
        "Check number, name and date of birth on the register, then settle it",
    )  # fmt: skip


def of_rejection(title: str, reason: str | None) -> Mismatch:
    """What the holder turned down."""
    return Mismatch(
        "turned_down", title, "Issued from the record as it is",
        f"The holder turned it down: {_REJECTED.get(reason or '', 'no reason')}",
        "Put the record right, mark it as looked into, and issue it anew",
    )  # fmt: skip


def of_claims(found: Issuable, standing: Iterable[Standing], titles: Mapping[str, str]) -> Iterable[
    Mismatch
]:
    """What they have against what the record would say of the same thing now, name aside."""
    now = {(one.type, one.slot): one.claims for one in found.made}
    for one in standing:
        claims = now.get((one.type, slot(one.type, one.claims)))
        if one.type == "identity" or claims is None or says_the_same(claims, one.claims):
            continue
        names = sorted(
            name for name in claims.keys() | one.claims.keys()
            if claims.get(name) != one.claims.get(name) and name not in _LOOKS
        )  # fmt: skip
        yield Mismatch(
            "changed", titles.get(one.type, one.type), _said(claims, names),
            _said(one.claims, names), "Issue it anew: the record has moved on",
        )  # fmt: skip


_LOOKS = frozenset({"last_refresh", "checked_at", "source", "verification_method"})


def _said(claims: Mapping[str, Any], names: Iterable[str]) -> str:
    said = (f"{name.replace('_', ' ')} {claims.get(name, '–')}" for name in names)
    return "; ".join(said)
