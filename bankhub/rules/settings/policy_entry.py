"""Can this be a policy version, as it was sent?

Every version says who decided it and where that is written down, and holds from a day that has not
passed: what was done under another policy stays done. Amounts, times and shares are never below
nothing; a cascade has rules of its own (`rules.cascade.cascade_preview`).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

LONGEST_SOURCE = 500
LARGEST = 10_000_000
MOST_YEARS_AHEAD = 10


def wrong_entry(source: str, *, from_on: date, today: date) -> dict[str, list[str]]:
    """Messages by field about who decided the version and from when it holds."""
    wrong: dict[str, list[str]] = {}
    if not source.strip():
        wrong["source"] = ["Say who decided it and where that is written down."]
    elif len(source) > LONGEST_SOURCE:
        wrong["source"] = [f"Use {LONGEST_SOURCE} characters at most."]
    if from_on < today:
        wrong["from_on"] = ["A version holds from today at the earliest."]
    elif from_on.year > today.year + MOST_YEARS_AHEAD:
        wrong["from_on"] = [f"is more than {MOST_YEARS_AHEAD} years ahead"]
    return wrong


def wrong_numbers(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Messages by value, named by its way through the groups: `steps[0].bank_step_minutes`."""
    return {
        path: [f"must be between 0 and {LARGEST:,}"]
        for path, number in _numbers(values, "")
        if not 0 <= number <= LARGEST
    }


def _numbers(value: Any, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _numbers(inner, f"{path}.{name}".strip("."))
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value):
            yield from _numbers(inner, f"{path}[{place}]")
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, value
