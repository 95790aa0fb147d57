"""The terms of an agreement as plain form fields, and back.

Fields are named by their way through the terms (`parties[0].ods`), as the messages of an action
name them. Rows that nothing was typed into are left out, so a message about the second party may
belong to the third row: `on_fields` puts it where it was typed.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from bankhub.model import reference
from bankhub.model.agreement_terms import AgreementTerms, ContactKind, RechargeTerms
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.web.shifts.agency_pages import pence_of
from bankhub.web.shifts.draft_forms import Reading, near_day
from bankhub.web.trade_words import STAFF_GROUPS, grade_name
from passport.errors import Invalid, Refused
from passport.web.parsing import number_of

LONGEST_TYPED = 2_000
MOST_ROWS = 300
NUMBERS = ("notice_days", "wind_down_days", "retention_days", "notify_within_hours")
RECHARGE_NUMBERS = ("admin_percent", "threshold_hours", "invoice_period_months", "dispute_days")
CHOICES = ("legal_form", "controllers", "employed_by")
LISTS = (
    "instruments", "data_categories", "excluded_roles", "excluded_skills", "home_warranties",
    "host_warranties", "indemnity",
)  # fmt: skip
TEXTS = ("purpose", "lawful_basis", "dpia_reference")
ROWS: Mapping[str, tuple[str, ...]] = {
    "parties": ("ods",),
    "contacts": ("name", "phone", "email"),
    "training.exceptions": ("subject", "reason"),
}
"""List → its fields of which one at least makes a row count."""
EXCEPTION = ("host_ods", "subject", "reason")
_ROW = re.compile(r"^(parties|contacts|training\.exceptions)\[(\d+)\](.*)$")
_SCOPE = re.compile(r"^scope\[(\d+)\]")
_RATE = re.compile(r"^(\w+)[: ]")
_WORDS: Mapping[str, str] = {
    **{one.value: grade_name(one) for one in Grade},
    **{one.value: STAFF_GROUPS[one] for one in StaffGroup},
}
_CODE = re.compile("|".join(rf"\b{code}\b" for code in sorted(_WORDS, key=len, reverse=True)))


def grades_of_groups() -> dict[StaffGroup, list[Grade]]:
    """The grades that roles of each staff group have."""
    found: dict[StaffGroup, set[Grade]] = {group: set() for group in StaffGroup}
    for role in reference.roles().values():
        found[role.staff_group] |= set(role.grades)
    return {group: [grade for grade in Grade if grade in held] for group, held in found.items()}


# Terms into fields


def start_values(terms: Mapping[str, Any], months: int, today: date) -> dict[str, Any]:
    """Fields of a new draft from a template's terms."""
    begins = today + timedelta(days=28)
    whole = begins.month - 1 + months
    ends = date(begins.year + whole // 12, whole % 12 + 1, min(begins.day, 28))
    return field_values(terms) | {"starts_on": begins, "ends_on": ends - timedelta(days=1)}


def field_values(terms: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the fields for these terms; they need not be complete."""
    terms = {**_usual(AgreementTerms), **terms}
    names = (*NUMBERS, *CHOICES, *TEXTS, "release_lead_hours", "lead_employer_ods")
    found: dict[str, Any] = {name: _shown(terms.get(name)) for name in names}
    found |= {name: _shown(terms.get(name)) for name in ("starts_on", "ends_on", "review_on")}
    found |= {name: list(terms.get(name) or ()) for name in LISTS}
    found["conditions"] = "\n".join(terms.get("conditions") or ())
    for one in terms.get("scope") or ():
        found[f"scope.{one['staff_group']}"] = list(one["grades"])
    recharge = {**_usual(RechargeTerms), **(terms.get("recharge") or {})}
    for name in ("basis", "vat", *RECHARGE_NUMBERS):
        found[f"recharge.{name}"] = _shown(recharge.get(name))
    for grade, pence in (recharge.get("rates_pence_per_hour") or {}).items():
        found[f"recharge.rate.{grade}"] = f"{Decimal(pence) / 100:.2f}"
    training = terms.get("training") or {}
    found["training.recognise"] = _shown(training.get("recognise"))
    return found | _rows_shown("training.exceptions", training.get("exceptions")) | _named(terms)


def _usual(kind: type[Any]) -> dict[str, Any]:
    """What a template leaves unsaid."""
    plain = (int, str, type(None))
    return {
        one.name: one.default for one in dataclasses.fields(kind) if isinstance(one.default, plain)
    }


def _named(terms: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_rows_shown("parties", terms.get("parties")),
        **_rows_shown("contacts", _with_missing(terms)),
    }


def _with_missing(terms: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The contacts, and a row to fill in for each that a party has yet to name."""
    held = list(terms.get("contacts") or ())
    given = {(one["ods"], one["kind"]) for one in held}
    missing = [
        {"ods": party["ods"], "kind": kind.value}
        for party in terms.get("parties") or ()
        for kind in ContactKind
        if (party["ods"], kind.value) not in given
    ]
    return [*held, *missing]


def _rows_shown(name: str, rows: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    return {
        f"{name}[{place}].{key}": ", ".join(value) if isinstance(value, (list, tuple)) else value
        for place, row in enumerate(rows or ())
        for key, value in row.items()
    }


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def rows_of(values: Iterable[str], name: str, spare: int, least: int = 0) -> range:
    """Places of the rows to draw: those that stand in the fields, and some to fill in."""
    start = f"{name}["
    places = [
        int(key[len(start) :].partition("]")[0])
        for key in values
        if key.startswith(start) and key[len(start) :].partition("]")[0].isdigit()
    ]
    return range(min(max(max(places, default=-1) + 1 + spare, least), MOST_ROWS))


# Fields into terms


@dataclass(slots=True)
class Typed:
    """The terms that were typed, and in which row of the form each row of a list stood."""

    terms: dict[str, Any]
    places: dict[str, list[int]] = field(default_factory=dict)


def typed_terms(given: MultiDict[str, str]) -> Typed:
    """The terms as JSON has them. Raises `Invalid` with every field that cannot be read."""
    reading = Reading(given)
    typed = Typed({})
    terms = typed.terms
    for name in (*CHOICES, "lead_employer_ods"):
        terms[name] = reading.text(name)
    for name in TEXTS:
        terms[name] = _line(reading, name)
    for name in NUMBERS:
        terms[name] = reading.read(name, number_of)
    terms["release_lead_hours"] = reading.optional("release_lead_hours", number_of)
    terms["starts_on"] = _day(reading, "starts_on")
    terms["ends_on"] = _day(reading, "ends_on")
    terms["review_on"] = _day(reading, "review_on") if given.get("review_on") else None
    for name in LISTS:
        terms[name] = [one for one in given.getlist(name) if one]
    lines = reading.text("conditions", 40 * LONGEST_TYPED).splitlines()
    terms["conditions"] = [line.strip() for line in lines if line.strip()]
    terms["scope"] = [
        {"staff_group": group.value, "grades": grades}
        for group in StaffGroup
        if (grades := [one for one in given.getlist(f"scope.{group}") if one])
    ]
    terms["recharge"] = _recharge(reading)
    terms["parties"] = _rows(reading, "parties", ("ods", "role", "sites"), typed)
    terms["contacts"] = _rows(reading, "contacts", ("ods", "kind", "name", "phone", "email"), typed)
    terms["training"] = {
        "recognise": reading.text("training.recognise"),
        "exceptions": _rows(reading, "training.exceptions", EXCEPTION, typed),
    }
    reading.finish()
    return typed


def _day(reading: Reading, name: str) -> str | None:
    day = reading.read(name, near_day)
    return day.isoformat() if day else None


def _line(reading: Reading, name: str) -> str:
    """A text of one line: it is printed as one clause."""
    return " ".join(reading.text(name, LONGEST_TYPED).split())


def _recharge(reading: Reading) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: reading.text(f"recharge.{name}") for name in ("basis", "vat")
    }
    for name in RECHARGE_NUMBERS:
        found[name] = reading.read(f"recharge.{name}", number_of)
    rates = {
        grade.value: reading.optional(f"recharge.rate.{grade}", pence_of) for grade in Grade
    }
    fixed = found["basis"] == "fixed_rate"
    found["rates_pence_per_hour"] = {
        grade: pence for grade, pence in rates.items() if pence is not None and fixed
    }
    return found


def _rows(reading: Reading, name: str, keys: Sequence[str], typed: Typed) -> list[dict[str, Any]]:
    found, places = [], []
    for place in rows_of(reading.given, name, 0):
        row = f"{name}[{place}]"
        if any(reading.given.get(f"{row}.{key}", "").strip() for key in ROWS[name]):
            found.append({key: _cell(reading, f"{row}.{key}", key) for key in keys})
            places.append(place)
    typed.places[name] = places
    return found


def _cell(reading: Reading, name: str, key: str) -> Any:
    text = " ".join(reading.text(name, LONGEST_TYPED).split())
    if key == "sites":
        return [one for one in re.split(r"[,;\s]+", text.upper()) if one]
    return text.upper() if key in ("ods", "host_ods") else text


# Messages onto fields


def on_fields(problem: Invalid | Refused, typed: Typed | None) -> Invalid:
    """Messages of an action where they belong in the form; the rest stands above it."""
    if isinstance(problem, Refused):
        said = [f"{one.text} {one.cure.act if one.cure else ''}".strip() for one in problem.reasons]
        return Invalid(problem.code, " ".join(said))
    fields: dict[str, list[str]] = {}
    for name, messages in problem.fields.items():
        for message in messages:
            fields.setdefault(_place(name, message, typed), []).append(_in_words(message))
    return Invalid(problem.code, "" if fields else problem.detail, fields)


def _in_words(message: str) -> str:
    """Codes of grades and staff groups as people say them."""
    return _CODE.sub(lambda found: _WORDS[found[0]], message)


def _place(name: str, message: str, typed: Typed | None) -> str:
    if typed is None:
        return name
    if row := _ROW.match(name):
        places = typed.places.get(row[1], [])
        at = int(row[2])
        return f"{row[1]}[{places[at] if at < len(places) else at}]{row[3] or '.ods'}"
    if scope := _SCOPE.match(name):
        groups = typed.terms["scope"]
        at = int(scope[1])
        return f"scope.{groups[at]['staff_group']}" if at < len(groups) else _first("scope")
    if name == "recharge.rates_pence_per_hour":
        grade = _RATE.match(message)
        known = grade is not None and grade[1] in {one.value for one in Grade}
        return f"recharge.rate.{grade[1]}" if grade and known else "recharge.basis"
    return _first(name.partition("[")[0])


def _first(name: str) -> str:
    """The field that a message about a whole group leads to."""
    return {
        "scope": f"scope.{next(iter(StaffGroup))}",
        "parties": "parties[0].ods",
        "contacts": "contacts[0].name",
        "recharge": "recharge.basis",
        "training": "training.recognise",
    }.get(name, name)
