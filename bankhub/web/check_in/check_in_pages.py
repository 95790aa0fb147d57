"""Check-in at the start of a shift: by the worker on their phone, and on the ward's list; and the
two signatures of a local induction."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.booking import arrivals, blocked, check_ins, inductions
from bankhub.actions.booking.booking_grounds import grounds_of
from bankhub.actions.permission import demand
from bankhub.actions.settings import sites
from bankhub.model.clearances import CheckIn, InductionSignature
from bankhub.rules.booking.check_in import Outcome
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.shifts.office_parts import Page, asked_id, done, may
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say

own = Blueprint("own_check_in", __name__, url_prefix="/my/bookings")
ward = Blueprint("check_in", __name__, url_prefix="/office/arrivals")

LONGEST_CODE, LONGEST_WHY = 100, 500


@own.get("/<uuid:booking_id>/check-in")
def show(booking_id: UUID) -> str:
    """One of my shifts: may I start, and what is due."""
    return _own_page(booking_id)


def _own_page(booking_id: UUID, refused: Refused | None = None) -> str:
    by, at = current_actor(), now()
    with db().reading() as session:
        found = arrivals.own_arrival(session, booking_id=booking_id, by=by, now=at)
    reasons = refused.reasons if refused else found.stopped
    return render_template(
        "bankhub/worker/check_in.html", found=found, reasons=reasons, now_at=at, refused=refused
    )


@own.post("/<uuid:booking_id>/check-in")
def come(booking_id: UUID) -> Response:
    """I am here."""
    by, at = current_actor(), now()

    def work(session: Session) -> Response:
        found = check_ins.check_in_own(session, booking_id=booking_id, by=by, now=at)
        _say_checked_in(found)
        return done("own_check_in.show", booking_id=booking_id)

    try:
        return idempotency.deed(work)
    except Refused as refused:
        return make_response(_own_page(booking_id, refused), refused.status)


@own.post("/<uuid:booking_id>/induction")
def sign_own(booking_id: UUID) -> Response:
    """I was inducted."""
    by, at, item = current_actor(), now(), _item()

    def work(session: Session) -> Response:
        found = inductions.sign_own(session, booking_id=booking_id, item=item, by=by, now=at)
        _say_signed(found)
        return done("own_check_in.show", booking_id=booking_id)

    try:
        return idempotency.deed(work)
    except Refused as refused:
        return make_response(_own_page(booking_id, refused), refused.status)


@ward.get("/")
def listed() -> Page:
    """Who comes now, by start; of one unit where it is asked for."""
    by, at, unit_id = current_actor(), now(), asked_id("unit")
    demand(by, Deed.CHECK_IN)
    with db().transaction() as session:
        found = arrivals.arrivals(session, unit_id=unit_id, by=by, now=at)
        units = sites.units(session, by=by, on=london_day(at))
    return render_template(
        "bankhub/office/arrivals.html",
        coming=found,
        units=[(str(unit.id), f"{unit.name}, {site.name}") for unit, site in units],
        form=FormState({"unit": str(unit_id or "")}),
        narrowed=unit_id is not None,
        cut=len(found) == arrivals.MOST,
        now_at=at,
        may=may(),
    )


@ward.get("/blocked")
def blocked_ahead() -> str:
    """Partners' people who are booked and could not start as things are."""
    by, at = current_actor(), now()
    with db().reading() as session:
        found = blocked.blocked_bookings(session, by=by, now=at)
    return render_template("bankhub/office/blocked.html", found=found, now_at=at, may=may())


@ward.get("/<uuid:booking_id>")
def one(booking_id: UUID) -> str:
    """One of them: may they start, and what is due."""
    return _ward_page(booking_id)


def _ward_page(booking_id: UUID, refused: Refused | None = None) -> str:
    by, at = current_actor(), now()
    with db().transaction() as session:
        found = arrivals.arrival(session, booking_id=booking_id, by=by, now=at)
        grounds = grounds_of(session, booking=found.booking, shift=found.shift, by=by)
    reasons = refused.reasons if refused else found.stopped
    return render_template(
        "bankhub/office/arrival.html",
        one=found, grounds=grounds, reasons=reasons, refused=refused, now_at=at, may=may(),
    )  # fmt: skip


@ward.post("/<uuid:booking_id>/check-in")
def check_in(booking_id: UUID) -> Page:
    """They are here."""
    by, at = current_actor(), now()

    def work(session: Session) -> Any:
        _say_checked_in(check_ins.check_in(session, booking_id=booking_id, by=by, now=at))
        return done("check_in.one", booking_id=booking_id)

    try:
        return idempotency.deed(work)
    except Refused as refused:
        return make_response(_ward_page(booking_id, refused), refused.status)


@ward.get("/<uuid:booking_id>/lift")
@require_step_up
def ask_lift(booking_id: UUID) -> Page:
    """What stops them, with room for why they may start all the same."""
    return _lift_page(booking_id, FormState())


def _lift_page(booking_id: UUID, form: FormState) -> str:
    by, at = current_actor(), now()
    demand(by, Deed.OVERRIDE_SOFT_RULE)
    with db().transaction() as session:
        found = arrivals.arrival(session, booking_id=booking_id, by=by, now=at)
    return render_template("bankhub/office/lift.html", one=found, form=form, now_at=at)


@ward.post("/<uuid:booking_id>/lift")
def lift(booking_id: UUID) -> Page:
    """They start all the same, with the reason lifted on record."""
    by, at = current_actor(), now()
    because = request.form.get("because", "")[:LONGEST_WHY]

    def work(session: Session) -> Any:
        _say_checked_in(
            check_ins.lift_and_check_in(
                session, booking_id=booking_id, because=because, by=by, now=at
            )
        )
        return done("check_in.one", booking_id=booking_id)

    try:
        return idempotency.deed(work)
    except Invalid as problem:
        form = FormState.kept(request.form, problem)
        return make_response(_lift_page(booking_id, form), problem.status)
    except Refused as refused:
        return make_response(_ward_page(booking_id, refused), refused.status)


@ward.post("/<uuid:booking_id>/induction")
def sign(booking_id: UUID) -> Page:
    """Whoever is in charge signs."""
    by, at, item = current_actor(), now(), _item()

    def work(session: Session) -> Any:
        _say_signed(inductions.sign(session, booking_id=booking_id, item=item, by=by, now=at))
        return done("check_in.one", booking_id=booking_id)

    try:
        return idempotency.deed(work)
    except Refused as refused:
        return make_response(_ward_page(booking_id, refused), refused.status)


def _item() -> str:
    return request.form.get("item", "")[:LONGEST_CODE]


def _say_checked_in(found: CheckIn) -> None:
    if found.outcome == Outcome.AMBER:
        what = ", ".join(one["title"] for one in found.due)
        say(f"Checked in. Still to do: {what}.", "warn")
    else:
        say("Checked in.")


def _say_signed(found: InductionSignature) -> None:
    if last := found.valid_until:
        say(f"Signed by both: it counts until {last.day} {last:%B %Y}.")
    elif found.worker_at:
        say("Signed. Whoever is in charge has still to sign.", "info")
    else:
        say("Signed. The worker has still to sign, on their own phone.", "info")
