"""Three weeks of demand on a desk's wards, filled in every way, for tests of the figures pages."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bankhub.model.bookings import Booking
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, Grade, ShiftState, StaffGroup, Tier
from tests.support import build
from tests.support.desk import NOW, Desk

WEEK = timedelta(weeks=1)
MONDAY = NOW.replace(hour=6, minute=30)


def fill(
    session: Session,
    desk: Desk,
    tier: Tier | None,
    starts_at: datetime,
    *,
    ward: int = 0,
    state: BookingState = BookingState.WORKED,
    **fields: Any,
) -> Shift:
    """One shift, booked through a tier; None = nobody."""
    fields.setdefault("authorised_at", starts_at - timedelta(days=10))
    shift = build.a_shift(session, desk.wards[ward], starts_at=starts_at, **fields)
    if tier is not None:
        session.add(
            Booking(
                shift_id=shift.id,
                organisation_id=desk.trust.id,
                tier=tier,
                grade=shift.grade,
                state=state,
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
                made_at=shift.authorised_at or NOW,
                confirmed_at=shift.authorised_at,
            )
        )
        shift.state = ShiftState.FILLED
    return shift


def three_weeks(desk: Desk) -> None:
    """Each week on Ward 7: 8 own bank, 2 partner, 6 agency, 1 off-framework, 5 unfilled; in the
    last week also 3 open ahead. On Ward 8: one healthcare assistant's shift a week."""
    tiers = (
        [Tier.OWN_BANK] * 8 + [Tier.PARTNER] * 2 + [Tier.AGENCY_1] * 6 + [Tier.OFF_FRAMEWORK]
    )

    def deed(session: Session) -> None:
        for weeks_ago in (3, 2, 1):
            start = MONDAY - weeks_ago * WEEK
            for place, tier in enumerate((*tiers, *[None] * 5)):
                fill(session, desk, tier, start + timedelta(days=place % 7))
            fill(
                session,
                desk,
                Tier.OWN_BANK,
                start,
                ward=1,
                staff_group=StaffGroup.HCA,
                role="hca",
                grade=Grade.BAND_2,
                state=BookingState.DID_NOT_ATTEND,
            )
        for day in (1, 2, 3):
            fill(session, desk, None, MONDAY + timedelta(days=day))

    desk.do(deed)
