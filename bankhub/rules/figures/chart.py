"""Where does each bar of the fill-by-week chart stand, and what does the chart say in words?

One bar for each London week, stacked from the bottom: own bank, partner banks, framework agency,
off-framework, unfilled. The whole bar is what was requested. Each part has a pattern of its own,
so that nothing is told by colour alone (WCAG 2.2, 1.4.1), and a sentence; the summary gives the
lowest and the highest week, for those who do not see the bars. A week without demand keeps its
place and stays empty. Coordinates are SVG user units, y downwards.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bankhub.model.fill_values import FillUnit, Partition
from bankhub.model.vocabulary import FillBucket
from bankhub.rules.figures.fill_rate import size

_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 12.0, 12.0, 40.0
"""Room for tick labels at the left and week labels below."""
_BAR_SHARE = 0.7
_MOST_TICKS = 5

WORDS: Mapping[FillBucket, str] = {
    FillBucket.OWN_BANK: "own bank",
    FillBucket.PARTNER_BANK: "partner banks",
    FillBucket.FRAMEWORK_AGENCY: "framework agency",
    FillBucket.OFF_FRAMEWORK: "off-framework agency",
    FillBucket.UNFILLED: "unfilled",
}
"""How screens call the parts."""

PATTERNS: Mapping[FillBucket, str] = {
    FillBucket.OWN_BANK: "solid",
    FillBucket.PARTNER_BANK: "diagonal",
    FillBucket.FRAMEWORK_AGENCY: "dots",
    FillBucket.OFF_FRAMEWORK: "crosshatch",
    FillBucket.UNFILLED: "hollow",
}
"""Names of the fill patterns the page defines."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of one week's bar."""

    x: float
    y: float
    width: float
    height: float
    week: date
    bucket: FillBucket
    pattern: str
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: `at` is y on the amount axis and x on the week axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend."""

    bucket: FillBucket
    pattern: str
    words: str


@dataclass(frozen=True, slots=True)
class FillChart:
    """Everything a template needs to draw the chart."""

    width: int
    height: int
    plot: tuple[float, float, float, float]
    """Left, top, right and bottom of the part the bars stand in."""
    unit: FillUnit
    bars: tuple[Bar, ...]
    amounts: tuple[Tick, ...]
    weeks: tuple[Tick, ...]
    legend: tuple[Key, ...]
    summary: str


def fill_chart(
    weeks: Mapping[date, Partition],
    unit: FillUnit,
    *,
    width: int = 720,
    height: int = 320,
    most_week_labels: int = 8,
) -> FillChart:
    """The chart of fill by week; keys are the Mondays. Narrow screens get fewer week labels."""
    plot = left, top, right, bottom = _LEFT, _TOP, width - _RIGHT, height - _BOTTOM
    mondays = list(_every_week(weeks))
    highest = max((size(part.requested, unit) for part in weeks.values()), default=0)
    step = _step(highest, unit)
    scale_top = step * max(1, -(-highest // step))
    slot = (right - left) / max(1, len(mondays))
    label_every = max(1, -(-len(mondays) // most_week_labels))
    return FillChart(
        width=width,
        height=height,
        plot=plot,
        unit=unit,
        bars=tuple(_bars(mondays, weeks, unit, plot, scale_top)),
        amounts=tuple(
            Tick(round(bottom - (bottom - top) * amount / scale_top, 2), _amount(amount, unit))
            for amount in range(0, scale_top + 1, step)
        ),
        weeks=tuple(
            Tick(round(left + slot * (place + 0.5), 2), f"{monday.day} {monday:%b}")
            for place, monday in enumerate(mondays)
            if place % label_every == 0
        ),
        legend=tuple(
            Key(bucket, PATTERNS[bucket], WORDS[bucket].capitalize()) for bucket in FillBucket
        ),
        summary=_summary(weeks, unit),
    )


def percent_text(part: int, whole: int) -> str:
    """A whole per cent; 100% only when it is all, 0% only when it is nothing."""
    rounded = round(100 * part / whole)
    return f"{rounded if part in (0, whole) else min(99, max(1, rounded))}%"


def _bars(
    mondays: list[date],
    weeks: Mapping[date, Partition],
    unit: FillUnit,
    plot: tuple[float, float, float, float],
    scale_top: int,
) -> Iterator[Bar]:
    """Edges are rounded, not heights, so that the parts of a bar leave no gap between them."""
    left, top, right, bottom = plot
    slot = (right - left) / max(1, len(mondays))
    for place, monday in enumerate(mondays):
        parts = weeks.get(monday, Partition())
        requested = _amount(size(parts.requested, unit), unit)
        below, lower = 0, bottom
        for bucket in FillBucket:
            amount = size(parts.of(bucket), unit)
            below += amount
            upper = round(bottom - below * (bottom - top) / scale_top, 2)
            if amount:
                yield Bar(
                    x=round(left + slot * (place + (1 - _BAR_SHARE) / 2), 2),
                    y=upper,
                    width=round(slot * _BAR_SHARE, 2),
                    height=round(lower - upper, 2),
                    week=monday,
                    bucket=bucket,
                    pattern=PATTERNS[bucket],
                    words=f"Week of {_day(monday)}: {WORDS[bucket]} "
                    f"{_amount(amount, unit)} of {requested} {unit}",
                )
            lower = upper


def _every_week(weeks: Mapping[date, Partition]) -> Iterator[date]:
    if weeks:
        monday = min(weeks)
        while monday <= max(weeks):
            yield monday
            monday += timedelta(days=7)


def _step(highest: int, unit: FillUnit) -> int:
    """1, 2 or 5 times a power of ten, so that at most `_MOST_TICKS` steps reach the top."""
    one = 1 if unit is FillUnit.SHIFTS else 60
    power = one
    while True:
        for times in (1, 2, 5):
            if highest <= _MOST_TICKS * times * power:
                return times * power
        power *= 10


def _summary(weeks: Mapping[date, Partition], unit: FillUnit) -> str:
    demand = {monday: parts for monday, parts in weeks.items() if size(parts.requested, unit)}
    if not demand:
        return f"No {unit} were requested in these weeks."

    def filled(monday: date) -> tuple[int, int]:
        requested = size(demand[monday].requested, unit)
        return requested - size(demand[monday].unfilled, unit), requested

    def rate(monday: date) -> float:
        part, whole = filled(monday)
        return part / whole

    lowest, highest = min(sorted(demand), key=rate), max(sorted(demand), key=rate)
    what = f"Temporary fill rate in {unit}"
    if rate(lowest) == rate(highest):
        when = f"in the week of {_day(lowest)}" if len(demand) == 1 else "in every week"
        return f"{what}: {percent_text(*filled(lowest))} {when}."
    return (
        f"{what}: lowest {percent_text(*filled(lowest))} in the week of {_day(lowest)}, "
        f"highest {percent_text(*filled(highest))} in the week of {_day(highest)}."
    )


def _amount(amount: int, unit: FillUnit) -> str:
    return f"{amount if unit is FillUnit.SHIFTS else round(amount / 60):,}"


def _day(monday: date) -> str:
    return f"{monday.day} {monday:%B %Y}"
