"""Agency fills and break-glass on the pages: only when open, always by two people, reviewed."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from bankhub.model.bookings import AgencyFill, BreakGlass
from bankhub.model.vocabulary import ShiftState
from passport.actors import AccessRole as R
from tests.support.desk import Desk, Staff, a_desk
from tests.support.desk_work import ask, shift_of

FILL = {
    "tier": "agency_1",
    "agency_name": "Harbour Nursing",
    "framework": "RM6281",
    "rate_pence_per_hour": "48.50",
    "worker_name": "J. Alder",
}


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def coordinator(desk: Desk) -> Staff:
    return desk.person(R.ROTA_COORDINATOR, name="Rosa Blake")


def all_open(desk: Desk, by: Staff) -> UUID:
    """A shift whose every framework tier is open by now."""
    shift_id = ask(desk, by)
    desk.move(days=9)
    return shift_id


def glass(desk: Desk) -> BreakGlass:
    found: BreakGlass = desk.do(lambda session: session.scalars(sa.select(BreakGlass)).one())
    return found


def test_a_fill_is_recorded_when_the_tier_is_open(desk: Desk, coordinator: Staff) -> None:
    shift_id = all_open(desk, coordinator)
    done = coordinator.fill(f"/office/shifts/{shift_id}/agency", **FILL)
    assert done.status_code == 303
    page = coordinator.get(done.location).text
    for said in ("J. Alder", "Harbour Nursing, RM6281", "£48.50 an hour", "Framework agency",
                 "£363.75 for 7 h 30 min. The bank would have been £"):
        assert said in page
    filled = desk.do(lambda session: session.scalars(sa.select(AgencyFill)).one())
    assert filled.rate_pence_per_hour == 4850


def test_before_its_time_the_answer_says_when(desk: Desk, coordinator: Staff) -> None:
    shift_id = ask(desk, coordinator)
    early = coordinator.fill(f"/office/shifts/{shift_id}/agency", **FILL)
    assert early.status_code == 409
    assert "It opens on 10 September 2026" in early.text
    assert "Harbour Nursing" in early.text
    assert shift_of(desk, shift_id).state is ShiftState.OPEN


WRONG = {
    "no tier": ({"tier": ""}, "Choose one of the list."),
    "a bank tier": ({"tier": "own_bank"}, "Choose an agency tier"),
    "no agency": ({"agency_name": " "}, "Name the agency"),
    "no framework": ({"framework": ""}, "Name the framework"),
    "a framework for off-framework": ({"tier": "off_framework"}, "Leave empty"),
    "no rate": ({"rate_pence_per_hour": ""}, "Enter pounds and pence"),
    "a rate in words": ({"rate_pence_per_hour": "a lot"}, "Enter pounds and pence"),
    "a rate below nothing": ({"rate_pence_per_hour": "-5"}, "Enter pounds and pence"),
    "fractions of a penny": ({"rate_pence_per_hour": "48.505"}, "Enter pounds and pence"),
    "infinity": ({"rate_pence_per_hour": "Infinity"}, "Enter pounds and pence"),
    "a rate beyond measure": ({"rate_pence_per_hour": "1e30"}, "Enter pounds and pence"),
    "no name": ({"worker_name": ""}, "Give the name"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_named(desk: Desk, coordinator: Staff, case: str) -> None:
    changes, message = WRONG[case]
    shift_id = all_open(desk, coordinator)
    answer = coordinator.fill(f"/office/shifts/{shift_id}/agency", **(FILL | changes))
    assert answer.status_code == 422
    assert message in answer.text


def test_off_framework_goes_through_the_executive_and_a_review(
    desk: Desk, coordinator: Staff
) -> None:
    executive = desk.person(R.EXECUTIVE_ON_CALL, name="Noor Hale")
    manager = desk.person(R.BANK_MANAGER, name="Ben Ito")
    shift_id = all_open(desk, coordinator)
    off = FILL | {"tier": "off_framework", "framework": ""}
    shut = coordinator.fill(f"/office/shifts/{shift_id}/agency", **off)
    assert shut.status_code == 409
    assert "Off-framework supply needs a break-glass." in shut.text
    asked = coordinator.fill(
        f"/office/shifts/{shift_id}/break-glass",
        reason="one_to_one_care",
        reason_text="Everybody was rung",
    )
    assert asked.status_code == 303
    listed = executive.get("/office/break-glasses").text
    assert "Rosa Blake" in listed
    one = f"/office/break-glasses/{glass(desk).id}"
    assert "Everybody was rung" in executive.get(f"{one}/answer").text
    assert executive.fill(f"{one}/answer", f"{one}/grant").status_code == 303
    filled = coordinator.fill(f"/office/shifts/{shift_id}/agency", **off)
    assert filled.status_code == 303
    own = executive.fill(f"{one}/review", outcome="Fine")
    assert own.status_code == 409
    assert manager.fill(f"{one}/review", outcome=" ").status_code == 422
    assert manager.fill(f"{one}/review", outcome="Justified: no bank nurse").status_code == 303
    assert "Justified: no bank nurse" in manager.get("/office/break-glasses").text
    for said in ("Break-glass asked: one to one care", "Break-glass granted", "reviewed"):
        assert said in coordinator.get(f"/office/shifts/{shift_id}").text


def test_who_asked_for_a_break_glass_does_not_review_it(desk: Desk) -> None:
    both = desk.person(R.ROTA_COORDINATOR, R.BANK_MANAGER, name="Ada Reyes")
    executive = desk.person(R.EXECUTIVE_ON_CALL, name="Noor Hale")
    shift_id = all_open(desk, both)
    both.fill(f"/office/shifts/{shift_id}/break-glass", reason="one_to_one_care")
    one = f"/office/break-glasses/{glass(desk).id}"
    executive.fill(f"{one}/answer", f"{one}/grant")
    own = both.fill(f"{one}/review", outcome="Fine")
    assert own.status_code == 409
    assert "Somebody else must review it." in own.text


def test_a_refusal_is_seen_and_cannot_be_answered_again(desk: Desk, coordinator: Staff) -> None:
    executive = desk.person(R.EXECUTIVE_ON_CALL)
    shift_id = all_open(desk, coordinator)
    coordinator.fill(f"/office/shifts/{shift_id}/break-glass", reason="one_to_one_care")
    one = f"/office/break-glasses/{glass(desk).id}"
    page = executive.get(f"{one}/answer").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert executive.post(f"{one}/refuse", {"csrf_token": token}).status_code == 303
    assert executive.post(f"{one}/grant", {"csrf_token": token}).status_code == 409
    assert "It has been answered already." in executive.get(f"{one}/answer").text


def test_no_reason_of_the_list_no_break_glass(desk: Desk, coordinator: Staff) -> None:
    shift_id = all_open(desk, coordinator)
    answer = coordinator.fill(
        f"/office/shifts/{shift_id}/break-glass", reason="we_like_them", reason_text="Kept words"
    )
    assert answer.status_code == 422
    assert "Kept words" in answer.text


def test_one_shift_is_asked_for_once_at_a_time(desk: Desk, coordinator: Staff) -> None:
    executive = desk.person(R.EXECUTIVE_ON_CALL)
    page = f"/office/shifts/{all_open(desk, coordinator)}/break-glass"
    assert coordinator.fill(page, reason="one_to_one_care").status_code == 303
    again = coordinator.fill(page, reason="one_to_one_care")
    assert again.status_code == 409
    assert "A break-glass for this shift is waiting for an answer." in again.text
    one = f"/office/break-glasses/{glass(desk).id}"
    executive.fill(f"{one}/answer", f"{one}/refuse")
    assert coordinator.fill(page, reason="one_to_one_care").status_code == 303


@pytest.mark.parametrize("words", ["NHS number 943 476 5919", "dob 31/3/1948"])
def test_a_break_glass_names_no_patient(desk: Desk, coordinator: Staff, words: str) -> None:
    page = f"/office/shifts/{all_open(desk, coordinator)}/break-glass"
    answer = coordinator.fill(page, reason="one_to_one_care", reason_text=words)
    assert answer.status_code == 422
    assert "Write nothing that identifies a patient." in answer.text
    assert words in answer.text
    executive, manager = desk.person(R.EXECUTIVE_ON_CALL), desk.person(R.BANK_MANAGER)
    coordinator.fill(page, reason="one_to_one_care")
    one = f"/office/break-glasses/{glass(desk).id}"
    executive.fill(f"{one}/answer", f"{one}/grant")
    assert manager.fill(f"{one}/review", outcome=words).status_code == 422
    assert glass(desk).reviewed_at is None


def test_figures_of_the_day_count_what_waits(desk: Desk, coordinator: Staff) -> None:
    shift_id = all_open(desk, coordinator)
    coordinator.fill(f"/office/shifts/{shift_id}/break-glass", reason="one_to_one_care")
    page = coordinator.get("/office/today").text
    assert "Break-glass asked" in page
    executive = desk.person(R.EXECUTIVE_ON_CALL)
    one = f"/office/break-glasses/{glass(desk).id}"
    executive.fill(f"{one}/answer", f"{one}/grant")
    desk.move(days=40)
    assert "1 past the day" in coordinator.get("/office/today").text
