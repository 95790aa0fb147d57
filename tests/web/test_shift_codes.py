"""Shift codes as a bank manager sets them, on pages and by the API, and as others then use them."""

from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.shifts import shift_codes
from bankhub.model.shifts import ShiftCode
from passport.actors import AccessRole as R
from tests.support import build
from tests.support.access_web import hidden_fields
from tests.support.desk import NOW, Desk, Staff, a_desk
from tests.web.test_setting_pages import call

LD = {
    "shift_code": "LX", "name": "Extra long day", "starts": "07:30", "ends": "20:00",
    "unpaid_break_minutes": "60",
}  # fmt: skip


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def manager(desk: Desk) -> Staff:
    return desk.person(R.BANK_MANAGER)


@pytest.fixture
def bare(desk: Desk) -> Desk:
    """The same, before anybody has set a code."""
    by = build.an_actor(desk.trust, R.BANK_MANAGER)
    with desk.database.transaction() as session:
        for held in session.scalars(sa.select(ShiftCode)).all():
            shift_codes.remove_shift_code(session, code_id=held.id, by=by, now=NOW)
    return desk


def codes(desk: Desk) -> list[ShiftCode]:
    every = sa.select(ShiftCode).order_by(ShiftCode.code)
    return desk.do(lambda session: list(session.scalars(every)))


def test_a_code_is_added_changed_and_removed(bare: Desk, manager: Staff) -> None:
    desk = bare
    assert "No codes yet" in manager.get("/settings/shift-codes").text
    assert manager.fill("/settings/shift-codes/new", **LD).status_code == 303
    (held,) = codes(desk)
    page = f"/settings/shift-codes/{held.id}"
    assert 'value="07:30"' in manager.get(page).text
    night = LD | {"name": "Night", "starts": "19:30", "ends": "08:00", "unpaid_break_minutes": ""}
    assert manager.fill(page, **night).status_code == 303
    shown = manager.get("/settings/shift-codes").text
    assert "19:30 to 08:00 the next day" in shown
    (held,) = codes(desk)
    assert (held.name, held.unpaid_break_minutes) == ("Night", 0)
    assert manager.fill("/settings/shift-codes", f"{page}/remove").status_code == 303
    assert codes(desk) == []


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a code that is too long": ({"shift_code": "LONGEST DAY EVER"}, "Use 1 to 12 letters"),
    "everything at once": (
        {"shift_code": "", "starts": "", "ends": "", "name": " "}, "Use 1 to 12 letters",
    ),
    "no times": ({"starts": "", "ends": ""}, "Enter when it starts"),
    "an end that is its start": ({"ends": "07:30"}, "another time than it starts"),
    "a break as long as the shift": ({"unpaid_break_minutes": "750"}, "shorter than the shift"),
    "a break in words": ({"unpaid_break_minutes": "an hour"}, "number"),
    "no name": ({"name": " "}, "Give it a short name"),
    "a part of the day that is none": ({"period": "noon"}, "Choose one of am"),
    "too many visits": ({"visits": "21"}, "Ask for 0 to 20 home visits"),
}


@pytest.mark.parametrize(("said", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    bare: Desk, manager: Staff, said: dict[str, str], words: str
) -> None:
    typed = LD | {"name": "Kept name"} | said
    refused = manager.fill("/settings/shift-codes/new", **typed)
    assert refused.status_code == 422
    assert words in refused.text
    for name in ("shift_code", "name", "unpaid_break_minutes"):
        assert not typed[name].strip() or f'value="{typed[name]}"' in refused.text
    assert codes(bare) == []


def test_a_second_of_one_name_is_refused_and_changes_nothing(bare: Desk, manager: Staff) -> None:
    manager.fill("/settings/shift-codes/new", **LD)
    same = LD | {"shift_code": "lx", "name": "Other"}
    refused = manager.fill("/settings/shift-codes/new", **same)
    assert (refused.status_code, "There is a code of this name" in refused.text) == (422, True)
    assert [held.name for held in codes(bare)] == ["Extra long day"]


def test_the_usual_codes_are_taken_once_and_own_ones_kept(desk: Desk, manager: Staff) -> None:
    listing, adopt = "/settings/shift-codes", "/settings/shift-codes/starters/trust"
    before = {one.code: one.ends for one in codes(desk)}
    page = manager.get(listing).text
    assert "not confirmed for you" in page
    hidden = hidden_fields(page, adopt)
    assert manager.post(adopt, hidden).status_code == 303
    after = {one.code: one.ends for one in codes(desk)}
    assert after.keys() >= {"E", "L", "LD", "N", "TW"}
    assert {code: after[code] for code in before} == before
    assert "Add the usual codes of wards" not in manager.get(listing).text
    del hidden["idempotency_key"]
    assert manager.post(adopt, hidden).status_code == 303  # from a page of before
    assert {one.code: one.ends for one in codes(desk)} == after


def test_whoever_posts_picks_a_code_and_reads_the_list_without_changing_it(
    desk: Desk, manager: Staff
) -> None:
    manager.fill("/settings/shift-codes/new", **LD)
    coordinator = desk.person(R.ROTA_COORDINATOR)
    assert "LX Extra long day, 07:30" in coordinator.get("/office/post").text
    listing = coordinator.get("/settings/shift-codes").text
    assert "Extra long day" in listing
    assert "Remove" not in listing
    assert coordinator.get("/settings/shift-codes/new").status_code == 403


def test_the_api_keeps_the_codes_of_a_rota_system(bare: Desk, manager: Staff) -> None:
    def send(path: str, **body: Any) -> Any:
        return call(bare, manager, "POST", f"/shift-codes{path}", json=body)

    wish: dict[str, Any] = {"name": "Morning", "starts": "08:30", "ends": "12:40"}
    made = send("", code="AM", details={"period": "am", "visits": 2}, **wish).get_json()
    assert (made["starts"], made["details"]) == ("08:30", {"period": "am", "visits": 2})
    here = f"/{made['id']}"
    assert send(here, **(wish | {"ends": "12:30"})).get_json()["ends"] == "12:30"
    assert send("", code="am", **wish).status_code == 422
    assert send("", code="PM", details={"colour": "red"}, **wish).status_code == 422
    listed = call(bare, manager, "GET", "/shift-codes").get_json()["shift_codes"]
    assert [one["code"] for one in listed] == ["AM"]
    assert send(f"{here}/remove").status_code == 200
    assert codes(bare) == []
