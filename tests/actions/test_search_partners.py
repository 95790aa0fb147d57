"""Partners' shifts in a worker's list: as the agreement says, by the host's clearance."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.finding.search import find_shifts, one_shift
from bankhub.model.clearances import ClearanceState
from bankhub.model.search_values import Show
from bankhub.model.vocabulary import Grade, StaffGroup, Tier
from bankhub.rules.shift_times import london_day
from passport.db import Database
from passport.errors import NotFound
from tests.support import build, sharing
from tests.support.build import NOW

TOMORROW = NOW + timedelta(days=1)
LEFT = NOW - timedelta(days=2)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        yield opened


@pytest.fixture
def partners(database: Database) -> dict[str, Any]:
    """A nurse of one trust, a ward of another, and what an agreement would let the nurse see."""
    with database.transaction() as session:
        home = build.an_organisation(session, name="Home NHS Trust")
        host = build.an_organisation(session, name="Host NHS Trust")
        site = build.a_site(session, host)
        ward = build.a_unit(session, site)
        nurse, _ = build.a_nurse(session, home)
        other = build.an_organisation(session)
    return {
        "home": home,
        "host": host,
        "site": site,
        "ward": ward,
        "nurse": nurse,
        "other": other,
    }


COVERAGE: dict[str, tuple[dict[str, Any] | None, dict[Tier, datetime | None], bool]] = {
    "an agreement that covers it": ({}, {}, True),
    "an agreement for its site": ({"site_id": "site"}, {}, True),
    "an agreement for another site": ({"site_id": UUID(int=1)}, {}, False),
    "an agreement for another grade": ({"grade": Grade.BAND_6}, {}, False),
    "an agreement for another staff group": ({"staff_group": StaffGroup.HCA}, {}, False),
    "an agreement that ended": ({"until_on": date(2026, 9, 16)}, {}, False),
    "an agreement that starts later": ({"from_on": date(2026, 9, 18)}, {}, False),
    "an agreement that leaves its role out": ({"excluded_roles": ["rn_adult"]}, {}, False),
    "an agreement that leaves out another role": ({"excluded_roles": ["rn_child"]}, {}, True),
    "an agreement that lets it be seen later": ({"lead_hours": 72}, {}, False),
    "an agreement that lets it be seen by now": ({"lead_hours": 240}, {}, True),
    "a partner tier that opens later": ({}, {Tier.PARTNER: TOMORROW}, False),
    "no agreement": (None, {}, False),
}


@pytest.mark.parametrize("case", COVERAGE)
def test_a_partners_shift_is_seen_only_as_the_agreement_says(
    session: Session, partners: dict[str, Any], case: str
) -> None:
    terms, openings, seen = COVERAGE[case]
    if terms is not None:
        terms = {k: partners["site"].id if v == "site" else v for k, v in terms.items()}
        build.a_coverage(session, host=partners["host"], partner=partners["home"], **terms)
    wsa = sharing.an_agreement(session, partners["other"], partners["host"])
    sharing.a_clearance(session, wsa, partners["nurse"], partners["host"])
    opens: dict[Tier, datetime | None] = {Tier.PARTNER: LEFT, **openings}
    shift = build.a_shift(session, partners["ward"], openings=opens)
    by = build.as_worker(partners["nurse"])
    for show in Show:
        page = find_shifts(session, by=by, now=NOW, show=show)
        assert [one.shift.id for one in page.shifts] == ([shift.id] if seen else [])
    if seen:
        one = one_shift(session, shift_id=shift.id, by=by, now=NOW)
        assert (one.tier, one.bookable) == (Tier.PARTNER, True)
        assert one.place.organisation_name == "Host NHS Trust"
    else:
        with pytest.raises(NotFound):
            one_shift(session, shift_id=shift.id, by=by, now=NOW)


def test_an_own_post_at_the_host_goes_before_the_agreement(
    session: Session, partners: dict[str, Any]
) -> None:
    build.a_coverage(session, host=partners["host"], partner=partners["home"])
    build.a_nurse(session, partners["host"], holder=partners["nurse"])
    build.rebuild(session)
    build.a_shift(session, partners["ward"], openings={Tier.PARTNER: LEFT})
    (found,) = find_shifts(session, by=build.as_worker(partners["nurse"]), now=NOW).shifts
    assert found.tier is Tier.OWN_BANK


def listed(session: Session, partners: dict[str, Any], show: Show, now: datetime = NOW) -> Any:
    return find_shifts(session, by=build.as_worker(partners["nurse"]), now=now, show=show).shifts


def partner_shift(session: Session, partners: dict[str, Any], **fields: Any) -> Any:
    fields.setdefault("openings", {Tier.PARTNER: LEFT})
    return build.a_shift(session, partners["ward"], **fields)


def test_without_a_clearance_a_shift_is_in_reach_with_what_is_missing(
    session: Session, partners: dict[str, Any]
) -> None:
    sharing.an_agreement(session, partners["home"], partners["host"])
    shift = partner_shift(session, partners)
    assert listed(session, partners, Show.BOOKABLE) == ()
    for show in (Show.IN_REACH, Show.ALL):
        (one,) = listed(session, partners, show)
        assert (one.shift.id, one.tier, one.bookable) == (shift.id, Tier.PARTNER, False)
        assert [reason.code for reason in one.reasons] == ["not_cleared"]


def test_what_something_else_stands_before_is_not_in_reach(
    session: Session, partners: dict[str, Any]
) -> None:
    sharing.an_agreement(session, partners["home"], partners["host"])
    shift = partner_shift(session, partners)
    build.busy_hours(session, partners["nurse"], shift.starts_at - timedelta(hours=10), hours=8)
    assert listed(session, partners, Show.IN_REACH) == ()
    (one,) = listed(session, partners, Show.ALL)
    assert {reason.code for reason in one.reasons} == {"not_cleared", "daily_rest"}


def test_each_item_that_is_missing_is_named(session: Session, partners: dict[str, Any]) -> None:
    wsa = sharing.an_agreement(session, partners["home"], partners["host"])
    items = [
        item("before_booking", "missing", "Fire safety", "Do the course"),
        item("before_booking", "met", "Identity", ""),
        item("at_arrival", "due", "Ward induction", "Ask the nurse in charge"),
    ]
    sharing.a_clearance(session, wsa, partners["nurse"], partners["host"],
                        state=ClearanceState.NOT_CLEARED, items=items)  # fmt: skip
    partner_shift(session, partners)
    (one,) = listed(session, partners, Show.IN_REACH)
    (reason,) = one.reasons
    assert (reason.evidence["item"], reason.cure.act) == ("Fire safety", "Do the course")


def item(timing: str, state: str, title: str, act: str) -> dict[str, Any]:
    return {"code": title, "title": title, "timing": timing, "state": state, "act": act}


def test_what_is_due_at_arrival_bars_nothing(session: Session, partners: dict[str, Any]) -> None:
    wsa = sharing.an_agreement(session, partners["home"], partners["host"])
    due = [item("at_arrival", "due", "Ward induction", "Ask the nurse in charge")]
    sharing.a_clearance(session, wsa, partners["nurse"], partners["host"], items=due)
    partner_shift(session, partners)
    (one,) = listed(session, partners, Show.BOOKABLE)
    assert (one.bookable, one.due_at_arrival) == (True, ("Ward induction",))


def test_cleared_to_a_day_is_listed_to_that_day(session: Session, partners: dict[str, Any]) -> None:
    wsa = sharing.an_agreement(session, partners["home"], partners["host"])
    shift = partner_shift(session, partners)
    day = london_day(shift.starts_at)
    row = sharing.a_clearance(session, wsa, partners["nurse"], partners["host"], until_on=day)
    assert [one.shift.id for one in listed(session, partners, Show.BOOKABLE)] == [shift.id]
    row.until_on = day - timedelta(days=1)
    session.flush()
    assert listed(session, partners, Show.BOOKABLE) == ()
    (one,) = listed(session, partners, Show.IN_REACH)
    assert [reason.code for reason in one.reasons] == ["clearance_ends"]


def test_papers_that_lapsed_at_home_do_not_hide_what_the_host_cleared(
    session: Session, partners: dict[str, Any]
) -> None:
    wsa = sharing.an_agreement(session, partners["home"], partners["host"])
    bare = build.a_person(session, partners["home"])
    build.a_post(session, bare)
    build.rebuild(session)
    partners = partners | {"nurse": bare}
    sharing.a_clearance(session, wsa, bare, partners["host"])
    shift = partner_shift(session, partners)
    assert [one.shift.id for one in listed(session, partners, Show.BOOKABLE)] == [shift.id]


def test_the_distance_from_the_nearest_site_at_home(
    session: Session, partners: dict[str, Any]
) -> None:
    wsa = sharing.an_agreement(session, partners["home"], partners["host"])
    sharing.a_clearance(session, wsa, partners["nurse"], partners["host"])
    build.a_site(session, partners["home"], latitude=51.0, longitude=0.0)
    build.a_site(session, partners["home"], latitude=50.1, longitude=0.0)
    partners["site"] = session.merge(partners["site"])
    partners["site"].latitude, partners["site"].longitude = 50.0, 0.0
    session.flush()
    partner_shift(session, partners)
    (one,) = listed(session, partners, Show.BOOKABLE)
    assert one.distance_km == pytest.approx(11.1, abs=0.1)
