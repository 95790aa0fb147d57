"""The API of a worker: find shifts, book, cancel, keep own hours."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.booking import bookings, cancellations, hours, own_bookings
from bankhub.actions.booking.bookings import Override
from bankhub.actions.finding import search
from bankhub.model.search_values import ShiftFilters
from bankhub.model.vocabulary import BookingState, HoursKind
from bankhub.web.shapes import (
    BookedShape,
    FoundList,
    FoundShape,
    MyShiftsQuery,
    WorkplaceShape,
    chosen,
    moment,
    words,
)
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("work", "The signed-in worker's shifts, bookings and hours")


@resource.read("/me/shifts", query=MyShiftsQuery, answer=FoundList)
def find_shifts(session: Session, values: dict[str, Any]) -> Any:
    """Shifts the worker may book; with `show=all` also those they may not, with every reason."""
    show, after, limit = values.pop("show"), values.pop("after"), values.pop("limit")
    return search.find_shifts(
        session,
        filters=ShiftFilters(**values),
        show=show,
        after=after,
        limit=limit,
        by=current_actor(),
        now=now(),
    )


@resource.read("/me/shifts/<uuid:shift_id>", answer=FoundShape)
def one_shift(session: Session, shift_id: UUID) -> Any:
    """One shift as the worker sees it."""
    return search.one_shift(session, shift_id=shift_id, by=current_actor(), now=now())


class OverrideShape(Strict):
    """A soft reason to lift."""

    code = words(required=True, most=64)
    because = words(required=True)
    compensatory_rest = words(load_default="")


class BookingRequest(Strict):
    """Empty to book oneself; with `person_id` the bank office books somebody who agreed."""

    person_id = fields.UUID(load_default=None)
    agreed_how = words(load_default="", most=32)
    overrides = fields.List(
        fields.Nested(OverrideShape), load_default=list, validate=validate.Length(max=20)
    )


@resource.deed("/shifts/<uuid:shift_id>/bookings", body=BookingRequest, answer=BookedShape)
def book(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Book, or apply where the unit chooses; refused with every reason at once."""
    by, at = current_actor(), now()
    if values["person_id"] is None:
        return bookings.book(session, shift_id=shift_id, by=by, now=at)
    lifts = [Override(**one) for one in values.pop("overrides")]
    return bookings.assign(session, shift_id=shift_id, overrides=lifts, by=by, now=at, **values)


class CancelRequest(Strict):
    """Why, and for the bank office on whose behalf."""

    because = words(required=True)
    on_behalf_of = fields.String(
        load_default="self", validate=validate.OneOf(["self", "ward", "worker"])
    )
    need_ended = fields.Boolean(load_default=False)


class BookingShape(Answer):
    """A booking."""

    booking_id = fields.UUID(attribute="id")
    shift_id = fields.UUID()
    state = chosen(BookingState)
    starts_at = moment()
    ends_at = moment()


@resource.deed(
    "/bookings/<uuid:booking_id>/cancel", body=CancelRequest, answer=BookingShape, status=200
)
def cancel(session: Session, values: dict[str, Any], booking_id: UUID) -> Any:
    """Undo a booking: the worker's own, or by the bank office for the ward or the worker."""
    common: dict[str, Any] = {
        "booking_id": booking_id,
        "because": values["because"],
        "by": current_actor(),
        "now": now(),
    }
    if values["on_behalf_of"] == "self":
        return cancellations.cancel_own(session, **common)
    if values["on_behalf_of"] == "worker":
        return cancellations.cancel_for_worker(session, **common)
    return cancellations.cancel_by_ward(session, need_ended=values["need_ended"], **common)


@resource.deed("/bookings/<uuid:booking_id>/accept", answer=BookedShape, status=200)
def accept(session: Session, booking_id: UUID) -> Any:
    """Accept an application; everything is asked again before the place is taken."""
    return bookings.accept(session, booking_id=booking_id, by=current_actor(), now=now())


class DeclineRequest(Strict):
    """Why; the applicant is told."""

    because = words(load_default="")


@resource.deed(
    "/bookings/<uuid:booking_id>/decline", body=DeclineRequest, answer=BookingShape, status=200
)
def decline(session: Session, values: dict[str, Any], booking_id: UUID) -> Any:
    """Say no to an application."""
    return bookings.decline(session, booking_id=booking_id, by=current_actor(), now=now(), **values)


class OwnBookingShape(BookingShape):
    """One of the worker's own bookings, with where it is."""

    booking_id = fields.UUID(attribute="booking.id")
    shift_id = fields.UUID(attribute="booking.shift_id")
    state = chosen(BookingState, attribute="booking.state")
    starts_at = moment(attribute="booking.starts_at")
    ends_at = moment(attribute="booking.ends_at")
    reference = fields.String()
    place = fields.Nested(WorkplaceShape)


class OwnBookingList(Answer):
    """The worker's bookings by start."""

    bookings = fields.List(fields.Nested(OwnBookingShape))


class SinceQuery(Strict):
    """From when."""

    since = moment(load_default=None)


@resource.read("/me/bookings", query=SinceQuery, answer=OwnBookingList)
def my_bookings(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The worker's bookings and applications that end after a moment (now, if none is given)."""
    since = values["since"] or now()
    return {"bookings": own_bookings.own_bookings(session, since=since, by=current_actor())}


class HoursShape(Answer):
    """Busy time: hours only, never a place."""

    id = fields.UUID()
    kind = chosen(HoursKind)
    starts_at = moment()
    ends_at = moment()
    minutes = fields.Integer()
    source = fields.String()


class HoursList(Answer):
    """The worker's ledger by start."""

    hours = fields.List(fields.Nested(HoursShape))


@resource.read("/me/hours", query=SinceQuery, answer=HoursList)
def my_hours(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The worker's own Hours ledger."""
    return {"hours": hours.own_hours(session, since=values["since"] or now(), by=current_actor())}


class HoursRequest(Strict):
    """Work elsewhere, or leave."""

    starts_at = moment(required=True)
    ends_at = moment(required=True)
    unpaid_break_minutes = fields.Integer(
        strict=True, load_default=0, validate=validate.Range(0, 1440)
    )
    kind = chosen(HoursKind, load_default=HoursKind.DECLARED)


@resource.deed("/me/hours", body=HoursRequest, answer=HoursShape)
def declare_hours(session: Session, values: dict[str, Any]) -> Any:
    """Enter hours worked elsewhere, or leave."""
    return hours.declare(session, by=current_actor(), now=now(), **values)


class Removed(Answer):
    """What was removed."""

    removed = fields.UUID()


@resource.deed("/me/hours/<uuid:hours_id>/remove", answer=Removed, status=200)
def remove_hours(session: Session, hours_id: UUID) -> dict[str, Any]:
    """Take back hours that one declared oneself."""
    hours.remove(session, hours_id=hours_id, by=current_actor(), now=now())
    return {"removed": hours_id}
