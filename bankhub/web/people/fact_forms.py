"""What is asked for each kind of fact, and how the answers become a fact."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from bankhub.model import reference
from bankhub.web.people.people_words import (
    DBS_LEVELS,
    RIGHT_TO_WORK_CHECKS,
    ROUTES,
    STATUSES,
    WORKFORCES,
)
from bankhub.web.shifts.draft_forms import Reading
from passport.errors import Invalid
from passport.model.facts import FactKind, FactValue
from passport.model.registers import registers
from passport.rules.people.evidence import REGISTER
from passport.web.parsing import day_of

Options = Sequence[tuple[str, str]]

BY_HAND = "by_hand"
_HOURS = re.compile(r"\d{1,3}(?:\.\d{1,2})?")
_WEEK = 168
_DAYS = ("awarded_on", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form about a fact."""

    name: str
    label: str
    widget: str = "text"
    """`text`, `date`, `select`, `hours`, `periods` or `tick`."""
    options: Callable[[], Options] = tuple
    hint: str = ""
    needed: str = ""
    """What to say where it is empty; empty = it may be."""


def _of(words: Mapping[str, str]) -> Callable[[], Options]:
    return lambda: list(words.items())


def _bodies() -> Options:
    return [(one.body, f"{one.title} ({one.body})") for one in registers().values()]


def _parts() -> Options:
    return [
        (part.code, f"{register.body}: {part.title} ({part.code})")
        for register in registers().values()
        for part in register.parts
    ]


def _subjects() -> Options:
    """Each level of each subject, as `CODE:LEVEL`."""
    return [
        (f"{subject.code}:{level.level}", f"{subject.title}: {level.title}, level {level.level}")
        if len(subject.levels) > 1
        else (f"{subject.code}:{level.level}", subject.title)
        for subject in reference.training_subjects().values()
        for level in subject.levels
    ]


def _skills() -> Options:
    return sorted(((s.code, s.title) for s in reference.skills().values()), key=lambda o: o[1])


_UNTIL = Field("valid_until", "Until", "date", hint="Its last day. Empty: no end known")
FIELDS: Mapping[FactKind, tuple[Field, ...]] = {
    FactKind.REGISTRATION: (
        Field("body", "Register", "select", _bodies, needed="Choose the register."),
        Field("number", "Number", hint="As on the register", needed="Enter the number."),
        Field("profession", "Part of the register", "select", _parts),
        Field("status", "Status", "select", _of(STATUSES), needed="Choose the status."),
        _UNTIL,
        Field(
            "register",
            "I looked at the regulator’s own register just now",
            "tick",
            hint="Only that clears a suspension, removal or conditions on record",
        ),
    ),
    FactKind.TRAINING: (
        Field("subject", "Subject and level", "select", _subjects, needed="Choose the subject."),
        Field("awarded_on", "Awarded on", "date", needed="Enter the day it was awarded."),
    ),
    FactKind.SKILL: (
        Field("code", "Skill", "select", _skills, needed="Choose the skill."),
        Field("awarded_on", "Shown on", "date"),
        _UNTIL,
    ),
    FactKind.DBS: (
        Field("level", "Level", "select", _of(DBS_LEVELS), needed="Choose the level."),
        Field("workforce", "Workforce", "select", _of(WORKFORCES)),
        Field("awarded_on", "Issued on", "date"),
    ),
    FactKind.RIGHT_TO_WORK: (
        Field("route", "Route", "select", _of(ROUTES), needed="Choose the route."),
        Field("check_route", "How it was checked", "select", _of(RIGHT_TO_WORK_CHECKS),
              hint="Without it the passport cannot show it"),
        Field("weekly_cap_hours", "At most this many hours a week", "hours"),
        Field("vacations", "Vacations of a student", "periods",
              hint="One on each line: 2026-12-14 to 2027-01-08"),
        _UNTIL,
    ),
    FactKind.OPT_OUT: (
        Field("valid_from", "From", "date", needed="Enter the day from which it holds."),
        Field("valid_until", "Until", "date", hint="Empty: until it is taken back"),
    ),
    FactKind.PERFORMERS_LIST: (
        Field("number", "Number", needed="Enter the number."),
        _UNTIL,
    ),
    FactKind.INDEMNITY: (
        Field("scheme", "Scheme", needed="Enter the scheme."),
        _UNTIL,
    ),
    FactKind.MAIN_JOB: (
        Field("contracted_hours", "Contracted hours a week", "hours",
              hint="Empty: they have a main job, its hours are not known"),
    ),
}  # fmt: skip


def fact_sent(kind: FactKind, given: MultiDict[str, str]) -> tuple[FactValue, str]:
    """The fact that the form states, and its source. Raises `Invalid` with every wrong field."""
    reading = Reading(given)
    said: dict[str, Any] = {field.name: _read(reading, field) for field in FIELDS[kind]}
    reading.finish()
    source = REGISTER if said.pop("register", False) else BY_HAND
    dates: dict[str, Any] = {name: said.pop(name, None) for name in _DAYS}
    if kind is FactKind.TRAINING:
        said["subject"], _, level = said["subject"].partition(":")
        said["level"] = int(level)
    value = {name: held for name, held in said.items() if held not in (None, "")}
    return FactValue(kind, value, **dates), source


def _read(reading: Reading, field: Field) -> Any:
    if field.widget == "tick":
        return reading.given.get(field.name) == "yes"
    if not reading.given.get(field.name, "").strip():
        if field.needed:
            reading.wrong(field.name, field.needed)
        return None
    if field.widget == "select":
        return _chosen(reading, field)
    if field.widget == "text":
        return reading.text(field.name)
    return reading.read(field.name, _READERS[field.widget])


def _chosen(reading: Reading, field: Field) -> str:
    chosen = reading.text(field.name)
    if chosen not in dict(field.options()):
        reading.wrong(field.name, "Choose one of the list.")
    return chosen


def _hours(text: str, name: str) -> float:
    if not _HOURS.fullmatch(text) or float(text) > _WEEK:
        raise Invalid("hours", fields={name: ["Enter hours a week, for example 37.5."]})
    return float(text)


def _periods(text: str, name: str) -> list[list[str]]:
    found = []
    for line in text.splitlines():
        first, last = (part.strip() for part in (*line.split(" to ", 1), "")[:2])
        try:
            days = [day_of(first, name), day_of(last, name)]
        except Invalid:
            raise Invalid("periods", fields={name: [f"“{line[:40]}” is not FROM to TO."]}) from None
        if days[1] < days[0]:
            raise Invalid("periods", fields={name: [f"“{line[:40]}” ends before it begins."]})
        found.append([day.isoformat() for day in days])
    return found


_READERS: Mapping[str, Callable[[str, str], Any]] = {
    "date": day_of,
    "hours": _hours,
    "periods": _periods,
}
