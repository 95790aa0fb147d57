"""Pages and filters of a worker's search: nothing twice, nothing left out, nothing silent."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding import search, seekers, shift_probes
from bankhub.actions.finding.search import find_shifts
from bankhub.actions.finding.worker_facts import load_workers
from bankhub.actions.settings.policies import policy_book
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.search_values import Filter, FoundPage, ShiftFilters, Show
from bankhub.model.shifts import Opening, Shift
from bankhub.model.vocabulary import Grade, HoursKind, ShiftState, Tier
from bankhub.rules.eligibility import eligibility
from bankhub.rules.london_time import at_hour
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.db import Database
from passport.errors import Invalid
from passport.model.facts import FactKind
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

TOMORROW = NOW + timedelta(days=1)
LEFT = NOW - timedelta(days=2)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        yield opened


def found_ids(session: Session, by: Actor, **asked: Any) -> list[UUID]:
    """All pages, one after the other."""
    ids: list[UUID] = []
    after = None
    while True:
        page = find_shifts(session, by=by, now=NOW, after=after, **asked)
        ids += [one.shift.id for one in page.shifts]
        after = page.after
        if after is None:
            return ids


# Against the plainest way: ask the rules about every shift there is


def a_busy_bank(session: Session, rolls: random.Random) -> Person:
    """A nurse of two banks, among 240 shifts of three trusts in many states."""
    trusts = [build.an_organisation(session, name=f"Trust {number}") for number in range(3)]
    units = [build.a_unit(session, build.a_site(session, trust)) for trust in trusts]
    person, _ = build.a_nurse(
        session, trusts[0], grade=Grade.BAND_6, entitlements=[("rn_adult", Grade.BAND_5)]
    )
    build.a_nurse(session, trusts[1], holder=person)
    build.a_fact(session, person, FactKind.SKILL, {"code": "cannulation"})
    for week in range(0, 12, 3):
        build.busy_hours(session, person, NOW + timedelta(weeks=week, days=2), hours=36)
    for _ in range(240):
        grade, fallback = rolls.choice(
            [
                (Grade.BAND_5, None),
                (Grade.BAND_6, Grade.BAND_5),
                (Grade.BAND_7, Grade.BAND_6),
                (Grade.BAND_7, None),
            ]
        )
        opens = [LEFT, LEFT, NOW, TOMORROW, None]
        state = rolls.choice([ShiftState.OPEN] * 4 + [ShiftState.FILLED, ShiftState.WITHDRAWN])
        build.a_shift(
            session,
            rolls.choice(units),
            starts_at=NOW + timedelta(hours=rolls.choice([-24, 0, 1, *range(24, 2400, 12)])),
            hours=rolls.choice([4.5, 7.5, 12.5]),
            grade=grade,
            fallback_grade=fallback,
            skills=rolls.choice([[], [], ["cannulation"], ["iv_giving"]]),
            state=state,
            agency_lock_at=rolls.choice([None, NOW, TOMORROW]),
            openings={Tier.OWN_BANK: rolls.choice(opens), Tier.OWN_FALLBACK: rolls.choice(opens)},
        )
    return person


def by_asking_about_all(session: Session, person: Person) -> list[UUID]:
    """What may be booked, by the rules alone."""
    expected = []
    opened = {
        (one.shift_id, one.tier)
        for one in session.scalars(sa.select(Opening))
        if one.opens_at is not None and one.opens_at <= NOW
    }
    for shift in session.scalars(sa.select(Shift).order_by(Shift.starts_at, Shift.id)):
        held = shift.agency_lock_at is not None and shift.agency_lock_at > NOW
        agency = shift.state is ShiftState.FILLED and held
        grades = {shift.grade} if (shift.id, Tier.OWN_BANK) in opened else set()
        if shift.fallback_grade and (shift.id, Tier.OWN_FALLBACK) in opened and not agency:
            grades.add(shift.fallback_grade)
        worker = load_workers(
            session,
            holder_ids=[person.holder_id],
            organisation_id=shift.organisation_id,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            now=NOW,
        ).get(person.holder_id)
        if worker is None or not (shift.state is ShiftState.OPEN or agency):
            continue
        policy = policy_book(session, shift.organisation_id).eligibility(
            shift.staff_group, london_day(shift.starts_at)
        )
        reasons = eligibility.why_not(
            facts_of(shift), worker.facts, policy, NOW, grades_open=frozenset(grades)
        )
        if not eligibility.blocking(reasons):
            expected.append(shift.id)
    return expected


STEPS = {"as it is": (16, 7, 20), "one row at a time": (1, 60, 100), "in tiny windows": (2, 1, 7)}


@pytest.mark.slow
def test_it_finds_what_asking_about_every_shift_finds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        person = a_busy_bank(session, random.Random(7))
    with database.reading() as session:
        expected = by_asking_about_all(session, person)
        assert len(expected) > 30
        for name, (most, days, limit) in STEPS.items():
            monkeypatch.setattr(shift_probes, "FIRST_MOST", most)
            monkeypatch.setattr(shift_probes, "FIRST_WINDOW", timedelta(days=days))
            found = found_ids(session, build.as_worker(person), limit=limit)
            assert found == expected, name


# Pages


@pytest.fixture
def month(database: Database) -> tuple[Person, list[UUID]]:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        ward = build.a_unit(session, build.a_site(session, trust))
        nurse, _ = build.a_nurse(session, trust)
        starts = [NOW + timedelta(days=day) for day in range(1, 31)]
        shifts = [build.a_shift(session, ward, starts_at=at) for at in starts]
    return nurse, [shift.id for shift in shifts]


Month = tuple[Person, list[UUID]]


@pytest.mark.parametrize("limit", [1, 7, 30, 100])
def test_pages_follow_each_other_without_gap_or_repeat(
    session: Session, month: Month, limit: int
) -> None:
    nurse, ids = month
    assert found_ids(session, build.as_worker(nurse), limit=limit) == ids


def test_shifts_that_start_together_are_not_lost_between_pages(session: Session) -> None:
    trust = build.an_organisation(session)
    ward = build.a_unit(session, build.a_site(session, trust))
    nurse, _ = build.a_nurse(session, trust)
    together = [build.a_shift(session, ward, starts_at=TOMORROW).id for _ in range(9)]
    build.rebuild(session)
    assert found_ids(session, build.as_worker(nurse), limit=2) == sorted(together)


def test_a_shift_posted_before_the_cursor_does_not_shift_the_next_page(
    session: Session, month: Month
) -> None:
    nurse, ids = month
    by = build.as_worker(nurse)
    first = find_shifts(session, by=by, now=NOW, limit=5)
    unit = session.get(Shift, ids[0])
    assert unit is not None
    second = find_shifts(session, by=by, now=NOW, limit=5, after=first.after)
    assert [one.shift.id for one in second.shifts] == ids[5:10]


CURSORS = ["x", "bm90anNvbg", "W10", "WzEsMl0", "W" * 700, "é"]


@pytest.mark.parametrize("text", CURSORS)
def test_a_made_up_cursor_is_refused(session: Session, month: Month, text: str) -> None:
    with pytest.raises(Invalid):
        find_shifts(session, by=build.as_worker(month[0]), now=NOW, after=text)


def test_a_page_looks_at_so_many_shifts_and_says_how_far_it_got(
    session: Session, month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_EXAMINED", 10)
    nurse, ids = month
    for day in range(1, 25):  # clashes that begin after the shift does: only the rules see them
        build.busy_hours(session, nurse, NOW + timedelta(days=day, hours=5), hours=1)
    page = find_shifts(session, by=build.as_worker(nurse), now=NOW)
    assert page.shifts == ()
    assert page.after is not None
    assert page.searched_until == NOW + timedelta(days=10)
    assert found_ids(session, build.as_worker(nurse)) == ids[24:]


def test_what_starts_in_a_long_leave_is_not_even_looked_at(
    session: Session, month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_EXAMINED", 6)
    nurse, ids = month
    build.busy_hours(session, nurse, NOW, hours=24 * 25, kind=HoursKind.LEAVE)
    by = build.as_worker(nurse)
    page = find_shifts(session, by=by, now=NOW)
    assert [one.shift.id for one in page.shifts] == ids[24:]
    every = find_shifts(session, by=by, now=NOW, show=Show.ALL)
    assert [one.shift.id for one in every.shifts] == ids[:6]


def test_of_shifts_alike_but_for_the_place_a_restriction_hides_only_its_own(
    session: Session,
) -> None:
    trust = build.an_organisation(session)
    site = build.a_site(session, trust)
    wards = [build.a_unit(session, site) for _ in range(3)]
    nurse, post = build.a_nurse(session, trust)
    shifts = [build.a_shift(session, ward, starts_at=TOMORROW).id for ward in wards]
    build.a_restriction(session, post, wards[1].id)
    build.rebuild(session)
    assert found_ids(session, build.as_worker(nurse)) == sorted([shifts[0], shifts[2]])


def test_only_so_many_are_looked_at_to_say_what_is_hidden(
    session: Session, month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_HIDDEN", 10)
    by = build.as_worker(month[0])
    nothing = ShiftFilters(shift_code="LD")
    page = find_shifts(session, by=by, now=NOW, filters=nothing)
    assert (page.shifts, page.after, page.hidden) == ((), None, {Filter.CODE: 10})


def test_a_worker_without_a_post_finds_nothing(session: Session) -> None:
    person = build.a_person(session, build.an_organisation(session))
    page = find_shifts(session, by=build.as_worker(person), now=NOW)
    assert page == FoundPage((), None, NOW + seekers.HORIZON, {})


# Days


DATES: dict[str, tuple[dict[str, Any], date, date]] = {
    "from a day": ({"from_on": date(2026, 10, 1)}, date(2026, 10, 1), date(2026, 10, 7)),
    "until a day": ({"until_on": date(2026, 9, 10)}, date(2026, 9, 8), date(2026, 9, 10)),
    "one day": (
        {"from_on": date(2026, 9, 20), "until_on": date(2026, 9, 20)},
        date(2026, 9, 20),
        date(2026, 9, 20),
    ),
    "a day that has passed counts from now": (
        {"from_on": date(2026, 9, 1), "until_on": date(2026, 9, 8)},
        date(2026, 9, 8),
        date(2026, 9, 8),
    ),
}


@pytest.mark.parametrize("case", DATES)
def test_days_are_london_days_and_both_count(session: Session, month: Month, case: str) -> None:
    asked, first, last = DATES[case]
    page = find_shifts(
        session,
        by=build.as_worker(month[0]),
        now=NOW,
        filters=ShiftFilters(**asked),
        limit=100,
    )
    days = [london_day(one.shift.starts_at) for one in page.shifts]
    assert (days[0], days[-1]) == (first, last)
    assert len(days) == (last - first).days + 1


NIGHTS = {
    "the night the clocks go back": date(2026, 10, 24),
    "the night the clocks go forward": date(2027, 3, 27),
}


@pytest.mark.parametrize("case", NIGHTS)
def test_a_night_shift_belongs_to_the_london_day_on_which_it_starts(
    session: Session, case: str
) -> None:
    day = NIGHTS[case]
    trust = build.an_organisation(session)
    ward = build.a_unit(session, build.a_site(session, trust))
    nurse, _ = build.a_nurse(session, trust)
    build.rebuild(session)
    shift = build.a_shift(session, ward, starts_at=at_hour(day, 23), hours=8)
    for offset, expected in ((-1, []), (0, [shift.id]), (1, [])):
        on = day + timedelta(days=offset)
        filters = ShiftFilters(from_on=on, until_on=on)
        assert found_ids(session, build.as_worker(nurse), filters=filters) == expected
