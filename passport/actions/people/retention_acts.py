"""What an act of the retention schedule does: rows that have outlived their time are deleted, with
those that cannot be without them, or lose their words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people.subject_erasing import blank
from passport.db import Base
from passport.events import note_changed
from passport.model.retention import Act


def apply(session: Session, act: Act, *, now: datetime, portion: int) -> int:
    """Do what is due of it, at most so many rows; how many. The caller records that."""
    table = Base.metadata.tables[act.table]
    key = next(iter(table.primary_key.columns))
    due = [_older(table, act.since, now - act.kept)]
    due += [table.c[act.without].is_(None)] if act.without else []
    if act.blank:
        return _blank_rows(session, table, act, sa.and_(*due), portion)
    gone = session.scalars(sa.select(key).where(*due).limit(portion)).all()
    if gone:
        _delete(session, table, gone)
    return len(gone)


def _delete(session: Session, table: sa.Table, gone: Sequence[Any]) -> None:
    """Whatever points at them is let go, or goes too where it cannot be without."""
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            for to in column.foreign_keys:
                if to.column.table is table:
                    _part(session, column, gone)
    key = next(iter(table.primary_key.columns))
    session.execute(sa.delete(table).where(key.in_(gone)))
    note_changed(session, table.name)


def _part(session: Session, column: sa.Column[Any], gone: Sequence[Any]) -> None:
    other: sa.Table = column.table
    if column.nullable:
        session.execute(
            sa.update(other).where(column.in_(gone)).values({column.name: None})
        )
        return
    key = next(iter(other.primary_key.columns))
    if below := session.scalars(sa.select(key).where(column.in_(gone))).all():
        _delete(session, other, below)


def _blank_rows(
    session: Session, table: sa.Table, act: Act, due: sa.ColumnElement[bool], portion: int
) -> int:
    (key,) = table.primary_key.columns
    full = sa.or_(*(_says(table.c[name]) for name in act.blank))
    rows = session.execute(sa.select(table).where(due, full).limit(portion)).mappings().all()
    for row in rows:
        values = {name: blank(table.c[name], row) for name in act.blank}
        session.execute(sa.update(table).where(key == row[key.name]).values(values))
    if rows:
        note_changed(session, table.name)
    return len(rows)


def _says(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Whether something stands there still."""
    if column.unique:
        return sa.not_(column.startswith("erased-"))
    return sa.and_(column.is_not(None), column != "")


def _older(table: sa.Table, path: str, than: datetime) -> sa.ColumnElement[bool]:
    name, _, rest = path.partition(".")
    column = table.c[name]
    if not rest:
        return column <= than
    (target,) = (key.column for key in column.foreign_keys)
    return column.in_(sa.select(target).where(_older(target.table, rest, than)))
