"""Agency: recording who supplied a worker on a shift whose agency tier is open, and the
break-glass that going off-framework needs. The rule is `rules.cascade.agency_fill`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import policy_book
from bankhub.actions.shifts.openings import exemptions_of, openings_of, planned
from bankhub.actions.shifts.shift_records import facts_of, own_shift
from bankhub.model.bookings import AgencyFill, Booking, BreakGlass
from bankhub.model.cascade_policy import BreakGlassFacts, CascadePolicy
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import AGENCY_TIERS, BookingState, ShiftState, Tier
from bankhub.rules.cascade.agency_fill import why_not_agency_fill, why_not_grant_break_glass
from bankhub.rules.cascade.bank_before_agency import agency_lock_at
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.rules.shifts.patient_details import why_not_write
from passport.actions.access import humans
from passport.actors import AccessRole, Actor
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import record

MOST_PENCE_PER_HOUR = 10_000_00
"""Above any charge ever asked: a slip of the keyboard, not a rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What an agency supplies: through which tier, at what total hourly charge without VAT."""

    tier: Tier
    agency_name: str
    framework: str
    """Name of the framework; empty = off-framework."""
    rate_pence_per_hour: int
    worker_name: str
    """As supplied by the agency."""


def record_fill(
    session: Session, *, shift_id: UUID, supply: Supply, by: Actor, now: datetime
) -> Booking:
    """Record that an agency filled the shift. Off-framework needs a granted break-glass.

    Until the agency lock the bank may still displace it.
    """
    demand(by, Deed.RECORD_AGENCY_FILL)
    _check_fields(supply)
    shift = own_shift(session, shift_id, by, lock=True)
    if shift.state is not ShiftState.OPEN:
        raise Refused([Reason("taken", text="The shift is not open.")])
    policy = _cascade(session, shift)
    off_framework = supply.tier is Tier.OFF_FRAMEWORK
    glass = _granted(session, shift, now) if off_framework else None
    reasons = why_not_agency_fill(
        supply.tier,
        planned(openings_of(session, shift.id)),
        shift=facts_of(shift),
        break_glass=_glass_facts(glass) if glass else None,
        requester_id=glass.asked_by_id if glass else None,
        approver_id=glass.granted_by_id if glass else None,
        policy=policy,
        exemptions=exemptions_of(session, shift.organisation_id),
        now=now,
    )
    if reasons:
        raise Refused(reasons)
    shift.state, shift.version = ShiftState.FILLED, shift.version + 1
    shift.agency_lock_at = agency_lock_at(shift.starts_at, policy)
    return _book_agency(session, shift, supply, glass, by, now)


def _book_agency(
    session: Session,
    shift: Shift,
    supply: Supply,
    glass: BreakGlass | None,
    by: Actor,
    now: datetime,
) -> Booking:
    booking = Booking(
        shift_id=shift.id,
        organisation_id=shift.organisation_id,
        tier=supply.tier,
        grade=shift.grade,
        state=BookingState.CONFIRMED,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        made_at=now,
        made_by_id=by.account_id,
        confirmed_at=now,
    )
    session.add(booking)
    session.flush()
    session.add(_fill_of(booking, supply, glass))
    record(
        session,
        "agency.filled",
        subject_id=shift.id,
        by=by,
        now=now,
        booking_id=booking.id,
        tier=supply.tier,
        rate_pence_per_hour=supply.rate_pence_per_hour,
    )
    return booking


def _fill_of(booking: Booking, supply: Supply, glass: BreakGlass | None) -> AgencyFill:
    return AgencyFill(
        booking_id=booking.id,
        organisation_id=booking.organisation_id,
        agency_name=supply.agency_name,
        framework=supply.framework,
        rate_pence_per_hour=supply.rate_pence_per_hour,
        worker_name=supply.worker_name,
        break_glass_id=glass.id if glass else None,
    )


def ask_break_glass(
    session: Session,
    *,
    shift_id: UUID,
    reason: str,
    reason_text: str,
    by: Actor,
    now: datetime,
) -> BreakGlass:
    """Ask an executive for leave to go off-framework, with a reason of the closed list.

    One at a time for a shift: a second question would wait for an answer that nobody needs.
    """
    demand(by, Deed.ASK_BREAK_GLASS)
    shift = own_shift(session, shift_id, by, lock=True)
    if reason not in _cascade(session, shift).break_glass_reasons:
        raise Invalid("break_glass", fields={"reason": ["choose a reason from the list"]})
    if reasons := why_not_write("reason_text", reason_text) or _waits(session, shift):
        raise Refused(reasons)
    asked = BreakGlass(
        organisation_id=shift.organisation_id,
        shift_id=shift.id,
        reason=reason,
        reason_text=reason_text,
        asked_at=now,
        asked_by_id=by.account_id,
    )
    session.add(asked)
    record(
        session,
        "break_glass.asked",
        subject_id=shift.id,
        by=by,
        now=now,
        break_glass_id=asked.id,
        reason=reason,
    )
    return asked


def grant_break_glass(
    session: Session, *, break_glass_id: UUID, by: Actor, now: datetime
) -> BreakGlass:
    """An executive who is not the requester grants it; it expires and must be reviewed."""
    demand(by, Deed.GRANT_BREAK_GLASS)
    asked = _own_glass(session, break_glass_id, by)
    shift = own_shift(session, asked.shift_id, by)
    policy = _cascade(session, shift)
    proposed = _as_granted_now(asked, shift, policy, by, now)
    reasons = why_not_grant_break_glass(
        proposed,
        shift=facts_of(shift),
        requester_id=asked.asked_by_id,
        approver_id=humans.told_from(session, by, asked.asked_by_id),
        policy=policy,
        exemptions=exemptions_of(session, shift.organisation_id),
        now=now,
    )
    if asked.granted_at or asked.refused_at:
        reasons.append(Reason("wrong_state", text="It has already been answered."))
    if reasons:
        raise Refused(reasons)
    asked.granted_at, asked.granted_by_id = now, by.account_id
    asked.expires_at, asked.review_due_on = proposed.expires_at, proposed.review_due_on
    record(
        session,
        "break_glass.granted",
        subject_id=shift.id,
        by=by,
        now=now,
        break_glass_id=asked.id,
        expires_at=proposed.expires_at,
        review_due_on=proposed.review_due_on,
    )
    return asked


def _as_granted_now(
    asked: BreakGlass, shift: Shift, policy: CascadePolicy, by: Actor, now: datetime
) -> BreakGlassFacts:
    return BreakGlassFacts(
        shift_id=shift.id,
        reason=asked.reason,
        granted_at=now,
        by_executive=AccessRole.EXECUTIVE_ON_CALL in by.roles,
        expires_at=min(now + timedelta(hours=policy.break_glass_hours), shift.starts_at),
        review_due_on=london_day(now) + timedelta(days=policy.break_glass_review_days),
    )


def refuse_break_glass(
    session: Session, *, break_glass_id: UUID, by: Actor, now: datetime
) -> BreakGlass:
    """The executive says no."""
    demand(by, Deed.GRANT_BREAK_GLASS)
    asked = _own_glass(session, break_glass_id, by)
    if asked.granted_at or asked.refused_at:
        raise Refused([Reason("wrong_state", text="It has already been answered.")])
    asked.refused_at = now
    record(
        session,
        "break_glass.refused",
        subject_id=asked.shift_id,
        by=by,
        now=now,
        break_glass_id=asked.id,
    )
    return asked


def review_break_glass(
    session: Session, *, break_glass_id: UUID, outcome: str, by: Actor, now: datetime
) -> BreakGlass:
    """Record the later review that every break-glass must have, by a third person."""
    demand(by, Deed.REVIEW_BREAK_GLASS)
    glass = _own_glass(session, break_glass_id, by)
    if glass.granted_at is None or glass.reviewed_at is not None:
        raise Refused([Reason("wrong_state", text="There is nothing to review.")])
    if humans.is_same(session, by, glass.asked_by_id, glass.granted_by_id):
        raise Refused([Reason("second_person_needed", text="Somebody else must review it.")])
    if not outcome.strip():
        raise Invalid("review", fields={"outcome": ["say what the review found"]})
    if reasons := why_not_write("outcome", outcome):
        raise Refused(reasons)
    glass.reviewed_at, glass.reviewed_by_id, glass.review_outcome = now, by.account_id, outcome
    record(
        session,
        "break_glass.reviewed",
        subject_id=glass.shift_id,
        by=by,
        now=now,
        break_glass_id=glass.id,
    )
    return glass


def _check_fields(supply: Supply) -> None:
    off = supply.tier is Tier.OFF_FRAMEWORK
    framework_wrong = off == bool(supply.framework.strip())
    wrong = {
        "tier": supply.tier not in AGENCY_TIERS and "choose an agency tier",
        "agency_name": not supply.agency_name.strip() and "name the agency",
        "worker_name": not supply.worker_name.strip() and "give the name the agency supplied",
        "rate_pence_per_hour": not 0 < supply.rate_pence_per_hour < MOST_PENCE_PER_HOUR
        and "give the total hourly charge, excluding VAT",
        "framework": framework_wrong
        and ("leave empty: this is off-framework" if off else "name the framework"),
    }
    fields = {name: [said] for name, said in wrong.items() if said}
    if fields:
        raise Invalid("agency_fill", fields=fields)


def _cascade(session: Session, shift: Shift) -> CascadePolicy:
    policies = policy_book(session, shift.organisation_id)
    return policies.cascade(shift.staff_group, london_day(shift.starts_at))


def _waits(session: Session, shift: Shift) -> list[Reason]:
    waiting = sa.exists().where(
        BreakGlass.shift_id == shift.id,
        BreakGlass.organisation_id == shift.organisation_id,
        BreakGlass.granted_at.is_(None),
        BreakGlass.refused_at.is_(None),
    )
    text = "A break-glass for this shift is waiting for an answer."
    return [Reason("already_asked", text=text)] if session.scalar(sa.select(waiting)) else []


def _granted(session: Session, shift: Shift, now: datetime) -> BreakGlass | None:
    return session.scalar(
        sa.select(BreakGlass)
        .where(
            BreakGlass.shift_id == shift.id,
            BreakGlass.organisation_id == shift.organisation_id,
            BreakGlass.granted_at.is_not(None),
            BreakGlass.granted_at <= now,
        )
        .order_by(BreakGlass.granted_at.desc())
        .limit(1)
    )


def _glass_facts(glass: BreakGlass) -> BreakGlassFacts:
    due: date | None = glass.review_due_on
    return BreakGlassFacts(
        shift_id=glass.shift_id,
        reason=glass.reason,
        granted_at=glass.granted_at,
        by_executive=True,
        expires_at=glass.expires_at,
        review_due_on=due,
    )


def _own_glass(session: Session, break_glass_id: UUID, by: Actor) -> BreakGlass:
    found = session.scalar(
        sa.select(BreakGlass)
        .where(BreakGlass.id == break_glass_id, BreakGlass.organisation_id == by.organisation_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found
