"""The limits of the 2016 terms for doctors in training (England, Schedule 3), by dated policy.

Rule in plain English. No more than 72 hours of work in any 168; no shift over 13 hours, elapsed,
so the October night counts 13.5; at most so many long shifts (over 10 hours), long late evenings
(long, from before 16:00 until after 23:00), nights and shifts of any kind on consecutive days;
48 hours of rest after a full run of any of them and 46 after nights; no more than so many weekends
in so many weeks. They are terms of a contract, so each can be lifted by a role, on record.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bankhub.model.work_policy import DoctorsLimits, NightPolicy
from bankhub.rules.eligibility.ledger import Stretch, Trial, between, nights_of
from bankhub.rules.eligibility.runs import Run, runs_around
from bankhub.rules.london_time import (
    at_hour,
    days_through,
    london_hour,
    minutes_between,
    monday_of,
)
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import hours_text
from bankhub.rules.wording import said_day, said_moment
from passport.errors import Cure, Reason

_CURE = Cure("Choose another shift, or ask the bank office whether it can be booked")
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class _RunLimit:
    """A kind of run, how long it may be, and the rest due after a run from some length on."""

    words: str
    days_of: Callable[[Stretch], Sequence[date]]
    most: int
    too_long: Code
    rest_from_days: int
    rest_minutes: int
    rest: Code


def doctors_reasons(trial: Trial, limits: DoctorsLimits, nights: NightPolicy) -> Iterator[Reason]:
    """Every limit of Schedule 3 that the shift would break."""
    yield from _shift_length(trial, limits)
    yield from _hours_in_window(trial, limits)
    for limit in _run_limits(limits, nights):
        yield from _run(trial, limit)
    yield from _weekends(trial, limits)


def _shift_length(trial: Trial, limits: DoctorsLimits) -> Iterator[Reason]:
    length = trial.shift.elapsed_minutes
    if length > limits.shift_minutes_max:
        yield because(
            Code.DOCTORS_SHIFT_LENGTH,
            f"The shift lasts {hours_text(length)}; a doctor's shift may last "
            f"{hours_text(limits.shift_minutes_max)}.",
            {"shift_minutes": length, "limit_minutes": limits.shift_minutes_max},
            _CURE,
        )


def _hours_in_window(trial: Trial, limits: DoctorsLimits) -> Iterator[Reason]:
    window, shift = timedelta(hours=limits.window_hours), trial.shift
    near = between(trial.stretches, shift.starts_at - window, shift.ends_at + window)
    # Work in a sliding window is greatest where one of its edges meets an edge of work.
    edges = {s.starts_at for s in near} | {s.ends_at - window for s in near}
    found = [
        (sum(_inside(s, edge, edge + window) for s in near), edge)
        for edge in edges
        if shift.starts_at - window < edge < shift.ends_at
    ]
    minutes, start = max(found)
    if minutes > limits.minutes_in_window_max:
        yield because(
            Code.DOCTORS_168_HOURS,
            f"In the {limits.window_hours} hours from {said_moment(start)} you would work "
            f"{hours_text(minutes)}; the limit is {hours_text(limits.minutes_in_window_max)}.",
            {
                "window_from_at": start.isoformat(),
                "worked_minutes": minutes,
                "limit_minutes": limits.minutes_in_window_max,
            },
            _CURE,
        )


def _inside(stretch: Stretch, start: datetime, end: datetime) -> int:
    part = minutes_between(max(start, stretch.starts_at), min(end, stretch.ends_at))
    return stretch.minutes * part // stretch.elapsed_minutes if part > 0 else 0


def _run_limits(limits: DoctorsLimits, nights: NightPolicy) -> Iterator[_RunLimit]:
    def long(stretch: Stretch) -> Sequence[date]:
        counts = stretch.elapsed_minutes > limits.long_shift_over_minutes
        return [stretch.first_day] if counts else []

    def late_evening(stretch: Stretch) -> Sequence[date]:
        starts_early = london_hour(stretch.starts_at) < limits.late_evening_starts_before_hour
        late = at_hour(stretch.first_day, limits.late_evening_ends_after_hour)
        return long(stretch) if starts_early and stretch.ends_at > late else []

    def night(stretch: Stretch) -> Sequence[date]:
        return nights_of(stretch, nights.from_hour, nights.until_hour, nights.night_shift_minutes)

    def any_shift(stretch: Stretch) -> Sequence[date]:
        return [stretch.first_day]

    rest = (limits.rest_after_run_minutes, Code.DOCTORS_REST_AFTER_RUN)
    most = limits.long_shifts_in_a_row_max
    yield _RunLimit("long shifts", long, most, Code.DOCTORS_LONG_SHIFTS, most, *rest)
    most = limits.late_evenings_in_a_row_max
    yield _RunLimit(
        "long late evenings", late_evening, most, Code.DOCTORS_LATE_EVENINGS, most, *rest
    )
    yield _RunLimit(
        "nights",
        night,
        limits.nights_in_a_row_max,
        Code.DOCTORS_NIGHTS_IN_A_ROW,
        limits.rest_after_nights_from_run,
        limits.rest_after_nights_minutes,
        Code.DOCTORS_REST_AFTER_NIGHTS,
    )
    most = limits.shifts_in_a_row_max
    yield _RunLimit("shifts", any_shift, most, Code.DOCTORS_SHIFTS_IN_A_ROW, most, *rest)


def _run(trial: Trial, limit: _RunLimit) -> Iterator[Reason]:
    around = runs_around(trial, limit.days_of, limit.most)
    if around.own is not None and around.own.days > limit.most:
        yield because(
            limit.too_long,
            f"You would work {around.own.days} {limit.words} in a row from "
            f"{said_day(around.own.first)}; the limit is {limit.most}.",
            {"run_from_on": around.own.first.isoformat(), "days": around.own.days},
            _CURE,
        )
    if around.before is not None:
        yield from _rest_after(around.before, trial.shift.starts_at, limit)
    if around.own is not None and around.next_start is not None:
        yield from _rest_after(around.own, around.next_start, limit)


def _rest_after(run: Run, next_start: datetime, limit: _RunLimit) -> Iterator[Reason]:
    rest = minutes_between(run.ends_at, next_start)
    if run.days >= limit.rest_from_days and rest < limit.rest_minutes:
        yield because(
            limit.rest,
            f"After {run.days} {limit.words} in a row {hours_text(limit.rest_minutes)} of rest "
            f"are due; it would be {hours_text(rest)}.",
            {
                "run_ends_at": run.ends_at.isoformat(),
                "kind": limit.words,
                "rest_minutes": rest,
                "required_minutes": limit.rest_minutes,
            },
            _CURE,
        )


def _weekends(trial: Trial, limits: DoctorsLimits) -> Iterator[Reason]:
    days = days_through(trial.shift.first_day, trial.shift.last_day)
    own = {monday_of(day) for day in days if day.weekday() >= _SATURDAY}
    if not own:
        return
    week, weekend = timedelta(days=7), timedelta(days=_SATURDAY)
    weeks = range(limits.weekend_weeks)
    worked = {
        monday + n * week
        for monday in own
        for n in range(1 - limits.weekend_weeks, limits.weekend_weeks)
        if trial.tally.minutes(monday + n * week + weekend, 2)
    }
    starts = {monday - n * week for monday in own for n in weeks}
    most, start = max((sum(start + n * week in worked for n in weeks), start) for start in starts)
    if most > limits.weekends_worked_max:
        yield because(
            Code.DOCTORS_WEEKENDS,
            f"You would work {most} weekends in the {limits.weekend_weeks} weeks from "
            f"{said_day(start)}; the limit is {limits.weekends_worked_max}.",
            {"window_from_on": start.isoformat(), "weekends": most},
            _CURE,
        )
