"""Who comes now: the ward's list at the start of a shift, with what is due, and one of them.

The name of a partner's person is a look that is written down: whoever reads a host's arrivals does
it in a writing transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking import check_ins
from bankhub.actions.booking.expected import AHEAD
from bankhub.actions.booking.own_bookings import OwnBooking, one_of_own
from bankhub.actions.finding.one_candidate import for_the_office
from bankhub.actions.partners.booked_names import note_names
from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import PolicyBook, policy_book
from bankhub.model.bookings import AgencyFill, Booking
from bankhub.model.clearances import CheckIn
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState, Tier
from bankhub.rules.booking.check_in import Due
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import NotFound, Reason
from passport.model.organisations import Organisation
from passport.model.people import Person

_STANDING = (BookingState.CONFIRMED, BookingState.CHECKED_IN)
MOST = 500
"""Of one list: of a larger organisation a unit is asked for."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody booked for a shift that is on or begins soon."""

    booking: Booking
    shift: Shift
    unit: str
    name: str
    bank: str
    """Whose bank they come through; empty for the host's own people."""
    opens_at: datetime
    checked_in: CheckIn | None
    due: Sequence[Due] = ()
    """What stands open now, whatever it was when they were checked in."""
    stopped: Sequence[Reason] = ()
    """Why they may not start, as the reader may read it; only looked at where one is opened."""
    liftable: bool = False
    """Whether the reader's roles may lift all of that."""
    blocked: bool = False
    """A partner's person whose clearance does not hold for the shift."""

    @property
    def may_be_checked_in(self) -> bool:
        """Whether it makes sense to try."""
        return self.checked_in is None and self.booking.state is BookingState.CONFIRMED


def arrivals(
    session: Session, *, unit_id: UUID | None = None, by: Actor, now: datetime
) -> list[Coming]:
    """Bookings of the actor's organisation that are on or begin within 16 hours, by start; of one
    unit where it is named."""
    demand(by, Deed.CHECK_IN)
    query = _of(by, now)
    if unit_id is not None:
        query = query.where(Shift.unit_id == unit_id)
    rows = session.execute(query.limit(MOST)).all()
    _note(session, rows, by, now)
    checked = check_ins.check_ins_of(session, [row[0].id for row in rows])
    policies = policy_book(session, by.organisation_id) if by.organisation_id else PolicyBook()
    return [_coming(session, row, checked.get(row[0].id), policies) for row in rows]


def arrival(session: Session, *, booking_id: UUID, by: Actor, now: datetime) -> Coming:
    """One of them, asked whether they may start. `NotFound` for another organisation's, and for
    one that is over or far ahead."""
    demand(by, Deed.CHECK_IN)
    row = session.execute(_of(by, now).where(Booking.id == booking_id)).one_or_none()
    if row is None:
        raise NotFound
    _note(session, [row], by, now)
    booking, shift = row[0], row[1]
    policies = policy_book(session, shift.organisation_id)
    checked = session.get(CheckIn, booking.id)
    if checked is not None:
        return _coming(session, row, checked, policies)
    found = check_ins.why_stopped(session, booking, shift, policies, now)
    return replace(
        _coming(session, row, checked, policies),
        stopped=for_the_office(found, by, elsewhere=booking.tier is Tier.PARTNER),
        liftable=check_ins.may_be_lifted(found, booking, by),
    )


@dataclass(frozen=True, slots=True)
class OwnArrival:
    """One of the worker's own bookings, with what is due at arrival."""

    booked: OwnBooking
    opens_at: datetime
    checked_in: CheckIn | None
    due: Sequence[Due]
    stopped: Sequence[Reason]


def own_arrival(session: Session, *, booking_id: UUID, by: Actor, now: datetime) -> OwnArrival:
    """One of the actor's own bookings; `NotFound` for anybody else's."""
    demand(by, Deed.CHECK_IN_SELF)
    booked = one_of_own(session, booking_id=booking_id, by=by)
    booking, shift = booked.booking, booked.shift
    policies = policy_book(session, shift.organisation_id)
    checked = session.get(CheckIn, booking.id)
    standing = checked is None and booking.state in _STANDING
    return OwnArrival(
        booked=booked,
        opens_at=_opens_at(shift, policies),
        checked_in=checked,
        due=check_ins.due_now(session, booking, shift),
        stopped=check_ins.why_stopped(session, booking, shift, policies, now) if standing else (),
    )


def own_check_ins(session: Session, *, by: Actor, now: datetime) -> dict[UUID, datetime | None]:
    """The actor's own bookings that can be checked in now or were: when they were, or None."""
    demand(by, Deed.CHECK_IN_SELF)
    rows = session.execute(
        sa.select(Booking, Shift)
        .join(Shift, Shift.id == Booking.shift_id)
        .where(
            Booking.holder_id == by.person_id,
            Booking.holder_id.is_not(None),
            Booking.state.in_(_STANDING),
            Booking.ends_at > now,
            Booking.starts_at <= now + AHEAD,
        )
    ).all()
    checked = check_ins.check_ins_of(session, [booking.id for booking, _ in rows])
    found: dict[UUID, datetime | None] = {}
    for booking, shift in rows:
        if booking.id in checked:
            found[booking.id] = checked[booking.id].at
        elif now >= _opens_at(shift, policy_book(session, shift.organisation_id)):
            found[booking.id] = None
    return found


def _note(session: Session, rows: Sequence[Any], by: Actor, now: datetime) -> None:
    partners = (row[0].person_id for row in rows if row[0].tier is Tier.PARTNER)
    note_names(session, partners, by=by, now=now)


def _of(by: Actor, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Booking, Shift, Unit.name, Person.given_name, Person.family_name, Organisation.name,
            AgencyFill.worker_name, AgencyFill.agency_name,
        )
        .join(Shift, Shift.id == Booking.shift_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .outerjoin(AgencyFill, AgencyFill.booking_id == Booking.id)
        .where(
            Booking.organisation_id == by.organisation_id,
            Booking.state.in_(_STANDING),
            Booking.ends_at > now,
            Booking.starts_at <= now + AHEAD,
        )
        .order_by(Booking.starts_at, Unit.name, Booking.id)
    )  # fmt: skip


def _coming(
    session: Session,
    row: Sequence[Any],
    checked: CheckIn | None,
    policies: PolicyBook,
) -> Coming:
    booking, shift, unit, given, family, home, supplied, agency = row
    partner = booking.tier is Tier.PARTNER
    return Coming(
        booking=booking,
        shift=shift,
        unit=unit,
        name=supplied or " ".join(part for part in (given, family) if part) or "Not named",
        bank=agency or (home if partner else ""),
        opens_at=_opens_at(shift, policies),
        checked_in=checked,
        due=check_ins.due_now(session, booking, shift),
        blocked=partner and not checked and not check_ins.is_cleared(session, booking, shift),
    )


def _opens_at(shift: Shift, policies: PolicyBook) -> datetime:
    policy = policies.requesting(shift.staff_group, london_day(shift.starts_at))
    return shift.starts_at - timedelta(minutes=policy.check_in_opens_minutes)
