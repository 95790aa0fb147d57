"""The pages of a candidate list, and the calls that are put on record beside it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from bankhub.actions.finding import candidate_pool
from bankhub.actions.finding.candidates import Answer, record_contact
from bankhub.actions.finding.cursors import cursor_text
from bankhub.model.vocabulary import BookingState
from passport.db import Database
from passport.errors import Invalid
from passport.events import Event
from tests.support import build
from tests.support.build import NOW
from tests.support.office import BEGINS, Office, an_office


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    with database.transaction() as session:
        yield an_office(session)


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
