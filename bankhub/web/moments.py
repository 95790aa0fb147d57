"""Days and times typed in London, into moments."""

from collections.abc import Mapping
from datetime import date, datetime, time

from bankhub.rules.shift_times import Occurrence, from_london
from passport.errors import Invalid, Reason
from passport.web.parsing import day_of


def time_of(text: str | None, field: str) -> time:
    """A time as `HH:MM`. Raises `Invalid` on `field` for anything else."""
    try:
        return time.fromisoformat(text or "").replace(tzinfo=None)
    except ValueError:
        raise Invalid("not_a_time", fields={field: ["Enter a time."]}) from None


def occurrence_of(text: str | None) -> Occurrence | None:
    """Which of the two hours is meant, where the clock shows one twice."""
    return Occurrence(text) if text in [one.value for one in Occurrence] else None


def moment_of(day: date, at: time, field: str, occurrence: Occurrence | None = None) -> datetime:
    """The moment of a London wall-clock time. Raises `Invalid` on `field` for the missing hour,
    and for the repeated one until `occurrence` says which."""
    found = from_london(day, at, occurrence=occurrence)
    if isinstance(found, Reason):
        raise Invalid(found.code, found.text, {field: [found.text]})
    return found


def moment_from_form(given: Mapping[str, str], name: str) -> datetime:
    """From the fields `NAME_on`, `NAME_at` and `NAME_occurrence`."""
    day = day_of(given.get(f"{name}_on"), f"{name}_on")
    at = time_of(given.get(f"{name}_at"), f"{name}_at")
    return moment_of(day, at, f"{name}_at", occurrence_of(given.get(f"{name}_occurrence")))
