"""What the worker publishes and fetches, and how soon."""

import time
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bankhub.worker.jobs import Jobs
from bankhub.worker.main import schedule
from passport.actions.signing import signing, status_lists
from passport.actions.trust import own_list
from passport.actors import operator
from passport.app import wall_clock
from passport.config import Config
from passport.db import Database
from passport.events import record
from passport.model.credentials import (
    Credential,
    CredentialCopy,
    CredentialState,
    StatusListRow,
)
from passport.model.keys import KeyPurpose, SigningKey
from passport.rules.tokens import addresses, es256
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.status_list import Status, read_list
from passport.sealing import vault_of
from tests.support import issuing
from tests.support.access import MASTER_KEY, SECRET_KEY
from tests.support.issuing import BASE, NOW

CONFIG = Config(database_url="", secret_key=SECRET_KEY, master_key=MASTER_KEY, base_url=BASE)
SOON = timedelta(seconds=5)
"""Within which a change of a status is published."""


def a_jobs(database: Database) -> Jobs:
    return Jobs.over(database, CONFIG, wall_clock, wall_clock)


def test_a_change_is_published_in_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "VAULT", vault_of(CONFIG))
    jobs = a_jobs(database)
    with database.transaction() as session:
        world = issuing.a_trust(session, vault=vault_of(CONFIG))
        nurse = issuing.a_holder(session, world)
        wallet, key = issuing.a_wallet(session, world, nurse)
        issuing.collected(session, world, nurse, wallet, key)
    jobs.publish()
    with database.reading() as session:
        assert own_list.newest(session) is not None
        assert said(session) is Status.VALID
    scheduler = schedule(jobs)
    scheduler.start()
    try:
        with database.transaction() as session:
            revoke(session)
        # One tick may be missed; the rest is for the work itself.
        assert 2 * scheduler.get_job("publish").trigger.interval < SOON
        assert published(database), "the running worker does it by itself"
    finally:
        scheduler.shutdown(wait=True)


def test_of_two_lists_in_one_second_the_later_says_a_later_one(database: Database) -> None:
    """So that nobody can serve the one before it in its place."""
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        wallet, key = issuing.a_wallet(session, world, nurse)
        issuing.collected(session, world, nurse, wallet, key)
        ((uri, before),) = issuing.published(session).items()
        session.query(CredentialCopy).update({"status": int(Status.INVALID)})
        session.query(StatusListRow).update({"changes": StatusListRow.changes + 1})
        after = issuing.published(session)[uri]
        key = es256.public(issuing.signer(session, world).key)
        first, second = (read_list(text, uri=uri, key=key, now=NOW) for text in (before, after))
        assert (first.iat, second.iat) == (NOW, NOW + timedelta(seconds=1))
        with pytest.raises(BadToken, match="rolled_back"):
            read_list(before, uri=uri, key=key, now=NOW, at_least=second.iat)


def published(database: Database) -> bool:
    """Whether the withdrawal comes to stand on the list."""
    for _attempt in range(1200):
        with database.reading() as session:
            if said(session) is Status.INVALID:
                return True
        time.sleep(0.05)
    return False


def test_a_key_that_does_not_open_holds_up_no_other_list(database: Database) -> None:
    jobs, vault = a_jobs(database), vault_of(CONFIG)
    with database.transaction() as session:
        for ods in ("RM1", "RM2", "RM3"):
            world = issuing.a_trust(session, ods_code=ods, name=ods, vault=vault)
            status_lists.take_places(session, organisation_id=world.id, count=1, now=NOW)
            if ods == "RM2":
                broken = world.id
                own = session.query(SigningKey).filter_by(
                    organisation_id=world.id, purpose=KeyPurpose.ISSUER
                ).one()  # fmt: skip
                own.sealed = b"damaged" + own.sealed
        session.flush()
        record(session, "test.damaged", subject_id=broken, by=operator(), now=NOW)
    assert jobs.publish() == 3
    with database.reading() as session:
        waiting = session.query(StatusListRow).filter_by(token=None)
        assert [row.organisation_id for row in waiting] == [broken]
        assert own_list.newest(session)


def revoke(session: Session) -> None:
    one = session.query(Credential).filter_by(type="training_award").one()
    one.state = CredentialState.REVOKED
    session.flush()
    signing.refresh_statuses(
        session, person_id=one.person_id, organisation_id=one.organisation_id
    )
    record(session, "test.revoked", subject_id=one.id, by=operator(), now=NOW)


def said(session: Session) -> Status:
    """What the published list says of the training award."""
    one = session.query(Credential).filter_by(type="training_award").one()
    copy = session.query(CredentialCopy).filter_by(credential_id=one.id).one()
    row = session.get_one(StatusListRow, copy.list_id)
    assert row.token
    newest = own_list.newest(session)
    assert newest
    trust = own_list.contents(session, where=issuing.WHERE, now=wall_clock())
    found = read_list(
        row.token,
        uri=addresses.status_list(BASE, row.id),
        key=lambda _: trust.status_keys("RWJ"),
        now=wall_clock() + timedelta(seconds=1),
    )
    return found.at(copy.idx)
