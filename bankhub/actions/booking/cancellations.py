"""Undoing a booking: by the worker inside their notice window, by the ward through the bank.

The place opens again at once, to every tier that was open; the hours leave the ledger; the other
side is told. When the ward's need itself ended, the shift is withdrawn with the booking.
"""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking.bookings import lock_booking, own_booking
from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import policy_book
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState, ShiftState
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import Cure, NotFound, Reason, Refused
from passport.events import Tell, record

HOLDING = (BookingState.CONFIRMED, BookingState.CHECKED_IN)
"""States from which a booking can still be cancelled."""


def cancel_own(
    session: Session, *, booking_id: UUID, because: str, by: Actor, now: datetime
) -> Booking:
    """The worker gives the shift back, or takes an application back.

    Inside the notice window of the organisation's policy only the bank office can do it: the
    answer names whom to ring.
    """
    demand(by, Deed.BOOK_SELF)
    booking = session.scalar(
        sa.select(Booking).where(Booking.id == booking_id, Booking.holder_id == by.person_id)
    )
    if booking is None or by.person_id is None:
        raise NotFound
    shift = lock_booking(session, booking)
    if booking.state is BookingState.APPLIED:
        return _end_application(session, booking, because, by, now)
    notice = policy_book(session, shift.organisation_id).requesting(
        shift.staff_group, london_day(shift.starts_at)
    )
    last = shift.starts_at - timedelta(hours=notice.worker_cancel_notice_hours)
    if booking.state in HOLDING and now > last:
        raise Refused([_too_late(session, shift, last)])
    return _cancel(
        session,
        booking,
        shift,
        state=BookingState.CANCELLED_WORKER,
        because=because,
        need_ended=False,
        by=by,
        now=now,
    )


def cancel_by_ward(
    session: Session,
    *,
    booking_id: UUID,
    because: str,
    need_ended: bool,
    by: Actor,
    now: datetime,
) -> Booking:
    """The bank office undoes a booking for the ward, with a reason; the worker is told at once."""
    demand(by, Deed.CANCEL_BOOKING)
    booking = own_booking(session, booking_id, by)
    if not because.strip():
        raise Refused([Reason("reason_missing", text="Say why: the worker will be told.")])
    return _cancel(
        session,
        booking,
        lock_booking(session, booking),
        state=BookingState.CANCELLED_WARD,
        because=because,
        need_ended=need_ended,
        by=by,
        now=now,
    )


def cancel_for_worker(
    session: Session, *, booking_id: UUID, because: str, by: Actor, now: datetime
) -> Booking:
    """The bank office records that the worker rang to cancel, also inside the notice window."""
    demand(by, Deed.CANCEL_BOOKING)
    booking = own_booking(session, booking_id, by)
    return _cancel(
        session,
        booking,
        lock_booking(session, booking),
        state=BookingState.CANCELLED_WORKER,
        because=because,
        need_ended=False,
        by=by,
        now=now,
    )


def cancel_ahead(
    session: Session, *, person_id: UUID, because: str, by: Actor, now: datetime
) -> int:
    """Undo every booking and application ahead that was made under this record, since it can be
    worked no more. Returns how many; a shift that has started is left to who signs it off."""
    ahead = session.scalars(
        sa.select(Booking)
        .where(
            Booking.person_id == person_id,
            Booking.state.in_((BookingState.APPLIED, *HOLDING)),
            Booking.starts_at > now,
        )
        .order_by(Booking.shift_id)
    ).all()
    for booking in ahead:
        shift = lock_booking(session, booking)
        if booking.state is BookingState.APPLIED:
            _end_application(session, booking, because, by, now)
            continue
        state = BookingState.CANCELLED_WORKER
        _cancel(
            session, booking, shift, state=state, because=because, need_ended=False, by=by, now=now
        )
    return len(ahead)


def _cancel(
    session: Session,
    booking: Booking,
    shift: Shift,
    *,
    state: BookingState,
    because: str,
    need_ended: bool,
    by: Actor,
    now: datetime,
) -> Booking:
    _refuse_ended(booking, shift, now)
    booking.state, booking.ended_at = state, now
    booking.ended_by_id, booking.ended_because = by.account_id, because
    booking.need_ended = need_ended
    session.execute(sa.delete(Hours).where(Hours.booking_id == booking.id))
    shift.state, shift.agency_lock_at = ShiftState.OPEN, None
    if need_ended:
        shift.state, shift.withdrawn_at = ShiftState.WITHDRAWN, now
        shift.withdrawn_because, shift.need_ended = because, True
    shift.version += 1
    record(
        session,
        "booking.cancelled",
        subject_id=shift.id,
        by=by,
        now=now,
        organisation_id=shift.organisation_id,
        tell=_told(booking),
        booking_id=booking.id,
        state=state,
        need_ended=need_ended,
    )
    return booking


def _refuse_ended(booking: Booking, shift: Shift, now: datetime) -> None:
    if booking.state not in HOLDING:
        raise Refused([Reason("wrong_state", text="This booking has already ended.")])
    if now >= shift.starts_at:
        raise Refused(
            [Reason("already_started", text="The shift has started: record who attended.")]
        )


def _told(booking: Booking) -> list[Tell]:
    """The worker is told; an agency worker is the agency's to tell."""
    if booking.person_id is None:
        return []
    dedupe = f"booking_cancelled:{booking.id}"
    context = {"booking_id": booking.id}
    return [Tell("booking_cancelled", dedupe, person_id=booking.person_id, context=context)]


def _end_application(
    session: Session, booking: Booking, because: str, by: Actor, now: datetime
) -> Booking:
    booking.state, booking.ended_at = BookingState.CANCELLED_WORKER, now
    booking.ended_by_id, booking.ended_because = by.account_id, because
    record(
        session,
        "booking.application_withdrawn",
        subject_id=booking.shift_id,
        by=by,
        now=now,
        organisation_id=booking.organisation_id,
        booking_id=booking.id,
    )
    return booking


def _too_late(session: Session, shift: Shift, last: datetime) -> Reason:
    phone = session.scalar(sa.select(Unit.phone).where(Unit.id == shift.unit_id)) or ""
    return Reason(
        "notice_window_passed",
        {"until": last.isoformat(), "phone": phone},
        Cure("Ring the bank office: they can cancel it with you."),
        text="It is too close to the start to cancel on your own.",
    )
