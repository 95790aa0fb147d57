"""Two people of the host decide whether somebody whose registration is restricted may work here
supervised: asked with grounds from a list and a day, granted by another."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_supervision, clearance_views
from bankhub.actions.permission import demand
from bankhub.model.clearances import ClearanceSupervision, SupervisionGround
from bankhub.rules.permissions import Deed
from bankhub.web.clearances.clearance_words import GROUNDS, REGISTER_WORDS
from bankhub.web.shifts.office_parts import Page, done, form_again
from passport.errors import Invalid, NotFound, Refused
from passport.model.register_words import Status
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of, day_of

pages = Blueprint("supervision", __name__, url_prefix="/clearances/<uuid:clearance_id>")
decided = Blueprint(
    "supervisions", __name__, url_prefix="/clearances/supervisions/<uuid:supervision_id>"
)
PAGES = (pages, decided)
FORM = "bankhub/clearances/supervised.html"


@pages.route("/supervised", methods=["GET", "POST"])
def ask(clearance_id: UUID) -> Page:
    """Ask that they may work supervised."""
    by = current_actor()
    demand(by, Deed.ASK_SUPERVISED)
    with db().transaction() as session:
        found = clearance_views.one(session, clearance_id=clearance_id, by=by, now=now())
    if not found.mine:
        raise NotFound
    if found.supervisable_until is None:
        return done("clearance.show", clearance_id=clearance_id)
    said = found.register_checks[0]
    context = {
        "about": found.clearance,
        "latest": found.supervisable_until,
        "said": REGISTER_WORDS[Status(said.status)],
        "number": (said.body, said.number),
        "grounds": [(one.value, words) for one, words in GROUNDS.items()],
    }
    if request.method == "GET":
        return render_template(FORM, form=FormState(), **context)
    try:
        return idempotency.deed(lambda session: _asked(session, clearance_id))
    except (Invalid, Refused) as problem:
        return form_again(FORM, problem, **context)


def _asked(session: Session, clearance_id: UUID) -> Response:
    clearance_supervision.ask(
        session,
        clearance_id=clearance_id,
        grounds=[
            choice_of(SupervisionGround, one, "grounds")
            for one in request.form.getlist("grounds")
        ],
        until_on=_day(),
        by=current_actor(),
        now=now(),
    )
    say("Asked for. A second person has to grant it.", "info")
    return done("clearance.show", clearance_id=clearance_id)


def _day() -> date:
    return day_of(request.form.get("until_on"), "until_on")


@decided.post("/grant")
@require_step_up
def grant(supervision_id: UUID) -> Page:
    """The second person grants it."""
    return _deed(clearance_supervision.grant, supervision_id, "Granted: supervised only.")


@decided.post("/refuse")
@require_step_up
def refuse(supervision_id: UUID) -> Page:
    """The second person refuses it."""
    return _deed(clearance_supervision.refuse, supervision_id, "Refused.")


@decided.post("/end")
def take_back(supervision_id: UUID) -> Page:
    """Take it back before its day."""
    return _deed(clearance_supervision.end, supervision_id, "Taken back.")


def _deed(
    deed: Callable[..., ClearanceSupervision], supervision_id: UUID, words: str
) -> Page:
    def work(session: Session) -> Response:
        made = deed(session, supervision_id=supervision_id, by=current_actor(), now=now())
        say(words, "info")
        return done("clearance.show", clearance_id=made.clearance_id)

    return idempotency.deed(work)
