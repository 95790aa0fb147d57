"""A question about fill figures, out of an address and back into one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from werkzeug.datastructures import MultiDict

from bankhub.actions.figures.fill_histories import FillQuestion
from bankhub.model.fill_values import Dimension, FillUnit, GroupKey
from bankhub.model.vocabulary import Grade, RequestReason, StaffGroup
from bankhub.rules.figures.fill_rows import Behind
from bankhub.rules.shift_times import LeadBand, week_of
from passport.errors import Invalid
from passport.web.parsing import choice_of, day_of, uuid_of

WEEKS_SHOWN = 8
MOST_DIMENSIONS = 3

E = TypeVar("E", bound=StrEnum)

FIELDS: Mapping[Dimension, str] = {
    Dimension.TRUST: "trust_id",
    Dimension.SITE: "site_id",
    Dimension.UNIT: "unit_id",
    Dimension.STAFF_GROUP: "staff_group",
    Dimension.GRADE: "grade",
    Dimension.REASON: "reason",
    Dimension.LEAD_BAND: "lead_band",
}
"""Dimension → the field of the question that narrows it; its argument is the dimension's name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    question: FillQuestion
    unit: FillUnit

    @property
    def arguments(self) -> dict[str, Any]:
        """As arguments of an address."""
        question = self.question
        narrowed = {d.value: getattr(question, name) for d, name in FIELDS.items()}
        return {
            "from": question.first_week.isoformat(),
            "to": question.last_week.isoformat(),
            "by": [dimension.value for dimension in question.by],
            "unit": self.unit.value,
            **{f"only_{name}": str(value) for name, value in narrowed.items() if value},
        }

    def down_to(self, key: GroupKey, behind: Behind) -> dict[str, Any]:
        """Arguments of the way down to the shifts behind one number."""
        found = {**self.arguments, "number": behind.value}
        for dimension, part in zip(self.question.by, key, strict=True):
            if isinstance(part, date):
                found |= {"from": part.isoformat(), "to": part.isoformat()}
            else:
                found[f"only_{dimension.value}"] = str(part)
        return found


def asked_from(given: MultiDict[str, str], now: datetime, *, by: Dimension) -> Asked:
    """Read an address. Raises `Invalid` on its fields, `NotFound` for what is no identifier."""
    this_week = week_of(now)
    first, last = given.get("from"), given.get("to")
    until = monday_of(day_of(last, "to")) if last else this_week
    weeks = timedelta(weeks=WEEKS_SHOWN - 1)
    since = monday_of(day_of(first, "from")) if first else until - weeks
    unit = given.get("unit")
    question = FillQuestion(
        first_week=since,
        last_week=until,
        by=_dimensions([*given.getlist("by"), *given.getlist("then")]) or (by,),
        trust_id=_identifier(given, Dimension.TRUST),
        site_id=_identifier(given, Dimension.SITE),
        unit_id=_identifier(given, Dimension.UNIT),
        staff_group=_choice(given, Dimension.STAFF_GROUP, StaffGroup),
        grade=_choice(given, Dimension.GRADE, Grade),
        reason=_choice(given, Dimension.REASON, RequestReason),
        lead_band=_choice(given, Dimension.LEAD_BAND, LeadBand),
    )
    return Asked(question, choice_of(FillUnit, unit, "unit") if unit else FillUnit.SHIFTS)


def _dimensions(names: list[str]) -> tuple[Dimension, ...]:
    found = tuple(dict.fromkeys(choice_of(Dimension, name, "by") for name in names if name))
    if len(found) > MOST_DIMENSIONS:
        raise Invalid("fill", fields={"by": [f"Group by at most {MOST_DIMENSIONS} things."]})
    return found


def _identifier(given: MultiDict[str, str], dimension: Dimension) -> UUID | None:
    text = given.get(f"only_{dimension.value}")
    return uuid_of(text) if text else None


def _choice(given: MultiDict[str, str], dimension: Dimension, kind: type[E]) -> E | None:
    name = f"only_{dimension.value}"
    text = given.get(name)
    return choice_of(kind, text, name) if text else None


def monday_of(day: date) -> date:
    """Monday of the day's week. Raises `Invalid` on `from` for another century."""
    if abs(day.year - 2026) > 100:
        raise Invalid("fill", fields={"from": ["Enter a date of this century."]})
    return day - timedelta(days=day.weekday())
