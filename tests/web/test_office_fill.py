"""Filling a gap: ranked people, calls on record, booking who agreed, and soft rules lifted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bankhub.model.bookings import Booking, ContactAttempt
from bankhub.model.vocabulary import BookingState, HoursKind, ShiftState
from passport.actors import AccessRole as R
from tests.support import build
from tests.support.desk import Desk, Staff, a_desk
from tests.support.desk_work import SOON, a_nurse, ask, booked, shift_of


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def coordinator(desk: Desk) -> Staff:
    return desk.person(R.ROTA_COORDINATOR, name="Rosa Blake")


def busy(desk: Desk, person: object, starts_at: object, **fields: object) -> None:
    desk.do(lambda session: build.busy_hours(session, person, starts_at, **fields))


def test_people_stand_with_what_the_office_needs_and_a_number_where_it_may_ring(
    desk: Desk, coordinator: Staff
) -> None:
    a_nurse(desk)
    a_nurse(desk, "Tomasz", family_name="Nowak", may_call=False, mobile="07700 900777")
    page = coordinator.get(f"/office/shifts/{ask(desk, coordinator)}/fill").text
    assert 'href="tel:07700900123"' in page
    assert "Tomasz Nowak" in page
    assert "900777" not in page
    assert "Own grade" in page


def test_a_call_is_on_record_with_its_answer(desk: Desk, coordinator: Staff) -> None:
    person, _ = a_nurse(desk)
    shift_id = ask(desk, coordinator)
    fill = f"/office/shifts/{shift_id}/fill"
    done = coordinator.fill(fill, f"{fill}/{person.id}/call", answer="no_answer")
    assert done.location == fill
    assert "did not answer, called by Rosa Blake" in coordinator.get(fill).text
    agreed = coordinator.fill(fill, f"{fill}/{person.id}/call", answer="agreed")
    assert agreed.location == f"{fill}/{person.id}?agreed=phone"
    wrong = coordinator.fill(fill, f"{fill}/{person.id}/call", answer="maybe")
    assert wrong.status_code == 422
    calls = desk.do(lambda session: session.scalars(sa.select(ContactAttempt.answer)).all())
    assert sorted(calls) == ["agreed", "no_answer"]


def test_who_declined_this_shift_stands_behind_everybody_else(
    desk: Desk, coordinator: Staff
) -> None:
    people = [a_nurse(desk)[0], a_nurse(desk, "Tomasz", family_name="Nowak")[0]]
    fill = f"/office/shifts/{ask(desk, coordinator)}/fill"
    names = [f"{one.given_name} {one.family_name}" for one in people]
    for person, name in zip(people, names, strict=True):
        coordinator.fill(fill, f"{fill}/{person.id}/call", answer="declined")
        page = coordinator.get(fill).text
        assert "Declined this shift" in page
        assert sorted(names, key=page.index)[-1] == name
        coordinator.fill(fill, f"{fill}/{person.id}/call", answer="call_back")


def test_who_agreed_is_booked_in_a_second_tap(desk: Desk, coordinator: Staff) -> None:
    person, _ = a_nurse(desk)
    shift_id = ask(desk, coordinator)
    page = f"/office/shifts/{shift_id}/fill/{person.id}"
    unsaid = coordinator.fill(page, agreed_how="")
    assert unsaid.status_code == 422
    assert "Say how they agreed." in unsaid.text
    done = coordinator.fill(page, agreed_how="message")
    assert done.location == f"/office/shifts/{shift_id}"
    [booking] = desk.do(lambda session: session.scalars(sa.select(Booking)).all())
    assert (booking.state, booking.agreed_how) == (BookingState.CONFIRMED, "message")


def test_who_comes_second_is_told_and_sees_no_form(desk: Desk, coordinator: Staff) -> None:
    first, second = a_nurse(desk), a_nurse(desk, "Tomasz", family_name="Nowak")
    shift_id = ask(desk, coordinator)
    page = f"/office/shifts/{shift_id}/fill/{second[0].id}"
    fields = {"agreed_how": "phone"}
    shown = coordinator.get(page)
    token = shown.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    booked(desk, shift_id, first)
    late = coordinator.post(page, {**fields, "csrf_token": token})
    assert late.status_code == 409
    assert "The place is not open any more." in late.text


def test_those_who_cannot_are_shown_on_request_without_what_is_not_the_offices_business(
    desk: Desk, coordinator: Staff
) -> None:
    sick, _ = a_nurse(desk, "Amara", family_name="Quist")
    busy(desk, sick, SOON - timedelta(hours=1), kind=HoursKind.SICKNESS)
    elsewhere, _ = a_nurse(desk, "Tomasz", family_name="Nowak")
    busy(desk, elsewhere, SOON)
    fill = f"/office/shifts/{ask(desk, coordinator)}/fill"
    assert "Amara Quist" not in coordinator.get(fill).text
    page = coordinator.get(f"{fill}?show=unavailable").text
    assert "Not available: an absence is on record." in page
    assert "Has hours elsewhere at this time." in page
    assert "sick" not in page.lower().replace("sickness, short", "")


def rested_too_little(desk: Desk) -> object:
    """A nurse whose rest before the shift is 9 hours."""
    person, _ = a_nurse(desk)
    busy(desk, person, SOON - timedelta(hours=17), ends_at=SOON - timedelta(hours=9))
    return person.id


def test_a_manager_lifts_a_soft_rule_with_words_and_rest_on_record(desk: Desk) -> None:
    manager = desk.person(R.BANK_MANAGER, name="Noor Hale")
    person_id = rested_too_little(desk)
    shift_id = ask(desk, manager)
    fill = f"/office/shifts/{shift_id}/fill"
    assert f"{fill}/{person_id}/override" in manager.get(f"{fill}?show=unavailable").text
    page = f"{fill}/{person_id}/override"
    silent = manager.fill(page, agreed_how="phone")
    assert silent.status_code == 422
    assert "Say why this may be lifted." in silent.text
    assert "Say when the compensatory rest is taken." in silent.text
    words = {"because_daily_rest": "Nobody else for the night", "rest_daily_rest": "18 September"}
    done = manager.fill(page, agreed_how="phone", **words)
    assert done.status_code == 303
    [booking] = desk.do(lambda session: session.scalars(sa.select(Booking)).all())
    assert booking.overrides[0]["code"] == "daily_rest"
    assert booking.overrides[0]["compensatory_rest"] == "18 September"
    said = manager.get(done.location).text
    assert "Nobody else for the night" in said
    assert "compensatory rest: 18 September" in said


def test_a_coordinator_is_offered_no_override_and_cannot_send_one(
    desk: Desk, coordinator: Staff
) -> None:
    person_id = rested_too_little(desk)
    shift_id = ask(desk, coordinator)
    fill = f"/office/shifts/{shift_id}/fill"
    page = coordinator.get(f"{fill}?show=unavailable").text
    assert "/override" not in page
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = coordinator.post(
        f"{fill}/{person_id}/override",
        {
            "csrf_token": token,
            "agreed_how": "phone",
            "because_daily_rest": "x",
            "rest_daily_rest": "y",
        },
    )
    assert sent.status_code == 403
    assert shift_of(desk, shift_id).state is ShiftState.OPEN


@pytest.mark.parametrize("after", ["%%%", "W10", "eyJhIjoxfQ", "x" * 900])
def test_a_made_up_place_in_the_list_is_refused(desk: Desk, coordinator: Staff, after: str) -> None:
    fill = f"/office/shifts/{ask(desk, coordinator)}/fill"
    assert coordinator.get(fill, query_string={"after": after}).status_code == 422
