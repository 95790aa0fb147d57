"""The clearance desk: somebody of another organisation shows their passport, and is told whether
they may work here. At the desk by the code on their phone or a printed one, or online by link."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

import segno
from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_desk, clearance_views
from bankhub.actions.clearances.clearance_desk import PURPOSE, Asked, Shown
from bankhub.actions.clearances.clearance_views import Listed
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import ClearanceState
from bankhub.model.vocabulary import Grade
from bankhub.rules.permissions import Deed
from bankhub.web.people.people_forms import rights
from bankhub.web.shifts.office_parts import Page, done, form_again, with_arguments
from passport.actions.verifying import presented_checks, presenting, verdicts
from passport.actions.verifying.presented_checks import CheckState
from passport.errors import Invalid, NotFound, Refused
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor, signed_in
from passport.web.forms import FormState
from passport.web.headers import with_camera
from passport.web.lent import ask_limits, db, lent, now, real_now
from passport.web.messages import say
from passport.web.parsing import choice_of, uuid_of
from passport.web.verifying.openid4vp import where

pages = Blueprint("clearances", __name__, url_prefix="/clearances")

DESK = "bankhub/clearances/desk.html"
MOST_TEXT = 8000
NO_SUCH_PRINT = "No printed code in use has these letters. Check them, or scan a new print."
WHICH: dict[str, tuple[str, ClearanceState | None]] = {
    "cleared": ("Cleared", ClearanceState.CLEARED),
    "missing": ("Not cleared", ClearanceState.NOT_CLEARED),
    "ended": ("Ended", ClearanceState.ENDED),
    "away": ("Our people elsewhere", None),
}


@pages.get("")
def listed() -> Page:
    """The scanner, and everybody who was decided on."""
    return with_camera(make_response(render_template(DESK, form=FormState(), **_desk())))


def _desk() -> dict[str, Any]:
    which, may = request.args.get("which", ""), rights()
    return {
        "rows": _rows(which),
        "away": which == "away",
        "asked": _asked_by_link(may),
        "filtered": which in WHICH,
        "chips": [
            (words, with_arguments(which=None if code == which else code), code == which)
            for code, (words, _) in WHICH.items()
        ],
        "may": may,
    }


def _asked_by_link(may: Mapping[str, bool]) -> Sequence[Asked]:
    if not (may["clear"] and may["ask_to_present"]):
        return ()
    with db().reading() as session:
        return clearance_desk.asked_by_link(session, by=current_actor(), real=real_now())


def _rows(which: str) -> Sequence[Listed]:
    by = current_actor()
    with db().transaction() as session:
        if which == "away":
            return clearance_views.away(session, by=by)
        state = WHICH[which][1] if which in WHICH else None
        return clearance_views.listed(session, state=state, by=by, now=now())


@pages.post("/scan")
def scan() -> Page:
    """The text of a code: whose it is. The answer is shown and not kept, so a second sending is a
    second showing, which is refused."""
    demand(current_actor(), Deed.CLEAR)
    text = request.form.get("text", "").strip()
    try:
        if not 0 < len(text) <= MOST_TEXT:
            raise Invalid("text", fields={"text": ["Scan, type or paste the code."]})
        with db().transaction() as session:
            shown = clearance_desk.scan(
                session,
                text=text,
                checker=_own_name(),
                vault=vault_of(lent().config),
                where=where(),
                by=current_actor(),
                now=now(),
                real=real_now(),
            )
    except NotFound:
        wrong = Invalid("text", fields={"text": [NO_SUCH_PRINT]})
        return with_camera(form_again(DESK, wrong, **_desk()))
    except Invalid as problem:
        return with_camera(form_again(DESK, problem, **_desk()))
    return _whose(shown)


@pages.post("")
def clear() -> Page:
    """It is them: decide, and open their clearance."""
    by = current_actor()
    demand(by, Deed.CLEAR)

    def work(session: Session) -> Response:
        made = clearance_desk.clear(
            session,
            verdict_id=uuid_of(request.form.get("verdict_id")),
            role=request.form.get("role", ""),
            grade=choice_of(Grade, request.form.get("grade"), "grade"),
            instrument=choice_of(Instrument, request.form.get("instrument"), "instrument"),
            by=by,
            now=now(),
            real=real_now(),
        )
        return done("clearance.show", clearance_id=made.id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return with_camera(form_again(DESK, problem, **_desk()))


@pages.post("/not-them")
def turn_away() -> Page:
    """The person does not look like the photo: on record, and nothing is decided."""
    demand(current_actor(), Deed.CLEAR)

    def work(session: Session) -> Response:
        verdicts.decide(
            session,
            verdict_id=uuid_of(request.form.get("verdict_id")),
            decision="turned_away",
            by=current_actor(),
            checker=_own_name(),
            now=real_now(),
        )
        say("Turned away, and on record. Nothing was decided.", "info")
        return done("clearances.listed")

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return with_camera(form_again(DESK, problem, **_desk()))


@pages.post("/online")
def ask_online() -> Page:
    """Ask somebody who is not here to show their passport."""

    def work(session: Session) -> Response:
        made = presenting.ask(
            session,
            purpose=PURPOSE,
            limits=ask_limits(),
            by_link=True,
            vault=vault_of(lent().config),
            where=where(),
            by=current_actor(),
            now=real_now(),
        )
        return done("clearances.online", request_id=made.id)

    demand(current_actor(), Deed.CLEAR)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return with_camera(form_again(DESK, problem, **_desk()))


@pages.get("/online/<uuid:request_id>")
def online(request_id: UUID) -> Page:
    """The code and link while it waits; then whose passport it was."""
    by, at = current_actor(), real_now()
    with db().reading() as session:
        shown = clearance_desk.shown_online(
            session, request_id=request_id, by=by, now=now(), real=at
        )
        if shown is not None:
            return _whose(shown, online=True)
        check = presented_checks.look(session, request_id=request_id, by=by, now=at)
        uri = _uri(session, request_id) if check.state is CheckState.WAITING else ""
    link = f"{lent().config.base_url}{url_for('wallet.show')}#request={quote(uri, safe='')}"
    return render_template(
        "bankhub/clearances/online.html",
        form=FormState({"link": link}),
        check=check,
        state=check.state.value,
        code=segno.make(uri, error="m").svg_data_uri(scale=6, border=4) if uri else "",
    )


def _uri(session: Session, request_id: UUID) -> str:
    return presented_checks.uri(
        session,
        request_id=request_id,
        vault=vault_of(lent().config),
        where=where(),
        by=current_actor(),
        now=real_now(),
    )


def _whose(shown: Shown, *, online: bool = False) -> str:
    return render_template(
        "bankhub/clearances/shown.html", shown=shown, online=online, form=FormState()
    )


def _own_name() -> str:
    found = signed_in()
    return found.display_name or found.email
