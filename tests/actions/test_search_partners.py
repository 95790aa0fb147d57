"""Partner banks in a worker's search: empty until agreements exist, but the way is there."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.search import find_shifts, one_shift
from bankhub.model.search_values import Show
from bankhub.model.vocabulary import Grade, StaffGroup, Tier
from passport.db import Database
from passport.errors import NotFound
from tests.support import build
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
    return {"home": home, "host": host, "site": site, "ward": ward, "nurse": nurse}


COVERAGE: dict[str, tuple[dict[str, Any] | None, dict[Tier, datetime | None], bool]] = {
    "an agreement that covers it": ({}, {}, True),
    "an agreement for its site": ({"site_id": "site"}, {}, True),
    "an agreement for another site": ({"site_id": UUID(int=1)}, {}, False),
    "an agreement for another grade": ({"grade": Grade.BAND_6}, {}, False),
    "an agreement for another staff group": ({"staff_group": StaffGroup.HCA}, {}, False),
    "an agreement that ended": ({"until_on": date(2026, 9, 16)}, {}, False),
    "an agreement that starts later": ({"from_on": date(2026, 9, 18)}, {}, False),
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
