"""Words from forms and addresses into values; what is none is not found or named as wrong."""

from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from passport.errors import Invalid, NotFound

E = TypeVar("E", bound=StrEnum)


def uuid_of(text: str | None) -> UUID:
    """An identifier. Raises `NotFound` for anything else, as for an unknown one."""
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFound from None


def choice_of(kinds: type[E], text: str | None, field: str) -> E:
    """One of the choices. Raises `Invalid` on `field` for anything else."""
    try:
        return kinds(text or "")
    except ValueError:
        raise Invalid("choice", fields={field: ["Choose one of the list."]}) from None


def day_of(text: str | None, field: str) -> date:
    """A day as `YYYY-MM-DD`. Raises `Invalid` on `field` for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise Invalid("not_a_date", fields={field: ["Enter a date."]}) from None


def number_of(text: str | None, field: str) -> int:
    """A whole number. Raises `Invalid` on `field` for anything else."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise Invalid("not_a_number", fields={field: ["Enter a whole number."]})
    return int(digits)
