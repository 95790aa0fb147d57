"""One person of the own bank for one shift, as the office reads them before it books them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.looking import SeenShift, look, why_not
from bankhub.actions.permission import demand
from bankhub.actions.worker_facts import LoadedWorker, load_workers
from bankhub.model.vocabulary import Grade
from bankhub.rules.booked_as import booked_as
from bankhub.rules.disclosure import ShownReason, Viewer, may_lift, shown, shown_all
from bankhub.rules.permissions import Deed
from bankhub.rules.reason_codes import Code
from passport.actors import AccessRole, Actor
from passport.errors import Level, NotFound, Reason
from passport.model.people import Person

OFFICE = frozenset({AccessRole.ROTA_COORDINATOR, AccessRole.BANK_MANAGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Somebody about to be booked."""

    person_id: UUID
    name: str
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
    """The rules asked about one person; `NotFound` for other organisations' shifts and people."""
    demand(by, Deed.SEE_CANDIDATES)
    seen = look(session, shift_id)
    person = session.scalar(
        sa.select(Person).where(
            Person.id == person_id, Person.organisation_id == by.organisation_id
        )
    )
    if person is None or seen.facts.organisation_id != by.organisation_id:
        raise NotFound
    worker = _worker(session, seen, person.holder_id, now)
    reasons = why_not(seen, worker, now)
    found = booked_as(seen.facts, worker.facts, seen.grades_open(now))
    return Chosen(
        person_id=person.id,
        name=f"{person.given_name} {person.family_name}",
        phone=person.mobile if person.may_call and person.mobile else None,
        grade=found[1] if found else None,
        reasons=shown_all(reasons, Viewer.OWN_COORDINATOR),
        liftable={
            shown(reason, Viewer.OWN_COORDINATOR).code: reason.code
            for reason in reasons
            if reason.level is Level.SOFT and may_lift(reason.code, by.roles)
        },
    )


def _worker(session: Session, seen: SeenShift, holder_id: UUID, now: datetime) -> LoadedWorker:
    loaded = load_workers(
        session,
        holder_ids=[holder_id],
        organisation_id=seen.facts.organisation_id,
        starts_at=seen.facts.starts_at,
        ends_at=seen.facts.ends_at,
        now=now,
    )
    if holder_id not in loaded:
        raise NotFound
    return loaded[holder_id]


def for_the_office(reasons: Sequence[Reason], by: Actor) -> list[Reason]:
    """The reasons of a refusal as `by` may read them: what is about the person goes through
    disclosure, what is about the shift stays as it is."""
    viewer = Viewer.OWN_COORDINATOR if by.roles & OFFICE else Viewer.WARD
    told: list[Reason] = []
    for reason in reasons:
        if reason.code not in set(Code):
            told.append(reason)
            continue
        for one in shown_all([reason], viewer):
            told.append(Reason(one.code, cure=one.cure, level=one.level, text=one.text))
    return list({(one.code, one.text): one for one in told}.values())
