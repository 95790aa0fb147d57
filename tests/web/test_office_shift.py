"""One shift's page: who sees it and why, everything that happened, and what can be done."""

from datetime import timedelta

import pytest

from bankhub.actions.notices import announce
from bankhub.model.vocabulary import RequestReason, ShiftState, Tier
from passport.actors import AccessRole as R
from passport.actors import job
from tests.support.access_web import actions_on
from tests.support.desk import Desk, Staff, a_desk
from tests.support.desk_work import SOON, a_nurse, applied, ask, booked, shift_of

LONG = {
    "hours": 14,
    "unpaid_break_minutes": 0,
    "reason": RequestReason.OTHER,
    "reason_text": "Escort to Leeds",
}
"""Above the threshold: somebody else must authorise it."""


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def coordinator(desk: Desk) -> Staff:
    return desk.person(R.ROTA_COORDINATOR, name="Rosa Blake")


def test_the_page_says_who_sees_it_since_when_and_why(desk: Desk, coordinator: Staff) -> None:
    page = coordinator.get(f"/office/shifts/{ask(desk, coordinator)}").text
    assert "since Mon 7 Sep 2026, 10:00: the own bank sees every shift" in page
    assert "Off-framework</strong>: break-glass only." in page
    assert "opens Thu 10 Sep 2026, 07:30, because that is when the policy" in page


def test_cover_for_a_strike_is_closed_to_every_agency_in_words(
    desk: Desk, coordinator: Staff
) -> None:
    shift_id = ask(desk, coordinator, reason=RequestReason.INDUSTRIAL_ACTION)
    page = coordinator.get(f"/office/shifts/{shift_id}").text
    assert (
        page.count("Cover for industrial action is closed to this tier. Nobody can open it.") >= 4
    )


def test_the_history_answers_who_asked_why_who_was_told_and_who_declined(
    desk: Desk, coordinator: Staff
) -> None:
    shift_id = ask(desk, coordinator)
    nurse, other = a_nurse(desk), a_nurse(desk, "Tomasz", family_name="Nowak")
    desk.do(lambda session: announce(session, by=job(), now=desk.move(minutes=5)))
    fill = f"/office/shifts/{shift_id}/fill"
    coordinator.fill(fill, f"{fill}/{other[0].id}/call", answer="declined")
    coordinator.fill(f"{fill}/{nurse[0].id}", agreed_how="phone")
    page = coordinator.get(f"/office/shifts/{shift_id}").text
    for said in (
        "Asked for and authorised at once",
        "by Rosa Blake",
        "Own bank: people who asked for mail were told",
        "Tomasz Nowak was called by Rosa Blake and declined",
        "Grace Mensah was booked: agreed: phone",
        "Grace Mensah was told of the booking",
        "Acuity or dependency",
    ):
        assert said in page, said


def test_a_request_above_the_threshold_waits_for_somebody_else(desk: Desk) -> None:
    ward, budget = desk.person(R.WARD_REQUESTER, R.BUDGET_HOLDER), desk.person(R.BUDGET_HOLDER)
    shift_id = ask(desk, ward, **LONG)
    assert shift_of(desk, shift_id).state is ShiftState.SUBMITTED
    queue = budget.get("/office/authorise").text
    assert "Escort to Leeds" in queue
    assert "£" in queue
    own = ward.post(
        f"/office/shifts/{shift_id}/authorise",
        {"csrf_token": _token(ward, f"/office/shifts/{shift_id}")},
    )
    assert own.status_code == 409
    assert "Somebody other than the one who asked" in own.text
    done = budget.fill("/office/authorise", shift=str(shift_id))
    assert done.status_code == 303
    assert shift_of(desk, shift_id).state is ShiftState.OPEN
    assert "1 request authorised and open" in budget.get("/office/authorise").text


def _token(staff: Staff, page: str) -> str:
    text = staff.get(page).text
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_one_refusal_stops_no_other_request(desk: Desk) -> None:
    holder, ward = desk.person(R.BUDGET_HOLDER, R.WARD_REQUESTER), desk.person(R.WARD_REQUESTER)
    mine, theirs = ask(desk, holder, **LONG), ask(desk, ward, **LONG)
    holder.fill("/office/authorise", shift=[str(mine), str(theirs)])
    assert shift_of(desk, mine).state is ShiftState.SUBMITTED
    assert shift_of(desk, theirs).state is ShiftState.OPEN
    assert "Not authorised: Somebody other than" in holder.get("/office/authorise").text


def test_turning_down_wants_words_and_keeps_them(desk: Desk) -> None:
    ward, budget = desk.person(R.WARD_REQUESTER), desk.person(R.BUDGET_HOLDER)
    shift_id = ask(desk, ward, **LONG)
    page = f"/office/shifts/{shift_id}/reject"
    silent = budget.fill(page, because="  ")
    assert silent.status_code == 422
    assert "A reason is needed." in silent.text
    budget.fill(page, because="Two nurses are enough")
    assert shift_of(desk, shift_id).state is ShiftState.REJECTED
    told = ward.get(f"/office/shifts/{shift_id}").text
    assert "Two nurses are enough" in told
    assert "Nobody: it was not authorised." in told


def test_withdrawing_says_whether_the_need_ended(desk: Desk, coordinator: Staff) -> None:
    shift_id = ask(desk, coordinator)
    page = f"/office/shifts/{shift_id}/withdraw"
    assert coordinator.fill(page, because="NHS number 943 476 5919").status_code == 422
    done = coordinator.fill(page, because="Beds closed", need_ended="yes")
    assert done.status_code == 303
    shift = shift_of(desk, shift_id)
    assert (shift.state, shift.need_ended) == (ShiftState.WITHDRAWN, True)


def test_of_what_nobody_is_offered_any_more_the_page_says_who_saw_it(
    desk: Desk, coordinator: Staff
) -> None:
    gone, past = ask(desk, coordinator), ask(desk, coordinator, ward=1)
    desk.move(days=4)
    coordinator.fill(f"/office/shifts/{gone}/withdraw", because="Beds closed")
    page = coordinator.get(f"/office/shifts/{gone}").text
    assert "It was withdrawn: nobody is offered it now." in page
    assert "Was open" in page
    assert "Never opened" in page
    assert "Opens later" not in page
    desk.move(days=7)
    page = coordinator.get(f"/office/shifts/{past}").text
    assert "Its start has passed: nobody is offered it now." in page
    assert "Was open" in page


def test_after_the_start_nothing_is_withdrawn(desk: Desk, coordinator: Staff) -> None:
    shift_id = ask(desk, coordinator)
    desk.move(days=11)
    page = coordinator.get(f"/office/shifts/{shift_id}").text
    assert "Unfilled" in page
    assert "/withdraw" not in page
    answer = coordinator.fill(f"/office/shifts/{shift_id}/withdraw", because="Too late")
    assert answer.status_code == 409
    assert "the shift stays in the figures" in answer.text


def test_opening_early_keeps_the_order_and_the_words(desk: Desk, coordinator: Staff) -> None:
    shift_id = ask(desk, coordinator)
    page = f"/office/shifts/{shift_id}/open-early"
    jump = coordinator.fill(page, tier=Tier.AGENCY_1.value, because="Hurry")
    assert jump.status_code == 409
    silent = coordinator.fill(page, tier=Tier.PARTNER.value, because="")
    assert silent.status_code == 422
    wrong = coordinator.fill(page, tier="all_of_them", because="Hurry")
    assert wrong.status_code == 422
    desk.move(hours=2)
    done = coordinator.fill(page, tier=Tier.PARTNER.value, because="Nobody of ours is free")
    assert done.status_code == 303
    said = coordinator.get(done.location).text
    assert "opened early by Rosa Blake: Nobody of ours is free" in said


def test_a_booking_is_cancelled_for_the_ward_or_the_worker(desk: Desk, coordinator: Staff) -> None:
    shift_id = ask(desk, coordinator)
    booking = booked(desk, shift_id, a_nurse(desk))
    page = f"/office/shifts/{shift_id}/bookings/{booking.id}/cancel"
    assert coordinator.fill(page, because="Quiet").status_code == 422
    assert coordinator.fill(page, whose="ward", because="").status_code == 422
    done = coordinator.fill(page, whose="ward", because="Beds closed")
    assert done.status_code == 303
    assert shift_of(desk, shift_id).state is ShiftState.OPEN
    said = coordinator.get(done.location).text
    assert "booking was cancelled for the ward: Beds closed" in said
    assert "told of the cancellation" in said


def test_an_applicant_is_accepted_or_declined(desk: Desk) -> None:
    ward = desk.person(R.WARD_REQUESTER)
    shift_id = ask(desk, ward, instant_book=False)
    taken = applied(desk, shift_id, a_nurse(desk))
    left = applied(desk, shift_id, a_nurse(desk, "Tomasz", family_name="Nowak"))
    waiting = ward.get("/office/applications").text
    assert "Grace Mensah" in waiting
    assert "Tomasz Nowak" in waiting
    no = ward.fill("/office/applications", f"/office/applications/{left.id}/decline")
    assert no.status_code == 303
    yes = ward.fill("/office/applications", f"/office/applications/{taken.id}/accept")
    assert yes.status_code == 303
    page = ward.get(f"/office/shifts/{shift_id}").text
    assert "Grace Mensah was booked" in page
    assert "Tomasz Nowak's application was declined" in page or "Tomasz Nowak&#39;s" in page


def test_a_ward_that_accepts_in_vain_reads_no_more_than_it_may(desk: Desk) -> None:
    ward = desk.person(R.WARD_REQUESTER)
    nurse = a_nurse(desk)
    elsewhere = ask(desk, ward, ward=1)
    shift_id = ask(desk, ward)
    application = applied(desk, shift_id, nurse)
    booked(desk, elsewhere, nurse)
    answer = ward.fill("/office/applications", f"/office/applications/{application.id}/accept")
    assert answer.status_code == 409
    assert "Not available at this time." in answer.text
    assert "Ward 8" not in answer.text


def test_an_open_shift_is_changed_and_searched_for_again(desk: Desk, coordinator: Staff) -> None:
    shift_id = ask(desk, coordinator)
    page = f"/office/shifts/{shift_id}/amend"
    shown = coordinator.get(page).text
    assert 'value="07:30"' in shown
    typed = {
        "unit_id": str(desk.wards[1].id),
        "grade": "band_5",
        "on": "2026-09-18",
        "starts": "08:30",
        "ends": "15:30",
        "unpaid_break_minutes": "30",
        "reason": "acuity",
    }
    assert coordinator.fill(page, **(typed | {"grade": "consultant"})).status_code == 422
    assert coordinator.fill(page, **(typed | {"on": "soon"})).status_code == 422
    assert coordinator.fill(page, **(typed | {"unit_id": str(shift_id)})).status_code == 422
    done = coordinator.fill(page, **typed)
    assert done.status_code == 303
    shift = shift_of(desk, shift_id)
    assert shift.unit_id == desk.wards[1].id
    assert shift.starts_at == SOON + timedelta(days=1, hours=1)
    assert "Changed: end, start, unit" in coordinator.get(done.location).text
    again = coordinator.fill(page, **typed)
    told = coordinator.get(again.location).text
    assert "Nothing was changed." in told
    assert told.count("Changed:") == 1
    assert shift_of(desk, shift_id).version == shift.version


def test_a_booked_shift_keeps_its_place_and_moves_only_with_its_worker(
    desk: Desk, coordinator: Staff
) -> None:
    nurse = a_nurse(desk)
    shift_id = ask(desk, coordinator)
    booked(desk, ask(desk, coordinator, ward=1, starts_at=SOON + timedelta(days=1)), nurse)
    booked(desk, shift_id, nurse)
    page = f"/office/shifts/{shift_id}/amend"
    assert 'name="unit_id"' not in coordinator.get(page).text
    typed = {
        "on": "2026-09-17",
        "starts": "08:00",
        "ends": "15:30",
        "unpaid_break_minutes": "30",
        "reason": "acuity",
        "notes": "Use door 3",
    }
    clash = coordinator.fill(page, **(typed | {"on": "2026-09-18"}))
    assert clash.status_code == 409
    assert "Has hours elsewhere at this time." in clash.text
    assert "Use door 3" in clash.text
    assert coordinator.fill(page, **typed).status_code == 303
    assert shift_of(desk, shift_id).starts_at == SOON + timedelta(minutes=30)


def test_buttons_follow_the_role(desk: Desk, coordinator: Staff) -> None:
    shift_id = ask(desk, coordinator)
    auditor = desk.person(R.AUDITOR)
    page = auditor.get(f"/office/shifts/{shift_id}").text
    own = [one for one in actions_on(page) if one.startswith("/office")]
    assert own == []
    assert "Fill this gap" not in page
