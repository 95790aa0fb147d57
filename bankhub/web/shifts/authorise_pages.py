"""Requests that wait for somebody to allow the spend: one click each, or several ticked."""

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.shifts import authorising, shift_lists
from bankhub.actions.shifts.authorising import Authorised
from bankhub.web.shifts.office_parts import Page, done, may
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import uuid_of
from passport.web.words import plural

pages = Blueprint("authorise", __name__, url_prefix="/office/authorise")


@pages.get("")
def queue() -> Page:
    """Submitted requests, the soonest first, each with what it would cost."""
    by = current_actor()
    with db().reading() as session:
        waiting = shift_lists.waiting_for_authorisation(session, by=by, limit=200)
    known = [row.shift.cost_estimate_pence for row in waiting if row.shift.cost_estimate_pence]
    return render_template(
        "bankhub/office/authorise.html",
        waiting=waiting,
        own={row.shift.id for row in waiting if row.shift.created_by_id == by.account_id},
        total_pence=sum(known),
        unknown=len(waiting) - len(known),
        now_at=now(),
        may=may(),
    )


@pages.post("")
def authorise() -> Page:
    """Authorise what was ticked, or the one whose button was pressed."""
    by, at = current_actor(), now()
    only = request.form.getlist("only") or request.form.getlist("shift")
    asked = [uuid_of(text) for text in only[: authorising.MOST_AT_ONCE]]

    def work(session: Session) -> Response:
        result = authorising.authorise_many(session, shift_ids=asked, by=by, now=at)
        _say(result)
        return done("authorise.queue")

    return idempotency.deed(work)


def _say(result: Authorised) -> None:
    if result.opened:
        opened = ", ".join(shift.reference for shift in result.opened[:5])
        more = f" and {len(result.opened) - 5} more" if len(result.opened) > 5 else ""
        say(f"{plural(len(result.opened), 'request')} authorised and open: {opened}{more}.")
    for _, reasons in result.refused[:5]:
        say("Not authorised: " + " ".join(reason.text for reason in reasons), "warn")
    if not (result.opened or result.refused):
        say("Tick at least one request.", "warn")
