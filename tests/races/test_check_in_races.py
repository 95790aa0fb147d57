"""Checked in by two at once, signed by two at once, accrued by two workers at once: each is once.
Real threads on PostgreSQL. The mutant takes the worker's lock away and must be seen to go wrong."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.agreements import recharges
from bankhub.actions.booking import cancellations, check_ins, inductions
from bankhub.model.bookings import Booking
from bankhub.model.clearances import CheckIn, InductionSignature
from bankhub.model.recharges import RechargeLine
from bankhub.model.vocabulary import BookingState, Tier
from passport.actors import job
from passport.batch import Prepared
from passport.db import Database
from passport.errors import Refused
from passport.events import Event
from passport.model.people import Person
from tests.actions.test_bookings import LATER, Ward
from tests.actions.test_partner_arrivals import Arriving
from tests.actions.test_recharges import FIXED
from tests.support import build

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

ROUNDS = 8
EARLY = timedelta(minutes=30)


def at_once(*deeds: Callable[[], Any]) -> list[Exception]:
    """What went wrong where all are done at the same moment."""
    barrier = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Exception | None:
        barrier.wait()
        try:
            deed()
        except (Refused, sa.exc.IntegrityError) as error:
            return error
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [found for found in pool.map(run, deeds) if found]


def test_worker_and_ward_check_in_at_once(postgres_database: Database) -> None:
    ward = Ward(postgres_database)
    for _ in range(ROUNDS):
        shift = ward.shift(starts_at=LATER + EARLY)
        with ward.database.transaction() as session:
            person, post = build.a_nurse(session, ward.trust)
            booking = build.a_booking(session, shift, person, post)
        own = build.as_worker(person)

        def mine(booking_id: Any = booking.id, own: Any = own) -> None:
            ward.database.attempt(
                lambda session: check_ins.check_in_own(
                    session, booking_id=booking_id, by=own, now=LATER
                )
            )

        def theirs(booking_id: Any = booking.id) -> None:
            ward.database.attempt(
                lambda session: check_ins.check_in(
                    session, booking_id=booking_id, by=ward.coordinator, now=LATER
                )
            )

        assert at_once(mine, theirs, mine) == []
    assert len(ward.rows(CheckIn)) == ROUNDS
    assert len(ward.rows(Event, Event.kind == "booking.checked_in")) == ROUNDS


def test_checked_in_and_cancelled_at_once_agree(postgres_database: Database) -> None:
    ward = Ward(postgres_database)
    for number in range(ROUNDS):
        shift = ward.shift(starts_at=LATER + EARLY)
        with ward.database.transaction() as session:
            person, post = build.a_nurse(session, ward.trust)
            booking = build.a_booking(session, shift, person, post)

        def comes(booking_id: Any = booking.id) -> None:
            ward.database.attempt(
                lambda session: check_ins.check_in(
                    session, booking_id=booking_id, by=ward.coordinator, now=LATER
                )
            )

        def rings(booking_id: Any = booking.id) -> None:
            ward.database.attempt(
                lambda session: cancellations.cancel_for_worker(
                    session, booking_id=booking_id, because="Ill", by=ward.coordinator, now=LATER
                )
            )

        at_once(comes, rings)
        (row,) = ward.rows(Booking, Booking.id == booking.id)
        came = ward.rows(CheckIn, CheckIn.booking_id == booking.id)
        assert row.state is BookingState.CANCELLED_WORKER, f"round {number}"
        assert len(came) <= 1


def both_sign(here: Arriving) -> list[InductionSignature]:
    assert at_once(here.worker_signs, here.in_charge_signs) == []
    found: list[InductionSignature] = here.rows(InductionSignature)
    return found


def test_two_hands_at_once_make_one_induction(postgres_database: Database) -> None:
    for _ in range(ROUNDS):
        here = Arriving(postgres_database)
        both_sign(here)
        (row,) = here.rows(InductionSignature, InductionSignature.holder_id == here.nurse.holder_id)
        assert row.valid_until is not None


def test_mutant_that_does_not_lock_the_worker_makes_two_halves(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = Prepared(sa.select(Person.id).where(Person.id == sa.bindparam("holder_id")))
    monkeypatch.setattr(inductions, "LOCK_WORKER", unlocked)
    for _ in range(5 * ROUNDS):
        here = Arriving(postgres_database)
        both_sign(here)
        rows = here.rows(InductionSignature, InductionSignature.holder_id == here.nurse.holder_id)
        if len(rows) > 1 or rows[0].valid_until is None:
            return
    pytest.fail("the race was not seen without the lock")


def test_two_workers_accrue_at_once_and_each_shift_has_one_line(
    postgres_database: Database,
) -> None:
    here = Arriving(postgres_database, **FIXED)
    with here.database.transaction() as session:
        ward = here.wards[here.host.id]
        for number in range(ROUNDS):
            starts_at = here.taken.starts_at - timedelta(days=2 + number)
            shift = build.a_shift(session, ward, starts_at=starts_at)
            build.a_booking(
                session, shift, here.nurse, here.post, tier=Tier.PARTNER,
                state=BookingState.CHECKED_IN,
            )  # fmt: skip

    def accrue() -> None:
        here.database.attempt(
            lambda session: recharges.accrue(session, by=job(), now=here.taken.ends_at)
        )

    assert at_once(accrue, accrue, accrue) == []
    assert len(here.rows(RechargeLine)) == ROUNDS
    assert len(here.rows(Event, Event.kind == "recharge.accrued")) == ROUNDS
