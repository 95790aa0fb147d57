"""The weekly roll-up of the fill figures (organisation, week, staff group), kept by a job.

It costs nothing at booking time: the job collects the weeks that events touched and counts them
again. Counting everything again gives the same table. Whoever reads it counts those weeks afresh
that were touched since the job's last round, so a figure is never older than the question.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.figures.fill_histories import FillQuestion, counted
from bankhub.model.figures import DirtyWeek, FillWeek, Watermark
from bankhub.model.fill_values import Dimension
from bankhub.model.policies import PolicyKind
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import ShiftState, StaffGroup
from bankhub.rules.figures.fill_rate import roll_up
from bankhub.rules.shift_times import week_of
from passport.events import Event
from passport.model.organisations import Organisation

JOB = "fill"
WATERMARK_LAG = timedelta(minutes=2)
"""Events younger than this are left for the next round: a deed that waits for locks commits
behind younger ones."""

Week = tuple[UUID, date]
"""An organisation and a Monday."""


def recompute(session: Session, *, organisation_id: UUID, week: date, now: datetime) -> None:
    """Count one week of one organisation again and replace its rows."""
    # One count of an organisation at a time. Not the stronger lock: bookings refer to the row.
    session.execute(
        sa.select(Organisation.id)
        .where(Organisation.id == organisation_id)
        .with_for_update(key_share=True)
    )
    # First, so that what is touched from here on is noted again and not forgotten.
    session.execute(
        sa.delete(DirtyWeek).where(
            DirtyWeek.organisation_id == organisation_id, DirtyWeek.week == week
        )
    )
    question = FillQuestion(first_week=week, last_week=week, by=(Dimension.STAFF_GROUP,))
    groups = roll_up(counted(session, question, [organisation_id], now), question.by)
    session.execute(
        sa.delete(FillWeek).where(
            FillWeek.organisation_id == organisation_id, FillWeek.week == week
        )
    )
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


def collect_dirty_weeks(session: Session, *, now: datetime) -> int:
    """Note the weeks that events since the last round touched, and those the clock moved on.

    Returns how many weeks wait to be counted.
    """
    mark = session.get(Watermark, JOB) or Watermark(job=JOB, at=datetime.fromtimestamp(0, UTC))
    until = now - WATERMARK_LAG
    dirty = _touched(session, since=mark.at, until=until)
    # Locked: a week that is being counted just now stops waiting, and is noted again.
    known = _waiting(session, lock=True)
    session.add_all(
        DirtyWeek(organisation_id=organisation, week=week, since=now)
        for organisation, week in sorted(dirty - known)
    )
    mark.at = max(mark.at, until)
    session.add(mark)
    return len(dirty | known)


def next_dirty_week(session: Session) -> Week | None:
    """One week that waits to be counted, claimed by this transaction."""
    row = session.scalar(
        sa.select(DirtyWeek)
        .order_by(DirtyWeek.since, DirtyWeek.organisation_id, DirtyWeek.week)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (row.organisation_id, row.week) if row else None


def every_week(session: Session) -> list[Week]:
    """Every organisation and week that has shifts or figures: what a full rebuild counts."""
    rows = session.execute(sa.select(FillWeek.organisation_id, FillWeek.week).distinct())
    found = {(organisation, week) for organisation, week in rows}
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


def weeks_not_rolled_up(
    session: Session, organisations: Sequence[UUID], now: datetime
) -> set[Week] | None:
    """Weeks whose rows are not what a count at `now` would give; None = none is to be trusted:
    the job never ran, or ran at a moment that is still to come (the demo's clock was put back)."""
    mark = session.get(Watermark, JOB)
    if mark is None or mark.at > now:
        return None
    return _waiting(session, organisations) | _touched(
        session, since=mark.at, until=now, organisations=organisations
    )


def _waiting(
    session: Session, organisations: Sequence[UUID] | None = None, *, lock: bool = False
) -> set[Week]:
    query = sa.select(DirtyWeek.organisation_id, DirtyWeek.week)
    if organisations is not None:
        query = query.where(DirtyWeek.organisation_id.in_(organisations))
    if lock:
        query = query.order_by(DirtyWeek.organisation_id, DirtyWeek.week).with_for_update()
    return {(organisation, week) for organisation, week in session.execute(query)}


def _touched(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    organisations: Sequence[UUID] | None = None,
) -> set[Week]:
    """Weeks whose count may have changed after `since`, up to `until`."""
    # Named even where all are meant: the indexes on events and shifts begin with it.
    theirs = sa.select(Unit.organisation_id).distinct() if organisations is None else organisations
    happened = (Event.organisation_id.in_(theirs), Event.at > since, Event.at <= until)
    rows = session.execute(
        sa.select(Shift.organisation_id, Shift.starts_at)
        .join(Event, Event.subject_id == Shift.id)
        .where(*happened)
        .distinct()
    ).all()
    started = session.execute(
        sa.select(Shift.organisation_id, Shift.starts_at)
        .where(
            Shift.organisation_id.in_(theirs),
            Shift.starts_at > since,
            Shift.starts_at <= until,
            Shift.state == ShiftState.OPEN,
        )
        .distinct()
    ).all()
    weeks = {(organisation, week_of(starts_at)) for organisation, starts_at in (*rows, *started)}
    return weeks | _left(session, happened) | _counted_otherwise(session, happened)


def _left(session: Session, happened: tuple[sa.ColumnElement[bool], ...]) -> set[Week]:
    """Weeks that an amended shift was moved away from."""
    rows = session.execute(
        sa.select(Event.organisation_id, Event.detail).where(
            Event.kind == "shift.amended", *happened
        )
    )
    return {
        (organisation, week_of(datetime.fromisoformat(detail["started_at"])))
        for organisation, detail in rows
        if organisation is not None and "started_at" in detail
    }


def _counted_otherwise(session: Session, happened: tuple[sa.ColumnElement[bool], ...]) -> set[Week]:
    """Weeks with figures for which the organisation has adopted another way of counting."""
    rows = session.execute(
        sa.select(Event.organisation_id, Event.detail).where(
            Event.kind == "policy.adopted", *happened
        )
    ).all()
    found: set[Week] = set()
    for organisation, detail in rows:
        if organisation is not None and detail.get("policy") == PolicyKind.FILL:
            from_on = date.fromisoformat(detail["from_on"])
            weeks = session.scalars(
                sa.select(FillWeek.week)
                .where(
                    FillWeek.organisation_id == organisation,
                    FillWeek.week > from_on - timedelta(days=7),
                )
                .distinct()
            )
            found |= {(organisation, week) for week in weeks}
    return found
