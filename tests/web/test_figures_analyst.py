"""What a system analyst sees: the same safe figures on the page, in the file and on the API."""

import csv
import io
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from bankhub.model.vocabulary import Tier
from passport.actors import AccessRole as R
from passport.model.organisations import (
    MembershipKind,
    Organisation,
    OrganisationKind,
    OrganisationMembership,
)
from tests.support import build
from tests.support.desk import Desk, Staff, a_desk
from tests.support.filled import MONDAY, WEEK, fill, three_weeks

PAGE, FILE, SHIFTS = "/figures/fill-rate", "/figures/fill-rate.csv", "/figures/shifts"
API = "/api/v1/fill-rate"
PARTS = ("own_bank", "partner_bank", "framework_agency", "off_framework", "unfilled")


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    path = tmp_path_factory.mktemp("analyst") / "desk.sqlite3"
    copyfile(sqlite_template, path)
    desk = a_desk(f"sqlite:///{path}")
    three_weeks(desk)
    return desk


@pytest.fixture(scope="module")
def analyst(desk: Desk) -> Staff:
    return desk.person(R.SYSTEM_ANALYST)


def figures(staff: Staff, **asked: Any) -> dict[str, Any]:
    answer = staff.get(API, query_string=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def small(line: dict[str, Any]) -> list[str]:
    """Names of shown counts above nought and under five."""
    amounts = {name: line[name] for name in (*PARTS, "went_unfilled", "still_open", "requested")}
    return [name for name, one in amounts.items() if one and 0 < one["shifts"] < 5]


GROUPINGS = ("week", "unit", "staff_group", "grade", "reason", "site", "lead_band")


@pytest.mark.parametrize("by", GROUPINGS)
def test_no_small_count_is_shown_to_an_analyst(desk: Desk, analyst: Staff, by: str) -> None:
    found = figures(analyst, by=by)
    every = [*(group["figures"] for group in found["groups"]), found["total"]]
    assert found["suppressed_under"] == 5
    assert [small(line) for line in every] == [[] for _ in every]
    assert {line["worked"] for line in every} == {None}
    manager = figures(desk.person(R.BANK_MANAGER), by=by)
    assert manager["suppressed_under"] is None
    assert any(small(group["figures"]) for group in manager["groups"])


def test_a_hidden_count_does_not_follow_from_its_line(analyst: Staff) -> None:
    for group in figures(analyst, by="week")["groups"]:
        line = group["figures"]
        parts = (*PARTS[:-1], "went_unfilled", "still_open", "requested")
        hidden = [name for name in parts if line[name] is None]
        assert len(hidden) != 1, (group["key"], hidden)


def test_page_and_file_show_what_the_api_shows(analyst: Staff) -> None:
    found = figures(analyst, by="week")
    rows = list(csv.DictReader(io.StringIO(analyst.get(FILE).text.removeprefix("\ufeff"))))
    page = analyst.get(PAGE).text
    for row, group in zip(rows, found["groups"], strict=False):
        line = group["figures"]["own_bank"]
        assert row["Own bank (shifts)"] == (str(line["shifts"]) if line else "hidden")
        agency = group["figures"]["off_framework"]
        assert row["Off-framework (shifts)"] == ("hidden" if agency is None else "0")
    assert rows[0]["Off-framework (shifts)"] == "hidden"
    assert "hidden" in page
    assert "Counts from 1 to 4 are hidden" in page
    assert "Booked and worked" not in page
    assert "/figures/shifts" not in page


def test_the_chart_draws_only_weeks_of_which_everything_is_shown(analyst: Staff) -> None:
    page = analyst.get(PAGE).text
    assert "off-framework agency" not in page.partition('<h2 id="partition">')[0]
    assert "Group by week alone" in analyst.get(PAGE, query_string={"by": "unit"}).text


@pytest.mark.parametrize("path", [SHIFTS, f"{API}/shifts"])
def test_there_is_no_way_down_to_shifts(analyst: Staff, path: str) -> None:
    assert analyst.get(path).status_code == 403


def test_who_is_also_the_manager_here_sees_every_count(desk: Desk) -> None:
    both = desk.person(R.SYSTEM_ANALYST, R.BANK_MANAGER)
    assert figures(both)["suppressed_under"] is None


@pytest.fixture(scope="module")
def board(desk: Desk) -> Organisation:
    """An ICB with the desk's trust and another as members."""
    with desk.database.transaction() as session:
        icb = build.an_organisation(session, name="Hill and Vale ICB", kind=OrganisationKind.ICB)
        other = build.an_organisation(session, name="Elsewhere NHS Trust")
        ward = build.a_unit(session, build.a_site(session, other), name="Ward Z")
        elsewhere = Desk(desk.app, desk.database, other, desk.site, [ward])
        for _ in range(7):
            fill(session, elsewhere, Tier.OWN_BANK, MONDAY - WEEK)
        for member in (desk.trust, other):
            session.add(
                OrganisationMembership(
                    group_id=icb.id, member_id=member.id, kind=MembershipKind.ICS
                )
            )
        return icb


def test_an_icb_reads_its_members_together_and_apart(desk: Desk, board: Organisation) -> None:
    analyst = desk.person(R.SYSTEM_ANALYST, at=board)
    page = analyst.get(PAGE).text
    assert "Elsewhere NHS Trust" in page
    assert "Rivermead NHS Trust" in page
    found = figures(analyst, by="trust")
    own = {
        next(iter(group["names"].values())): group["figures"]["own_bank"]
        for group in found["groups"]
    }
    assert own["Elsewhere NHS Trust"] == {"shifts": 7, "minutes": 7 * 720}
    assert found["total"]["requested"]["shifts"] == 79


def test_another_system_reads_nothing_of_them(desk: Desk, board: Organisation) -> None:
    with desk.database.transaction() as session:
        other = build.an_organisation(session, name="Far ICB", kind=OrganisationKind.ICB)
    analyst = desk.person(R.SYSTEM_ANALYST, at=other)
    assert figures(analyst)["groups"] == []
    assert analyst.get(API, query_string={"trust_id": str(desk.trust.id)}).status_code == 404
