"""Agency: recording a fill while its tier is open, and the break-glass that off-framework needs."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.cascade import agency
from bankhub.actions.cascade.agency import Supply
from bankhub.actions.figures import office_notes
from bankhub.actions.settings.policies import policy_book
from bankhub.model.shifts import Opening
from bankhub.model.vocabulary import AGENCY_TIERS, Tier
from bankhub.rules.shift_times import london_day
from bankhub.web.shifts.draft_forms import Reading
from bankhub.web.shifts.office_parts import Page, done, form_again, may
from bankhub.web.shifts.shift_pages import load
from bankhub.web.trade_words import TIERS, spoken
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import choice_of
from passport.web.words import london_when

pages = Blueprint("agency", __name__, url_prefix="/office")

DEAREST = Decimal(100_000)
"""Pounds an hour; beyond it a rate is a slip of the keyboard."""


def pence_of(text: str, name: str) -> int:
    """An amount in pounds, as `48.50` or `£48.50`, in pence. Raises `Invalid` on the field."""
    try:
        amount = Decimal(text.replace("£", "").replace(",", "").strip()) * 100
    except InvalidOperation:
        amount = Decimal("NaN")
    whole = amount.is_finite() and amount == amount.to_integral_value()
    if not whole or not 0 < amount < DEAREST * 100:
        raise Invalid("rate", fields={name: ["Enter pounds and pence, for example 48.50."]})
    return int(amount)


@pages.route("/shifts/<uuid:shift_id>/agency", methods=["GET", "POST"])
def fill(shift_id: UUID) -> Page:
    """Record who supplies the worker, at what charge."""
    by, at = current_actor(), now()
    with db().reading() as session:
        context = load(session, shift_id)
    context["choices"] = [(tier.value, TIERS[tier]) for tier in AGENCY_TIERS]
    template = "bankhub/office/agency_fill.html"
    if request.method == "GET":
        seen = [one.tier for one in context["story"].openings if _is_open(one, at)]
        tier = next((one for one in reversed(seen) if one in AGENCY_TIERS), None)
        return render_template(template, form=FormState({"tier": tier or ""}), **context)

    def work(session: Session) -> Response:
        supply = Supply(**_typed_fill())
        agency.record_fill(session, shift_id=shift_id, supply=supply, by=by, now=at)
        say("Recorded: filled by an agency.")
        return done("shift.show", shift_id=shift_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **context)


def _is_open(opening: Opening, at: datetime) -> bool:
    return opening.opens_at is not None and opening.opens_at <= at


def _typed_fill() -> dict[str, Any]:
    reading = Reading(request.form)
    typed = {
        "tier": reading.read("tier", lambda text, name: choice_of(Tier, text, name)),
        "agency_name": reading.text("agency_name", 200),
        "framework": reading.text("framework", 200),
        "rate_pence_per_hour": reading.read("rate_pence_per_hour", pence_of),
        "worker_name": reading.text("worker_name", 200),
    }
    reading.finish()
    return typed


@pages.route("/shifts/<uuid:shift_id>/break-glass", methods=["GET", "POST"])
def ask(shift_id: UUID) -> Page:
    """Ask the executive on call for leave to go off-framework."""
    by, at = current_actor(), now()
    with db().reading() as session:
        context = load(session, shift_id)
        shift = context["shift"]
        policy = policy_book(session, shift.organisation_id).cascade(
            shift.staff_group, london_day(shift.starts_at)
        )
    context["reasons"] = [(code, spoken(code)) for code in policy.break_glass_reasons]
    template = "bankhub/office/break_glass_ask.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), **context)

    def work(session: Session) -> Response:
        reading = Reading(request.form)
        said = reading.text("reason_text", 1000)
        reading.finish()
        reason = request.form.get("reason", "")
        agency.ask_break_glass(
            session, shift_id=shift_id, reason=reason, reason_text=said, by=by, now=at
        )
        say("Asked. The executive on call sees it under Break-glass.")
        return done("shift.show", shift_id=shift_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **context)


@pages.get("/break-glasses")
def break_glasses() -> Page:
    """What waits for the executive, what must be reviewed, and what was."""
    with db().reading() as session:
        found = office_notes.break_glasses(session, by=current_actor())
    at = now()
    return render_template(
        "bankhub/office/break_glasses.html",
        waiting=[one for one in found if not (one.glass.granted_at or one.glass.refused_at)],
        to_review=[one for one in found if one.glass.granted_at and not one.glass.reviewed_at],
        closed=[one for one in found if one.glass.refused_at or one.glass.reviewed_at],
        today=london_day(at),
        now_at=at,
        me=current_actor().account_id,
        may=may(),
        form=FormState(),
    )


@pages.get("/break-glasses/<uuid:break_glass_id>/answer")
@require_step_up
def answer(break_glass_id: UUID) -> Page:
    """Everything the executive needs to say yes or no."""
    with db().transaction() as session:
        found = office_notes.break_glass(session, break_glass_id=break_glass_id, by=current_actor())
        context = load(session, found.glass.shift_id, named=True)
    return render_template("bankhub/office/break_glass_answer.html", found=found, **context)


@pages.post("/break-glasses/<uuid:break_glass_id>/grant")
def grant(break_glass_id: UUID) -> Page:
    """Yes: it runs out by itself and must be reviewed."""

    def work(session: Session) -> Response:
        glass = agency.grant_break_glass(
            session, break_glass_id=break_glass_id, by=current_actor(), now=now()
        )
        until = f" until {london_when(glass.expires_at)}" if glass.expires_at else ""
        say(f"Granted{until}. A review is due.")
        return done("agency.break_glasses")

    return idempotency.deed(work)


@pages.post("/break-glasses/<uuid:break_glass_id>/refuse")
def refuse(break_glass_id: UUID) -> Page:
    """No."""

    def work(session: Session) -> Response:
        agency.refuse_break_glass(
            session, break_glass_id=break_glass_id, by=current_actor(), now=now()
        )
        say("Refused. The bank office sees it.")
        return done("agency.break_glasses")

    return idempotency.deed(work)


@pages.route("/break-glasses/<uuid:break_glass_id>/review", methods=["GET", "POST"])
def review(break_glass_id: UUID) -> Page:
    """Put on record what the review found."""
    with db().reading() as session:
        found = office_notes.break_glass(session, break_glass_id=break_glass_id, by=current_actor())
    template = "bankhub/office/break_glass_review.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), found=found)

    def work(session: Session) -> Response:
        outcome = request.form.get("outcome", "").strip()[:2000]
        agency.review_break_glass(
            session, break_glass_id=break_glass_id, outcome=outcome, by=current_actor(), now=now()
        )
        say("The review is on record.")
        return done("agency.break_glasses")

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, found=found)
