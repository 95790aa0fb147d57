"""Looks at people of other organisations: each is logged, and the person reads the log.

Whoever reads something of a person on behalf of an organisation whose record it is not, writes it
down here first. The same look by the same account is one row a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from passport.actions.people.people import own_records
from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.db import is_postgresql, new_id
from passport.errors import NotFound
from passport.events import note_changed, record
from passport.london import london_day
from passport.model.looks import PersonLook
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.permissions import Deed

LOOKS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What a person reads of one look: who, what, and what allows it."""

    at: datetime
    organisation: str
    ods: str
    what: str
    basis: str


def look_at(
    session: Session, *, person_id: UUID, what: str, basis: str, by: Actor, now: datetime
) -> None:
    """Write down that the actor's organisation reads `what` of a person, and what allows it. A
    look at one's own organisation's record is none. The caller has demanded the right to look."""
    host_id = own_organisation(by)
    owner = session.scalar(sa.select(Person.organisation_id).where(Person.id == person_id))
    if owner is None:
        raise NotFound
    if owner == host_id:
        return
    row = {
        "id": new_id(),
        "person_id": person_id,
        "organisation_id": host_id,
        "by_id": by.account_id,
        "on_day": london_day(now),
        "at": now,
        "what": what,
        "basis": basis,
    }
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    made = insert(PersonLook).values(row).on_conflict_do_nothing().returning(PersonLook.id)
    if session.connection().execute(made).one_or_none() is None:
        return  # the same look was written down today: no row, and no event
    note_changed(session, PersonLook.__tablename__)
    record(session, "person.looked_at", subject_id=person_id, by=by, now=now, what=what)


def look_at_all(
    session: Session, *, basis_of: Mapping[UUID, str], what: str, by: Actor, now: datetime
) -> None:
    """Write down that the actor's organisation reads `what` of each of these people, and what
    allows it. A list is read by whoever is on duty: once a day for the organisation is enough,
    and the person is not shown the same list by every name of a ward."""
    host_id = own_organisation(by)
    written = sa.select(PersonLook.person_id).where(
        PersonLook.organisation_id == host_id,
        PersonLook.on_day == london_day(now),
        PersonLook.what == what,
    )
    anew = sa.select(Person.id).where(
        Person.id.in_(basis_of), Person.organisation_id != host_id, Person.id.not_in(written)
    )
    for person_id in session.scalars(anew.order_by(Person.id)).all():
        look_at(
            session, person_id=person_id, what=what, basis=basis_of[person_id], by=by, now=now
        )


def own_looks(
    session: Session, *, by: Actor, before: datetime | None = None
) -> Sequence[LookedAt]:
    """Who of other organisations read something of the actor's own records, newest first; those
    `before` a moment."""
    demand(by, Deed.USE_OWN_ACCOUNT)
    records = [one.id for one in own_records(session, by=by)]
    rows = session.execute(
        sa.select(PersonLook, Organisation.name, Organisation.ods_code)
        .join(Organisation, Organisation.id == PersonLook.organisation_id)
        .where(
            PersonLook.person_id.in_(records), PersonLook.at < before if before else sa.true()
        )
        .order_by(PersonLook.at.desc(), PersonLook.id.desc())
        .limit(LOOKS_SHOWN)
    )
    return [LookedAt(one.at, name, ods, one.what, one.basis) for one, name, ods in rows]
