"""Which shifts does a pattern mean, and what is last week's shift next week?

The rule in plain English:

1. A pattern repeats by the London wall clock: the same times on the same weekdays, week after
   week, days that are to be left out skipped. On the two nights on which the clocks change the
   shift lasts an hour more or less; its times on the clock stay.
2. Copying a week moves each shift by whole weeks on the wall clock, never by 168 hours.
3. A time that does not exist on its day is refused with the reason. A time that happens twice
   means the first unless said otherwise, and the shift is marked, so that whoever posts can ask.
4. Nothing is posted into the past.
5. A copy brings the new week up to the old: what stands there already is not posted again.
6. A GP's session is priced by its length: two on one day are two, with the break between unpaid.

Sources: as `rules.shift_times`. A session of 4 hours 10 minutes: BMA model terms for salaried GPs;
how long it is comes from the organisation's pay policy.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from bankhub.model.request_policy import RequestPolicy
from bankhub.rules.shift_times import (
    Occurrence,
    Span,
    london,
    london_day,
    span_from_london,
)
from passport.errors import Cure, Reason

MOST_WEEKS = 26
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """London wall-clock times of a shift; an end that is not after the start is a day later."""

    starts: time
    ends: time
    unpaid_break_minutes: int | None = None
    """None = by the organisation's policy for a shift of this length."""
    shift_code: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    start_pass: Occurrence | None = None
    end_pass: Occurrence | None = None
    """Which pass of the hour that happens twice; None = nobody has said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Which days, and at what times on each."""

    first_week: date
    """Any day of the first week."""
    weeks: int
    times: Mapping[int, Sequence[Times]]
    """Weekday (Monday 0) → the shifts of that day."""
    every: int = 1
    """Every how many weeks."""
    skip: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Placed:
    """One shift of a pattern on one day: when it is, or why it cannot be."""

    day: date
    times: Times
    span: Span | None
    reasons: tuple[Reason, ...] = ()
    first_pass_taken: bool = False
    """A time of it happens twice that night and the first was taken: worth asking."""


def wrong_pattern(pattern: Pattern) -> dict[str, list[str]]:
    """What is wrong with the pattern itself: field → messages."""
    checks = (
        ("weeks", not 1 <= pattern.weeks <= MOST_WEEKS, f"repeat for 1 to {MOST_WEEKS} weeks"),
        ("every", not 1 <= pattern.every <= 4, "repeat every 1 to 4 weeks"),
        ("times", not any(pattern.times.values()), "choose a day and its times"),
        ("times", bool(set(pattern.times) - set(range(7))), "weekdays are 0 to 6"),
    )
    wrong: dict[str, list[str]] = {}
    for name, is_wrong, message in checks:
        if is_wrong:
            wrong.setdefault(name, []).append(message)
    return wrong


def spread(
    pattern: Pattern, *, policy_on: Callable[[date], RequestPolicy], now: datetime
) -> list[Placed]:
    """Every shift the pattern means, by day. Skipped days are left out."""
    monday = pattern.first_week - timedelta(days=pattern.first_week.weekday())
    days = (
        monday + week * _WEEK + timedelta(days=weekday)
        for week in range(0, pattern.weeks, pattern.every)
        for weekday in sorted(pattern.times)
    )
    return [
        place(day, times, policy=policy_on(day), now=now)
        for day in days
        if day not in pattern.skip
        for times in pattern.times[day.weekday()]
    ]


def place(day: date, times: Times, *, policy: RequestPolicy, now: datetime) -> Placed:
    """The shift of these times on that day."""
    found = _span(day, times, policy)
    marked = False
    if isinstance(found, list) and all(reason.code == "repeated_hour" for reason in found):
        first = Occurrence.FIRST
        known = Times(
            starts=times.starts,
            ends=times.ends,
            start_pass=times.start_pass or first,
            end_pass=times.end_pass or first,
        )
        found, marked = _span(day, known, policy), True
    if isinstance(found, list):
        return Placed(day, times, None, tuple(found))
    if found.starts_at <= now:
        return Placed(day, times, None, (_in_the_past(),))
    return Placed(day, times, found, first_pass_taken=marked)


def _span(day: date, times: Times, policy: RequestPolicy) -> Span | list[Reason]:
    return span_from_london(
        day,
        times.starts,
        times.ends,
        policy=policy,
        start_occurrence=times.start_pass,
        end_occurrence=times.end_pass,
    )


def _in_the_past() -> Reason:
    return Reason(
        "already_started",
        cure=Cure("Ask for it on its own: it is then marked as retrospective."),
        text="It has started already.",
    )


def moved(span: Span, weeks: int, *, policy: RequestPolicy, now: datetime) -> Placed:
    """The same shift by the wall clock so many weeks later."""
    starts, ends = london(span.starts_at), london(span.ends_at)
    times = Times(starts=_clock(starts), ends=_clock(ends))
    return place(london_day(span.starts_at) + weeks * _WEEK, times, policy=policy, now=now)


def _clock(moment: datetime) -> time:
    return moment.time().replace(tzinfo=None, fold=0)


def already_there(wanted: Sequence[Hashable], standing: Iterable[Hashable]) -> list[bool]:
    """For each wanted shift, whether one just like it stands already. Each standing one answers
    for one wanted."""
    left = Counter(standing)
    answers = []
    for one in wanted:
        answers.append(left[one] > 0)
        left[one] -= 1
    return answers
