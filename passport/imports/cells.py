"""What a cell says: dates, numbers, yes and no, and what to tell where it says something else."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

T = TypeVar("T")

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ]00:00(?::00)?)?"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4})(?: 00:00(?::00)?)?"),
    re.compile(r"(?P<day>\d{1,2})[- ](?P<month>[A-Za-z]{3})[a-z]*[- ](?P<year>\d{4})"),
)
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})


class CellProblem(Exception):
    """What a cell says cannot be understood; the message says what is expected."""


def read_date(text: str) -> date | None:
    """`2026-03-31`, `20260331`, `31/03/2026` (day first) or `31-Mar-2026`; empty is None."""
    if not text:
        return None
    for form in _DATES:
        if found := form.fullmatch(text):
            try:
                month = _MONTHS.get(found["month"][:3].lower()) or int(found["month"])
                return date(int(found["year"]), month, int(found["day"]))
            except ValueError:
                raise CellProblem(f"there is no day {text}") from None
    raise CellProblem(f"“{text}” is not a date: write 2026-03-31 or 31/03/2026")


def read_degrees(text: str) -> float | None:
    """Degrees with a decimal point; empty is None."""
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,3}(?:\.\d+)?", text):
        raise CellProblem(f"“{text}” is not a number of degrees: write 53.4621")
    return float(text)


def read_hours(text: str) -> float | None:
    """Hours a week with up to two decimals; empty is None."""
    if not text:
        return None
    if not re.fullmatch(r"\d{1,3}(?:\.\d{1,2})?", text) or float(text) > 168:
        raise CellProblem(f"“{text}” is not a number of hours a week: write 37.5")
    return float(text)


def read_yes_no(text: str) -> bool | None:
    """`yes` or `no` (also y, n, true, false, 1, 0); empty is None."""
    if not text:
        return None
    word = text.casefold()
    if word not in _YES | _NO:
        raise CellProblem(f"“{text}” is not yes or no")
    return word in _YES


class Cells:
    """One row's cells, read by name; what cannot be understood is gathered, all at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[str] = []

    def has(self, *names: str) -> bool:
        """Whether the file has any of these columns."""
        return any(name in self.values for name in names)

    def text(self, *names: str) -> str:
        """The first of these columns that is there and filled; empty where none is."""
        return next((self.values[name] for name in names if self.values.get(name)), "")

    def read(self, kind: Callable[[str], T | None], *names: str) -> T | None:
        """The first filled of these columns through a reader of this module."""
        name = next((name for name in names if self.values.get(name)), None)
        if name is None:
            return None
        try:
            return kind(self.values[name])
        except CellProblem as problem:
            self.problems.append(f"{name}: {problem}")
            return None
