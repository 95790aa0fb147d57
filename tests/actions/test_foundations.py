"""The conventions every deed relies on: nothing unrecorded commits, moments are aware, reads do
not write, a batch is one transaction, and a passing failure is tried again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.sites import Site
from passport import batch
from passport.actors import Actor, operator
from passport.batch import Prepared
from passport.db import Database, UtcDateTime, new_id
from passport.events import Event, Notice, Tell, UnrecordedChange, prepare, record
from passport.model.accounts import Throttle
from passport.model.organisations import Organisation, OrganisationKind
from tests.support import build

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def a_trust() -> Organisation:
    return Organisation(ods_code="RX1", name="Rivermead", kind=OrganisationKind.TRUST)


def add(session: Session, known: Organisation) -> None:
    session.add(Organisation(ods_code="RX2", name="Other", kind=OrganisationKind.TRUST))


def change(session: Session, known: Organisation) -> None:
    session.get_one(Organisation, known.id).name = "Renamed"


def delete(session: Session, known: Organisation) -> None:
    session.delete(session.get_one(Organisation, known.id))


def core_update(session: Session, known: Organisation) -> None:
    session.execute(sa.update(Organisation).values(name="Renamed"))


def core_insert(session: Session, known: Organisation) -> None:
    row = {
        "id": new_id(),
        "ods_code": "RX3",
        "name": "x",
        "kind": OrganisationKind.TRUST,
        "address": "",
        "postcode": "",
    }
    session.execute(sa.insert(Organisation), [row])


def core_table_delete(session: Session, known: Organisation) -> None:
    session.execute(sa.delete(Organisation.__table__))


def batched(session: Session, known: Organisation) -> None:
    rename = Prepared(
        sa.update(Organisation).values(name=sa.bindparam("new_name")), changes="organisation"
    )
    batch.run(session, (rename, {"new_name": "Renamed"}))


CHANGES = [add, change, delete, core_update, core_insert, core_table_delete, batched]


@pytest.fixture
def known(database: Database) -> Organisation:
    with database.transaction() as session:
        return build.an_organisation(session)


@pytest.mark.parametrize("change", CHANGES, ids=lambda deed: deed.__name__)
def test_a_change_without_an_event_does_not_commit(
    database: Database, known: Organisation, change: Callable[..., None]
) -> None:
    with pytest.raises(UnrecordedChange), database.transaction() as session:
        change(session, known)
    with database.reading() as session:
        assert [o.name for o in session.scalars(sa.select(Organisation))] == [known.name]


@pytest.mark.parametrize("change", CHANGES, ids=lambda deed: deed.__name__)
def test_the_same_change_with_an_event_commits(
    database: Database, known: Organisation, change: Callable[..., None]
) -> None:
    with database.transaction() as session:
        change(session, known)
        record(session, "test.changed", subject_id=known.id, by=operator(), now=NOW)
    with database.reading() as session:
        assert session.scalar(sa.select(Event.kind).where(Event.kind == "test.changed"))


def test_mutant_without_the_guard_an_unrecorded_change_commits(
    database: Database, known: Organisation
) -> None:
    unguarded = Database(database.engine, lambda session: None)
    with unguarded.transaction() as session:
        change(session, known)
    with database.reading() as session:
        assert session.scalar(sa.select(Organisation.name)) == "Renamed"


def test_a_technical_table_needs_no_event(database: Database) -> None:
    with database.transaction() as session:
        session.add(Throttle(key="k", level=1.0, updated_at=NOW))


def test_a_failed_deed_leaves_neither_event_nor_notice(
    database: Database, known: Organisation
) -> None:
    tell = Tell("booking_confirmed", dedupe="one", person_id=new_id())
    with pytest.raises(RuntimeError), database.transaction() as session:
        record(session, "test.x", subject_id=known.id, by=operator(), now=NOW, tell=[tell])
        raise RuntimeError
    with database.reading() as session:
        assert session.scalars(sa.select(Notice)).all() == []
        assert session.scalars(sa.select(Event).where(Event.kind == "test.x")).all() == []


def test_the_door_runs_in_the_transaction_of_its_event(database: Database) -> None:
    called: list[UUID] = []

    def door(session: Session, event: Event, by: Actor, now: datetime) -> None:
        called.append(event.subject_id)
        raise RuntimeError

    guarded = Database(database.engine, prepare({"organisation.made": door}))
    trust = a_trust()
    with pytest.raises(RuntimeError), guarded.transaction() as session:
        session.add(trust)
        record(session, "organisation.made", subject_id=trust.id, by=operator(), now=NOW)
    assert called == [trust.id]
    with database.reading() as session:
        assert session.scalars(sa.select(Organisation)).all() == []


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), database.reading() as session:
        session.add(a_trust())
        session.flush()


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(
            NOW.replace(tzinfo=None), sa.create_engine("sqlite://").dialect
        )


def test_a_moment_comes_back_in_utc(database: Database, known: Organisation) -> None:
    summer = timezone(timedelta(hours=1))
    with database.transaction() as session:
        record(
            session, "test.at", subject_id=known.id, by=operator(), now=NOW.astimezone(summer)
        )
    with database.reading() as session:
        at = session.scalar(sa.select(Event.at).where(Event.kind == "test.at"))
    assert at == NOW
    assert at is not None
    assert at.tzinfo is UTC


def test_a_batch_sees_its_own_changes_and_counts_them(database: Database) -> None:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        add_site = batch.insert(Site, "id", "organisation_id", "code", "name", "postcode")
        row = {"id": new_id(), "organisation_id": trust.id, "code": "A", "name": "S"}
        row |= {"postcode": ""}
        count = Prepared(sa.select(sa.func.count()).select_from(Site))
        rename = Prepared(sa.update(Site).values(name="T"), changes="site")
        inserted, counted, renamed = batch.run(
            session, (add_site, row), (count, {}), (rename, {})
        )
    assert (inserted.count, counted.rows[0][0], renamed.count) == (1, 1, 1)


def test_a_broken_batch_raises_as_sqlalchemy_does(database: Database) -> None:
    with database.transaction() as session:
        trust = build.an_organisation(session)
    twin = batch.insert(Organisation, "id", "ods_code", "name", "kind", "address", "postcode")
    row: dict[str, Any] = {
        "id": new_id(),
        "ods_code": trust.ods_code,
        "name": "Twin",
        "kind": OrganisationKind.TRUST,
        "address": "",
        "postcode": "",
    }
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        batch.run(session, (twin, row))


@pytest.mark.postgresql
def test_a_lock_that_is_not_to_be_had_is_tried_again(postgres_database: Database) -> None:
    with postgres_database.transaction() as session:
        trust = build.an_organisation(session)
    tried: list[int] = []

    def deed(session: Session) -> str:
        tried.append(1)
        if len(tried) < 3:
            session.execute(sa.text("SET LOCAL lock_timeout = '10ms'"))
        session.execute(sa.select(Organisation.id).with_for_update())
        return "done"

    holder = Session(postgres_database.engine)
    holder.execute(sa.select(Organisation.id).with_for_update())

    def release_on_third(session: Session) -> str:
        if len(tried) == 2:
            holder.rollback()
        return deed(session)

    assert postgres_database.attempt(release_on_third) == "done"
    assert len(tried) == 3
    holder.close()
    assert trust.id


def test_a_mistake_is_not_tried_again(sqlite_database: Database) -> None:
    tried: list[int] = []

    def deed(session: Session) -> None:
        tried.append(1)
        session.execute(sa.text("SELECT nothing FROM nowhere"))

    with pytest.raises(sa.exc.OperationalError):
        sqlite_database.attempt(deed)
    assert tried == [1]
