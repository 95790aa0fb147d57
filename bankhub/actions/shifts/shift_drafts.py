"""What a requester says of a shift, before it is posted, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bankhub.model import reference
from bankhub.model.sites import Unit
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState
from bankhub.rules.shift_times import london_day
from passport.errors import Reason

MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftWish:
    """What a requester says of a shift, its times aside: a pattern has many."""

    unit_id: UUID
    role: str
    grade: Grade
    reason: RequestReason
    fallback_grade: Grade | None = None
    skills: frozenset[str] = frozenset()
    unpaid_break_minutes: int | None = None
    """None = by the organisation's policy for a shift of this length."""
    reason_text: str = ""
    post_number: str = ""
    review_on: date | None = None
    notes: str = ""
    shift_code: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    instant_book: bool | None = None
    """None = as the unit does."""
    roster_reference: str | None = None
    people: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftDraft(ShiftWish):
    """What a requester says of one shift. Moments are UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one draft's shift."""

    shift_id: UUID
    reference: str
    state: ShiftState


@dataclass(frozen=True, slots=True)
class Preview:
    """What posting a draft now would come to."""

    facts: ShiftFacts
    estimate_pence: int | None
    """For one person; None = no rate is set."""
    waits: bool
    """Somebody else must authorise it."""
    retrospective: bool
    openings: Sequence[PlannedOpening]
    """When each tier would see it, were it authorised now."""


def why_not_draft(draft: ShiftDraft, unit: Unit) -> list[Reason]:
    """What cannot be meant: a role, grade, skill or number of people that does not exist."""
    role = reference.roles().get(draft.role)
    if role is None:
        return [Reason("role_not_known", {"role": draft.role}, text="This role is not known.")]
    wrong = [
        (
            role.volunteer,
            "role_of_volunteers",
            "Volunteers are unpaid: no shift is posted for them.",
        ),
        (draft.grade not in role.grades, "grade_not_of_role", "The role has no such grade."),
        (
            draft.fallback_grade is not None
            and (draft.fallback_grade not in role.grades or draft.fallback_grade is draft.grade),
            "fallback_not_of_role",
            "The fallback grade must be another grade of the same role.",
        ),
        (
            bool(draft.skills - reference.skills().keys()),
            "skill_not_known",
            "One of the skills is not known.",
        ),
        (
            not 1 <= draft.people <= MOST_PEOPLE,
            "people_out_of_range",
            f"Ask for 1 to {MOST_PEOPLE} people at a time.",
        ),
        (
            unit.closed_on is not None and unit.closed_on <= london_day(draft.starts_at),
            "unit_closed",
            "The unit is closed by then.",
        ),
    ]
    return [Reason(code, text=text) for is_wrong, code, text in wrong if is_wrong]
