"""Shifts and people of a desk, made the way the office makes them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.shifts import shifts
from bankhub.actions.shifts.shifts import ShiftDraft
from bankhub.model.bookings import Booking
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, Grade, RequestReason
from bankhub.model.workers import BankPost
from passport.model.people import Person
from tests.support import build
from tests.support.desk import NOW, Desk, Staff

SOON = NOW + timedelta(days=10, hours=-2, minutes=-30)
"""Thursday 17 September 2026, 07:30 in London."""


def ask(
    desk: Desk,
    by: Staff,
    *,
    starts_at: datetime = SOON,
    hours: float = 8,
    ward: int = 0,
    submit: bool = True,
    **said: Any,
) -> UUID:
    """A shift asked for by somebody; its id."""
    said = {"role": "rn_adult", "grade": Grade.BAND_5, "reason": RequestReason.ACUITY, **said}
    draft = ShiftDraft(
        unit_id=desk.wards[ward].id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        **said,
    )

    def post(session: Session) -> UUID:
        posted = shifts.post(session, draft=draft, by=by.actor, now=desk.now, submit=submit)
        return posted[0].shift_id

    found: UUID = desk.do(post)
    return found


def shift_of(desk: Desk, shift_id: UUID) -> Shift:
    """The shift as it stands."""
    found: Shift = desk.do(lambda session: session.get_one(Shift, shift_id))
    return found


def a_nurse(desk: Desk, given_name: str = "Grace", **fields: Any) -> tuple[Person, BankPost]:
    """A nurse of the trust's bank who may be called."""
    fields = {"family_name": "Mensah", "mobile": "07700 900123", "may_call": True, **fields}
    found: tuple[Person, BankPost] = desk.do(
        lambda session: build.a_nurse(session, desk.trust, given_name=given_name, **fields)
    )
    return found


def booked(desk: Desk, shift_id: UUID, nurse: tuple[Person, BankPost], **fields: Any) -> Booking:
    """The nurse on the shift; with `state` an application."""

    def make(session: Session) -> Booking:
        shift = session.get_one(Shift, shift_id)
        return build.a_booking(session, shift, *nurse, made_at=desk.now, **fields)

    found: Booking = desk.do(make)
    return found


def applied(desk: Desk, shift_id: UUID, nurse: tuple[Person, BankPost]) -> Booking:
    """The nurse's application for the shift."""
    return booked(desk, shift_id, nurse, state=BookingState.APPLIED)
