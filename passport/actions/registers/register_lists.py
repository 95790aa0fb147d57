"""What pages and programs read about registers: who is due, what was found, what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from passport.actions.permission import demand
from passport.actions.registers import register_checks
from passport.actions.registers.watching import CHANGED, LOOK_AGAIN
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound
from passport.events import Event
from passport.london import london_day
from passport.model.facts import Fact, FactKind
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.register_checks import RegisterCheck, RegisterRun
from passport.model.register_words import watch_policy
from passport.model.registers import registers
from passport.rules.people.evidence import REGISTERS
from passport.rules.people.register_answers import Asked
from passport.rules.permissions import Deed

RUNS_SHOWN = 30
MOST = 500


@dataclass(frozen=True, slots=True)
class Watched:
    """One register, and how it stands with the organisation's people on it."""

    body: str
    title: str
    people: int
    due: int
    last: RegisterRun | None


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something said of a person at a moment."""

    person_id: UUID
    name: str
    at: datetime
    status: str = ""
    because: str = ""
    number: str = ""
    said: str = ""
    told: int = 0
    """How many other organisations were told."""
    home: str = ""
    """Name of the organisation to ask."""


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """What is on record of the signed-in person on one register."""

    organisation: str
    fact: Fact
    looked_at: datetime | None
    """When a register was last looked at; None = never, only HR's word."""


def watched(session: Session, *, by: Actor, now: datetime) -> list[Watched]:
    """Every register that the organisation has people on."""
    demand(by, Deed.READ_PASSPORTS)
    here, before = own_organisation(by), register_checks.due_before(now)
    found = []
    for body, register in registers().items():
        people = register_checks.numbers_of(session, organisation_id=here, body=body)
        if not people:
            continue
        due = register_checks.numbers_of(
            session, organisation_id=here, body=body, looked_before=before
        )
        last = session.scalars(_runs(here).where(RegisterRun.body == body)).first()
        found.append(Watched(body, register.title, len(people), len(due), last))
    return found


def runs(session: Session, *, by: Actor) -> Sequence[RegisterRun]:
    """The last rounds, the latest first."""
    demand(by, Deed.READ_PASSPORTS)
    return session.scalars(_runs(own_organisation(by)).limit(RUNS_SHOWN)).all()


def _runs(organisation_id: UUID) -> sa.Select[RegisterRun]:
    return (
        sa.select(RegisterRun)
        .where(RegisterRun.organisation_id == organisation_id)
        .order_by(RegisterRun.at.desc(), RegisterRun.id.desc())
    )


def due(session: Session, *, body: str, by: Actor, now: datetime) -> list[Asked]:
    """Whose number has to be looked at, the longest ago first. Raises `NotFound`."""
    demand(by, Deed.READ_PASSPORTS)
    if body not in registers():
        raise NotFound
    return register_checks.numbers_of(
        session, organisation_id=own_organisation(by), body=body,
        looked_before=register_checks.due_before(now), limit=MOST,
    )  # fmt: skip


def mismatches(session: Session, *, by: Actor) -> list[Noticed]:
    """People of whom the last look could not be taken as theirs, or not be understood."""
    demand(by, Deed.READ_PASSPORTS)
    latest = (
        sa.select(
            RegisterCheck,
            sa.func.row_number()
            .over(
                partition_by=(RegisterCheck.person_id, RegisterCheck.body),
                order_by=(RegisterCheck.at.desc(), RegisterCheck.id.desc()),
            )
            .label("place"),
        )
        .where(RegisterCheck.organisation_id == own_organisation(by))
        .subquery()
    )
    check = aliased(RegisterCheck, latest)
    rows = session.execute(
        sa.select(Person, check)
        .join(check, check.person_id == Person.id)
        .where(
            latest.c.place == 1,
            latest.c.because.in_(sorted(register_checks.SERIOUS)),
            Person.left_at.is_(None),
        )
        .order_by(Person.family_name, Person.given_name)
        .limit(MOST)
    )
    return [
        Noticed(
            person.id, _name(person), one.at, one.status, one.because or "",
            f"{one.body} {one.number}", str(one.found.get("said", "")),
        )
        for person, one in rows
    ]  # fmt: skip


def changes(session: Session, *, by: Actor, now: datetime) -> list[Noticed]:
    """Standings that changed lately among the organisation's people, the latest first."""
    demand(by, Deed.READ_PASSPORTS)
    return [
        Noticed(
            person.id, _name(person), entry.at, str(entry.detail.get("status", "")),
            told=int(entry.detail.get("told", 0)),
        )
        for person, entry in _events(session, CHANGED, own_organisation(by), now)
    ]  # fmt: skip


def relied_on(session: Session, *, by: Actor, now: datetime) -> list[Noticed]:
    """Passports that this organisation relied on and that changed: whose, and whom to ask. Why is
    for their home alone."""
    demand(by, Deed.READ_VERDICTS)
    found = []
    for person, entry in _events(session, LOOK_AGAIN, own_organisation(by), now):
        home = session.get(Organisation, person.organisation_id)
        name = home.name if home else ""
        found.append(Noticed(person.id, _name(person), entry.at, home=name))
    return found


def _events(
    session: Session, kind: str, organisation_id: UUID, now: datetime
) -> list[tuple[Person, Event]]:
    since = now - timedelta(days=watch_policy(london_day(now)).relied_on_days)
    rows = session.execute(
        sa.select(Person, Event)
        .join(Event, Event.subject_id == Person.id)
        .where(Event.organisation_id == organisation_id, Event.kind == kind, Event.at >= since)
        .order_by(Event.at.desc())
        .limit(MOST)
    )
    return [(person, entry) for person, entry in rows]


def own_entries(session: Session, *, by: Actor) -> list[OwnEntry]:
    """What registers say of the signed-in person, on every organisation's record of them."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    rows = session.execute(
        sa.select(Organisation.name, Fact)
        .join(Person, Person.organisation_id == Organisation.id)
        .join(Fact, Fact.person_id == Person.id)
        .where(
            Person.holder_id == _holder(by),
            Fact.kind == FactKind.REGISTRATION,
            Fact.superseded_by_id.is_(None),
        )
        .order_by(Organisation.name, Fact.lookup)
    )
    return [
        OwnEntry(name, fact, fact.checked_at if fact.source in REGISTERS else None)
        for name, fact in rows
    ]


def own_changes(session: Session, *, by: Actor, now: datetime) -> list[Noticed]:
    """What changed of the signed-in person, and how many others were told. Nobody can take an
    entry of this list away."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    rows: Any = session.execute(
        sa.select(Person, Event, Organisation.name)
        .join(Event, Event.subject_id == Person.id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.holder_id == _holder(by), Event.kind == CHANGED)
        .order_by(Event.at.desc())
        .limit(MOST)
    )
    return [
        Noticed(
            person.id, _name(person), entry.at, str(entry.detail.get("status", "")),
            told=int(entry.detail.get("told", 0)), home=home,
        )
        for person, entry, home in rows
    ]  # fmt: skip


def _holder(by: Actor) -> UUID:
    if by.person_id is None:
        raise NotFound
    return by.person_id


def _name(person: Person) -> str:
    return f"{person.given_name} {person.family_name}".strip()
