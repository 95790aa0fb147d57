"""The same booking as ORM units of work: the baseline that the real one is measured against.

It reads mapped rows, asks the same rules, and lets the session find out what to write. It serves
behind the same sign-in, the same shapes and the same idempotency, in an app that is otherwise the
real one. Nothing but the benchmark uses it.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bankhub.actions.booking.bookings import Booked
from bankhub.actions.booking.taking import taken
from bankhub.actions.finding.looking import SeenShift
from bankhub.actions.finding.worker_facts import AROUND, assemble
from bankhub.actions.permission import demand
from bankhub.actions.settings.pay import pay_book_from_rows
from bankhub.actions.settings.policies import policy_book
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours, RosterKnown
from bankhub.model.rates import Rate
from bankhub.model.shifts import Opening, Shift
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import BookingState, Grade, HoursKind, ShiftState, Tier
from bankhub.model.workers import BankPost, BookingRestriction
from bankhub.rules.eligibility import eligibility
from bankhub.rules.eligibility.booked_as import booked_as
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.faces import PAGES, RESOURCES, arrange
from bankhub.web.shapes import BookedShape
from bankhub.web.workers.api_me import BookingRequest
from bankhub.wiring import open_database
from passport.actors import Actor
from passport.app import build_app, wall_clock
from passport.config import Config
from passport.db import new_id
from passport.errors import Level, NotFound, Refused
from passport.events import Tell, record
from passport.model.facts import Fact
from passport.model.people import Person
from passport.web.access import current_actor
from passport.web.api_base import Resource
from passport.web.lent import now

resource = Resource("orm", "Booking by ORM units of work: for comparison only")


def app() -> Flask:
    """The real app with one endpoint more."""
    config = Config.from_env()
    return build_app(
        config,
        database=open_database(config.database_url),
        now=wall_clock,
        title="BankHub",
        pages=PAGES,
        resources=(*RESOURCES, resource),
        arrange=arrange,
    )


@resource.deed("/shifts/<uuid:shift_id>/orm-bookings", body=BookingRequest, answer=BookedShape)
def book_by_orm(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Book by units of work."""
    return book(session, shift_id=shift_id, by=current_actor(), now=now())


def book(session: Session, *, shift_id: UUID, by: Actor, now: datetime) -> Booked:
    """As `bankhub.actions.booking.bookings.book`."""
    demand(by, Deed.BOOK_SELF)
    shift = session.get(Shift, shift_id)
    if shift is None or by.person_id is None:
        raise NotFound
    seen = _seen(session, shift)
    if not seen.place_is_free(now):
        raise Refused([taken()])
    session.get(Person, by.person_id, with_for_update={"key_share": True})
    worker = _worker(session, by.person_id, shift, now)
    policy = seen.policies.eligibility(shift.staff_group, london_day(shift.starts_at))
    reasons = eligibility.why_not(
        seen.facts, worker.facts, policy, now, grades_open=seen.grades_open(now)
    )
    if any(reason.level is not Level.NOTE for reason in reasons):
        raise Refused(reasons)
    found = booked_as(seen.facts, worker.facts, seen.grades_open(now))
    if found is None:
        raise NotFound
    session.refresh(shift, with_for_update=True)
    if shift.state is not ShiftState.OPEN:
        raise Refused([taken()])
    shift.state, shift.version = ShiftState.FILLED, shift.version + 1
    post, grade, tier = found
    pay = seen.pay.estimate(seen.facts, grade)
    booking = _booking(shift, worker.person_of_post[post.id], post.id, tier, grade, pay, by, now)
    session.add(booking)
    session.flush()
    _note(session, shift, booking, policy.working_time.rest.daily_rest_minutes, by, now)
    notes = tuple(reason for reason in reasons if reason.level is Level.NOTE)
    return Booked(booking.id, shift.id, shift.reference, booking.state, tier, notes)


def _booking(
    shift: Shift,
    person_id: UUID,
    post_id: UUID,
    tier: Tier,
    grade: Grade,
    pay: Any,
    by: Actor,
    now: datetime,
) -> Booking:
    return Booking(
        shift_id=shift.id,
        organisation_id=shift.organisation_id,
        person_id=person_id,
        holder_id=by.person_id,
        bank_post_id=post_id,
        tier=tier,
        grade=grade,
        state=BookingState.CONFIRMED,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        made_at=now,
        made_by_id=by.account_id,
        confirmed_at=now,
        pay_estimate_pence=pay.total_pence if pay else None,
    )


def _note(
    session: Session, shift: Shift, booking: Booking, rest: int, by: Actor, now: datetime
) -> None:
    minutes = (shift.ends_at - shift.starts_at) // timedelta(minutes=1)
    session.add(
        Hours(
            id=new_id(),
            person_id=booking.person_id,  # type: ignore[arg-type]
            holder_id=booking.holder_id,  # type: ignore[arg-type]
            kind=HoursKind.BOOKING,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            rest_until=shift.ends_at + timedelta(minutes=rest),
            minutes=minutes - shift.unpaid_break_minutes,
            booking_id=booking.id,
            source="booking",
            as_at=now,
        )
    )
    record(
        session,
        "booking.made",
        subject_id=shift.id,
        by=by,
        now=now,
        organisation_id=shift.organisation_id,
        tell=[
            Tell(
                "booking_confirmed",
                dedupe=f"booking_confirmed:{booking.id}",
                person_id=booking.person_id,
                context={"booking_id": booking.id},
            )
        ],
        booking_id=booking.id,
        tier=booking.tier,
        starts_at=shift.starts_at,
        overrides=[],
        displaced=False,
    )


def _seen(session: Session, shift: Shift) -> SeenShift:
    openings = session.scalars(
        sa.select(Opening).where(Opening.shift_id == shift.id, Opening.replaced_at.is_(None))
    )
    facts = ShiftFacts(
        id=shift.id,
        organisation_id=shift.organisation_id,
        site_id=shift.site_id,
        unit_id=shift.unit_id,
        staff_group=shift.staff_group,
        role=shift.role,
        grade=shift.grade,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        unpaid_break_minutes=shift.unpaid_break_minutes,
        fallback_grade=shift.fallback_grade,
        skills=frozenset(shift.skills),
        reason=shift.reason,
        state=shift.state,
    )
    policies = policy_book(session, shift.organisation_id)
    rates = session.scalars(sa.select(Rate).where(Rate.organisation_id == shift.organisation_id))
    return SeenShift(
        facts=facts,
        openings=tuple(PlannedOpening(one.tier, one.opens_at, one.why) for one in openings),
        version=shift.version,
        instant_book=shift.instant_book,
        agency_lock_at=shift.agency_lock_at,
        reference=shift.reference,
        retrospective=shift.retrospective,
        policies=policies,
        pay=pay_book_from_rows(
            [
                (r.grade, r.time_type, r.pence_per_hour, r.from_on, r.until, r.staff_group,
                 r.annual_pence, r.session_pence, r.source)
                for r in rates
            ],
            policies,
        ),
    )  # fmt: skip


def _worker(session: Session, holder_id: UUID, shift: Shift, now: datetime) -> Any:
    """The mapped rows of the worker, in the form that the rules read."""
    people = session.scalars(sa.select(Person).where(Person.holder_id == holder_id)).all()
    ids = [one.id for one in people]
    posts = session.scalars(
        sa.select(BankPost).where(
            BankPost.person_id.in_(ids), BankPost.organisation_id == shift.organisation_id
        )
    ).all()
    facts = session.scalars(
        sa.select(Fact).where(Fact.person_id.in_(ids), Fact.superseded_by_id.is_(None))
    )
    busy = session.scalars(
        sa.select(Hours).where(
            Hours.holder_id == holder_id,
            Hours.ends_at > shift.starts_at - AROUND,
            Hours.starts_at < shift.starts_at + AROUND,
        )
    )
    known = session.scalar(sa.select(RosterKnown).where(RosterKnown.person_id.in_(ids)).limit(1))
    barred = session.scalars(
        sa.select(BookingRestriction).where(
            BookingRestriction.bank_post_id.in_([post.id for post in posts]),
            BookingRestriction.from_at <= now,
        )
    ).all()
    return _assembled(holder_id, people[0].date_of_birth, posts, facts, busy, known, barred)


def _assembled(
    holder_id: UUID, born: Any, posts: Any, facts: Any, busy: Any, known: Any, barred: Any
) -> Any:
    loaded = assemble(
        [
            (holder_id, p.person_id, born, known.known_until if known else None,
             known.as_at if known else None, bar.scope_id if bar else None, p.id,
             p.organisation_id, p.staff_group, p.role, p.grade, p.entitlements, p.terms,
             p.starts_on, p.ends_on)
            for p in posts
            for bar in [one for one in barred if one.bank_post_id == p.id] or [None]
        ],
        [
            (holder_id, f.kind, f.value, f.awarded_on, f.valid_from, f.valid_until, f.source,
             f.checked_at, f.checked_by_id)
            for f in facts
        ],
        [(holder_id, h.starts_at, h.ends_at, h.minutes, h.kind, h.booking_id, h.all_day)
         for h in busy],
    )  # fmt: skip
    return loaded[holder_id]
