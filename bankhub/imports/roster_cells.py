"""What a cell of a roster says: statuses, grades, reasons, roles and times in a roster's words."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import lru_cache
from typing import TypeVar

from bankhub.model import reference
from bankhub.model.vocabulary import Grade, RequestReason
from bankhub.rules.shift_times import Occurrence
from bankhub.rules.shifts.roster_entries import RosterStatus
from passport.imports.cells import CellProblem, read_date
from passport.imports.tables import normal_heading

T = TypeVar("T")

_STATUS_WORDS: Mapping[RosterStatus, tuple[str, ...]] = {
    RosterStatus.VACANT: (
        "vacancy",
        "unfilled",
        "unassigned",
        "open",
        "available",
        "required",
        "to_fill",
        "sent_to_bank",
        "bank_request",
    ),
    RosterStatus.FILLED: (
        "assigned",
        "allocated",
        "rostered",
        "booked",
        "confirmed",
        "worked",
        "duty",
        "bank",
        "agency",
    ),
    RosterStatus.LEAVE: (
        "annual_leave",
        "al",
        "study_leave",
        "parental_leave",
        "maternity_leave",
        "paternity_leave",
        "special_leave",
        "carers_leave",
        "compassionate_leave",
        "unpaid_leave",
    ),
    RosterStatus.SICKNESS: ("sick", "sick_leave", "off_sick"),
    RosterStatus.CANCELLED: ("canceled", "deleted", "withdrawn", "removed"),
    RosterStatus.FREE: ("day_off", "rest_day", "off", "rest", "do", "rd", "unavailable"),
}
_GRADE_WORDS: Mapping[Grade, tuple[str, ...]] = {
    Grade.FY1: ("f1",),
    Grade.FY2: ("f2",),
    Grade.CORE_TRAINEE: ("ct", "ct1", "ct2", "st1", "st2", "sho"),
    Grade.HIGHER_TRAINEE: ("st3", "st4", "st5", "st6", "st7", "st8", "spr", "registrar"),
    Grade.SAS: ("specialty_doctor", "specialist", "associate_specialist"),
    Grade.GP: ("general_practitioner", "salaried_gp"),
}
_REASON_WORDS: Mapping[RequestReason, tuple[str, ...]] = {
    RequestReason.SICKNESS_SHORT: ("short_term_sickness", "sickness_short_term"),
    RequestReason.SICKNESS_LONG: ("long_term_sickness", "sickness_long_term"),
    RequestReason.PARENTAL_LEAVE: ("maternity_leave", "maternity", "paternity_leave"),
    RequestReason.STUDY_LEAVE: ("training", "mandatory_training", "study"),
    RequestReason.ENHANCED_CARE: ("special", "specialling", "1:1", "1_1", "one_to_one", "1_to_1"),
    RequestReason.ACUITY: ("dependency", "acuity_dependency"),
    RequestReason.EXTRA_CAPACITY: ("escalation_beds", "additional_capacity"),
    RequestReason.SUPERNUMERARY: ("induction", "induction_cover"),
    RequestReason.SPECIAL_LEAVE: ("compassionate_leave", "carers_leave"),
    RequestReason.ESCORT: ("transfer", "patient_escort"),
    RequestReason.OUTBREAK: ("covid", "covid_19"),
    RequestReason.INDUSTRIAL_ACTION: ("strike", "strike_cover"),
}
_PASS_WORDS = {
    "first": Occurrence.FIRST,
    "bst": Occurrence.FIRST,
    "second": Occurrence.SECOND,
    "gmt": Occurrence.SECOND,
}
_CLOCK = re.compile(r"(\d{1,2})[:.h]?(\d{2})(?:[:.]00(?:\.0+)?)?")
_EARLIEST, _LATEST = 2000, 2099


def _by_word(words: Mapping[T, tuple[str, ...]], codes: Mapping[str, T]) -> Mapping[str, T]:
    return {**codes, **{word: value for value, said in words.items() for word in said}}


_STATUSES = _by_word(_STATUS_WORDS, {one.value: one for one in RosterStatus})
_GRADES = _by_word(_GRADE_WORDS, {one.value: one for one in Grade})
_REASONS = _by_word(_REASON_WORDS, {one.value: one for one in RequestReason})


def _reads(read: Callable[[str], T]) -> Callable[[str], T]:
    """The same few words stand in thousands of rows."""
    return lru_cache(maxsize=4096)(read)


@_reads
def status(text: str) -> RosterStatus | None:
    """A status by our name or a roster's; empty is None."""
    return _known(_STATUSES, text, ", ".join(RosterStatus))


@_reads
def reason(text: str) -> RequestReason | None:
    """A reason of the closed list, by our code or in a roster's words; empty is None."""
    if normal_heading(text) in ("sickness", "sick"):
        raise CellProblem("sickness is short or long: write sickness_short or sickness_long")
    return _known(_REASONS, text, ", ".join(RequestReason))


@_reads
def grade(text: str) -> Grade | None:
    """`Band 5`, `5`, `B5`, `AfC 8a`, `ST3+`, `Consultant`, `GP`…; empty is None."""
    word = normal_heading(text)
    found = re.fullmatch(r"(?:afc_)?(?:band_?|b_?)?([2-9](?:_?[a-d])?)", word)
    band = f"band_{found[1].replace('_', '')}" if found else word
    return _known(_GRADES, band, "Band 2 to Band 9 or a medical grade", said=text)


@_reads
def role(text: str) -> str:
    """A role by its code or its title; empty is empty."""
    if not text:
        return ""
    word = normal_heading(text)
    for code, known in reference.roles().items():
        if word in (code, normal_heading(known.title)):
            return code
    raise CellProblem(f"“{text}” is no role known here: use a code such as rn_adult or hca")


@_reads
def skills(text: str) -> tuple[str, ...]:
    """Skills by code or title, with `;`, `|` or `,` between them."""
    names = {normal_heading(known.title): code for code, known in reference.skills().items()}
    found = set()
    for part in re.split(r"[;|,]", text):
        word = normal_heading(part)
        if not word:
            continue
        code = word if word in reference.skills() else names.get(word)
        if code is None:
            raise CellProblem(f"“{part.strip()}” is no skill known here")
        found.add(code)
    return tuple(sorted(found))


@_reads
def passes(text: str) -> tuple[Occurrence | None, Occurrence | None]:
    """Which pass of the repeated hour is meant: `first`, `second`, or `first to second` for start
    and end."""
    words = [word for word in normal_heading(text).split("_") if word not in ("to", "pass")]
    if not words:
        return None, None
    if len(words) > 2 or any(word not in _PASS_WORDS for word in words):
        raise CellProblem(f"“{text}” is not first or second")
    return _PASS_WORDS[words[0]], _PASS_WORDS[words[-1]]


@_reads
def day(text: str) -> date | None:
    """A day of this century; empty is None."""
    found = read_date(text)
    if found is not None and not _EARLIEST <= found.year <= _LATEST:
        raise CellProblem(f"{text} is no day of a roster")
    return found


@_reads
def moment(text: str) -> tuple[date | None, time | None]:
    """`07:30`, `0730`, `7.30`, `24:00`, or with a day in front: `2026-10-05 07:30`."""
    if not text:
        return None, None
    on, blank, clock = text.replace("T", " ").rpartition(" ")
    found = _CLOCK.fullmatch(clock)
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 0)
    if (hour, minute) == (24, 0) and not on:
        return None, time(0)
    if hour > 23 or minute > 59:
        raise CellProblem(f"“{text}” is not a time: write 07:30")
    return (day(on.strip()) if blank else None), time(hour, minute)


@_reads
def break_minutes(text: str) -> int | None:
    """Minutes as `30`, or hours and minutes as `0:30`; empty is None."""
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,3}(?:\.0+)?", text):
        return int(float(text))
    if found := re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])(?::00)?", text):
        return int(found[1]) * 60 + int(found[2])
    raise CellProblem(f"“{text}” is not a break: write its minutes, such as 30")


@_reads
def people(text: str) -> int:
    """How many people; empty is one."""
    if not text:
        return 1
    if not re.fullmatch(r"[0-9]{1,9}(?:\.0+)?", text):
        raise CellProblem(f"“{text}” is not a number of people")
    return int(float(text))


def _known(words: Mapping[str, T], text: str, expected: str, said: str = "") -> T | None:
    word = normal_heading(text)
    if not word:
        return None
    if word not in words:
        raise CellProblem(f"“{said or text}” is none of {expected}")
    return words[word]
