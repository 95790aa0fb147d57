"""Credentials whose claims an officer states: what is taken, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from passport.actions.issuing import issuing
from passport.actions.issuing.stated_credentials import decide_stated
from passport.db import Database
from passport.errors import Invalid, NotFound, Refused
from passport.model.credentials import Credential, CredentialState
from passport.model.people import Person
from tests.rules import credential_examples
from tests.support import staff
from tests.support.issuing import NOW
from tests.support.staff import SOURCES, Hr


def stated(session: Session, hr: Hr, nurse: Person, kind: str, **changes: Any) -> Credential:
    claims = credential_examples.claims(kind)
    claims = {name: claims[name] for name in claims.keys() - {"provider", "verifier"}}
    given = {"by": hr.first, "now": NOW, "kind": kind, "claims": {**claims, **changes}}
    return decide_stated(session, person_id=nurse.id, **given)


def a_nurse(session: Session) -> tuple[Hr, Person]:
    hr = staff.an_office(session)
    nurse = staff.a_nurse(session, hr)
    issuing.decide(
        session, person_id=nurse.id, types=["identity"], sources=SOURCES, by=hr.first, now=NOW
    )
    return hr, nurse


@pytest.mark.parametrize(
    "kind", ["qualification", "competence", "site_induction", "oh_clearance", "licence_to_attend"]
)
def test_what_no_record_is_made_into_is_stated(database: Database, kind: str) -> None:
    with database.transaction() as session:
        hr, nurse = a_nurse(session)
        made = stated(session, hr, nurse, kind)
        assert (made.state, made.claims["provider"]) == (CredentialState.OFFERED, hr.trust.ods_code)
        assert (made.valid_until is None) is (kind != "licence_to_attend")


def test_a_licence_ends_with_its_last_day(database: Database) -> None:
    with database.transaction() as session:
        hr, nurse = a_nurse(session)
        made = stated(
            session, hr, nurse, "licence_to_attend", starts_on="2026-11-02", ends_on="2026-12-31"
        )
        assert made.valid_until == datetime(2027, 1, 1, tzinfo=UTC)


def test_what_is_refused_by_the_type_or_is_made_from_records_is_not_stated(
    database: Database,
) -> None:
    with database.transaction() as session:
        hr, nurse = a_nurse(session)
        with pytest.raises(Invalid, match="claims"):
            stated(session, hr, nurse, "oh_clearance", diagnosis="asthma")
        with pytest.raises(Invalid, match="claims"):
            stated(session, hr, nurse, "qualification", verifier="R0A")
        for kind in ("identity", "training_award", "astrology"):
            with pytest.raises(Invalid, match="types"):
                decide_stated(
                    session, person_id=nurse.id, kind=kind, claims={}, by=hr.first, now=NOW
                )


def test_nobody_states_for_themselves_for_strangers_or_for_nobody(database: Database) -> None:
    with database.transaction() as session:
        hr, nurse = a_nurse(session)
        other = staff.an_office(session)
        herself = replace(hr, first=replace(hr.first, person_id=nurse.holder_id))
        with pytest.raises(Refused, match="own_passport"):
            stated(session, herself, nurse, "qualification")
        with pytest.raises(NotFound):
            stated(session, other, nurse, "qualification")
        unseen = staff.a_nurse(session, hr, given_name="Mo")
        with pytest.raises(Refused, match="no_identity"):
            stated(session, hr, unseen, "qualification")
