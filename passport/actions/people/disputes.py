"""One registration number, two people: it is given to neither until somebody looked.

A register entry belongs to one human being. Whoever states a number that somebody else is on
record with made a slip, or carries a stolen one (passport.md §4, case 1): the number is not taken
and both records are flagged. Each person and their own organisation's HR officers are told in
the same words, and neither is told of the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people.people import person_of
from passport.actions.permission import demand
from passport.actions.telling import tell_officers, tell_person
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Cure, NotFound, Reason
from passport.events import Event, record
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.people import Person
from passport.rules.people.evidence import lookup
from passport.rules.permissions import Deed

DISPUTED, SETTLED = "registration.disputed", "registration.settled"
CLAIMING = frozenset({"registered", "conditions"})
"""Statuses by which a number lets somebody work; bad news about a number is nobody's claim."""


def why_disputed(
    session: Session, *, person: Person, fact: FactValue, by: Actor, now: datetime
) -> Reason | None:
    """Why a registration number cannot be this person's; flags both records.

    Another organisation's record of the same date of birth may be the same human being: the
    person will be asked. Anybody else on record with the number is a dispute.
    """
    number = lookup(fact.kind, fact.value)
    if number is None or fact.value.get("status") not in CLAIMING:
        return None
    rivals = [
        other
        for other in _others(session, person, number)
        if other.organisation_id == person.organisation_id
        or other.date_of_birth != person.date_of_birth
    ]
    if not rivals:
        return None
    for concerned in (person, *rivals):
        _flag(session, concerned, number, by, now)
    return Reason(
        "registration_disputed",
        {"registration": number},
        Cure("Check number, name and date of birth on the regulator's register"),
        text=f"The registration {number} was not taken: somebody else is on record with it.",
    )


def dispute_number(
    session: Session, *, person: Person, body: str, number: str, by: Actor, now: datetime
) -> None:
    """The register itself gives this person's number to somebody else: they are flagged, and
    everybody else who is on record with it."""
    found = lookup(FactKind.REGISTRATION, {"body": body, "number": number}) or ""
    for concerned in (person, *_others(session, person, found)):
        _flag(session, concerned, found, by, now)


def _others(session: Session, person: Person, number: str) -> Sequence[Person]:
    return session.scalars(
        sa.select(Person)
        .join(Fact, Fact.person_id == Person.id)
        .where(
            Fact.kind == FactKind.REGISTRATION,
            Fact.lookup == number,
            Fact.superseded_by_id.is_(None),
            Person.holder_id != person.holder_id,
        )
    ).all()


def _flag(session: Session, person: Person, number: str, by: Actor, now: datetime) -> None:
    if number in _open(_history(session, [person.id]).get(person.id, ())):
        return
    home = by.organisation_id == person.organisation_id
    record(
        session,
        DISPUTED,
        subject_id=person.id,
        organisation_id=person.organisation_id,
        by=by if home else replace(by, account_id=None),
        now=now,
        tell=[
            tell_person("registration_disputed", person.id),
            *tell_officers(session, "registration_disputed_home", person.organisation_id),
        ],
        registration=number,
    )


def settle(
    session: Session, *, person_id: UUID, registration: str, by: Actor, now: datetime
) -> None:
    """Somebody looked at the register: the flag on this person's record is taken down."""
    demand(by, Deed.ADD_FACT)
    person = person_of(session, person_id=person_id, by=by)
    if registration not in _open(_history(session, [person.id]).get(person.id, ())):
        raise NotFound
    record(
        session,
        SETTLED,
        subject_id=person.id,
        organisation_id=person.organisation_id,
        by=by,
        now=now,
        registration=registration,
    )


def disputed_people(session: Session, *, by: Actor) -> list[tuple[Person, str]]:
    """The flagged people of the actor's organisation, each with the number, by name."""
    demand(by, Deed.READ_PEOPLE)
    flagged = session.scalars(
        sa.select(Person)
        .where(
            Person.organisation_id == own_organisation(by),
            Person.id.in_(sa.select(Event.subject_id).where(Event.kind == DISPUTED)),
        )
        .order_by(Person.family_name, Person.given_name)
    ).all()
    history = _history(session, [person.id for person in flagged])
    return [
        (person, number)
        for person in flagged
        for number in sorted(_open(history.get(person.id, ())))
    ]


def disputed_numbers(session: Session, people: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Person → the numbers that somebody else claims too, as `NMC:01A2345N`."""
    found = {person: _open(said) for person, said in _history(session, people).items()}
    return {person: numbers for person, numbers in found.items() if numbers}


def _history(session: Session, people: Iterable[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """Person → what was disputed and settled, in order."""
    found = session.execute(
        sa.select(Event.subject_id, Event.kind, Event.detail)
        .where(Event.subject_id.in_(list(people)), Event.kind.in_((DISPUTED, SETTLED)))
        .order_by(Event.at, Event.id)
    )
    history: dict[UUID, list[tuple[str, str]]] = {}
    for person_id, kind, detail in found:
        history.setdefault(person_id, []).append((kind, str(detail["registration"])))
    return history


def _open(history: Iterable[tuple[str, str]]) -> set[str]:
    numbers: set[str] = set()
    for kind, number in history:
        (numbers.add if kind == DISPUTED else numbers.discard)(number)
    return numbers
