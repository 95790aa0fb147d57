"""Moments, money and counts in words for people: the template filters.

Europe/London is for display only; every moment that comes in is aware.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

DATE_STYLES = {"short": "%a {} %b", "medium": "%a {} %b %Y", "long": "%A {} %B %Y"}


def london(moment: datetime) -> datetime:
    """The moment on a London wall clock. Refuses a naive one."""
    if moment.tzinfo is None:
        raise ValueError("naive datetime: every moment is aware UTC")
    return moment.astimezone(LONDON)


def _london_day(value: date) -> date:
    return london(value).date() if isinstance(value, datetime) else value


def london_date(value: date, style: Literal["short", "medium", "long"] = "medium") -> str:
    """`Tue 24 Nov 2026`; short without the year, long with whole words. Takes a moment or a day."""
    day = _london_day(value)
    return day.strftime(DATE_STYLES[style]).format(day.day)


def london_time(moment: datetime) -> str:
    """`19:30`; in the hour that occurs twice in autumn `01:30 BST` or `01:30 GMT`."""
    wall = london(moment)
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    return f"{wall:%H:%M %Z}" if twice else f"{wall:%H:%M}"


def london_span(starts: datetime, ends: datetime) -> str:
    """`07:00–19:30`; with `(+1 day)` where it ends on a later London day."""
    days = (_london_day(ends) - _london_day(starts)).days
    mark = f" (+{plural(days, 'day')})" if days else ""
    return f"{london_time(starts)}–{london_time(ends)}{mark}"


def london_when(value: date | str) -> str:
    """A day, a moment, or the ISO text of either, in words."""
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return f"{london_date(value)}, {london_time(value)}"
    return london_date(value)


def pounds(pence: int | Decimal) -> str:
    """Pence as `£1,234.56`; a debt as `−£5.00`."""
    amount = Decimal(pence) / 100
    return f"{'−' if amount < 0 else ''}£{abs(amount):,.2f}"


def minutes(count: int) -> str:
    """Minutes as `11 h 30 min`, `8 h` or `45 min`."""
    hours, rest = divmod(abs(count), 60)
    parts = [f"{hours:,} h"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} min")
    return ("−" if count < 0 else "") + " ".join(parts)


def plural(count: int, one: str, many: str = "") -> str:
    """`1 shift`, `3 shifts`; give `many` where an s does not do."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent(part: float | Decimal, whole: float | Decimal) -> str:
    """`72.3%` of the whole, halves rounded away from zero; `–` where there is no whole."""
    if not whole:
        return "–"
    share = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), "ROUND_HALF_UP")
    return f"{share}%"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "london_date": london_date,
    "london_time": london_time,
    "london_span": london_span,
    "london_when": london_when,
    "pounds": pounds,
    "minutes": minutes,
    "plural": plural,
    "percent": percent,
}
