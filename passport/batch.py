"""Several statements in one round trip, for the paths where round trips decide the speed.

On PostgreSQL the statements are pipelined on the session's own connection; on SQLite they run one
by one. Each statement sees what the one before it did, and at READ COMMITTED each has its own
snapshot: a read placed behind a row lock sees what the lock was waiting for. (One statement that
locks and reads at once would not: its snapshot is taken before the wait.)
"""

from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import Executable

from passport.actors import Actor
from passport.db import is_postgresql, new_id
from passport.events import (
    Event,
    Notice,
    NoticeState,
    Tell,
    entry_values,
    note_changed,
    note_recorded,
    notice_values,
)


class Prepared:
    """A statement written once: compiled once for each database, run many times.

    Its parameters are named bind parameters without expanding lists. Rows come back in the
    order of its columns, with the types the database driver gives: identifiers and moments as in
    the tables, enums as text.
    """

    def __init__(self, statement: Executable, *, changes: str | None = None) -> None:
        self.statement = statement
        self.changes = changes
        """Name of the recorded table it changes, for the guard that wants an event."""
        self._compiled: dict[str, Any] = {}

    @cached_property
    def named(self) -> Callable[[Iterable[Any]], Any]:
        """Makes one of its rows one that is read by the names of its columns."""
        statement: Any = self.statement
        make: Any = namedtuple  # the names are not known to the type checker
        return make("Row", statement.selected_columns.keys())._make  # type: ignore[no-any-return]

    def compiled(self, dialect: sa.Dialect) -> Any:
        """The statement in the words of a database."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self.statement.compile(dialect=dialect)  # type: ignore[attr-defined]
            self._compiled[dialect.name] = found
        return found


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of a read, and how many rows a change touched."""

    rows: Sequence[tuple[Any, ...]]
    count: int


Step = tuple[Prepared, Mapping[str, Any]]


def insert(table: type[Any], *columns: str, recorded: bool = True) -> Prepared:
    """An insert of one row with these columns."""
    values: dict[str, Any] = {name: sa.bindparam(name) for name in columns}
    return Prepared(
        sa.insert(table).values(values), changes=table.__tablename__ if recorded else None
    )


_EVENT_COLUMNS = (
    "id",
    "at",
    "kind",
    "subject_id",
    "organisation_id",
    "by_account_id",
    "via",
    "detail",
    "salt",
)
_EVENT = insert(Event, *_EVENT_COLUMNS, recorded=False)
_NOTICE = insert(
    Notice,
    "id",
    "dedupe",
    "to_person_id",
    "to_account_id",
    "template",
    "context",
    "due_at",
    "state",
    "attempts",
    recorded=False,
)


def recording(
    session: Session,
    kind: str,
    *,
    subject_id: UUID,
    by: Actor,
    now: datetime,
    organisation_id: UUID,
    tell: Iterable[Tell] = (),
    **detail: Any,
) -> list[Step]:
    """`events.record` as steps of a batch. Only for kinds that no door of the upper floor awaits.

    The caller runs the steps in this transaction.
    """
    _refuse_door(session, kind)
    note_recorded(session)
    entry = entry_values(
        kind, subject_id=subject_id, by=by, now=now, organisation_id=organisation_id, detail=detail
    )
    fresh = {"state": NoticeState.NEW, "attempts": 0}
    return [
        (_EVENT, {"id": new_id(), **entry}),
        *((_NOTICE, {"id": new_id(), **fresh, **notice_values(one, now)}) for one in tell),
    ]


def insert_many(
    session: Session, table: type[Any], columns: Sequence[str], rows: Iterable[Collection[Any]]
) -> None:
    """Insert many rows, each with the values of `columns` in their order: COPY on PostgreSQL.

    Columns left out must have a default of the database; Python's defaults are not asked.
    """
    given = list(rows)
    if not given:
        return
    name = table.__tablename__
    if getattr(table, "__recorded__", False):
        note_changed(session, name)
    session.flush()
    connection = session.connection()
    dialect = connection.dialect
    kinds = [table.__table__.c[column].type.dialect_impl(dialect) for column in columns]
    processors = [kind.bind_processor(dialect) for kind in kinds]
    converted = [
        values if convert is None else map(convert, values)
        for values, convert in zip(zip(*given, strict=True), processors, strict=True)
    ]
    bound = list(zip(*converted, strict=True))
    listed = ", ".join(f'"{column}"' for column in columns)
    if is_postgresql(session):
        _copy(connection, f'COPY "{name}" ({listed}) FROM STDIN', bound)
        return
    marks = ", ".join("?" * len(columns))
    statement = f'INSERT INTO "{name}" ({listed}) VALUES ({marks})'  # noqa: S608  our own names
    connection.exec_driver_sql(statement, bound)


def record_many(
    session: Session,
    kind: str,
    entries: Iterable[tuple[UUID, Mapping[str, Any]]],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """`events.record` for many subjects at once, each with its detail. Only for kinds that no
    door of the upper floor awaits, and without notices."""
    _refuse_door(session, kind)
    rows = []
    for subject_id, detail in entries:
        entry = entry_values(kind, subject_id=subject_id, by=by, now=now, detail=detail)
        rows.append((new_id(), *(entry[name] for name in _EVENT_COLUMNS[1:])))
    insert_many(session, Event, _EVENT_COLUMNS, rows)
    note_recorded(session)


def _refuse_door(session: Session, kind: str) -> None:
    if kind in session.info.get("doors", {}):
        raise ValueError(f"{kind} has a door: use record()")


def _copy(connection: sa.Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except Exception as error:
        raise _translated(connection, error) from error


def rows(session: Session, prepared: Prepared, values: Mapping[str, Any]) -> list[Any]:
    """The rows of one read, by the names of its columns. Quicker than through the mapper, whose
    own work is more than the database's; enums come as text."""
    (found,) = run(session, (prepared, values))
    return list(map(prepared.named, found.rows))


def run(session: Session, *steps: Step) -> list[Result]:
    """Run the steps in order inside the session's transaction; one result for each."""
    for prepared, _values in steps:
        if prepared.changes is not None:
            note_changed(session, prepared.changes)
    connection = session.connection()
    if not is_postgresql(session):
        return [_one(connection, prepared, values) for prepared, values in steps]
    return _pipelined(connection, steps)


def _one(
    connection: sa.Connection, prepared: Prepared, values: Mapping[str, Any]
) -> Result:
    found = connection.execute(prepared.statement, values)
    if not found.returns_rows:
        return Result((), found.rowcount)
    rows = [tuple(row) for row in found]
    return Result(rows, len(rows))


def _pipelined(
    connection: sa.Connection, steps: Sequence[tuple[Prepared, Mapping[str, Any]]]
) -> list[Result]:
    driver: Any = connection.connection.driver_connection
    cursors = []
    try:
        with driver.pipeline():
            for prepared, values in steps:
                compiled = prepared.compiled(connection.dialect)
                cursor = driver.cursor()
                cursor.execute(str(compiled), _bound(compiled, values), prepare=True)
                cursors.append(cursor)
        return [
            # where a result has rows there is a place in them; `description` would name and type
            # every column anew
            Result(cursor.fetchall() if cursor.rownumber is not None else (), cursor.rowcount)
            for cursor in cursors
        ]
    except Exception as error:
        raise _translated(connection, error) from error
    finally:
        for cursor in cursors:
            cursor.close()


def _bound(compiled: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    bound = compiled.construct_params(values)
    for name, convert in compiled._bind_processors.items():
        bound[name] = convert(bound[name])
    return bound  # type: ignore[no-any-return]


def _translated(connection: sa.Connection, error: Exception) -> Exception:
    """A driver's error as SQLAlchemy raises it, so that one handler knows them all."""
    driver_error = connection.dialect.dbapi.Error  # type: ignore[union-attr]
    if not isinstance(error, driver_error):
        return error
    return sa.exc.DBAPIError.instance(
        "pipelined statements",
        None,
        error,
        driver_error,
        hide_parameters=True,
        dialect=connection.dialect,
    )
