"""Issuing, for the personnel office: who has a passport, one person, and what does not match."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from passport.actions.issuing import issue_overview, issuing, photos
from passport.actions.issuing.issue_records import Sources, no_jobs
from passport.actions.people import identity_checks
from passport.actions.people.people import PAGE
from passport.actions.permission import demand
from passport.actions.signing import credential_life
from passport.errors import Invalid, Refused
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.issuing import issue_words
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.parsing import uuid_of
from passport.web.refusals import Answer, as_invalid, form_again, status_of

pages = Blueprint("issuing", __name__, url_prefix="/passports")

View = TypeVar("View", bound=Callable[..., Any])

Page = str | Answer | tuple[str, int] | Response | Redirect


def sources() -> Sources:
    """What issuing is lent by the app: the floor above may keep posts."""
    return Sources(vault_of(lent().config), current_app.extensions.get("jobs_of", no_jobs))


def may_issue() -> bool:
    """Whether acts are drawn; never decides whether a deed is done."""
    reason = why_not(current_actor(), Deed.ISSUE, PERMISSIONS)
    return reason is None or reason.code == "step_up_needed"


def issuers_only(view: View) -> View:
    """Mark a page of those who issue: the right, and the second factor, are asked for before the
    page is shown, so that nothing typed is lost."""

    @wraps(view)
    def allowed(*args: Any, **kwargs: Any) -> Any:
        demand(current_actor(), Deed.ISSUE)
        return view(*args, **kwargs)

    return allowed  # type: ignore[return-value]


def to_person(person_id: UUID) -> Response:
    """Back to somebody's page."""
    where = url_for("issuing.person", person_id=person_id)
    return Response(status=303, headers={"Location": where})


@pages.get("")
def listed() -> Page:
    """The staff, and how their passports stand."""
    search = request.args.get("search", "").strip()[:100]
    after = request.args.get("after")
    with db().reading() as session:
        found = issue_overview.listed(
            session, by=current_actor(), name=search, after=uuid_of(after) if after else None
        )
    more = None
    if len(found) == PAGE:
        more = url_for("issuing.listed", search=search or None, after=found[-1].person.id)
    return render_template(
        "passport/issuing/list.html",
        form=FormState({"search": search}),
        people=found,
        states=issue_words.STATES,
        search=search,
        more=more,
    )


@pages.get("/people/<uuid:person_id>")
def person(person_id: UUID) -> Page:
    """One person: the record beside the evidence, each credential, and what can be done."""
    return render_template("passport/issuing/person.html", **_person(person_id), form=FormState())


def _person(person_id: UUID) -> dict[str, Any]:
    by, now = current_actor(), real_now()
    with db().reading() as session:
        found = issuing.preview(
            session, person_id=person_id, sources=sources(), by=by, now=now
        )
        plan = found.plan()
        context = {
            "found": found,
            "person": found.person,
            "plan": plan,
            "mismatches": issue_overview.mismatches_of(session, found),
            "credentials": issue_overview.credentials_of(session, person_id=person_id, by=by),
            "checks": identity_checks.checks_of(session, person_id=person_id, by=by),
            "me": by.account_id,
        }
    fresh = {one.made.type for one in plan.fresh}
    ticked = FormState({"types": sorted(fresh)})
    return {**context, "may": may_issue(), "words": issue_words, "all_ticked": ticked}


@pages.post("/people/<uuid:person_id>/issue")
@issuers_only
def issue(person_id: UUID) -> Page:
    """Decide a bundle of what is ticked."""

    def work(session: Session) -> Response:
        types = request.form.getlist("types")
        if not types:
            raise Invalid("types", fields={"types": ["Tick what to issue."]})
        decided = issuing.decide(
            session, person_id=person_id, types=types, sources=sources(), by=current_actor(),
            now=real_now(),
        )  # fmt: skip
        say(f"Issued: {len(decided.types)}. They are told that it waits for them.")
        return to_person(person_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return person_again(person_id, problem)


def person_again(person_id: UUID, problem: Invalid | Refused) -> Page:
    """Somebody's page, with what was typed and why a deed was refused."""
    form = FormState.kept(request.form, as_invalid(problem))
    context = _person(person_id)
    return render_template(
        "passport/issuing/person.html", **context, form=form
    ), status_of(problem)


@pages.get("/people/<uuid:person_id>/photo.jpg")
def photo(person_id: UUID) -> Page:
    """The photo that an officer compared with the person; nothing where there is none."""
    with db().reading() as session:
        vault = vault_of(lent().config)
        found = photos.photo_of(session, person_id=person_id, vault=vault, by=current_actor())
    if found is None:
        return Response(status=204)
    headers = {"Cache-Control": "private, no-store"}
    return Response(found, mimetype="image/jpeg", headers=headers)


@pages.route("/people/<uuid:person_id>/photo", methods=["GET", "POST"])
@issuers_only
def add_photo(person_id: UUID) -> Page:
    """Take a photo in."""
    template = "passport/issuing/photo.html"
    if request.method == "GET":
        return render_template(template, **whom(person_id), form=FormState())

    def work(session: Session) -> Response:
        sent = request.files.get("photo")
        photos.keep_photo(
            session, person_id=person_id, data=sent.stream.read() if sent else b"",
            vault=vault_of(lent().config), by=current_actor(), now=real_now(),
        )  # fmt: skip
        say("The photo is kept. Issue the identity anew to have it in the credential.")
        return to_person(person_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **whom(person_id))


def whom(person_id: UUID) -> Mapping[str, Any]:
    """Whom a form is about; not found where they are another organisation's."""
    with db().reading() as session:
        found = issuing.preview(
            session, person_id=person_id, sources=sources(), by=current_actor(), now=real_now()
        )
    return {"person": found.person, "words": issue_words}


@pages.route("/people/<uuid:person_id>/died", methods=["GET", "POST"])
@issuers_only
def died(person_id: UUID) -> Page:
    """They have died: everything ends, and nobody is written to."""
    if request.method == "GET":
        return render_template("passport/issuing/died.html", **whom(person_id), form=FormState())

    def work(session: Session) -> Response:
        credential_life.deceased(
            session, person_id=person_id, by=current_actor(), now=real_now()
        )
        say("Their passport has ended. Nobody is written to.")
        return to_person(person_id)

    return idempotency.deed(work)


@pages.get("/queue")
def queue() -> Page:
    """What does not match, with both sides."""
    with db().reading() as session:
        found = issue_overview.queue(session, by=current_actor())
    return render_template("passport/issuing/queue.html", queue=found)

