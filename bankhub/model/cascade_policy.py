"""What a cascade policy says: when each tier sees a shift. Values only; the answers are in
`rules.cascade.bank_before_agency`. National defaults: `bankhub/reference/cascade.toml`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import Grade, StaffGroup


@dataclass(frozen=True, slots=True)
class LeadStep:
    """How long one tier has a shift before the next sees it.

    The row that applies is the one with the largest `lead_from_minutes` not above the time left
    before the start at the moment the earlier tier opened.
    """

    lead_from_minutes: int
    bank_step_minutes: int
    """A bank tier's time before the next tier, bank or agency."""
    agency_step_minutes: int
    """A framework tier's time before the next framework tier."""


@dataclass(frozen=True, slots=True)
class AgencyBan:
    """Grades that may not go to agency, for shifts starting on the named London days."""

    grades: tuple[Grade, ...]
    from_on: str
    """ISO date, first day of the ban."""
    until_on: str | None = None
    """ISO date, last day of the ban; None = no end."""

    def holds(self, grade: Grade, day: date) -> bool:
        """Whether the ban closes this grade on this day."""
        on = day.isoformat()
        return (
            grade in self.grades
            and self.from_on <= on
            and (self.until_on is None or on <= self.until_on)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadePolicy:
    """When each tier opens. Days are spans of 24 hours before the start, counted in UTC."""

    fallback_opens_days_before: int
    fallback_late_share_percent: int
    """Authorised later than the fallback window: the share of the time that is left before the
    next tier's window which the exact grade keeps for itself."""
    partner_opens_days_before: int | None
    """None = no partner banks: the tier stays closed."""
    agency_opens_days_before: int
    agency_tiers: int
    """How many framework tiers are used, 0 to 3."""
    bank_floor_minutes: int
    """Least time a bank tier has a shift before the next tier, however short the notice."""
    short_notice_under_hours: int
    """Authorised with less time than this: the windows give way to the steps."""
    steps: tuple[LeadStep, ...]
    agency_lock_hours: int
    """From this long before the start an agency booking can no longer be displaced by the bank."""
    partner_in_industrial_action: bool
    """Whether partner banks see cover for industrial action."""
    agency_needs_exemption: tuple[StaffGroup, ...]
    """Staff groups closed to agency unless a recorded, dated exemption exists."""
    agency_bans: tuple[AgencyBan, ...]
    break_glass_reasons: tuple[str, ...]
    """The closed list of reasons for going off-framework."""
    break_glass_hours: int
    """Longest time a break-glass may stay usable."""
    break_glass_review_days: int
    """A break-glass is reviewed at the latest this many days after it was granted."""


@dataclass(frozen=True, slots=True)
class ExemptionSpan:
    """A recorded exemption of one staff group, both days included."""

    staff_group: StaffGroup
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class AgencyExemptions:
    """An organisation's exemptions on record."""

    spans: tuple[ExemptionSpan, ...] = ()

    def cover(self, staff_group: StaffGroup, day: date) -> bool:
        """Whether the group may go to agency for a shift starting on this London day."""
        return any(
            span.staff_group is staff_group and span.from_on <= day <= span.until_on
            for span in self.spans
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlassFacts:
    """A break-glass as the rules see it: leave to take one shift off-framework."""

    shift_id: UUID
    reason: str
    granted_at: datetime | None
    """None = asked for, or refused."""
    by_executive: bool
    """The one who granted it was executive on call for the organisation, or stood in for one by
    a dated delegation, at that moment."""
    expires_at: datetime | None
    review_due_on: date | None


@dataclass(frozen=True, slots=True)
class PastShift:
    """A shift as the policy preview replays it."""

    shift: ShiftFacts
    authorised_at: datetime
    filled_at: datetime | None
    filled_by_bank: bool = True
    """False: an agency worker filled it."""


@dataclass(frozen=True, slots=True)
class PreviewedShift:
    """One shift under two policies."""

    shift_id: UUID
    old: tuple[PlannedOpening, ...]
    new: tuple[PlannedOpening, ...]
    filled_before_agency_old: bool
    filled_before_agency_new: bool
    reached_agency_old: bool
    """An agency tier opened while nobody had filled the shift."""
    reached_agency_new: bool


@dataclass(frozen=True, slots=True)
class PreviewTotals:
    """How many of the shifts, under each policy."""

    shifts: int
    changed: int
    """At least one tier opens at another moment, or opens or closes."""
    filled_before_agency_old: int
    filled_before_agency_new: int
    reached_agency_old: int
    reached_agency_new: int


@dataclass(frozen=True, slots=True)
class CascadePreview:
    """What a set of shifts would have done under another policy."""

    totals: PreviewTotals
    shifts: tuple[PreviewedShift, ...] = field(default=())
