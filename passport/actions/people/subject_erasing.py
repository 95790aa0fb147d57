"""Erasing what an organisation holds of a person (UK GDPR Article 17), as the catalogue says.

Rows are deleted, or what they say of the person is blanked, or they stay for a reason that the
catalogue names. Of the audit log salt and detail are blanked: it still verifies.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people.subject_rows import Held, Subject, happenings_to_erase
from passport.db import Base
from passport.events import note_changed
from passport.model.accounts import Account
from passport.model.data_classes import BLANKED, DataClass, Erasure, TableData
from passport.model.people import NO_DATE, NOBODY


@dataclass(slots=True)
class Outcome:
    """Table → how many rows; of what stays also why."""

    deleted: dict[str, int] = field(default_factory=dict)
    blanked: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    because: dict[str, str] = field(default_factory=dict)
    events: int = 0

    def as_json(self) -> dict[str, Any]:
        """For the record of the request."""
        return {
            "deleted": self.deleted, "blanked": self.blanked, "kept": self.kept,
            "because": self.because, "events": self.events,
        }  # fmt: skip


def erase(
    session: Session,
    subject: Subject,
    found: Sequence[Held],
    *,
    sparing: Collection[DataClass] = (),
) -> Outcome:
    """Erase those rows; columns of the classes to spare are not blanked. The caller holds the
    person's lock, and has seen that nothing hinders."""
    outcome = Outcome()
    session.flush()
    for event in list(happenings_to_erase(session, subject, found)):
        event.salt, event.detail = None, {}
        outcome.events += 1
    session.flush()
    order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    for one in sorted(found, key=lambda one: order[one.table.name], reverse=True):
        _erase_table(session, subject, one, outcome, sparing)
    session.expire_all()
    return outcome


def _erase_table(
    session: Session,
    subject: Subject,
    one: Held,
    outcome: Outcome,
    sparing: Collection[DataClass],
) -> None:
    name, count, entry = one.table.name, len(one.rows), one.entry
    shared = _shared_with(session, subject, entry)
    if entry.erasure is Erasure.KEEP or shared:
        outcome.kept[name] = count
        outcome.because[name] = shared or entry.because
    elif entry.erasure is Erasure.DELETE:
        _let_go(session, one)
        session.execute(sa.delete(one.table).where(one.condition))
        outcome.deleted[name] = count
    else:
        for row in one.rows:
            _blank(session, one.table, entry, row, sparing)
        outcome.blanked[name] = count
        if entry.because:
            outcome.because[name] = entry.because
    if name not in outcome.kept:
        note_changed(session, name)


def _shared_with(session: Session, subject: Subject, entry: TableData) -> str:
    """Why a row is not this organisation's alone to erase; empty where it is."""
    if entry.controller == "both" and not subject.is_own and entry.erasure is not Erasure.KEEP:
        return "joint"
    if entry.controller != "common":
        return ""
    still = sa.select(Account.id).where(subject.accounts, Account.closed_at.is_(None))
    return "others" if session.scalar(still.limit(1)) is not None else ""


def _let_go(session: Session, one: Held) -> None:
    """Rows of other tables point at these no more."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                if key.column.table is one.table and column.nullable:
                    gone = sa.select(key.column).where(one.condition)
                    session.execute(
                        sa.update(table).where(column.in_(gone)).values({column.name: None})
                    )


def _blank(
    session: Session,
    table: sa.Table,
    entry: TableData,
    row: sa.RowMapping,
    sparing: Collection[DataClass],
) -> None:
    (key,) = table.primary_key.columns
    classes = [one for one in BLANKED if one not in sparing]
    values = {name: blank(table.c[name], row) for name in entry.of(*classes)}
    values |= {n: None for n in entry.of(DataClass.SECRET) if table.c[n].nullable}
    if values:
        session.execute(sa.update(table).where(key == row[key.name]).values(values))


def blank(column: sa.Column[Any], row: sa.RowMapping) -> Any:
    """What stands there instead: nothing, where the table allows nothing."""
    if column.nullable:
        return None
    if isinstance(column.type, sa.Date):
        return NO_DATE
    if column.unique:
        return f"erased-{row['id']}"
    if column.name == "family_name":
        return NOBODY
    return type(row[column.name])()
