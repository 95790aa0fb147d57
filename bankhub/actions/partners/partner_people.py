"""People of partners at the host: who is known here, and what a look at one of them shows.

A host knows of a partner's people only those who showed their passport here. Who they are it reads
one by one, by a deed that is written down where the person reads it, and no further than the
agreement goes: a name where it gives identity, a telephone number where it gives contact.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import DataCategory
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.people.looks import look_at
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound
from passport.model.looks import PersonLook
from passport.model.people import Person

CANDIDATE = "candidate"
"""What such a look is called in the log."""


@dataclass(frozen=True, slots=True)
class Gives:
    """What an agreement gives of a person beside their being there."""

    name: bool
    phone: bool


NOTHING = Gives(name=False, phone=False)


def holder_known_here(session: Session, person_id: UUID, by: Actor) -> UUID:
    """Who is behind a record: the actor's organisation's own, or that of a partner's person who
    has a clearance there. Raises `NotFound`."""
    found = session.execute(
        sa.select(Person.holder_id, Person.organisation_id).where(Person.id == person_id)
    ).first()
    if found is None or by.organisation_id is None:
        raise NotFound
    if found.organisation_id != by.organisation_id:
        _clearance(session, person_id, by)
    return UUID(str(found.holder_id))


def look(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> None:
    """Read who a partner's person is; written down first. One's own people are known anyway.
    Raises `NotFound` for somebody who has no clearance at the actor's organisation."""
    demand(by, Deed.SEE_CANDIDATES)
    home_id = session.scalar(sa.select(Person.organisation_id).where(Person.id == person_id))
    if home_id == own_organisation(by):
        return
    under = _version(session, _clearance(session, person_id, by))
    look_at(session, person_id=person_id, what=CANDIDATE, basis=under.named, by=by, now=now)


def given(
    session: Session, person_ids: Collection[UUID], *, by: Actor, now: datetime
) -> Mapping[UUID, Gives]:
    """What the actor may read of those partner's people they looked at today."""
    looked = session.scalars(
        sa.select(PersonLook.person_id).where(
            PersonLook.person_id.in_(person_ids),
            PersonLook.organisation_id == own_organisation(by),
            PersonLook.by_id == by.account_id,
            PersonLook.on_day == london_day(now),
            PersonLook.what == CANDIDATE,
        )
    )
    return {one: _gives(session, one, by) for one in looked}


def _gives(session: Session, person_id: UUID, by: Actor) -> Gives:
    categories = _version(session, _clearance(session, person_id, by)).terms.data_categories
    return Gives(DataCategory.IDENTITY in categories, DataCategory.CONTACT in categories)


def _clearance(session: Session, person_id: UUID, by: Actor) -> Clearance:
    found = session.scalar(
        sa.select(Clearance)
        .where(
            Clearance.person_id == person_id,
            Clearance.host_id == own_organisation(by),
            Clearance.state != ClearanceState.ENDED,
        )
        .order_by(Clearance.decided_at.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound
    return found


def _version(session: Session, clearance: Clearance) -> InForce:
    (found,) = bound_versions(session, version_id=clearance.version_id)
    return found
