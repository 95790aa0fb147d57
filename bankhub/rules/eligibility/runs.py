"""Runs of work on consecutive London days around one shift: nights, long days, any shift.

A run is counted over days, not over stretches; a night belongs to the day on which it begins.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bankhub.rules.eligibility.ledger import Stretch, Trial, between

_DAY = timedelta(days=1)
_MARGIN_DAYS = 5
"""Days looked at on either side beyond the longest run allowed: the one too many, and a rest."""

DaysOf = Callable[[Stretch], Sequence[date]]
"""The days on which a stretch counts for the run; empty = it does not count."""


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive days, and when the work of the last of them ends."""

    first: date
    last: date
    ends_at: datetime

    @property
    def days(self) -> int:
        """How many days long."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class RunsAround:
    """The run a shift is part of, the one over before it starts, and the next start of work."""

    own: Run | None
    before: Run | None
    next_start: datetime | None
    """Start of the first work after the own run."""


def runs_around(trial: Trial, days_of: DaysOf, most: int) -> RunsAround:
    """Look at the days around the shift; runs longer than `most` days may be cut short."""
    shift, reach = trial.shift, timedelta(days=most + _MARGIN_DAYS)
    near = between(trial.stretches, shift.starts_at - reach, shift.ends_at + reach)
    ends = _ends_by_day(near, days_of)
    counted = days_of(shift)
    own = _run_through(ends, counted[0]) if counted else None
    earlier = {
        day: end
        for day, end in ends.items()
        if end <= shift.starts_at and not (own and day >= own.first)
    }
    later = [s.starts_at for s in near if own and s.starts_at >= own.ends_at]
    return RunsAround(
        own,
        _run_through(earlier, max(earlier)) if earlier else None,
        min(later) if later else None,
    )


def _ends_by_day(stretches: Sequence[Stretch], days_of: DaysOf) -> dict[date, datetime]:
    ends: dict[date, datetime] = {}
    for stretch in stretches:
        for day in days_of(stretch):
            ends[day] = max(ends.get(day, stretch.ends_at), stretch.ends_at)
    return ends


def _run_through(ends: dict[date, datetime], day: date) -> Run:
    first = last = day
    while first - _DAY in ends:
        first -= _DAY
    while last + _DAY in ends:
        last += _DAY
    return Run(first, last, ends[last])
