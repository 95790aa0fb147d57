"""Existing staff in bulk: who is drawn, who opens the sample, who approves, and what is issued."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.worker.jobs import Jobs
from passport.actions.issuing import issue_batches
from passport.actions.people import people
from passport.actions.signing import credential_life
from passport.actors import Actor, job, operator
from passport.config import Config
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event, Notice
from passport.model.accounts import Account
from passport.model.credential_types import Withdrawal
from passport.model.credentials import Bundle, Credential, IssueBatch
from passport.model.issue_policy import ISSUE_POLICY
from passport.model.people import Person
from tests.support import staff
from tests.support.access import MASTER_KEY, SECRET_KEY
from tests.support.issuing import NOW
from tests.support.staff import SOURCES, Hr

LATER = NOW + timedelta(days=1)


def drawn(session: Session, hr: Hr, **asked: Any) -> IssueBatch:
    given = {"sources": SOURCES, "by": hr.first, "now": NOW, **asked}
    surveyed = issue_batches.survey(session, **given)
    return issue_batches.begin(session, surveyed, by=hr.first, now=NOW)


def opened(session: Session, batch: IssueBatch, by: Actor) -> None:
    for person in batch.sample:
        issue_batches.open_sample(
            session, batch_id=batch.id, person_id=UUID(person), by=by, now=NOW
        )


def approved(session: Session, hr: Hr) -> IssueBatch:
    batch = drawn(session, hr)
    opened(session, batch, hr.second)
    issue_batches.approve(session, batch_id=batch.id, by=hr.first, now=NOW)
    return batch


def issue(session: Session, batch: IssueBatch, **asked: Any) -> issue_batches.Portion:
    given = {"sources": SOURCES, "by": job(), "now": LATER, "batch_id": batch.id, **asked}
    return issue_batches.issue_portion(session, **given)


def ward(session: Session, hr: Hr, count: int = 7) -> list[Person]:
    return [staff.a_nurse(session, hr, given_name=f"Nurse{n}") for n in range(count)]


def test_whom_checks_are_on_record_of_is_drawn_and_the_rest_are_exceptions(
    database: Database,
) -> None:
    with database.transaction() as session:
        hr, other = staff.an_office(session), staff.an_office(session)
        nurses = ward(session, hr)
        unseen = staff.a_nurse(session, hr, on_record=False)
        gone, foreign = staff.a_nurse(session, hr), staff.a_nurse(session, other)
        gone.left_at = NOW
        batch = drawn(session, hr)
        assert set(batch.people) == {str(one.id) for one in nurses}
        assert batch.exceptions == {str(unseen.id): ["identity_not_checked"]}
        assert str(foreign.id) not in batch.people
        assert len(batch.sample) == ISSUE_POLICY.sample_least
        assert set(batch.sample) <= set(batch.people)
        assert session.query(Credential).count() == 0


def test_the_sample_grows_with_the_batch_up_to_a_bound() -> None:
    sizes = {3: 3, 100: 5, 1_000: 20, 10_000: 60}
    assert {people: ISSUE_POLICY.sample_of(people) for people in sizes} == sizes


def test_the_sample_is_not_the_same_twice(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        hr = staff.an_office(session)
        ward(session, hr, 30)
        samples = set()
        for _ in range(4):
            batch = drawn(session, hr)
            samples.add(frozenset(batch.sample))
            issue_batches.stop(
                session, batch_id=batch.id, because="not_wanted", by=hr.first, now=NOW
            )
        assert len(samples) > 1


def test_a_batch_waits_for_the_sample_and_for_one_approval(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        ward(session, hr)
        batch = drawn(session, hr)
        with pytest.raises(Refused, match="not_approved"):
            issue(session, batch)
        with pytest.raises(Refused, match="sample_not_opened"):
            issue_batches.approve(session, batch_id=batch.id, by=hr.first, now=NOW)
        opened(session, batch, hr.second)
        with pytest.raises(Refused, match="same_officer"):
            issue_batches.approve(session, batch_id=batch.id, by=hr.second, now=NOW)
        issue_batches.approve(session, batch_id=batch.id, by=hr.first, now=NOW)
        with pytest.raises(Refused, match="batch_done"):
            issue_batches.approve(session, batch_id=batch.id, by=hr.first, now=NOW)


def test_the_sample_is_opened_by_somebody_else_than_who_drew_it(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurses = ward(session, hr, 2)
        batch = drawn(session, hr)
        for by in (hr.first, operator(hr.trust.id)):
            with pytest.raises(Refused, match="same_officer"):
                opened(session, batch, by)
        herself = replace(hr.second, person_id=nurses[0].holder_id)
        with pytest.raises(Refused, match="own_passport"):
            issue_batches.open_sample(
                session, batch_id=batch.id, person_id=nurses[0].id, by=herself, now=NOW
            )
        with pytest.raises(NotFound):
            issue_batches.open_sample(
                session, batch_id=batch.id, person_id=UUID(int=3), by=hr.second, now=NOW
            )


def test_an_approved_batch_is_issued_in_portions_and_nothing_twice(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurses = ward(session, hr)
        batch = approved(session, hr)
        left = [issue(session, batch, size=3).left for _ in range(4)]
        assert left == [4, 1, 0, 0]
        assert batch.issued_at == LATER
        assert issue(session, batch).left == 0
        bundles = session.scalars(sa.select(Bundle)).all()
        assert sorted(one.person_id for one in bundles) == sorted(one.id for one in nurses)
        assert {(one.batch_id, one.decided_by_id) for one in bundles} == {
            (batch.id, hr.first.account_id)
        }
        assert issue_batches.issued_of(session, batch) == 7
        letters = sa.select(Notice).where(Notice.template == "passport_offered")
        assert len(session.scalars(letters).all()) == 7
        decided = sa.select(Event).where(Event.kind == "bundle.decided")
        assert {one.by_account_id for one in session.scalars(decided)} == {hr.first.account_id}
        again = drawn(session, hr)
        assert again.people == []


def test_a_stopped_batch_issues_nothing_more(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        ward(session, hr)
        batch = approved(session, hr)
        issue(session, batch, size=2)
        issue_batches.stop(
            session, batch_id=batch.id, because="sample_wrong", by=hr.second, now=NOW
        )
        with pytest.raises(Refused, match="not_approved"):
            issue(session, batch)
        assert issue_batches.issued_of(session, batch) == 2


def test_who_changed_between_approval_and_issue_becomes_an_exception(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        nurses = ward(session, hr, 3)
        batch = approved(session, hr)
        people.let_go(session, person_id=nurses[0].id, by=hr.first, now=NOW)
        me = session.get_one(Account, hr.first.account_id)
        nurses[1].email = me.email
        session.flush()
        issue(session, batch)
        assert batch.exceptions == {
            str(nurses[0].id): ["has_left"], str(nurses[1].id): ["own_passport"],
        }  # fmt: skip
        assert issue_batches.issued_of(session, batch) == 1
        issue(session, batch)
        assert batch.issued_at is not None


def test_what_was_ended_as_an_error_is_not_issued_again_in_bulk(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        ward(session, hr, 1)
        issue(session, approved(session, hr))
        issue(session, session.scalars(sa.select(IssueBatch)).one())
        for one in session.scalars(sa.select(Credential)).all():
            credential_life.withdraw(
                session, credential_id=one.id, reason=Withdrawal.ISSUED_IN_ERROR, by=hr.first,
                now=LATER,
            )  # fmt: skip
        batch = drawn(session, hr)
        assert list(batch.exceptions.values()) == [["ended_in_error"]]


def test_one_batch_at_a_time_and_only_known_types(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        ward(session, hr, 1)
        with pytest.raises(Invalid, match="types"):
            drawn(session, hr, types=("identity", "astrology"))
        batch = drawn(session, hr, types=("identity",))
        assert batch.types == ["identity"]
        with pytest.raises(Refused, match="batch_open"):
            drawn(session, hr)


def test_a_page_goes_through_no_more_people_than_somebody_waits_for(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        ward(session, hr, 3)
        assert len(drawn(session, hr, most=3).people) == 3
        with pytest.raises(Refused, match="too_many_here"):
            drawn(session, hr, most=2)


def test_another_organisations_batch_is_not_found(database: Database) -> None:
    with database.transaction() as session:
        hr, other = staff.an_office(session), staff.an_office(session)
        ward(session, hr, 1)
        batch = drawn(session, hr)
        for deed in (issue_batches.approve, issue_batches.batch_of, issue_batches.stop):
            given: dict[str, Any] = {"now": NOW} if deed is not issue_batches.batch_of else {}
            given |= {"because": "not_wanted"} if deed is issue_batches.stop else {}
            with pytest.raises(NotFound):
                deed(session, batch_id=batch.id, by=other.first, **given)  # type: ignore[operator]
        with pytest.raises(Forbidden):
            issue_batches.survey(session, sources=SOURCES, by=job(), now=NOW)
        assert issue_batches.batches(session, by=other.first) == []


def test_the_worker_finds_what_is_approved_and_not_done(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        ward(session, hr, 1)
        assert issue_batches.approved(session) is None
        batch = approved(session, hr)
        assert issue_batches.approved(session) == batch.id
        for _ in range(2):
            issue(session, batch)
        assert issue_batches.approved(session) is None


def test_the_worker_issues_what_was_approved_to_the_end(database: Database) -> None:
    with database.transaction() as session:
        hr = staff.an_office(session)
        ward(session, hr, 3)
        approved(session, hr)
    config = Config(database_url="", secret_key=SECRET_KEY, master_key=MASTER_KEY)
    jobs = Jobs.over(database, config, lambda: LATER, lambda: LATER)
    assert jobs.issue_approved() == 2
    assert jobs.issue_approved() == 0
    with database.reading() as session:
        assert session.query(Bundle).count() == 3
