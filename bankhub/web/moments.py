"""Days and times typed in London, into moments."""

from datetime import date, datetime, time

from bankhub.rules.shift_times import Occurrence, from_london, london
from passport.errors import Invalid, Reason

REPEATED = "repeated_hour"


def time_of(text: str | None, field: str) -> time:
    """A time as `HH:MM`. Raises `Invalid` on `field` for anything else."""
    try:
        return time.fromisoformat(text or "").replace(tzinfo=None)
    except ValueError:
        raise Invalid("not_a_time", fields={field: ["Enter a time."]}) from None


def occurrence_of(text: str | None) -> Occurrence | None:
    """Which of the two hours is meant, where the clock shows one twice."""
    return Occurrence(text) if text in [one.value for one in Occurrence] else None


def moment_of(day: date, at: time, name: str, occurrence: Occurrence | None = None) -> datetime:
    """The moment of a London wall-clock time. Raises `Invalid` for the missing hour on `NAME_at`,
    and for the repeated one on `NAME_occurrence` until `occurrence` says which."""
    found = from_london(day, at, occurrence=occurrence)
    if isinstance(found, Reason):
        field = "occurrence" if found.code == REPEATED else "at"
        said = f"{found.text} {found.cure.act}" if found.cure else found.text
        raise Invalid(found.code, fields={f"{name}_{field}": [said]})
    return found


def is_repeated(day: date, at: time) -> bool:
    """Whether the clock shows this time twice on the day."""
    found = from_london(day, at)
    return isinstance(found, Reason) and found.code == REPEATED


def pass_of(moment: datetime) -> str:
    """Which pass of the repeated hour a stored moment is in; harmless on every other hour."""
    return (Occurrence.SECOND if london(moment).fold else Occurrence.FIRST).value
