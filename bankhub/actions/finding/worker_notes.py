"""What a worker's pages say beside the shifts: what to fix, what can be filtered by, and until
when a booking can be given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.worker_facts import LoadedWorker, load_workers
from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import policy_book
from bankhub.model.shifts import ShiftCode
from bankhub.model.sites import Site
from bankhub.model.values import PostFacts, ShiftFacts
from bankhub.model.workers import BankPost
from bankhub.rules.eligibility.credentials_held import credential_reasons
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import Reason
from passport.model.organisations import Organisation
from passport.model.people import Person

AHEAD = timedelta(days=30)
"""How far ahead papers that run out are pointed at."""


@dataclass(frozen=True, slots=True)
class ThingToFix:
    """A paper that is missing, or that runs out soon."""

    organisation: str
    reason: Reason
    soon: bool
    """It still holds today."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What a worker can filter by: sites of their banks and the shift types used there."""

    sites: Sequence[tuple[UUID, str]]
    shift_codes: Sequence[str]


def things_to_fix(session: Session, *, by: Actor, now: datetime) -> list[ThingToFix]:
    """Papers that keep the worker from booking now, or will within 30 days, at each bank."""
    demand(by, Deed.FIND_SHIFTS)
    found: list[ThingToFix] = []
    for organisation_id, name in _banks(session, by):
        loaded = load_workers(
            session,
            holder_ids=[by.person_id] if by.person_id else [],
            organisation_id=organisation_id,
            starts_at=now,
            ends_at=now,
            now=now,
        )
        for worker in loaded.values():
            found += _at_one_bank(session, worker, organisation_id, name, now)
    return found


def _at_one_bank(
    session: Session, worker: LoadedWorker, organisation_id: UUID, name: str, now: datetime
) -> list[ThingToFix]:
    policies = policy_book(session, organisation_id)
    found: dict[str, ThingToFix] = {}
    for post in worker.facts.posts:
        for soon, at in ((False, now), (True, now + AHEAD)):
            policy = policies.eligibility(post.staff_group, london_day(at))
            for reason in credential_reasons(_a_shift(post, at), worker.facts, policy):
                said = reason.text or reason.code
                if reason.level != "note" and said not in found:
                    found[said] = ThingToFix(name, reason, soon)
    return list(found.values())


def _a_shift(post: PostFacts, at: datetime) -> ShiftFacts:
    """Any shift of the post's own role at a moment: the papers it needs are the question."""
    return ShiftFacts(
        id=post.id,
        organisation_id=post.organisation_id,
        site_id=post.organisation_id,
        unit_id=post.organisation_id,
        staff_group=post.staff_group,
        role=post.role,
        grade=post.grade,
        starts_at=at,
        ends_at=at + timedelta(hours=8),
    )


def facets(session: Session, *, by: Actor) -> Facets:
    """Sites and shift types of the worker's banks."""
    demand(by, Deed.FIND_SHIFTS)
    banks = [organisation_id for organisation_id, _name in _banks(session, by)]
    sites = session.execute(
        sa.select(Site.id, Site.name)
        .where(Site.organisation_id.in_(banks), Site.closed_on.is_(None))
        .order_by(Site.name)
        .limit(12)
    )
    codes = session.scalars(
        sa.select(ShiftCode.code)
        .where(ShiftCode.organisation_id.in_(banks))
        .distinct()
        .order_by(ShiftCode.code)
        .limit(12)
    )
    return Facets([(site_id, name) for site_id, name in sites], codes.all())


def cancel_until(session: Session, *, shift: ShiftFacts) -> datetime:
    """Until when a worker can give the shift back without ringing the bank office."""
    policy = policy_book(session, shift.organisation_id).requesting(
        shift.staff_group, london_day(shift.starts_at)
    )
    return shift.starts_at - timedelta(hours=policy.worker_cancel_notice_hours)


def _banks(session: Session, by: Actor) -> list[tuple[UUID, str]]:
    rows = session.execute(
        sa.select(Organisation.id, Organisation.name)
        .join(BankPost, BankPost.organisation_id == Organisation.id)
        .join(Person, Person.id == BankPost.person_id)
        .where(Person.holder_id == by.person_id, Person.left_at.is_(None))
        .distinct()
        .order_by(Organisation.name)
    )
    return [(organisation_id, name) for organisation_id, name in rows]
