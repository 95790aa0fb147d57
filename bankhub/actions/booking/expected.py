"""Who is booked where, from now to the next morning: for whoever stands at the door.

The name of a partner's person is a look that is written down, so this runs in a writing
transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.partners.booked_names import note_names
from bankhub.model.bookings import AgencyFill, Booking
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState, Grade, Tier
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.model.people import Person

AHEAD = timedelta(hours=16)
"""A night shift of tomorrow evening is not of tonight."""
_STANDING = (BookingState.CONFIRMED, BookingState.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A booking that somebody is about to come for, or is here for."""

    booking_id: UUID
    name: str
    role: str
    grade: Grade
    unit: str
    starts_at: datetime
    ends_at: datetime


def arrivals(
    session: Session,
    *,
    by: Actor,
    now: datetime,
    unit_id: UUID | None = None,
    holder_id: UUID | None = None,
    most: int = 500,
) -> Sequence[Arrival]:
    """Bookings of the actor's organisation that are on or begin within 16 hours, by unit and
    start; of one unit or human where named. Who may ask is for the caller."""
    rows = session.execute(
        _of(own_organisation(by), now, unit_id, holder_id)
        .order_by(Unit.name, Booking.starts_at, Booking.id)
        .limit(most)
    ).all()
    partners = (row[0].person_id for row in rows if row[0].tier is Tier.PARTNER)
    note_names(session, partners, by=by, now=now)
    return [
        Arrival(
            booking.id,
            supplied or " ".join(part for part in (given, family) if part), shift.role,
            booking.grade, unit, booking.starts_at, booking.ends_at,
        )
        for booking, shift, unit, given, family, supplied in rows
    ]  # fmt: skip


def units(session: Session, *, organisation_id: UUID) -> Sequence[tuple[UUID, str]]:
    """The organisation's open units, by name."""
    rows = session.execute(
        sa.select(Unit.id, Unit.name)
        .where(Unit.organisation_id == organisation_id, Unit.closed_on.is_(None))
        .order_by(Unit.name)
    )
    return [(id_, name) for id_, name in rows]


def _of(
    organisation_id: UUID, now: datetime, unit_id: UUID | None, holder_id: UUID | None
) -> sa.Select[*tuple[Any, ...]]:
    wanted = [
        Booking.organisation_id == organisation_id,
        Booking.state.in_(_STANDING),
        Booking.ends_at > now,
        Booking.starts_at <= now + AHEAD,
    ]
    if unit_id is not None:
        wanted.append(Shift.unit_id == unit_id)
    if holder_id is not None:
        wanted.append(Booking.holder_id == holder_id)
    return (
        sa.select(
            Booking, Shift, Unit.name, Person.given_name, Person.family_name,
            AgencyFill.worker_name,
        )
        .join(Shift, Shift.id == Booking.shift_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .outerjoin(AgencyFill, AgencyFill.booking_id == Booking.id)
        .where(*wanted)
    )  # fmt: skip
