"""The words of a person's own passport page."""

from collections.abc import Iterator, Mapping
from typing import Any

from passport.model.credential_types import Claim, ClaimKind, HolderRejection, credential_types
from passport.model.credentials import CredentialState

STATES: Mapping[CredentialState, tuple[str, str]] = {
    CredentialState.OFFERED: ("Waiting for you", "info"),
    CredentialState.HELD: ("Held", "good"),
    CredentialState.SUSPENDED: ("Suspended", "warn"),
    CredentialState.REJECTED: ("You turned it down", "plain"),
    CredentialState.RESOLVED: ("Turned down, looked into", "plain"),
    CredentialState.WITHDRAWN: ("Taken back by the issuer", "plain"),
    CredentialState.REVOKED: ("Revoked", "bad"),
    CredentialState.SUPERSEDED: ("Replaced by a newer one", "plain"),
}
REJECTIONS: Mapping[HolderRejection, str] = {
    HolderRejection.INCORRECT: "Something in it is wrong",
    HolderRejection.DUPLICATE: "I have this one already",
    HolderRejection.NO_LONGER_WANTED: "I do not want it",
    HolderRejection.OTHER: "Another reason",
}
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "green": ("Accepted", "good"),
    "amber": ("Checked further", "warn"),
    "red": ("Not accepted", "bad"),
}
CHANNELS: Mapping[str, str] = {
    "gate": "code on your phone",
    "online": "asked online",
    "desk": "looked up at a desk",
    "api": "by another system",
}
READINGS: Mapping[str, str] = {
    "candidate": "your name and how to reach you, as somebody who may work a shift",
    "clearance": "whether you may work there, and what is missing",
    "deployment": "the proposal that you work there for a time",
    "booked_name": "your name, beside a shift there that you are booked on or asked for",
    "may_be_deployed": "your name, among those who may be asked to work there for a time",
    "subject_file": "what is held of you there, to answer for it",
    "check_in": "your name, as somebody who came for a shift there",
}
DECISIONS: Mapping[str, str] = {
    "admitted": "you were let in",
    "supervised": "you worked under supervision",
    "turned_away": "you were turned away",
}
_PROVENANCE = frozenset(
    ("origin", "assurance_policy", "assurance_outcome", "provider", "verifier",
     "verification_method", "pedigree", "last_refresh")
)  # fmt: skip


def title_of(kind: str) -> str:
    """`Training award` for `training_award`."""
    known = credential_types().get(kind)
    return known.title if known else kind.replace("_", " ")


def says(kind: str, claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a credential says, claim by claim; who checked it is told apart."""
    known = credential_types().get(kind)
    found = known.claims if known else ()
    return list(_rows([one for one in found if one.name not in _PROVENANCE], claims))


def _rows(found: list[Claim] | tuple[Claim, ...], claims: Mapping[str, Any]) -> Iterator[
    tuple[str, str]
]:
    for claim in found:
        if claim.name not in claims or claim.kind is ClaimKind.IMAGE:
            continue
        values = claims[claim.name]
        values = values if claim.many and isinstance(values, list) else [values]
        words = "; ".join(_word(claim, one) for one in values)
        yield claim.title, words or "None"


def _word(claim: Claim, value: Any) -> str:
    if claim.kind is ClaimKind.GROUP and isinstance(value, Mapping):
        return ", ".join(words for _, words in _rows(claim.claims, value))
    if claim.kind is ClaimKind.FLAG:
        return "Yes" if value else "No"
    text = str(value)
    return text.replace("_", " ") if claim.kind is ClaimKind.CHOICE else text
