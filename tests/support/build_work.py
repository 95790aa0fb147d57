"""Builders of shifts, bookings and busy time. Use them through `build`."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.shifts.work_classes import class_of
from bankhub.model.agreements import Coverage
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import (
    LIVE_BOOKING,
    BookingState,
    Grade,
    HoursKind,
    RequestReason,
    ShiftState,
    StaffGroup,
    Tier,
)
from bankhub.model.workers import BankPost, BookingRestriction
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support.build_people import NOW, kept, numbers


def a_shift(
    session: Session,
    unit: Unit,
    *,
    starts_at: datetime = NOW + timedelta(days=10, hours=-2, minutes=-30),
    hours: float = 12.5,
    ends_at: datetime | None = None,
    authorised_at: datetime = NOW - timedelta(days=1),
    openings: dict[Tier, datetime | None] | None = None,
    **fields: Any,
) -> Shift:
    """A shift of the unit with its openings: an open day shift for an adult nurse of band 5.

    By default the own bank sees it since it was authorised, its fallback grade too where it has
    one, and nobody else.
    """
    row = Shift(
        organisation_id=unit.organisation_id,
        site_id=unit.site_id,
        unit_id=unit.id,
        reference=fields.pop("reference", f"T-{next(numbers)}"),
        starts_at=starts_at,
        ends_at=ends_at or starts_at + timedelta(hours=hours),
        unpaid_break_minutes=fields.pop("unpaid_break_minutes", 30),
        reason=fields.pop("reason", RequestReason.SICKNESS_SHORT),
        state=fields.pop("state", ShiftState.OPEN),
        created_at=fields.pop("created_at", authorised_at),
        authorised_at=authorised_at,
        **_work(session, **{name: fields.pop(name) for name in _ASKED & set(fields)}),
        **fields,
    )
    kept(session, row, unit.organisation_id)
    opens: dict[Tier, datetime | None] = {Tier.OWN_BANK: authorised_at}
    if row.fallback_grade:
        opens[Tier.OWN_FALLBACK] = authorised_at
    opens |= openings or {}
    session.add_all(an_opening(row, tier, opens.get(tier)) for tier in Tier)
    session.flush()
    return row


_ASKED = {"staff_group", "role", "grade", "fallback_grade", "skills"}


def _work(
    session: Session,
    *,
    staff_group: StaffGroup = StaffGroup.NURSING_MIDWIFERY,
    role: str = "rn_adult",
    grade: Grade = Grade.BAND_5,
    fallback_grade: Grade | None = None,
    skills: Iterable[str] = (),
) -> dict[str, Any]:
    """Whom a shift asks for, with its search classes."""
    wanted = sorted(set(skills))
    fallback = fallback_grade and class_of(session, staff_group, role, fallback_grade, wanted)
    return {
        "staff_group": staff_group,
        "role": role,
        "grade": grade,
        "fallback_grade": fallback_grade,
        "skills": wanted,
        "class_id": class_of(session, staff_group, role, grade, wanted),
        "fallback_class_id": fallback,
    }


def an_opening(shift: Shift, tier: Tier, opens_at: datetime | None) -> Opening:
    """Not added to the session: `a_shift` makes the openings of a new shift."""
    return Opening(
        shift_id=shift.id,
        tier=tier,
        opens_at=opens_at,
        why="policy",
        made_at=shift.authorised_at or NOW,
    )


def busy_hours(
    session: Session,
    person: Person,
    starts_at: datetime,
    *,
    hours: float = 12.5,
    ends_at: datetime | None = None,
    kind: HoursKind = HoursKind.DUTY,
    unpaid_break_minutes: int = 0,
    rest_hours: int = 11,
    **fields: Any,
) -> Hours:
    """A stretch of the Hours ledger; leave and sickness count no minutes."""
    ends = ends_at or starts_at + timedelta(hours=hours)
    worked = kind not in (HoursKind.LEAVE, HoursKind.SICKNESS)
    row = Hours(
        person_id=person.id,
        holder_id=person.holder_id,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends,
        rest_until=ends + timedelta(hours=rest_hours) if worked else ends,
        minutes=(
            int((ends - starts_at).total_seconds()) // 60 - unpaid_break_minutes if worked else 0
        ),
        source=fields.pop("source", "roster_file"),
        as_at=fields.pop("as_at", NOW),
        **fields,
    )
    return kept(session, row, person.organisation_id)


def a_booking(
    session: Session,
    shift: Shift,
    person: Person,
    post: BankPost,
    *,
    state: BookingState = BookingState.CONFIRMED,
    tier: Tier = Tier.OWN_BANK,
    made_at: datetime = NOW,
    with_hours: bool = True,
    **fields: Any,
) -> Booking:
    """A booking with its hours. The shift becomes filled when the booking is live."""
    row = Booking(
        shift_id=shift.id,
        organisation_id=shift.organisation_id,
        person_id=person.id,
        holder_id=person.holder_id,
        bank_post_id=post.id,
        tier=tier,
        grade=fields.pop("grade", shift.grade),
        state=state,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        made_at=made_at,
        confirmed_at=made_at,
        **fields,
    )
    kept(session, row, shift.organisation_id)
    if state in LIVE_BOOKING:
        shift.state = ShiftState.FILLED
        if with_hours:
            _booked_hours(session, shift, person, row)
    session.flush()
    return row


def _booked_hours(session: Session, shift: Shift, person: Person, booking: Booking) -> None:
    busy_hours(
        session,
        person,
        shift.starts_at,
        ends_at=shift.ends_at,
        kind=HoursKind.BOOKING,
        unpaid_break_minutes=shift.unpaid_break_minutes,
        booking_id=booking.id,
        source="booking",
    )


def a_restriction(
    session: Session, post: BankPost, scope_id: UUID, **fields: Any
) -> BookingRestriction:
    """"Do not book" at a unit, a site or the whole organisation."""
    row = BookingRestriction(
        bank_post_id=post.id,
        organisation_id=post.organisation_id,
        scope_id=scope_id,
        from_at=fields.pop("from_at", NOW - timedelta(days=1)),
        review_on=fields.pop("review_on", date(2026, 12, 1)),
        **fields,
    )
    return kept(session, row, post.organisation_id)


def a_coverage(
    session: Session,
    *,
    host: Organisation,
    partner: Organisation,
    staff_group: StaffGroup = StaffGroup.NURSING_MIDWIFERY,
    grade: Grade = Grade.BAND_5,
    from_on: date = date(2026, 1, 1),
    **fields: Any,
) -> Coverage:
    """What an agreement would say: the partner's people may see the host's shifts."""
    row = Coverage(
        host_id=host.id,
        partner_id=partner.id,
        staff_group=staff_group,
        grade=grade,
        from_on=from_on,
        **fields,
    )
    return kept(session, row, host.id)
