"""The areas that look at a draft: who speaks for each, and what holds it."""

from functools import partial

import pytest

from bankhub.actions.agreements import agreements
from bankhub.model.agreements import ReviewArea
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Invalid, Refused
from tests.actions.test_agreements import trusts
from tests.support import agreeing, build
from tests.support.build import NOW


def test_one_party_that_sends_it_back_holds_it(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        _, version = agreeing.drafted(session, north, south)
        agreeing.reviewed(session, version, north)
        again = {
            "version_id": version.id, "area": ReviewArea.FINANCE, "name": "Kit", "job_title": "CFO",
            "by": agreeing.office(south), "now": NOW,
        }  # fmt: skip
        with pytest.raises(Invalid) as wrong:
            agreements.review(session, signed_off=False, **again)
        assert "comment" in wrong.value.fields
        agreements.review(session, signed_off=False, comment="Rates.", **again)
        with pytest.raises(Refused) as refused:
            agreements.send_out(session, version_id=version.id, by=agreeing.manager(north), now=NOW)
        assert [one.code for one in refused.value.reasons] == ["sent_back"]
        agreements.review(session, signed_off=True, **again)
        agreements.send_out(session, version_id=version.id, by=agreeing.manager(north), now=NOW)


@pytest.mark.parametrize("area", list(ReviewArea))
@pytest.mark.parametrize("signed_off", [True, False])
def test_who_speaks_for_an_area_has_its_role(
    sqlite_database: Database, area: ReviewArea, signed_off: bool
) -> None:
    """Nobody else signs it off, nor takes a sign-off away by sending it back."""
    roles = {
        ReviewArea.HR: AccessRole.HR_OFFICER, ReviewArea.IG: AccessRole.IG_LEAD,
        ReviewArea.FINANCE: AccessRole.BUDGET_HOLDER,
    }  # fmt: skip
    with sqlite_database.transaction() as session:
        north, south = trusts(session)
        _, version = agreeing.drafted(session, north, south)
        by = agreeing.manager(north)
        agreements.send_to_review(session, version_id=version.id, by=by, now=NOW)
        for role in agreements.REVIEWERS:
            look = partial(
                agreements.review, session, version_id=version.id, area=area, name="Kit",
                job_title="Head", signed_off=signed_off, comment="Rates.",
                by=build.an_actor(north, role), now=NOW,
            )  # fmt: skip
            if roles.get(area, role) is role:
                look()
            else:
                with pytest.raises(Refused, match="not_of_area"):
                    look()


def test_five_areas_are_five_people(database: Database) -> None:
    with database.transaction() as session:
        north, south = trusts(session)
        _, version = agreeing.drafted(session, north, south)
        agreements.send_to_review(
            session, version_id=version.id, by=agreeing.manager(north), now=NOW
        )

        def look(area: ReviewArea, name: str) -> None:
            agreements.review(
                session, version_id=version.id, area=area, name=name, job_title="Head",
                signed_off=True, by=agreeing.office(north), now=NOW,
            )  # fmt: skip

        look(ReviewArea.HR, "Ann  Bell")
        look(ReviewArea.HR, "Ann Bell")
        with pytest.raises(Refused) as refused:
            look(ReviewArea.IG, " ann bell")
        assert refused.value.code == "same_reviewer"
