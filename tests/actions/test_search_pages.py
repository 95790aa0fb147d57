"""Pages and filters of a worker's search: nothing twice, nothing left out, nothing silent."""

import random
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions import search, seekers, shift_probes
from bankhub.actions.policies import policy_book
from bankhub.actions.search import facets, find_shifts
from bankhub.actions.shift_records import facts_of
from bankhub.actions.worker_facts import load_workers
from bankhub.model.search_values import Filter, FoundPage, ShiftFilters, Show
from bankhub.model.shifts import Opening, Shift, ShiftCode
from bankhub.model.vocabulary import Grade, ShiftState, Tier
from bankhub.rules import eligibility
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
    nothing = ShiftFilters(shift_code="LD")
    page = find_shifts(session, by=build.as_worker(nurse), now=NOW, filters=nothing)
    assert page.shifts == ()
    assert page.hidden == {Filter.CODE: 10}
    assert page.after is not None
    assert page.searched_until == NOW + timedelta(days=10)
    assert found_ids(session, build.as_worker(nurse), filters=nothing) == []
    assert found_ids(session, build.as_worker(nurse)) == ids


def test_a_worker_without_a_post_finds_nothing(session: Session) -> None:
    person = build.a_person(session, build.an_organisation(session))
    page = find_shifts(session, by=build.as_worker(person), now=NOW)
    assert page == FoundPage((), None, NOW + seekers.HORIZON, {})


# Filters


@pytest.fixture
def two_sites(database: Database) -> dict[str, Any]:
    """Shifts at two sites 20 km apart and at one whose place is not known."""
    with database.transaction() as session:
        trust = build.an_organisation(session)
        near = build.a_site(session, trust, name="Near", latitude=51.5, longitude=-0.1)
        far = build.a_site(session, trust, name="Far", latitude=51.68, longitude=-0.1)
        lost = build.a_site(session, trust, name="Lost")
        units = {site.name: build.a_unit(session, site) for site in (near, far, lost)}
        nurse, _ = build.a_nurse(
            session, trust, entitlements=[("community_nurse", Grade.BAND_5)]
        )
        shifts = {
            "near": build.a_shift(session, units["Near"], shift_code="E"),
            "far": build.a_shift(session, units["Far"], shift_code="LD"),
            "lost": build.a_shift(session, units["Lost"], shift_code="E"),
        }
        session.add_all(
            ShiftCode(organisation_id=trust.id, code=code, name=code, starts=at, ends=time(15))
            for code, at in (("N", time(20)), ("LD", time(7, 30)), ("E", time(7)))
        )
    return {
        "nurse": nurse,
        "sites": {"near": near.id, "far": far.id},
        "units": {name: unit.id for name, unit in units.items()},
        "names": {shift.id: name for name, shift in shifts.items()},
    }


FILTERS: dict[str, tuple[dict[str, Any], list[str], dict[Filter, int]]] = {
    "nothing": ({}, ["near", "far", "lost"], {}),
    "a site": ({"site_id": "near"}, ["near"], {Filter.SITE: 2}),
    "a shift code": ({"shift_code": "E"}, ["near", "lost"], {Filter.CODE: 1}),
    "a role": ({"role": "midwife"}, [], {Filter.ROLE: 3}),
    "a distance, which an unknown place does not fail": (
        {"near_site_id": "near", "within_km": 10},
        ["near", "lost"],
        {Filter.DISTANCE: 1},
    ),
    "a distance that holds all": (
        {"near_site_id": "near", "within_km": 25},
        ["near", "far", "lost"],
        {},
    ),
    "two at once: each counts what it alone hides": (
        {"site_id": "near", "shift_code": "LD"},
        [],
        {Filter.SITE: 1, Filter.CODE: 1},
    ),
}


@pytest.mark.parametrize("case", FILTERS)
@pytest.mark.parametrize("show", Show)
def test_a_filter_hides_and_says_how_many(
    session: Session, two_sites: dict[str, Any], case: str, show: Show
) -> None:
    asked, expected, hidden = FILTERS[case]
    asked = {k: two_sites["sites"].get(v, v) if k.endswith("_id") else v for k, v in asked.items()}
    page = find_shifts(
        session,
        by=build.as_worker(two_sites["nurse"]),
        now=NOW,
        filters=ShiftFilters(**asked),
        show=show,
    )
    assert {two_sites["names"][one.shift.id] for one in page.shifts} == set(expected)
    assert page.hidden == hidden


def test_what_i_cannot_book_is_not_counted_as_hidden(
    session: Session, two_sites: dict[str, Any]
) -> None:
    nurse = two_sites["nurse"]
    build.busy_hours(session, nurse, NOW + timedelta(days=10))
    page = find_shifts(
        session,
        by=build.as_worker(nurse),
        now=NOW,
        filters=ShiftFilters(site_id=two_sites["sites"]["near"]),
    )
    assert (page.shifts, page.hidden) == ((), {})


def test_the_distance_is_on_the_card(session: Session, two_sites: dict[str, Any]) -> None:
    page = find_shifts(
        session,
        by=build.as_worker(two_sites["nurse"]),
        now=NOW,
        filters=ShiftFilters(near_site_id=two_sites["sites"]["near"]),
    )
    by_name = {two_sites["names"][one.shift.id]: one.distance_km for one in page.shifts}
    assert by_name["near"] == 0
    assert by_name["far"] == pytest.approx(20.0, abs=0.1)
    assert by_name["lost"] is None


def test_a_site_of_another_trust_measures_nothing(
    session: Session, two_sites: dict[str, Any]
) -> None:
    other = build.a_site(session, build.an_organisation(session), latitude=51.5, longitude=0.0)
    page = find_shifts(
        session,
        by=build.as_worker(two_sites["nurse"]),
        now=NOW,
        filters=ShiftFilters(near_site_id=other.id, within_km=1),
    )
    assert [one.distance_km for one in page.shifts] == [None] * 3


def test_the_banks_own_codes_and_sites_are_offered(
    session: Session, two_sites: dict[str, Any]
) -> None:
    build.a_unit(session, build.a_site(session, build.an_organisation(session), name="Other"))
    offered = facets(session, by=build.as_worker(two_sites["nurse"]), now=NOW)
    assert offered.shift_codes == ("E", "LD", "N")
    assert [name for _, name in offered.sites] == ["Far", "Lost", "Near"]


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
