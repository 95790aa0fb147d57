"""A draft on its way: another party joins it, areas review it, it goes out for signature."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreements
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import ContactKind
from bankhub.model.agreements import ReviewArea
from bankhub.rules.agreements.agreement_states import areas_of
from bankhub.rules.permissions import Deed
from bankhub.web.agreements.agreement_draft_pages import (
    LONGEST_NOTE,
    LONGEST_TITLE,
    form_options,
    led,
)
from bankhub.web.agreements.agreement_form import ROWS, on_fields
from bankhub.web.agreements.agreement_pages import WORDS, load, load_version, page_of, shown_version
from bankhub.web.agreements.agreement_words import AREAS
from bankhub.web.shifts.draft_forms import Reading, one_of
from bankhub.web.shifts.office_parts import Page, done
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor, signed_in
from passport.web.forms import FormState
from passport.web.lent import now
from passport.web.messages import say

pages = Blueprint("agreement_steps", __name__, url_prefix="/agreements")


@pages.route("/<uuid:agreement_id>/accession", methods=["GET", "POST"])
def accession(agreement_id: UUID) -> Page:
    """Let another organisation join: the next version, in words a deed of accession."""
    demand(current_actor(), Deed.DRAFT_AGREEMENT)
    view = led(agreement_id)
    options = form_options()
    context = {"view": view, "options": options, "kinds": list(ContactKind)}
    template = "bankhub/agreements/accession.html"
    if request.method == "GET":
        return render_template(template, form=FormState({"party.role": "both"}), **context)
    held = shown_version(view).terms

    def work(session: Session) -> Response:
        agreements.add_party(
            session,
            agreement_id=agreement_id,
            **_typed_party(),
            by=current_actor(),
            now=now(),
        )
        say("Drafted as the next version: a deed of accession, to be reviewed and signed by all.")
        return done("agreements.show", agreement_id=agreement_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        said = _on_accession(on_fields(problem, None), len(held.parties), len(held.contacts))
        form = FormState.kept(request.form, said)
        return make_response(render_template(template, form=form, **context), problem.status)


def _typed_party() -> dict[str, Any]:
    reading = Reading(request.form)
    ods = reading.needed("party.ods", 12, "Enter its ODS code.").upper()
    sites = reading.text("party.sites", LONGEST_NOTE).upper().replace(",", " ").split()
    contacts = []
    for number, kind in enumerate(ContactKind):
        typed = {name: reading.text(f"contacts[{number}].{name}", 200) for name in ROWS["contacts"]}
        if any(typed.values()):
            contacts.append({"ods": ods, "kind": kind.value, **typed})
    party = {"ods": ods, "role": reading.text("party.role"), "sites": sites}
    reading.finish()
    return {"party": party, "contacts": contacts}


def _on_accession(problem: Invalid, parties: int, contacts: int) -> Invalid:
    """Messages about the last party and the last contacts, on the fields of this form."""
    kinds = [
        number for number in range(len(ContactKind))
        if any(request.form.get(f"contacts[{number}].{name}", "").strip()
               for name in ROWS["contacts"])
    ]  # fmt: skip
    fields: dict[str, list[str]] = {}
    for name, messages in problem.fields.items():
        here = name.replace(f"parties[{parties}].", "party.")
        for place, number in enumerate(kinds):
            here = here.replace(f"contacts[{contacts + place}]", f"contacts[{number}]")
        shown = here.startswith("party.") or any(here.startswith(f"contacts[{n}]") for n in kinds)
        fields.setdefault(here if shown else "party.ods", []).extend(messages)
    return Invalid(problem.code, problem.detail, fields)


# Review, and out for signature

@pages.route("/<uuid:agreement_id>/versions/<uuid:version_id>/review", methods=["GET", "POST"])
def review(agreement_id: UUID, version_id: UUID) -> Page:
    """A named person of an area signs the draft off, or sends it back."""
    demand(current_actor(), Deed.REVIEW_AGREEMENT)
    view, one = load_version(agreement_id, version_id)
    own = areas_of(current_actor().roles)
    options = [(area.value, AREAS[area]) for area in own]
    others = [words for area, words in AREAS.items() if area not in own]
    context = {"view": view, "one": one, "options": options, "others": others, **WORDS}
    template = "bankhub/agreements/review.html"
    if request.method == "GET":
        start = {"name": signed_in().display_name, "area": request.args.get("area", "")}
        return render_template(template, form=FormState(start), **context)

    def work(session: Session) -> Response:
        agreements.review(
            session, version_id=version_id, **_typed_review(), by=current_actor(), now=now()
        )
        say("Recorded.")
        return done("agreements.show", agreement_id=agreement_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        form = FormState.kept(request.form, _on_review(problem))
        return make_response(render_template(template, form=form, **context), problem.status)


def _typed_review() -> dict[str, Any]:
    reading = Reading(request.form)
    answer = request.form.get("answer")
    if answer not in ("signed_off", "sent_back"):
        reading.wrong("answer", "Choose one.")
    comment = reading.text("comment", LONGEST_NOTE)
    if answer == "sent_back" and not comment:
        reading.wrong("comment", "Say what has to change.")
    typed = {
        "area": reading.read("area", one_of(ReviewArea), "Choose an area."),
        "name": reading.needed("name", LONGEST_TITLE, "Enter the reviewer's name."),
        "job_title": reading.needed("job_title", LONGEST_TITLE, "Enter their job title."),
        "signed_off": answer == "signed_off",
        "comment": comment,
    }
    reading.finish()
    return typed


FIELD_OF = {"same_reviewer": "name", "not_of_area": "area"}


def _on_review(problem: Invalid | Refused) -> Invalid:
    if isinstance(problem, Invalid):
        return problem
    fields: dict[str, list[str]] = {}
    rest = []
    for reason in problem.reasons:
        if reason.code in FIELD_OF:
            fields[FIELD_OF[reason.code]] = [reason.text]
        else:
            rest.append(reason.text)
    return Invalid(problem.code, " ".join(rest), fields)


STEPS: Mapping[str, tuple[Callable[..., Any], str]] = {
    "to-review": (agreements.send_to_review, "Every party can read the draft and review it now."),
    "send-out": (agreements.send_out, "Out for signature: the text can no longer be changed."),
    "abandon": (agreements.abandon, "Abandoned. What is in force stays in force."),
}
"""Steps in one tap: the deed, and what is said of it."""


@pages.post(
    "/<uuid:agreement_id>/versions/<uuid:version_id>/<any('to-review','send-out','abandon'):step>"
)
def take_step(agreement_id: UUID, version_id: UUID, step: str) -> Page:
    """Send a version to review, out for signature, or give it up."""
    demand(current_actor(), Deed.DRAFT_AGREEMENT)
    load_version(agreement_id, version_id)
    deed, words = STEPS[step]

    def work(session: Session) -> Response:
        deed(session, version_id=version_id, by=current_actor(), now=now())
        say(words)
        return done("agreements.show", agreement_id=agreement_id)

    try:
        return idempotency.deed(work)
    except Refused as problem:
        return make_response(page_of(load(agreement_id), problem.reasons), problem.status)
