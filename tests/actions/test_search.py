"""A worker finds what they may book, and on request everything of theirs with every reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.finding.search import find_shifts, one_shift
from bankhub.model.search_values import FoundPage, FoundShift, Show
from bankhub.model.shifts import Shift
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import (
    BookingState,
    Grade,
    HoursKind,
    ShiftState,
    Tier,
)
from bankhub.model.workers import BankPost
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, NotFound
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

MORNING = NOW + timedelta(days=3, hours=-2)
"""Thursday 10 September 2026, 08:00 in London."""
SOON = NOW + timedelta(hours=1)
YESTERDAY = NOW - timedelta(days=1)


@dataclass
class Ward:
    """A trust with one ward, and a nurse of its bank who may work there."""

    session: Session
    trust: Organisation
    site: Site
    unit: Unit
    nurse: Person
    post: BankPost

    @property
    def me(self) -> Actor:
        return build.as_worker(self.nurse)

    def shift(self, **fields: Any) -> Shift:
        fields.setdefault("starts_at", MORNING)
        return build.a_shift(self.session, fields.pop("unit", self.unit), **fields)

    def find(self, **asked: Any) -> FoundPage:
        asked = {"by": self.me, "now": NOW, **asked}
        return find_shifts(self.session, **asked)

    def found(self, **asked: Any) -> list[Any]:
        return [one.shift.id for one in self.find(**asked).shifts]

    def one(self, shift: Shift) -> FoundShift:
        return one_shift(self.session, shift_id=shift.id, by=self.me, now=NOW)


@pytest.fixture
def ward(database: Database) -> Iterator[Ward]:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        site = build.a_site(session, trust)
        unit = build.a_unit(session, site)
        nurse, post = build.a_nurse(session, trust)
    with database.transaction() as session:
        yield Ward(session, trust, site, unit, nurse, post)


Make = Callable[[Ward], Shift]

FOUND: dict[str, Make] = {
    "a shift of my own role and grade": lambda w: w.shift(),
    "a shift that starts in an hour": lambda w: w.shift(starts_at=SOON),
    "a shift on the last day on which my papers hold": lambda w: w.shift(
        starts_at=datetime(2027, 6, 1, 7, tzinfo=NOW.tzinfo)
    ),
    "a shift whose own grade is above mine and whose fallback is mine and open": lambda w: w.shift(
        grade=Grade.BAND_6, fallback_grade=Grade.BAND_5
    ),
    "a shift an agency holds that can still be displaced": lambda w: w.shift(
        state=ShiftState.FILLED, agency_lock_at=NOW + timedelta(hours=5)
    ),
    "a shift where the unit chooses among those who apply": lambda w: w.shift(instant_book=False),
}


@pytest.mark.parametrize("case", FOUND)
def test_a_worker_finds(ward: Ward, case: str) -> None:
    shift = FOUND[case](ward)
    (found,) = ward.find().shifts
    assert (found.shift.id, found.bookable) == (shift.id, True)
    assert [one.id for one in (ward.one(shift).shift,)] == [shift.id]
    assert ward.one(shift).bookable


def _busy_then(ward: Ward) -> Shift:
    build.busy_hours(ward.session, ward.nurse, MORNING + timedelta(hours=2))
    return ward.shift()


def _on_leave_then(ward: Ward) -> Shift:
    starts = MORNING - timedelta(days=5)
    build.busy_hours(ward.session, ward.nurse, starts, hours=240, kind=HoursKind.LEAVE)
    return ward.shift()


def _restricted(ward: Ward) -> Shift:
    build.a_restriction(ward.session, ward.post, ward.unit.id)
    return ward.shift()


NOT_BOOKABLE: dict[str, tuple[Make, str]] = {
    "I am busy at that time": (_busy_then, "overlap"),
    "I am on leave": (_on_leave_then, "on_leave"),
    "I am not to be booked on that ward": (_restricted, "do_not_book"),
    "its grade is above mine": (lambda w: w.shift(grade=Grade.BAND_6), "grade_not_held"),
    "its fallback grade is mine but not open yet": (
        lambda w: w.shift(
            grade=Grade.BAND_6,
            fallback_grade=Grade.BAND_5,
            openings={Tier.OWN_FALLBACK: NOW + timedelta(minutes=1)},
        ),
        "grade_not_open_yet",
    ),
    "it asks for a skill that I do not have": (
        lambda w: w.shift(skills=["cannulation"]),
        "skill_missing",
    ),
    "my training has run out by then": (
        lambda w: w.shift(starts_at=datetime(2027, 6, 2, 7, tzinfo=NOW.tzinfo)),
        "training_out_of_date",
    ),
}


@pytest.mark.parametrize("case", NOT_BOOKABLE)
def test_what_i_cannot_book_is_shown_on_request_with_its_reason(ward: Ward, case: str) -> None:
    make, code = NOT_BOOKABLE[case]
    shift = make(ward)
    assert ward.found() == []
    (shown,) = ward.find(show=Show.ALL).shifts
    assert (shown.shift.id, shown.bookable) == (shift.id, False)
    assert code in [reason.code for reason in shown.reasons]
    assert ward.one(shift) == shown


def test_every_reason_is_given_at_once(ward: Ward) -> None:
    _restricted(ward)
    _busy_then(ward)
    for shown in ward.find(show=Show.ALL).shifts:
        assert {"do_not_book", "overlap"} <= {reason.code for reason in shown.reasons}


def _elsewhere(ward: Ward) -> Unit:
    other = build.an_organisation(ward.session, name="Elsewhere NHS Trust")
    return build.a_unit(ward.session, build.a_site(ward.session, other))


NOT_SHOWN: dict[str, Make] = {
    "whose own-bank tier opens in a minute": lambda w: w.shift(
        openings={Tier.OWN_BANK: NOW + timedelta(minutes=1)}
    ),
    "whose own-bank tier is closed": lambda w: w.shift(openings={Tier.OWN_BANK: None}),
    "of another trust": lambda w: w.shift(unit=_elsewhere(w)),
    "of another trust, open to its partners": lambda w: w.shift(
        unit=_elsewhere(w), openings={Tier.PARTNER: YESTERDAY}
    ),
    "that is a draft": lambda w: w.shift(state=ShiftState.DRAFT, openings={Tier.OWN_BANK: None}),
    "that was withdrawn": lambda w: w.shift(state=ShiftState.WITHDRAWN),
}


@pytest.mark.parametrize("case", NOT_SHOWN)
def test_a_worker_is_never_shown_a_shift(ward: Ward, case: str) -> None:
    shift = NOT_SHOWN[case](ward)
    assert ward.found() == []
    assert ward.found(show=Show.ALL) == []
    with pytest.raises(NotFound):
        ward.one(shift)


NOT_LISTED: dict[str, tuple[Make, str]] = {
    "a shift that has started": (lambda w: w.shift(starts_at=NOW), "already_started"),
    "a shift somebody has taken": (lambda w: w.shift(state=ShiftState.FILLED), "taken"),
    "a shift an agency holds for good": (
        lambda w: w.shift(state=ShiftState.FILLED, agency_lock_at=NOW),
        "taken",
    ),
    "a shift of another role": (
        lambda w: w.shift(role="midwife", grade=Grade.BAND_6),
        "role_not_held",
    ),
}


@pytest.mark.parametrize("case", NOT_LISTED)
def test_a_link_to_a_shift_that_is_not_listed_says_why(ward: Ward, case: str) -> None:
    make, code = NOT_LISTED[case]
    shift = make(ward)
    assert ward.found(show=Show.ALL) == []
    one = ward.one(shift)
    assert not one.bookable
    assert code in [reason.code for reason in one.reasons]


def test_a_skill_on_record_opens_the_shifts_that_ask_for_it(ward: Ward) -> None:
    build.a_fact(ward.session, ward.nurse, FactKind.SKILL, {"code": "cannulation"})
    shift = ward.shift(skills=["cannulation"])
    ward.shift(skills=["cannulation", "iv_giving"])
    assert ward.found() == [shift.id]


def test_the_grade_on_the_card_is_the_one_i_would_be_booked_at(ward: Ward) -> None:
    ward.shift(grade=Grade.BAND_6, fallback_grade=Grade.BAND_5)
    (found,) = ward.find().shifts
    assert (found.grade, found.tier) == (Grade.BAND_5, Tier.OWN_FALLBACK)
    assert found.pay is not None
    assert found.shift.grade is Grade.BAND_6


def test_an_unknown_main_job_is_said_beside_a_bookable_shift(ward: Ward) -> None:
    build.a_fact(ward.session, ward.nurse, FactKind.MAIN_JOB, {"contracted_hours": 37.5})
    ward.shift()
    (found,) = ward.find().shifts
    assert found.bookable
    assert [reason.code for reason in found.reasons] == ["main_job_not_known"]


def test_names_and_words_of_the_shift_are_those_of_its_organisation(ward: Ward) -> None:
    ward.shift(shift_code="LD", notes="Side room.", instant_book=False)
    (found,) = ward.find().shifts
    assert found.place.unit_name == "Ward 7"
    assert found.place.site_name == "Rivermead General"
    assert found.place.organisation_name == "Rivermead NHS Trust"
    assert (found.shift_code, found.notes, found.instant_book) == ("LD", "Side room.", False)


# What is mine and what is not


def test_my_own_application_leaves_the_list_and_stands_on_its_page(ward: Ward) -> None:
    shift = ward.shift(instant_book=False)
    build.a_booking(ward.session, shift, ward.nurse, ward.post, state=BookingState.APPLIED)
    assert ward.found() == []
    (shown,) = ward.find(show=Show.ALL).shifts
    assert (shown.own_booking, shown.bookable) == (BookingState.APPLIED, False)
    assert ward.one(shift) == shown


def test_my_own_booking_is_mine_to_see_whatever_became_of_the_tiers(ward: Ward) -> None:
    shift = ward.shift(openings={Tier.OWN_BANK: None})
    build.a_booking(ward.session, shift, ward.nurse, ward.post)
    one = ward.one(shift)
    assert one.own_booking is BookingState.CONFIRMED
    assert [reason.code for reason in one.reasons] == []


def test_a_colleagues_booking_is_a_taken_shift_and_nothing_more(ward: Ward) -> None:
    colleague, post = build.a_nurse(ward.session, ward.trust, given_name="Zebedee")
    shift = ward.shift()
    build.a_booking(ward.session, shift, colleague, post)
    one = ward.one(shift)
    assert one.own_booking is None
    assert [reason.code for reason in one.reasons] == ["taken"]
    assert "Zebedee" not in repr(one)
    assert str(colleague.id) not in repr(one)


def test_a_colleagues_application_says_nothing(ward: Ward) -> None:
    colleague, post = build.a_nurse(ward.session, ward.trust)
    shift = ward.shift(instant_book=False)
    build.a_booking(ward.session, shift, colleague, post, state=BookingState.APPLIED)
    (found,) = ward.find().shifts
    assert (found.bookable, found.own_booking, found.reasons) == (True, None, ())


WHO_MAY_NOT: dict[str, tuple[Callable[[Ward], Actor], type[Exception]]] = {
    "a coordinator": (lambda w: build.an_actor(w.trust, person=w.nurse), Forbidden),
    "an account without a person": (
        lambda w: build.an_actor(w.trust, AccessRole.WORKER),
        NotFound,
    ),
}


@pytest.mark.parametrize("case", WHO_MAY_NOT)
def test_only_a_worker_looks_for_shifts(ward: Ward, case: str) -> None:
    actor, error = WHO_MAY_NOT[case]
    shift = ward.shift()
    with pytest.raises(error):
        ward.find(by=actor(ward))
    with pytest.raises(error):
        one_shift(ward.session, shift_id=shift.id, by=actor(ward), now=NOW)
