"""A request for cover as it is typed, read into a draft: every mistake named at once, nothing lost.

Days and times are London wall clock. The hour that happens twice is asked about; the one that
never happens is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from bankhub.actions.settings.policies import policy_book
from bankhub.actions.shifts.shifts import ShiftDraft
from bankhub.model import reference
from bankhub.model.shifts import Shift, ShiftCode
from bankhub.model.vocabulary import Grade, RequestReason
from bankhub.rules.shift_times import Span, from_london, london, span_from_london
from bankhub.web.moments import occurrence_of, pass_of, time_of
from passport.actors import Actor
from passport.errors import Invalid, NotFound, Reason
from passport.web.forms import Value
from passport.web.parsing import choice_of, day_of, number_of

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

LONGEST_TEXT = 2000
LONGEST_SHORT = 64
FIRST_DAY, LAST_DAY = date(2020, 4, 1), date(2099, 12, 30)
"""Outside of these a date is a slip of the keyboard; the shipped policies begin on the first."""
GP_ROLE = "gp"
MOST_VISITS = 20
"""Nobody drives to more in one session: a slip of the keyboard."""
PERIODS = {"am": "Morning", "pm": "Afternoon", "on_day": "On-day (duty doctor)"}
SYSTEMS = {"emis_web": "EMIS Web", "systmone": "SystmOne", "other": "Another"}


class Reading:
    """Reads field by field and keeps every complaint, so that all are shown together."""

    def __init__(self, given: MultiDict[str, str]) -> None:
        self.given = given
        self.errors: dict[str, list[str]] = {}

    def text(self, name: str, most: int = LONGEST_SHORT) -> str:
        """What was typed, without control characters."""
        typed = self.given.get(name, "").replace("\r\n", "\n").strip()
        if len(typed) > most:
            self.wrong(name, f"Use {most} characters at most.")
        if any(ord(one) < 32 and one not in "\n\t" for one in typed):
            self.wrong(name, "Leave out control characters.")
        return typed[:most]

    def needed(self, name: str, most: int, message: str) -> str:
        """What was typed in a field that must not be empty; `message` where it is."""
        typed = self.text(name, most)
        if not typed:
            self.wrong(name, message)
        return typed

    def wrong(self, name: str, message: str) -> None:
        """Complain about a field."""
        self.errors.setdefault(name, []).append(message)

    def read(self, name: str, reader: Callable[[str, str], T], message: str = "") -> T | None:
        """The field by `reader`; its complaint is kept, in the words of `message` if given."""
        try:
            return reader(self.given.get(name, "").strip(), name)
        except Invalid as problem:
            for field, said in problem.fields.items():
                self.errors.setdefault(field, []).extend([message] if message else said)
        except (NotFound, ValueError):
            self.wrong(name, message or "This cannot be used.")
        return None

    def optional(self, name: str, reader: Callable[[str, str], T], message: str = "") -> T | None:
        """The same for a field that may be empty."""
        return self.read(name, reader, message) if self.given.get(name, "").strip() else None

    def finish(self) -> None:
        """Raise `Invalid` with every complaint, if there is one."""
        if self.errors:
            raise Invalid("request", fields=self.errors)


def one_of(kind: type[E]) -> Callable[[str, str], E]:
    """A choice out of `kind`, for `Reading.read`."""
    return lambda text, name: choice_of(kind, text, name)


def identifier_of(text: str, _name: str) -> UUID:
    """An identifier, for `Reading.read`."""
    return UUID(text)


def near_day(text: str, name: str) -> date:
    """A day that is no slip of the keyboard. Raises `Invalid` on the field for anything else."""
    day = day_of(text, name)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid("day", fields={name: ["Check the year."]})
    return day


def draft_of(
    session: Session, given: MultiDict[str, str], codes: Sequence[ShiftCode], by: Actor
) -> ShiftDraft:
    """The draft that the form means. Raises `Invalid` with every wrong field."""
    reading = Reading(given)
    said = wished(reading, codes)
    span = read_span(session, reading, said["role"], codes, by)
    reading.finish()
    if span is None:
        raise Invalid("request")
    return ShiftDraft(starts_at=span.starts_at, ends_at=span.ends_at, **said)


def wished(reading: Reading, codes: Sequence[ShiftCode]) -> dict[str, Any]:
    """Everything of a request but its times; wrong fields are kept in `reading`."""
    given = reading.given
    unit_id = reading.read("unit_id", identifier_of, "Choose a unit.")
    role, people = _role(reading), reading.optional("people", number_of)
    return {
        "unit_id": unit_id,
        "role": role,
        "grade": _grade(reading, role),
        "fallback_grade": reading.optional("fallback_grade", one_of(Grade)),
        "skills": frozenset(given.getlist("skills")),
        "unpaid_break_minutes": _break(reading, codes),
        "shift_code": reading.text("shift_code", 16),
        "people": 1 if people is None else people,
        "instant_book": {"yes": True, "no": False}.get(given.get("instant_book", "")),
        **explained(reading),
    }


def session_draft_of(
    session: Session, given: MultiDict[str, str], codes: Sequence[ShiftCode], by: Actor
) -> ShiftDraft:
    """The draft of a GP session. Raises `Invalid` with every wrong field."""
    reading = Reading(given)
    unit_id = reading.read("unit_id", identifier_of, "Choose the practice.")
    span = read_span(session, reading, GP_ROLE, codes, by)
    period, system = given.get("period", ""), given.get("clinical_system", "")
    if period not in PERIODS:
        reading.wrong("period", "Choose which session it is.")
    if system not in SYSTEMS:
        reading.wrong("clinical_system", "Choose the clinical system.")
    visits = reading.optional("visits", number_of) or 0
    if visits > MOST_VISITS:
        reading.wrong("visits", f"Ask for {MOST_VISITS} home visits at most.")
    needs = given.get("needs_system") == "yes" and system in reference.skills()
    values = explained(reading)
    reading.finish()
    if unit_id is None or span is None:
        raise Invalid("request")
    return ShiftDraft(
        unit_id=unit_id,
        role=GP_ROLE,
        grade=Grade.GP,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        skills=frozenset({system}) if needs else frozenset(),
        shift_code=period.upper()[:16],
        details={"period": period, "clinical_system": SYSTEMS[system], "visits": visits},
        **values,
    )


def explained(reading: Reading) -> dict[str, Any]:
    """Why cover is asked for, in the fields that every request has."""
    return {
        "reason": reading.read("reason", one_of(RequestReason), "Choose why cover is needed."),
        "reason_text": reading.text("reason_text", LONGEST_TEXT),
        "post_number": reading.text("post_number"),
        "review_on": reading.optional("review_on", day_of),
        "notes": reading.text("notes", LONGEST_TEXT),
    }


def _role(reading: Reading) -> str:
    role = reading.text("role")
    if role not in reference.roles():
        reading.wrong("role", "Choose a role.")
    return role


def _grade(reading: Reading, role: str) -> Grade | None:
    """Left empty, the first grade of the role."""
    known = reference.roles().get(role)
    if not reading.given.get("grade"):
        return known.grades[0] if known else None
    return reading.read("grade", one_of(Grade), "Choose a grade.")


def _break(reading: Reading, codes: Sequence[ShiftCode]) -> int | None:
    """As typed, else the shift code's where its times are used, else by policy."""
    typed = reading.optional("unpaid_break_minutes", number_of)
    code = _code(reading, codes)
    return code.unpaid_break_minutes if typed is None and code and not _typed(reading) else typed


def _code(reading: Reading, codes: Sequence[ShiftCode]) -> ShiftCode | None:
    asked = reading.given.get("shift_code", "")
    return next((code for code in codes if code.code == asked), None)


def _typed(reading: Reading) -> bool:
    return bool(reading.given.get("starts") or reading.given.get("ends"))


def clock_times(reading: Reading, codes: Sequence[ShiftCode]) -> tuple[time | None, time | None]:
    """Start and end on the clock: as typed, else those of the chosen shift code."""
    code = _code(reading, codes)
    if code is not None and not _typed(reading):
        return code.starts, code.ends
    return reading.read("starts", time_of), reading.read("ends", time_of)


def read_span(
    session: Session, reading: Reading, role: str, codes: Sequence[ShiftCode], by: Actor
) -> Span | None:
    """The span that day and times mean."""
    day = reading.read("on", near_day)
    starts, ends = clock_times(reading, codes)
    known = reference.roles().get(role)
    if day is None or starts is None or ends is None or by.organisation_id is None:
        return None
    group = known.staff_group if known else None
    found = span_from_london(
        day,
        starts,
        ends,
        policy=policy_book(session, by.organisation_id).requesting(group, day),
        start_occurrence=occurrence_of(reading.given.get("starts_occurrence")),
        end_occurrence=occurrence_of(reading.given.get("ends_occurrence")),
    )
    if isinstance(found, Span):
        return found
    occurrence = occurrence_of(reading.given.get("starts_occurrence"))
    start_is_wrong = isinstance(from_london(day, starts, occurrence=occurrence), Reason)
    for place, reason in enumerate(found):
        field = "starts" if start_is_wrong and place == 0 else "ends"
        asked = f"{field}_occurrence" if reason.code == "repeated_hour" else field
        cure = f" {reason.cure.act}" if reason.cure else ""
        reading.wrong(asked, f"{reason.text}{cure}")
    return None


def repeated(values: Mapping[str, Value], codes: Sequence[ShiftCode] = ()) -> list[str]:
    """Which of `starts` and `ends` lie in the hour that happens twice, as typed so far."""
    code = next((one for one in codes if one.code == values.get("shift_code")), None)
    found = []
    for name in ("starts", "ends"):
        try:
            day = near_day(str(values.get("on") or ""), "on")
            typed = str(values.get(name) or "")
            at = time.fromisoformat(typed) if typed else getattr(code, name)
        except (ValueError, AttributeError, Invalid):
            continue
        days = (day,) if name == "starts" else (day, day + timedelta(days=1))
        reasons = [from_london(one, at.replace(tzinfo=None)) for one in days]
        if any(isinstance(one, Reason) and one.code == "repeated_hour" for one in reasons):
            found.append(name)
    return found


def as_typed(shift: Shift) -> dict[str, Value]:
    """A shift as its form would hold it: for one more like it, and for amending it."""
    return {
        "unit_id": str(shift.unit_id),
        "role": shift.role,
        "grade": shift.grade.value,
        "fallback_grade": shift.fallback_grade.value if shift.fallback_grade else "",
        "skills": list(shift.skills),
        "on": london(shift.starts_at).date(),
        "shift_code": shift.shift_code,
        "starts": london(shift.starts_at).time(),
        "ends": london(shift.ends_at).time(),
        "starts_occurrence": pass_of(shift.starts_at),
        "ends_occurrence": pass_of(shift.ends_at),
        "unpaid_break_minutes": str(shift.unpaid_break_minutes),
        "reason": shift.reason.value,
        "reason_text": shift.reason_text,
        "post_number": shift.post_number,
        "review_on": shift.review_on,
        "notes": shift.notes,
    }
