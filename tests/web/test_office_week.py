"""The day and the week on the pages: gaps by urgency, the grid, patterns and a copied week."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.model.shifts import Shift
from passport.actors import AccessRole as R
from tests.support.access_web import hidden_fields
from tests.support.desk import NOW, Desk, Staff, a_desk
from tests.support.desk_work import a_nurse, ask, booked, shift_of


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def coordinator(desk: Desk) -> Staff:
    return desk.person(R.ROTA_COORDINATOR)


def count(desk: Desk) -> int:
    found: int = desk.do(lambda session: session.scalar(sa.select(sa.func.count(Shift.id))))
    return found


def test_gaps_stand_by_start_with_who_sees_them_and_who_is_next(
    desk: Desk, coordinator: Staff
) -> None:
    late = ask(desk, coordinator, starts_at=NOW + timedelta(days=3), ward=1)
    soon = ask(desk, coordinator, starts_at=NOW + timedelta(hours=9))
    page = coordinator.get("/office/today").text
    assert page.index(str(soon)) < page.index(str(late))
    assert "in 9 h" in page
    assert "Own bank" in page
    assert "Partner banks from Mon 7 Sep 10:30" in page
    assert re.search(r"Open tonight.*?stat__value\">1<", page, re.DOTALL)
    near = coordinator.get("/office/today?ahead=day").text
    assert str(late) not in near


def test_a_filled_shift_is_no_gap(desk: Desk, coordinator: Staff) -> None:
    shift_id = ask(desk, coordinator)
    booked(desk, shift_id, a_nurse(desk))
    assert str(shift_id) not in coordinator.get("/office/today").text


def test_a_reference_read_out_on_the_phone_leads_to_the_shift(
    desk: Desk, coordinator: Staff
) -> None:
    shift_id = ask(desk, coordinator)
    spoken = shift_of(desk, shift_id).reference.lower().replace("-", " ")
    found = coordinator.get("/office/find", query_string={"reference": spoken})
    assert found.location == f"/office/shifts/{shift_id}"
    for odd in ("", "RX9-0000-00000AA", "☃" * 50, "x" * 5000):
        lost = coordinator.get("/office/find", query_string={"reference": odd})
        assert lost.location == "/office/today"


def test_the_week_counts_filled_of_asked_in_each_cell(desk: Desk, coordinator: Staff) -> None:
    first = ask(desk, coordinator, starts_at=NOW + timedelta(days=1), shift_code="LD")
    ask(desk, coordinator, starts_at=NOW + timedelta(days=1), shift_code="LD")
    booked(desk, first, a_nurse(desk))
    page = coordinator.get("/office/week").text
    assert "1 of 2 filled, Ward 7, Tue 8 Sep" in page
    assert "2 shifts: 1 filled, 1 open" in page
    [day] = set(re.findall(r'href="(/office/week/day[^"]*)"', page))
    assert shift_of(desk, first).reference in coordinator.get(day.replace("&amp;", "&")).text


def test_a_sunday_night_belongs_to_the_week_it_starts_in(desk: Desk, coordinator: Staff) -> None:
    night = NOW + timedelta(days=6, hours=9, minutes=30)
    shift_id = ask(desk, coordinator, starts_at=night, hours=12)
    assert str(shift_id) in coordinator.get("/office/week").text
    assert str(shift_id) not in coordinator.get("/office/week?on=2026-09-14").text


ODD = ("on=soon", "on=0001-01-01", "on=9999-12-31", "unit=", "ahead=forever")


@pytest.mark.parametrize("query", ODD)
def test_odd_addresses_show_a_week_and_no_fault(desk: Desk, coordinator: Staff, query: str) -> None:
    for page in ("week", "today", "post", "repeat/copy"):
        assert coordinator.get(f"/office/{page}?{query}").status_code == 200, page


def test_an_identifier_that_is_none_is_not_found(desk: Desk, coordinator: Staff) -> None:
    for page in ("week?unit=7", "today?site=x", "week/day?unit=x", "post?like=x"):
        assert coordinator.get(f"/office/{page}").status_code == 404, page
    assert coordinator.get("/office/today?after=x").status_code == 422


def checked(staff: Staff, kind: str, fields: dict[str, Any]) -> Any:
    page = {"pattern": "/office/repeat/pattern", "copy": "/office/repeat/copy"}[kind]
    return staff.fill(page, f"/office/repeat/{kind}/check", **fields)


def pattern(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "unit_id": str(desk.wards[0].id),
        "role": "rn_adult",
        "days": ["0", "2"],
        "on": "2026-09-14",
        "weeks": "3",
        "every": "1",
        "starts": "07:30",
        "ends": "15:30",
        "reason": "acuity",
    } | changes


def test_a_pattern_is_shown_first_and_then_posted(desk: Desk, coordinator: Staff) -> None:
    page = checked(coordinator, "pattern", pattern(desk))
    assert page.status_code == 200
    assert "Post 6 shifts?" in page.text
    assert count(desk) == 0
    sent = all_fields(page.text, "/office/repeat/pattern")
    done = coordinator.post("/office/repeat/pattern", sent)
    assert done.location == "/office/week?on=2026-09-14"
    assert count(desk) == 6


def all_fields(page: str, action: str) -> dict[str, Any]:
    """Hidden fields with every value of those that stand several times."""
    form = next(f for f in re.findall(r"<form\b.*?</form>", page, re.DOTALL) if action in f)
    found: dict[str, Any] = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    return found


def test_a_pattern_over_the_clock_change_says_which_nights_to_look_at(
    desk: Desk, coordinator: Staff
) -> None:
    fields = pattern(desk, days=["6"], on="2026-10-19", weeks="1", starts="01:30", ends="09:00")
    page = checked(coordinator, "pattern", fields).text
    assert "A time happens twice that night" in page
    missing = pattern(desk, days=["6"], on="2027-03-22", weeks="1", starts="01:30", ends="09:00")
    page = checked(coordinator, "pattern", missing).text
    assert "01:30 does not exist" in page
    assert "Nothing would be posted" in page


WRONG = {
    "no day": ({"days": []}, "Choose at least one day."),
    "no weeks": ({"weeks": "0"}, "Repeat for 1 to 26 weeks."),
    "a year of weeks": ({"weeks": "53"}, "Repeat for 1 to 26 weeks."),
    "weeks in words": ({"weeks": "some"}, "Enter a whole number."),
    "every fifth": ({"every": "5"}, "Repeat every 1 to 4 weeks."),
    "no role": ({"role": ""}, "Choose a role."),
    "no times": ({"starts": "", "ends": ""}, "Enter a time."),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_pattern_that_means_nothing_is_named(desk: Desk, coordinator: Staff, case: str) -> None:
    changes, message = WRONG[case]
    answer = checked(coordinator, "pattern", pattern(desk, **changes))
    assert answer.status_code == 422
    assert message in answer.text


def test_last_week_is_copied_and_what_stands_is_left_out(desk: Desk, coordinator: Staff) -> None:
    for days in (1, 2):
        ask(desk, coordinator, starts_at=NOW + timedelta(days=days))
    ask(desk, coordinator, starts_at=NOW + timedelta(days=8))
    fields = {"on": "2026-09-07", "weeks_later": "1", "unit_ids": [str(desk.wards[0].id)]}
    page = checked(coordinator, "copy", fields)
    assert "Post 1 shift?" in page.text
    assert "The same shift stands in that week already." in page.text
    assert count(desk) == 3
    coordinator.post("/office/repeat/copy", all_fields(page.text, "/office/repeat/copy"))
    assert count(desk) == 4


def test_copying_nothing_is_named(desk: Desk, coordinator: Staff) -> None:
    answer = checked(coordinator, "copy", {"on": "2026-09-07", "weeks_later": "1"})
    assert answer.status_code == 422
    assert "Choose at least one unit." in answer.text
    far = {"on": "2026-09-07", "weeks_later": "99", "unit_ids": [str(desk.wards[0].id)]}
    assert checked(coordinator, "copy", far).status_code == 422


def test_going_back_keeps_what_was_chosen(desk: Desk, coordinator: Staff) -> None:
    page = checked(coordinator, "pattern", pattern(desk))
    sent = all_fields(page.text, "/office/repeat/pattern")
    again = coordinator.post("/office/repeat/pattern/change", sent)
    assert again.status_code == 200
    assert again.text.count(" checked") == 2
    assert hidden_fields(again.text, "/office/repeat/pattern/check")
