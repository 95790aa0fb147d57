"""A bank office finds people for a shift: ranked, with reasons it may read, and calls on record."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions import candidate_pool, candidates
from bankhub.actions.candidates import Answer, CandidatePage, record_contact
from bankhub.actions.cursors import cursor_text
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState, Grade, HoursKind, ShiftState, Tier
from bankhub.model.workers import BankPost
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Invalid
from passport.events import Event
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

BEGINS = NOW + timedelta(days=10, hours=-2, minutes=-30)
"""Start of the shift that people are looked for: Thursday 17 September 2026."""
YESTERDAY = NOW - timedelta(days=1)


@dataclass
class Office:
    """A bank office with a shift to fill."""

    session: Session
    trust: Organisation
    unit: Unit
    shift: Shift
    me: Actor

    def nurse(self, name: str, **fields: Any) -> tuple[Person, BankPost]:
        fields = {"family_name": "Shah", **fields}
        return build.a_nurse(self.session, self.trust, given_name=name, **fields)

    def page(self, **asked: Any) -> CandidatePage:
        build.rebuild(self.session)
        asked = {"shift_id": self.shift.id, "by": self.me, "now": NOW, **asked}
        return candidates.candidates(self.session, **asked)

    def names(self, **asked: Any) -> list[str]:
        return [(one.name or "-").split()[0] for one in self.page(**asked).people]

    def worked(self, person: Person, post: BankPost, ago: timedelta, **fields: Any) -> None:
        unit = fields.pop("unit", self.unit)
        past = build.a_shift(self.session, unit, starts_at=NOW - ago, **fields)
        build.a_booking(self.session, past, person, post, state=BookingState.WORKED)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        unit = build.a_unit(session, build.a_site(session, trust))
        account = build.an_account(session, display_name="Rota Desk")
        shift = build.a_shift(session, unit, starts_at=BEGINS)
        me = build.an_actor(trust, AccessRole.ROTA_COORDINATOR, account=account)
        yield Office(session, trust, unit, shift, me)


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


def test_hours_elsewhere_do_not_show_in_the_rank(office: Office) -> None:
    """The ledger is for the working-time rules: rank and figures are from this trust's bookings."""
    person, _ = office.nurse("Ada")
    build.busy_hours(office.session, person, BEGINS - timedelta(days=2), hours=8)
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


def test_people_of_another_bank_are_not_there(office: Office) -> None:
    build.a_nurse(office.session, build.an_organisation(office.session), given_name="Stranger")
    assert office.names() == []
    assert office.names(unavailable=True) == []


# Pages


@pytest.mark.parametrize("pool", [2, 500])
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_follow_each_other_without_gap_or_repeat(
    office: Office, monkeypatch: pytest.MonkeyPatch, limit: int, pool: int
) -> None:
    monkeypatch.setattr(candidate_pool, "POOL", pool)
    people = [office.nurse(f"N{number}") for number in range(7)]
    office.worked(*people[6], timedelta(days=9))
    build.busy_hours(office.session, people[0][0], BEGINS)
    for unavailable, expected in ((False, people[1:]), (True, people[:1])):
        ids: list[UUID] = []
        after = None
        while True:
            page = office.page(limit=limit, after=after, unavailable=unavailable)
            ids += [one.person_id for one in page.people]
            after = page.after
            if after is None:
                break
        assert sorted(ids) == sorted(person.id for person, _ in expected)
        if not unavailable:
            assert ids[0] == people[6][0].id, "who knows the unit is in the first pool"


def test_somebody_booked_meanwhile_leaves_no_gap(office: Office) -> None:
    people = [office.nurse(f"N{number}") for number in range(4)]
    first = office.page(limit=2)
    gone = next(person for person, _ in people if person.id == first.people[0].person_id)
    build.busy_hours(office.session, gone, BEGINS)
    second = office.page(limit=2, after=first.after)
    shown = {one.person_id for one in (*first.people, *second.people)}
    assert shown == {person.id for person, _ in people}


CURSORS = {
    "not a cursor": ("x", Invalid),
    "another list's": (cursor_text([NOW, uuid4()]), Invalid),
    "before the beginning": (cursor_text([-3, None, None, -9, None]), None),
    "behind the end": (cursor_text([9, None, None, 10**9, uuid4()]), None),
    "half a place": (cursor_text([0, None, uuid4(), 0, None]), None),
}


@pytest.mark.parametrize("case", CURSORS)
def test_a_made_up_cursor_does_no_harm(office: Office, case: str) -> None:
    text, error = CURSORS[case]
    office.nurse("Ada")
    if error is None:
        assert len(office.page(after=text).people) <= 1
    else:
        with pytest.raises(error):
            office.page(after=text)


# Calls


PHONES: dict[str, tuple[dict[str, Any], str | None]] = {
    "who allows it": ({"may_call": True, "mobile": "07700 900123"}, "07700 900123"),
    "who does not": ({"may_call": False, "mobile": "07700 900123"}, None),
    "without a number": ({"may_call": True}, None),
}


@pytest.mark.parametrize("case", PHONES)
def test_the_number_is_shown_of_somebody(office: Office, case: str) -> None:
    fields, phone = PHONES[case]
    office.nurse("Ada", **fields)
    (one,) = office.page().people
    assert one.phone == phone


def test_a_call_is_on_record_with_who_rang_and_the_answer(office: Office) -> None:
    person, _ = office.nurse("Ada")
    for minutes, answer in ((0, Answer.NO_ANSWER), (30, Answer.AGREED)):
        record_contact(
            office.session,
            shift_id=office.shift.id,
            person_id=person.id,
            answer=answer,
            by=office.me,
            now=NOW + timedelta(minutes=minutes),
        )
    (one,) = office.page().people
    assert [(a.answer, a.by_name) for a in one.attempts] == [
        (Answer.AGREED, "Rota Desk"),
        (Answer.NO_ANSWER, "Rota Desk"),
    ]
    kinds = office.session.scalars(
        sa.select(Event.kind).where(Event.subject_id == office.shift.id).order_by(Event.at)
    ).all()
    assert kinds[-2:] == ["candidate.contacted"] * 2


def test_an_application_is_said(office: Office) -> None:
    person, post = office.nurse("Ada")
    build.a_booking(office.session, office.shift, person, post, state=BookingState.APPLIED)
    (one,) = office.page().people
    assert one.applied
