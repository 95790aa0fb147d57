"""The API of the fill figures: by group, and down to the shifts counted."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.figures import fill_shifts, fill_tables
from bankhub.actions.figures.fill_histories import FillQuestion
from bankhub.actions.figures.fill_tables import FillTable
from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.actions.shifts.shift_lists import CURSOR
from bankhub.model.fill_values import Dimension, FillUnit, GroupKey
from bankhub.model.vocabulary import FillBucket, Grade, RequestReason, StaffGroup
from bankhub.rules.figures.fill_rows import Behind, FillRow
from bankhub.rules.shift_times import LeadBand, london_day
from bankhub.web.figures.figures_query import WEEKS_SHOWN
from bankhub.web.figures.figures_words import in_order
from bankhub.web.shapes import AmountShape, PartitionShape, RatesShape, chosen, moment, words
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("fill_rate", "How temporary demand was filled")


class NarrowQuery(Strict):
    """Which shifts: London weeks by any of their days, and what they are narrowed to."""

    first = fields.Date(load_default=None, metadata={"description": "A day of the first week"})
    last = fields.Date(load_default=None, metadata={"description": "A day of the last week"})
    trust_id = fields.UUID(load_default=None)
    site_id = fields.UUID(load_default=None)
    unit_id = fields.UUID(load_default=None)
    staff_group = chosen(StaffGroup, load_default=None)
    grade = chosen(Grade, load_default=None)
    reason = chosen(RequestReason, load_default=None)
    lead_band = chosen(LeadBand, load_default=None)


class FillQuery(NarrowQuery):
    """Grouped by up to three things; rates in shifts or hours."""

    by = fields.List(
        chosen(Dimension),
        load_default=lambda: [Dimension.WEEK],
        validate=validate.Length(max=3),
    )
    unit = chosen(FillUnit, load_default=FillUnit.SHIFTS)


_AMOUNTS = (
    *(bucket.value for bucket in FillBucket),
    "requested",
    "went_unfilled",
    "still_open",
    "retrospective",
    "withdrawn",
    "withdrawn_after_fill",
    "awaiting_sign_off",
    "released_early",
)
_FIGURES: dict[str, fields.Field[Any]] = {
    **{name: fields.Nested(AmountShape, allow_none=True) for name in _AMOUNTS},
    "worked": fields.Nested(PartitionShape, allow_none=True),
    "late_withdrawals": fields.Integer(allow_none=True),
    "late_ward_cancellations": fields.Integer(allow_none=True),
    "rates": fields.Nested(RatesShape),
}
FiguresShape = Answer.from_dict(_FIGURES, name="FiguresShape")


class GroupShape(Answer):
    """One line: its key by dimension, names for identifiers, and figures."""

    key = fields.Dict(keys=fields.String(), values=fields.String())
    names = fields.Dict(keys=fields.String(), values=fields.String())
    figures = fields.Nested(FiguresShape)


class FillShape(Answer):
    """requested = own_bank + partner_bank + framework_agency + off_framework + unfilled.

    null = suppressed for this reader, or never shown to it.
    """

    first_week = fields.Date()
    last_week = fields.Date()
    by = fields.List(chosen(Dimension))
    unit = chosen(FillUnit)
    as_of = moment()
    suppressed_under = fields.Integer(allow_none=True)
    groups = fields.List(fields.Nested(GroupShape))
    total = fields.Nested(FiguresShape)


def _question(values: dict[str, Any]) -> FillQuestion:
    last = values.pop("last") or london_day(now())
    first = values.pop("first") or last - timedelta(weeks=WEEKS_SHOWN - 1)
    by = tuple(dict.fromkeys(values.pop("by", (Dimension.WEEK,))))
    return FillQuestion(first_week=_monday(first), last_week=_monday(last), by=by, **values)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday()) if day.toordinal() > 7 else day


@resource.read("/fill-rate", query=FillQuery, answer=FillShape)
def fill_rate(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """How temporary demand was filled (`temp_fill_rate`), in shifts and working minutes."""
    unit = values.pop("unit")
    table = fill_tables.fill_table(
        session, question=_question(values), unit=unit, by=current_actor(), now=now()
    )
    return {
        "first_week": table.question.first_week,
        "last_week": table.question.last_week,
        "by": table.question.by,
        "unit": unit,
        "as_of": table.as_of,
        "suppressed_under": table.suppressed_under,
        "groups": [_group(table, key, row) for key, row in in_order(table)],
        "total": table.total,
    }


def _group(table: FillTable, key: GroupKey, row: FillRow) -> dict[str, Any]:
    parts = {dimension.value: part for dimension, part in zip(table.question.by, key, strict=True)}
    return {
        "key": {name: str(part) for name, part in parts.items()},
        "names": {
            name: table.names[part]
            for name, part in parts.items()
            if isinstance(part, UUID) and part in table.names
        },
        "figures": row,
    }


class CountedQuery(NarrowQuery):
    """Which number's shifts."""

    number = chosen(Behind, load_default=Behind.REQUESTED)
    after = words(load_default=None, most=200)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, fill_shifts.MOST_SHIFTS))


class CountedShape(Answer):
    """One shift as it was counted."""

    shift_id = fields.UUID()
    reference = fields.String()
    unit_id = fields.UUID()
    unit_name = fields.String()
    starts_at = moment()
    minutes = fields.Integer()
    standing = fields.String()
    bucket = chosen(FillBucket)
    worked_bucket = chosen(FillBucket)
    still_open = fields.Boolean()
    lead_band = fields.String()


class CountedList(Answer):
    """Shifts by start, and the cursor of the next page."""

    shifts = fields.List(fields.Nested(CountedShape))
    after = fields.String(allow_none=True)


@resource.read("/fill-rate/shifts", query=CountedQuery, answer=CountedList)
def fill_rate_shifts(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The very shifts behind one number, of the own organisation."""
    after, limit, number = values.pop("after"), values.pop("limit"), values.pop("number")
    page = fill_shifts.shifts_counted(
        session,
        question=_question(values),
        behind=number,
        after=tuple(cursor_place(after, *CURSOR)) if after else None,
        limit=limit,
        by=current_actor(),
        now=now(),
    )
    return {
        "shifts": [
            {
                "shift_id": shift.id,
                "reference": shift.reference,
                "unit_id": shift.unit_id,
                "unit_name": unit_name,
                "starts_at": shift.starts_at,
                "minutes": counted.minutes,
                "standing": counted.standing,
                "bucket": counted.bucket,
                "worked_bucket": counted.worked_bucket,
                "still_open": counted.still_open,
                "lead_band": counted.lead_band,
            }
            for counted, shift, unit_name in page.shifts
        ],
        "after": cursor_text(page.after) if page.after else None,
    }
