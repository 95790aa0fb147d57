"""What a requesting policy says: who must agree, how long a shift may be, breaks, notice.

Values only; the answers are in `rules.cascade.shift_states` and `rules.shift_times`. National
defaults: `bankhub/reference/requesting.toml`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bankhub.model.values import ShiftFacts


@dataclass(frozen=True, slots=True)
class BreakLength:
    """Shifts of at least `from_minutes` by the wall clock have `unpaid_minutes` of break."""

    from_minutes: int
    unpaid_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPolicy:
    """How shifts are requested, how long they may be, and how a worker cancels."""

    two_people_above_pence: int
    """An estimate above this needs an authoriser who is not the requester; 0 = always."""
    two_people_above_minutes: int
    """Working time above this needs an authoriser who is not the requester; 0 = always."""
    unknown_cost_needs_two_people: bool
    """A request whose cost cannot be estimated needs an authoriser who is not the requester."""
    retrospective_needs_two_people: bool
    """A request made after the start always needs an authoriser who is not the requester."""
    maximum_shift_minutes: int
    """Longest elapsed time from start to end."""
    unpaid_breaks: tuple[BreakLength, ...]
    worker_cancel_notice_hours: int
    """A worker cancels alone up to this long before the start; later through the bank."""
    check_in_opens_minutes: int = 60
    """Somebody who is booked can be checked in from so long before the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """A request as its state rules see it: the shift, and who asked for it and why."""

    shift: ShiftFacts
    requested_by_id: UUID | None
    """None = nobody on record (a roster import without a named requester)."""
    created_at: datetime
    estimate_pence: int | None
    """None = the organisation has set no rate: the cost is not known."""
    reason_text: str = ""
    post_number: str = ""
    review_on: date | None = None
    notes: str = ""
