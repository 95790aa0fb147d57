"""How the platform says no.

A rule returns `Reason`s. A deed that cannot be done raises one of four errors, and the faces
turn them into problem+json or a page:

    Problem
    ├── Invalid    422  what was sent cannot be right (fields are named)
    ├── Refused    409  understood, and the answer is no (all reasons at once)
    ├── Forbidden  403  this actor may not do this deed here
    └── NotFound   404  unknown, or another organisation's: the two look the same
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How firm a reason is."""

    HARD = "hard"
    """Law, visa, overlap: nobody can lift it."""
    SOFT = "soft"
    """May be overridden by a role, with a reason, on record."""
    NOTE = "note"
    """Does not block: something was not checked, or is not known since a date."""


@dataclass(frozen=True, slots=True)
class Cure:
    """What clears a reason: an act in the reader's words, a moment, or both."""

    act: str
    at: str | None = None
    """ISO date or UTC moment from which the reason no longer holds, where that is known."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One failed rule. `code` is stable; `evidence` holds JSON values for the person concerned.

    What a viewer may read of it is decided by a disclosure rule, never by the page.
    """

    code: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    cure: Cure | None = None
    level: Level = Level.HARD
    text: str = ""
    """The sentence for the person concerned."""


class Problem(Exception):
    """Base of the four errors; `code` is stable and names the problem."""

    status = 500

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Invalid(Problem):
    """What was sent cannot be right. `fields` maps a field name to its messages."""

    status = 422

    def __init__(
        self, code: str, detail: str = "", fields: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        super().__init__(code, detail)
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}


class Refused(Problem):
    """Understood, and the answer is no. Carries every reason."""

    status = 409

    def __init__(
        self,
        reasons: Sequence[Reason],
        detail: str = "",
        *,
        note: Callable[[Any], object] | None = None,
    ) -> None:
        """`note`: writes down, in a session of its own, that it was tried and refused. The deed's
        own transaction is undone."""
        super().__init__(reasons[0].code if reasons else "refused", detail)
        self.reasons = tuple(reasons)
        self.note = note


class Forbidden(Problem):
    """The actor may not do this deed here."""

    status = 403

    def __init__(self, code: str = "forbidden", detail: str = "") -> None:
        super().__init__(code, detail)


class NotFound(Problem):
    """Unknown, or not the actor's to see: the two answers are identical."""

    status = 404

    def __init__(self, code: str = "not_found") -> None:
        super().__init__(code)
