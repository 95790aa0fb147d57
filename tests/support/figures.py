"""A bank whose fill is counted, and the job that rolls its weeks up."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bankhub.actions.figures import fill, fill_weeks
from bankhub.actions.figures.fill_histories import FillQuestion
from bankhub.model.bookings import Booking
from bankhub.model.figures import DirtyWeek, FillWeek, Watermark
from bankhub.model.shifts import Shift
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.db import Database
from passport.events import record
from tests.support import build

LATER = datetime(2026, 11, 1, 9, tzinfo=UTC)
START = datetime(2026, 10, 14, 6, 30, tzinfo=UTC)
MONDAY = date(2026, 10, 12)
WEEK = timedelta(days=7)


class Bank:
    """One organisation with a ward, a nurse and shifts of its own."""

    def __init__(self, database: Database, name: str = "Rivermead NHS Trust") -> None:
        self.database = database
        with database.transaction() as session:
            self.trust = build.an_organisation(session, name=name)
            self.unit = build.a_unit(session, build.a_site(session, self.trust))
            self.person, self.post = build.a_nurse(session, self.trust, papers=False)
        self.manager = build.an_actor(self.trust, R.BANK_MANAGER, stepped_up=True)

    def shift(self, starts_at: datetime = START, **fields: Any) -> Shift:
        fields.setdefault("authorised_at", starts_at - timedelta(days=20))
        with self.database.transaction() as session:
            return build.a_shift(session, self.unit, starts_at=starts_at, **fields)

    def book(self, shift: Shift, *, at: datetime, **fields: Any) -> Booking:
        with self.database.transaction() as session:
            held = session.get_one(Shift, shift.id)
            fields.setdefault("with_hours", False)
            made = build.a_booking(session, held, self.person, self.post, made_at=at, **fields)
            by = operator(self.trust.id)
            record(session, "booking.made", subject_id=shift.id, by=by, now=at)
            return made

    def happened(self, kind: str, shift: Shift, *, at: datetime, **detail: Any) -> None:
        with self.database.transaction() as session:
            by = operator(self.trust.id)
            record(session, kind, subject_id=shift.id, by=by, now=at, **detail)

    def ask(self, actor: Any = None, now: datetime = LATER, **fields: Any) -> fill.FillAnswer:
        question = {"first_week": MONDAY, "last_week": MONDAY + 3 * WEEK, **fields}
        with self.database.reading() as session:
            return fill.fill_figures(
                session, question=FillQuestion(**question), by=actor or self.manager, now=now
            )


def work(database: Database, now: datetime) -> int:
    """What the job does at one tick; returns how many weeks it counted."""
    with database.transaction() as session:
        fill_weeks.collect_dirty_weeks(session, now=now)
    counted = 0
    while True:
        with database.transaction() as session:
            claimed = fill_weeks.next_dirty_week(session)
            if claimed is None:
                return counted
            fill_weeks.recompute(session, organisation_id=claimed[0], week=claimed[1], now=now)
        counted += 1


def rebuild(database: Database, now: datetime) -> None:
    with database.reading() as session:
        weeks = fill_weeks.every_week(session)
    for organisation_id, week in weeks:
        with database.transaction() as session:
            fill_weeks.recompute(session, organisation_id=organisation_id, week=week, now=now)


def table(database: Database) -> dict[Any, Any]:
    with database.reading() as session:
        return {
            (row.organisation_id, row.week, row.staff_group): row.figures
            for row in session.scalars(sa.select(FillWeek))
        }


def dirty(database: Database) -> set[date]:
    with database.reading() as session:
        return set(session.scalars(sa.select(DirtyWeek.week)))


def marked(database: Database, at: datetime) -> None:
    """The job has run, and nothing has happened since."""
    with database.transaction() as session:
        session.merge(Watermark(job=fill_weeks.JOB, at=at))
