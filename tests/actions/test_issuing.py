"""A bundle is decided from what is on record, never to oneself; a new identity check needs two."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.issuing import issuing
from passport.actions.issuing.issuing import Decided
from passport.actions.people import evidence, identity_checks
from passport.actions.people.identity_checks import Seen
from passport.actions.signing import credential_life
from passport.actors import AccessRole, Actor, job
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event, Notice
from passport.model.credentials import Bundle, Credential, CredentialCopy, CredentialState
from passport.model.facts import FactKind, FactValue
from passport.model.people import Person
from tests.support import build, staff
from tests.support.issuing import NOW
from tests.support.staff import SOURCES

S = CredentialState
LATER = NOW + timedelta(days=1)
SEEN = Seen(
    route="FACE_TO_FACE", checked_on=date(2026, 11, 2),
    documents=("PASSPORT", "UTILITY_BILL", "BANK_STATEMENT"),
)  # fmt: skip


def decide(session: Session, person: Person, by: Actor, **asked: object) -> Decided:
    given = {"sources": SOURCES, "now": NOW, **asked}
    return issuing.decide(session, person_id=person.id, by=by, **given)  # type: ignore[arg-type]


def credentials(session: Session, person: Person) -> list[Credential]:
    mine = sa.select(Credential).where(Credential.person_id == person.id)
    return list(session.scalars(mine.order_by(Credential.id)))


def test_a_bundle_is_decided_before_anything_is_signed(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurse = staff.a_nurse(session, hr)
        decided = decide(session, nurse, hr.first)
        made = credentials(session, nurse)
        assert {one.type for one in made} == {
            "identity", "professional_registration", "training_award", "dbs_outcome",
            "employment_assignment",
        }  # fmt: skip
        assert {(one.state, one.bundle_id) for one in made} == {(S.OFFERED, decided.bundle_id)}
        assert session.query(CredentialCopy).count() == 0
        bundle = session.get_one(Bundle, decided.bundle_id)
        assert bundle.decided_by_id == hr.first.account_id
        event = session.scalars(sa.select(Event).where(Event.kind == "bundle.decided")).one()
        assert set(event.detail) == {"person", "types"}
        letter = session.scalars(sa.select(Notice).where(Notice.template == "passport_offered"))
        assert letter.one().to_person_id == nurse.id


def test_deciding_again_issues_nothing_twice(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurse = staff.a_nurse(session, hr)
        decide(session, nurse, hr.first)
        before = len(credentials(session, nurse))
        with pytest.raises(Refused, match="nothing_new"):
            decide(session, nurse, hr.second)
        assert len(credentials(session, nurse)) == before


def test_a_newer_award_overtakes_what_waits_and_replaces_what_is_held(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurse = staff.a_nurse(session, hr)
        decide(session, nurse, hr.first)
        fire, other = (_award(session, nurse, code) for code in ("FIRE", "HSW"))
        credential_life.accept(session, credential_id=other.id, by=job(), now=NOW)
        for code in ("FIRE", "HSW"):
            _train_again(session, nurse, code, hr.first)
        decided = decide(session, nurse, hr.first, now=LATER)
        assert decided.types == ("training_award", "training_award")
        assert (fire.state, fire.reason) == (S.WITHDRAWN, "updated_information")
        assert other.state is S.HELD
        newest = _award(session, nurse, "HSW")
        assert (newest.state, newest.supersedes_id) == (S.OFFERED, other.id)
        credential_life.accept(session, credential_id=newest.id, by=job(), now=LATER)
        assert other.state is S.SUPERSEDED


def _award(session: Session, person: Person, code: str) -> Credential:
    awards = [one for one in credentials(session, person) if one.type == "training_award"]
    return [one for one in awards if one.claims["subject_code"] == code][-1]


def _train_again(session: Session, person: Person, code: str, by: Actor) -> None:
    award = FactValue(
        FactKind.TRAINING, {"subject": code, "level": 1}, awarded_on=date(2026, 10, 20)
    )
    evidence.add_facts(
        session, person_id=person.id, entries=[award], source="hr_file", by=by, now=NOW
    )


@pytest.mark.parametrize("way", ["own record", "linked record", "same address"])
def test_nobody_issues_to_themselves(database: Database, way: str) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurse = staff.a_nurse(session, hr, email="me@example.org")
        if way == "own record":
            by = replace(hr.first, person_id=nurse.holder_id)
        elif way == "linked record":
            elsewhere = build.a_person(session, build.an_organisation(session))
            nurse.holder_id = elsewhere.id
            by = replace(hr.first, person_id=elsewhere.holder_id)
        else:
            account = build.an_account(session, email="me@example.org")
            by = replace(hr.first, account_id=account.id)
        with pytest.raises(Refused, match="own_passport"):
            decide(session, nurse, by)
        assert credentials(session, nurse) == []


def test_only_a_stepped_up_officer_of_the_organisation_decides(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurse = staff.a_nurse(session, hr)
        other = staff.an_office(session)
        with pytest.raises(NotFound):
            decide(session, nurse, other.first)
        with pytest.raises(Forbidden, match="step_up_needed"):
            decide(session, nurse, replace(hr.first, stepped_up=False))
        with pytest.raises(Forbidden):
            decide(session, nurse, replace(hr.first, roles=frozenset({AccessRole.WORKER})))
        with pytest.raises(Forbidden):
            decide(session, nurse, job())
        with pytest.raises(Invalid, match="types"):
            decide(session, nurse, hr.first, types=("identity", "astrology"))


def test_nothing_is_issued_to_somebody_who_has_left_or_without_a_check(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        gone = staff.a_nurse(session, hr)
        gone.left_at = NOW
        with pytest.raises(Refused, match="has_left"):
            decide(session, gone, hr.first)
        unseen = staff.a_nurse(session, hr, on_record=False, given_name="Mo")
        with pytest.raises(Refused, match="identity_not_checked"):
            decide(session, unseen, hr.first)


def test_a_new_identity_check_counts_once_a_second_officer_agreed(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurse = staff.a_nurse(session, hr, on_record=False)
        check = identity_checks.begin(
            session, person_id=nurse.id, seen=SEEN, by=hr.first, now=NOW
        )
        with pytest.raises(Refused, match="identity_not_checked"):
            decide(session, nurse, hr.first)
        with pytest.raises(Refused, match="same_officer"):
            identity_checks.agree(session, check_id=check.id, by=hr.first, now=NOW)
        herself = replace(hr.second, person_id=nurse.holder_id)
        with pytest.raises(Refused, match="own_passport"):
            identity_checks.agree(session, check_id=check.id, by=herself, now=NOW)
        identity_checks.agree(session, check_id=check.id, by=hr.second, now=NOW)
        with pytest.raises(Refused, match="check_answered"):
            identity_checks.agree(session, check_id=check.id, by=hr.second, now=NOW)
        decide(session, nurse, hr.first)
        (identity,) = [one for one in credentials(session, nurse) if one.type == "identity"]
        assert identity.claims["verification_method"] == "IN_PERSON"


def test_a_check_that_the_second_officer_does_not_share_counts_for_nothing(
    database: Database,
) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurse = staff.a_nurse(session, hr, on_record=False)
        check = identity_checks.begin(
            session, person_id=nurse.id, seen=SEEN, by=hr.first, now=NOW
        )
        identity_checks.disagree(
            session, check_id=check.id, because="not_the_person", by=hr.second, now=NOW
        )
        with pytest.raises(Refused, match="identity_not_checked"):
            decide(session, nurse, hr.first)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"documents": ("PASSPORT",)}, "documents"),
        ({"documents": ("UTILITY_BILL", "COUNCIL_TAX", "BANK_STATEMENT")}, "documents"),
        ({"documents": ("PASSPORT", "LIBRARY_CARD", "COUNCIL_TAX")}, "documents"),
        ({"route": "HEARSAY"}, "route"),
        ({"route": "ON_RECORD"}, "route"),
        ({"route": "IDSP", "checked_by": "Yoti Ltd"}, "gpg45_profile"),
        ({"route": "IDSP", "gpg45_profile": "M1A"}, "checked_by"),
        ({"checked_on": date(2026, 11, 3)}, "checked_on"),
        ({"checked_on": date(1980, 1, 1)}, "checked_on"),
    ],
)
def test_a_check_that_cannot_be_right_is_not_taken(
    sqlite_database: Database, changes: dict[str, object], field: str
) -> None:
    with sqlite_database.transaction() as session:
        hr = staff.an_office(session)
        nurse = staff.a_nurse(session, hr, on_record=False)
        seen = replace(SEEN, **changes)  # type: ignore[arg-type]
        with pytest.raises(Invalid) as wrong:
            identity_checks.begin(session, person_id=nurse.id, seen=seen, by=hr.first, now=NOW)
        assert list(wrong.value.fields) == [field]


def test_checks_are_put_on_record_for_own_people_once(database: Database) -> None:
    with database.transaction() as session:
        hr, other = staff.an_office(session), staff.an_office(session)
        nurse = staff.a_nurse(session, hr, on_record=False)
        foreign = staff.a_nurse(session, other, on_record=False)
        ahead = staff.a_nurse(session, hr, on_record=False, given_name="Mo")
        checks = [(nurse.id, staff.SEEN_ON), (foreign.id, staff.SEEN_ON)]
        checks.append((ahead.id, date(2027, 1, 1)))
        taken = [
            identity_checks.put_on_record(session, checks=checks, by=hr.first, now=NOW)
            for _ in range(2)
        ]
        assert taken == [1, 0]
        (check,) = identity_checks.checks_of(session, person_id=nurse.id, by=hr.first)
        assert (check.route, check.checked_by) == ("ON_RECORD", hr.trust.ods_code)
