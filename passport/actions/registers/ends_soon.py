"""Warnings before something on record ends: 90, 30 and 7 days before, each once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.permission import demand
from passport.actions.telling import tell_officers, write_once
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.events import Tell
from passport.london import london_day
from passport.model.facts import Fact, FactKind
from passport.model.people import Person
from passport.model.register_words import watch_policy
from passport.rules.permissions import Deed

WATCHED = {
    FactKind.REGISTRATION: "Your professional registration",
    FactKind.DBS: "Your DBS check or its update service",
    FactKind.RIGHT_TO_WORK: "Your right to work, as it was checked",
}
"""What is warned of, in words for the holder."""
_ACTS = {
    FactKind.REGISTRATION: "Renew it with your regulator in time. Nobody may work on a registration"
    " that has lapsed.",
    FactKind.DBS: "Renew your subscription, or ask HR for a new check.",
    FactKind.RIGHT_TO_WORK: "Give HR your new share code or documents before that day.",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """Something on record that ends within the longest warning."""

    person_id: UUID
    organisation_id: UUID
    name: str
    kind: FactKind
    value: dict[str, Any]
    on: date


def ending(
    session: Session, *, by: Actor, now: datetime, limit: int = 500
) -> list[Ending]:
    """What ends soon of the people of the actor's organisation, the nearest first."""
    demand(by, Deed.READ_PEOPLE)
    own = Person.organisation_id == own_organisation(by)
    return _ending(session, now, own, limit=limit)


def warn(session: Session, *, by: Actor, now: datetime) -> int:
    """Write the warnings that are due: one to the person for each of the days, and at most one a
    day to their HR officers; how many letters. A warning that was written is not written again.
    """
    demand(by, Deed.CHECK_REGISTER)
    today = london_day(now)
    letters: list[Tell] = []
    homes: set[UUID] = set()
    for one in _ending(session, now):
        step = min(days for days in _steps(now) if one.on - today <= timedelta(days=days))
        dedupe = f"ends_soon:{one.person_id}:{one.kind}:{one.on}:{step}"
        what = {"what": WATCHED[one.kind], "on": one.on, "act": _ACTS[one.kind]}
        letters.append(Tell("ends_soon", dedupe, person_id=one.person_id, context=what))
    written = write_once(session, letters, now)
    for letter in written:
        homes.add(session.get_one(Person, letter.person_id).organisation_id)
    for organisation_id in homes:
        told = tell_officers(session, "ends_soon_home", organisation_id)
        daily = [
            Tell(t.template, f"ends_soon_home:{t.account_id}:{today}", account_id=t.account_id)
            for t in told
        ]
        written += write_once(session, daily, now)
    return len(written)


def _steps(now: datetime) -> tuple[int, ...]:
    return watch_policy(london_day(now)).warn_days


def _ending(
    session: Session, now: datetime, *which: sa.ColumnElement[bool], limit: int | None = None
) -> list[Ending]:
    today = london_day(now)
    found = session.execute(
        sa.select(Person, Fact.kind, Fact.value, Fact.valid_until)
        .join(Fact, Fact.person_id == Person.id)
        .where(
            Fact.kind.in_(list(WATCHED)),
            Fact.superseded_by_id.is_(None),
            Fact.checked_by_id.is_not(None),
            Fact.valid_until >= today,
            Fact.valid_until <= today + timedelta(days=max(_steps(now))),
            Person.left_at.is_(None),
            *which,
        )
        .order_by(Fact.valid_until, Person.family_name, Person.id)
        .limit(limit)
    )
    return [
        Ending(
            person.id, person.organisation_id, f"{person.given_name} {person.family_name}".strip(),
            kind, value, until,
        )
        for person, kind, value, until in found
        if until is not None
    ]  # fmt: skip
