"""Check-in: somebody came for a booked shift, and is asked again whether they may work it.

By themselves on their phone, or by the ward. Who may not start is refused with every reason, as
whoever asks may read it; who may, is checked in green, or amber with what is due. Doing it twice
is once: whoever comes second is told what the first was. That somebody was refused is on record
with the codes that the host's bank office may read, and nothing more of why.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking import inductions
from bankhub.actions.booking.bookings import lock_booking, own_booking
from bankhub.actions.finding.one_candidate import for_the_office
from bankhub.actions.finding.worker_facts import load_workers
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import PolicyBook, policy_book
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.bookings import Booking
from bankhub.model.clearance_values import ItemState, Timing, item_of
from bankhub.model.clearances import CheckIn, Clearance, ClearanceState
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, Tier
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.booking import check_in as rule
from bankhub.rules.booking.check_in import Due
from bankhub.rules.eligibility import eligibility
from bankhub.rules.eligibility.disclosure import Viewer, may_lift, office_code, shown
from bankhub.rules.permissions import Deed
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import london_day
from passport.actions.people.looks import look_at
from passport.actors import Actor
from passport.errors import Invalid, Level, NotFound, Reason, Refused
from passport.events import record
from passport.model.people import Person

_INDUCTION = "induction."


def check_in_own(session: Session, *, booking_id: UUID, by: Actor, now: datetime) -> CheckIn:
    """The worker came. Raises `Refused` with every reason why they may not start."""
    demand(by, Deed.CHECK_IN_SELF)
    if by.person_id is None:
        raise NotFound
    booking = session.scalar(
        sa.select(Booking).where(Booking.id == booking_id, Booking.holder_id == by.person_id)
    )
    if booking is None:
        raise NotFound
    return _check_in(session, booking, own=True, by=by, now=now)


def check_in(session: Session, *, booking_id: UUID, by: Actor, now: datetime) -> CheckIn:
    """The ward says that somebody came, an agency's worker too. Raises `Refused` with every reason
    as the office or the ward may read it."""
    demand(by, Deed.CHECK_IN)
    booking = own_booking(session, booking_id, by)
    found = _check_in(session, booking, own=False, by=by, now=now)
    if booking.tier is Tier.PARTNER and booking.person_id is not None:
        basis = _agreement_of(session, booking)
        look_at(session, person_id=booking.person_id, what="check_in", basis=basis, by=by, now=now)
    return found


def lift_and_check_in(
    session: Session, *, booking_id: UUID, because: str, by: Actor, now: datetime
) -> CheckIn:
    """Somebody of the own bank starts although a soft reason came up since they were booked: a
    role that may lifts it, with why, on record. Raises `Refused` where one of the reasons can be
    lifted by nobody, or not by them."""
    demand(by, Deed.CHECK_IN)
    demand(by, Deed.OVERRIDE_SOFT_RULE)
    booking = own_booking(session, booking_id, by)
    if not because.strip():
        raise Invalid("check_in", fields={"because": ["Say why they may start all the same."]})
    if booking.holder_id == by.person_id:
        text = "Nobody lifts a rule for themselves: ask a colleague."
        raise _refused([Reason("own_booking", text=text)], booking, own=False, by=by, now=now)
    return _check_in(session, booking, own=False, by=by, now=now, because=because)


def may_be_lifted(reasons: Sequence[Reason], booking: Booking, by: Actor) -> bool:
    """Whether the actor's roles may lift everything that stops somebody of the own bank."""
    return (
        bool(reasons)
        and booking.tier is not Tier.PARTNER
        and all(one.level is Level.SOFT and may_lift(one.code, by.roles) for one in reasons)
    )


def _check_in(
    session: Session,
    booking: Booking,
    *,
    own: bool,
    by: Actor,
    now: datetime,
    because: str = "",
) -> CheckIn:
    shift = lock_booking(session, booking)
    if found := session.get(CheckIn, booking.id):
        return found
    policies = policy_book(session, shift.organisation_id)
    reasons = _why_not(session, booking, shift, policies, now)
    lifted = _lift(reasons, booking, because, by)
    reasons = [] if lifted else reasons
    if reasons:
        raise _refused(reasons, booking, own=own, by=by, now=now)
    due = due_now(session, booking, shift)
    outcome = rule.outcome_of(due)
    booking.state = BookingState.CHECKED_IN
    found = CheckIn(
        booking_id=booking.id,
        organisation_id=booking.organisation_id,
        at=now,
        by_id=by.account_id,
        by_worker=own,
        outcome=outcome.value,
        due=[asdict(one) for one in due],
    )
    session.add(found)
    record(
        session, "booking.checked_in", subject_id=shift.id, by=by, now=now,
        organisation_id=shift.organisation_id, booking_id=booking.id, by_worker=own,
        outcome=outcome, due=[one.code for one in due],
        overrides=[office_code(code) for code in lifted],
    )  # fmt: skip
    return found


def _refused(
    reasons: Sequence[Reason], booking: Booking, *, own: bool, by: Actor, now: datetime
) -> Refused:
    """The refusal as whoever asked may read it, and its note for the record."""
    elsewhere = booking.tier is Tier.PARTNER
    viewer, known = Viewer.HOST if elsewhere else Viewer.OWN_COORDINATOR, set(Code)
    codes = {shown(one, viewer).code if one.code in known else one.code for one in reasons}
    note = partial(
        record,
        kind="booking.check_in_refused",
        subject_id=booking.shift_id,
        by=by,
        now=now,
        organisation_id=booking.organisation_id,
        booking_id=booking.id,
        by_worker=own,
        codes=sorted(codes),
    )
    told = reasons if own else for_the_office(reasons, by, elsewhere=elsewhere)
    return Refused(told, note=note)


def _lift(reasons: Sequence[Reason], booking: Booking, because: str, by: Actor) -> list[str]:
    """Keep with the booking that everything which stops it was lifted; the codes, none where it
    was not."""
    if not because or not may_be_lifted(reasons, booking, by):
        return []
    who, codes = str(by.account_id or by.via.value), [one.code for one in reasons]
    booking.overrides = [
        *booking.overrides,
        *({"code": code, "because": because, "compensatory_rest": "", "by": who} for code in codes),
    ]
    return codes


def _why_not(
    session: Session, booking: Booking, shift: Shift, policies: PolicyBook, now: datetime
) -> list[Reason]:
    opens = policies.requesting(shift.staff_group, london_day(shift.starts_at))
    reasons = rule.why_not_now(
        booking.state,
        booking.starts_at,
        booking.ends_at,
        opens_minutes=opens.check_in_opens_minutes,
        now=now,
    )
    if reasons or booking.holder_id is None:
        return reasons
    return why_stopped(session, booking, shift, policies, now)


def why_stopped(
    session: Session, booking: Booking, shift: Shift, policies: PolicyBook, now: datetime
) -> list[Reason]:
    """What keeps the booked person from working the shift, as things stand: what makes a booking
    a blocked one. Every reason in full; who reads it is for the caller."""
    facts, home_id = facts_of(shift), _home_of(session, booking)
    if booking.holder_id is None or home_id is None:
        return []
    loaded = load_workers(
        session,
        holder_ids=[booking.holder_id],
        organisation_id=home_id,
        host_id=None if home_id == shift.organisation_id else shift.organisation_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        now=now,
    ).get(booking.holder_id)
    if loaded is None:
        return [because(Code.NO_POST, "You no longer have a post at the bank you came through.")]
    reasons = eligibility.why_not(
        facts,
        loaded.facts,
        policies.eligibility(shift.staff_group, london_day(shift.starts_at)),
        now,
        grades_open=frozenset({booking.grade}),
        home_id=home_id,
    )
    lifted = [one["code"] for one in booking.overrides]
    cleared = is_cleared(session, booking, shift) if booking.tier is Tier.PARTNER else None
    return rule.stopping(reasons, lifted, cleared=cleared)


def _home_of(session: Session, booking: Booking) -> UUID | None:
    """Through whose bank the booking was made."""
    return session.scalar(sa.select(Person.organisation_id).where(Person.id == booking.person_id))


def clearance_of(session: Session, booking: Booking, shift: Shift) -> Clearance | None:
    """The open clearance that a partner's booking rests on."""
    return session.scalar(
        sa.select(Clearance).where(
            Clearance.host_id == shift.organisation_id,
            Clearance.person_id == booking.person_id,
            Clearance.role == shift.role,
            Clearance.grade == booking.grade,
            Clearance.state != ClearanceState.ENDED,
        )
    )


def _agreement_of(session: Session, booking: Booking) -> str:
    """The agreement behind a partner's booking, as people name it."""
    found = clearance_of(session, booking, session.get_one(Shift, booking.shift_id))
    versions = bound_versions(session, version_id=found.version_id) if found else []
    return next((one.named for one in versions), "")


def is_cleared(session: Session, booking: Booking, shift: Shift) -> bool:
    """Whether the clearance behind a partner's booking holds to the end of the shift, and the
    agreement behind the clearance still honours it."""
    found = clearance_of(session, booking, shift)
    if found is None:
        return False
    (agreed,) = bound_versions(session, version_id=found.version_id)
    return holds(found, agreed, shift)


def holds(clearance: Clearance, agreed: InForce | None, shift: Shift) -> bool:
    """Whether that clearance, under that agreement, holds to the end of the shift."""
    if agreed is None or clearance.state is not ClearanceState.CLEARED:
        return False
    honoured_until = agreed.honoured_until(clearance.home_id, clearance.host_id)
    return rule.holds_through(clearance.until_on, honoured_until, shift.ends_at)


def due_now(session: Session, booking: Booking, shift: Shift) -> list[Due]:
    """What stands open at arrival: what the clearance names, and the inductions of this place."""
    if booking.tier is not Tier.PARTNER:
        return []
    found = clearance_of(session, booking, shift)
    items = [item_of(one) for one in found.items] if found else []
    named = [
        Due(one.code, one.title, one.act, one.by.value)
        for one in items
        if one.timing is Timing.AT_ARRIVAL
        and one.state is ItemState.DUE
        and not one.code.startswith(_INDUCTION)
    ]
    return [*inductions.due_at(session, booking, shift), *named]


def check_ins_of(session: Session, booking_ids: Sequence[UUID]) -> dict[UUID, CheckIn]:
    """Who of these was checked in already."""
    rows = session.scalars(sa.select(CheckIn).where(CheckIn.booking_id.in_(booking_ids)))
    return {row.booking_id: row for row in rows}
