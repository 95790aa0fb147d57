"""The audit log: numbered without gaps, signed, and every kind of tampering named."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions import audit
from passport.actors import operator
from passport.db import Database, new_id
from passport.events import Checkpoint, Event, EventLeaf, record

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEY = "11" * 32


def happen(database: Database, times: int) -> None:
    for number in range(times):
        with database.transaction() as session:
            record(
                session,
                "test.happened",
                subject_id=new_id(),
                by=operator(),
                now=NOW + timedelta(seconds=number),
                number=number,
            )


def number_once(database: Database) -> None:
    with database.transaction() as session:
        audit.sequence(session, master_key=KEY)


def number_all(database: Database) -> None:
    """Until every event has its number: transactions of other databases of the same server hold
    PostgreSQL's oldest transaction back, too."""
    waiting = sa.select(Event.id).where(sa.not_(Event.numbered)).limit(1)
    for _attempt in range(1200):
        number_once(database)
        with database.reading() as session:
            if session.scalar(waiting) is None:
                return
        time.sleep(0.05)
    raise AssertionError("the events were not numbered in time")


def check(database: Database, key: str = KEY) -> list[str]:
    with database.reading() as session:
        return [finding.what for finding in audit.verify(session, master_key=key).findings]


@pytest.fixture
def log(database: Database) -> Database:
    for times in (5, 3):
        happen(database, times)
        number_all(database)
    return database


def test_a_log_verifies_and_says_how_long_it_is(log: Database) -> None:
    happen(log, 2)
    with log.reading() as session:
        found = audit.verify(session, master_key=KEY)
    assert (found.leaves, found.waiting, found.findings) == (8, 2, ())


def leaf(session: Session, number: int) -> EventLeaf:
    return session.get_one(EventLeaf, number)


def event(session: Session, number: int) -> Event:
    return session.get_one(Event, leaf(session, number).event_id)


def edit(session: Session) -> None:
    event(session, 3).detail = {"number": 99}


def move(session: Session) -> None:
    event(session, 3).at = NOW + timedelta(days=1)


def elsewhere(session: Session) -> None:
    event(session, 3).organisation_id = new_id()


def rewrite(session: Session) -> None:
    """Edit an event and hash its leaf again, without the signing key."""
    edited = event(session, 3)
    edited.detail = {"number": 99}
    fresh = audit._leaf(3, edited)
    old = leaf(session, 3)
    old.commitment, old.hash = fresh.commitment, fresh.hash


def drop(session: Session) -> None:
    session.delete(event(session, 3))


def drop_leaf(session: Session) -> None:
    session.delete(leaf(session, 3))


def cut_tail(session: Session) -> None:
    session.execute(sa.delete(EventLeaf).where(EventLeaf.number >= 6))


def swap(session: Session) -> None:
    one, other = leaf(session, 2), leaf(session, 3)
    first, second = one.event_id, other.event_id
    one.event_id = new_id()
    session.flush()
    other.event_id = first
    session.flush()
    one.event_id = second


def pretend_erasure(session: Session) -> None:
    event(session, 3).salt = None


def forge_mark(session: Session) -> None:
    mark = session.scalars(sa.select(Checkpoint).order_by(Checkpoint.size)).first()
    assert mark is not None
    mark.signature = "00" * 64


TAMPERING = [
    pytest.param(edit, "its event was changed", id="an event is edited"),
    pytest.param(move, "its moment, organisation or hash was changed", id="it is moved in time"),
    pytest.param(elsewhere, "its moment, organisation or hash was changed", id="it changes owner"),
    pytest.param(rewrite, "the root differs from the one that was signed", id="hashed again"),
    pytest.param(drop, "its event is gone", id="an event is deleted"),
    pytest.param(drop_leaf, "a number is missing before it", id="a leaf is deleted"),
    pytest.param(cut_tail, "the log is shorter than what was signed", id="the tail is cut"),
    pytest.param(swap, "its moment, organisation or hash was changed", id="two are swapped"),
    pytest.param(pretend_erasure, "it is marked as erased and still says something", id="erased"),
    pytest.param(forge_mark, "the checkpoint's signature is not ours", id="a forged checkpoint"),
]


@pytest.mark.parametrize(("tamper", "named"), TAMPERING)
def test_tampering_is_named(log: Database, tamper: Callable[[Session], None], named: str) -> None:
    with log.transaction() as session:
        tamper(session)
    assert named in check(log)


def test_a_log_signed_with_another_key_is_not_ours(log: Database) -> None:
    assert "the checkpoint's signature is not ours" in check(log, "22" * 32)


def test_an_erased_event_says_nothing_and_the_log_still_verifies(log: Database) -> None:
    with log.transaction() as session:
        audit.erase(session, event_id=event(session, 3).id)
    with log.reading() as session:
        assert event(session, 3).detail == {}
    assert check(log) == []


@pytest.mark.postgresql
def test_nothing_is_numbered_that_an_open_transaction_may_still_precede(
    postgres_database: Database,
) -> None:
    with Session(postgres_database.engine) as slow:
        record(slow, "test.slow", subject_id=new_id(), by=operator(), now=NOW)
        slow.flush()
        happen(postgres_database, 3)
        number_once(postgres_database)
        with postgres_database.reading() as session:
            assert session.scalars(sa.select(EventLeaf)).all() == []
        slow.commit()
    number_all(postgres_database)
    assert check(postgres_database) == []
    with postgres_database.reading() as session:
        assert len(session.scalars(sa.select(EventLeaf)).all()) == 4
