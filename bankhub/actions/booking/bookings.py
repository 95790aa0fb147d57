"""Booking: one place, one person, never two at once, never over a limit, under any race.

Order of every booking: look without locks (losers leave early) → lock the worker → read every
fact the rules need → ask the rules → take the place with one conditional UPDATE → write the
booking, its hours, the event and the notice. The worker's lock makes the rules that span rows
hold; the unique index on live places and the exclusion of overlapping times stand behind it.
Somebody without a post here comes through a partner's bank, where an agreement shows them the
shift: agreement and clearance are read behind the worker's lock too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking.taking import INSERT_BOOKING, confirm, tell
from bankhub.actions.finding.looking import (
    Entered,
    SeenShift,
    lock_and_load,
    look,
    sees_as_partner,
    taken,
    why_not,
)
from bankhub.actions.finding.one_candidate import for_the_office
from bankhub.actions.finding.worker_facts import LOCK_WORKER
from bankhub.actions.partners.partner_people import holder_known_here
from bankhub.actions.permission import demand
from bankhub.model.bookings import Booking
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import (
    BookingState,
    ShiftState,
    Tier,
)
from bankhub.model.workers import BankPost
from bankhub.rules.eligibility.booked_as import booked_as
from bankhub.rules.eligibility.disclosure import may_lift
from bankhub.rules.permissions import Deed
from bankhub.rules.reason_codes import ABOUT_REST, Code
from passport import batch
from passport.actors import Actor
from passport.db import new_id
from passport.errors import Invalid, Level, NotFound, Reason, Refused
from passport.model.people import Person


@dataclass(frozen=True, slots=True)
class Override:
    """A soft reason lifted by a named person, with the compensatory rest where it is about rest."""

    code: str
    because: str
    compensatory_rest: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """What a booking became."""

    booking_id: UUID
    shift_id: UUID
    reference: str
    state: BookingState
    tier: Tier
    notes: tuple[Reason, ...]
    """What was not checked or not known, as whoever booked may read it."""


def book(session: Session, *, shift_id: UUID, by: Actor, now: datetime) -> Booked:
    """A worker books a shift for themselves, or applies where the unit wants to choose.

    Raises `Refused` with every reason, `NotFound` for a shift that is not theirs to see.
    """
    demand(by, Deed.BOOK_SELF)
    if by.person_id is None:
        raise NotFound
    seen = look(session, shift_id)
    return _take(session, seen, holder_id=by.person_id, by=by, now=now)


def assign(
    session: Session,
    *,
    shift_id: UUID,
    person_id: UUID,
    agreed_how: str,
    overrides: Sequence[Override] = (),
    by: Actor,
    now: datetime,
) -> Booked:
    """The bank office books somebody who agreed, saying how they agreed.

    Soft reasons may be lifted one by one by a role that may, each with its reason on record, and
    one about rest with the rest given instead. Raises `Refused` with every reason as the office
    may read it.
    """
    demand(by, Deed.ASSIGN)
    if overrides:
        demand(by, Deed.OVERRIDE_SOFT_RULE)
    _refuse_unsaid(agreed_how, overrides)
    seen = look(session, shift_id)
    if seen.facts.organisation_id != by.organisation_id:
        raise NotFound
    holder = holder_known_here(session, person_id, by)
    if overrides and holder == by.person_id:
        text = "Nobody lifts a rule for themselves: ask a colleague."
        raise Refused([Reason("own_booking", text=text)])
    return _take(
        session,
        seen,
        holder_id=holder,
        by=by,
        now=now,
        agreed_how=agreed_how,
        overrides=overrides,
        assigned=True,
    )


def _refuse_unsaid(agreed_how: str, overrides: Sequence[Override]) -> None:
    fields = {}
    if not agreed_how.strip():
        fields["agreed_how"] = ["say how the worker agreed"]
    if any(one.code in ABOUT_REST and not one.compensatory_rest.strip() for one in overrides):
        fields["compensatory_rest"] = ["say when the compensatory rest is taken"]
    if fields:
        raise Invalid("booking", fields=fields)


def accept(session: Session, *, booking_id: UUID, by: Actor, now: datetime) -> Booked:
    """Accept an application: everything is asked again before the place is taken. Raises
    `Refused` with every reason as the office or the ward may read it."""
    demand(by, Deed.ANSWER_APPLICATION)
    application = own_booking(session, booking_id, by)
    if application.state is not BookingState.APPLIED or application.holder_id is None:
        raise Refused([Reason("wrong_state", text="This application is no longer waiting.")])
    seen = look(session, application.shift_id)
    return _take(
        session,
        seen,
        holder_id=application.holder_id,
        by=by,
        now=now,
        assigned=True,
        application_id=booking_id,
    )


def decline(
    session: Session, *, booking_id: UUID, because: str, by: Actor, now: datetime
) -> Booking:
    """Say no to an application; the applicant is told."""
    demand(by, Deed.ANSWER_APPLICATION)
    application = own_booking(session, booking_id, by)
    batch.run(session, (LOCK_WORKER, {"holder_id": application.holder_id}))
    session.refresh(application)
    if application.state is not BookingState.APPLIED:
        raise Refused([Reason("wrong_state", text="This application is no longer waiting.")])
    application.state, application.ended_at = BookingState.DECLINED, now
    application.ended_by_id, application.ended_because = by.account_id, because
    steps = batch.recording(
        session,
        "booking.declined",
        subject_id=application.shift_id,
        by=by,
        now=now,
        organisation_id=application.organisation_id,
        tell=[tell("application_declined", application.id, application.person_id)],
        booking_id=application.id,
    )
    session.flush()
    batch.run(session, *steps)
    return application


def own_booking(session: Session, booking_id: UUID, by: Actor) -> Booking:
    """A booking on the actor's organisation's shift, or `NotFound`."""
    found = session.scalar(
        sa.select(Booking).where(
            Booking.id == booking_id, Booking.organisation_id == by.organisation_id
        )
    )
    if found is None:
        raise NotFound
    return found


def lock_booking(session: Session, booking: Booking) -> Shift:
    """The shift of a booking: worker locked, then shift, the order of every deed that touches
    both; both read again."""
    if booking.holder_id is not None:
        batch.run(session, (LOCK_WORKER, {"holder_id": booking.holder_id}))
    shift = session.scalar(
        sa.select(Shift)
        .where(Shift.id == booking.shift_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    session.refresh(booking)
    if shift is None:
        raise NotFound
    return shift


def _take(
    session: Session,
    seen: SeenShift,
    *,
    holder_id: UUID,
    by: Actor,
    now: datetime,
    agreed_how: str = "",
    overrides: Sequence[Override] = (),
    assigned: bool = False,
    application_id: UUID | None = None,
) -> Booked:
    if seen.facts.state not in (ShiftState.OPEN, ShiftState.FILLED):
        raise NotFound
    if not seen.place_is_free(now):
        _demand_sight(session, holder_id, seen, now)
        raise Refused([taken()])
    entered = lock_and_load(session, holder_id=holder_id, seen=seen, now=now)
    elsewhere = entered.comes_from_elsewhere(seen)
    reasons = why_not(seen, entered, now)
    if assigned and seen.retrospective:
        reasons = [r for r in reasons if r.code != Code.ALREADY_STARTED]
    lifted = {} if elsewhere else _lifted(reasons, overrides, by)
    told = for_the_office(reasons, by, elsewhere=elsewhere) if assigned else reasons
    if any(r.level is not Level.NOTE and r.code not in lifted for r in reasons):
        raise Refused(told)
    booking = _booking_values(seen, entered, by, now)
    booking |= {"agreed_how": agreed_how, "overrides": list(lifted.values())}
    if not seen.instant_book and not assigned:
        _apply(session, booking, by, now)
    else:
        confirm(session, seen, booking, application_id, by, now)
    return Booked(
        booking_id=application_id or booking["id"],
        shift_id=seen.facts.id,
        reference=seen.reference,
        state=booking["state"],
        tier=booking["tier"],
        notes=tuple(r for r in told if r.level is Level.NOTE),
    )


def _demand_sight(session: Session, holder_id: UUID, seen: SeenShift, now: datetime) -> None:
    """`NotFound` where the human neither holds a post with the shift's organisation nor sees it
    by an agreement: to a stranger a shift that is taken is one that is not there."""
    post = sa.exists().where(
        Person.id == BankPost.person_id,
        Person.holder_id == holder_id,
        Person.left_at.is_(None),
        BankPost.organisation_id == seen.facts.organisation_id,
    )
    if session.scalar(sa.select(post)):
        return
    if not sees_as_partner(session, holder_id=holder_id, seen=seen, now=now):
        raise NotFound


def _lifted(
    reasons: Sequence[Reason], overrides: Sequence[Override], by: Actor
) -> Mapping[str, dict[str, Any]]:
    """The soft reasons that `by` may lift and did, as they are kept with the booking."""
    wanted = {override.code: override for override in overrides if override.because.strip()}
    return {
        reason.code: {
            "code": reason.code,
            "because": wanted[reason.code].because,
            "compensatory_rest": wanted[reason.code].compensatory_rest,
            "by": str(by.account_id or by.via.value),
        }
        for reason in reasons
        if reason.level is Level.SOFT
        and reason.code in wanted
        and may_lift(reason.code, by.roles)
    }


def _booking_values(
    seen: SeenShift, entered: Entered, by: Actor, now: datetime
) -> dict[str, Any]:
    facts, worker, home_id = seen.facts, entered.worker, entered.home_id
    found = booked_as(facts, worker.facts, seen.grades_open(now, home_id), home_id)
    if found is None:
        raise NotFound
    post, grade, tier = found
    pay = seen.pay.estimate(facts, grade)
    return {
        "id": new_id(),
        "shift_id": facts.id,
        "organisation_id": facts.organisation_id,
        "person_id": worker.person_of_post[post.id],
        "holder_id": worker.facts.person_id,
        "bank_post_id": post.id,
        "tier": tier,
        "grade": grade,
        "state": BookingState.CONFIRMED,
        "starts_at": facts.starts_at,
        "ends_at": facts.ends_at,
        "made_at": now,
        "made_by_id": by.account_id,
        "confirmed_at": now,
        "ended_because": "",
        "need_ended": False,
        "pay_estimate_pence": pay.total_pence if pay else None,
    }


def _apply(session: Session, booking: dict[str, Any], by: Actor, now: datetime) -> None:
    booking |= {"state": BookingState.APPLIED, "confirmed_at": None}
    twin = session.scalar(
        sa.select(Booking.id).where(
            Booking.shift_id == booking["shift_id"],
            Booking.holder_id == booking["holder_id"],
            Booking.state == BookingState.APPLIED,
        )
    )
    if twin is not None:
        raise Refused([Reason("already_applied", text="You have already applied for this shift.")])
    batch.run(
        session,
        (INSERT_BOOKING, booking),
        *batch.recording(
            session,
            "booking.applied",
            subject_id=booking["shift_id"],
            by=by,
            now=now,
            organisation_id=booking["organisation_id"],
            booking_id=booking["id"],
        ),
    )
