"""Facts about people in words for screens: what is proven, until when, who says so."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bankhub.model import reference
from bankhub.web.trade_words import skill_title, spoken
from passport.model.facts import Fact, FactKind
from passport.web.words import london_date

FACT_KINDS: Mapping[FactKind, str] = {
    FactKind.REGISTRATION: "Registration",
    FactKind.TRAINING: "Training",
    FactKind.SKILL: "Skill",
    FactKind.DBS: "DBS check",
    FactKind.RIGHT_TO_WORK: "Right to work",
    FactKind.OPT_OUT: "48-hour opt-out",
    FactKind.PERFORMERS_LIST: "Performers List",
    FactKind.INDEMNITY: "Indemnity",
    FactKind.MAIN_JOB: "Main job elsewhere",
}
STATUSES = {
    "registered": "Registered",
    "lapsed": "Lapsed",
    "conditions": "Registered with conditions",
    "suspended": "Suspended",
    "removed": "Removed",
    "not_found": "Not on the register",
}
DBS_LEVELS = {
    "basic": "Basic",
    "standard": "Standard",
    "enhanced": "Enhanced",
    "enhanced_barred": "Enhanced with barred lists",
}
WORKFORCES = {"adult": "Adults", "child": "Children", "both": "Adults and children"}
ROUTES = {
    "unlimited": "Unlimited",
    "limited": "Limited in time",
    "student": "Student visa",
    "skilled_worker": "Skilled worker visa",
}
RIGHT_TO_WORK_CHECKS = {
    "MANUAL": "By original documents, with the person present",
    "HO_ONLINE_SHARE_CODE": "Online, by their share code",
    "IDSP_IDVT": "By an identity service provider",
}
SOURCES = {
    "hr_file": "Personnel file",
    "by_hand": "Entered by hand",
    "esr": "ESR",
    "register": "Regulator’s register",
    "register_file": "Register file",
    "passport": "Staff passport",
    "declared": "Said by the person, not checked",
}


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact as a line of a page."""

    fact_id: UUID
    what: str
    says: str
    dates: str
    source: str
    disputed: bool
    endable: bool
    """It has no end on record yet."""


def fact_lines(facts: Iterable[Fact], disputed: Iterable[str]) -> list[FactLine]:
    """Every fact in words, in the order of the kinds; `disputed` are registration numbers."""
    order = list(FACT_KINDS)
    numbers = set(disputed)
    lines = [(order.index(fact.kind), _line(fact, numbers)) for fact in facts]
    return [line for _, line in sorted(lines, key=lambda pair: (pair[0], pair[1].what))]


def _line(fact: Fact, disputed: set[str]) -> FactLine:
    return FactLine(
        fact_id=fact.id,
        what=FACT_KINDS[fact.kind],
        says=SAYS[fact.kind](fact.value),
        dates=_dates(fact),
        source=f"{SOURCES.get(fact.source, spoken(fact.source))}, {london_date(fact.checked_at)}",
        disputed=fact.lookup in disputed,
        endable=fact.valid_until is None,
    )


def fact_title(fact: Fact) -> str:
    """`Training: Fire safety`, for the page that ends it."""
    said = SAYS[fact.kind](fact.value)
    return f"{FACT_KINDS[fact.kind]}: {said}" if said else FACT_KINDS[fact.kind]


def _dates(fact: Fact) -> str:
    parts = (
        ("awarded", fact.awarded_on),
        ("from", fact.valid_from),
        ("until", fact.valid_until),
    )
    said = ", ".join(f"{word} {london_date(day)}" for word, day in parts if day is not None)
    return said[:1].upper() + said[1:] or "No date"


def _registration(value: Mapping[str, Any]) -> str:
    part = f", {value['profession']}" if value.get("profession") else ""
    status = STATUSES.get(str(value.get("status")), spoken(value.get("status")))
    return f"{value.get('body')} {value.get('number')}{part}: {status.lower()}"


def _training(value: Mapping[str, Any]) -> str:
    subject = reference.training_subjects().get(str(value.get("subject")))
    level = value.get("level") or 1
    if subject is None:
        return str(value.get("title") or f"{value.get('subject')}, level {level}")
    if len(subject.levels) == 1:
        return subject.title
    return f"{subject.title}, level {level}"


def _dbs(value: Mapping[str, Any]) -> str:
    level = DBS_LEVELS.get(str(value.get("level")), spoken(value.get("level")))
    workforce = value.get("workforce")
    return f"{level}, {WORKFORCES.get(str(workforce), workforce).lower()}" if workforce else level


def _right_to_work(value: Mapping[str, Any]) -> str:
    route = ROUTES.get(str(value.get("route")), spoken(value.get("route")))
    cap = value.get("weekly_cap_hours")
    limited = f", at most {cap:g} hours a week" if cap is not None else ""
    weeks = len(value.get("vacations") or ())
    return f"{route}{limited}{f', {weeks} vacations on record' if weeks else ''}"


def _main_job(value: Mapping[str, Any]) -> str:
    hours = value.get("contracted_hours")
    return f"{hours:g} hours a week" if hours is not None else "Hours not known"


SAYS: Mapping[FactKind, Callable[[Mapping[str, Any]], str]] = {
    FactKind.REGISTRATION: _registration,
    FactKind.TRAINING: _training,
    FactKind.SKILL: lambda value: skill_title(str(value.get("code"))),
    FactKind.DBS: _dbs,
    FactKind.RIGHT_TO_WORK: _right_to_work,
    FactKind.OPT_OUT: lambda _value: "Agreed to work more than 48 hours a week",
    FactKind.PERFORMERS_LIST: lambda value: str(value.get("number")),
    FactKind.INDEMNITY: lambda value: str(value.get("scheme")),
    FactKind.MAIN_JOB: _main_job,
}
