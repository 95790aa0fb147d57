"""The documents say what the agreements in force say, to their parties alone."""

from datetime import timedelta

import pytest

from bankhub.actions.governance import information_governance
from bankhub.actions.governance.subject_requests import CATALOGUE
from bankhub.model.agreement_terms import DataCategory
from bankhub.model.processing import processing
from bankhub.rules.governance.information_documents import FLOW_HEADS, RECORD_HEADS
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, NotFound
from passport.model.organisations import Organisation
from tests.support import build, sharing
from tests.support.build import NOW


def lead_of(organisation: Organisation) -> Actor:
    return build.an_actor(organisation, AccessRole.IG_LEAD)


def test_the_documents_are_made_from_the_agreement_in_force(database: Database) -> None:
    with database.transaction() as session:
        north = build.an_organisation(session, name="North Trust")
        south = build.an_organisation(session, name="South Trust")
        third = build.an_organisation(session, name="Third Trust")
        made = sharing.an_agreement(session, north, south, retention_days=17)
    by = lead_of(south)
    with database.reading() as session:
        flows = information_governance.flows(session, by=by, now=NOW)
        record = information_governance.record_of_processing(session, by=by, now=NOW)
        notice = information_governance.privacy_notice(
            session, agreement_id=made.agreement_id, by=by, now=NOW
        )
        draft = information_governance.impact_assessment(
            session, agreement_id=made.agreement_id, by=by, now=NOW
        )
        assert information_governance.flows(session, by=lead_of(third), now=NOW) == []
        with pytest.raises(NotFound):
            information_governance.privacy_notice(
                session, agreement_id=made.agreement_id, by=lead_of(third), now=NOW
            )
        later = NOW + timedelta(days=800)
        assert information_governance.flows(session, by=by, now=later) == []
    assert len(flows) == 6
    assert all(len(row) == len(FLOW_HEADS) for row in flows)
    assert {row[0].split(" (")[0] for row in flows} == {"North Trust", "South Trust"}
    assert all(len(row) == len(RECORD_HEADS) for row in record)
    assert len(record) == len(processing().activity) + 1
    told = repr(notice.parts)
    assert "17 days" in told
    assert len(notice.parts[1].rows) == len(notice.agreement.terms.data_categories)
    assert len(notice.parts[1].rows) <= len(DataCategory)
    assert "Third" not in told + repr(draft.parts) + repr(record)
    assert any(part.title == "Risks to people" for part in draft.parts)


def test_flows_between_two_others_are_not_ones_own(database: Database) -> None:
    with database.transaction() as session:
        parties = [build.an_organisation(session, name=f"Trust {name}") for name in "ABC"]
        sharing.an_agreement(session, *parties)
    with database.reading() as session:
        flows = information_governance.flows(session, by=lead_of(parties[0]), now=NOW)
    assert len(flows) == 3 * 4
    assert all("Trust A" in row[0] + row[1] for row in flows)


def test_a_wards_requester_reads_none_of_it(database: Database) -> None:
    with database.transaction() as session:
        north = build.an_organisation(session)
    with database.reading() as session, pytest.raises(Forbidden):
        information_governance.flows(
            session, by=build.an_actor(north, AccessRole.WARD_REQUESTER), now=NOW
        )


def test_every_table_about_people_is_in_one_activity() -> None:
    named = [table for one in processing().activity for table in one.tables]
    assert len(named) == len(set(named))
    about = {name for name, entry in CATALOGUE.items() if entry.is_about_people}
    assert set(named) == about
