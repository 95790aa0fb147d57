"""Figures: the roll-up tells what the shifts tell, to those who may read them, up to now."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from bankhub.actions.figures import fill_histories
from bankhub.model.bookings import Booking
from bankhub.model.figures import FillWeek
from bankhub.model.fill_values import (
    Amount,
    CountedShift,
    Dimension,
    FillFigures,
    ShiftHistory,
)
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, ShiftState, Tier
from bankhub.rules.figures.fill_rate import add_up, count, roll_up
from bankhub.rules.shift_times import week_of
from passport.actors import AccessRole as R
from passport.db import Database, new_id
from passport.errors import Forbidden, Invalid, NotFound
from passport.model.organisations import (
    MembershipKind,
    OrganisationKind,
    OrganisationMembership,
)
from tests.rules.fill_examples import HISTORIES, POLICY
from tests.support import build
from tests.support.figures import (
    LATER,
    MONDAY,
    START,
    WEEK,
    Bank,
    marked,
    rebuild,
    work,
)


@pytest.fixture
def bank(database: Database) -> Bank:
    return Bank(database)


# Random histories, written to the database and counted in every way


def store(bank: Bank, histories: list[ShiftHistory]) -> dict[Any, Any]:
    """Write the histories as shifts and bookings of one trust; ids as in the histories."""
    kept = {history.shift.id: history for history in histories}
    with bank.database.transaction() as session:
        for name in ("opening", "booking", "shift", "fill_week", "dirty_week", "watermark"):
            session.execute(sa.text(f"DELETE FROM {name}"))
        for history in kept.values():
            facts = history.shift
            row = build.a_shift(
                session,
                bank.unit,
                id=facts.id,
                starts_at=facts.starts_at,
                ends_at=facts.ends_at,
                staff_group=facts.staff_group,
                grade=facts.grade,
                reason=facts.reason,
                unpaid_break_minutes=facts.unpaid_break_minutes,
                created_at=history.created_at,
                withdrawn_at=history.withdrawn_at,
                need_ended=history.need_ended,
                state=ShiftState.WITHDRAWN if history.withdrawn_at else ShiftState.OPEN,
            )
            row.authorised_at = history.authorised_at
            session.add_all(_rows(bank, row, history))
    return kept


def _rows(bank: Bank, shift: Shift, history: ShiftHistory) -> Iterator[Booking]:
    for one in history.bookings:
        yield Booking(
            shift_id=shift.id,
            organisation_id=bank.trust.id,
            tier=one.tier,
            grade=shift.grade,
            state=one.state,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            made_at=one.made_at or shift.created_at,
            confirmed_at=one.made_at,
            ended_at=one.ended_at,
            need_ended=one.need_gone,
        )


EVERY = {"first_week": date(2026, 9, 28), "last_week": date(2027, 4, 5)}


@contextmanager
def small_pages() -> Iterator[None]:
    """Three shifts a page, so that few histories already need several."""
    whole, fill_histories.PAGE = fill_histories.PAGE, 3
    try:
        yield
    finally:
        fill_histories.PAGE = whole


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(histories=HISTORIES)
def test_stored_weeks_add_up_to_what_the_rules_say_of_the_shifts(
    bank: Bank, histories: list[ShiftHistory]
) -> None:
    kept = store(bank, histories)
    expected = [count(history, POLICY, LATER) for history in kept.values()]
    by = (Dimension.WEEK, Dimension.STAFF_GROUP)
    with small_pages():
        from_shifts = bank.ask(**EVERY, by=by)
        rebuild(bank.database, LATER)
    marked(bank.database, LATER)
    stored = bank.ask(**EVERY, by=by)
    assert from_shifts.total == stored.total == add_up(expected)
    assert from_shifts.groups == stored.groups == roll_up(theirs(expected, bank), by)


def theirs(expected: list[CountedShift], bank: Bank) -> list[CountedShift]:
    return [replace(one, organisation_id=bank.trust.id) for one in expected]


def test_a_stored_week_is_read_and_not_counted_again(bank: Bank) -> None:
    bank.shift()
    work(bank.database, LATER)
    marked(bank.database, LATER)
    with bank.database.transaction() as session:
        session.execute(sa.update(FillWeek).values(figures=FillFigures().as_values()))
    assert bank.ask().total == FillFigures()


# Whoever reads sees what has happened up to now, whatever the job has done


def test_a_booking_shows_before_the_job_has_run_again(bank: Bank) -> None:
    shift = bank.shift()
    early = START - timedelta(days=10)
    work(bank.database, early)
    bank.book(shift, at=early + timedelta(seconds=1))
    found = bank.ask(now=early + timedelta(seconds=2))
    assert found.total.booked.own_bank == Amount(1, 720)
    assert found.total.still_open == Amount()
    assert found.as_of == early + timedelta(seconds=2)


def test_without_the_job_everything_is_counted_from_the_shifts(bank: Bank) -> None:
    bank.shift()
    assert bank.ask().total.booked.requested == Amount(1, 720)


def test_a_roll_up_made_at_a_moment_to_come_is_not_believed(bank: Bank) -> None:
    bank.shift()
    work(bank.database, START + timedelta(days=1))
    assert bank.ask(now=START - timedelta(days=1)).total.still_open == Amount(1, 720)


NIGHTS = {
    "the October night is 13.5 hours": (
        datetime(2026, 10, 24, 18, 30, tzinfo=UTC),
        810,
        date(2026, 10, 19),
    ),
    "the March night is 11.5 hours": (
        datetime(2027, 3, 27, 19, 30, tzinfo=UTC),
        690,
        date(2027, 3, 22),
    ),
}


@pytest.mark.parametrize(("starts_at", "minutes", "week"), NIGHTS.values(), ids=NIGHTS)
def test_clock_change_nights_keep_their_length_and_week(
    bank: Bank, starts_at: datetime, minutes: int, week: date
) -> None:
    bank.shift(starts_at, ends_at=starts_at + timedelta(minutes=minutes), unpaid_break_minutes=0)
    now = starts_at + timedelta(days=2)
    work(bank.database, now)
    found = bank.ask(now=now, first_week=week, last_week=week)
    assert found.groups[(week,)].booked.unfilled == Amount(1, minutes)
    assert week_of(starts_at) == week


# Tenancy


def test_figures_are_of_the_own_organisation_only(bank: Bank) -> None:
    other = Bank(bank.database, "Elsewhere NHS Trust")
    other.shift()
    for job_ran in (False, True):
        if job_ran:
            work(bank.database, LATER)
        assert bank.ask().total == FillFigures()
        assert other.ask().total.booked.requested.shifts == 1


def test_anothers_trust_site_and_unit_are_not_found_like_unknown_ones(bank: Bank) -> None:
    other = Bank(bank.database, "Elsewhere NHS Trust")
    unknown = new_id()
    for name, known in (
        ("trust_id", other.trust.id),
        ("site_id", other.unit.site_id),
        ("unit_id", other.unit.id),
    ):
        for asked in (known, unknown):
            with pytest.raises(NotFound):
                bank.ask(**{name: asked})


def test_an_icb_reads_its_members_and_nobody_elses(bank: Bank) -> None:
    other = Bank(bank.database, "Elsewhere NHS Trust")
    bank.shift()
    other.shift()
    with bank.database.transaction() as session:
        icb = build.an_organisation(session, name="Hill and Vale ICB", kind=OrganisationKind.ICB)
        for member, until in ((bank.trust, None), (other.trust, date(2026, 3, 31))):
            session.add(
                OrganisationMembership(
                    group_id=icb.id,
                    member_id=member.id,
                    kind=MembershipKind.ICS,
                    until_on=until,
                )
            )
        build.an_event(session, icb.id)
    manager = build.an_actor(icb, R.BANK_MANAGER)
    found = bank.ask(manager, by=(Dimension.TRUST,))
    assert set(found.groups) == {(bank.trust.id,)}
    with pytest.raises(NotFound):
        bank.ask(manager, trust_id=other.trust.id)


def test_an_analyst_is_not_given_exact_figures(bank: Bank) -> None:
    with pytest.raises(Forbidden):
        bank.ask(build.an_actor(bank.trust, R.SYSTEM_ANALYST))
    assert bank.ask(build.an_actor(bank.trust, R.SYSTEM_ANALYST, R.BANK_MANAGER))


@pytest.mark.parametrize("weeks", [-1, 106], ids=["last before first", "more than two years"])
def test_weeks_that_cannot_be_meant_are_refused(bank: Bank, weeks: int) -> None:
    with pytest.raises(Invalid):
        bank.ask(last_week=MONDAY + weeks * WEEK)


def test_an_agency_worker_whom_the_bank_displaced_counts_for_the_bank(bank: Bank) -> None:
    shift = bank.shift()
    early = START - timedelta(days=9)
    bank.book(shift, at=early, tier=Tier.AGENCY_1, state=BookingState.DISPLACED, ended_at=early)
    bank.book(shift, at=early + timedelta(hours=1))
    assert bank.ask().total.booked.own_bank.shifts == 1
