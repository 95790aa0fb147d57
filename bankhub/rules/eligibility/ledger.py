"""A person's busy time, prepared once so that each shift can be weighed against it quickly.

`Ledger` sorts and merges what the Hours ledger holds; `Trial` is the same with one shift worked
on top. All durations are elapsed UTC. Work that two sources report for the same time (a roster
that lists a bank booking, a declaration beside it) is counted once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from bankhub.model.values import BusyTime, ShiftFacts
from bankhub.model.vocabulary import HoursKind
from bankhub.rules.london_time import (
    at_hour,
    days_through,
    last_london_day,
    minutes_between,
    utc,
)
from bankhub.rules.shift_times import london_day

_DAY = timedelta(days=1)

WORK_KINDS = frozenset({HoursKind.BOOKING, HoursKind.DUTY, HoursKind.DECLARED})


class Stretch:
    """Uninterrupted work, unpaid breaks inside it included. UTC; never changed once made."""

    __slots__ = ("elapsed_minutes", "ends_at", "first_day", "last_day", "minutes", "starts_at")

    def __init__(self, starts_at: datetime, ends_at: datetime, minutes: int) -> None:
        self.starts_at = starts_at
        self.ends_at = ends_at
        self.minutes = minutes
        """Working minutes: elapsed less unpaid break."""
        self.elapsed_minutes = minutes_between(starts_at, ends_at)
        self.first_day = london_day(starts_at)
        self.last_day = last_london_day(ends_at)


def stretch_of(shift: ShiftFacts) -> Stretch:
    """The shift as work."""
    start, end = utc(shift.starts_at), utc(shift.ends_at)
    return Stretch(start, end, minutes_between(start, end) - shift.unpaid_break_minutes)


def minutes_by_day(stretch: Stretch) -> list[tuple[date, int]]:
    """Working minutes on each London day; a break is spread evenly and the parts add up."""
    if stretch.first_day == stretch.last_day:
        return [(stretch.first_day, stretch.minutes)]
    parts, counted = [], 0
    for day in days_through(stretch.first_day, stretch.last_day):
        until = min(at_hour(day + _DAY), stretch.ends_at)
        gone = minutes_between(stretch.starts_at, until)
        total = stretch.minutes * gone // max(stretch.elapsed_minutes, 1)
        parts.append((day, total - counted))
        counted = total
    return parts


class Tally:
    """Working minutes and replaceable absences by London day, with sums over any run of days."""

    __slots__ = ("_absent", "_days", "_totals", "by_day")

    def __init__(self, by_day: dict[int, int], absent: Iterable[int] = ()) -> None:
        self.by_day = by_day
        self._days = sorted(by_day)
        self._totals = [0, *accumulate(by_day[day] for day in self._days)]
        self._absent = sorted(day for day in set(absent) if day not in by_day)

    def adding(self, stretch: Stretch) -> "Tally":
        """The same with one more stretch worked."""
        by_day = dict(self.by_day)
        _add(by_day, stretch)
        return Tally(by_day, self._absent)

    def minutes(self, first: date, days: int) -> int:
        """Working minutes on `days` days from `first`."""
        low = bisect_left(self._days, first.toordinal())
        high = bisect_left(self._days, first.toordinal() + days)
        return self._totals[high] - self._totals[low]

    def absent_days(self, first: date, days: int) -> int:
        """Whole days of leave or sickness without work."""
        start = first.toordinal()
        return bisect_left(self._absent, start + days) - bisect_left(self._absent, start)

    def first_absence(self) -> date | None:
        """The earliest day of leave or sickness on record."""
        return date.fromordinal(self._absent[0]) if self._absent else None

    def next_worked(self, after: date, days: int) -> tuple[int, int]:
        """Minutes of the next `days` worked days from `after`, and how many are not on record."""
        low = bisect_left(self._days, after.toordinal())
        high = min(low + days, len(self._days))
        return self._totals[high] - self._totals[low], days - (high - low)


class Ledger:
    """Everything a person is busy with, merged and sorted."""

    __slots__ = ("_nights", "_tallies", "absences", "busy", "work")

    def __init__(self, busy: Iterable[BusyTime]) -> None:
        self.busy = sorted(
            (b for b in busy if b.ends_at > b.starts_at), key=lambda b: (b.starts_at, b.ends_at)
        )
        self.work = _merged(self.busy, WORK_KINDS)
        self.absences = [b for b in self.busy if b.kind not in WORK_KINDS]
        self._tallies: dict[frozenset[HoursKind], Tally] = {}
        self._nights: dict[tuple[int, int, int], list[bool]] = {}

    def tally(self, kinds: frozenset[HoursKind] = WORK_KINDS) -> Tally:
        """Working minutes by day, of some kinds of work only where asked."""
        if kinds not in self._tallies:
            by_day: dict[int, int] = {}
            for stretch in self.work if kinds == WORK_KINDS else _merged(self.busy, kinds):
                _add(by_day, stretch)
            self._tallies[kinds] = Tally(by_day, self._absent_days())
        return self._tallies[kinds]

    def nights(self, from_hour: int, until_hour: int, least: int) -> list[bool]:
        """For each stretch of `work`, whether at least `least` minutes of it are at night."""
        key = (from_hour, until_hour, least)
        if key not in self._nights:
            self._nights[key] = [bool(nights_of(s, *key)) for s in self.work]
        return self._nights[key]

    def _absent_days(self) -> Iterable[int]:
        for absence in self.absences:
            if absence.all_day:
                first = london_day(absence.starts_at)
                for day in days_through(first, last_london_day(absence.ends_at)):
                    yield day.toordinal()


@dataclass(frozen=True, slots=True)
class Trial:
    """The ledger as it would be with the shift worked."""

    ledger: Ledger
    shift: Stretch
    stretches: Sequence[Stretch]
    """All work with the shift, by start."""
    at: int
    """Where the shift is in `stretches`."""
    tally: Tally


def trial_of(ledger: Ledger, shift: Stretch) -> Trial:
    """Put the shift into the ledger."""
    at = bisect_right(ledger.work, shift.starts_at, key=_start)
    stretches = [*ledger.work[:at], shift, *ledger.work[at:]]
    return Trial(ledger, shift, stretches, at, ledger.tally().adding(shift))


def between(stretches: Sequence[Stretch], start: datetime, end: datetime) -> Sequence[Stretch]:
    """The stretches, sorted and apart, that have time between the two moments."""
    low = bisect_right(stretches, start, key=_start)
    if low and stretches[low - 1].ends_at > start:
        low -= 1
    return stretches[low : bisect_left(stretches, end, key=_start)]


def nights_of(stretch: Stretch, from_hour: int, until_hour: int, least: int) -> list[date]:
    """The nights, each by the day on which it begins, in which at least `least` minutes lie."""
    found = []
    for day in days_through(stretch.first_day - _DAY, stretch.last_day):
        begins = max(at_hour(day, from_hour), stretch.starts_at)
        ends = min(at_hour(day + _DAY, until_hour), stretch.ends_at)
        if minutes_between(begins, ends) >= least:
            found.append(day)
    return found


def _start(stretch: Stretch) -> datetime:
    return stretch.starts_at


def _add(by_day: dict[int, int], stretch: Stretch) -> None:
    for day, minutes in minutes_by_day(stretch):
        ordinal = day.toordinal()
        by_day[ordinal] = by_day.get(ordinal, 0) + minutes


def _merged(busy: Iterable[BusyTime], kinds: frozenset[HoursKind]) -> list[Stretch]:
    """Stretches of these kinds by start; those that overlap become one."""
    merged: list[Stretch] = []
    for item in busy:
        if item.kind not in kinds:
            continue
        new = Stretch(utc(item.starts_at), utc(item.ends_at), item.minutes)
        if merged and new.starts_at < merged[-1].ends_at:
            merged[-1] = _joined(merged[-1], new)
        else:
            merged.append(new)
    return merged


def _joined(first: Stretch, second: Stretch) -> Stretch:
    if first.starts_at == second.starts_at or second.ends_at <= first.ends_at:
        end = max(first.ends_at, second.ends_at)
        return Stretch(first.starts_at, end, max(first.minutes, second.minutes))
    elapsed = minutes_between(first.starts_at, second.ends_at)
    return Stretch(first.starts_at, second.ends_at, min(first.minutes + second.minutes, elapsed))
