"""Everything that one organisation holds of one person, table by table, as the catalogue says.

A row is the organisation's where a column that `held_by` names leads to it, and about the person
where `person` leads to that record. Rows under another organisation's record of the same human
are not found: no organisation learns from here that there is one. Somebody who is on no record
there, a coordinator or an officer, is found by their account.
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
from passport.model.accounts import Account, Delegation, RoleGrant
from passport.model.data_classes import Catalogue, Erasure, TableData
from passport.model.looks import PersonLook
from passport.model.people import Person
from passport.model.subject_requests import Counted

Condition = sa.ColumnElement[bool]
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, or the account of somebody who is on no record there, and the organisation whose
    rows are meant."""

    who: Person | Account
    organisation_id: UUID

    @property
    def person(self) -> Person | None:
        """The record, where there is one."""
        return self.who if isinstance(self.who, Person) else None

    @property
    def is_own(self) -> bool:
        """Whether the record is the organisation's; else it holds rows as a host."""
        return self.person is None or self.person.organisation_id == self.organisation_id

    @property
    def name(self) -> str:
        """As the organisation has it."""
        return name_of(self.who)

    @property
    def accounts(self) -> Condition:
        """By which accounts they sign in."""
        if isinstance(self.who, Person):
            return Account.person_id == self.who.holder_id
        return Account.id == self.who.id


def name_of(who: Person | Account | None) -> str:
    """What somebody is called; empty where nothing is left of them."""
    if isinstance(who, Account):
        return who.display_name or who.email
    return f"{who.given_name} {who.family_name}".strip() if who else ""


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
    """The person, or the account of somebody without a record there, where the actor's
    organisation holds anything of them; else `NotFound`."""
    person = session.get(Person, person_id, with_for_update=lock or None)
    if person is None:
        return account_of(session, account_id=person_id, by=by, lock=lock)
    subject = Subject(person, own_organisation(by))
    if not subject.is_own and not _holds_anything(session, subject, catalogue):
        raise NotFound
    return subject


def account_of(
    session: Session, *, account_id: UUID, by: Actor, lock: bool = False
) -> Subject:
    """An account that has or had an office in the actor's organisation, which has no record of
    whoever uses it; else `NotFound`."""
    here = own_organisation(by)
    found = sa.select(Account).where(Account.id == account_id, *in_office(here))
    account = session.scalar(found.with_for_update(of=Account) if lock else found)
    if account is None:
        raise NotFound
    return Subject(account, here)


def in_office(organisation_id: UUID) -> tuple[Condition, ...]:
    """Accounts that have or had a role there, of people who are on no record there."""
    held = (
        sa.exists().where(one.account_id == Account.id, one.organisation_id == organisation_id)
        for one in (RoleGrant, Delegation)
    )
    recorded = sa.exists().where(
        Person.holder_id == Account.person_id, Person.organisation_id == organisation_id
    )
    return sa.or_(*held), ~recorded


def held(session: Session, subject: Subject, catalogue: Catalogue) -> list[Held]:
    """Every table with rows about the person, in the catalogue's order."""
    return [
        Held(entry, table, condition, rows)
        for entry, table, condition in _conditions(subject, catalogue)
        if (rows := session.execute(sa.select(table).where(condition)).mappings().all())
    ]


def happenings(session: Session, subject: Subject, found: Sequence[Held]) -> Iterator[Event]:
    """What is in the audit log of the organisation about the person and those rows."""
    ids = [subject.who.id, *_ids(found)]
    for start in range(0, len(ids), AT_ONCE):
        yield from session.scalars(
            sa.select(Event)
            .where(
                Event.subject_id.in_(ids[start : start + AT_ONCE]),
                Event.organisation_id == subject.organisation_id,
            )
            .order_by(Event.at, Event.id)
        )


def deeds(session: Session, subject: Subject) -> Iterator[Counted]:
    """What they did in the organisation, by kind: whom it concerned is others' data."""
    where = (Event.organisation_id == subject.organisation_id,)
    yield from _counted(session, subject, Event.kind, Event.at, Event.by_account_id, where)


def looks(session: Session, subject: Subject) -> Iterator[Counted]:
    """What they read of people of other organisations, by what it was."""
    where = (PersonLook.organisation_id == subject.organisation_id,)
    yield from _counted(
        session, subject, PersonLook.what, PersonLook.at, PersonLook.by_id, where
    )


def _counted(
    session: Session, subject: Subject, what: Any, at: Any, by: Any, where: Sequence[Condition]
) -> Iterator[Counted]:
    if not subject.is_own:
        return
    rows = session.execute(
        sa.select(what, sa.func.count(), sa.func.min(at), sa.func.max(at))
        .where(by.in_(_accounts(subject, alone=False)), *where)
        .group_by(what)
        .order_by(what)
    )
    for kind, times, first, last in rows:
        yield Counted(kind, times, first, last)


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
        about = leads_to(table, entry.person, [subject.who.id])
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
    here = sa.exists().where(
        RoleGrant.account_id == Account.id, RoleGrant.organisation_id == subject.organisation_id
    )
    other = aliased(RoleGrant)
    elsewhere = sa.exists().where(
        other.account_id == Account.id, other.organisation_id != subject.organisation_id
    )
    return sa.select(Account.id).where(
        subject.accounts,
        *((here,) if subject.person else ()),
        *((~elsewhere,) if alone else ()),
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
