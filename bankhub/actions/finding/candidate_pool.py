"""The SQL of finding people for a shift: who may be booked as it asks, and how they rank.

A stage is one bank at one grade; of a partner's bank only those whom the host has cleared. Of each
stage at most `POOL` people are ranked together: those who worked on the unit lately, and then as
many as the index gives next. A bank of that size or less is ranked whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bankhub.model.agreement_terms import Instrument
from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import LIVE_BOOKING, Grade, Tier
from bankhub.model.workers import BookableAs
from bankhub.rules.london_time import last_london_day
from bankhub.rules.shift_times import london_day, week_of, week_span

POOL = 500
LATELY = timedelta(days=183)
"""How long having worked on a unit counts: six months."""
_REACH_BACK = timedelta(hours=36)
"""No work that overlaps a shift began longer before it; what did is left to the rules."""

_LIVE: list[Any] = [sa.literal_column(f"'{state.value}'") for state in LIVE_BOOKING]
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

PoolKey = tuple[date | None, UUID]
"""Where a pool ends: the next one goes on behind it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One bank at one grade, and the tier through which it would be booked."""

    tier: Tier
    organisation_id: UUID
    """Whose posts."""
    grade: Grade


@dataclass(frozen=True, slots=True)
class Ranked:
    """Somebody of a pool, with what they are ranked by."""

    bank_post_id: UUID
    person_id: UUID
    holder_id: UUID
    exact: bool
    worked_here: bool
    """On this unit, in the last six months."""
    week_minutes: int
    """Booked at the shift's organisation in the London week of the shift."""
    last_shift_at: datetime | None
    """Start of the latest shift worked at the shift's organisation."""

    @property
    def rank(self) -> tuple[bool, bool, int, datetime, UUID]:
        """Own grade first, then who knows the unit, has least this week, has waited longest."""
        return (
            not self.exact,
            not self.worked_here,
            self.week_minutes,
            self.last_shift_at or _NEVER,
            self.bank_post_id,
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """People ranked together, each once; `next` is None behind the last of the stage."""

    people: Sequence[Ranked]
    next: PoolKey | None


def read_pool(
    session: Session,
    stage: Stage,
    shift: ShiftFacts,
    *,
    after: PoolKey | None,
    free: bool,
    now: datetime,
) -> Pool:
    """The next people of a stage; with `free` only those whose papers last and who are not busy."""
    here = worked_here(session, shift, now)
    wanted = _bookable(stage, shift, free=free)
    by_papers = free and stage.tier is not Tier.PARTNER
    order: list[Any] = [BookableAs.bank_post_id]
    if by_papers:
        order.insert(0, BookableAs.valid_until)
    first = wanted.order_by(*order).limit(POOL)
    if after is not None:
        key = after if by_papers else after[1:]
        first = first.where(sa.tuple_(*order) > sa.tuple_(*(sa.literal(part) for part in key)))
    found = session.execute(_with_figures(first, shift, now)).all()
    rows = [row for row in found if after is None or row.holder_id not in here]
    if len(found) < POOL:
        return Pool(_ranked(rows, here), None)
    if after is None and here:
        known = wanted.where(BookableAs.holder_id.in_(here))
        rows += session.execute(_with_figures(known, shift, now)).all()
    ends = max((row.valid_until if by_papers else None, row.bank_post_id) for row in found)
    return Pool(_ranked(rows, here), ends)


def worked_here(session: Session, shift: ShiftFacts, now: datetime) -> frozenset[UUID]:
    """Who worked on the shift's unit lately, by holder."""
    return frozenset(
        session.scalars(
            sa.select(Booking.holder_id)
            .distinct()
            .join(Shift, Shift.id == Booking.shift_id)
            .where(
                Shift.unit_id == shift.unit_id,
                Shift.starts_at >= now - LATELY,
                Shift.starts_at < now,
                Booking.state.in_(_LIVE),
                Booking.holder_id.is_not(None),
            )
        )
    )


def _bookable(stage: Stage, shift: ShiftFacts, *, free: bool) -> sa.Select[*tuple[Any, ...]]:
    wanted = sa.select(
        BookableAs.bank_post_id,
        BookableAs.person_id,
        BookableAs.holder_id,
        BookableAs.exact,
        BookableAs.valid_until,
    ).where(
        BookableAs.organisation_id == stage.organisation_id,
        BookableAs.role == shift.role,
        BookableAs.grade == stage.grade,
    )
    if stage.grade is not shift.grade:
        better = aliased(BookableAs)
        wanted = wanted.where(
            _none(
                better.holder_id == BookableAs.holder_id,
                better.organisation_id == stage.organisation_id,
                better.role == shift.role,
                better.grade == shift.grade,
            )
        )
    if stage.tier is Tier.PARTNER:
        wanted = wanted.where(BookableAs.holder_id.in_(_cleared(stage, shift)))
    elif free:
        wanted = wanted.where(BookableAs.valid_until >= london_day(shift.starts_at))
    if free:
        wanted = wanted.where(
            _none(
                Hours.holder_id == BookableAs.holder_id,
                Hours.starts_at < shift.ends_at,
                Hours.starts_at > shift.starts_at - _REACH_BACK,
                Hours.ends_at > shift.starts_at,
            ),
        )
    return wanted


def _cleared(stage: Stage, shift: ShiftFacts) -> sa.Select[UUID]:
    """Whom the host has cleared, of a partner's people."""
    return sa.select(Clearance.holder_id).where(
        Clearance.host_id == shift.organisation_id,
        Clearance.home_id == stage.organisation_id,
        Clearance.role == shift.role,
        Clearance.grade == shift.grade,
        Clearance.instrument == Instrument.BANK_ASSIGNMENT,
        Clearance.state == ClearanceState.CLEARED,
        Clearance.until_on >= last_london_day(shift.ends_at),
    )


def _none(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """No row fulfils them. One probe for each person and never a join, which for one person in a
    thousand would read the whole table."""
    return sa.select(sa.literal_column("1")).where(*conditions).limit(1).scalar_subquery().is_(None)


def _with_figures(
    wanted: sa.Select[*tuple[Any, ...]], shift: ShiftFacts, now: datetime
) -> sa.Select[*tuple[Any, ...]]:
    """What people are ranked by: from the shift's own organisation's bookings, never from the
    ledger, which only the working-time rules may read."""
    pool = wanted.subquery()
    monday, next_monday = week_span(week_of(shift.starts_at))
    own = sa.and_(
        Booking.holder_id == pool.c.holder_id,
        Booking.organisation_id == shift.organisation_id,
        Booking.state.in_(_LIVE),
    )
    minutes = (
        sa.select(sa.func.coalesce(sa.func.sum(Hours.minutes), 0))
        .join(Booking, Booking.id == Hours.booking_id)
        .where(own, Booking.starts_at >= monday, Booking.starts_at < next_monday)
    )
    last = sa.select(sa.func.max(Booking.starts_at)).where(own, Booking.starts_at < now)
    return sa.select(
        pool,
        minutes.scalar_subquery().label("week_minutes"),
        last.scalar_subquery().label("last_shift_at"),
    )


def _ranked(rows: Iterable[Any], here: frozenset[UUID]) -> list[Ranked]:
    """By rank; somebody with two posts by the better one only."""
    ranked = sorted(
        (
            Ranked(
                row.bank_post_id,
                row.person_id,
                row.holder_id,
                row.exact,
                row.holder_id in here,
                int(row.week_minutes),
                row.last_shift_at,
            )
            for row in rows
        ),
        key=lambda one: one.rank,
    )
    first: dict[UUID, Ranked] = {}
    for one in ranked:
        first.setdefault(one.holder_id, one)
    return list(first.values())
