"""Reading agreements as a party to them: lists, one agreement, its text, who can see whom.

Everything is scoped to the actor's organisation: an agreement is there for its parties alone, and
a draft for its lead alone until it goes into review.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.agreement_terms import AgreementTerms, PartyRole
from bankhub.model.agreements import (
    Agreement,
    AgreementReview,
    AgreementSignature,
    AgreementVersion,
)
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreement_states import ShownState, Step
from passport.actors import Actor


@dataclass(frozen=True, slots=True)
class PartyView:
    """A party as it stands today."""

    organisation_id: UUID
    ods: str
    name: str
    role: PartyRole
    sites: tuple[str, ...]
    """Names of the covered sites; none = all."""
    is_lead: bool
    signed: bool
    """The newest version that went out."""
    suspended_at: datetime | None
    suspended_because: str
    leaves_on: date | None
    succeeded_by: str
    """Name of the organisation that took over; empty = none."""


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version with who looked at it, who signed, and what the actor's organisation may do."""

    version: AgreementVersion
    terms: AgreementTerms
    in_force: bool
    from_on: date | None
    until_on: date | None
    reviews: tuple[AgreementReview, ...]
    """The latest of each area and organisation."""
    signatures: tuple[AgreementSignature, ...]
    unsigned: tuple[str, ...]
    """Names of the parties that have not signed it."""
    steps: tuple[Step, ...]
    """What this organisation may do with it now, whoever it is that asks."""


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement in a list."""

    agreement: Agreement
    state: ShownState
    number: int
    """Of the version in force, else of the newest."""
    under_way: int | None
    """Of the version that is drafted, reviewed or being signed."""
    to_sign: bool
    """It waits for this organisation's signature."""
    parties: tuple[str, ...]
    from_on: date | None
    until_on: date | None


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One agreement."""

    agreement: Agreement
    state: ShownState
    is_lead: bool
    parties: tuple[PartyView, ...]
    versions: tuple[VersionView, ...]
    """The newest first."""
    until_on: date | None
    honoured_until: date | None
    """Last day on which bookings confirmed in time may still start."""
    may_vary: bool
    may_end: bool
    """The whole agreement; every party may give notice for itself while it is live."""
    is_live: bool


@dataclass(frozen=True, slots=True)
class SeenPair:
    """People of `home` may see and book shifts of `host`."""

    home: str
    home_ods: str
    host: str
    host_ods: str
    scope: tuple[tuple[StaffGroup, tuple[Grade, ...]], ...]
    sites: tuple[str, ...]
    """Names; none = all sites of the host."""
    excluded_roles: tuple[str, ...]
    excluded_skills: tuple[str, ...]
    lead_hours: int | None
    from_on: date
    until_on: date
    agreement_id: UUID
    named: str
    """E.g. `WSA-7 v3`."""


def listed(session: Session, *, by: Actor, now: datetime) -> Sequence[AgreementRow]:
    """The agreements of the actor's organisation, the newest first."""
    raise NotImplementedError


def one(session: Session, *, agreement_id: UUID, by: Actor, now: datetime) -> AgreementView:
    """One agreement of the actor's organisation. Raises `NotFound` for any other."""
    raise NotImplementedError


def document(session: Session, *, version_id: UUID, by: Actor) -> str:
    """The text of a version: as it went out, or as it would go out now."""
    raise NotImplementedError


def matrix(session: Session, *, by: Actor, now: datetime) -> Sequence[SeenPair]:
    """Who can see whom today, under the agreements of the actor's organisation."""
    raise NotImplementedError
