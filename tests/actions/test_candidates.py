"""A bank office finds people for a shift: ranked, with reasons it may read, and calls on record."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from bankhub.actions.finding.candidate_pool import Stage, read_pool
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import Grade, HoursKind, ShiftState, Tier
from passport.db import Database
from passport.model.facts import FactKind
from tests.support import build
from tests.support.build import NOW
from tests.support.office import BEGINS, Office, an_office


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    with database.transaction() as session:
        yield an_office(session)


# Rank


def test_somebody_of_the_grade_comes_before_somebody_entitled_to_it(office: Office) -> None:
    office.nurse("Senior", grade=Grade.BAND_6, entitlements=[("rn_adult", Grade.BAND_5)])
    office.nurse("Exact")
    assert office.names() == ["Exact", "Senior"]
    assert [one.exact for one in office.page().people] == [True, False]


def test_who_worked_on_the_unit_lately_comes_first(office: Office) -> None:
    other = build.a_unit(office.session, build.a_site(office.session, office.trust))
    office.worked(*office.nurse("Known"), timedelta(days=100))
    office.worked(*office.nurse("Forgotten"), timedelta(days=200))
    office.worked(*office.nurse("Elsewhere"), timedelta(days=50), unit=other)
    assert office.names() == ["Known", "Forgotten", "Elsewhere"]
    assert [one.worked_here for one in office.page().people] == [True, False, False]


def test_fewest_hours_this_week_then_longest_since_the_last_shift(office: Office) -> None:
    monday = BEGINS - timedelta(days=3)
    for name, days_ago, booked in (
        ("Busy", 60, 2),
        ("Some", 60, 1),
        ("Recent", 5, 0),
        ("Waiting", 90, 0),
    ):
        person, post = office.nurse(name)
        other = build.a_unit(office.session, build.a_site(office.session, office.trust))
        office.worked(person, post, timedelta(days=days_ago), unit=other)
        for day in range(booked):
            starts = monday + timedelta(days=day)
            taken = build.a_shift(office.session, other, starts_at=starts, hours=8)
            build.a_booking(office.session, taken, person, post)
    never = office.nurse("Never")
    assert office.names() == ["Never", "Waiting", "Recent", "Some", "Busy"]
    by_name = {one.name: one for one in office.page().people}
    assert by_name["Busy Shah"].week_minutes == 2 * 7.5 * 60
    assert by_name["Never Shah"].last_shift_at is None
    assert never[0].id == by_name["Never Shah"].person_id


def test_work_elsewhere_does_not_show_in_the_rank(office: Office) -> None:
    """The ledger is for the working-time rules: rank and figures are from this trust's bookings."""
    person, _ = office.nurse("Ada")
    other = build.an_organisation(office.session)
    ward = build.a_unit(office.session, build.a_site(office.session, other))
    record, post = build.a_nurse(office.session, other, holder=person)
    for starts in (NOW - timedelta(days=20), BEGINS - timedelta(days=2)):
        taken = build.a_shift(office.session, ward, starts_at=starts, hours=8)
        build.a_booking(office.session, taken, record, post)
    build.busy_hours(office.session, person, BEGINS + timedelta(days=1), hours=8)
    (one,) = office.page().people
    assert (one.week_minutes, one.last_shift_at) == (0, None)


def test_the_fallback_grade_comes_after_all_of_the_grade(office: Office) -> None:
    office.shift = build.a_shift(
        office.session,
        office.unit,
        starts_at=BEGINS,
        grade=Grade.BAND_6,
        fallback_grade=Grade.BAND_5,
    )
    office.worked(*office.nurse("Fallback"), timedelta(days=9))
    office.nurse("Six", grade=Grade.BAND_6, entitlements=[("rn_adult", Grade.BAND_5)])
    page = office.page()
    assert [(one.name, one.tier, one.grade) for one in page.people] == [
        ("Six Shah", Tier.OWN_BANK, Grade.BAND_6),
        ("Fallback Shah", Tier.OWN_FALLBACK, Grade.BAND_5),
    ]


def test_somebody_with_two_posts_stands_there_once(office: Office) -> None:
    entitled = [("rn_adult", Grade.BAND_5)]
    person, _ = office.nurse("Twice", grade=Grade.BAND_6, entitlements=entitled)
    build.a_post(office.session, person)
    assert [(one.name, one.exact) for one in office.page().people] == [("Twice Shah", True)]


# Who is not there, and who is on the other list


def busy_then(office: Office) -> None:
    person, _ = office.nurse("Ada")
    build.busy_hours(office.session, person, BEGINS + timedelta(hours=3))


def tired_then(office: Office) -> None:
    person, _ = office.nurse("Ada")
    build.busy_hours(office.session, person, BEGINS - timedelta(hours=14))


def on_leave_then(office: Office) -> None:
    person, _ = office.nurse("Ada")
    leave = BEGINS - timedelta(days=9)
    build.busy_hours(office.session, person, leave, hours=400, kind=HoursKind.LEAVE)


def restricted(office: Office) -> None:
    _, post = office.nurse("Ada")
    build.a_restriction(office.session, post, office.trust.id)


def without_right_to_work(office: Office) -> None:
    person, _ = office.nurse("Ada", papers=False)
    build.a_nurses_papers(office.session, person, without=[FactKind.RIGHT_TO_WORK])


def suspended(office: Office) -> None:
    person, _ = office.nurse("Ada", papers=False)
    build.a_nurses_papers(office.session, person, without=[FactKind.REGISTRATION])
    value = {"body": "NMC", "number": "01A2345N", "profession": "RNA", "status": "suspended"}
    build.a_fact(office.session, person, FactKind.REGISTRATION, value)


UNAVAILABLE: dict[str, tuple[Callable[[Office], None], set[str]]] = {
    "busy at that time": (busy_then, {"overlap"}),
    "without the rest between": (tired_then, {"daily_rest"}),
    "on leave": (on_leave_then, {"absence"}),
    "restricted": (restricted, {"do_not_book"}),
    "without a right-to-work check": (without_right_to_work, {"right_to_work_not_covered"}),
    "suspended by the register": (suspended, {"registration_not_in_order"}),
}


@pytest.mark.parametrize("case", UNAVAILABLE)
def test_who_cannot_is_on_the_other_list_with_what_the_office_may_read(
    office: Office, case: str
) -> None:
    make, codes = UNAVAILABLE[case]
    make(office)
    office.nurse("Free")
    assert office.names() == ["Free"]
    (one,) = office.page(unavailable=True).people
    assert (one.name, {reason.code for reason in one.reasons}) == ("Ada Shah", codes)


def test_hours_elsewhere_are_hours_and_nothing_more(office: Office) -> None:
    """Another trust's booking says neither where nor when."""
    person, _ = office.nurse("Ada")
    other = build.an_organisation(office.session, name="Elsewhere NHS Trust")
    ward = build.a_unit(office.session, build.a_site(office.session, other), name="Ward Nine")
    record, post = build.a_nurse(office.session, other, holder=person)
    taken = build.a_shift(office.session, ward, starts_at=BEGINS + timedelta(hours=1))
    build.a_booking(office.session, taken, record, post)
    (one,) = office.page(unavailable=True).people
    assert [reason.text for reason in one.reasons] == ["Has hours elsewhere at this time."]
    assert "Elsewhere" not in repr(one)
    assert "Nine" not in repr(one)


def test_what_is_not_known_is_said_beside_somebody_who_can(office: Office) -> None:
    person, _ = office.nurse("Ada")
    build.a_fact(office.session, person, FactKind.MAIN_JOB, {"contracted_hours": 37.5})
    (one,) = office.page().people
    assert [reason.code for reason in one.reasons] == ["main_job_not_known"]
    assert office.names(unavailable=True) == []


def not_open_yet(office: Office) -> Shift:
    opens: dict[Tier, datetime | None] = {Tier.OWN_BANK: NOW + timedelta(minutes=1)}
    return build.a_shift(office.session, office.unit, starts_at=BEGINS, openings=opens)


def fallback_not_open(office: Office) -> Shift:
    return build.a_shift(
        office.session,
        office.unit,
        starts_at=BEGINS,
        grade=Grade.BAND_6,
        fallback_grade=Grade.BAND_5,
        openings={Tier.OWN_FALLBACK: NOW + timedelta(minutes=1)},
    )


def filled(office: Office) -> Shift:
    return build.a_shift(
        office.session, office.unit, starts_at=BEGINS, state=ShiftState.FILLED
    )


NOBODY: dict[str, Callable[[Office], Shift]] = {
    "whose first tier is not open yet": not_open_yet,
    "whose fallback tier is not open yet": fallback_not_open,
    "that is filled": filled,
}


@pytest.mark.parametrize("case", NOBODY)
def test_nobody_is_offered_a_shift(office: Office, case: str) -> None:
    office.nurse("Ada")
    office.shift = NOBODY[case](office)
    assert office.names() == []


def test_a_shift_an_agency_holds_still_has_candidates(office: Office) -> None:
    office.nurse("Ada")
    office.shift = build.a_shift(
        office.session,
        office.unit,
        starts_at=BEGINS,
        state=ShiftState.FILLED,
        agency_lock_at=NOW + timedelta(hours=1),
    )
    assert office.names() == ["Ada"]


@pytest.mark.parametrize("make", [busy_then, without_right_to_work, suspended])
def test_the_pool_leaves_out_who_is_busy_or_without_papers(
    office: Office, make: Callable[[Office], None]
) -> None:
    """Before the rules are asked: so that a page is made from people who can."""
    make(office)
    office.nurse("Free")
    build.rebuild(office.session)
    stage = Stage(Tier.OWN_BANK, office.trust.id, Grade.BAND_5)
    pools = {
        free: read_pool(
            office.session, stage, facts_of(office.shift), after=None, free=free, now=NOW
        )
        for free in (True, False)
    }
    assert {free: len(pool.people) for free, pool in pools.items()} == {True: 1, False: 2}


def test_people_of_another_bank_are_not_there(office: Office) -> None:
    build.a_nurse(office.session, build.an_organisation(office.session), given_name="Stranger")
    assert office.names() == []
    assert office.names(unavailable=True) == []
