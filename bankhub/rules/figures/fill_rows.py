"""What does one line of the fill figures say, and which shifts are behind one of its numbers?

The same line for everybody: whoever may not see a number finds None in its place. Rates are
worked out only from numbers that are shown, so a rate tells nothing that its line does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bankhub.model.fill_values import (
    Amount,
    CountedShift,
    FillFigures,
    FillRates,
    FillUnit,
    Partition,
    ShownFigures,
    Standing,
)
from bankhub.model.vocabulary import FillBucket
from bankhub.rules.figures.fill_rate import rates, size

PARTITION = tuple(bucket.value for bucket in FillBucket)
"""Names of the parts that add up to `requested`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillRow:
    """One line. None = not shown to this reader, or nothing to divide by."""

    own_bank: Amount | None
    partner_bank: Amount | None
    framework_agency: Amount | None
    off_framework: Amount | None
    unfilled: Amount | None
    requested: Amount | None
    went_unfilled: Amount | None
    """The part of unfilled whose start has passed."""
    still_open: Amount | None
    retrospective: Amount | None
    withdrawn: Amount | None
    withdrawn_after_fill: Amount | None
    late_withdrawals: int | None
    late_ward_cancellations: int | None
    rates: FillRates
    worked: Partition | None = None
    awaiting_sign_off: Amount | None = None
    released_early: Amount | None = None

    @property
    def partition(self) -> Partition | None:
        """The five parts; None where one is not shown."""
        parts = [getattr(self, name) for name in PARTITION]
        return None if None in parts else Partition(*parts)


def row_of(figures: FillFigures, unit: FillUnit) -> FillRow:
    """The line of somebody who sees every number."""
    booked = figures.booked
    return FillRow(
        **{name: getattr(booked, name) for name in PARTITION},
        requested=booked.requested,
        went_unfilled=booked.unfilled - figures.still_open,
        still_open=figures.still_open,
        retrospective=figures.retrospective,
        withdrawn=figures.withdrawn,
        withdrawn_after_fill=figures.withdrawn_after_fill,
        late_withdrawals=figures.late_withdrawals,
        late_ward_cancellations=figures.late_ward_cancellations,
        rates=rates(figures, unit),
        worked=figures.worked,
        awaiting_sign_off=figures.awaiting_sign_off,
        released_early=figures.released_early,
    )


def row_of_shown(shown: ShownFigures, unit: FillUnit) -> FillRow:
    """The line of an analyst."""
    unfilled = _sum(shown.went_unfilled, shown.still_open) or _unfilled_together(shown)
    return FillRow(
        own_bank=shown.own_bank,
        partner_bank=shown.partner_bank,
        framework_agency=shown.framework_agency,
        off_framework=shown.off_framework,
        unfilled=unfilled,
        requested=shown.requested,
        went_unfilled=shown.went_unfilled,
        still_open=shown.still_open,
        retrospective=shown.retrospective,
        withdrawn=shown.withdrawn,
        withdrawn_after_fill=shown.withdrawn_after_fill,
        late_withdrawals=shown.late_withdrawals,
        late_ward_cancellations=shown.late_ward_cancellations,
        rates=_rates_of_shown(shown, unfilled, unit),
    )


def _unfilled_together(shown: ShownFigures) -> Amount | None:
    """Both halves where each is hidden: what is left of a line whose other numbers are shown."""
    if shown.went_unfilled is not None or shown.still_open is not None:
        return None
    parts = (
        shown.own_bank, shown.partner_bank, shown.framework_agency, shown.off_framework,
    )  # fmt: skip
    left = shown.requested
    for part in parts:
        left = None if left is None or part is None else left - part
    return left


def _rates_of_shown(shown: ShownFigures, unfilled: Amount | None, unit: FillUnit) -> FillRates:
    bank = _sum(shown.own_bank, shown.partner_bank)
    agency = _sum(shown.framework_agency, shown.off_framework)
    requested = shown.requested
    filled = requested - unfilled if requested is not None and unfilled is not None else None
    return FillRates(
        unit=unit,
        temp_fill_rate=_share(filled, requested, unit),
        worked_temp_fill_rate=None,
        bank_fill_rate=_share(bank, requested, unit),
        bank_share=_share(bank, _sum(bank, agency), unit),
        released_early_share=None,
        median_lead_hours=None,
    )


def _sum(left: Amount | None, right: Amount | None) -> Amount | None:
    return None if left is None or right is None else left + right


def _share(part: Amount | None, whole: Amount | None, unit: FillUnit) -> float | None:
    if part is None or whole is None or not size(whole, unit):
        return None
    return size(part, unit) / size(whole, unit)


class Behind(StrEnum):
    """A number of a line, as the way down to the shifts behind it."""

    REQUESTED = "requested"
    OWN_BANK = "own_bank"
    PARTNER_BANK = "partner_bank"
    FRAMEWORK_AGENCY = "framework_agency"
    OFF_FRAMEWORK = "off_framework"
    UNFILLED = "unfilled"
    STILL_OPEN = "still_open"
    AWAITING_SIGN_OFF = "awaiting_sign_off"
    DID_NOT_ATTEND = "did_not_attend"
    RELEASED_EARLY = "released_early"
    RETROSPECTIVE = "retrospective"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_AFTER_FILL = "withdrawn_after_fill"
    LATE_WITHDRAWALS = "late_withdrawals"
    LATE_WARD_CANCELLATIONS = "late_ward_cancellations"


def is_behind(shift: CountedShift, number: Behind) -> bool:
    """Whether the shift is one of those that the number counts."""
    return _BEHIND[number](shift)


def _requested(shift: CountedShift) -> bool:
    return shift.standing is Standing.REQUESTED


def _in(bucket: FillBucket) -> Callable[[CountedShift], bool]:
    return lambda shift: _requested(shift) and shift.bucket is bucket


def _stands(standing: Standing) -> Callable[[CountedShift], bool]:
    return lambda shift: shift.standing is standing


_BEHIND: Mapping[Behind, Callable[[CountedShift], bool]] = {
    Behind.REQUESTED: _requested,
    **{Behind(bucket.value): _in(bucket) for bucket in FillBucket},
    Behind.STILL_OPEN: lambda shift: shift.still_open,
    Behind.AWAITING_SIGN_OFF: lambda shift: shift.awaiting_sign_off,
    Behind.DID_NOT_ATTEND: lambda shift: (
        _requested(shift) and shift.worked_bucket is not shift.bucket
    ),
    Behind.RELEASED_EARLY: lambda shift: shift.released_early,
    Behind.RETROSPECTIVE: _stands(Standing.RETROSPECTIVE),
    Behind.WITHDRAWN: _stands(Standing.WITHDRAWN),
    Behind.WITHDRAWN_AFTER_FILL: _stands(Standing.WITHDRAWN_AFTER_FILL),
    Behind.LATE_WITHDRAWALS: lambda shift: shift.late_withdrawal,
    Behind.LATE_WARD_CANCELLATIONS: lambda shift: shift.late_ward_cancellations > 0,
}
