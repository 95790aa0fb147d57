"""Who somebody is: a new check needs two officers; one that HR made before is put on record.

The first officer sees the person and the documents, the second agrees or not. Both are different
people and neither is the person. A small organisation's second officer may come by a delegation
from its network, as for every role. Kinds of documents are kept, never their numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import humans
from passport.actions.people.people import person_of
from passport.actions.permission import demand
from passport.actions.signing.credential_life import demand_another
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.batch import insert_many, record_many
from passport.db import new_id
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.london import london_day
from passport.model.credentials import IdentityCheck
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.issuing.issue_claims import ON_RECORD
from passport.rules.people.identity_check import wrong_check
from passport.rules.permissions import Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an officer says of a check."""

    route: str
    checked_on: date
    documents: tuple[str, ...] = ()
    checked_by: str = ""
    """The identity service provider; empty = the organisation itself."""
    gpg45_profile: str | None = None


def begin(
    session: Session, *, person_id: UUID, seen: Seen, by: Actor, now: datetime
) -> IdentityCheck:
    """The first officer saw them. It counts once a second officer has agreed."""
    demand(by, Deed.ISSUE)
    person = person_of(session, person_id=person_id, by=by)
    demand_another(session, person.id, by)
    wrong = wrong_check(
        seen.route, seen.documents, seen.checked_on, seen.checked_by, seen.gpg45_profile,
        born=person.date_of_birth, today=london_day(now),
    )  # fmt: skip
    if wrong:
        raise Invalid("identity_check", "The check cannot be right.", wrong)
    ods = session.get_one(Organisation, person.organisation_id).ods_code
    made = IdentityCheck(
        organisation_id=person.organisation_id, person_id=person.id, route=seen.route,
        documents=list(seen.documents), gpg45_profile=seen.gpg45_profile or None,
        checked_on=seen.checked_on, checked_by=seen.checked_by or ods, first_at=now,
        first_by_id=by.account_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(
        session, "identity.checked", subject_id=person.id,
        organisation_id=person.organisation_id, by=by, now=now, check=made.id, route=seen.route,
    )  # fmt: skip
    return made


def agree(session: Session, *, check_id: UUID, by: Actor, now: datetime) -> None:
    """The second officer looked too and agrees."""
    found = _open(session, check_id, by)
    found.second_at, found.second_by_id = now, by.account_id
    _told(session, "identity.agreed", found, by, now)


def disagree(session: Session, *, check_id: UUID, because: str, by: Actor, now: datetime) -> None:
    """The second officer does not agree: the check counts for nothing. `because` is a code."""
    found = _open(session, check_id, by)
    found.refused_at, found.refused_because = now, because
    found.second_by_id = by.account_id
    _told(session, "identity.disagreed", found, by, now, because=because)


def put_on_record(
    session: Session,
    *,
    checks: Iterable[tuple[UUID, date]],
    by: Actor,
    now: datetime,
) -> int:
    """Checks that HR made when people joined, as its own record has them: person and day. They
    are told as such and never as a new check. People of other organisations, those who have one
    on record already and days that cannot be are left out; how many were taken."""
    demand(by, Deed.ISSUE)
    organisation_id = own_organisation(by)
    ods = session.get_one(Organisation, organisation_id).ods_code
    asked = {person: on for person, on in checks if on <= london_day(now)}
    known = session.scalars(
        sa.select(Person.id).where(
            Person.organisation_id == organisation_id,
            ~sa.exists().where(IdentityCheck.person_id == Person.id, counts()),
        )
    )
    rows: list[tuple[Any, ...]] = [
        (new_id(), organisation_id, person, ON_RECORD, [], asked[person], ods, now, by.account_id)
        for person in known
        if person in asked
    ]
    columns = (
        "id", "organisation_id", "person_id", "route", "documents", "checked_on", "checked_by",
        "first_at", "first_by_id",
    )  # fmt: skip
    insert_many(session, IdentityCheck, columns, rows)
    entries = ((row[2], {"check": row[0], "route": ON_RECORD}) for row in rows)
    record_many(session, "identity.on_record", entries, by=by, now=now)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody on record, as a file may name them."""

    id: UUID
    email: str | None
    given_name: str
    family_name: str
    date_of_birth: date


def known_people(session: Session, *, by: Actor) -> list[Known]:
    """Everybody of the actor's organisation who has not left."""
    demand(by, Deed.ISSUE)
    here = sa.and_(Person.organisation_id == own_organisation(by), Person.left_at.is_(None))
    columns = (
        Person.id, Person.email, Person.given_name, Person.family_name, Person.date_of_birth,
    )  # fmt: skip
    return [Known(*row) for row in session.execute(sa.select(*columns).where(here))]


def checks_of(session: Session, *, person_id: UUID, by: Actor) -> Sequence[IdentityCheck]:
    """The checks of a person of the actor's organisation, the newest first."""
    demand(by, Deed.READ_PASSPORTS)
    person = person_of(session, person_id=person_id, by=by)
    return session.scalars(
        sa.select(IdentityCheck)
        .where(IdentityCheck.person_id == person.id)
        .order_by(IdentityCheck.first_at.desc(), IdentityCheck.id.desc())
    ).all()


def counts() -> sa.ColumnElement[bool]:
    """The checks that count: agreed by a second officer, or on record from before."""
    return sa.or_(IdentityCheck.second_at.is_not(None), IdentityCheck.route == ON_RECORD)


def _open(session: Session, check_id: UUID, by: Actor) -> IdentityCheck:
    demand(by, Deed.ISSUE)
    found = session.get(IdentityCheck, check_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    person = person_of(session, person_id=found.person_id, by=by)
    if found.route == ON_RECORD or found.second_at or found.refused_at:
        raise Refused([Reason("check_answered", text="This check was answered already.")])
    demand_another(session, person.id, by)
    if humans.is_same(session, by, found.first_by_id):
        raise Refused([Reason("same_officer", text="The second officer is somebody else.")])
    return found


def _told(
    session: Session, kind: str, found: IdentityCheck, by: Actor, now: datetime, **detail: Any
) -> None:
    session.flush()
    record(
        session, kind, subject_id=found.person_id, organisation_id=found.organisation_id, by=by,
        now=now, check=found.id, **detail,
    )  # fmt: skip
