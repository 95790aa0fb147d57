"""Shapes of the API that several endpoints share: strict coming in, named going out."""

from typing import Any

from marshmallow import fields, validate

from bankhub.model.fill_values import FillUnit
from bankhub.model.search_values import Show
from bankhub.model.vocabulary import (
    BookingState,
    FillBucket,
    Grade,
    RequestReason,
    ShiftState,
    StaffGroup,
    Tier,
)
from passport.web.api_base import Answer, ReasonShape, Strict

LONGEST_TEXT = 2000
MOST_ROWS = 200


def moment(**kwargs: Any) -> fields.AwareDateTime:
    """A moment with an offset; naive ones are refused."""
    return fields.AwareDateTime(format="iso", default_timezone=None, **kwargs)


def chosen(kind: Any, **kwargs: Any) -> fields.Enum[Any]:
    """One of a closed list, by value."""
    return fields.Enum(kind, by_value=True, **kwargs)


def words(**kwargs: Any) -> fields.String:
    """Text of bounded length, without control characters."""
    return fields.String(
        validate=[
            validate.Length(max=kwargs.pop("most", LONGEST_TEXT)),
            validate.Regexp(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$", error="Control characters."),
        ],
        **kwargs,
    )


class ShiftRequest(Strict):
    """A request for cover. Moments carry their offset; `people` makes so many single shifts."""

    unit_id = fields.UUID(required=True)
    role = words(required=True, most=64)
    grade = chosen(Grade, required=True)
    fallback_grade = chosen(Grade, allow_none=True, load_default=None)
    skills = fields.List(words(most=64), load_default=list, validate=validate.Length(max=20))
    starts_at = moment(required=True)
    ends_at = moment(required=True)
    unpaid_break_minutes = fields.Integer(
        strict=True, allow_none=True, load_default=None, validate=validate.Range(0, 720)
    )
    reason = chosen(RequestReason, required=True)
    reason_text = words(load_default="")
    post_number = words(load_default="", most=64)
    review_on = fields.Date(allow_none=True, load_default=None)
    notes = words(load_default="")
    shift_code = words(load_default="", most=16)
    instant_book = fields.Boolean(allow_none=True, load_default=None)
    people = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 50))
    submit = fields.Boolean(load_default=True)


class PostedShape(Answer):
    """A shift that was posted."""

    shift_id = fields.UUID(required=True)
    reference = fields.String(required=True)
    state = chosen(ShiftState)


class PostedList(Answer):
    """All shifts of one request."""

    shifts = fields.List(fields.Nested(PostedShape))


class PageQuery(Strict):
    """Cursor paging."""

    after = words(load_default=None, most=200)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST_ROWS))


class ShiftsQuery(PageQuery):
    """Which of the organisation's shifts."""

    starts_from = moment(required=True)
    starts_before = moment(required=True)
    unit_id = fields.UUID(load_default=None)
    site_id = fields.UUID(load_default=None)
    state = chosen(ShiftState, load_default=None)


class MyShiftsQuery(PageQuery):
    """Which shifts a worker asks for."""

    show = chosen(Show, load_default=Show.BOOKABLE)
    from_on = fields.Date(load_default=None)
    until_on = fields.Date(load_default=None)
    site_id = fields.UUID(load_default=None)
    unit_id = fields.UUID(load_default=None)
    role = words(load_default=None, most=64)
    shift_code = words(load_default=None, most=16)


class WorkplaceShape(Answer):
    """Where."""

    unit_id = fields.UUID()
    unit_name = fields.String()
    site_name = fields.String()
    organisation_name = fields.String()


class PayLineShape(Answer):
    """Minutes at one rate."""

    time_type = fields.String()
    minutes = fields.Integer()
    rate_pence = fields.Integer()
    pence = fields.Integer()


class PayShape(Answer):
    """Expected gross pay: an estimate, before deductions."""

    hourly_pence = fields.Integer()
    total_pence = fields.Integer()
    lines = fields.List(fields.Nested(PayLineShape))
    illustrative = fields.Boolean()
    source = fields.String()


class FoundShape(Answer):
    """A shift as one worker sees it."""

    id = fields.UUID(attribute="shift.id")
    reference = fields.String()
    role = fields.String(attribute="shift.role")
    shift_grade = chosen(Grade, attribute="shift.grade")
    grade = chosen(Grade)
    starts_at = moment(attribute="shift.starts_at")
    ends_at = moment(attribute="shift.ends_at")
    unpaid_break_minutes = fields.Integer(attribute="shift.unpaid_break_minutes")
    minutes = fields.Integer(attribute="shift.minutes")
    place = fields.Nested(WorkplaceShape)
    tier = chosen(Tier)
    bookable = fields.Boolean()
    reasons = fields.List(fields.Nested(ReasonShape))
    instant_book = fields.Boolean()
    own_booking = chosen(BookingState, allow_none=True)
    distance_km = fields.Float(allow_none=True)
    is_cleared = fields.Boolean()
    due_at_arrival = fields.List(fields.String())
    pay = fields.Nested(PayShape, allow_none=True)


class FoundList(Answer):
    """Shifts by start, and the cursor of the next page."""

    shifts = fields.List(fields.Nested(FoundShape))
    after = fields.String(allow_none=True)
    hidden = fields.Dict(keys=fields.String(), values=fields.Integer())


class OpeningShape(Answer):
    """When a tier sees the shift."""

    tier = chosen(Tier)
    opens_at = moment(allow_none=True)
    why = fields.String()
    reason_text = fields.String()


class ListedShape(Answer):
    """One of the organisation's shifts."""

    id = fields.UUID(attribute="shift.id")
    reference = fields.String(attribute="shift.reference")
    unit_id = fields.UUID(attribute="unit.id")
    unit_name = fields.String(attribute="unit.name")
    site_name = fields.String(attribute="site.name")
    staff_group = chosen(StaffGroup, attribute="shift.staff_group")
    role = fields.String(attribute="shift.role")
    grade = chosen(Grade, attribute="shift.grade")
    fallback_grade = chosen(Grade, attribute="shift.fallback_grade", allow_none=True)
    starts_at = moment(attribute="shift.starts_at")
    ends_at = moment(attribute="shift.ends_at")
    unpaid_break_minutes = fields.Integer(attribute="shift.unpaid_break_minutes")
    reason = chosen(RequestReason, attribute="shift.reason")
    state = chosen(ShiftState, attribute="shift.state")
    retrospective = fields.Boolean(attribute="shift.retrospective")
    cost_estimate_pence = fields.Integer(attribute="shift.cost_estimate_pence", allow_none=True)
    booked = fields.String(attribute="who", allow_none=True)
    booking_id = fields.UUID(attribute="booking.id", allow_none=True, dump_default=None)


class StoryShape(Answer):
    """One shift with its openings."""

    shift = fields.Nested(ListedShape, attribute="listed")
    openings = fields.List(fields.Nested(OpeningShape))


class ListedList(Answer):
    """Shifts by start, and the cursor of the next page."""

    shifts = fields.List(fields.Nested(ListedShape))
    after = fields.String(allow_none=True)


class BookedShape(Answer):
    """What a booking became; `notes` say what was not checked."""

    booking_id = fields.UUID(required=True)
    shift_id = fields.UUID(required=True)
    reference = fields.String()
    state = chosen(BookingState)
    tier = chosen(Tier)
    notes = fields.List(fields.Nested(ReasonShape))


class AmountShape(Answer):
    """So many shifts and working minutes."""

    shifts = fields.Integer()
    minutes = fields.Integer()


_BUCKETS: dict[str, fields.Field[Any]] = {
    **{bucket.value: fields.Nested(AmountShape) for bucket in FillBucket},
    "requested": fields.Nested(AmountShape),
}
PartitionShape = Answer.from_dict(_BUCKETS, name="PartitionShape")


class RatesShape(Answer):
    """Rates in one unit; null = nothing to divide by."""

    unit = chosen(FillUnit)
    temp_fill_rate = fields.Float(allow_none=True)
    worked_temp_fill_rate = fields.Float(allow_none=True)
    bank_fill_rate = fields.Float(allow_none=True)
    bank_share = fields.Float(allow_none=True)
    released_early_share = fields.Float(allow_none=True)
    median_lead_hours = fields.Float(allow_none=True)
