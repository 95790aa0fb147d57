"""Moving a shift that somebody is booked on: the worker is locked and asked of the rules again,
their booking and hours move with it, and they are told."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.worker_facts import LOCK_WORKER, load_workers
from bankhub.actions.partners.coverage_lookup import coverage_of
from bankhub.actions.settings.policies import PolicyBook
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import LIVE_BOOKING, Tier
from bankhub.model.workers import BankPost
from bankhub.rules.agreements.partner_work import Covered
from bankhub.rules.eligibility import eligibility
from bankhub.rules.shift_times import london_day
from passport import batch
from passport.actors import Actor
from passport.db import new_id
from passport.errors import Reason
from passport.events import Tell, record


def lock_booked_worker(session: Session, shift_id: UUID) -> Booking | None:
    """The live booking of a shift, its worker locked: to be called before the shift is locked."""
    query = sa.select(Booking).where(
        Booking.shift_id == shift_id, Booking.state.in_(LIVE_BOOKING)
    )
    booking = session.scalar(query)
    if booking is None or booking.holder_id is None:
        return booking
    batch.run(session, (LOCK_WORKER, {"holder_id": booking.holder_id}))
    return session.scalar(query.execution_options(populate_existing=True))


def why_not_move(
    session: Session, booking: Booking, after: ShiftFacts, policies: PolicyBook, now: datetime
) -> list[Reason]:
    """Why the booked worker cannot work the shift as it would be; [] for an agency's worker."""
    if booking.holder_id is None:
        return []
    home_id = after.organisation_id
    if booking.tier is Tier.PARTNER:
        home_id = session.scalars(
            sa.select(BankPost.organisation_id).where(BankPost.id == booking.bank_post_id)
        ).one()
        if not any(_still_covers(one, home_id, after) for one in coverage_of(session, after)):
            return [Reason("not_covered", text="No agreement covers the booked worker then.")]
    loaded = load_workers(
        session,
        holder_ids=[booking.holder_id],
        organisation_id=home_id,
        starts_at=after.starts_at,
        ends_at=after.ends_at,
        now=now,
        host_id=after.organisation_id if home_id != after.organisation_id else None,
    )
    worker = loaded.get(booking.holder_id)
    if worker is None:
        return [Reason("no_post", text="The booked worker has no post here any more.")]
    others = tuple(busy for busy in worker.facts.busy if busy.booking_id != booking.id)
    reasons = eligibility.why_not(
        after,
        replace(worker.facts, busy=others),
        policies.eligibility(after.staff_group, london_day(after.starts_at)),
        now,
        grades_open=frozenset({booking.grade}),
        home_id=home_id,
    )
    return eligibility.blocking(reasons, {one["code"] for one in booking.overrides})


def _still_covers(one: Covered, home_id: UUID, after: ShiftFacts) -> bool:
    """However long before its start the booked worker was let see it."""
    return one.partner_id == home_id and one.covers(after, after.starts_at)


def move(
    session: Session,
    booking: Booking,
    after: ShiftFacts,
    policies: PolicyBook,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Move the booking and its hours to the shift's new times, and tell the worker."""
    booking.starts_at, booking.ends_at = after.starts_at, after.ends_at
    rest = timedelta(minutes=policies.daily_rest_minutes(london_day(after.starts_at)))
    session.execute(
        sa.update(Hours)
        .where(Hours.booking_id == booking.id)
        .values(
            starts_at=after.starts_at,
            ends_at=after.ends_at,
            rest_until=after.ends_at + rest,
            minutes=after.minutes,
        )
    )
    record(
        session,
        "booking.moved",
        subject_id=after.id,
        by=by,
        now=now,
        tell=_told(booking),
        booking_id=booking.id,
        starts_at=after.starts_at,
        ends_at=after.ends_at,
    )


def _told(booking: Booking) -> list[Tell]:
    if booking.person_id is None:
        return []
    dedupe, context = f"booking_changed:{new_id()}", {"booking_id": booking.id}
    return [Tell("booking_changed", dedupe, person_id=booking.person_id, context=context)]
