"""How many hours a week on average, over every reference period that holds the shift?

Rule in plain English. Working time may not exceed 48 hours a week on average over any 17 weeks in
a row (Working Time Regulations 1998, reg 4; 26 for doctors in training), unless the person agreed
in writing (reg 5). Every period that holds the shift's week is looked at, those ahead as well as
those behind: what is already booked for later weeks counts now. Whole days of leave and sickness
are left out and replaced by as many worked days straight after the period (reg 4(6): (A + B) / C);
where those are not on record yet and could decide, the answer says so. A doctor on the 2016 terms
who opted out stays under 56 hours. Night workers average at most 8 hours in 24, taken over six
days a week, and cannot opt out (reg 6).
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bankhub.model.work_policy import AveragePolicy, NightPolicy
from bankhub.rules.eligibility.ledger import Tally, Trial, nights_of
from bankhub.rules.london_time import at_hour, monday_of
from bankhub.rules.reason_codes import Code, because
from bankhub.rules.shift_times import hours_text
from bankhub.rules.wording import said_day
from passport.errors import Cure, Reason

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """One reference period: A + B, and how many of B's days are not on record."""

    first: date
    minutes: int
    replaced_days: int
    missing_days: int


def window_from(tally: Tally, first: date, weeks: int) -> Window:
    """Working time of the period, with days of absence replaced by worked days after it."""
    absent = tally.absent_days(first, 7 * weeks)
    instead, missing = tally.next_worked(first + weeks * _WEEK, absent) if absent else (0, 0)
    return Window(first, tally.minutes(first, 7 * weeks) + instead, absent, missing)


def affected_windows(trial: Trial, weeks: int) -> Iterator[Window]:
    """Every period of whole weeks whose working time the shift is part of.

    Those that hold the shift; and earlier ones in which the shift replaces a day of absence.
    """
    first, last = monday_of(trial.shift.first_day), monday_of(trial.shift.last_day)
    monday = first - (weeks - 1) * _WEEK
    while monday <= last:
        yield window_from(trial.tally, monday, weeks)
        monday += _WEEK
    absence = trial.tally.first_absence()
    monday = first - weeks * _WEEK
    before = trial.ledger.tally()
    while absence is not None and monday + weeks * _WEEK > absence:
        window = window_from(trial.tally, monday, weeks)
        if window.replaced_days and window.minutes > window_from(before, monday, weeks).minutes:
            yield window
        monday -= _WEEK


def over_average(
    trial: Trial, policy: AveragePolicy, *, weeks: int, limit: int, code: Code
) -> Iterator[Reason]:
    """The worst period above `limit` minutes a week; or a note when leave leaves it open."""
    windows = list(affected_windows(trial, weeks))
    worst = max(windows, key=lambda window: window.minutes)
    if worst.minutes > limit * weeks:
        average = -(-worst.minutes // weeks)
        yield because(
            code,
            f"With this shift you would work {hours_text(average)} a week on average in the "
            f"{weeks} weeks from {said_day(worst.first)}; the limit is {hours_text(limit)}.",
            {
                "window_from_on": worst.first.isoformat(),
                "weeks": weeks,
                "average_minutes": average,
                "limit_minutes": limit,
                "replaced_days": worst.replaced_days,
            },
            _average_cure(code),
        )
    elif any(
        window.minutes + window.missing_days * policy.unknown_day_minutes > limit * weeks
        for window in windows
    ):
        yield because(
            Code.NOT_CHECKED,
            "Your average hours include days of leave or sickness whose replacement days are "
            "not on record yet, so the average is not certain.",
            {"rule": "average_after_absence", "weeks": weeks},
        )


def _average_cure(code: Code) -> Cure:
    if code is Code.AVERAGE_HOURS:
        return Cure("Give up hours in those weeks, or sign the 48-hour opt-out")
    return Cure("Give up hours in those weeks, or ask the bank office")


def over_night_average(trial: Trial, policy: NightPolicy, weeks: int) -> Iterator[Reason]:
    """The worst period in which the person is a night worker and averages too much a day."""
    limit = policy.average_minutes_per_24_hours * policy.average_days_per_week * weeks
    last, periods = monday_of(trial.shift.last_day), []
    monday = monday_of(trial.shift.first_day) - (weeks - 1) * _WEEK
    while monday <= last:
        minutes = trial.tally.minutes(monday, 7 * weeks)
        if minutes > limit and _night_worker(trial, policy, monday, weeks):
            periods.append((minutes, monday))
        monday += _WEEK
    if periods:
        minutes, first = max(periods)
        daily = -(-minutes // (policy.average_days_per_week * weeks))
        yield because(
            Code.NIGHT_AVERAGE,
            f"As a night worker you would average {hours_text(daily)} in 24 hours in the {weeks} "
            f"weeks from {said_day(first)}; the limit is "
            f"{hours_text(policy.average_minutes_per_24_hours)}, with no opt-out.",
            {
                "window_from_on": first.isoformat(),
                "weeks": weeks,
                "average_minutes": daily,
                "limit_minutes": policy.average_minutes_per_24_hours,
            },
            Cure("Give up hours in those weeks"),
        )


def _night_worker(trial: Trial, policy: NightPolicy, monday: date, weeks: int) -> bool:
    """Whether enough of the stretches in the period are night shifts."""
    hours = (policy.from_hour, policy.until_hour, policy.night_shift_minutes)
    start, end = at_hour(monday), at_hour(monday + weeks * _WEEK)
    low, high = (bisect_left(trial.ledger.work, m, key=lambda s: s.starts_at) for m in (start, end))
    nights = sum(trial.ledger.nights(*hours)[low:high])
    stretches = high - low
    if start <= trial.shift.starts_at < end:
        nights += bool(nights_of(trial.shift, *hours))
        stretches += 1
    return 100 * nights >= policy.night_worker_share_percent * stretches
