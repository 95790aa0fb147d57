"""Check-in on pages: the worker's phone and the ward's list, for people of the own bank."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.booking import arrivals, bookings
from bankhub.model.bookings import Booking
from bankhub.model.clearances import CheckIn
from bankhub.model.vocabulary import BookingState
from passport.actors import AccessRole as R
from passport.events import Event
from passport.model.accounts import Account
from passport.model.facts import Fact, FactKind
from passport.model.people import Person
from tests.support import build
from tests.support.access_web import actions_on, hidden_fields
from tests.support.build_people import kept
from tests.support.desk import Desk, Staff, a_desk


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    """Somebody with all papers, signed in as themselves."""
    staff = desk.person(R.WORKER)

    def make(session: Any) -> None:
        person, _post = build.a_nurse(session, desk.trust, given_name="Ama", family_name="Osei")
        session.get_one(Account, staff.actor.account_id).person_id = person.id

    desk.do(make)
    return staff


def booked(desk: Desk, nurse: Staff, hours: float = 0.5) -> Any:
    """The id of a booking of the nurse that starts in so many hours."""

    def make(session: Any) -> Any:
        starts_at = desk.now + timedelta(days=2)
        shift = build.a_shift(session, desk.wards[0], starts_at=starts_at)
        account = session.get_one(Account, nurse.actor.account_id)
        by = build.as_worker(session.get_one(Person, account.person_id), account=account)
        return bookings.book(session, shift_id=shift.id, by=by, now=desk.now).booking_id

    booking_id = desk.do(make)
    desk.move(days=2, hours=-hours)
    return booking_id


def press(who: Staff, action: str, **fields: str) -> Any:
    """Send a form whose button may not be drawn."""
    page = who.get("/account").text
    return who.post(action, {**hidden_fields(page, actions_on(page)[0]), **fields})


def state_of(desk: Desk, booking_id: Any) -> BookingState:
    found: BookingState = desk.do(lambda session: session.get_one(Booking, booking_id).state)
    return found


def ends_registration(desk: Desk) -> None:
    def end(session: Any) -> None:
        for fact in session.scalars(sa.select(Fact).where(Fact.kind == FactKind.REGISTRATION)):
            fact.valid_until = build.NOW.date()
            kept(session, fact, desk.trust.id)

    desk.do(end)


def test_a_worker_checks_in_from_my_shifts(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse)
    url = f"/my/bookings/{booking_id}/check-in"
    assert url in nurse.get("/my/shifts").text
    assert url in nurse.get("/my/").text
    assert "I am here: check in" in nurse.get(url).text
    assert nurse.fill(url).status_code == 303
    assert state_of(desk, booking_id) is BookingState.CHECKED_IN
    page = nurse.get(url).text
    assert "You are checked in" in page
    assert "Nothing is due" in page
    assert "I am here" not in page


def test_before_it_opens_there_is_no_button(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse, hours=3)
    url = f"/my/bookings/{booking_id}/check-in"
    assert url not in nurse.get("/my/shifts").text
    page = nurse.get(url).text
    assert "Check-in opens" in page
    assert "I am here" not in page
    refused = press(nurse, url)
    assert refused.status_code == 409
    assert "Check-in opens" in refused.text


def test_whoever_may_not_start_reads_why_and_whom_to_ring(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse)
    ends_registration(desk)
    url = f"/my/bookings/{booking_id}/check-in"
    page = nurse.get(url).text
    assert "Why you cannot start" in page
    assert "registration on record does not cover" in page
    assert "01632 960123" in page
    assert "I am here" not in page
    refused = press(nurse, url)
    assert refused.status_code == 409
    assert "You cannot start this shift" in refused.text


def test_a_ward_checks_somebody_in_from_its_list(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse)
    ward = desk.person(R.WARD_REQUESTER, name="Sister Jones")
    here = f"/office/arrivals/{booking_id}"
    listed = ward.get("/office/arrivals/").text
    assert "Ama Osei" in listed
    assert "Expected" in listed
    assert f"{here}/check-in" in listed
    assert "They are here: check in" in ward.get(here).text
    assert ward.fill(here, f"{here}/check-in").status_code == 303
    assert state_of(desk, booking_id) is BookingState.CHECKED_IN
    assert "by the ward" in ward.get(here).text
    assert "Checked in" in ward.get("/office/arrivals/").text
    assert f"{here}/check-in" not in ward.get("/office/arrivals/").text


def test_a_ward_is_not_told_what_is_wrong_with_somebody(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse)
    ends_registration(desk)
    ward = desk.person(R.WARD_REQUESTER)
    here = f"/office/arrivals/{booking_id}"
    page = ward.get(here).text
    assert "Not eligible: ask the bank office." in page
    assert "registration" not in page.casefold()
    assert press(ward, f"{here}/check-in").status_code == 409
    assert desk.do(lambda session: session.scalar(sa.select(CheckIn.booking_id))) is None


def test_the_list_is_of_one_unit_where_it_is_asked_for(desk: Desk, nurse: Staff) -> None:
    booked(desk, nurse)
    ward = desk.person(R.WARD_REQUESTER)
    seven, eight = desk.wards[0].id, desk.wards[1].id
    assert "Ama Osei" in ward.get(f"/office/arrivals/?unit={seven}").text
    assert "Nobody is booked" in ward.get(f"/office/arrivals/?unit={eight}").text
    assert ward.get("/office/arrivals/?unit=nonsense").status_code == 404


def test_an_own_persons_booking_has_no_induction_to_sign(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse)
    ward = desk.person(R.WARD_REQUESTER)
    url = f"/office/arrivals/{booking_id}"
    assert press(ward, f"{url}/induction", item="induction.ward").status_code == 404


@pytest.mark.parametrize("role", [R.HR_OFFICER, R.AUDITOR, R.WORKER])
def test_the_list_is_for_ward_and_office(desk: Desk, role: R) -> None:
    assert desk.person(role).get("/office/arrivals/").status_code == 403


def test_a_manager_lets_somebody_start_with_a_reason_lifted(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse)

    def old(session: Any) -> None:
        for fact in session.scalars(sa.select(Fact).where(Fact.kind == FactKind.TRAINING)):
            fact.awarded_on = fact.awarded_on.replace(year=2020)
            kept(session, fact, desk.trust.id)

    desk.do(old)
    here = f"/office/arrivals/{booking_id}"
    manager, ward = desk.person(R.BANK_MANAGER), desk.person(R.WARD_REQUESTER)
    assert f"{here}/lift" in manager.get(here).text
    assert f"{here}/lift" not in ward.get(here).text
    assert ward.get(f"{here}/lift").status_code in (303, 403)
    wrong = manager.fill(f"{here}/lift", because="")
    assert wrong.status_code == 422
    assert "Say why they may start" in wrong.text
    assert manager.fill(f"{here}/lift", because="On Monday's course").status_code == 303
    assert state_of(desk, booking_id) is BookingState.CHECKED_IN


def test_what_nobody_may_lift_has_no_such_button(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse)
    ends_registration(desk)
    manager = desk.person(R.BANK_MANAGER)
    here = f"/office/arrivals/{booking_id}"
    assert f"{here}/lift" not in manager.get(here).text
    assert "nothing here that you may lift" in manager.get(f"{here}/lift").text
    assert press(manager, f"{here}/lift", because="Please").status_code == 409
    assert state_of(desk, booking_id) is BookingState.CONFIRMED


def test_whoever_is_refused_leaves_an_event_on_every_face(desk: Desk, nurse: Staff) -> None:
    booking_id = booked(desk, nurse)
    ends_registration(desk)
    ward = desk.person(R.WARD_REQUESTER)
    own, here = f"/my/bookings/{booking_id}/check-in", f"/office/arrivals/{booking_id}/check-in"
    assert press(nurse, own).status_code == 409
    assert press(ward, here).status_code == 409
    assert desk.do(checked) == []
    events = desk.do(refusals)
    assert [one.by_account_id for one in events] == [nurse.actor.account_id, ward.actor.account_id]
    assert all("codes" in one.detail for one in events)
    told = ward.get(f"/office/shifts/{events[0].subject_id}").text
    assert "Ama Osei was not let start" in told


def refusals(session: Any) -> list[Event]:
    kind = Event.kind == "booking.check_in_refused"
    return list(session.scalars(sa.select(Event).where(kind).order_by(Event.id)))


def checked(session: Any) -> list[CheckIn]:
    return list(session.scalars(sa.select(CheckIn)))


def test_a_list_that_is_cut_says_so(
    desk: Desk, nurse: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(desk, nurse)
    ward = desk.person(R.WARD_REQUESTER)
    assert "Choose a unit to see everybody" not in ward.get("/office/arrivals/").text
    monkeypatch.setattr(arrivals, "MOST", 1)
    assert "Choose a unit to see everybody" in ward.get("/office/arrivals/").text
