"""Checks on record, the devices at ward doors, limits of freshness, and the desk's look-up."""

import base64
import io
from typing import Any
from uuid import UUID

import segno
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actions.verifying import desk, freshness, verdicts, ward_devices
from passport.errors import Invalid, Refused
from passport.london import london_day
from passport.model.freshness import FreshnessPolicy
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up, signed_in
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import day_of, number_of, uuid_of
from passport.web.refusals import Answer, form_again

pages = Blueprint("verdicts", __name__)

Page = str | Answer | Response | Redirect

DECISIONS = {
    "admitted": "Let in",
    "supervised": "Let in, supervised",
    "turned_away": "Turned away",
}
CHANNELS = {"gate": "Code on a phone", "online": "Asked online", "desk": "Desk", "api": "Program"}
REGISTER_WORDS = {
    "register": "Looked up by a feed of the register",
    "register_file": "From a file of the register",
    "by_hand": "Looked up by an officer",
    "unlisted": "From any other source",
}


@pages.get("/verdicts")
def listed() -> Page:
    """The checks of the organisation, the latest first."""
    by = current_actor()
    with db().reading() as session:
        found = verdicts.of_organisation(session, by=by)
        return render_template(
            "passport/verdicts.html", verdicts=found, decisions=DECISIONS, channels=CHANNELS,
            may_enrol=_may(Deed.ENROL_DEVICE), may_decide=_may(Deed.VERIFY),
        )  # fmt: skip


@pages.post("/verdicts/<verdict_id>/decide")
def decide(verdict_id: str) -> Page:
    """What was done after a check."""

    def work(session: Session) -> Response:
        verdicts.decide(
            session, verdict_id=uuid_of(verdict_id), decision=request.form.get("decision", ""),
            checker=_own_name(), by=current_actor(), now=real_now(),
        )  # fmt: skip
        return _to("verdicts.listed")

    return idempotency.deed(work)


@pages.get("/ward-devices")
def devices() -> Page:
    """Devices that check without anybody's sign-in."""
    with db().reading() as session:
        found = ward_devices.devices(session, by=current_actor())
        return render_template(
            "passport/ward_devices.html", devices=found, may_enrol=_may(Deed.ENROL_DEVICE)
        )


@pages.route("/ward-devices/new", methods=["GET", "POST"])
@require_step_up
def new_device() -> Page:
    """A code for a device, shown once."""
    by = current_actor()
    demand(by, Deed.ENROL_DEVICE)
    with db().reading() as session:
        units = _units(session)
    context = {"units": units}
    if request.method == "GET":
        return render_template("passport/ward_device_new.html", form=FormState(), **context)
    try:
        return db().attempt(lambda session: Response(_invited(session, dict(units))))
    except (Invalid, Refused) as problem:
        return form_again("passport/ward_device_new.html", problem, **context)


def _invited(session: Session, units: dict[str, str]) -> str:
    chosen = request.form.get("unit_id", "")
    if units and chosen not in units:
        raise Invalid("device_entry", fields={"unit_id": ["Choose a unit."]})
    device, code = ward_devices.invite(
        session,
        unit=units.get(chosen) or request.form.get("unit", ""),
        unit_id=UUID(chosen) if chosen else None,
        by=current_actor(),
        now=real_now(),
    )
    shown = f"{code[:5]} {code[5:]}"
    address = lent().config.base_url + url_for("verify.show")
    return render_template(
        "passport/ward_device_code.html", device=device, code=shown, address=address
    )


@pages.post("/ward-devices/<device_id>/revoke")
@require_step_up
def revoke_device(device_id: str) -> Page:
    """The device checks no more."""

    def work(session: Session) -> Response:
        by = current_actor()
        ward_devices.revoke(session, device_id=uuid_of(device_id), by=by, now=real_now())
        say("The device checks no more.")
        return _to("verdicts.devices")

    return idempotency.deed(work)


@pages.route("/verdicts/limits", methods=["GET", "POST"])
def limits() -> Page:
    """How old a check may be here: tighter than the default, never wider."""
    demand(current_actor(), Deed.READ_VERDICTS)
    with db().reading() as session:
        context = _limits(session)
    if request.method == "GET":
        return render_template("passport/limits.html", **context)
    try:
        return idempotency.deed(_tighten)
    except (Invalid, Refused) as problem:
        context.pop("form")
        return form_again("passport/limits.html", problem, **context)


def _limits(session: Session) -> dict[str, Any]:
    by, now = current_actor(), real_now()
    own = freshness.policy_of(session, organisation_id=own_organisation(by), now=now)
    versions = freshness.policies(session, by=by)
    return {
        "default": freshness.policy_of(session, organisation_id=None, now=now),
        "own": own,
        "versions": versions,
        "words": REGISTER_WORDS,
        "may_set": _may(Deed.SET_FRESHNESS),
        "form": FormState(_typed(own, versions[0].contact if versions else "")),
    }


def _typed(own: FreshnessPolicy, contact: str) -> dict[str, Any]:
    numbers = {name: getattr(own, name) for name in freshness.NUMBERS}
    register = {f"register_{source}": own.register_check[source] for source in REGISTER_WORDS}
    return {**numbers, **register, "contact": contact, "from_on": london_day(real_now())}


def _tighten(session: Session) -> Response:
    form = request.form
    freshness.tighten(
        session,
        from_on=day_of(form.get("from_on"), "from_on"),
        hours={name: number_of(form.get(name), name) for name in freshness.NUMBERS},
        register_check={
            source: number_of(form.get(f"register_{source}"), f"register_{source}")
            for source in REGISTER_WORDS
        },
        contact=form.get("contact", ""),
        by=current_actor(),
        now=real_now(),
    )
    say("The limits are set.")
    return _to("verdicts.limits")


@pages.route("/desk", methods=["GET", "POST"])
def ask_code() -> Page:
    """Type a printed code."""
    demand(current_actor(), Deed.VERIFY)
    if request.method == "GET":
        return render_template("passport/desk_code.html", form=FormState())
    code = "".join(request.form.get("code", "").upper().split())
    if not code.isalnum():
        wrong = Invalid("desk_code", fields={"code": ["Enter the 8 letters of the printed code."]})
        return form_again("passport/desk_code.html", wrong)
    return redirect(url_for("verdicts.look", desk_code=code), 303)


@pages.route("/desk/<desk_code>", methods=["GET", "POST"])
def look(desk_code: str) -> Page:
    """The record behind a printed code: compare, then say what was done."""
    by = current_actor()
    vault = vault_of(lent().config)

    def looked(session: Session, decision: str | None) -> desk.OnRecord:
        found = desk.look_up(session, code=desk_code, vault=vault, by=by, now=real_now())
        desk.keep_look(
            session, code=desk_code, found=found, decision=decision, checker=_own_name(), by=by,
            now=real_now(),
        )  # fmt: skip
        return found

    if request.method == "GET":
        with db().transaction() as session:
            return _shown(looked(session, None), FormState())

    def work(session: Session) -> Response:
        decision = request.form.get("decision", "")
        if not decision:
            raise Invalid("decision", fields={"decision": ["Say what you did."]})
        looked(session, decision)
        say("The look is on record.")
        return _to("verdicts.listed")

    try:
        return idempotency.deed(work)
    except Invalid as problem:
        with db().transaction() as session:
            shown = _shown(looked(session, None), FormState.kept(request.form, problem))
        return shown, 422, {}


def _shown(found: desk.OnRecord, form: FormState) -> str:
    photo = base64.b64encode(found.photo).decode() if found.photo else ""
    return render_template(
        "passport/desk.html", found=found, photo=photo, form=form, decisions=list(DECISIONS.items())
    )


@pages.post("/desk/print/<person_id>")
@require_step_up
def print_code(person_id: str) -> Page:
    """A printed code for somebody without a smartphone."""
    with db().transaction() as session:
        pointer, person, code = desk.print_pointer(
            session, person_id=uuid_of(person_id), by=current_actor(), now=real_now()
        )
        address = lent().config.base_url + url_for("verdicts.look", desk_code=code)
        return render_template(
            "passport/desk_print.html", pointer=pointer, person=person, code=code,
            picture=_picture(address),
        )  # fmt: skip


@pages.post("/desk/end/<person_id>")
@require_step_up
def end_code(person_id: str) -> Page:
    """A printed code was lost."""

    def work(session: Session) -> Response:
        by = current_actor()
        desk.end_pointers(session, person_id=uuid_of(person_id), by=by, now=real_now())
        say("The printed codes lead nowhere any more.")
        return _to("verdicts.listed")

    return idempotency.deed(work)


def _picture(text: str) -> str:
    made = io.BytesIO()
    segno.make(text, error="m").save(made, kind="svg", scale=8, border=4, xmldecl=False)
    return "data:image/svg+xml;base64," + base64.b64encode(made.getvalue()).decode()


def _units(session: Session) -> list[tuple[str, str]]:
    upper = current_app.extensions.get("expected_here")
    if upper is None:
        return []
    here = own_organisation(current_actor())
    return [(str(one.id), one.name) for one in upper.units(session, organisation_id=here)]


def _own_name() -> str:
    found = signed_in()
    return found.display_name or found.email


def _may(deed: Deed) -> bool:
    reason = why_not(current_actor(), deed, PERMISSIONS)
    return reason is None or reason.code == "step_up_needed"


def _to(endpoint: str) -> Response:
    return Response(status=303, headers={"Location": url_for(endpoint)})
