"""The API of a bank office: its shifts, who can fill them, and what happens to them."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.cascade import agency
from bankhub.actions.cascade.agency import Supply
from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.actions.shifts import shift_changes, shift_lists, shifts
from bankhub.actions.shifts.shift_lists import ListedShift, ListFilters
from bankhub.actions.shifts.shifts import ShiftDraft
from bankhub.model.vocabulary import ShiftState, Tier
from bankhub.web.shapes import (
    BookedShape,
    ListedList,
    OpeningShape,
    PostedList,
    ShiftRequest,
    ShiftsQuery,
    StoryShape,
    chosen,
    words,
)
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("shifts", "Shifts of the organisation the token acts in")


@resource.deed("/shifts", body=ShiftRequest, answer=PostedList)
def post_shift(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Post a request; above the organisation's threshold it waits to be authorised."""
    submit = values.pop("submit")
    values["skills"] = frozenset(values["skills"])
    posted = shifts.post(
        session, draft=ShiftDraft(**values), submit=submit, by=current_actor(), now=now()
    )
    return {"shifts": posted}


@resource.read("/shifts", query=ShiftsQuery, answer=ListedList, logged=True)
def list_shifts(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The organisation's shifts between two moments, by start."""
    after = values["after"]
    rows = shift_lists.list_shifts(
        session,
        filters=ListFilters(
            starts_from=values["starts_from"],
            starts_before=values["starts_before"],
            unit_id=values["unit_id"],
            site_id=values["site_id"],
            states=(values["state"],) if values["state"] else (),
        ),
        after=_place(after) if after else None,
        limit=values["limit"],
        by=current_actor(),
        named_at=now(),
    )
    return {"shifts": rows, "after": _next(rows, values["limit"])}


def _place(after: str) -> Any:
    return tuple(cursor_place(after, *shift_lists.CURSOR))


def _next(rows: list[ListedShift], limit: int) -> str | None:
    last = rows[-1].shift if len(rows) == limit else None
    return cursor_text((last.starts_at, last.id)) if last else None


@resource.read("/shifts/<uuid:shift_id>", answer=StoryShape, logged=True)
def read_shift(session: Session, shift_id: UUID) -> Any:
    """One shift and its openings."""
    return shift_lists.shift_story(
        session, shift_id=shift_id, by=current_actor(), named_at=now()
    )


class StateShape(Answer):
    """A shift and its state."""

    id = fields.UUID()
    reference = fields.String()
    state = chosen(ShiftState)


class Because(Strict):
    """Why."""

    because = words(required=True)


@resource.deed("/shifts/<uuid:shift_id>/submit", answer=StateShape, status=200)
def submit_shift(session: Session, shift_id: UUID) -> Any:
    """Hand a draft in."""
    return shift_changes.submit(session, shift_id=shift_id, by=current_actor(), now=now())


@resource.deed("/shifts/<uuid:shift_id>/authorise", answer=StateShape, status=200)
def authorise_shift(session: Session, shift_id: UUID) -> Any:
    """Allow the spend: the shift opens to the own bank now."""
    return shift_changes.authorise(session, shift_id=shift_id, by=current_actor(), now=now())


@resource.deed("/shifts/<uuid:shift_id>/reject", body=Because, answer=StateShape, status=200)
def reject_shift(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Turn a submitted request down."""
    return shift_changes.reject(
        session, shift_id=shift_id, because=values["because"], by=current_actor(), now=now()
    )


class Withdrawal(Because):
    """Why, and whether the need itself ended."""

    need_ended = fields.Boolean(load_default=False)


@resource.deed("/shifts/<uuid:shift_id>/withdraw", body=Withdrawal, answer=StateShape, status=200)
def withdraw_shift(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Pull a request that nobody is booked on, before its start."""
    return shift_changes.withdraw(
        session, shift_id=shift_id, by=current_actor(), now=now(), **values
    )


class EarlyOpening(Because):
    """Which tier, and why."""

    tier = chosen(Tier, required=True)


@resource.deed("/shifts/<uuid:shift_id>/openings", body=EarlyOpening, answer=OpeningShape)
def open_early(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Open a tier ahead of its time: named, reasoned, never an agency before a bank."""
    return shift_changes.open_early(
        session, shift_id=shift_id, by=current_actor(), now=now(), **values
    )


class AgencyFillRequest(Strict):
    """Who supplies the worker, at what total hourly charge excluding VAT."""

    tier = chosen(Tier, required=True)
    agency_name = words(required=True, most=200)
    framework = words(load_default="", most=200)
    rate_pence_per_hour = fields.Integer(
        strict=True, required=True, validate=validate.Range(1, 9_999_999)
    )
    worker_name = words(required=True, most=200)


class AgencyBookedShape(BookedShape):
    """The booking of an agency worker."""

    booking_id = fields.UUID(attribute="id")


@resource.deed(
    "/shifts/<uuid:shift_id>/agency-fills", body=AgencyFillRequest, answer=AgencyBookedShape
)
def record_agency_fill(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Record an agency fill on a shift whose agency tier is open."""
    supply = Supply(**values)
    return agency.record_fill(
        session, shift_id=shift_id, supply=supply, by=current_actor(), now=now()
    )


class BreakGlassRequest(Strict):
    """Why off-framework: from the closed list of the cascade policy."""

    reason = words(required=True, most=64)
    reason_text = words(load_default="")


class BreakGlassShape(Answer):
    """Leave to go off-framework."""

    id = fields.UUID()
    shift_id = fields.UUID()
    reason = fields.String()
    asked_at = fields.AwareDateTime()
    granted_at = fields.AwareDateTime(allow_none=True)
    refused_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime(allow_none=True)
    review_due_on = fields.Date(allow_none=True)
    reviewed_at = fields.AwareDateTime(allow_none=True)


@resource.deed(
    "/shifts/<uuid:shift_id>/break-glasses", body=BreakGlassRequest, answer=BreakGlassShape
)
def ask_break_glass(session: Session, values: dict[str, Any], shift_id: UUID) -> Any:
    """Ask an executive for leave to go off-framework."""
    return agency.ask_break_glass(
        session, shift_id=shift_id, by=current_actor(), now=now(), **values
    )


@resource.deed("/break-glasses/<uuid:break_glass_id>/grant", answer=BreakGlassShape, status=200)
def grant_break_glass(session: Session, break_glass_id: UUID) -> Any:
    """An executive who is not the requester grants it."""
    return agency.grant_break_glass(
        session, break_glass_id=break_glass_id, by=current_actor(), now=now()
    )


@resource.deed("/break-glasses/<uuid:break_glass_id>/refuse", answer=BreakGlassShape, status=200)
def refuse_break_glass(session: Session, break_glass_id: UUID) -> Any:
    """The executive says no."""
    return agency.refuse_break_glass(
        session, break_glass_id=break_glass_id, by=current_actor(), now=now()
    )


class Review(Strict):
    """What the review found."""

    outcome = words(required=True)


@resource.deed(
    "/break-glasses/<uuid:break_glass_id>/review", body=Review, answer=BreakGlassShape, status=200
)
def review_break_glass(session: Session, values: dict[str, Any], break_glass_id: UUID) -> Any:
    """Record the review that every break-glass must have."""
    return agency.review_break_glass(
        session, break_glass_id=break_glass_id, by=current_actor(), now=now(), **values
    )
