"""Events, notices, and the guard that nothing unrecorded commits.

`record()` is the one door: it adds an append-only `Event` (who, what, when, identifiers and
changed fields; no foreign keys), the `Notice`s the deed names, and calls the action that the
upper floor attached to that kind of event, all in the same transaction.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event as sa_event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, sessionmaker
from sqlalchemy.sql.functions import FunctionElement

from passport.actors import Actor
from passport.db import Base, Json, new_id


class _WritingTransaction(FunctionElement[int]):
    """PostgreSQL's id of the writing transaction: the sequencer numbers nothing newer than the
    oldest still open. SQLite has one writer at a time and needs none."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(_WritingTransaction)
def _no_transaction_id(*_args: Any, **_kw: Any) -> str:
    return "0"


@compiles(_WritingTransaction, "postgresql")
def _transaction_id(*_args: Any, **_kw: Any) -> str:
    return "(pg_current_xact_id()::text::bigint)"


class Event(Base, kw_only=True):
    """One thing that happened. Append-only; erasure blanks `salt` and `detail`, never the row."""

    __tablename__ = "event"
    __recorded__ = False
    __table_args__ = (
        sa.Index("ix_event_subject", "subject_id"),
        sa.Index("ix_event_organisation", "organisation_id", "at"),
        sa.Index("ix_event_kind", "kind", "at"),
        sa.Index(
            "ix_event_waiting",
            "id",
            postgresql_where=sa.text("NOT numbered"),
            sqlite_where=sa.text("NOT numbered"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    at: Mapped[datetime]
    kind: Mapped[str]
    """`noun.verb_past`, e.g. `booking.made`."""
    subject_id: Mapped[UUID]
    organisation_id: Mapped[UUID | None]
    by_account_id: Mapped[UUID | None]
    via: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    """Identifiers and changed fields; never free text about a person."""
    salt: Mapped[str | None]
    transaction_id: Mapped[int] = mapped_column(
        sa.BigInteger, server_default=_WritingTransaction(), init=False
    )
    numbered: Mapped[bool] = mapped_column(server_default=sa.false(), init=False)
    """The sequencer has given it a leaf."""


class EventLeaf(Base, kw_only=True):
    """The Merkle log's commitment to one event, numbered by the sequencer without gaps."""

    __tablename__ = "event_leaf"
    __recorded__ = False

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    commitment: Mapped[str]
    """Hash over the event's salt and text: stays when the event is erased."""
    hash: Mapped[str]


class Checkpoint(Base, kw_only=True):
    """A signed root of the Merkle log at a size."""

    __tablename__ = "checkpoint"
    __recorded__ = False

    size: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[str]
    tree: Mapped[list[Any]] = mapped_column(Json)
    """The compact range from which the log goes on."""
    signature: Mapped[str]


class NoticeState(StrEnum):
    """Where a notice stands."""

    NEW = "new"
    SENT = "sent"
    DEAD = "dead"


class Notice(Base, kw_only=True):
    """The outbox: a message that leaves only if the deed's transaction commits."""

    __tablename__ = "notice"
    __recorded__ = False
    __table_args__ = (sa.Index("ix_notice_due", "state", "due_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    dedupe: Mapped[str] = mapped_column(unique=True)
    """The same deed told twice is one message."""
    to_person_id: Mapped[UUID | None] = mapped_column(default=None)
    to_account_id: Mapped[UUID | None] = mapped_column(default=None)
    template: Mapped[str]
    """Name of the message under `templates/…/notices/`."""
    context: Mapped[dict[str, Any]] = mapped_column(Json)
    due_at: Mapped[datetime]
    state: Mapped[NoticeState] = mapped_column(default=NoticeState.NEW)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)


@dataclass(frozen=True, slots=True)
class Tell:
    """A notice to add with an event. Exactly one of person and account is given."""

    template: str
    dedupe: str
    person_id: UUID | None = None
    account_id: UUID | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


Door = Callable[[Session, Event, Actor, datetime], None]
"""An action of the upper floor, called by `record()` in the same transaction."""


def canonical(detail: Mapping[str, Any]) -> dict[str, Any]:
    """`detail` as plain JSON values: moments in ISO form, identifiers as text."""
    return json.loads(json.dumps(dict(detail), default=str, sort_keys=True))  # type: ignore[no-any-return]


def entry_values(
    kind: str,
    *,
    subject_id: UUID,
    by: Actor,
    now: datetime,
    organisation_id: UUID | None = None,
    detail: Mapping[str, Any],
) -> dict[str, Any]:
    """The columns of an event, for whoever writes it."""
    return {
        "at": now,
        "kind": kind,
        "subject_id": subject_id,
        "organisation_id": organisation_id or by.organisation_id,
        "by_account_id": by.account_id,
        "via": by.via.value,
        "detail": canonical(detail),
        "salt": secrets.token_hex(16),
    }


def notice_values(message: Tell, now: datetime) -> dict[str, Any]:
    """The columns of a notice, for whoever writes it."""
    return {
        "dedupe": message.dedupe,
        "to_person_id": message.person_id,
        "to_account_id": message.account_id,
        "template": message.template,
        "context": canonical(message.context),
        "due_at": now,
    }


def record(
    session: Session,
    kind: str,
    *,
    subject_id: UUID,
    by: Actor,
    now: datetime,
    organisation_id: UUID | None = None,
    tell: Iterable[Tell] = (),
    **detail: Any,
) -> Event:
    """Add the event of a deed, its notices, and whatever the upper floor does about it."""
    values = entry_values(
        kind,
        subject_id=subject_id,
        by=by,
        now=now,
        organisation_id=organisation_id,
        detail=detail,
    )
    entry = Event(**values)
    session.add(entry)
    for message in tell:
        session.add(Notice(**notice_values(message, now)))
    note_recorded(session)
    door = session.info.get("doors", {}).get(kind)
    if door is not None:
        door(session, entry, by, now)
    return entry


def note_recorded(session: Session) -> None:
    """Say that the event of this transaction was written (also by Core statements)."""
    session.info["recorded"] = True


def note_changed(session: Session, table: str) -> None:
    """Say that a Core statement outside the session's sight changed a recorded table."""
    session.info.setdefault("changed", set()).add(table)


@contextmanager
def part(session: Session) -> Iterator[None]:
    """One part of a deed that may be refused alone, e.g. one row of a file.

    On an error its rows, its events and what the guard noted of it are undone; what the
    transaction did before it stands.
    """
    changed = set(session.info.get("changed", ()))
    recorded = session.info.get("recorded", False)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info["changed"] = changed
        session.info["recorded"] = recorded
        raise


class UnrecordedChange(Exception):
    """A recorded table changed and no event says so: a bug, refused before it commits."""


def prepare(doors: Mapping[str, Door]) -> Callable[[sessionmaker[Session]], None]:
    """What each deed's session gets: the doors that lead up, and the guard."""

    def arm(sessions: sessionmaker[Session]) -> None:
        sessions.configure(info={"doors": doors})
        sa_event.listen(sessions, "before_flush", _watch_flush)
        sa_event.listen(sessions, "do_orm_execute", _watch_statement)
        sa_event.listen(sessions, "before_commit", _refuse_unrecorded)

    return arm


def recorded_tables() -> frozenset[str]:
    """Names of the tables whose rows cannot change without an event."""
    return frozenset(
        mapper.class_.__tablename__
        for mapper in Base.registry.mappers
        if getattr(mapper.class_, "__recorded__", False)
    )


def _watch_flush(session: Session, *_args: Any) -> None:
    modified = (row for row in session.dirty if session.is_modified(row))
    for row in (*session.new, *session.deleted, *modified):
        if getattr(row, "__recorded__", False):
            note_changed(session, row.__tablename__)


def _watch_statement(state: ORMExecuteState) -> None:
    statement = state.statement
    if isinstance(statement, sa.sql.dml.UpdateBase):
        table = getattr(statement.table, "name", "")
        if table in recorded_tables():
            note_changed(state.session, table)


def _refuse_unrecorded(session: Session) -> None:
    session.flush()
    changed = session.info.get("changed", set())
    if changed and not session.info.get("recorded"):
        raise UnrecordedChange(f"no event for changes of {', '.join(sorted(changed))}")
