"""Bookings ahead of partners' people who would not be let start: derived, never stored.

The booking is not cancelled by itself. The bank office sees it flagged, and cancels it and fills
the place again, or waits for what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking.check_ins import holds
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.permission import demand
from bankhub.model.bookings import Booking
from bankhub.model.clearance_values import ItemState, item_of
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState, Tier
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.permissions import Deed
from passport.actors import Actor
from passport.model.organisations import Organisation
from passport.model.people import Person

MOST = 200


@dataclass(frozen=True, slots=True)
class Blocked:
    """A booking that stands and cannot be worked as things are."""

    booking: Booking
    shift: Shift
    unit: str
    home: str
    clearance: Clearance | None
    """None where it was closed."""
    missing: Sequence[str]
    """Titles of what the clearance lacks."""


def blocked_bookings(session: Session, *, by: Actor, now: datetime) -> list[Blocked]:
    """Those of the actor's organisation that are still to start, the soonest first."""
    demand(by, Deed.READ_SHIFTS)
    rows = session.execute(
        sa.select(Booking, Shift, Unit.name, Organisation.name, Clearance)
        .join(Shift, Shift.id == Booking.shift_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(Person, Person.id == Booking.person_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .outerjoin(
            Clearance,
            sa.and_(
                Clearance.host_id == Booking.organisation_id,
                Clearance.person_id == Booking.person_id,
                Clearance.role == Shift.role,
                Clearance.grade == Booking.grade,
                Clearance.state != ClearanceState.ENDED,
            ),
        )
        .where(
            Booking.organisation_id == by.organisation_id,
            Booking.tier == Tier.PARTNER,
            Booking.state == BookingState.CONFIRMED,
            Booking.starts_at > now,
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    agreed = _agreed(session, by) if rows else {}
    found = (
        Blocked(booking, shift, unit, home, clearance, _missing(clearance))
        for booking, shift, unit, home, clearance in rows
        if clearance is None or not holds(clearance, agreed.get(clearance.version_id), shift)
    )
    return list(islice(found, MOST))


def _agreed(session: Session, by: Actor) -> dict[UUID, InForce]:
    found = bound_versions(session, organisation_id=by.organisation_id)
    return {one.version_id: one for one in found}


def _missing(clearance: Clearance | None) -> list[str]:
    if clearance is None:
        return ["The clearance was closed"]
    items = (item_of(one) for one in clearance.items)
    return [one.title for one in items if one.state is ItemState.MISSING] or ["Agreement"]
