"""Local inductions: what is due at a shift, and the two signatures that settle it.

Whoever is in charge signs for the host, the worker for themselves, in either order; nobody signs
for the other. What they went through is kept with the signatures. Once both have signed, the
clearance is decided again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearances
from bankhub.actions.finding.worker_facts import LOCK_WORKER
from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import policy_book
from bankhub.model.bookings import Booking
from bankhub.model.clearance_policy import InductionRequirement
from bankhub.model.clearances import InductionSignature
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import Tier
from bankhub.rules.booking import check_in, inductions
from bankhub.rules.booking.check_in import Due
from bankhub.rules.booking.inductions import Place, Signed
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport import batch
from passport.actions.access import humans
from passport.actors import Actor
from passport.errors import Cure, NotFound, Reason, Refused
from passport.events import record
from passport.model.accounts import Account
from passport.model.people import Person

BECAUSE = "induction.signed"


def asked_of(session: Session, shift: Shift) -> tuple[InductionRequirement, ...]:
    """The local inductions that the host asks of a partner's person for this shift."""
    book = policy_book(session, shift.organisation_id)
    return book.clearance(shift.staff_group, london_day(shift.starts_at)).inductions


def due_at(session: Session, booking: Booking, shift: Shift) -> list[Due]:
    """The inductions of a booking that are not signed by both, and who has still to sign. The
    host's own people are inducted as its employees."""
    if booking.tier is not Tier.PARTNER or booking.holder_id is None:
        return []
    place, day = _place(shift), london_day(shift.starts_at)
    rows = signatures(session, booking)
    missing = inductions.due(asked_of(session, shift), map(_value, rows), place, day)
    return [_due(one, rows, place, shift.starts_at) for one in missing]


def _due(
    required: InductionRequirement,
    rows: Sequence[InductionSignature],
    place: Place,
    at: datetime,
) -> Due:
    half = [row for row in rows if inductions.half_signed(_value(row), required, place, at)]
    if not half:
        act, by = "Go through it together, then both sign", "both"
    elif half[-1].worker_at:
        act, by = "Whoever is in charge has still to sign", "host"
    else:
        act, by = "The worker has still to sign, on their own phone", "worker"
    return Due(inductions.item_of(required), required.title, act, by, required.points)


def signatures(session: Session, booking: Booking) -> Sequence[InductionSignature]:
    """What was ever signed for the human at the host, the earliest first."""
    return session.scalars(
        sa.select(InductionSignature)
        .where(
            InductionSignature.holder_id == booking.holder_id,
            InductionSignature.host_id == booking.organisation_id,
        )
        .order_by(InductionSignature.id)
    ).all()


def sign(
    session: Session, *, booking_id: UUID, item: str, by: Actor, now: datetime
) -> InductionSignature:
    """Whoever is in charge signs that the worker was inducted, in their own name. Raises `Refused`
    for an induction of one's own."""
    demand(by, Deed.SIGN_INDUCTION)
    booking, shift = _locked(session, booking_id, by, own=False)
    if humans.is_record_of(session, by, session.get_one(Person, booking.person_id)):
        raise Refused([_own_hand("You cannot be in charge of your own induction.")])
    name = session.scalar(sa.select(Account.display_name).where(Account.id == by.account_id))
    if not name:
        raise Refused([_own_hand("Only a person signs, with their own account.")])
    row, required = _row(session, booking, shift, item, now)
    if row.in_charge_at is None:
        row.in_charge_at, row.in_charge_name, row.in_charge_by_id = now, name, by.account_id
        _signed(session, row, required, "in_charge", by, now)
    return row


def sign_own(
    session: Session, *, booking_id: UUID, item: str, by: Actor, now: datetime
) -> InductionSignature:
    """The worker signs that they were inducted."""
    demand(by, Deed.CHECK_IN_SELF)
    booking, shift = _locked(session, booking_id, by, own=True)
    row, required = _row(session, booking, shift, item, now)
    if row.in_charge_by_id and humans.is_same(session, by, row.in_charge_by_id):
        raise Refused([_own_hand("You signed as the one in charge: the other is somebody else.")])
    if row.worker_at is None:
        row.worker_at = now
        _signed(session, row, required, "worker", by, now)
    return row


def _locked(session: Session, booking_id: UUID, by: Actor, *, own: bool) -> tuple[Booking, Shift]:
    """The booking of the actor, or of the actor's organisation, under the worker's lock: two
    signatures at once make one induction."""
    whose = (
        Booking.holder_id == by.person_id
        if own
        else Booking.organisation_id == (by.organisation_id)
    )
    booking = session.scalar(sa.select(Booking).where(Booking.id == booking_id, whose))
    if booking is None or booking.holder_id is None or booking.tier is not Tier.PARTNER:
        raise NotFound
    batch.run(session, (LOCK_WORKER, {"holder_id": booking.holder_id}))
    session.refresh(booking)
    return booking, session.get_one(Shift, booking.shift_id)


def _row(
    session: Session, booking: Booking, shift: Shift, item: str, now: datetime
) -> tuple[InductionSignature, InductionRequirement]:
    """The induction to sign: the one that counts already, the half that waits, or a new one."""
    opens = policy_book(session, shift.organisation_id).requesting(
        shift.staff_group, london_day(shift.starts_at)
    )
    reasons = check_in.why_not_now(
        booking.state,
        booking.starts_at,
        booking.ends_at,
        opens_minutes=opens.check_in_opens_minutes,
        now=now,
    )
    if reasons:
        raise Refused(reasons)
    asked = (one for one in asked_of(session, shift) if inductions.item_of(one) == item)
    required = next(asked, None)
    if required is None or booking.person_id is None or booking.holder_id is None:
        raise NotFound
    place, day = _place(shift), london_day(shift.starts_at)
    for row in signatures(session, booking):
        known = _value(row)
        if inductions.holds(known, required, place, day) or inductions.half_signed(
            known, required, place, now
        ):
            return row, required
    site_id, unit_id = inductions.scope_of(required, place)
    row = InductionSignature(
        host_id=shift.organisation_id,
        person_id=booking.person_id,
        holder_id=booking.holder_id,
        item=item,
        site_id=site_id,
        unit_id=unit_id,
        checklist=required.checklist,
        points=list(required.points),
    )
    session.add(row)
    return row, required


def _signed(
    session: Session,
    row: InductionSignature,
    required: InductionRequirement,
    side: str,
    by: Actor,
    now: datetime,
) -> None:
    if row.worker_at and row.in_charge_at:
        row.valid_until = inductions.counts_until(required, now)
    record(
        session, "induction.signed", subject_id=row.id, by=by, now=now,
        organisation_id=row.host_id, item=row.item, side=side, checklist=row.checklist,
        valid_until=row.valid_until,
    )  # fmt: skip
    session.flush()
    if row.valid_until:
        clearances.redecide(session, holder_id=row.holder_id, because=BECAUSE, by=by, now=now)


def _value(row: InductionSignature) -> Signed:
    return Signed(
        row.item,
        row.site_id,
        row.unit_id,
        row.worker_at,
        row.in_charge_at,
        row.valid_until,
        row.checklist,
        tuple(row.points),
    )


def _place(shift: Shift) -> Place:
    return Place(shift.site_id, shift.unit_id)


def _own_hand(text: str) -> Reason:
    return Reason("own_hand", {}, Cure("Each signs for themselves"), text=text)
