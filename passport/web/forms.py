"""What a form shows: what was typed and what is wrong with it. Nothing typed is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Self

from werkzeug.datastructures import MultiDict

from passport.errors import Invalid

Value = str | int | bool | date | time | Sequence[str] | None

NEVER_SHOWN_AGAIN = frozenset({"password", "new_password", "code", "csrf_token", "idempotency_key"})
"""Fields that are typed afresh each time."""


@dataclass(frozen=True, slots=True)
class FormState:
    """Values by field name (text, number, date, time, a list of choices) and messages by name."""

    values: Mapping[str, Value] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    detail: str = ""
    """What is wrong with the whole rather than with one field."""

    @classmethod
    def kept(cls, sent: MultiDict[str, str], problem: Invalid | None = None) -> Self:
        """The form as it was sent, with what `problem` says about it."""
        values = {
            name: typed if len(typed) > 1 else typed[0]
            for name, typed in sent.lists()
            if name not in NEVER_SHOWN_AGAIN
        }
        if problem is None:
            return cls(values)
        errors = {
            name: [_sentence(message) for message in messages]
            for name, messages in problem.fields.items()
        }
        return cls(values, errors, problem.detail)

    def value(self, name: str) -> str:
        """What stands in the field, as text; empty where nothing does."""
        value = self.values.get(name)
        if isinstance(value, time):
            return value.strftime("%H:%M")
        if isinstance(value, Sequence) and not isinstance(value, str):
            return value[0] if value else ""
        return "" if value is None or isinstance(value, bool) else str(value)

    def chosen(self, name: str) -> list[str]:
        """The choices ticked in a field that takes several."""
        value = self.values.get(name)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [str(one) for one in value]
        return [self.value(name)] if self.value(name) else []

    def ticked(self, name: str) -> bool:
        """Whether a single box is ticked."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else bool(self.value(name))

    def error(self, name: str) -> str:
        """What is wrong with the field, all in one sentence; empty where nothing is."""
        return " ".join(self.errors.get(name, ()))

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors or self.detail)

    def part(self, name: str, part: str) -> str:
        """Day, month or year of a date in three boxes, from what was typed or from a date."""
        value = self.values.get(name)
        if isinstance(value, date):
            return str(getattr(value, part))
        return self.value(f"{name}-{part}")


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]


def date_from_parts(sent: Mapping[str, str], name: str) -> date | None:
    """The date in the three boxes `NAME-day`, `NAME-month`, `NAME-year`; None where all are empty.

    Raises `Invalid` on `name` where they make no date.
    """
    typed = [sent.get(f"{name}-{part}", "").strip() for part in ("year", "month", "day")]
    if not any(typed):
        return None
    try:
        year, month, day = (int(part) for part in typed)
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise Invalid(
            "not_a_date", fields={name: ["Enter a real date, for example 31 3 1980."]}
        ) from None
