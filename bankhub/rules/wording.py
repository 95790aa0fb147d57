"""How the engine's sentences say days and moments. London wall clock."""

from datetime import date, datetime

from bankhub.rules.shift_times import clock_text, london_day

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def said_day(day: date) -> str:
    """`Sun 25 October 2026`."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def said_moment(moment: datetime) -> str:
    """`Sun 25 October 2026, 19:30`."""
    return f"{said_day(london_day(moment))}, {clock_text(moment)}"
