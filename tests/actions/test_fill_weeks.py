"""Which weeks the job counts again: what events touched, and what the clock moved on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import sleep

import pytest

from bankhub.actions.figures import fill_weeks
from bankhub.actions.settings.policies import adopt
from bankhub.model.figures import FillWeek
from bankhub.model.fill_values import (
    FillFigures,
)
from bankhub.model.policies import PolicyKind
from bankhub.model.reference import national_policies
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import StaffGroup
from passport.actors import operator
from passport.db import Database
from passport.events import record
from tests.support.figures import (
    LATER,
    MONDAY,
    START,
    WEEK,
    Bank,
    dirty,
    rebuild,
    table,
    work,
)


@pytest.fixture
def bank(database: Database) -> Bank:
    return Bank(database)


# What makes a week dirty, and that nothing else does


def test_one_event_is_one_dirty_week_and_the_next_round_has_none(bank: Bank) -> None:
    shift = bank.shift()
    bank.shift(START + WEEK)
    assert work(bank.database, LATER) == 2
    assert work(bank.database, LATER) == 0
    bank.happened("booking.applied", shift, at=LATER)
    assert work(bank.database, LATER + timedelta(minutes=1)) == 0, "too young: it may be late"
    assert work(bank.database, LATER + timedelta(minutes=3)) == 1
    assert work(bank.database, LATER + timedelta(minutes=4)) == 0


def test_an_open_shift_whose_start_passes_is_counted_again_though_nothing_happened(
    bank: Bank,
) -> None:
    before = START - timedelta(hours=1)
    bank.shift()
    work(bank.database, before)
    (stored,) = table(bank.database).values()
    assert stored["still_open"] == [1, 720]
    assert work(bank.database, START + timedelta(hours=1)) == 1
    (stored,) = table(bank.database).values()
    assert stored["still_open"] == [0, 0]
    assert work(bank.database, START + timedelta(hours=2)) == 0


def test_a_shift_moved_to_another_week_is_gone_from_the_week_it_left(bank: Bank) -> None:
    shift = bank.shift()
    work(bank.database, START - WEEK)
    with bank.database.transaction() as session:
        moved = session.get_one(Shift, shift.id)
        moved.starts_at, moved.ends_at = moved.starts_at + WEEK, moved.ends_at + WEEK
        record(
            session,
            "shift.amended",
            subject_id=shift.id,
            by=operator(bank.trust.id),
            now=START - timedelta(days=6),
            started_at=START,
        )
    assert work(bank.database, START - timedelta(days=5)) == 2
    assert {week for _, week, _ in table(bank.database)} == {MONDAY + WEEK}


def test_a_rebuild_also_clears_weeks_that_have_no_shifts_any_more(bank: Bank) -> None:
    with bank.database.transaction() as session:
        session.add(
            FillWeek(
                organisation_id=bank.trust.id,
                week=MONDAY,
                staff_group=StaffGroup.HCA,
                figures=FillFigures().as_values(),
                as_of=LATER,
            )
        )
    rebuild(bank.database, LATER)
    assert table(bank.database) == {}


def test_another_way_of_counting_recounts_the_weeks_from_its_day_on(bank: Bank) -> None:
    for weeks in range(3):
        bank.shift(START + weeks * WEEK)
    early = START - timedelta(days=10)
    work(bank.database, early)
    with bank.database.transaction() as session:
        adopt(
            session,
            kind=PolicyKind.FILL,
            staff_group=None,
            from_on=MONDAY + WEEK + timedelta(days=2),
            values=dict(national_policies(PolicyKind.FILL)[0].values),
            source="Board paper 12",
            by=bank.manager,
            now=early,
        )
    assert work(bank.database, early + timedelta(minutes=3)) == 2


@pytest.mark.postgresql
def test_two_counts_of_one_week_at_once_leave_it_counted_once(postgres_database: Database) -> None:
    bank = Bank(postgres_database)
    bank.shift()

    def again(_number: int) -> None:
        with postgres_database.transaction() as session:
            fill_weeks.recompute(session, organisation_id=bank.trust.id, week=MONDAY, now=LATER)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(again, range(40)))
    assert len(table(postgres_database)) == 1


@pytest.mark.postgresql
def test_what_happens_while_a_week_is_counted_is_noted_again(postgres_database: Database) -> None:
    bank = Bank(postgres_database)
    shift = bank.shift()
    work(postgres_database, LATER)
    bank.happened("booking.applied", shift, at=LATER)
    noted = LATER + timedelta(minutes=3)

    def collect(now: datetime) -> None:
        with postgres_database.transaction() as session:
            fill_weeks.collect_dirty_weeks(session, now=now)

    collect(noted)
    with ThreadPoolExecutor(1) as thread:
        with postgres_database.transaction() as session:
            fill_weeks.recompute(session, organisation_id=bank.trust.id, week=MONDAY, now=noted)
            bank.happened("booking.applied", shift, at=noted)
            waiting = thread.submit(collect, noted + timedelta(minutes=3))
            sleep(0.5)
        waiting.result()
    assert dirty(postgres_database) == {MONDAY}
