"""Races for places, for one person's time and for a weekly limit: real threads on PostgreSQL.

Each race runs 20 rounds and must come out exact in every one. Beside each stands its mutant: the
same race with the control switched off, which must be seen to go wrong.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from bankhub.actions.booking import bookings, taking
from bankhub.actions.finding import looking
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import LIVE_BOOKING, HoursKind, ShiftState
from bankhub.rules.shift_times import week_of
from passport.actors import AccessRole, Actor
from passport.batch import Prepared
from passport.db import Database
from passport.errors import Refused
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

ROUNDS = 20
LATER = NOW + timedelta(minutes=1)


def at_once(deeds: list[Callable[[], Any]]) -> Counter[str]:
    """Run the deeds at the same moment, a thread each; count how each ended."""
    barrier = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> str:
        barrier.wait()
        try:
            deed()
        except Refused as refused:
            return refused.reasons[0].code
        return "booked"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(run, deeds))


def booking(database: Database, shift_id: UUID, by: Actor) -> Callable[[], Any]:
    return lambda: database.attempt(
        lambda session: bookings.book(session, shift_id=shift_id, by=by, now=LATER)
    )


def worker(organisation_id: UUID, holder_id: UUID) -> Actor:
    return Actor(
        account_id=None,
        organisation_id=organisation_id,
        roles=frozenset({AccessRole.WORKER}),
        person_id=holder_id,
    )


@pytest.fixture
def house(postgres_database: Database) -> Database:
    return postgres_database


class Bank:
    """A trust with 40 nurses."""

    def __init__(self, database: Database, nurses: int) -> None:
        self.database = database
        with database.transaction() as session:
            self.trust = build.an_organisation(session)
            self.unit = build.a_unit(session, build.a_site(session, self.trust))
            people = [build.a_nurse(session, self.trust)[0] for _ in range(nurses)]
        self.nurses = [worker(self.trust.id, person.holder_id) for person in people]
        self.people = people

    def shifts(self, *starts: datetime, hours: float = 8) -> list[UUID]:
        with self.database.transaction() as session:
            return [
                build.a_shift(
                    session, self.unit, starts_at=at, hours=hours, unpaid_break_minutes=0
                ).id
                for at in starts
            ]

    def live(self, *where: Any) -> list[Booking]:
        with self.database.reading() as session:
            return list(
                session.scalars(sa.select(Booking).where(Booking.state.in_(LIVE_BOOKING), *where))
            )

    def clear(self) -> None:
        with self.database.engine.begin() as connection:
            connection.execute(sa.delete(Hours).where(Hours.kind == HoursKind.BOOKING))
            connection.execute(sa.delete(Booking))
            connection.execute(sa.update(Shift).values(state=ShiftState.WITHDRAWN))


def drop_walls(database: Database) -> None:
    """Take the constraints away, so that only the order of the deed protects."""
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX uq_booking_live_place"))
        connection.execute(sa.text("ALTER TABLE booking DROP CONSTRAINT ex_booking_worked_time"))


@pytest.fixture
def no_worker_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant without the worker's lock; a moment between reading and taking widens the gap."""
    free = Prepared(sa.select(Person.id).where(Person.id == sa.bindparam("holder_id")))
    monkeypatch.setattr(looking, "LOCK_WORKER", free)
    _slow_down(monkeypatch)


@pytest.fixture
def no_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant that takes the place whether it is free or not."""
    blind = Prepared(
        sa.update(Shift)
        .where(Shift.id == sa.bindparam("shift_id"))
        .values(state=ShiftState.FILLED, version=Shift.version + 1),
        changes="shift",
    )
    monkeypatch.setattr(taking, "_TAKE_PLACE", blind)
    _slow_down(monkeypatch)


def _slow_down(monkeypatch: pytest.MonkeyPatch) -> None:
    straight = bookings.confirm

    def later(session: Any, *args: Any) -> None:
        session.execute(sa.text("SELECT pg_sleep(0.05)"))
        straight(session, *args)

    monkeypatch.setattr(bookings, "confirm", later)


# 40 people after one place


def test_forty_people_after_one_place_give_one_booking_in_every_round(house: Database) -> None:
    bank = Bank(house, 40)
    for number in range(ROUNDS):
        (shift,) = bank.shifts(NOW + timedelta(days=10 + number))
        ended = at_once([booking(house, shift, nurse) for nurse in bank.nurses])
        assert ended == {"booked": 1, "taken": 39}
        assert len(bank.live(Booking.shift_id == shift)) == 1
        bank.clear()


def test_with_the_condition_gone_the_index_still_gives_one(
    house: Database, no_condition: None
) -> None:
    bank = Bank(house, 40)
    (shift,) = bank.shifts(NOW + timedelta(days=10))
    ended = at_once([booking(house, shift, nurse) for nurse in bank.nurses])
    assert ended["booked"] == 1
    assert len(bank.live(Booking.shift_id == shift)) == 1


def test_mutant_with_condition_and_index_gone_many_people_get_the_place(
    house: Database, no_condition: None
) -> None:
    bank = Bank(house, 40)
    drop_walls(house)
    (shift,) = bank.shifts(NOW + timedelta(days=10))
    ended = at_once([booking(house, shift, nurse) for nurse in bank.nurses])
    assert ended["booked"] > 1


# One person after 30 overlapping shifts


def overlapping(bank: Bank, number: int) -> list[UUID]:
    first = NOW + timedelta(days=10 + number)
    return bank.shifts(*(first + timedelta(minutes=10 * place) for place in range(30)))


def test_one_person_after_thirty_overlapping_shifts_gets_one_in_every_round(
    house: Database,
) -> None:
    bank = Bank(house, 1)
    for number in range(ROUNDS):
        shifts = overlapping(bank, number)
        ended = at_once([booking(house, shift, bank.nurses[0]) for shift in shifts])
        assert ended == {"booked": 1, "overlap": 29}
        assert len(bank.live()) == 1
        bank.clear()


def test_with_the_lock_gone_the_exclusion_still_gives_one(
    house: Database, no_worker_lock: None
) -> None:
    bank = Bank(house, 1)
    ended = at_once([booking(house, s, bank.nurses[0]) for s in overlapping(bank, 0)[:10]])
    assert ended["booked"] == 1
    assert len(bank.live()) == 1


def test_mutant_with_lock_and_exclusion_gone_one_person_is_in_many_places(
    house: Database, no_worker_lock: None
) -> None:
    bank = Bank(house, 1)
    drop_walls(house)
    ended = at_once([booking(house, shift, bank.nurses[0]) for shift in overlapping(bank, 0)])
    assert ended["booked"] > 1


# Eight shifts at once for people with room for one under 48 hours


def nearly_full(bank: Bank) -> None:
    """Every nurse works 48 hours in each of 33 weeks, but for one eight-hour gap in the ninth."""
    monday = datetime(2026, 7, 13, tzinfo=UTC)
    with bank.database.transaction() as session:
        for person in bank.people:
            for week in range(33):
                hours = 9.6 if week != 16 else 8.0
                for day in range(5):
                    starts = monday + timedelta(weeks=week, days=day, hours=7)
                    build.busy_hours(session, person, starts, hours=hours)


def eight_shifts(number: int) -> list[datetime]:
    """Eight evening shifts of the gap week's weekend and later, none of which overlap."""
    saturday = datetime(2026, 11, 7, tzinfo=UTC)
    return [saturday + timedelta(weeks=place % 4, days=place // 4, hours=8) for place in range(8)]


def weekly_averages(bank: Bank, holder_id: UUID) -> list[float]:
    with bank.database.reading() as session:
        rows = session.execute(
            sa.select(Hours.starts_at, Hours.minutes).where(Hours.holder_id == holder_id)
        ).all()
    by_week: Counter[date] = Counter()
    for starts_at, minutes in rows:
        by_week[week_of(starts_at)] += minutes
    first = min(by_week)
    weeks = [by_week[first + timedelta(weeks=n)] for n in range(40)]
    return [sum(weeks[n : n + 17]) / 17 / 60 for n in range(len(weeks) - 16)]


def run_the_limit_race(house: Database, rounds: int) -> tuple[Bank, list[Counter[str]]]:
    bank = Bank(house, 4)
    nearly_full(bank)
    ended = []
    for number in range(rounds):
        shifts = {nurse.person_id: bank.shifts(*eight_shifts(number)) for nurse in bank.nurses}
        deeds = [
            booking(house, shift, nurse)
            for nurse in bank.nurses
            for shift in shifts[nurse.person_id]
        ]
        ended.append(at_once(deeds))
        if number + 1 < rounds:
            bank.clear()
    return bank, ended


def test_with_room_for_one_under_48_hours_each_person_gets_exactly_one(house: Database) -> None:
    bank, ended = run_the_limit_race(house, ROUNDS)
    assert [e["booked"] for e in ended] == [len(bank.nurses)] * ROUNDS
    assert all(
        max(weekly_averages(bank, nurse.person_id)) <= 48  # type: ignore[arg-type]
        for nurse in bank.nurses
    )


def test_mutant_with_the_lock_gone_people_go_over_48_hours(
    house: Database, no_worker_lock: None
) -> None:
    bank, ended = run_the_limit_race(house, 1)
    assert ended[0]["booked"] > len(bank.nurses)
    assert any(
        max(weekly_averages(bank, nurse.person_id)) > 48  # type: ignore[arg-type]
        for nurse in bank.nurses
    )
