"""A filter hides and says how many; a distance is a straight line from a site of one's own bank."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.finding.search import facets, find_shifts
from bankhub.model.search_values import Filter, ShiftFilters, Show
from bankhub.model.shifts import ShiftCode
from bankhub.model.vocabulary import Grade
from passport.db import Database
from tests.support import build
from tests.support.build import NOW


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        yield opened


@pytest.fixture
def two_sites(database: Database) -> dict[str, Any]:
    """Shifts at two sites 20 km apart and at one whose place is not known."""
    with database.transaction() as session:
        trust = build.an_organisation(session)
        near = build.a_site(session, trust, name="Near", latitude=51.5, longitude=-0.1)
        far = build.a_site(session, trust, name="Far", latitude=51.68, longitude=-0.1)
        lost = build.a_site(session, trust, name="Lost")
        units = {site.name: build.a_unit(session, site) for site in (near, far, lost)}
        nurse, _ = build.a_nurse(
            session, trust, entitlements=[("community_nurse", Grade.BAND_5)]
        )
        shifts = {
            "near": build.a_shift(session, units["Near"], shift_code="E"),
            "far": build.a_shift(session, units["Far"], shift_code="LD"),
            "lost": build.a_shift(session, units["Lost"], shift_code="E"),
        }
        session.add_all(
            ShiftCode(organisation_id=trust.id, code=code, name=code, starts=at, ends=time(15))
            for code, at in (("N", time(20)), ("LD", time(7, 30)), ("E", time(7)))
        )
    return {
        "nurse": nurse,
        "sites": {"near": near.id, "far": far.id},
        "units": {name: unit.id for name, unit in units.items()},
        "names": {shift.id: name for name, shift in shifts.items()},
    }


FILTERS: dict[str, tuple[dict[str, Any], list[str], dict[Filter, int]]] = {
    "nothing": ({}, ["near", "far", "lost"], {}),
    "a site": ({"site_id": "near"}, ["near"], {Filter.SITE: 2}),
    "a shift code": ({"shift_code": "E"}, ["near", "lost"], {Filter.CODE: 1}),
    "a role": ({"role": "midwife"}, [], {Filter.ROLE: 3}),
    "a distance, which an unknown place does not fail": (
        {"near_site_id": "near", "within_km": 10},
        ["near", "lost"],
        {Filter.DISTANCE: 1},
    ),
    "a distance that holds all": (
        {"near_site_id": "near", "within_km": 25},
        ["near", "far", "lost"],
        {},
    ),
    "two at once: each counts what it alone hides": (
        {"site_id": "near", "shift_code": "LD"},
        [],
        {Filter.SITE: 1, Filter.CODE: 1},
    ),
}


@pytest.mark.parametrize("case", FILTERS)
@pytest.mark.parametrize("show", Show)
def test_a_filter_hides_and_says_how_many(
    session: Session, two_sites: dict[str, Any], case: str, show: Show
) -> None:
    asked, expected, hidden = FILTERS[case]
    asked = {k: two_sites["sites"].get(v, v) if k.endswith("_id") else v for k, v in asked.items()}
    page = find_shifts(
        session,
        by=build.as_worker(two_sites["nurse"]),
        now=NOW,
        filters=ShiftFilters(**asked),
        show=show,
    )
    assert {two_sites["names"][one.shift.id] for one in page.shifts} == set(expected)
    assert page.hidden == hidden


def test_what_i_cannot_book_is_not_counted_as_hidden(
    session: Session, two_sites: dict[str, Any]
) -> None:
    nurse = two_sites["nurse"]
    build.busy_hours(session, nurse, NOW + timedelta(days=10))
    page = find_shifts(
        session,
        by=build.as_worker(nurse),
        now=NOW,
        filters=ShiftFilters(site_id=two_sites["sites"]["near"]),
    )
    assert (page.shifts, page.hidden) == ((), {})


def test_the_distance_is_on_the_card(session: Session, two_sites: dict[str, Any]) -> None:
    page = find_shifts(
        session,
        by=build.as_worker(two_sites["nurse"]),
        now=NOW,
        filters=ShiftFilters(near_site_id=two_sites["sites"]["near"]),
    )
    by_name = {two_sites["names"][one.shift.id]: one.distance_km for one in page.shifts}
    assert by_name["near"] == 0
    assert by_name["far"] == pytest.approx(20.0, abs=0.1)
    assert by_name["lost"] is None


def test_a_site_of_another_trust_measures_nothing(
    session: Session, two_sites: dict[str, Any]
) -> None:
    other = build.a_site(session, build.an_organisation(session), latitude=51.5, longitude=0.0)
    page = find_shifts(
        session,
        by=build.as_worker(two_sites["nurse"]),
        now=NOW,
        filters=ShiftFilters(near_site_id=other.id, within_km=1),
    )
    assert [one.distance_km for one in page.shifts] == [None] * 3


def test_the_banks_own_codes_and_sites_are_offered(
    session: Session, two_sites: dict[str, Any]
) -> None:
    build.a_unit(session, build.a_site(session, build.an_organisation(session), name="Other"))
    offered = facets(session, by=build.as_worker(two_sites["nurse"]), now=NOW)
    assert offered.shift_codes == ("E", "LD", "N")
    assert [name for _, name in offered.sites] == ["Far", "Lost", "Near"]


def test_a_full_page_does_not_count_what_is_hidden(
    session: Session, two_sites: dict[str, Any]
) -> None:
    by = build.as_worker(two_sites["nurse"])
    filters = ShiftFilters(shift_code="E")
    assert find_shifts(session, by=by, now=NOW, filters=filters, limit=2).hidden == {}
    assert find_shifts(session, by=by, now=NOW, filters=filters, limit=3).hidden != {}
