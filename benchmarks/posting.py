"""Posting many shifts at once, against `add_all` of the same rows as mapped objects.

Both sides write each shift with its openings and its event, in one transaction. Ours is taken
from the prepared rows on (`Poster.write`: references, COPY, events) and, on a line of its own,
with everything before it: every check, the pay, the openings. The baseline gets its rows ready
made and checks nothing.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from bankhub.actions.shifts.openings import OPENING_COLUMNS
from bankhub.actions.shifts.posting import Poster
from bankhub.actions.shifts.shift_drafts import ShiftDraft
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import Grade, RequestReason
from bankhub.wiring import open_database
from benchmarks.cluster import Cluster
from benchmarks.copies import settle
from benchmarks.report import Line
from passport.actors import Actor, operator
from passport.db import Database, new_id
from passport.events import record
from tests.support import build

UNITS = 60
STARTS = ((7, 0), (7, 30), (13, 30), (19, 0), (19, 30))


def measure(cluster: Cluster, shifts: int, rounds: int, say: Callable[[str], None]) -> list[Line]:
    """Post so many shifts in turn in both ways."""
    say(f"posting: {shifts:,} shifts, {rounds} rounds")
    database = open_database(cluster.database("posting"))
    now = datetime.now(UTC)  # noqa: TID251
    with database.transaction() as session:
        trust = build.an_organisation(session)
        site = build.a_site(session, trust)
        units = [build.a_unit(session, site).id for _ in range(UNITS)]
    by = operator(trust.id)
    settle(database.engine)
    taken: dict[str, list[float]] = {"whole": [], "insert": [], "add_all": []}
    for turn in range(rounds + 1):  # the first one warms up and is not counted
        drafts = _drafts(units, shifts, turn, now)
        whole, insert = _post(database, drafts, by, now)
        found = {"whole": whole, "insert": insert, "add_all": _add_all(database, drafts, by, now)}
        say("  " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in found.items()))
        for name, seconds in found.items():
            taken[name] += [seconds] if turn else []
    database.engine.dispose()
    cluster.drop("posting")
    return _lines(taken, shifts)


def _drafts(units: Sequence[UUID], count: int, turn: int, now: datetime) -> list[ShiftDraft]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    drafts = []
    for number in range(count):
        hour, minute = STARTS[number % len(STARTS)]
        start = midnight + timedelta(days=2 + number % 56, hours=hour, minutes=minute)
        drafts.append(
            ShiftDraft(
                unit_id=units[number % len(units)],
                role="rn_adult",
                grade=Grade.BAND_6 if number % 3 == 0 else Grade.BAND_5,
                reason=RequestReason.SICKNESS_SHORT,
                starts_at=start,
                ends_at=start + timedelta(hours=12, minutes=30),
                roster_reference=f"R-{turn}-{number}",
            )
        )
    return drafts


def _poster(session: Any, drafts: Sequence[ShiftDraft], by: Actor, now: datetime) -> Poster:
    poster = Poster(session, {draft.unit_id for draft in drafts}, by, now)
    for place, draft in enumerate(drafts):
        assert poster.take(place, draft) == []
    return poster


def _post(
    database: Database, drafts: Sequence[ShiftDraft], by: Actor, now: datetime
) -> tuple[float, float]:
    began = time.perf_counter()
    with database.transaction() as session:
        poster = _poster(session, drafts, by, now)
        ready = time.perf_counter()
        poster.write()
    done = time.perf_counter()
    return done - began, done - ready


def _add_all(
    database: Database, drafts: Sequence[ShiftDraft], by: Actor, now: datetime
) -> float:
    with database.transaction() as session:
        poster = _poster(session, drafts, by, now)
        for row in poster.shifts:
            row |= {"reference": str(new_id()), "roster_reference": f"O{row['roster_reference']}"}
        began = time.perf_counter()
        session.add_all(Shift(**row) for row in poster.shifts)
        session.flush()  # no relationship tells the session that openings come after shifts
        session.add_all(
            Opening(**dict(zip(OPENING_COLUMNS, row, strict=True))) for row in poster.openings
        )
        for row in poster.shifts:
            record(
                session, "shift.posted", subject_id=row["id"], by=by, now=now,
                state=row["state"], starts_at=row["starts_at"],
                retrospective=row["retrospective"],
            )  # fmt: skip
    done = time.perf_counter()
    _expect(database, len(drafts))
    return done - began


def _expect(database: Database, count: int) -> None:
    """Both ways have written as much."""
    with database.reading() as session:
        by_orm = Shift.roster_reference.like("OR-%")
        rows = {
            way: session.scalar(sa.select(sa.func.count()).select_from(Shift).where(where))
            for way, where in {"ours": ~by_orm, "orm": by_orm}.items()
        }
        assert rows["ours"] == rows["orm"], rows
        assert session.scalar(sa.select(sa.func.count()).select_from(Unit)) == UNITS
        assert (rows["ours"] or 0) >= count


def _lines(taken: dict[str, list[float]], shifts: int) -> list[Line]:
    def line(what: str, name: str, goal: float | None) -> Line:
        ratios = [a / b for a, b in zip(taken["add_all"], taken[name], strict=True)]
        return Line(
            what,
            f"{median(taken[name]):.2f} s for {shifts:,} shifts",
            f"add_all: {median(taken['add_all']):.2f} s",
            median(ratios),
            goal=goal,
        )

    return [
        line("Posting many shifts: the insert part", "insert", 4),
        line("Posting many shifts: with all checks", "whole", None),
    ]
