"""What does one row of a roster ask for, and what has changed since it was last here?

The rule in plain English:

1. A vacant row asks for as many shifts as it names people; every other row asks for none. The
   roster's own reference says which shift is meant, also next month and after a change.
2. Times are the row's own, else those of its shift code. They are London wall-clock times: the
   hour that does not exist is refused, and the hour that happens twice is refused until the row
   says which pass it means. Leave and sickness by date are whole London days.
3. A column that the file does not have leaves what is on record. A break that the row does not
   state follows the times: it changes only when they do.
4. Somebody booked on a shift agreed to its times, so a file never moves a filled shift.
5. What a roster tells of a person it tells from a first to a last day. Days that no roster told of
   stay unknown, but for a week at most: nobody is on duty every day.

Sources: as `rules.shift_times`; the roster is the organisation's own and decides what it asks for.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from bankhub.model.request_policy import RequestFacts, RequestPolicy
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState
from bankhub.rules.london_time import at_hour
from bankhub.rules.shift_times import Occurrence, Span, london_day, span_from_london
from passport.errors import Cure, Reason

LONGEST_ABSENCE = timedelta(days=400)
NUMBER_MARK = "~"
"""Stands between a reference and the number of a further person asked for under it."""
_DAY_MINUTES = 24 * 60
_DAYS_OFF = timedelta(days=7)

Period = tuple[date, date]
"""First and last day."""


class RosterStatus(StrEnum):
    """What a row of a roster is."""

    VACANT = "vacant"
    FILLED = "filled"
    LEAVE = "leave"
    SICKNESS = "sickness"
    CANCELLED = "cancelled"
    FREE = "free"
    """A day off: nobody is asked for and nobody is busy."""


OF_A_PERSON = frozenset({RosterStatus.FILLED, RosterStatus.LEAVE, RosterStatus.SICKNESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTimes:
    """What an organisation's shift code stands for. London wall clock."""

    starts: time
    ends: time
    unpaid_break_minutes: int
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEntry:
    """One row, read but not yet compared with anything. Times are London wall clock."""

    line: int
    reference: str
    status: RosterStatus
    day: date
    last_day: date | None = None
    """Of an absence its last day; of anything else the day on which it ends."""
    unit_code: str = ""
    shift_code: str = ""
    starts: time | None = None
    ends: time | None = None
    start_pass: Occurrence | None = None
    end_pass: Occurrence | None = None
    unpaid_break_minutes: int | None = None
    role: str = ""
    grade: Grade | None = None
    fallback_grade: Grade | None = None
    skills: tuple[str, ...] = ()
    reason: RequestReason | None = None
    reason_text: str = ""
    post_number: str = ""
    review_on: date | None = None
    notes: str = ""
    people: int = 1
    assignment_number: str = ""
    stated: frozenset[str] = frozenset()
    """Our fields that the file has a column for."""

    @property
    def asked(self) -> int:
        """How many shifts the row asks for."""
        return self.people if self.status is RosterStatus.VACANT else 0

    @property
    def digest(self) -> str:
        """The same for two rows that say the same, wherever they stand."""
        said = [str(getattr(self, name)) for name in _SAID]
        said.append(",".join(sorted(self.stated)))
        return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16).hexdigest()


_SAID = tuple(
    name for name in RosterEntry.__dataclass_fields__ if name not in ("line", "stated")
)


def shift_references(reference: str, first: int, last: int) -> list[str]:
    """The references of the `first` to `last` shift of a row for several people."""
    return [
        reference if number == 1 else f"{reference}{NUMBER_MARK}{number}"
        for number in range(first, last + 1)
    ]


def why_not_ask(entry: RosterEntry) -> list[Reason]:
    """What a vacant row lacks."""
    lacking = (
        (not entry.unit_code, "unit"),
        (not entry.role, "role"),
        (entry.grade is None, "grade"),
        (entry.reason is None, "reason"),
    )
    return [
        Reason(f"{name}_missing", text=f"{name} is missing: a vacant shift needs it.")
        for lacks, name in lacking
        if lacks
    ]


def working_span(
    entry: RosterEntry, code: CodeTimes | None, policy: RequestPolicy
) -> Span | list[Reason]:
    """From when to when the row's work lasts, or all that is wrong with its times."""
    starts, ends = entry.starts, entry.ends
    if starts is None and ends is None and code is not None:
        starts, ends = code.starts, code.ends
    if starts is None or ends is None:
        return [_times_missing(entry)]
    span = span_from_london(
        entry.day,
        starts,
        ends,
        policy=policy,
        start_occurrence=entry.start_pass,
        end_occurrence=entry.end_pass,
    )
    if entry.last_day is None or entry.last_day == _end_day(entry, span, starts, ends):
        return span
    return [_wrong_end(entry, starts, ends)]


def stated_break(entry: RosterEntry, code: CodeTimes | None) -> int | None:
    """The row's unpaid break, else that of its code where the code's times are the row's."""
    if entry.unpaid_break_minutes is not None or code is None:
        return entry.unpaid_break_minutes
    own_times = (entry.starts, entry.ends)
    if own_times in ((None, None), (code.starts, code.ends)):
        return code.unpaid_break_minutes
    return None


def _end_day(entry: RosterEntry, span: Span | list[Reason], starts: time, ends: time) -> date:
    if isinstance(span, Span):
        return london_day(span.ends_at)
    return entry.day if ends > starts else entry.day + timedelta(days=1)


def _wrong_end(entry: RosterEntry, starts: time, ends: time) -> Reason:
    """The row names another end day than a shift from `starts` to `ends` has."""
    stated = entry.last_day or entry.day
    elapsed = datetime.combine(stated, ends) - datetime.combine(entry.day, starts)
    minutes = elapsed // timedelta(minutes=1)
    if minutes <= 0:
        return Reason(
            "ends_before_start", {"minutes": minutes}, text="The shift ends before it starts."
        )
    return Reason(
        "full_day",
        {"minutes": minutes, "maximum_minutes": _DAY_MINUTES},
        Cure("Enter a shorter shift, or several shifts."),
        text=f"The shift is {minutes // 60} hours long; it must be shorter than 24 hours.",
    )


def _times_missing(entry: RosterEntry) -> Reason:
    if entry.shift_code and entry.starts is None and entry.ends is None:
        return Reason(
            "shift_code_not_known",
            {"shift_code": entry.shift_code},
            Cure("Add the shift code, or state start and end."),
            text=f"The shift code {entry.shift_code} is not known here, and no times are stated.",
        )
    return Reason("times_missing", text="Start and end are missing, or a shift code.")


def absence_span(entry: RosterEntry) -> Span | list[Reason]:
    """The whole London days of leave or sickness."""
    last = last_day_of(entry)
    if last < entry.day:
        return [Reason("ends_before_start", text="The absence ends before it starts.")]
    if last - entry.day > LONGEST_ABSENCE:
        return [
            Reason(
                "too_long", text=f"An absence may last {LONGEST_ABSENCE.days} days at most here."
            )
        ]
    return Span(at_hour(entry.day), at_hour(last + timedelta(days=1)))


def last_day_of(entry: RosterEntry) -> date:
    """The last day the row says something of; an end at midnight is the day before."""
    stated = entry.last_day or entry.day
    over_days = entry.last_day is not None and stated > entry.day
    return stated - timedelta(days=1) if over_days and entry.ends == time(0) else stated


def is_all_day(entry: RosterEntry) -> bool:
    """Whether the row is an absence of whole days: by date alone, over several days, or from
    midnight to midnight. One with start and end on one day is of those hours."""
    if entry.status not in (RosterStatus.LEAVE, RosterStatus.SICKNESS):
        return False
    if entry.starts is None or entry.ends is None:
        return True
    whole = entry.starts == time(0) and entry.ends in (time(0), time(23, 59))
    return whole or entry.last_day not in (None, entry.day)


def any_length(policy: RequestPolicy) -> RequestPolicy:
    """For duties that were worked or are rostered: a fact is not refused for being long."""
    return replace(policy, maximum_shift_minutes=_DAY_MINUTES)


_ALWAYS = (
    "unit_id",
    "site_id",
    "staff_group",
    "role",
    "grade",
    "starts_at",
    "ends_at",
    "reason",
)
_WHERE_STATED: Mapping[str, str] = {
    "fallback_grade": "fallback_grade",
    "skills": "skills",
    "reason_text": "reason_text",
    "post_number": "post_number",
    "review_on": "review_date",
    "notes": "notes",
}
"""What is compared → the column without which it is left alone."""


def changes(
    entry: RosterEntry, before: RequestFacts, wanted: RequestFacts, *, break_stated: bool
) -> dict[str, Any]:
    """What the row would change of the shift on record: name → value."""
    names = [*_ALWAYS, *(name for name, field in _WHERE_STATED.items() if field in entry.stated)]
    if break_stated or _moved(before, wanted):
        names.append("unpaid_break_minutes")
    old, new = ({n: _value(facts, n) for n in names} for facts in (before, wanted))
    return {name: new[name] for name in names if old[name] != new[name]}


def _moved(before: RequestFacts, wanted: RequestFacts) -> bool:
    return (before.shift.starts_at, before.shift.ends_at) != (
        wanted.shift.starts_at,
        wanted.shift.ends_at,
    )


def _value(facts: RequestFacts, name: str) -> Any:
    return getattr(facts.shift if hasattr(facts.shift, name) else facts, name)


def why_not_change(state: ShiftState, changed: Mapping[str, Any]) -> list[Reason]:
    """Why a file may not change the shift, whatever the values: `no_longer_asked` for one that was
    withdrawn or rejected, `booked_times` for moving one that somebody is booked on."""
    if state in (ShiftState.WITHDRAWN, ShiftState.REJECTED):
        return [
            Reason(
                "no_longer_asked",
                {"state": state.value},
                Cure("Give the row a new reference to ask again."),
                text=f"The shift of this reference was {state.value} here.",
            )
        ]
    if state is ShiftState.FILLED and {"starts_at", "ends_at"} & changed.keys():
        return [
            Reason(
                "booked_times",
                cure=Cure("Agree the new times with the person booked, then amend the shift."),
                text="Somebody is booked on this shift.",
            )
        ]
    return []


@dataclass(frozen=True, slots=True)
class Cover:
    """The units and the period (both days included) that a file says it holds completely."""

    units: frozenset[str]
    first: date
    last: date


def known_period(had: Period, told: Period, today: date) -> Period:
    """For which days a person's roster is known once another was read; where weeks lie between
    the two, the first of them that is not over yet."""
    first, second = sorted((had, told))
    if second[0] - first[1] <= _DAYS_OFF:
        return first[0], max(first[1], second[1])
    return first if first[1] >= today else second
