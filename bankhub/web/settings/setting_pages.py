"""Settings of a bank: units, rates of pay, agency exemptions; and for auditors what was done."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.actions.governance import audit_trail
from bankhub.actions.permission import demand
from bankhub.actions.settings import pay, settings, sites
from bankhub.actions.shifts.shift_lists import CURSOR
from bankhub.model.pay_policy import TimeType
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.permissions import Deed
from bankhub.rules.settings.policy_entry import LONGEST_SOURCE
from bankhub.rules.shift_times import london_day
from bankhub.web.shifts.draft_forms import Reading, identifier_of, near_day, one_of
from bankhub.web.shifts.office_parts import grade_options, may
from bankhub.web.trade_words import STAFF_GROUPS, TIME_TYPES
from passport.errors import Invalid
from passport.rules.permissions import PERMISSIONS as GROUND
from passport.rules.permissions import Deed as GroundDeed
from passport.rules.permissions import why_not
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say

pages = Blueprint("settings", __name__, url_prefix="/settings")

LARGEST_POUNDS = Decimal("10000")


@pages.get("")
def index() -> str:
    """What can be set, and what can be read."""
    demand(current_actor(), Deed.READ_POLICY)
    audit = why_not(current_actor(), GroundDeed.READ_AUDIT, GROUND) is None
    return render_template("bankhub/manager/settings.html", audit=audit)


@pages.get("/units")
def units() -> str:
    """The units that are open today, with their site."""
    with db().reading() as session:
        found = settings.units_listed(session, on=london_day(now()), by=current_actor())
    return render_template("bankhub/manager/units.html", units=found, may=may())


@pages.route("/units/<uuid:unit_id>", methods=["GET", "POST"])
def unit(unit_id: UUID) -> Response:
    """One unit: its name, cost centre, phone, and how its shifts are booked."""
    by, at = current_actor(), now()
    demand(by, Deed.EDIT_UNITS)
    with db().reading() as session:
        held = sites.unit_of(session, unit_id=unit_id, by=by)
    if request.method == "GET":
        form = FormState(
            {
                "name": held.name,
                "cost_centre": held.cost_centre,
                "phone": held.phone,
                "instant_book": "yes" if held.instant_book else "no",
            }
        )
        return make_response(render_template("bankhub/manager/unit.html", unit=held, form=form))

    def work(session: Session) -> Response:
        given = request.form
        sites.edit_unit(
            session,
            unit_id=unit_id,
            fields={
                "name": given.get("name", "").strip(),
                "cost_centre": given.get("cost_centre", "").strip(),
                "phone": given.get("phone", "").strip(),
                "instant_book": given.get("instant_book") == "yes",
            },
            by=by,
            now=at,
        )
        say("Saved.")
        return make_response(redirect(url_for("settings.units"), 303))

    try:
        return idempotency.deed(work)
    except Invalid as problem:
        form = FormState.kept(request.form, problem)
        page = render_template("bankhub/manager/unit.html", unit=held, form=form)
        return make_response(page, problem.status)


@pages.get("/rates")
def rates() -> str:
    """Own rates over the national list."""
    with db().reading() as session:
        found = settings.rates_listed(session, on=london_day(now()), by=current_actor())
    return render_template("bankhub/manager/rates.html", rates=found, may=may())


@pages.route("/rates/new", methods=["GET", "POST"])
@require_step_up
def new_rate() -> Response:
    """A rate from a day on; earlier ones stay for earlier days."""
    by, at = current_actor(), now()
    demand(by, Deed.EDIT_RATES)
    if request.method == "GET":
        return make_response(_rate_page(FormState({"from_on": london_day(at)})))

    def work(session: Session) -> Response:
        pay.set_rate(session, **_typed_rate(), by=by, now=at)
        say("Added. Estimates of shifts from that day on use it.")
        return make_response(redirect(url_for("settings.rates"), 303))

    try:
        return idempotency.deed(work)
    except Invalid as problem:
        page = _rate_page(FormState.kept(request.form, problem))
        return make_response(page, problem.status)


def _typed_rate() -> dict[str, Any]:
    reading = Reading(request.form)
    typed = {
        "staff_group": reading.optional("staff_group", one_of(StaffGroup)),
        "grade": reading.read("grade", one_of(Grade)),
        "time_type": reading.read("time_type", one_of(TimeType)),
        "pence_per_hour": reading.read("pence_per_hour", _pence),
        "from_on": reading.read("from_on", near_day),
        "source": reading.needed("source", LONGEST_SOURCE, pay.NO_SOURCE),
    }
    reading.finish()
    return typed


def _rate_page(form: FormState) -> str:
    options = {
        "staff_group": [(one.value, words) for one, words in STAFF_GROUPS.items()],
        "grade": grade_options(),
        "time_type": [
            (one.value, TIME_TYPES[one]) for one in TimeType if one is not TimeType.HOLIDAY_PAY
        ],
    }
    return render_template("bankhub/manager/new_rate.html", form=form, options=options)


def _pence(text: str | None, field: str) -> int:
    """Pounds as typed, in pence. Raises `Invalid` on `field` for anything else."""
    wrong = Invalid("not_money", fields={field: ["Enter pounds, for example 21.55."]})
    try:
        pence = Decimal((text or "").strip().removeprefix("£").replace(",", "")) * 100
    except InvalidOperation:
        raise wrong from None
    if not pence.is_finite() or pence != int(pence) or not 0 < pence <= LARGEST_POUNDS * 100:
        raise wrong
    return int(pence)


@pages.get("/agency-exemptions")
def exemptions() -> str:
    """Recorded exemptions that let a closed staff group go to agency."""
    with db().reading() as session:
        found = settings.exemptions(session, by=current_actor())
    return render_template(
        "bankhub/manager/exemptions.html", exemptions=found, today=london_day(now()), may=may()
    )


@pages.route("/agency-exemptions/new", methods=["GET", "POST"])
@require_step_up
def new_exemption() -> Response:
    """A dated exemption, with where its approval is written down."""
    by, at = current_actor(), now()
    demand(by, Deed.EDIT_POLICY)
    if request.method == "GET":
        return make_response(_exemption_page(FormState({"from_on": london_day(at)})))

    def work(session: Session) -> Response:
        settings.exempt(session, **_typed_exemption(), by=by, now=at)
        say("Recorded. Shifts in flight keep their openings.")
        return make_response(redirect(url_for("settings.exemptions"), 303))

    try:
        return idempotency.deed(work)
    except Invalid as problem:
        page = _exemption_page(FormState.kept(request.form, problem))
        return make_response(page, problem.status)


def _typed_exemption() -> dict[str, Any]:
    reading = Reading(request.form)
    typed = {
        "staff_group": reading.read("staff_group", one_of(StaffGroup)),
        "from_on": reading.read("from_on", near_day),
        "until_on": reading.read("until_on", near_day),
        "reference": reading.needed(
            "reference", settings.LONGEST_REFERENCE, settings.NO_REFERENCE
        ),
    }
    reading.finish()
    return typed


def _exemption_page(form: FormState) -> str:
    options = [(one.value, words) for one, words in STAFF_GROUPS.items()]
    return render_template("bankhub/manager/new_exemption.html", form=form, options=options)


@pages.get("/audit")
def audit() -> Response:
    """What happened in the organisation, the latest first, without personal data."""
    by, given = current_actor(), request.args
    after, kind = given.get("after"), given.get("kind", "")[:64]
    here: dict[str, Any] = {"kind": kind}
    here |= {name: given.get(name, "").strip() for name in ("subject", "account")}
    reading = Reading(given)
    subject, account = (
        reading.optional(name, identifier_of, "Enter an identifier as it stands in the list.")
        for name in ("subject", "account")
    )
    with db().reading() as session:
        found = audit_trail.recent(
            session,
            kind=kind,
            subject_id=subject,
            account_id=account,
            after=tuple(cursor_place(after, *CURSOR)) if after else None,
            by=by,
        )
    page = render_template(
        "bankhub/manager/audit.html",
        found=found,
        form=FormState(here, reading.errors),
        kinds=[(one, one.replace("_", " ").capitalize()) for one in audit_trail.FIRST_WORDS],
        as_text=_as_text,
        more_url=url_for("settings.audit", **here, after=cursor_text(found.after))
        if found.after
        else None,
    )
    return make_response(page, 422 if reading.errors else 200)


def _as_text(detail: object) -> str:
    """Details of an event on one line."""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else ""
