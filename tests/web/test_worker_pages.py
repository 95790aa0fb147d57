"""Bank staff on their own pages: chips that answer, a shift to say yes to, hours elsewhere."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from bankhub.model.hours import Hours
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import HoursKind
from passport.actors import AccessRole as R
from passport.model.accounts import Account
from passport.model.people import Person
from tests.support import build
from tests.support.access_web import hidden_fields
from tests.support.build_people import kept
from tests.support.desk import Desk, Staff, a_desk
from tests.support.desk_work import SOON, ask

DAY = {
    "kind": "declared",
    "starts_on": "2026-09-20",
    "starts_at": "09:00",
    "ends_on": "2026-09-20",
    "ends_at": "17:00",
    "unpaid_break_minutes": "30",
}
BACK = {"starts_on": "2026-10-25", "starts_at": "01:30", "ends_on": "2026-10-25"}
"""A start in the hour that happens twice."""


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    """Somebody with all papers, signed in as themselves."""
    staff = desk.person(R.WORKER)

    def make(session: Any) -> None:
        person, _post = build.a_nurse(session, desk.trust, mobile="07700 900123")
        session.get_one(Account, staff.actor.account_id).person_id = person.id

    desk.do(make)
    return staff


def set_instant(session: Any, desk: Desk, instant: bool) -> None:
    unit = session.get_one(Unit, desk.wards[0].id)
    unit.instant_book = instant
    kept(session, unit, desk.trust.id)


def ledger(desk: Desk) -> list[Hours]:
    found: list[Hours] = desk.do(lambda session: list(session.scalars(sa.select(Hours))))
    return found


def declared(nurse: Staff, **changes: str) -> Any:
    return nurse.fill("/my/hours", **{**DAY, **changes})


def test_hours_elsewhere_are_entered(desk: Desk, nurse: Staff) -> None:
    assert declared(nurse).status_code == 303
    [row] = ledger(desk)
    assert (row.starts_at, row.minutes) == (datetime(2026, 9, 20, 8, tzinfo=UTC), 450)
    assert "7 h 30 min" in nurse.get("/my/hours").text


def test_the_hour_that_happens_twice_is_asked_about(desk: Desk, nurse: Staff) -> None:
    assert "occurrence" not in nurse.get("/my/hours").text
    asked = declared(nurse, **BACK, ends_at="09:30", unpaid_break_minutes="0")
    assert asked.status_code == 422
    assert 'name="starts_occurrence"' in asked.text
    assert 'name="ends_occurrence"' not in asked.text
    assert 'value="01:30"' in asked.text
    declared(nurse, **BACK, ends_at="09:30", unpaid_break_minutes="0", starts_occurrence="second")
    [row] = ledger(desk)
    assert (row.starts_at.hour, row.minutes) == (1, 480)


def test_the_hour_that_never_happens_is_refused_once(desk: Desk, nurse: Staff) -> None:
    spring = {"starts_on": "2027-03-28", "starts_at": "01:30", "ends_on": "2027-03-28"}
    refused = declared(nurse, **spring)
    assert refused.status_code == 422
    assert "01:30 does not exist on 28 March 2027" in refused.text
    assert ledger(desk) == []


def test_every_mistake_is_named_at_once(desk: Desk, nurse: Staff) -> None:
    wrong = declared(nurse, starts_on="", ends_at="soon", unpaid_break_minutes="few")
    assert wrong.status_code == 422
    for field in ("starts_on", "ends_at", "unpaid_break_minutes"):
        assert f'href="#{field}"' in wrong.text
    backwards = declared(nurse, ends_at="08:00")
    assert "The end must be after the start." in backwards.text
    assert "break" not in re.findall(r'class="nhsuk-error-message".*?</span>', backwards.text, re.S)


def test_hours_are_changed_and_keep_to_the_limits_of_a_form(desk: Desk, nurse: Staff) -> None:
    declared(nurse, **BACK, ends_at="09:30", starts_occurrence="second")
    [row] = ledger(desk)
    page = f"/my/hours/{row.id}"
    assert f'href="{page}"' in nurse.get("/my/hours").text
    form = nurse.get(page).text
    for typed in ('value="2026-10-25"', 'value="01:30"', 'value="30"'):
        assert typed in form
    assert re.search(r'value="second" checked', form)
    wrong = nurse.fill(page, **{**DAY, "ends_at": "08:00"})
    assert (wrong.status_code, 'value="08:00"' in wrong.text) == (422, True)
    assert nurse.fill(page, **{**DAY, "ends_at": "18:00"}).status_code == 303
    [row] = ledger(desk)
    assert (row.starts_at, row.minutes) == (datetime(2026, 9, 20, 8, tzinfo=UTC), 510)


def test_only_what_one_entered_oneself_can_be_changed(desk: Desk, nurse: Staff) -> None:
    declared(nurse)
    [row] = ledger(desk)
    other = desk.person(R.WORKER)
    assert other.get(f"/my/hours/{row.id}").status_code == 404

    def rostered(session: Any) -> Hours:
        person = session.get_one(Person, row.person_id)
        return build.busy_hours(session, person, desk.now, kind=HoursKind.DUTY)

    duty = desk.do(rostered)
    assert nurse.get(f"/my/hours/{duty.id}").status_code == 404
    assert f'href="/my/hours/{duty.id}"' not in nurse.get("/my/hours").text


def chips(page: str) -> dict[str, str]:
    found = re.findall(r'<a class="chip[^"]*" href="([^"]*)"[^>]*>([^<]*)', page)
    return {words: url.replace("&amp;", "&") for url, words in found}


def days_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_this_week_and_the_weekend_take_each_others_place(desk: Desk, nurse: Staff) -> None:
    weekend = chips(nurse.get("/my/find").text)["Next weekend"]
    assert weekend == "/my/find?from=2026-09-12&until=2026-09-13"
    week = chips(nurse.get(weekend).text)["This week"]
    assert week == "/my/find?until=2026-09-13"
    assert days_of(chips(nurse.get(week).text)["Next weekend"]) == days_of(weekend)
    assert chips(nurse.get(week).text)["This week"] == "/my/find"


def test_the_shift_says_its_pay_and_terms_before_the_button(desk: Desk, nurse: Staff) -> None:
    shift_id = ask(desk, desk.person(R.ROTA_COORDINATOR), starts_at=SOON)
    desk.move(days=2)
    page = nurse.get(f"/my/shifts/{shift_id}").text
    assert 'href="tel:01632960123"' in page
    terms = f"{SOON - timedelta(hours=24):%d %b}"
    assert terms in page


def test_a_shift_one_gave_back_can_be_taken_again(desk: Desk, nurse: Staff) -> None:
    shift_id = ask(desk, desk.person(R.ROTA_COORDINATOR), starts_at=SOON)
    desk.move(days=2)
    page, book = f"/my/shifts/{shift_id}", f"/my/shifts/{shift_id}/book"
    for _time in ("first", "again"):
        assert nurse.fill(page, book).location == "/my/shifts"
        assert book not in nurse.get(page).text
        [cancel] = re.findall(r'href="(/my/bookings/[^"]+/cancel)"', nurse.get("/my/shifts").text)
        assert nurse.fill(cancel, because="Childcare").location == "/my/shifts"
        assert book in nurse.get(page).text


@pytest.mark.parametrize(("instant", "words"), [(True, "booked"), (False, "applied for")])
def test_the_other_tab_says_that_the_shift_is_ones_own(
    desk: Desk, nurse: Staff, instant: bool, words: str
) -> None:
    desk.do(lambda session: set_instant(session, desk, instant))
    shift_id = ask(desk, desk.person(R.ROTA_COORDINATOR), starts_at=SOON)
    desk.move(days=2)
    page, book = f"/my/shifts/{shift_id}", f"/my/shifts/{shift_id}/book"
    in_the_other_tab = hidden_fields(nurse.get(page).text, book)
    nurse.fill(page, book)
    nurse.get("/my/shifts")
    assert nurse.post(book, in_the_other_tab).location == "/my/shifts"
    assert f"You have {words} this shift already." in nurse.get("/my/shifts").text


def test_an_application_is_taken_back_not_cancelled(desk: Desk, nurse: Staff) -> None:
    desk.do(lambda session: set_instant(session, desk, False))
    shift_id = ask(desk, desk.person(R.ROTA_COORDINATOR), starts_at=SOON)
    desk.move(days=2)
    nurse.fill(f"/my/shifts/{shift_id}", f"/my/shifts/{shift_id}/book")
    shown = nurse.get("/my/shifts").text
    [cancel] = re.findall(r'href="(/my/bookings/[^"]+/cancel)"', shown)
    asked = nurse.get(cancel).text
    assert "Take this application back?" in asked
    assert "Cancel this booking" not in asked
    nurse.fill(cancel)
    assert "Your application is taken back." in nurse.get("/my/shifts").text


def test_what_was_given_back_already_is_not_offered_again(desk: Desk, nurse: Staff) -> None:
    shift_id = ask(desk, desk.person(R.ROTA_COORDINATOR), starts_at=SOON)
    desk.move(days=2)
    nurse.fill(f"/my/shifts/{shift_id}", f"/my/shifts/{shift_id}/book")
    [cancel] = re.findall(r'href="(/my/bookings/[^"]+/cancel)"', nurse.get("/my/shifts").text)
    in_the_other_tab = hidden_fields(nurse.get(cancel).text, cancel)
    nurse.fill(cancel, because="Childcare")
    again = nurse.post(cancel, in_the_other_tab)
    assert again.status_code == 409
    for page in (again.text, nurse.get(cancel).text):
        assert "There is nothing to cancel" in page
        assert f'action="{cancel}"' not in page


def test_whoever_cancels_too_late_is_told_whom_to_ring(desk: Desk, nurse: Staff) -> None:
    shift_id = ask(desk, desk.person(R.ROTA_COORDINATOR), starts_at=SOON)
    desk.move(days=2)
    nurse.fill(f"/my/shifts/{shift_id}", f"/my/shifts/{shift_id}/book")
    [cancel] = re.findall(r'href="(/my/bookings/[^"]+/cancel)"', nurse.get("/my/shifts").text)
    opened_in_time = hidden_fields(nurse.get(cancel).text, cancel)
    desk.clock[0] = SOON - timedelta(hours=2)
    late = nurse.post(cancel, {**opened_in_time, "because": "Childcare"})
    assert late.status_code == 409
    assert "Ring the bank office" in late.text
    assert 'href="tel:01632960123"' in late.text


def test_an_empty_list_names_the_last_day_that_was_looked_at(desk: Desk, nurse: Staff) -> None:
    page = nurse.get("/my/find?until=2026-09-13").text
    assert "No shifts to show up to Sun 13 Sep 2026." in page


def test_a_thing_to_fix_leads_nowhere_that_does_not_help(desk: Desk) -> None:
    staff = desk.person(R.WORKER)

    def make(session: Any) -> None:
        person, _post = build.a_nurse(session, desk.trust, papers=False)
        session.get_one(Account, staff.actor.account_id).person_id = person.id

    desk.do(make)
    home = staff.get("/my/").text
    todos = re.findall(r'<li class="todo .*?</li>', home, re.S)
    assert todos
    assert not any('href="/account"' in todo for todo in todos)
