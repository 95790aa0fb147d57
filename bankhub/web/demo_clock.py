"""The demo's clock in the frame, and the control that moves it. Nothing here outside the demo."""

from datetime import timedelta

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from bankhub.actions import clock
from passport.errors import Invalid, NotFound
from passport.web.lent import db, lent, now
from passport.web.messages import say
from passport.web.places import next_url, own_path
from passport.web.templating import DemoClock

pages = Blueprint("demo", __name__, url_prefix="/demo")

STEPS = (
    ("60", "1 hour on"),
    ("720", "12 hours on"),
    ("1440", "1 day on"),
    ("10080", "1 week on"),
    ("back", "Back to today"),
)
"""Minutes to move the clock on, and words."""


def shown_clock() -> DemoClock | None:
    """What the banner says; None outside the demo."""
    if not lent().config.demo:
        return None
    with db().reading() as session:
        moved = clock.offset(session)
    return DemoClock(now(), bool(moved), url_for("demo.move"), STEPS)


@pages.post("/clock")
def move() -> Response:
    """Move the demo's clock."""
    if not lent().config.demo:
        raise NotFound
    step = request.form.get("step", "")
    if step not in dict(STEPS):
        raise Invalid("clock", fields={"step": ["choose one of the steps"]})
    by = None if step == "back" else timedelta(minutes=int(step))
    with db().transaction() as session:
        clock.move(session, by=by, config=lent().config)
    say("The demo's clock is back at today." if by is None else "The demo's clock was moved.")
    return redirect(next_url(request.form.get("next") or own_path()), 303)
