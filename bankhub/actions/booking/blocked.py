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
from passport.actions.tenancy import own_organisation
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
    here = Booking.organisation_id == own_organisation(by)
    rows = session.execute(_ahead(here, now)).all()
    agreed = _agreed(session, own_organisation(by)) if rows else {}
    found = (
        Blocked(booking, shift, unit, home, clearance, _missing(clearance))
        for booking, shift, unit, home, clearance in rows
        if clearance is None or not holds(clearance, agreed.get(clearance.version_id), shift)
    )
    return list(islice(found, MOST))


def own_blocked(session: Session, *, by: Actor, now: datetime) -> dict[UUID, str]:
    """The actor's own bookings at partners that they would not be let start as things are, with
    the host's code."""
    demand(by, Deed.FIND_SHIFTS)
    if by.person_id is None:
        return {}
    rows = session.execute(_ahead(Booking.holder_id == by.person_id, now)).all()
    hosts = {booking.organisation_id for booking, *_ in rows}
    agreed = {host: _agreed(session, host) for host in hosts}
    codes = dict(_codes(session, hosts)) if hosts else {}
    return {
        booking.id: codes[booking.organisation_id]
        for booking, shift, _, _, clearance in rows
        if clearance is None
        or not holds(clearance, agreed[booking.organisation_id].get(clearance.version_id), shift)
    }


def _codes(session: Session, hosts: set[UUID]) -> list[tuple[UUID, str]]:
    found = session.execute(
        sa.select(Organisation.id, Organisation.ods_code).where(Organisation.id.in_(hosts))
    )
    return [(host, code) for host, code in found]


def _ahead(
    whose: sa.ColumnElement[bool], now: datetime
) -> sa.Select[Booking, Shift, str, str, Clearance]:
    """Partners' people who are to start, each with what the host decided where it is not closed."""
    return (
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
            whose,
            Booking.tier == Tier.PARTNER,
            Booking.state == BookingState.CONFIRMED,
            Booking.starts_at > now,
        )
        .order_by(Booking.starts_at, Booking.id)
    )


def _agreed(session: Session, host_id: UUID) -> dict[UUID, InForce]:
    found = bound_versions(session, organisation_id=host_id)
    return {one.version_id: one for one in found}


def _missing(clearance: Clearance | None) -> list[str]:
    if clearance is None:
        return ["The clearance was closed"]
    items = (item_of(one) for one in clearance.items)
    return [one.title for one in items if one.state is ItemState.MISSING] or ["Agreement"]
