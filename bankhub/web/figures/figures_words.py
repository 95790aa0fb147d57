"""Fill figures in words and numbers for screens and files. A rate never stands without its unit."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from bankhub.actions.figures.fill_tables import FillTable
from bankhub.model.fill_values import Amount, Dimension, FillUnit, GroupKey
from bankhub.rules.figures.fill_rate import size
from bankhub.rules.figures.fill_rows import Behind, FillRow
from bankhub.rules.shift_times import LeadBand
from bankhub.web.trade_words import BUCKETS, REASONS, STAFF_GROUPS, grade_name, spoken
from passport.web.words import london_date

HIDDEN = "hidden"
"""What stands in the place of a suppressed number."""

DIMENSIONS: Mapping[Dimension, str] = {
    Dimension.TRUST: "Organisation",
    Dimension.SITE: "Site",
    Dimension.UNIT: "Unit",
    Dimension.STAFF_GROUP: "Staff group",
    Dimension.GRADE: "Grade",
    Dimension.REASON: "Reason",
    Dimension.WEEK: "Week",
    Dimension.LEAD_BAND: "Lead time",
}
LEAD_BANDS: Mapping[str, str] = {
    LeadBand.FROM_42_DAYS: "42 days or more ahead",
    LeadBand.FROM_28_DAYS: "28 to 41 days",
    LeadBand.FROM_14_DAYS: "14 to 27 days",
    LeadBand.FROM_7_DAYS: "7 to 13 days",
    LeadBand.FROM_24_HOURS: "24 hours to 6 days",
    LeadBand.UNDER_24_HOURS: "Under 24 hours",
    LeadBand.AFTER_START: "After the start",
}
UNITS: Mapping[FillUnit, str] = {FillUnit.SHIFTS: "Shifts", FillUnit.HOURS: "Hours"}
BEHIND: Mapping[Behind, str] = {
    Behind.REQUESTED: "Requested",
    **{Behind(bucket.value): words for bucket, words in BUCKETS.items()},
    Behind.STILL_OPEN: "Still open",
    Behind.AWAITING_SIGN_OFF: "Waiting for sign-off",
    Behind.DID_NOT_ATTEND: "Did not attend",
    Behind.RELEASED_EARLY: "Released early",
    Behind.RETROSPECTIVE: "Retrospective",
    Behind.WITHDRAWN: "Withdrawn before fill",
    Behind.WITHDRAWN_AFTER_FILL: "Withdrawn after fill",
    Behind.LATE_WITHDRAWALS: "Late withdrawals",
    Behind.LATE_WARD_CANCELLATIONS: "Late ward cancellations",
}


def key_text(dimension: Dimension, value: Any, names: Mapping[UUID, str]) -> str:
    """One part of a group's key in words."""
    if isinstance(value, UUID):
        return names.get(value, "No longer on record")
    if isinstance(value, date):
        return f"Week of {london_date(value, 'short')} {value.year}"
    if dimension is Dimension.GRADE:
        name = grade_name(value)
        return name[:1].upper() + name[1:]
    words: Mapping[Any, str] = {
        Dimension.STAFF_GROUP: STAFF_GROUPS,
        Dimension.REASON: REASONS,
        Dimension.LEAD_BAND: LEAD_BANDS,
    }.get(dimension, {})  # type: ignore[assignment]
    return words.get(value) or spoken(value)


def group_text(table: FillTable, key: GroupKey) -> str:
    """The whole key in words."""
    parts = [key_text(d, part, table.names) for d, part in zip(table.question.by, key, strict=True)]
    return " · ".join(parts) or "All"


def in_order(table: FillTable) -> list[tuple[GroupKey, FillRow]]:
    """The lines in the order in which they are read: weeks by date, lists in their own order,
    everything else by name."""
    orders: dict[Dimension, list[Any]] = {
        Dimension.LEAD_BAND: list(LEAD_BANDS),
        Dimension.STAFF_GROUP: list(STAFF_GROUPS),
    }

    def place(key: GroupKey) -> list[Any]:
        found: list[Any] = []
        for dimension, part in zip(table.question.by, key, strict=True):
            if dimension in orders:
                found.append(orders[dimension].index(part))
            elif isinstance(part, date):
                found.append(part.toordinal())
            else:
                found.append(key_text(dimension, part, table.names).casefold())
        return found

    return sorted(table.rows.items(), key=lambda item: place(item[0]))


def amount_text(amount: Amount | int | None, unit: FillUnit) -> str:
    """`1,234` shifts, `1,234.5` hours; `hidden` where it is suppressed."""
    if amount is None:
        return HIDDEN
    if isinstance(amount, int) or unit is FillUnit.SHIFTS:
        return f"{amount if isinstance(amount, int) else amount.shifts:,}"
    return f"{amount.minutes / 60:,.1f}"


def amount_cell(amount: Amount | int | None, unit: FillUnit) -> Any:
    """The same for a file: a plain number, hours to the minute."""
    if amount is None:
        return HIDDEN
    if isinstance(amount, int):
        return amount
    return amount.shifts if unit is FillUnit.SHIFTS else round(size(amount, unit) / 60, 4)


def share_text(share: float | None) -> str:
    """`72.3%`; a dash where there is nothing to divide by, or it would tell a hidden number."""
    return "–" if share is None else f"{100 * share:.1f}%"


def lead_text(hours: float | None) -> str:
    """`12 days` from two days on, else `30 h`."""
    if hours is None:
        return "–"
    if hours < 48:
        return f"{hours:g} h"
    return f"{timedelta(hours=hours) / timedelta(days=1):.1f} days".replace(".0 days", " days")


FILE_HEADINGS = (
    *BUCKETS.values(),
    "Requested",
    "Went unfilled",
    "Still open",
    "Retrospective",
    "Withdrawn before fill",
    "Withdrawn after fill",
)


def file_headings(table: FillTable) -> list[str]:
    """Headings of the figures as a file, each amount with its unit."""
    unit = table.unit.value
    return [
        *(DIMENSIONS[dimension] for dimension in table.question.by),
        *(f"{heading} ({unit})" for heading in FILE_HEADINGS),
        "Late withdrawals (shifts)",
        "Late ward cancellations (bookings)",
        f"Temporary demand filled ({unit}, share)",
        f"Temporary demand filled as worked ({unit}, share)",
        f"Filled by banks ({unit}, share)",
        f"Bank share of filled ({unit}, share)",
        f"Released early ({unit}, share)",
        "Median lead (hours)",
        "As of (UTC)",
    ]


def file_row(table: FillTable, key: GroupKey | None, row: FillRow) -> list[Any]:
    """One line of the file; `key` None = the total."""
    unit, rates = table.unit, row.rates
    by = table.question.by
    names = (
        [key_text(d, part, table.names) for d, part in zip(by, key, strict=True)]
        if key is not None
        else ["All"] * len(by)
    )
    amounts = [
        *(getattr(row, bucket.value) for bucket in BUCKETS),
        row.requested,
        row.went_unfilled,
        row.still_open,
        row.retrospective,
        row.withdrawn,
        row.withdrawn_after_fill,
        row.late_withdrawals,
        row.late_ward_cancellations,
    ]
    shares = [
        rates.temp_fill_rate,
        rates.worked_temp_fill_rate,
        rates.bank_fill_rate,
        rates.bank_share,
        rates.released_early_share,
        rates.median_lead_hours,
    ]
    return [
        *names,
        *(amount_cell(amount, unit) for amount in amounts),
        *("" if share is None else round(share, 4) for share in shares),
        table.as_of.isoformat(timespec="minutes"),
    ]
