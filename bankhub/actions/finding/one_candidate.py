"""One person for one shift, as the office reads them before it books them: of the own bank, or of
a partner and cleared here, whose name and number take a look that is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.looking import Entered, SeenShift, look, sees_as_partner, why_not
from bankhub.actions.finding.worker_facts import LoadedWorker, load_workers
from bankhub.actions.partners.partner_people import NOTHING, Gives, given, holder_known_here
from bankhub.actions.permission import demand
from bankhub.model.vocabulary import Grade
from bankhub.rules.eligibility.booked_as import booked_as
from bankhub.rules.eligibility.disclosure import ShownReason, Viewer, may_lift, shown, shown_all
from bankhub.rules.permissions import Deed
from bankhub.rules.reason_codes import Code
from passport.actors import AccessRole, Actor
from passport.errors import Level, NotFound, Reason
from passport.model.organisations import Organisation
from passport.model.people import Person

OWN = Gives(name=True, phone=True)
OFFICE = frozenset({AccessRole.ROTA_COORDINATOR, AccessRole.BANK_MANAGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Somebody about to be booked."""

    person_id: UUID
    name: str | None
    """None = a partner's person whom nobody looked at."""
    organisation_name: str
    is_partner: bool
    looked: bool
    """Of the own bank, or looked at by the actor today."""
    phone: str | None
    """Only of people who allow to be rung about shifts."""
    grade: Grade | None
    """At which they would be booked; None = no post of theirs can be."""
    reasons: Sequence[ShownReason]
    """What stands in the way, and what is not known, as the office may read it."""
    liftable: Mapping[str, str]
    """The shown code of each soft reason the actor's roles may lift → the code it stands for."""

    @property
    def standing(self) -> list[ShownReason]:
        """What stands in the way."""
        return [reason for reason in self.reasons if reason.level is not Level.NOTE]

    @property
    def may_be_lifted(self) -> bool:
        """Whether the actor's roles may lift all that stands in the way."""
        return bool(self.standing) and all(r.code in self.liftable for r in self.standing)


def one_candidate(
    session: Session, *, shift_id: UUID, person_id: UUID, by: Actor, now: datetime
) -> Chosen:
    """The rules asked about one person; `NotFound` for other organisations' shifts, and for
    people who are neither of the actor's organisation nor cleared there."""
    demand(by, Deed.SEE_CANDIDATES)
    seen = look(session, shift_id)
    if seen.facts.organisation_id != by.organisation_id:
        raise NotFound
    holder_known_here(session, person_id, by)
    person, organisation = session.execute(
        sa.select(Person, Organisation)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id == person_id)
    ).one()
    partner = person.organisation_id != by.organisation_id
    if partner and not sees_as_partner(
        session, holder_id=person.holder_id, seen=seen, now=now
    ):
        raise NotFound
    looked = given(session, [person.id], by=by, now=now) if partner else {person.id: OWN}
    gives = looked.get(person.id, NOTHING)
    entered = Entered(_worker(session, seen, person, now), person.organisation_id)
    reasons = why_not(seen, entered, now)
    grades = seen.grades_open(now, entered.home_id)
    found = booked_as(seen.facts, entered.worker.facts, grades, entered.home_id)
    viewer = Viewer.HOST if partner else Viewer.OWN_COORDINATOR
    return Chosen(
        person_id=person.id,
        name=f"{person.given_name} {person.family_name}" if gives.name else None,
        organisation_name=organisation.name,
        is_partner=partner,
        looked=bool(looked),
        phone=person.mobile if gives.phone and person.may_call and person.mobile else None,
        grade=found[1] if found else None,
        reasons=shown_all(reasons, viewer),
        liftable={} if partner else _liftable(reasons, by),
    )


def _liftable(reasons: Sequence[Reason], by: Actor) -> Mapping[str, str]:
    return {
        shown(reason, Viewer.OWN_COORDINATOR).code: reason.code
        for reason in reasons
        if reason.level is Level.SOFT and may_lift(reason.code, by.roles)
    }


def _worker(session: Session, seen: SeenShift, person: Person, now: datetime) -> LoadedWorker:
    host_id, home_id = seen.facts.organisation_id, person.organisation_id
    loaded = load_workers(
        session,
        holder_ids=[person.holder_id],
        organisation_id=home_id,
        starts_at=seen.facts.starts_at,
        ends_at=seen.facts.ends_at,
        now=now,
        host_id=host_id if home_id != host_id else None,
    )
    if person.holder_id not in loaded:
        raise NotFound
    return loaded[person.holder_id]


def for_the_office(
    reasons: Sequence[Reason], by: Actor, *, elsewhere: bool = False
) -> list[Reason]:
    """The reasons of a refusal as `by` may read them: what is about the person, of the own bank or
    from elsewhere, goes through disclosure; what is about the shift stays as it is."""
    viewer = Viewer.OWN_COORDINATOR if by.roles & OFFICE else Viewer.WARD
    if elsewhere and by.roles & OFFICE:
        viewer = Viewer.HOST
    told: list[Reason] = []
    for reason in reasons:
        if reason.code not in set(Code):
            told.append(reason)
            continue
        for one in shown_all([reason], viewer):
            told.append(Reason(one.code, cure=one.cure, level=one.level, text=one.text))
    return list({(one.code, one.text): one for one in told}.values())
