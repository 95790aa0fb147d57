"""A class of a register closed on one day, as the emergency registers of 2020 were.

Everybody whom the register holds in that class is found at once and looked over; one act then
ends them all (passport.md §4, case 22).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.people.evidence import add_facts
from passport.actions.permission import demand
from passport.actions.registers import watching
from passport.actions.tenancy import within
from passport.actors import Actor, Via
from passport.errors import Invalid, Reason, Refused
from passport.events import part, record
from passport.london import london_day
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.register_words import Status
from passport.model.registers import registers
from passport.rules.people.register_answers import Asked, Effect, effect_of
from passport.rules.permissions import Deed

AT_ONCE = 100
"""Entries ended in one transaction."""


def in_class(
    session: Session,
    *,
    body: str,
    status: Status,
    organisation_id: UUID | None,
    by: Actor,
    ending_after: date | None = None,
    limit: int | None = None,
) -> Sequence[tuple[Person, Fact, Organisation]]:
    """Who is on record in a class of a register, of one organisation; the operator may ask for
    all. With `ending_after` only those whose entry is not on record as ended by that day."""
    demand(by, Deed.CHECK_REGISTER)
    if organisation_id is not None or by.via is not Via.OPERATOR:
        within(by, organisation_id or _nowhere())
    if body not in registers():
        raise Invalid("class_end", fields={"body": [f"is none of {', '.join(registers())}"]})
    statement = (
        sa.select(Person, Fact, Organisation)
        .join(Fact, Fact.person_id == Person.id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(
            Fact.kind == FactKind.REGISTRATION,
            Fact.lookup.startswith(f"{body}:", autoescape=True),
            Fact.superseded_by_id.is_(None),
            Fact.value["register_status"].as_string() == status.value,
            Person.left_at.is_(None),
        )
        .order_by(Organisation.ods_code, Person.family_name, Person.id)
        .limit(limit)
    )
    if organisation_id is not None:
        statement = statement.where(Person.organisation_id == organisation_id)
    if ending_after is not None:
        statement = statement.where(
            sa.or_(Fact.valid_until.is_(None), Fact.valid_until > ending_after)
        )
    return [(person, fact, place) for person, fact, place in session.execute(statement)]


def _nowhere() -> UUID:
    raise Invalid("class_end", fields={"organisation": ["is missing"]})


def end_class(
    session: Session,
    *,
    body: str,
    status: Status,
    on: date,
    organisation_id: UUID | None,
    by: Actor,
    now: datetime,
) -> int:
    """End the next entries of a class: `on` is the last day on which they hold. Returns how many;
    to be called again, each time in a transaction of its own, until none is left.

    Raises `Invalid` for a class that is no registration at all.
    """
    if effect_of(status) in (Effect.BARRED, Effect.NOTHING):
        raise Invalid("class_end", fields={"status": ["is no standing that could end"]})
    found = in_class(
        session, body=body, status=status, organisation_id=organisation_id, by=by,
        ending_after=on, limit=AT_ONCE,
    )  # fmt: skip
    ended = [_end(session, person, fact, on, by, now) for person, fact, _ in found]
    if found and not any(ended):
        raise Refused([Reason("own_passport", text="Nobody decides on their own passport.")])
    if found:
        record(
            session, "registers.class_ended", subject_id=organisation_id or found[0][2].id,
            organisation_id=organisation_id, by=by, now=now, body=body, status=status.value,
            on=on, people=sum(ended),
        )  # fmt: skip
    return sum(ended)


def _end(
    session: Session, person: Person, fact: Fact, on: date, by: Actor, now: datetime
) -> bool:
    over = on < london_day(now)
    value = dict(fact.value)
    if over:
        value |= {"status": "lapsed", "register_status": Status.LAPSED.value}
    stated = FactValue(FactKind.REGISTRATION, value, valid_from=fact.valid_from, valid_until=on)
    asked = Asked(
        person.id, value["body"], value["number"], person.given_name, person.family_name,
        person.date_of_birth,
    )  # fmt: skip
    here = by if by.via is not Via.OPERATOR else replace(by, organisation_id=person.organisation_id)
    try:
        with part(session):
            add_facts(
                session, person_id=person.id, entries=[stated], source="register", by=here,
                now=now, checked_at=fact.checked_at,
            )  # fmt: skip
            session.flush()
            watching.on_look(session, asked=asked, before=fact.value, by=here, now=now)
    except Refused:
        return False
    return True
