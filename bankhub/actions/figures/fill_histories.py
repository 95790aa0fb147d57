"""Shifts as the fill count reads them: each with everything that happened to it, page by page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.settings.policies import policy_books
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.bookings import Booking
from bankhub.model.fill_values import BookingHistory, CountedShift, Dimension, ShiftHistory
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import Grade, RequestReason, StaffGroup
from bankhub.rules.figures.fill_rate import count
from bankhub.rules.shift_times import LeadBand, london_day, week_span

ROLLED_UP = frozenset({Dimension.TRUST, Dimension.WEEK, Dimension.STAFF_GROUP})
PAGE = 500
"""Shifts read at a time."""

Place = tuple[datetime, UUID]
"""Start and id of a shift: where the next page begins after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillQuestion:
    """Which shifts, and grouped by what. Weeks are Mondays, both included."""

    first_week: date
    last_week: date
    by: tuple[Dimension, ...] = (Dimension.WEEK,)
    trust_id: UUID | None = None
    site_id: UUID | None = None
    unit_id: UUID | None = None
    staff_group: StaffGroup | None = None
    grade: Grade | None = None
    reason: RequestReason | None = None
    lead_band: LeadBand | None = None

    @property
    def is_rolled_up(self) -> bool:
        """Whether the weekly roll-up can answer it."""
        finer = (self.site_id, self.unit_id, self.grade, self.reason, self.lead_band)
        return set(self.by) <= ROLLED_UP and not any(finer)

    @property
    def is_narrowed(self) -> bool:
        """Whether it is about a part of the shifts only."""
        finer = (self.site_id, self.unit_id, self.grade, self.reason, self.lead_band)
        return any((self.trust_id, self.staff_group, *finer))

    @property
    def weeks(self) -> int:
        """How many weeks are asked for."""
        return (self.last_week - self.first_week).days // 7 + 1


def counted(
    session: Session,
    question: FillQuestion,
    organisations: Sequence[UUID],
    now: datetime,
    *,
    after: Place | None = None,
) -> Iterator[CountedShift]:
    """Every shift the question is about, by start, as it stands at `now`."""
    books = policy_books(session, organisations)
    for history in _histories(session, question, organisations, after):
        policy = books[history.shift.organisation_id].fill(london_day(history.shift.starts_at))
        one = count(history, policy, now)
        if question.lead_band in (None, one.lead_band):
            yield one


def _histories(
    session: Session, question: FillQuestion, organisations: Sequence[UUID], after: Place | None
) -> Iterator[ShiftHistory]:
    start, _ = week_span(question.first_week)
    _, end = week_span(question.last_week)
    wanted = {
        Shift.site_id: question.site_id,
        Shift.unit_id: question.unit_id,
        Shift.staff_group: question.staff_group,
        Shift.grade: question.grade,
        Shift.reason: question.reason,
    }
    query = (
        sa.select(Shift)
        .where(
            Shift.organisation_id.in_(organisations),
            Shift.starts_at >= start,
            Shift.starts_at < end,
            *(column == value for column, value in wanted.items() if value is not None),
        )
        .order_by(Shift.starts_at, Shift.id)
    )
    while True:
        beyond = sa.tuple_(Shift.starts_at, Shift.id) > after if after else sa.true()
        shifts = session.scalars(query.where(beyond).limit(PAGE)).all()
        if not shifts:
            return
        bookings = _bookings(session, [shift.id for shift in shifts])
        for shift in shifts:
            yield _history(shift, bookings.get(shift.id, ()))
        after = (shifts[-1].starts_at, shifts[-1].id)


def _bookings(
    session: Session, shift_ids: Iterable[UUID]
) -> dict[UUID, tuple[BookingHistory, ...]]:
    rows = session.execute(
        sa.select(
            Booking.shift_id,
            Booking.id,
            Booking.tier,
            Booking.state,
            Booking.confirmed_at,
            Booking.ended_at,
            Booking.need_ended,
        ).where(Booking.shift_id.in_(list(shift_ids)))
    )
    found: dict[UUID, tuple[BookingHistory, ...]] = defaultdict(tuple)
    for shift_id, booking_id, tier, state, confirmed_at, ended_at, need_ended in rows:
        found[shift_id] += (
            BookingHistory(booking_id, tier, state, confirmed_at, ended_at, need_ended),
        )
    return found


def _history(shift: Shift, bookings: tuple[BookingHistory, ...]) -> ShiftHistory:
    return ShiftHistory(
        shift=facts_of(shift),
        created_at=shift.created_at,
        authorised_at=shift.authorised_at,
        withdrawn_at=shift.withdrawn_at,
        need_ended=shift.need_ended,
        bookings=bookings,
    )
