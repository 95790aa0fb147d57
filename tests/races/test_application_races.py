"""An application accepted, declined and taken back at the same moment: one of them counts, and
the place, the booking and the hours agree. Real threads on PostgreSQL."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking import bookings, cancellations
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import LIVE_BOOKING, BookingState, ShiftState
from passport.db import Database
from passport.errors import Refused
from tests.actions.test_bookings import LATER, Ward
from tests.support import build

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

ROUNDS = 20

Deed = Callable[[Session, Any], Any]


def at_once(database: Database, booking_id: Any, *deeds: Deed) -> None:
    barrier = threading.Barrier(len(deeds))

    def run(deed: Deed) -> None:
        barrier.wait()
        try:
            database.attempt(lambda session: deed(session, booking_id))
        except Refused:
            return

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(run, deeds))


def agrees(database: Database, booking_id: Any) -> bool:
    """Whether place, booking and hours tell the same."""
    with database.reading() as session:
        booking = session.get_one(Booking, booking_id)
        filled = session.get_one(Shift, booking.shift_id).state is ShiftState.FILLED
        hours = session.scalar(sa.select(Hours.id).where(Hours.booking_id == booking_id))
        live = booking.state in LIVE_BOOKING
        return filled == live == (hours is not None) == (booking.ended_at is None)


def test_accepted_declined_and_taken_back_at_once(postgres_database: Database) -> None:
    ward = Ward(postgres_database)

    def accept(session: Session, booking_id: Any) -> None:
        bookings.accept(session, booking_id=booking_id, by=ward.coordinator, now=LATER)

    def decline(session: Session, booking_id: Any) -> None:
        bookings.decline(
            session, booking_id=booking_id, because="Filled", by=ward.coordinator, now=LATER
        )

    def take_back(session: Session, booking_id: Any) -> None:
        cancellations.cancel_own(
            session, booking_id=booking_id, because="Ill", by=ward.nurse, now=LATER
        )

    for number in range(ROUNDS):
        others = ((decline,), (take_back,), (decline, take_back))[number % 3]
        with ward.database.transaction() as session:
            shift = build.a_shift(session, ward.unit, instant_book=False)
        applied = ward.book(shift)
        at_once(ward.database, applied.booking_id, accept, *others)
        assert agrees(ward.database, applied.booking_id), f"round {number}"
        with ward.database.transaction() as session:
            booking = session.get_one(Booking, applied.booking_id)
            if booking.state is BookingState.CONFIRMED:
                cancellations.cancel_for_worker(
                    session, booking_id=booking.id, because="Again", by=ward.coordinator, now=LATER
                )
