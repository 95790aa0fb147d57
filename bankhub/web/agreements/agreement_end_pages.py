"""Signing an agreement, and what may end it: a party suspended, notice given, terminated."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_ends, agreement_signing, agreement_views
from bankhub.actions.agreements.agreement_views import AgreementView
from bankhub.actions.permission import demand
from bankhub.rules.agreements.agreement_document import sections_of
from bankhub.rules.agreements.agreement_states import Step
from bankhub.rules.permissions import Deed
from bankhub.web.agreements.agreement_pages import WORDS, load, load_version, page_of, shown_version
from bankhub.web.agreements.agreement_words import honoured_text
from bankhub.web.shifts.draft_forms import Reading, identifier_of, near_day
from bankhub.web.shifts.office_parts import Page, done
from passport.errors import Invalid, Refused
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up, signed_in
from passport.web.forms import FormState
from passport.web.lent import db, lent, now, real_now
from passport.web.messages import say

pages = Blueprint("agreement_ends", __name__, url_prefix="/agreements")

LONGEST_NAME = 120
LONGEST_BECAUSE = 1_000


@pages.route("/<uuid:agreement_id>/versions/<uuid:version_id>/sign", methods=["GET", "POST"])
@require_step_up
def sign(agreement_id: UUID, version_id: UUID) -> Page:
    """Sign for the organisation exactly the text that is shown."""
    demand(current_actor(), Deed.SIGN_AGREEMENT)
    view, one = load_version(agreement_id, version_id)
    with db().reading() as session:
        text = agreement_views.document(session, version_id=version_id, by=current_actor())
    opening, sections = sections_of(text)
    context = {
        "view": view, "one": one, "opening": opening.split("\n"), "sections": sections,
        "can_sign": Step.SIGN in one.steps, **WORDS,
    }  # fmt: skip
    template = "bankhub/agreements/sign.html"
    if request.method == "GET":
        form = FormState({"name": signed_in().display_name})
        return render_template(template, form=form, **context)

    def work(session: Session) -> Response:
        agreement_signing.sign(
            session,
            version_id=version_id,
            **_typed_signature(),
            vault=vault_of(lent().config),
            signed_at=real_now(),
            by=current_actor(),
            now=now(),
        )
        say("Signed with your organisation's key.")
        return done("agreements.show", agreement_id=agreement_id)

    return _answer(work, template, context)


def _typed_signature() -> dict[str, str]:
    reading = Reading(request.form)
    if request.form.get("agreed") != "yes":
        reading.wrong("agreed", "Say that you have read the text and sign it.")
    typed = {
        "name": reading.needed("name", LONGEST_NAME, "Enter your name."),
        "job_title": reading.needed("job_title", LONGEST_NAME, "Enter your job title."),
        "authority": reading.needed(
            "authority", LONGEST_NAME, "Say what lets you bind the organisation."
        ),
    }
    reading.finish()
    return typed


def _answer(work: Any, template: str, context: Mapping[str, Any]) -> Page:
    """The deed's answer; or the form again with what is wrong."""
    try:
        return idempotency.deed(work)
    except Refused as problem:
        said = [f"{one.text} {one.cure.act if one.cure else ''}".strip() for one in problem.reasons]
        form = FormState.kept(request.form, Invalid(problem.code, " ".join(said)))
        return make_response(render_template(template, form=form, **context), problem.status)
    except Invalid as problem:
        form = FormState.kept(request.form, problem)
        return make_response(render_template(template, form=form, **context), problem.status)


def _ending(agreement_id: UUID) -> AgreementView:
    demand(current_actor(), Deed.END_AGREEMENT)
    return load(agreement_id)


@pages.route("/<uuid:agreement_id>/suspend", methods=["GET", "POST"])
@require_step_up
def suspend(agreement_id: UUID) -> Page:
    """Suspend a party: nothing starts there or from there until it is lifted."""
    view = _ending(agreement_id)
    parties = [
        (str(one.organisation_id), one.name) for one in view.parties
        if one.suspended_at is None and not one.succeeded_by
        and (view.is_lead or _is_own(one.organisation_id))
    ]  # fmt: skip
    context = {"view": view, "parties": parties}
    template = "bankhub/agreements/suspend.html"
    if request.method == "GET":
        asked = request.args.get("party", "")
        return render_template(template, form=FormState({"organisation_id": asked}), **context)

    def work(session: Session) -> Response:
        agreement_ends.suspend_party(
            session,
            agreement_id=agreement_id,
            **_typed_suspension(),
            by=current_actor(),
            now=now(),
        )
        say("Suspended. Nothing starts there or from there; a shift that has begun is finished.")
        return done("agreements.show", agreement_id=agreement_id)

    return _answer(work, template, context)


def _is_own(organisation_id: UUID) -> bool:
    return organisation_id == current_actor().organisation_id


def _because(reading: Reading) -> str:
    """Why, in one line: it stands in what the parties are told."""
    return " ".join(reading.needed("because", LONGEST_BECAUSE, "Say why.").split())


def _typed_suspension() -> dict[str, Any]:
    reading = Reading(request.form)
    typed = {
        "organisation_id": reading.read("organisation_id", identifier_of, "Choose a party."),
        "because": _because(reading),
    }
    reading.finish()
    return typed


@pages.post("/<uuid:agreement_id>/lift")
@require_step_up
def lift(agreement_id: UUID) -> Page:
    """Take a suspension back."""
    view = _ending(agreement_id)
    reading = Reading(request.form)
    party = reading.read("organisation_id", identifier_of, "Choose a party.")
    reading.finish()

    def work(session: Session) -> Response:
        agreement_ends.lift_suspension(
            session,
            agreement_id=view.agreement.id,
            organisation_id=party or view.agreement.id,
            by=current_actor(),
            now=now(),
        )
        say("Lifted.")
        return done("agreements.show", agreement_id=agreement_id)

    return idempotency.deed(work)


def _with_terms(view: AgreementView) -> dict[str, Any]:
    terms = shown_version(view).terms
    return {"view": view, "terms": terms, "honoured": honoured_text(terms.wind_down_days)}


@pages.route("/<uuid:agreement_id>/notice", methods=["GET", "POST"])
@require_step_up
def notice(agreement_id: UUID) -> Page:
    """Give notice for the own organisation."""
    view = _ending(agreement_id)
    context = _with_terms(view)
    template = "bankhub/agreements/notice.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), **context)

    def work(session: Session) -> Response:
        reading = Reading(request.form)
        leaves_on = reading.optional("leaves_on", near_day)
        reading.finish()
        agreement_ends.give_notice(
            session, agreement_id=agreement_id, leaves_on=leaves_on, by=current_actor(), now=now()
        )
        say("Notice given. Every party has been told.")
        return done("agreements.show", agreement_id=agreement_id)

    return _answer(work, template, context)


@pages.post("/<uuid:agreement_id>/notice/withdraw")
@require_step_up
def withdraw(agreement_id: UUID) -> Page:
    """Withdraw the notice that the own organisation gave."""
    _ending(agreement_id)

    def work(session: Session) -> Response:
        agreement_ends.withdraw_notice(
            session, agreement_id=agreement_id, by=current_actor(), now=now()
        )
        say("Withdrawn. Every party has been told.")
        return done("agreements.show", agreement_id=agreement_id)

    try:
        return idempotency.deed(work)
    except Refused as problem:
        return make_response(page_of(load(agreement_id), problem.reasons), problem.status)


@pages.route("/<uuid:agreement_id>/terminate", methods=["GET", "POST"])
@require_step_up
def terminate(agreement_id: UUID) -> Page:
    """End the whole agreement: on a day, or for safety at once."""
    view = _ending(agreement_id)
    context = _with_terms(view)
    template = "bankhub/agreements/terminate.html"
    if request.method == "GET":
        return render_template(template, form=FormState({"how": "day"}), **context)

    def work(session: Session) -> Response:
        agreement_ends.terminate(
            session, agreement_id=agreement_id, **_typed_end(), by=current_actor(), now=now()
        )
        say("Ended. Every party has been told.")
        return done("agreements.show", agreement_id=agreement_id)

    return _answer(work, template, context)


def _typed_end() -> dict[str, Any]:
    reading = Reading(request.form)
    how = request.form.get("how")
    if how not in ("day", "safety"):
        reading.wrong("how", "Choose one.")
    typed = {
        "because": _because(reading),
        "for_safety": how == "safety",
        "ends_on": reading.optional("ends_on", near_day) if how == "day" else None,
    }
    reading.finish()
    return typed
