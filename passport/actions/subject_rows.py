"""Everything that one organisation holds of one person, table by table, as the catalogue says.

A row is the organisation's where a column that `held_by` names leads to it, and about the person
where `person` leads to that record. Rows under another organisation's record of the same human
are not found: no organisation learns from here that there is one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.db import Base
from passport.errors import NotFound
from passport.events import Event
from passport.model.accounts import Account, RoleGrant
from passport.model.data_classes import Catalogue, Erasure, TableData
from passport.model.people import Person

Condition = sa.ColumnElement[bool]
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, and the organisation whose rows are meant."""

    person: Person
    organisation_id: UUID

    @property
    def is_own(self) -> bool:
        """Whether the record is the organisation's; else it holds rows as a host."""
        return self.person.organisation_id == self.organisation_id


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of one table about the person."""

    entry: TableData
    table: sa.Table
    condition: Condition
    rows: Sequence[sa.RowMapping]


def subject_of(
    session: Session, *, person_id: UUID, catalogue: Catalogue, by: Actor, lock: bool = False
) -> Subject:
    """The person, where the actor's organisation holds anything of them; else `NotFound`."""
    person = session.get(Person, person_id, with_for_update=lock or None)
    if person is None:
        raise NotFound
    subject = Subject(person, own_organisation(by))
    if not subject.is_own and not _holds_anything(session, subject, catalogue):
        raise NotFound
    return subject


def held(session: Session, subject: Subject, catalogue: Catalogue) -> list[Held]:
    """Every table with rows about the person, in the catalogue's order."""
    return [
        Held(entry, table, condition, rows)
        for entry, table, condition in _conditions(subject, catalogue)
        if (rows := session.execute(sa.select(table).where(condition)).mappings().all())
    ]


def happenings(session: Session, subject: Subject, found: Sequence[Held]) -> Iterator[Event]:
    """What is in the audit log of the organisation about the person and those rows."""
    ids = [subject.person.id, *_ids(found)]
    for start in range(0, len(ids), AT_ONCE):
        yield from session.scalars(
            sa.select(Event)
            .where(
                Event.subject_id.in_(ids[start : start + AT_ONCE]),
                Event.organisation_id == subject.organisation_id,
            )
            .order_by(Event.at, Event.id)
        )


def happenings_to_erase(
    session: Session, subject: Subject, found: Sequence[Held]
) -> Iterator[Event]:
    """The same without those about rows that stay: their events say no more than the rows."""
    gone = [one for one in found if one.entry.erasure is not Erasure.KEEP]
    return happenings(session, subject, gone)


def _ids(found: Sequence[Held]) -> list[UUID]:
    return list({row["id"] for one in found for row in one.rows if "id" in one.table.columns})


def _holds_anything(session: Session, subject: Subject, catalogue: Catalogue) -> bool:
    return any(
        session.execute(sa.select(sa.literal(1)).where(condition).limit(1)).first()
        for _entry, _table, condition in _conditions(subject, catalogue)
    )


def _conditions(
    subject: Subject, catalogue: Catalogue
) -> Iterator[tuple[TableData, sa.Table, Condition]]:
    for entry in catalogue.values():
        table = Base.metadata.tables[entry.table]
        about = _about(entry, table, subject)
        if about is None:
            continue
        here = [leads_to(table, path, [subject.organisation_id]) for path in entry.held_by]
        yield entry, table, sa.and_(about, sa.or_(*here)) if here else about


def _about(entry: TableData, table: sa.Table, subject: Subject) -> Condition | None:
    if entry.person:
        return leads_to(table, entry.person, [subject.person.id])
    if entry.account and subject.is_own:
        return leads_to(table, entry.account, _accounts(subject))
    return None


def _accounts(subject: Subject) -> sa.Select[Any]:
    """The person's account, where it has or had a role in the organisation."""
    return (
        sa.select(Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            Account.person_id == subject.person.holder_id,
            RoleGrant.organisation_id == subject.organisation_id,
        )
    )


def leads_to(table: sa.Table, path: str, wanted: Sequence[UUID] | sa.Select[Any]) -> Condition:
    """`a.b` leads there where column b of the row that column a points to does."""
    name, _, rest = path.partition(".")
    column = table.c[name]
    if not rest:
        return column.in_(wanted)
    target = _target(column)
    (key,) = target.primary_key.columns
    return column.in_(sa.select(key).where(leads_to(target, rest, wanted)))


def _target(column: sa.Column[Any]) -> sa.Table:
    """Where it points; a column without a foreign key, at the table that its name ends with."""
    for key in column.foreign_keys:
        return key.column.table
    return Base.metadata.tables[column.name.removeprefix("to_").removesuffix("_id")]
