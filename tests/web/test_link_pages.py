"""“Is this also you?” on a worker's pages: asked, confirmed, refused, undone, clashes in words."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bankhub.model.vocabulary import HoursKind
from passport.actors import AccessRole as R
from passport.model.accounts import Account
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW
from tests.support.desk import Desk, Staff, a_desk

EMAIL = "ada@example.org"


@dataclass
class Two:
    """A nurse of one bank, signed in, and a record at another that may be hers."""

    desk: Desk
    nurse: Staff
    mine: Person
    theirs: Person
    other: Organisation


@pytest.fixture
def two(sqlite_url: str) -> Two:
    desk = a_desk(sqlite_url)
    nurse = desk.person(R.WORKER)

    def make(session: Any) -> tuple[Person, Person, Organisation]:
        mine, _ = build.a_nurse(session, desk.trust)
        other = build.an_organisation(session, name="Hillside NHS Trust")
        theirs, _ = build.a_nurse(session, other, email=EMAIL)
        account = session.get_one(Account, nurse.actor.account_id)
        account.person_id, account.email = mine.id, EMAIL
        build.an_event(session, desk.trust.id)
        return mine, theirs, other

    return Two(desk, nurse, *desk.do(make))


def asked(two: Two) -> str:
    """The address of the one question there is."""
    page = two.nurse.get("/my/records").text
    [found] = set(re.findall(r'href="(/my/records/[^"]+)"', page))
    return found


def busy(two: Two, kind: HoursKind) -> None:
    def make(session: Any) -> None:
        for person in (two.mine, two.theirs):
            build.busy_hours(session, person, NOW + timedelta(days=3), hours=8, kind=kind)

    two.desk.do(make)


def holder(two: Two) -> Any:
    return two.desk.do(lambda session: session.get_one(Person, two.theirs.id).holder_id)


def test_home_asks_and_stops_asking_once_answered(two: Two) -> None:
    assert "Is this also you?" in two.nurse.get("/my/").text
    question = asked(two)
    assert "Hillside NHS Trust" in two.nurse.get(question).text
    two.nurse.fill(question, f"{question}/refuse")
    assert "Is this also you?" not in two.nurse.get("/my/").text
    assert "Hillside" not in two.nurse.get("/my/records").text
    assert two.nurse.get(question).status_code == 404
    assert holder(two) == two.theirs.id


def test_confirmed_and_undone(two: Two) -> None:
    question = asked(two)
    assert two.nurse.fill(question, f"{question}/confirm").location == "/my/records"
    assert holder(two) == two.mine.id
    assert "Part these records again?" in two.nurse.get(question).text
    two.nurse.fill(question, f"{question}/undo")
    assert holder(two) == two.theirs.id
    assert "Link again" in two.nurse.get("/my/records").text


def test_hours_on_top_of_each_other_are_shown_and_stand(two: Two) -> None:
    busy(two, HoursKind.DUTY)
    question = asked(two)
    page = two.nurse.get(question).text
    assert "Both records are busy at the same time" in page
    assert "Thu 10 Sep 2026, 10:00–18:00" in page
    two.nurse.fill(question, f"{question}/confirm")
    assert holder(two) == two.mine.id


def test_two_bookings_at_once_bar_the_link_and_say_so(two: Two) -> None:
    def make(session: Any) -> None:
        for person in (two.mine, two.theirs):
            site = build.a_site(session, session.get_one(Organisation, person.organisation_id))
            shift = build.a_shift(
                session, build.a_unit(session, site), starts_at=NOW + timedelta(days=3)
            )
            build.a_booking(session, shift, person, build.a_post(session, person))

    two.desk.do(make)
    question = asked(two)
    refused = two.nurse.fill(question, f"{question}/confirm")
    assert refused.status_code == 409
    assert "Cancel one of the two bookings" in refused.text
    assert holder(two) == two.theirs.id


def test_nobody_else_sees_or_answers_the_question(two: Two) -> None:
    question = asked(two)
    for stranger in (two.desk.person(R.BANK_MANAGER), two.desk.person(R.WORKER, at=two.other)):
        assert stranger.get(question).status_code == 404
        assert "Nothing to link." in stranger.get("/my/records").text
