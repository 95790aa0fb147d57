"""What pages and programs read of clearances: the host's list, one checklist, and where the
signed-in person can work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearance_values import Item, Place
from bankhub.model.clearances import ClearanceBypass, ClearanceState, HostRegisterCheck
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One clearance as a list shows it."""

    id: UUID
    person_id: UUID
    name: str
    home: Place
    host: Place
    staff_group: StaffGroup
    role: str
    grade: Grade
    instrument: Instrument
    agreement: str
    """Reference and version, e.g. `WSA-7 v3`."""
    state: ClearanceState
    until_on: date | None
    """Last day of a shift that may be booked."""
    items: tuple[Item, ...]
    decided_at: datetime
    decided_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """One clearance with everything that is open on it, as host, home or the person reads it."""

    clearance: Listed
    shown_at: datetime
    registration: tuple[str, str] | None
    """Register and number to look up, from the passport as it is now; None where there is none or
    the agreement does not share it. For the host and the person alone."""
    register_checks: Sequence[HostRegisterCheck]
    bypasses: Sequence[ClearanceBypass]
    mine: bool
    """Read by the host that decides: home and person read only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereIMayWork:
    """A host whose shifts an agreement opens to the signed-in person, in one role and grade."""

    host: Place
    home: Place
    role: str
    grade: Grade
    staff_group: StaffGroup
    agreements: tuple[str, ...]
    clearance_id: UUID | None
    """None = they have not shown their passport there yet."""
    state: ClearanceState
    until_on: date | None
    items: tuple[Item, ...]
    """What the host decided; before the first showing, what it would come to today."""


def listed(
    session: Session, *, by: Actor, now: datetime, state: ClearanceState | None = None
) -> Sequence[Listed]:
    """The open clearances at the actor's organisation as host, by name; the look is logged for
    each person of another organisation."""
    raise NotImplementedError


def away(session: Session, *, by: Actor) -> Sequence[Listed]:
    """Where the actor's own people are cleared, or not, elsewhere."""
    raise NotImplementedError


def one(session: Session, *, clearance_id: UUID, by: Actor, now: datetime) -> Checklist:
    """One clearance for its host or home. A look by the host is logged: to be called in a writing
    transaction. Raises `NotFound`."""
    raise NotImplementedError


def own_one(session: Session, *, clearance_id: UUID, by: Actor) -> Checklist:
    """One clearance of the signed-in person."""
    raise NotImplementedError


def own(session: Session, *, by: Actor, now: datetime) -> Sequence[WhereIMayWork]:
    """Everywhere an agreement lets the signed-in person work, cleared or what is missing."""
    raise NotImplementedError
