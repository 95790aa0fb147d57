"""Frozen values of the fill figures: what is counted, how it stands, and sums that can be added.

Amounts are kept in shifts and in working minutes side by side; hours are minutes / 60 on screen.
`FillFigures` is a sum: adding the figures of two sets of shifts gives the figures of both, so
weekly roll-ups can be stored and added in any order. Nothing that cannot be added (a rate, a
median) is stored; rates and the median are worked out at the end by
`rules.figures.fill_rate.rates`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import (
    BookingState,
    FillBucket,
    Grade,
    RequestReason,
    StaffGroup,
    Tier,
)

K = TypeVar("K", str, int)


@dataclass(frozen=True, slots=True)
class BookingHistory:
    """What became of one booking, as far as the count needs it."""

    id: UUID
    tier: Tier
    state: BookingState
    made_at: datetime | None
    """When it took the place; None = an offer or application that never did."""
    ended_at: datetime | None = None
    """When it gave the place up: cancelled, displaced, marked as did not attend."""
    need_gone: bool = False
    """The ward cancelled because the shift was no longer needed."""


@dataclass(frozen=True, slots=True)
class ShiftHistory:
    """A shift and everything that happened to it."""

    shift: ShiftFacts
    created_at: datetime
    authorised_at: datetime | None
    """None = the spend was never allowed, so it is no demand."""
    withdrawn_at: datetime | None = None
    need_ended: bool = False
    """The coordinator recorded with the withdrawal that the need had ended."""
    bookings: tuple[BookingHistory, ...] = ()


class Standing(StrEnum):
    """Where a shift stands in the count. Each shift has exactly one."""

    REQUESTED = "requested"
    """In the partition: own + partner + framework + off-framework + unfilled."""
    NOT_AUTHORISED = "not_authorised"
    WITHDRAWN = "withdrawn"
    """Pulled before anyone was booked: no demand."""
    WITHDRAWN_AFTER_FILL = "withdrawn_after_fill"
    """Pulled after it had been booked, because the need was gone: counted apart."""
    RETROSPECTIVE = "retrospective"
    """Created or authorised only once it had started: filled by nature, so counted apart."""


@dataclass(frozen=True, slots=True)
class CountedShift:
    """One shift as the fill figures see it."""

    shift_id: UUID
    organisation_id: UUID
    site_id: UUID
    unit_id: UUID
    staff_group: StaffGroup
    grade: Grade
    reason: RequestReason
    week: date
    """Monday of the London week in which the shift starts."""
    minutes: int
    standing: Standing
    bucket: FillBucket
    """By booking; of weight only where `standing` is requested."""
    worked_bucket: FillBucket
    """The same, except that did-not-attend is unfilled."""
    lead_hours: int
    """Whole elapsed hours from authorisation to start; 0 if there was no lead at all."""
    lead_band: str
    """A `rules.shift_times.LeadBand`."""
    still_open: bool
    """Unfilled, and the start is ahead."""
    awaiting_sign_off: bool
    """Booked, and not yet confirmed as worked."""
    released_early: bool
    late_withdrawal: bool
    late_ward_cancellations: int


@dataclass(frozen=True, slots=True)
class Amount:
    """So many shifts, and so many working minutes in them."""

    shifts: int = 0
    minutes: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.shifts + other.shifts, self.minutes + other.minutes)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.shifts - other.shifts, self.minutes - other.minutes)


class FillUnit(StrEnum):
    """What a rate or a chart is counted in. A rate is never shown without it."""

    SHIFTS = "shifts"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Partition:
    """Requested shifts by how they were filled: every one in exactly one bucket."""

    own_bank: Amount = field(default_factory=Amount)
    partner_bank: Amount = field(default_factory=Amount)
    framework_agency: Amount = field(default_factory=Amount)
    off_framework: Amount = field(default_factory=Amount)
    unfilled: Amount = field(default_factory=Amount)

    def of(self, bucket: FillBucket) -> Amount:
        """The amount in one bucket."""
        amount: Amount = getattr(self, bucket.value)
        return amount

    @property
    def requested(self) -> Amount:
        """All of it."""
        return self.bank + self.agency + self.unfilled

    @property
    def bank(self) -> Amount:
        """Own and partner banks."""
        return self.own_bank + self.partner_bank

    @property
    def agency(self) -> Amount:
        """Framework and off-framework."""
        return self.framework_agency + self.off_framework

    def __add__(self, other: "Partition") -> "Partition":
        return Partition(*(self.of(bucket) + other.of(bucket) for bucket in FillBucket))


@dataclass(frozen=True, slots=True)
class FillFigures:
    """Sums over a set of shifts. `a + b` are the figures of both sets; `FillFigures()` is none.

    `booked` and `worked` cover the same requested shifts and differ only by who did not attend.
    """

    booked: Partition = field(default_factory=Partition)
    worked: Partition = field(default_factory=Partition)
    still_open: Amount = field(default_factory=Amount)
    """Part of `booked.unfilled` whose start is ahead."""
    awaiting_sign_off: Amount = field(default_factory=Amount)
    """Part of what `worked` counts as filled that nobody has confirmed as worked yet."""
    released_early: Amount = field(default_factory=Amount)
    """Part of requested authorised early enough (42 days)."""
    retrospective: Amount = field(default_factory=Amount)
    withdrawn: Amount = field(default_factory=Amount)
    withdrawn_after_fill: Amount = field(default_factory=Amount)
    late_withdrawals: int = 0
    late_ward_cancellations: int = 0
    lead_bands: tuple[tuple[str, int], ...] = ()
    """(lead-time band, requested shifts), by band."""
    lead_hours: tuple[tuple[int, int], ...] = ()
    """(whole hours of lead, requested shifts), by hours. The median is read from this: walk up
    until half the shifts are passed. Exact to the hour, and it can be added."""

    def __add__(self, other: "FillFigures") -> "FillFigures":
        histograms = {"lead_bands", "lead_hours"}
        return FillFigures(
            **{
                spec.name: getattr(self, spec.name) + getattr(other, spec.name)
                for spec in fields(self)
                if spec.name not in histograms
            },
            lead_bands=_added(self.lead_bands, other.lead_bands),
            lead_hours=_added(self.lead_hours, other.lead_hours),
        )

    def as_values(self) -> dict[str, Any]:
        """As JSON values, for a stored roll-up; `of_values` reads them back."""
        return {spec.name: _plain(getattr(self, spec.name)) for spec in fields(self)}

    @classmethod
    def of_values(cls, values: Mapping[str, Any]) -> "FillFigures":
        """Figures from what `as_values` gave."""
        made: dict[str, Any] = {}
        for name, value in values.items():
            if name in ("booked", "worked"):
                made[name] = Partition(**{key: Amount(*pair) for key, pair in value.items()})
            elif name.startswith("lead_"):
                made[name] = tuple((key, count) for key, count in value)
            else:
                made[name] = Amount(*value) if isinstance(value, list) else value
        return cls(**made)


def _added(
    left: tuple[tuple[K, int], ...], right: tuple[tuple[K, int], ...]
) -> tuple[tuple[K, int], ...]:
    return tuple(sorted((Counter(dict(left)) + Counter(dict(right))).items()))


def _plain(value: Any) -> Any:
    if isinstance(value, Partition):
        return {bucket.value: _plain(value.of(bucket)) for bucket in FillBucket}
    if isinstance(value, Amount):
        return [value.shifts, value.minutes]
    return [list(pair) for pair in value] if isinstance(value, tuple) else value


class Dimension(StrEnum):
    """What figures can be grouped by."""

    TRUST = "trust"
    SITE = "site"
    UNIT = "unit"
    STAFF_GROUP = "staff_group"
    GRADE = "grade"
    REASON = "reason"
    WEEK = "week"
    LEAD_BAND = "lead_band"


GroupKey = tuple[UUID | str | date, ...]
"""One value for each dimension grouped by, in that order."""


@dataclass(frozen=True, slots=True)
class FillRates:
    """Rates from figures, in one unit. None = nothing to divide by, which is not nought."""

    unit: FillUnit
    temp_fill_rate: float | None
    """1 − unfilled / requested, by booking."""
    worked_temp_fill_rate: float | None
    """The same by attendance."""
    bank_fill_rate: float | None
    """(own + partner) / requested."""
    bank_share: float | None
    """Bank / (bank + agency)."""
    released_early_share: float | None
    median_lead_hours: float | None


@dataclass(frozen=True, slots=True)
class ShownFigures:
    """What an analyst may see of one row. None = suppressed."""

    own_bank: Amount | None
    partner_bank: Amount | None
    framework_agency: Amount | None
    off_framework: Amount | None
    went_unfilled: Amount | None
    """Unfilled, and the start has passed."""
    still_open: Amount | None
    requested: Amount | None
    retrospective: Amount | None
    withdrawn: Amount | None
    withdrawn_after_fill: Amount | None
    late_withdrawals: int | None
    late_ward_cancellations: int | None


@dataclass(frozen=True, slots=True)
class ShownTable:
    """Figures by group with their totals, safe to show together."""

    rows: Mapping[GroupKey, ShownFigures]
    total: ShownFigures
    under: int
