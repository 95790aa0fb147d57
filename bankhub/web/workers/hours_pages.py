"""A worker's own hours: work elsewhere and leave, entered, put right and taken back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.booking import hours
from bankhub.model.hours import Hours
from bankhub.model.vocabulary import HoursKind
from bankhub.rules.shift_times import london
from bankhub.web.moments import is_repeated, moment_of, occurrence_of, pass_of, time_of
from bankhub.web.shifts.draft_forms import Reading, near_day
from bankhub.web.shifts.office_parts import Page, done
from passport.errors import Invalid
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of, number_of

pages = Blueprint("own_hours", __name__, url_prefix="/my/hours")

BACK = timedelta(weeks=4)
ENDS = ("starts", "ends")


@pages.get("")
def show() -> Page:
    """Everything the limits count, and the form that enters more."""
    return _list_page(FormState({"kind": "declared", "unpaid_break_minutes": "0"}))


def _list_page(form: FormState) -> str:
    by, at = current_actor(), now()
    with db().reading() as session:
        rows = hours.own_hours(session, since=at - BACK, by=by)
    return render_template(
        "bankhub/worker/hours.html", rows=rows, form=form, repeated=_repeated(form)
    )


@pages.post("")
def declare() -> Page:
    """Enter hours; what was typed is kept where something needs correcting."""

    def work(session: Session) -> Response:
        hours.declare(session, by=current_actor(), now=now(), **_said())
        say("Entered. The limits count it from now on.")
        return done("own_hours.show")

    try:
        return idempotency.deed(work)
    except Invalid as problem:
        return make_response(_list_page(FormState.kept(request.form, problem)), 422)


@pages.route("/<uuid:hours_id>", methods=["GET", "POST"])
def change(hours_id: UUID) -> Page:
    """Put right what one entered oneself."""

    def work(session: Session) -> Response:
        hours.change(session, hours_id=hours_id, by=current_actor(), now=now(), **_said())
        say("Changed. The limits count it from now on.")
        return done("own_hours.show")

    with db().reading() as session:
        row = hours.declared_hours(session, hours_id=hours_id, by=current_actor())
    if request.method == "GET":
        return _change_page(hours_id, FormState(_as_typed(row)))
    try:
        return idempotency.deed(work)
    except Invalid as problem:
        return make_response(_change_page(hours_id, FormState.kept(request.form, problem)), 422)


def _change_page(hours_id: UUID, form: FormState) -> str:
    return render_template(
        "bankhub/worker/hours_change.html", hours_id=hours_id, form=form, repeated=_repeated(form)
    )


@pages.post("/<uuid:hours_id>/remove")
def remove(hours_id: UUID) -> Page:
    """Take back what one entered oneself."""

    def work(session: Session) -> Response:
        hours.remove(session, hours_id=hours_id, by=current_actor(), now=now())
        say("Removed.")
        return done("own_hours.show")

    return idempotency.deed(work)


def _said() -> dict[str, Any]:
    """What the form means. Raises `Invalid` with every wrong field at once."""
    reading = Reading(request.form)
    said = {
        "starts_at": _moment(reading, "starts"),
        "ends_at": _moment(reading, "ends"),
        "unpaid_break_minutes": reading.optional("unpaid_break_minutes", number_of) or 0,
        "kind": reading.read("kind", lambda text, name: choice_of(HoursKind, text, name)),
    }
    reading.finish()
    return said


def _moment(reading: Reading, name: str) -> datetime | None:
    day = reading.read(f"{name}_on", near_day)
    at = reading.read(f"{name}_at", time_of)
    if day is None or at is None:
        return None
    which = occurrence_of(reading.given.get(f"{name}_occurrence"))
    return reading.read(name, lambda _text, _name: moment_of(day, at, name, which))


def _repeated(form: FormState) -> list[str]:
    """Which ends of what was typed lie in the hour that happens twice."""
    found = []
    for name in ENDS:
        try:
            day = near_day(form.value(f"{name}_on"), name)
            at = time_of(form.value(f"{name}_at"), name)
        except Invalid:
            continue
        if is_repeated(day, at):
            found.append(name)
    return found


def _as_typed(row: Hours) -> dict[str, Any]:
    ends = dict(zip(ENDS, (row.starts_at, row.ends_at), strict=True))
    pause = (row.ends_at - row.starts_at) // timedelta(minutes=1) - row.minutes
    return {
        "kind": row.kind.value,
        "unpaid_break_minutes": str(pause if row.kind is HoursKind.DECLARED else 0),
        **{f"{name}_on": london(moment).date() for name, moment in ends.items()},
        **{f"{name}_at": london(moment).time() for name, moment in ends.items()},
        **{f"{name}_occurrence": pass_of(moment) for name, moment in ends.items()},
    }
