"""A worker's own bookings and applications, over every bank they belong to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.model.bookings import Booking
from bankhub.model.search_values import Place
from bankhub.model.shifts import Shift
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import BookingState
from bankhub.rules.permissions import Deed
from passport.actors import Actor
from passport.errors import NotFound
from passport.model.organisations import Organisation


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """A booking as its worker sees it."""

    booking: Booking
    shift: Shift
    place: Place

    @property
    def reference(self) -> str:
        """The shift's human reference."""
        return self.shift.reference


ENDED = (BookingState.DECLINED, BookingState.CANCELLED_WORKER, BookingState.CANCELLED_WARD)


def own_bookings(
    session: Session,
    *,
    since: datetime,
    before: datetime | None = None,
    by: Actor,
    with_ended: bool = True,
) -> list[OwnBooking]:
    """Bookings that end after `since` (and start before `before`), by start."""
    query = _own(by).where(Booking.ends_at > since)
    if before is not None:
        query = query.where(Booking.starts_at < before)
    if not with_ended:
        query = query.where(Booking.state.not_in(ENDED))
    return _listed(session, query)


def one_of_own(session: Session, *, booking_id: UUID, by: Actor) -> OwnBooking:
    """One of the actor's own bookings; `NotFound` for anybody else's."""
    found = _listed(session, _own(by).where(Booking.id == booking_id))
    if not found:
        raise NotFound
    return found[0]


Rows = sa.Select[Booking, Shift, Unit, Site, UUID, str]


def _own(by: Actor) -> Rows:
    demand(by, Deed.FIND_SHIFTS)
    return (
        sa.select(Booking, Shift, Unit, Site, Organisation.id, Organisation.name)
        .join(Shift, Shift.id == Booking.shift_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Organisation, Organisation.id == Shift.organisation_id)
        .where(Booking.holder_id == by.person_id, Booking.holder_id.is_not(None))
        .order_by(Booking.starts_at, Booking.made_at)
    )


def _listed(session: Session, query: Rows) -> list[OwnBooking]:
    return [
        OwnBooking(
            booking,
            shift,
            Place(unit.id, unit.name, unit.phone, site.id, site.name, organisation_id, name),
        )
        for booking, shift, unit, site, organisation_id, name in session.execute(query)
    ]
