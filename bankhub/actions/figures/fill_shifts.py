"""Down from a number of the fill figures to the shifts it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.figures.fill import refuse_wrong
from bankhub.actions.figures.fill_histories import FillQuestion, Place, counted
from bankhub.actions.permission import demand
from bankhub.model.fill_values import CountedShift
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.rules.figures.fill_rows import Behind, is_behind
from bankhub.rules.permissions import Deed
from passport.actors import Actor
from passport.errors import NotFound

MOST_SHIFTS = 200
"""Shifts of one page."""


@dataclass(frozen=True, slots=True)
class CountedPage:
    """Some of the shifts behind a number, by start."""

    shifts: Sequence[tuple[CountedShift, Shift, str]]
    """How it was counted, the shift, and the unit's name."""
    after: Place | None
    """Where the next page begins; None = this is the last."""


def shifts_counted(
    session: Session,
    *,
    question: FillQuestion,
    behind: Behind = Behind.REQUESTED,
    after: Place | None = None,
    limit: int = MOST_SHIFTS,
    by: Actor,
    now: datetime,
) -> CountedPage:
    """The very shifts behind a number, of the actor's own organisation only."""
    demand(by, Deed.DRILL_DOWN)
    if by.organisation_id is None or question.trust_id not in (None, by.organisation_id):
        raise NotFound
    organisations = [by.organisation_id]
    refuse_wrong(session, question, organisations)
    limit = min(limit, MOST_SHIFTS)
    found: list[CountedShift] = []
    for one in counted(session, question, organisations, now, after=after):
        if is_behind(one, behind):
            found.append(one)
        if len(found) > limit:
            break
    kept = [one.shift_id for one in found[:limit]]
    rows = session.execute(
        sa.select(Shift, Unit.name).join(Unit, Unit.id == Shift.unit_id).where(Shift.id.in_(kept))
    )
    shifts = {shift.id: (shift, name) for shift, name in rows}
    listed = [(one, *shifts[one.shift_id]) for one in found[:limit]]
    last = listed[-1][1] if len(found) > limit else None
    return CountedPage(listed, (last.starts_at, last.id) if last else None)
