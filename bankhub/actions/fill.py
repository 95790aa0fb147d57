"""How was it filled? Reading histories, adding them up, and keeping the weekly roll-up.

The roll-up (organisation, week, staff group) costs nothing at booking time: a job collects the
weeks that events touched and counts them again; counting everything again gives the same table.
Whatever is finer than the roll-up is counted straight from the shifts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.policies import policy_books
from bankhub.actions.shift_records import facts_of
from bankhub.model.bookings import Booking
from bankhub.model.figures import DirtyWeek, FillWeek, Watermark
from bankhub.model.fill_values import (
    BookingHistory,
    CountedShift,
    Dimension,
    FillFigures,
    GroupKey,
    ShiftHistory,
)
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState, StaffGroup
from bankhub.rules.fill_rate import add_up, count, roll_up
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day, week_of, week_span
from passport.actors import Actor
from passport.errors import Invalid, NotFound
from passport.events import Event
from passport.model.organisations import (
    MembershipKind,
    Organisation,
    OrganisationKind,
    OrganisationMembership,
)

ROLLED_UP = frozenset({Dimension.TRUST, Dimension.WEEK, Dimension.STAFF_GROUP})
WATERMARK_LAG = timedelta(seconds=10)
"""Events younger than this are left for the next round: one may still commit behind another."""
MOST_WEEKS = 106
PAGE = 500


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

    @property
    def is_rolled_up(self) -> bool:
        """Whether the weekly roll-up can answer it."""
        finer = (self.site_id, self.unit_id, self.grade, self.reason)
        return set(self.by) <= ROLLED_UP and not any(finer)


@dataclass(frozen=True, slots=True)
class FillAnswer:
    """Figures by group, their sum, and how fresh they are."""

    groups: dict[GroupKey, FillFigures]
    total: FillFigures
    as_of: datetime


def fill_figures(
    session: Session, *, question: FillQuestion, by: Actor, now: datetime
) -> FillAnswer:
    """The figures of the actor's organisation, or of the members of its system or region.

    Raises `Invalid` for weeks that cannot be meant, `NotFound` for a trust outside the scope.
    """
    demand(by, Deed.READ_FIGURES)
    weeks = (question.last_week - question.first_week).days // 7 + 1
    if not 1 <= weeks <= MOST_WEEKS:
        raise Invalid("fill", fields={"last_week": [f"ask for 1 to {MOST_WEEKS} weeks"]})
    organisations = _organisations(session, question, by, now)
    if question.is_rolled_up:
        return _from_roll_up(session, question, organisations, now)
    counted = list(_counted(session, question, organisations, now))
    return FillAnswer(roll_up(counted, question.by), add_up(counted), now)


def shifts_counted(
    session: Session, *, question: FillQuestion, by: Actor, now: datetime
) -> list[tuple[CountedShift, str]]:
    """The very shifts behind the figures, each with its reference: own organisation only."""
    demand(by, Deed.DRILL_DOWN)
    if by.organisation_id is None:
        raise NotFound
    counted = list(_counted(session, question, [by.organisation_id], now))
    named = session.execute(
        sa.select(Shift.id, Shift.reference).where(Shift.id.in_([c.shift_id for c in counted]))
    )
    references = {shift_id: reference for shift_id, reference in named}
    return [(one, references[one.shift_id]) for one in counted]


def scope(session: Session, *, by: Actor, on: date) -> list[UUID]:
    """Organisations whose figures the actor may read: its own, or the members of its ICS or
    region on a day."""
    if by.organisation_id is None:
        return list(session.scalars(sa.select(Organisation.id)))
    kind = session.scalar(sa.select(Organisation.kind).where(Organisation.id == by.organisation_id))
    membership = {
        OrganisationKind.ICB: MembershipKind.ICS,
        OrganisationKind.REGION: MembershipKind.REGION,
        OrganisationKind.PCN: MembershipKind.PCN,
    }.get(kind)  # type: ignore[arg-type]
    own = [by.organisation_id]
    if membership is None:
        return own
    belongs = OrganisationMembership
    members = session.scalars(
        sa.select(belongs.member_id).where(
            belongs.group_id == by.organisation_id,
            belongs.kind == membership,
            sa.or_(belongs.from_on.is_(None), belongs.from_on <= on),
            sa.or_(belongs.until_on.is_(None), belongs.until_on >= on),
        )
    )
    return own + list(members)


def recompute(session: Session, *, organisation_id: UUID, week: date, now: datetime) -> None:
    """Count one week of one organisation again and replace its rows."""
    question = FillQuestion(first_week=week, last_week=week, by=(Dimension.STAFF_GROUP,))
    groups = roll_up(_counted(session, question, [organisation_id], now), question.by)
    mine = (FillWeek.organisation_id == organisation_id, FillWeek.week == week)
    session.execute(sa.delete(FillWeek).where(*mine))
    rows = [
        {
            "organisation_id": organisation_id,
            "week": week,
            "staff_group": StaffGroup(str(group)),
            "figures": figures.as_values(),
            "as_of": now,
        }
        for (group,), figures in groups.items()
    ]
    if rows:
        session.execute(sa.insert(FillWeek), rows)
    session.execute(
        sa.delete(DirtyWeek).where(
            DirtyWeek.organisation_id == organisation_id, DirtyWeek.week == week
        )
    )


def collect_dirty_weeks(session: Session, *, now: datetime) -> int:
    """Note the weeks that events since the last round touched, and those the clock moved on.

    Returns how many weeks wait to be counted.
    """
    mark = session.get(Watermark, "fill") or Watermark(
        job="fill", at=datetime.fromtimestamp(0, now.tzinfo)
    )
    until = now - WATERMARK_LAG
    touched = session.execute(
        sa.select(Shift.organisation_id, Shift.starts_at)
        .join(Event, Event.subject_id == Shift.id)
        .where(Event.at > mark.at, Event.at <= until)
        .distinct()
    )
    dirty = {(organisation, week_of(starts_at)) for organisation, starts_at in touched}
    dirty |= _weeks_that_started(session, mark.at, now)
    waiting = session.execute(sa.select(DirtyWeek.organisation_id, DirtyWeek.week))
    known = {(organisation, week) for organisation, week in waiting}
    session.add_all(
        DirtyWeek(organisation_id=organisation, week=week, since=now)
        for organisation, week in sorted(dirty - known)
    )
    mark.at = max(mark.at, until)
    session.add(mark)
    return len(dirty | known)


def _weeks_that_started(session: Session, since: datetime, now: datetime) -> set[tuple[UUID, date]]:
    """Shifts whose start has passed since the last round: they are no longer still open."""
    rows = session.execute(
        sa.select(Shift.organisation_id, Shift.starts_at)
        .where(Shift.starts_at > since, Shift.starts_at <= now, Shift.state == ShiftState.OPEN)
        .distinct()
    )
    return {(organisation, week_of(starts_at)) for organisation, starts_at in rows}


def next_dirty_week(session: Session) -> tuple[UUID, date] | None:
    """One week that waits to be counted, claimed by this transaction."""
    row = session.scalar(
        sa.select(DirtyWeek)
        .order_by(DirtyWeek.since, DirtyWeek.organisation_id, DirtyWeek.week)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (row.organisation_id, row.week) if row else None


def every_week(session: Session) -> list[tuple[UUID, date]]:
    """Every organisation and week that has shifts: what a full rebuild counts."""
    found: set[tuple[UUID, date]] = set()
    spans = session.execute(
        sa.select(
            Shift.organisation_id, sa.func.min(Shift.starts_at), sa.func.max(Shift.starts_at)
        ).group_by(Shift.organisation_id)
    )
    for organisation, first, last in spans:
        week = week_of(first)
        while week <= week_of(last):
            found.add((organisation, week))
            week += timedelta(days=7)
    return sorted(found)


def _organisations(
    session: Session, question: FillQuestion, by: Actor, now: datetime
) -> list[UUID]:
    allowed = scope(session, by=by, on=london_day(now))
    if question.trust_id is None:
        return allowed
    if question.trust_id not in allowed:
        raise NotFound
    return [question.trust_id]


def _from_roll_up(
    session: Session, question: FillQuestion, organisations: Sequence[UUID], now: datetime
) -> FillAnswer:
    query = sa.select(FillWeek).where(
        FillWeek.organisation_id.in_(organisations),
        FillWeek.week.between(question.first_week, question.last_week),
    )
    if question.staff_group is not None:
        query = query.where(FillWeek.staff_group == question.staff_group)
    groups: dict[GroupKey, FillFigures] = defaultdict(FillFigures)
    total, as_of = FillFigures(), now
    for row in session.scalars(query.order_by(FillWeek.week)):
        figures = FillFigures.of_values(row.figures)
        values: dict[Dimension, UUID | str | date] = {
            Dimension.TRUST: row.organisation_id,
            Dimension.WEEK: row.week,
            Dimension.STAFF_GROUP: row.staff_group,
        }
        key = tuple(values[dimension] for dimension in question.by)
        groups[key] += figures
        total += figures
        as_of = min(as_of, row.as_of)
    return FillAnswer(dict(groups), total, as_of)


def _counted(
    session: Session, question: FillQuestion, organisations: Sequence[UUID], now: datetime
) -> Iterator[CountedShift]:
    books = policy_books(session, organisations)
    for history in _histories(session, question, organisations):
        policy = books[history.shift.organisation_id].fill(london_day(history.shift.starts_at))
        yield count(history, policy, now)


def _histories(
    session: Session, question: FillQuestion, organisations: Sequence[UUID]
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
    after: tuple[datetime, UUID] | None = None
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
