"""The API of check-in at the start of a shift, local inductions, and recharges."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.agreements import recharges
from bankhub.actions.booking import arrivals, check_ins, inductions
from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.model.agreement_terms import RechargeBasis
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.booking.check_in import Outcome
from bankhub.rules.shift_times import LONDON, london_day
from bankhub.web.shapes import PageQuery, chosen, moment, words
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("check_ins", "Check-in, local induction and recharges")


class DueShape(Answer):
    """Something to do at arrival, and whose act it is."""

    code = fields.String()
    title = fields.String()
    act = fields.String()
    by = fields.String()
    points = fields.List(fields.String(), dump_default=list)


class CheckInShape(Answer):
    """A check-in as it was made."""

    booking_id = fields.UUID()
    at = moment()
    by_worker = fields.Boolean()
    outcome = fields.String(validate=validate.OneOf([one.value for one in Outcome]))
    due = fields.List(fields.Nested(DueShape))


class ArrivalShape(Answer):
    """Somebody booked for a shift that is on or begins soon."""

    booking_id = fields.UUID(attribute="booking.id")
    shift_id = fields.UUID(attribute="booking.shift_id")
    reference = fields.String(attribute="shift.reference")
    name = fields.String()
    bank = fields.String()
    unit = fields.String()
    role = fields.String(attribute="shift.role")
    grade = chosen(Grade, attribute="booking.grade")
    starts_at = moment(attribute="booking.starts_at")
    ends_at = moment(attribute="booking.ends_at")
    check_in_opens_at = moment(attribute="opens_at")
    checked_in = fields.Nested(CheckInShape, allow_none=True)
    blocked = fields.Boolean()
    due = fields.List(fields.Nested(DueShape))


class ArrivalList(Answer):
    """By start; `cut`: there are more, ask for one unit."""

    arrivals = fields.List(fields.Nested(ArrivalShape))
    cut = fields.Boolean()


class UnitQuery(Strict):
    """One unit, or all."""

    unit_id = fields.UUID(load_default=None)


@resource.read("/arrivals", query=UnitQuery, answer=ArrivalList, logged=True)
def list_arrivals(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Bookings that are on or begin within 16 hours, with what is due at arrival."""
    by, at = current_actor(), now()
    found = arrivals.arrivals(session, unit_id=values["unit_id"], by=by, now=at)
    return {"arrivals": found, "cut": len(found) == arrivals.MOST}


@resource.deed("/bookings/<uuid:booking_id>/check-in", answer=CheckInShape, status=200)
def check_in(session: Session, booking_id: UUID) -> Any:
    """The ward says that somebody came; a second time answers as the first."""
    return check_ins.check_in(session, booking_id=booking_id, by=current_actor(), now=now())


@resource.deed("/me/bookings/<uuid:booking_id>/check-in", answer=CheckInShape, status=200)
def check_in_own(session: Session, booking_id: UUID) -> Any:
    """The worker came."""
    return check_ins.check_in_own(session, booking_id=booking_id, by=current_actor(), now=now())


class InductionRequest(Strict):
    """Which induction, by the code of the item that is due."""

    item = words(required=True, most=100)


class InductionShape(Answer):
    """A local induction; `valid_until` is set once both have signed."""

    item = fields.String()
    checklist = fields.String()
    points = fields.List(fields.String())
    worker_at = moment(allow_none=True)
    in_charge_at = moment(allow_none=True)
    in_charge_name = fields.String()
    valid_until = fields.Date(allow_none=True)


@resource.deed(
    "/bookings/<uuid:booking_id>/induction",
    body=InductionRequest,
    answer=InductionShape,
    status=200,
)
def sign_induction(session: Session, values: dict[str, Any], booking_id: UUID) -> Any:
    """Whoever is in charge signs, in their own name."""
    by, at = current_actor(), now()
    return inductions.sign(session, booking_id=booking_id, item=values["item"], by=by, now=at)


@resource.deed(
    "/me/bookings/<uuid:booking_id>/induction",
    body=InductionRequest,
    answer=InductionShape,
    status=200,
)
def sign_own_induction(session: Session, values: dict[str, Any], booking_id: UUID) -> Any:
    """The worker signs."""
    by, at = current_actor(), now()
    return inductions.sign_own(session, booking_id=booking_id, item=values["item"], by=by, now=at)


_DAY = validate.Range(min=date(2000, 1, 1), max=date(2100, 1, 1))


class RechargeQuery(PageQuery):
    """Days on which shifts ended, both included; this month where none are given, and 31 days
    where only the first is."""

    first = fields.Date(load_default=None, validate=_DAY)
    last = fields.Date(load_default=None, validate=_DAY)


class RechargeLineShape(Answer):
    """One cross-organisation shift. Pence; null = nothing owed by itself, or not known yet."""

    booking_id = fields.UUID(attribute="line.booking_id")
    reference = fields.String()
    host = fields.String()
    home = fields.String()
    owed_to_us = fields.Boolean()
    agreement = fields.String()
    basis = chosen(RechargeBasis, attribute="line.basis")
    staff_group = chosen(StaffGroup, attribute="line.staff_group")
    grade = chosen(Grade, attribute="line.grade")
    minutes = fields.Integer(attribute="line.minutes")
    pence = fields.Integer(attribute="line.pence", allow_none=True)
    admin_pence = fields.Integer(attribute="line.admin_pence")
    rate_source = fields.String(attribute="line.rate_source")
    illustrative = fields.Boolean(attribute="line.illustrative")
    at = moment(attribute="line.at")


class RechargeList(Answer):
    """By the end of the shift, and the cursor of the next page."""

    lines = fields.List(fields.Nested(RechargeLineShape))
    after = fields.String(allow_none=True)


@resource.read("/recharges", query=RechargeQuery, answer=RechargeList)
def list_recharges(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """What the organisation owes as host, and what is owed to it as home organisation."""
    start, following = recharges.month_of(london_day(now()))
    first = values["first"] or start
    ends = first + timedelta(days=31) if values["first"] else following
    last = values["last"] or ends - timedelta(days=1)
    found = recharges.lines(
        session,
        first=_midnight(first),
        before=_midnight(last + timedelta(days=1)),
        by=current_actor(),
        after=_place(values["after"]),
        limit=values["limit"],
    )
    ends = found[-1].line if len(found) == values["limit"] else None
    return {"lines": found, "after": cursor_text((ends.at, ends.booking_id)) if ends else None}


def _place(after: str | None) -> Any:
    return tuple(cursor_place(after, *recharges.CURSOR)) if after else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)
