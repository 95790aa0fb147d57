"""The figures pages: the partition adds up, every number leads to its shifts, files are safe."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
import sqlalchemy as sa

from bankhub.model.sites import Unit
from passport.actors import AccessRole as R
from passport.model.accounts import SignIn
from tests.support import build
from tests.support.desk import Desk, Staff, a_desk
from tests.support.filled import three_weeks

PAGE, FILE, SHIFTS = "/figures/fill-rate", "/figures/fill-rate.csv", "/figures/shifts"
WHO = "Temporary demand by who filled it, in"


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Shared by tests that only read, or change what no other looks at."""
    path = tmp_path_factory.mktemp("figures") / "desk.sqlite3"
    copyfile(sqlite_template, path)
    desk = a_desk(f"sqlite:///{path}")
    three_weeks(desk)
    return desk


@pytest.fixture
def manager(desk: Desk) -> Staff:
    return desk.person(R.BANK_MANAGER)


def lines(page: str, caption: str) -> list[list[str]]:
    """The cells of the table with that caption, by line, total last."""
    table = re.search(rf"<table[^>]*>\s*<caption[^>]*>{re.escape(caption)}.*?</table>", page, re.S)
    assert table, caption
    return [
        [tidy(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", table[0], re.S)
    ]


def tidy(cell: str) -> str:
    unseen = re.sub(r'<span class="visually-hidden">.*?</span>', "", cell)
    return re.sub(r"<[^>]+>", "", unseen).strip()


def test_every_line_adds_up_to_requested_and_says_its_unit(manager: Staff) -> None:
    page = manager.get(PAGE).text
    heads, *rows = lines(page, f"{WHO} shifts")
    assert heads[0] == "Week"
    assert heads[-2:] == ["Demand filled (shifts)", "Bank share (shifts)"]
    assert rows[-1] == ["All", "27", "6", "18", "3", "18", "72", "3", "75.0%", "61.1%"]
    for row in rows:
        assert sum(int(cell) for cell in row[1:6]) == int(row[6])
    assert [rows[3][0], rows[3][5], rows[3][7]] == ["Week of Mon 7 Sep 2026", "3", "3"]


def test_the_same_in_hours(manager: Staff) -> None:
    heads, *rows = lines(manager.get(PAGE, query_string={"unit": "hours"}).text, f"{WHO} hours")
    assert heads[-2:] == ["Demand filled (hours)", "Bank share (hours)"]
    assert rows[-1][:7] == ["All", "324.0", "72.0", "216.0", "36.0", "216.0", "864.0"]


GROUPINGS = {
    "site": ("Rivermead General",),
    "unit": ("Ward 7", "Ward 8"),
    "staff_group": ("Nursing and midwifery", "Healthcare assistants and support"),
    "grade": ("Band 2", "Band 5"),
    "reason": ("Sickness, short term",),
    "week": tuple(f"Week of Mon {day} 2026" for day in ("17 Aug", "24 Aug", "31 Aug", "7 Sep")),
    "lead_band": ("7 to 13 days",),
}


@pytest.mark.parametrize(("by", "groups"), GROUPINGS.items(), ids=GROUPINGS)
def test_each_grouping_has_names_and_the_same_total(
    manager: Staff, by: str, groups: tuple[str, ...]
) -> None:
    _, *rows, total = lines(manager.get(PAGE, query_string={"by": by}).text, f"{WHO} shifts")
    assert [row[0] for row in rows] == list(groups)
    assert total[1:8] == ["27", "6", "18", "3", "18", "72", "3"]


def test_two_groupings_together(manager: Staff) -> None:
    page = manager.get(PAGE, query_string={"by": "unit", "then": "staff_group"}).text
    heads, *rows = lines(page, f"{WHO} shifts")
    assert heads[0] == "Unit · Staff group"
    assert rows[1][0] == "Ward 8 · Healthcare assistants and support"


def test_booked_and_worked_stand_apart_and_so_does_notice(manager: Staff) -> None:
    page = manager.get(PAGE, query_string={"by": "unit"}).text
    _, *worked = lines(page, "Booked and worked, in shifts")
    assert worked[-1] == ["All", "54", "51", "3", "0", "70.8%"]
    _, *notice = lines(page, "Notice and late changes, in shifts")
    assert notice[-1] == ["All", "0.0%", "10 days", "0", "0", "0", "0", "0"]


def test_a_filter_narrows_chart_and_table_alike(desk: Desk, manager: Staff) -> None:
    page = manager.get(PAGE, query_string={"only_unit": str(desk.wards[1].id)}).text
    assert lines(page, f"{WHO} shifts")[-1][6] == "3"
    assert "own bank 1 of 1 shifts" in page


def test_every_number_leads_to_the_very_shifts_it_counts(manager: Staff) -> None:
    page = manager.get(PAGE, query_string={"by": "week"}).text
    ways = re.findall(r'<a href="(/figures/shifts\?[^"]*)">([\d,]+)<', page)
    assert len(ways) >= 3 * 6
    for way, number in ways:
        listed = manager.get(way.replace("&amp;", "&"))
        assert listed.status_code == 200
        assert f"{number} shift" in tidy(listed.text.partition("<h1>")[2].partition("</p>")[0])


def test_a_long_list_of_shifts_goes_on_where_it_stopped(
    manager: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bankhub.actions.figures.fill_shifts.MOST_SHIFTS", 30)
    where, seen = f"{SHIFTS}?number=requested", []
    while where:
        page = manager.get(where).text
        seen += re.findall(r">(T-\d+)</a>", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        where = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 72


def test_the_file_has_the_same_numbers_and_nothing_a_spreadsheet_would_calculate(
    desk: Desk, manager: Staff
) -> None:
    def rename(name: str) -> None:
        with desk.database.transaction() as session:
            session.get_one(Unit, desk.wards[0].id).name = name
            build.an_event(session, desk.trust.id)

    rename("=HYPERLINK(1)")
    answer = manager.get(FILE, query_string={"by": "unit", "unit": "hours"})
    rename("Ward 7")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["Unit"] for row in rows] == ["'=HYPERLINK(1)", "Ward 8", "All"]
    assert rows[-1]["Requested (hours)"] == "864.0"
    assert rows[-1]["Temporary demand filled (hours, share)"] == "0.75"


def test_the_file_wants_a_fresh_second_factor(desk: Desk, manager: Staff) -> None:
    with desk.database.transaction() as session:
        long_ago = datetime.now(UTC) - timedelta(hours=2)  # noqa: TID251  sessions live by it
        session.execute(sa.update(SignIn).values(stepped_up_at=long_ago))
    answer = manager.get(FILE)
    assert answer.status_code == 303
    assert answer.location.startswith("/account/confirm")
    assert manager.get(PAGE).status_code == 200


WRONG = {
    "a day that is none": ({"from": "yesterday"}, "Enter a date."),
    "too many weeks": ({"from": "2020-01-01"}, "Ask for 106 weeks at most"),
    "the last week before the first": (
        {"from": "2026-09-07", "to": "2026-08-01"},
        "End in the same week or a later one",
    ),
    "a grouping that is none": ({"by": "person"}, "Choose one of the list."),
    "a year far away": ({"from": "0001-01-01"}, "Enter a date of this century."),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_asked_is_said_and_what_was_chosen_is_kept(
    manager: Staff, arguments: dict[str, str], said: str
) -> None:
    answer = manager.get(PAGE, query_string={**arguments, "only_grade": "band_5"})
    assert answer.status_code == 422
    assert said in answer.text
    assert '<option value="band_5" selected>' in answer.text


@pytest.mark.parametrize("name", ["only_site", "only_unit", "only_trust"])
@pytest.mark.parametrize("path", [PAGE, FILE, SHIFTS])
def test_anothers_place_is_not_found_like_an_unknown_one(
    desk: Desk, manager: Staff, path: str, name: str
) -> None:
    with desk.database.transaction() as session:
        other = build.an_organisation(session, name="Elsewhere NHS Trust")
        site = build.a_site(session, other)
        unit = build.a_unit(session, site)
    theirs = {"only_site": site.id, "only_unit": unit.id, "only_trust": other.id}[name]
    known, unknown = (
        manager.get(path, query_string={name: str(one)})
        for one in (theirs, "01990000-0000-7000-8000-000000000000")
    )
    assert known.status_code == unknown.status_code == 404
    assert re.sub(r"[0-9a-f]{16}", "", known.text) == re.sub(r"[0-9a-f]{16}", "", unknown.text)


def test_a_nurse_has_no_figures(desk: Desk) -> None:
    nurse = desk.person(R.WORKER)
    assert [nurse.get(path).status_code for path in (PAGE, FILE, SHIFTS)] == [403, 403, 403]
