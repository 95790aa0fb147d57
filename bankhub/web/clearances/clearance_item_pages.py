"""One clearance at the host: its checklist, what the register says, and what two people of the
host set aside for a time. Home reads the same and changes nothing."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.clearances import (
    clearance_bypasses,
    clearance_checks,
    clearance_views,
    clearances,
)
from bankhub.actions.clearances.clearance_views import Checklist
from bankhub.actions.clearances.clearances import EndReason
from bankhub.actions.permission import demand
from bankhub.model.clearance_values import Item
from bankhub.model.clearances import (
    BypassEnd,
    ClearanceBypass,
    ClearanceState,
    ClearanceSupervision,
)
from bankhub.rules.clearances.clearance import may_bypass
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.clearances.clearance_words import (
    GROUNDS,
    REGISTER_WORDS,
    because_words,
    doers_of,
    usual_status,
)
from bankhub.web.people.people_forms import rights
from bankhub.web.shifts.office_parts import Page, done, form_again
from passport.errors import Invalid, NotFound, Refused
from passport.model.register_words import Status
from passport.model.registers import registers
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of, day_of

pages = Blueprint("clearance", __name__, url_prefix="/clearances/<uuid:clearance_id>")
bypasses = Blueprint(
    "bypasses", __name__, url_prefix="/clearances/bypasses/<uuid:bypass_id>"
)
PAGES = (pages, bypasses)

ONE = "bankhub/clearances/one.html"
END_REASONS = (
    (EndReason.NO_LONGER_NEEDED, "It is no longer needed"),
    (EndReason.HOST_DECIDED, "This organisation decided so"),
)


def _read(clearance_id: UUID) -> Checklist:
    """A look by the host is put on record, for the person to read."""
    with db().transaction() as session:
        return clearance_views.one(
            session, clearance_id=clearance_id, by=current_actor(), now=now()
        )


@pages.get("")
def show(clearance_id: UUID) -> Page:
    """Cleared until when, because of what, and what is open."""
    return render_template(ONE, form=FormState(), **_context(_read(clearance_id)))


def _context(found: Checklist) -> dict[str, Any]:
    may, about, today = rights(), found.clearance, london_day(now())
    titles = {one.code: one.title for one in about.items}
    live = [one for one in found.bypasses if _is_live(one, today)]
    body = found.registration[0] if found.registration else ""
    return {
        "found": found,
        "may": may,
        "me": current_actor().account_id,
        "may_act": found.mine and may["clear"] and about.state is not ClearanceState.ENDED,
        "doers": doers_of(found),
        "because": because_words(about.decided_because),
        "may_be_set_aside": {one.code for one in about.items if may_bypass(one)}
        - {one.item for one in live},
        "bypasses": [
            (one, titles.get(one.item, one.item), _standing(one, today)) for one in found.bypasses
        ],
        "live": {one.id for one in live if about.state is not ClearanceState.ENDED},
        "supervision_waits": any(
            _is_live(one, today) and not one.granted_at for one in found.supervisions
        ),
        "grounds": GROUNDS,
        "statuses": REGISTER_WORDS,
        "usual": usual_status(body).value,
        "register": registers().get(body),
    }


def _is_live(one: ClearanceBypass | ClearanceSupervision, today: date) -> bool:
    """Whether it stands, or waits for a second person who can still grant it."""
    return not (one.refused_at or one.ended_at) and one.until_on >= today


_ENDED: dict[str, str] = {
    BypassEnd.TAKEN_BACK: "Taken back.",
    BypassEnd.ITEM_CHANGED: "Ended: it was about how this stood before their employer changed it.",
}


def _standing(one: ClearanceBypass, today: date) -> str:
    if one.refused_at:
        return "Refused."
    if one.ended_at:
        return _ENDED.get(one.ended_because, "Ended.")
    if one.until_on < today:
        return "Its day has passed." if one.granted_at else "Its day passed before it was decided."
    return "Granted." if one.granted_at else "Waiting for a second person."


@pages.post("/register")
def check_register(clearance_id: UUID) -> Page:
    """What the register says of the number on their passport, looked up by this organisation."""
    demand(current_actor(), Deed.CLEAR)

    def work(session: Session) -> Response:
        typed = request.form.get("valid_until", "")
        clearance_checks.check_register(
            session,
            clearance_id=clearance_id,
            status=choice_of(Status, request.form.get("status"), "status"),
            valid_until=day_of(typed, "valid_until") if typed else None,
            number=request.form.get("number"),
            by=current_actor(),
            now=now(),
        )
        return done("clearance.show", clearance_id=clearance_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(ONE, problem, **_context(_read(clearance_id)))


@pages.route("/bypass", methods=["GET", "POST"])
def bypass(clearance_id: UUID) -> Page:
    """Ask for an item to be set aside for a time."""
    demand(current_actor(), Deed.ASK_BYPASS)

    def work(session: Session) -> Response:
        clearance_bypasses.ask_bypass(
            session,
            clearance_id=clearance_id,
            item=request.form.get("item", ""),
            because=request.form.get("because", ""),
            until_on=day_of(request.form.get("until_on"), "until_on"),
            by=current_actor(),
            now=now(),
        )
        say("Asked for. A second person has to grant it.", "info")
        return done("clearance.show", clearance_id=clearance_id)

    template = "bankhub/clearances/bypass.html"
    found = _read(clearance_id)
    item = _item(found, request.values.get("item", ""))
    if item is None:
        return done("clearance.show", clearance_id=clearance_id)
    context = {"about": found.clearance, "item": item}
    if request.method == "GET":
        return render_template(template, form=FormState(), **context)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **context)


def _item(found: Checklist, code: str) -> Item | None:
    """What the address or form is about; None where the checklist has no such item any more."""
    if not found.mine:
        raise NotFound
    return next((one for one in found.clearance.items if one.code == code), None)


@bypasses.post("/grant")
@require_step_up
def grant(bypass_id: UUID) -> Page:
    """The second person grants it."""

    def work(session: Session) -> Response:
        made = clearance_bypasses.grant_bypass(
            session, bypass_id=bypass_id, by=current_actor(), now=now()
        )
        say("Granted.")
        return done("clearance.show", clearance_id=made.clearance_id)

    return idempotency.deed(work)


@bypasses.post("/refuse")
@require_step_up
def refuse(bypass_id: UUID) -> Page:
    """The second person refuses it."""

    def work(session: Session) -> Response:
        made = clearance_bypasses.refuse_bypass(
            session, bypass_id=bypass_id, by=current_actor(), now=now()
        )
        say("Refused.", "info")
        return done("clearance.show", clearance_id=made.clearance_id)

    return idempotency.deed(work)


@bypasses.post("/end")
def take_back(bypass_id: UUID) -> Page:
    """Take a bypass back before its day."""

    def work(session: Session) -> Response:
        made = clearance_bypasses.end_bypass(
            session, bypass_id=bypass_id, by=current_actor(), now=now()
        )
        say("Taken back.", "info")
        return done("clearance.show", clearance_id=made.clearance_id)

    return idempotency.deed(work)


@pages.route("/end", methods=["GET", "POST"])
def end(clearance_id: UUID) -> Page:
    """End it, with why."""
    demand(current_actor(), Deed.CLEAR)

    def work(session: Session) -> Response:
        because = choice_of(EndReason, request.form.get("because"), "because")
        clearances.end(
            session, clearance_id=clearance_id, because=because, by=current_actor(), now=now()
        )
        say("Ended. They and their employer are told.", "info")
        return done("clearances.listed")

    template = "bankhub/clearances/end.html"
    found = _read(clearance_id)
    if not found.mine:
        raise NotFound
    context = {"about": found.clearance, "reasons": END_REASONS}
    if request.method == "GET":
        return render_template(template, form=FormState(), **context)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **context)
