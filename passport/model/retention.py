"""The retention schedule: how long what is kept, as dated data; and the only reader of its file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = "retention.toml"


class EndedBy(StrEnum):
    """What makes an end of it."""

    CLOCK = "clock"
    LEAVER = "leaver"
    AGREEMENT = "agreement"
    ITSELF = "itself"
    HAND = "hand"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Act:
    """Rows of a table, with those that cannot be without them, are deleted so many days after a
    moment; where columns are named, these are blanked instead."""

    table: str
    since: str
    days: int
    blank: tuple[str, ...] = ()
    without: str = ""
    """A column that has to be empty: rows that lead to a record go with the record."""

    @property
    def kept(self) -> timedelta:
        """For how long."""
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One line of the schedule, from a day on."""

    code: str
    from_on: date
    title: str
    words: str
    source: str
    by: EndedBy
    days: int = 0
    """After somebody left."""
    age: int = 0
    """In years, at which the summary of a leaver is erased."""
    acts: tuple[Act, ...] = ()


Schedule = Mapping[str, RetentionRule]


@cache
def all_rules() -> tuple[RetentionRule, ...]:
    """Every version of every rule, as the file has them."""
    return read_rules(files("passport").joinpath("reference", _FILE).read_text("utf-8"))


def schedule_on(day: date) -> Schedule:
    """Code → the rule in force on that day; before the first, the first."""
    found: dict[str, RetentionRule] = {}
    for one in sorted(all_rules(), key=lambda rule: rule.from_on):
        if one.code not in found or one.from_on <= day:
            found[one.code] = one
    return found


def read_rules(text: str) -> tuple[RetentionRule, ...]:
    """What the file says. Raises `ValueError` naming the rule."""
    return tuple(_read(row) for row in tomllib.loads(text)["rule"])


def _read(row: dict[str, Any]) -> RetentionRule:
    try:
        acts = tuple(
            Act(**{**one, "blank": tuple(one.get("blank", ()))}) for one in row.pop("act", ())
        )
        rule = RetentionRule(**row)
        rule = replace(rule, by=EndedBy(rule.by), acts=acts)
        if any(one.days <= 0 for one in acts):
            raise ValueError("a period is a number of days above 0")
        if (rule.by is EndedBy.LEAVER) != (rule.days > 0 and rule.age > 0):
            raise ValueError("a rule for leavers, and only such, has days and an age")
    except (TypeError, ValueError) as problem:
        raise ValueError(f"retention of {row.get('code', '?')}: {problem}") from problem
    return rule
