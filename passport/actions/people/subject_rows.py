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
from sqlalchemy.orm import Session, aliased

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
        if found := [*_about_record(entry, table, subject), *_about_account(entry, table, subject)]:
            yield entry, table, sa.or_(*found)


def _about_record(entry: TableData, table: sa.Table, subject: Subject) -> Iterator[Condition]:
    if entry.person:
        about = leads_to(table, entry.person, [subject.person.id])
        yield sa.and_(about, *_held_here(entry, table, subject))


def _about_account(entry: TableData, table: sa.Table, subject: Subject) -> Iterator[Condition]:
    """Where a row may be about a record too, nothing says which organisation it came from: it is
    this one's where the account never was anybody else's."""
    if entry.account and subject.is_own:
        about = leads_to(table, entry.account, _accounts(subject, alone=bool(entry.person)))
        yield about if entry.person else sa.and_(about, *_held_here(entry, table, subject))


def _held_here(entry: TableData, table: sa.Table, subject: Subject) -> Iterator[Condition]:
    here = [leads_to(table, path, [subject.organisation_id]) for path in entry.held_by]
    if here:
        yield sa.or_(*here)


def _accounts(subject: Subject, *, alone: bool) -> sa.Select[Any]:
    """The person's account, where it has or had a role in the organisation; `alone`: and in no
    other."""
    grant, other = aliased(RoleGrant), aliased(RoleGrant)
    elsewhere = sa.exists().where(
        other.account_id == Account.id, other.organisation_id != subject.organisation_id
    )
    return (
        sa.select(Account.id)
        .join(grant, grant.account_id == Account.id)
        .where(
            Account.person_id == subject.person.holder_id,
            grant.organisation_id == subject.organisation_id,
            *((~elsewhere,) if alone else ()),
        )
    )


def leads_to(table: sa.Table, path: str, wanted: Sequence[UUID] | sa.Select[Any]) -> Condition:
    """`a.b` leads there where column b of the row that column a points to does; `a<t.b.c` where
    column c does of a row of table t whose column b points here, at a."""
    name, _, rest = path.partition(".")
    name, _, other = name.partition("<")
    column = table.c[name]
    if other:
        back, _, rest = rest.partition(".")
        pointing = Base.metadata.tables[other]
        return column.in_(sa.select(pointing.c[back]).where(leads_to(pointing, rest, wanted)))
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
