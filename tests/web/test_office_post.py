"""Posting on the pages: what it would cost first, every mistake at once, nothing typed lost."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import ShiftState
from passport.actors import AccessRole as R
from tests.support.access_web import hidden_fields
from tests.support.desk import Desk, Staff, a_desk, a_practice

CHECK, POST = "/office/post/shift/check", "/office/post/shift"


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def coordinator(desk: Desk) -> Staff:
    return desk.person(R.ROTA_COORDINATOR)


def typed(desk: Desk, **changes: str) -> dict[str, str]:
    """A form filled in rightly but for the changes."""
    return {
        "unit_id": str(desk.wards[0].id),
        "role": "rn_adult",
        "grade": "band_5",
        "on": "2026-09-21",
        "starts": "07:30",
        "ends": "15:30",
        "reason": "sickness_short",
        "people": "1",
        "notes": "Bring a fob watch",
    } | changes


def shifts(desk: Desk) -> list[Shift]:
    return desk.do(lambda session: list(session.scalars(sa.select(Shift))))


def posted(staff: Staff, fields: dict[str, Any], page: str = "/office/post") -> Any:
    """The form checked, and then posted from the page that shows what it comes to."""
    kind = "session" if page.endswith("session") else "shift"
    check = staff.fill(page, f"/office/post/{kind}/check", **fields)
    assert check.status_code == 200, check.text
    return staff.post(f"/office/post/{kind}", carried(check.text, f"/office/post/{kind}"))


def carried(page: str, action: str) -> dict[str, str]:
    return hidden_fields(page, action)


def test_the_cost_and_who_would_see_it_stand_there_before_anything_is_posted(
    desk: Desk, coordinator: Staff
) -> None:
    page = coordinator.fill("/office/post", CHECK, **typed(desk, people="3"))
    assert page.status_code == 200
    assert "Cost estimate" in page.text
    assert re.search(r"<strong>£\d+\.\d\d</strong>", page.text)
    assert "for each of 3" in page.text
    assert "Framework agency, tier 1" in page.text
    assert shifts(desk) == []


def test_one_shift_is_posted_and_opens_to_the_own_bank(desk: Desk, coordinator: Staff) -> None:
    done = posted(coordinator, typed(desk))
    assert done.status_code == 303
    [shift] = shifts(desk)
    assert done.location == f"/office/shifts/{shift.id}"
    assert (shift.state, shift.unpaid_break_minutes) == (ShiftState.OPEN, 30)
    assert "open to the own bank now" in coordinator.get(done.location).text


def test_a_request_for_three_people_makes_three_shifts(desk: Desk, coordinator: Staff) -> None:
    posted(coordinator, typed(desk, people="3"))
    assert len(shifts(desk)) == 3


def test_the_same_form_sent_twice_posts_once(desk: Desk, coordinator: Staff) -> None:
    page = coordinator.fill("/office/post", CHECK, **typed(desk))
    fields = carried(page.text, POST)
    first, second = (coordinator.post(POST, fields) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(shifts(desk)) == 1


def test_a_draft_is_kept_and_handed_in_later(desk: Desk, coordinator: Staff) -> None:
    page = coordinator.fill("/office/post", CHECK, **typed(desk))
    coordinator.post(POST, carried(page.text, POST) | {"then": "draft"})
    [shift] = shifts(desk)
    assert shift.state is ShiftState.DRAFT
    coordinator.fill(f"/office/shifts/{shift.id}", f"/office/shifts/{shift.id}/submit")
    assert shifts(desk)[0].state is ShiftState.OPEN


def test_change_something_leads_back_with_everything_typed(desk: Desk, coordinator: Staff) -> None:
    page = coordinator.fill("/office/post", CHECK, **typed(desk))
    again = coordinator.post("/office/post/shift/change", carried(page.text, POST))
    assert again.status_code == 200
    assert "Bring a fob watch" in again.text
    assert 'value="07:30"' in again.text


def test_a_shift_code_gives_its_times_and_its_break(desk: Desk, coordinator: Staff) -> None:
    posted(coordinator, typed(desk, shift_code="N", starts="", ends=""))
    [shift] = shifts(desk)
    assert (shift.shift_code, shift.unpaid_break_minutes) == ("N", 30)
    assert shift.ends_at - shift.starts_at == shift.ends_at.resolution * 12 * 3600 * 1_000_000


def test_an_empty_form_names_each_mistake_once_in_the_order_of_the_form(
    desk: Desk, coordinator: Staff
) -> None:
    empty = typed(desk, unit_id="", role="", grade="", starts="", ends="", reason="")
    page = coordinator.fill("/office/post", CHECK, **empty).text
    assert re.findall(r'<a href="#\w+">\s*([^<]+?)\s*</a>', page) == [
        "Choose a unit.", "Choose a role.", "Choose why cover is needed.",
        "Starts: enter a time.", "Ends: enter a time.",
    ]  # fmt: skip


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no unit": ({"unit_id": ""}, "Choose a unit."),
    "a unit that is no identifier": ({"unit_id": "'; drop"}, "Choose a unit."),
    "no role": ({"role": ""}, "Choose a role."),
    "an invented role": ({"role": "wizard"}, "Choose a role."),
    "a grade the role has not": ({"grade": "consultant"}, "The role has no such grade."),
    "an invented grade": ({"grade": "band_99"}, "Choose a grade."),
    "a fallback that is the grade itself": ({"fallback_grade": "band_5"}, "fallback grade must be"),
    "an invented skill": ({"skills": "levitation"}, "One of the skills is not known."),
    "no date": ({"on": ""}, "Enter a date."),
    "a day that is none": ({"on": "2026-02-30"}, "Enter a date."),
    "a year that is a slip": ({"on": "0026-09-21"}, "Check the year."),
    "the last day there is": ({"on": "9999-12-31"}, "Check the year."),
    "a day before there were policies": ({"on": "2020-01-01"}, "Check the year."),
    "a year with its figures exchanged": ({"on": "2062-09-21"}, "more than two years ahead"),
    "no start": ({"starts": ""}, "Enter a time."),
    "a time that is none": ({"ends": "25:99"}, "Enter a time."),
    "30 hours are not even typed, 24 are refused": ({"ends": "07:30"}, "shorter than 24 hours"),
    "longer than the policy allows": ({"ends": "06:30"}, "the longest allowed is"),
    "the hour that never happens": (
        {"on": "2027-03-28", "starts": "01:30", "ends": "09:00"},
        "01:30 does not exist",
    ),
    "the hour that happens twice": (
        {"on": "2026-10-25", "starts": "01:30", "ends": "09:00"},
        "happens twice",
    ),
    "a break longer than the shift": ({"unpaid_break_minutes": "900"}, "break must be shorter"),
    "a break in words": ({"unpaid_break_minutes": "half"}, "Enter a whole number."),
    "no reason": ({"reason": ""}, "Choose why cover is needed."),
    "an invented reason": ({"reason": "whim"}, "Choose why cover is needed."),
    "a vacancy without its post": ({"reason": "vacancy"}, "A vacancy needs its post number."),
    "enhanced care without a review": ({"reason": "enhanced_care"}, "day on which it is reviewed"),
    "a review in the past": (
        {"reason": "enhanced_care", "review_on": "2026-01-01"},
        "day of the review has passed",
    ),
    "another reason unsaid": ({"reason": "other"}, "Say in a few words"),
    "nobody": ({"people": "0"}, "Ask for 1 to 50 people"),
    "51 people": ({"people": "51"}, "Ask for 1 to 50 people"),
    "minus one person": ({"people": "-1"}, "Enter a whole number."),
    "an NHS number in the notes": ({"notes": "bay 3, 943 476 5919"}, "an NHS number"),
    "a control character": ({"notes": "bell \x07"}, "Leave out control characters."),
    "a novel": ({"notes": "x" * 2001}, "2000 characters at most"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("step", [CHECK, POST], ids=["on checking", "on posting at once"])
def test_what_cannot_be_is_named_and_nothing_typed_is_lost(
    desk: Desk, coordinator: Staff, case: str, step: str
) -> None:
    changes, message = WRONG[case]
    fields = hidden_fields(coordinator.get("/office/post").text, CHECK)
    answer = coordinator.post(step, fields | typed(desk, **changes))
    assert answer.status_code == 422, answer.text
    assert message in answer.text
    assert "There is a problem" in answer.text
    assert "<title>Error: Post a shift" in answer.text
    if "notes" not in changes:
        assert "Bring a fob watch" in answer.text
    assert shifts(desk) == []


def test_every_mistake_is_named_at_once(desk: Desk, coordinator: Staff) -> None:
    wrong = typed(desk, unit_id="", role="", starts="", reason="", people="x")
    answer = coordinator.fill("/office/post", CHECK, **wrong)
    for field in ("unit_id", "role", "starts", "reason", "people"):
        assert f'href="#{field}"' in answer.text


def test_the_hour_that_happens_twice_is_asked_about_and_the_answer_taken(
    desk: Desk, coordinator: Staff
) -> None:
    twice = typed(desk, on="2026-10-25", starts="01:30", ends="09:00")
    asked = coordinator.fill("/office/post", CHECK, **twice)
    assert 'name="starts_occurrence"' in asked.text
    posted(coordinator, twice | {"starts_occurrence": "second"})
    [shift] = shifts(desk)
    assert f"{shift.starts_at:%H:%M}" == "01:30"


NIGHTS = {
    "the night the clocks go back has 13.5 hours": ("2026-10-24", "12 h 30 min, 1 h unpaid break"),
    "the night the clocks go forward has 11.5": ("2027-03-27", "10 h 30 min, 1 h unpaid break"),
    "any other has 12.5": ("2026-09-21", "11 h 30 min, 1 h unpaid break"),
}


@pytest.mark.parametrize("night", NIGHTS)
def test_length_is_elapsed_time(desk: Desk, coordinator: Staff, night: str) -> None:
    on, said = NIGHTS[night]
    page = coordinator.fill(
        "/office/post", CHECK, **typed(desk, on=on, starts="19:30", ends="08:00")
    )
    assert said in page.text


def test_a_practice_manager_alone_posts_a_gp_session(desk: Desk) -> None:
    practice, unit = a_practice(desk)
    manager = desk.person(R.BANK_MANAGER, R.WARD_REQUESTER, at=practice)
    assert "Post a GP session" in manager.get("/office/today").text
    assert "Post a GP session" not in desk.person(R.BANK_MANAGER).get("/office/today").text
    done = posted(
        manager,
        {
            "unit_id": str(unit.id),
            "period": "am",
            "on": "2026-09-21",
            "starts": "08:30",
            "ends": "12:40",
            "clinical_system": "emis_web",
            "visits": "2",
            "reason": "annual_leave",
        },
        "/office/post/session",
    )
    assert done.status_code == 303
    [shift] = shifts(desk)
    assert (shift.role, shift.state) == ("gp", ShiftState.OPEN)
    assert shift.details == {"period": "am", "clinical_system": "EMIS Web", "visits": 2}
    assert "EMIS Web" in manager.get(done.location).text


def test_a_session_names_what_is_missing(desk: Desk) -> None:
    practice, _ = a_practice(desk)
    manager = desk.person(R.BANK_MANAGER, at=practice)
    page = ("/office/post/session", "/office/post/session/check")
    assert "20 home visits at most" in manager.fill(*page, visits="21").text
    answer = manager.fill("/office/post/session", "/office/post/session/check", period="noon")
    assert answer.status_code == 422
    for said in ("Choose which session", "Choose the clinical system", "Choose why cover"):
        assert said in answer.text


def test_who_may_not_post_gets_no_form(desk: Desk) -> None:
    assert desk.person(R.BUDGET_HOLDER).get("/office/post").status_code == 403
