"""Writing a workforce-sharing agreement: from a template, changed, varied."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreements
from bankhub.actions.agreements.agreement_views import AgreementView
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.agreement_reference import ClauseKind, agreement_templates, clauses
from bankhub.model.agreement_terms import ContactKind, DataCategory
from bankhub.model.vocabulary import Grade
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.agreements.agreement_form import (
    Typed,
    field_values,
    grades_of_groups,
    on_fields,
    rows_of,
    start_values,
    typed_terms,
)
from bankhub.web.agreements.agreement_pages import load, load_version, shown_version
from bankhub.web.agreements.agreement_words import (
    BASES,
    CONTACT_KINDS,
    CONTROLLERS,
    EMPLOYERS,
    INSTRUMENTS,
    LEGAL_FORMS,
    PARTY_ROLES,
    RECOGNISE,
    VAT,
    category_title,
)
from bankhub.web.shifts.draft_forms import Reading
from bankhub.web.shifts.office_parts import Page, done, role_options, skill_options
from bankhub.web.trade_words import STAFF_GROUPS, grade_name
from passport.errors import Invalid, NotFound, Refused
from passport.web import idempotency
from passport.web.access import current_actor, signed_in
from passport.web.forms import FormState
from passport.web.lent import now
from passport.web.messages import say

pages = Blueprint("agreement_drafts", __name__, url_prefix="/agreements")

LONGEST_TITLE = 120
LONGEST_NOTE = 1_000
FORM = "bankhub/agreements/form.html"


@pages.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """A first draft: choose what kind of agreement it is, then fill the terms in."""
    demand(current_actor(), Deed.DRAFT_AGREEMENT)
    chosen = request.args.get("template", "")
    templates = agreement_templates()
    if request.method == "GET":
        if chosen not in templates:
            return render_template("bankhub/agreements/templates.html", templates=templates)
        template = templates[chosen]
        start = start_values(template.terms, template.months, london_day(now()))
        return _form(FormState(start | _own_party() | {"title": template.title}), {})

    def work(session: Session, typed: Typed, by_name: Mapping[str, str]) -> Response:
        made = agreements.draft(
            session,
            title=by_name["title"],
            terms=typed.terms,
            by=current_actor(),
            now=now(),
        )
        say("Drafted. Nobody else sees it until you send it to review.")
        return done("agreements.show", agreement_id=made.id)

    return _send(work, {})


def _own_party() -> dict[str, Any]:
    place = signed_in().place
    if place is None:
        return {}
    contacts = {
        f"contacts[{number}].{name}": value
        for number, kind in enumerate(ContactKind)
        for name, value in (("ods", place.ods_code), ("kind", kind.value))
    }
    return {"parties[0].ods": place.ods_code, "parties[0].role": "both", **contacts}


@pages.route("/<uuid:agreement_id>/versions/<uuid:version_id>/edit", methods=["GET", "POST"])
def edit(agreement_id: UUID, version_id: UUID) -> Page:
    """Change a draft; whoever reviewed it has to look again."""
    demand(current_actor(), Deed.DRAFT_AGREEMENT)
    view, one = load_version(agreement_id, version_id)
    if not view.is_lead:
        raise NotFound
    context = {"view": view, "one": one}
    if request.method == "GET":
        said = {"title": view.agreement.title, "change_note": one.version.change_note}
        return _form(FormState(field_values(one.version.terms) | said), context)

    def work(session: Session, typed: Typed, by_name: Mapping[str, str]) -> Response:
        agreements.edit(
            session,
            version_id=version_id,
            terms=typed.terms,
            title=by_name["title"] if one.version.number == 1 else None,
            change_note=by_name["change_note"] or None,
            by=current_actor(),
            now=now(),
        )
        say("Saved. Whoever had reviewed it looks again.")
        return done("agreements.show", agreement_id=agreement_id)

    return _send(work, context)


@pages.route("/<uuid:agreement_id>/vary", methods=["GET", "POST"])
def vary(agreement_id: UUID) -> Page:
    """The next version; the one in force stays until all have signed."""
    demand(current_actor(), Deed.DRAFT_AGREEMENT)
    view = led(agreement_id)
    context = {"view": view, "one": None}
    if request.method == "GET":
        terms = shown_version(view).version.terms
        return _form(FormState(field_values(terms) | {"title": view.agreement.title}), context)

    def work(session: Session, typed: Typed, by_name: Mapping[str, str]) -> Response:
        agreements.vary(
            session,
            agreement_id=agreement_id,
            terms=typed.terms,
            change_note=by_name["change_note"],
            by=current_actor(),
            now=now(),
        )
        say("Drafted as the next version. The one in force holds until every party has signed.")
        return done("agreements.show", agreement_id=agreement_id)

    return _send(work, context)


def led(agreement_id: UUID) -> AgreementView:
    """An agreement that the actor's organisation leads: to anybody else there is no such page."""
    view = load(agreement_id)
    if not view.is_lead:
        raise NotFound
    return view


Work = Callable[[Session, Typed, Mapping[str, str]], Response]


def _send(work: Work, context: Mapping[str, Any]) -> Page:
    """Read the form, do the deed, or show the form again with every mistake where it is."""
    typed: Typed | None = None
    try:
        typed, said = typed_terms(request.form), _headline(context)
        return idempotency.deed(lambda session: work(session, typed, said))
    except (Invalid, Refused) as problem:
        form = FormState.kept(request.form, on_fields(problem, typed))
        return make_response(_form(form, context), problem.status)


def _headline(context: Mapping[str, Any]) -> dict[str, str]:
    reading = Reading(request.form)
    first = "view" not in context or (context["one"] and context["one"].version.number == 1)
    said = {
        "title": reading.needed("title", LONGEST_TITLE, "Say what it is called.") if first else "",
        "change_note": "" if first else reading.needed(
            "change_note", LONGEST_NOTE, "Say what changes: it is printed."
        ),
    }  # fmt: skip
    reading.finish()
    return {name: " ".join(text.split()) for name, text in said.items()}


ALWAYS_CHOSEN = (".role", ".kind")
"""Lists of which one choice always stands: a row with no more than that is an empty one."""


def _form(form: FormState, context: Mapping[str, Any]) -> str:
    view, one = context.get("view"), context.get("one")
    typed = [name for name in form.values if form.value(name) and not name.endswith(ALWAYS_CHOSEN)]
    rows = {
        "parties": rows_of(typed, "parties", 2, 3),
        "contacts": rows_of(typed, "contacts", 1, 4),
        "exceptions": rows_of(typed, "training.exceptions", 1),
    }
    return render_template(
        FORM,
        form=form,
        rows=rows,
        options=form_options(),
        scope=_scope_options(form),
        rated=[(grade.value, _capital(grade_name(grade))) for grade in Grade],
        view=view,
        one=one,
        first=view is None or (one is not None and one.version.number == 1),
        excluded=bool(form.chosen("excluded_roles") or form.chosen("excluded_skills")),
    )


def form_options() -> dict[str, list[Any]]:
    """Choices of the form."""
    pairs: dict[str, Mapping[Any, Any]] = {
        "legal_form": LEGAL_FORMS,
        "role": PARTY_ROLES,
        "instruments": INSTRUMENTS,
        "controllers": CONTROLLERS,
        "employed_by": EMPLOYERS,
        "basis": BASES,
        "vat": VAT,
        "recognise": RECOGNISE,
        "kind": CONTACT_KINDS,
    }
    found = {
        name: [(code, *words) if isinstance(words, tuple) else (code, words)
               for code, words in held.items()]
        for name, held in pairs.items()
    }  # fmt: skip
    said = clauses()
    for name, kind in (
        ("home_warranties", ClauseKind.HOME_WARRANTY),
        ("host_warranties", ClauseKind.HOST_WARRANTY),
        ("indemnity", ClauseKind.INDEMNITY),
    ):
        found[name] = [(code, clause.text) for code, clause in said[kind].items()]
    words = said[ClauseKind.DATA_CATEGORY]
    found["data_categories"] = [
        (one.value, category_title(one), words[one].text) for one in DataCategory
    ]
    found["excluded_roles"], found["excluded_skills"] = role_options(), skill_options()
    subjects = reference.training_subjects()
    found["subject"] = [(code, one.title) for code, one in subjects.items()]
    return found


def _scope_options(form: FormState) -> list[tuple[str, str, list[tuple[str, str]], bool]]:
    """Field, staff group in words, its grades, and whether one of them is chosen."""
    return [
        (
            f"scope.{group}",
            STAFF_GROUPS[group],
            [(grade.value, _capital(grade_name(grade))) for grade in grades],
            bool(form.chosen(f"scope.{group}")),
        )
        for group, grades in grades_of_groups().items()
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
