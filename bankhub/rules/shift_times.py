"""Which moments does a wall-clock entry mean, and which London day and week is a moment in?

Staff write and read wall-clock times in Europe/London; everything is stored in UTC. On the last
Sunday of March the hour from 01:00 does not exist and is refused; on the last Sunday of October
it happens twice and the entry must say which. Length is always elapsed time, so the night shift
19:30-08:00 is 13.5 hours in October and 11.5 in March. Summer Time Act 1972 and the Summer Time
Order 2002; weeks run Monday to Sunday and a shift belongs to the day on which it starts (NHS
temporary staffing returns).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from bankhub.model.request_policy import RequestPolicy
from passport.errors import Cure, Reason

LONDON = ZoneInfo("Europe/London")
_DAY = timedelta(days=1)


class Occurrence(StrEnum):
    """Which pass of the hour that happens twice in October."""

    FIRST = "first"
    """British Summer Time."""
    SECOND = "second"
    """Greenwich Mean Time."""


class LeadBand(StrEnum):
    """How long before its start a shift was authorised, as reported."""

    FROM_42_DAYS = "from_42_days"
    FROM_28_DAYS = "from_28_days"
    FROM_14_DAYS = "from_14_days"
    FROM_7_DAYS = "from_7_days"
    FROM_24_HOURS = "from_24_hours"
    UNDER_24_HOURS = "under_24_hours"
    AFTER_START = "after_start"


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to a later one, both UTC."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """Elapsed minutes."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


def from_london(day: date, at: time, *, occurrence: Occurrence | None = None) -> datetime | Reason:
    """The UTC moment of a London wall-clock time.

    `missing_hour` when the clock never showed it, `repeated_hour` when it did twice and
    `occurrence` does not say which. `occurrence` is ignored on every other hour.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), LONDON)
    first = wall.astimezone(UTC)
    second = wall.replace(fold=1).astimezone(UTC)
    evidence = {"day": day.isoformat(), "time": f"{at:%H:%M}"}
    if second < first:
        return Reason(
            "missing_hour",
            evidence,
            Cure("Choose a time before 01:00 or from 02:00."),
            text=f"The clocks go forward: {at:%H:%M} does not exist on {day:%d %B %Y}.",
        )
    if first == second or occurrence is Occurrence.FIRST:
        return first
    if occurrence is Occurrence.SECOND:
        return second
    return Reason(
        "repeated_hour",
        {**evidence, "first": first.isoformat(), "second": second.isoformat()},
        Cure("Say whether it is the first (summer time) or the second (winter time)."),
        text=f"The clocks go back: {at:%H:%M} happens twice on {day:%d %B %Y}.",
    )


def span_from_london(
    day: date,
    start: time,
    end: time,
    *,
    policy: RequestPolicy,
    start_occurrence: Occurrence | None = None,
    end_occurrence: Occurrence | None = None,
) -> Span | list[Reason]:
    """The span a shift entry means: `end` not after `start` is on the next London day.

    All reasons at once: those of `from_london` for each end, `full_day` for a shift of 24 hours
    or more, `too_long` for one above the policy's maximum of elapsed minutes.
    """
    starts_at = from_london(day, start, occurrence=start_occurrence)
    ends_at = from_london(day, end, occurrence=end_occurrence)
    same_day = end > start or (
        # 01:45 in the first pass to 01:15 in the second is half an hour, not a day.
        start_occurrence is Occurrence.FIRST
        and end_occurrence is Occurrence.SECOND
        and isinstance(starts_at, datetime)
        and isinstance(ends_at, datetime)
        and starts_at < ends_at
    )
    if not same_day:
        ends_at = from_london(day + _DAY, end, occurrence=end_occurrence)
    if isinstance(starts_at, datetime) and isinstance(ends_at, datetime):
        reasons = _why_not_length(starts_at, ends_at, start == end and not same_day, policy)
        return reasons or Span(starts_at, ends_at)
    return [found for found in (starts_at, ends_at) if isinstance(found, Reason)]


def _why_not_length(
    starts_at: datetime, ends_at: datetime, same_clock_time: bool, policy: RequestPolicy
) -> list[Reason]:
    minutes = (ends_at - starts_at) // timedelta(minutes=1)
    evidence = {"minutes": minutes, "maximum_minutes": policy.maximum_shift_minutes}
    if minutes <= 0:
        return [
            Reason(
                "ends_before_start",
                evidence,
                Cure("Check the times, and which pass of the repeated hour is meant."),
                text="The shift ends before it starts.",
            )
        ]
    if same_clock_time or minutes >= _DAY // timedelta(minutes=1):
        return [
            Reason(
                "full_day",
                evidence,
                Cure("Enter a shorter shift, or several shifts."),
                text="A shift must be shorter than 24 hours.",
            )
        ]
    return why_not_this_long(minutes, policy)


def why_not_this_long(minutes: int, policy: RequestPolicy) -> list[Reason]:
    """`too_long` when elapsed `minutes` are above the policy's maximum."""
    if minutes <= policy.maximum_shift_minutes:
        return []
    return [
        Reason(
            "too_long",
            {"minutes": minutes, "maximum_minutes": policy.maximum_shift_minutes},
            Cure("Enter a shorter shift, or several shifts."),
            text=f"The shift is {hours_text(minutes)} long; "
            f"the longest allowed is {hours_text(policy.maximum_shift_minutes)}.",
        )
    ]


def default_unpaid_break(starts_at: datetime, ends_at: datetime, policy: RequestPolicy) -> int:
    """Unpaid break in minutes, by the length on the wall clock.

    The wall clock, because a break is rostered: the March night keeps its hour of break although
    only 11.5 hours pass.
    """
    wall = (_wall(ends_at) - _wall(starts_at)) // timedelta(minutes=1)
    fitting = [rule for rule in policy.unpaid_breaks if rule.from_minutes <= wall]
    return max(fitting, key=lambda rule: rule.from_minutes).unpaid_minutes if fitting else 0


def london(moment: datetime) -> datetime:
    """The moment as a London clock shows it."""
    return moment.astimezone(LONDON)


@lru_cache(maxsize=65_536)
def london_day(moment: datetime) -> date:
    """The London day the moment is in."""
    return london(moment).date()


def clock_text(moment: datetime) -> str:
    """`19:30`; in the hour that happens twice `01:30 BST` or `01:30 GMT`."""
    here = london(moment)
    twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return f"{here:%H:%M} {here:%Z}" if twice else f"{here:%H:%M}"


def hours_text(minutes: int) -> str:
    """`12 h` or `12 h 30 min`."""
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def week_of(moment: datetime) -> date:
    """Monday of the London week the moment is in."""
    day = london_day(moment)
    return day - timedelta(days=day.weekday())


def week_span(monday: date) -> tuple[datetime, datetime]:
    """UTC start of the London week, and of the next one. Any day stands for its week."""
    first = monday - timedelta(days=monday.weekday())
    return _midnight(first), _midnight(first + timedelta(days=7))


def lead_band(authorised_at: datetime, starts_at: datetime) -> LeadBand:
    """How long before its start the shift was authorised.

    Days are counted on the London wall clock, so that six weeks to the minute are 42 days also
    over a clock change; the 24 hours are elapsed.
    """
    elapsed = starts_at.astimezone(UTC) - authorised_at.astimezone(UTC)
    if elapsed <= timedelta(0):
        return LeadBand.AFTER_START
    if elapsed < _DAY:
        return LeadBand.UNDER_24_HOURS
    days = (_wall(starts_at) - _wall(authorised_at)).days
    for least, band in (
        (42, LeadBand.FROM_42_DAYS),
        (28, LeadBand.FROM_28_DAYS),
        (14, LeadBand.FROM_14_DAYS),
        (7, LeadBand.FROM_7_DAYS),
    ):
        if days >= least:
            return band
    return LeadBand.FROM_24_HOURS


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def _wall(moment: datetime) -> datetime:
    return london(moment).replace(tzinfo=None)
