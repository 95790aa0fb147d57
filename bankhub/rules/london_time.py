"""London calendar arithmetic for the rules: days, weeks and clock hours as UTC moments.

Durations are always the difference of two UTC moments: the two clock-change nights have an hour
more or less than the wall clock says.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from bankhub.rules.shift_times import LONDON, london, london_day

_INSTANT, _MINUTE = timedelta(microseconds=1), timedelta(minutes=1)


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, so that subtracting it from another counts elapsed time."""
    return moment.astimezone(UTC)


def minutes_between(start: datetime, end: datetime) -> int:
    """Elapsed whole minutes between two UTC moments; negative where `end` is the earlier."""
    return (end - start) // _MINUTE


def last_london_day(end: datetime) -> date:
    """The last London day of a stretch that ends at `end`; ending at midnight is the day before."""
    return london_day(end - _INSTANT)


def london_hour(moment: datetime) -> float:
    """Clock time as hours after midnight, e.g. 15.5."""
    local = london(moment)
    return local.hour + local.minute / 60


def monday_of(day: date) -> date:
    """Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=16384)
def at_hour(day: date, hour: int = 0) -> datetime:
    """The UTC moment at which London clocks show `hour` on `day`."""
    return datetime.combine(day, time(hour), tzinfo=LONDON).astimezone(UTC)


def days_through(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for step in range((last - first).days + 1):
        yield first + timedelta(days=step)


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (following - timedelta(days=1)).day))


def age_on(day: date, born: date) -> int:
    """Whole years of age on `day`; somebody born on 29 February ages on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
