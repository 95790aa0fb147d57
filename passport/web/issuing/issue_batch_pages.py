"""Existing staff in bulk: draw a batch, open the sample, approve, and watch it being issued."""

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from sqlalchemy.orm import Session

from passport.actions.issuing import issue_batches
from passport.actions.issuing.issue_batches import Survey
from passport.errors import Invalid, Refused
from passport.imports.identity_check_files import take_checks
from passport.model.issue_policy import ISSUE_POLICY
from passport.rules.issuing.issue_claims import FROM_RECORDS
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.issuing import issue_words
from passport.web.issuing.issue_pages import Page, issuers_only, may_issue, sources
from passport.web.lent import db, real_now
from passport.web.messages import say
from passport.web.parsing import uuid_of
from passport.web.refusals import form_again

pages = Blueprint("issue_batches", __name__, url_prefix="/passports/batches")

SHOWN = 100
"""Exceptions that one page lists; more wait until these are looked into."""


def _to_batch(batch_id: UUID) -> Response:
    where = url_for("issue_batches.batch", batch_id=batch_id)
    return Response(status=303, headers={"Location": where})


@pages.get("")
def batches() -> Page:
    """The batches there were, and a new one."""
    return render_template("passport/issuing/batches.html", **_batches(), form=_usual())


def _usual() -> FormState:
    return FormState({"types": list(ISSUE_POLICY.types)})


def _batches() -> dict[str, Any]:
    by = current_actor()
    with db().reading() as session:
        found = issue_batches.batches(session, by=by)
        issued = {one.id: issue_batches.issued_of(session, one) for one in found}
    types = [(name, issue_words.title_of(name)) for name in FROM_RECORDS]
    return {"batches": found, "issued": issued, "types": types, "may": may_issue()}


@pages.post("")
@issuers_only
def draw() -> Page:
    """Draw everybody who can be issued, and the sample."""

    by, at = current_actor(), real_now()

    def surveyed() -> Survey:
        types = request.form.getlist("types")
        if not types:
            raise Invalid("types", fields={"types": ["Tick what to issue."]})
        most = ISSUE_POLICY.most_on_page
        with db().reading() as session:
            return issue_batches.survey(
                session, types=types, sources=sources(), most=most, by=by, now=at
            )

    def work(session: Session) -> Response:
        made = issue_batches.begin(session, found, by=by, now=at)
        say(f"Drawn: {len(made.people)}. A second officer opens the sample next.")
        return _to_batch(made.id)

    try:
        found = surveyed()
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again("passport/issuing/batches.html", problem, **_batches())


@pages.route("/checks", methods=["GET", "POST"])
@issuers_only
def checks() -> Page:
    """Identity checks that HR made before are taken from a file."""
    template = "passport/issuing/checks.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), report=None)
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid("file_missing", fields={"file": ["Choose a file."]})
        source = BytesIO(sent.stream.read())
        report = take_checks(db(), source, by=current_actor(), now=real_now())
    except (Invalid, Refused) as problem:
        return form_again(template, problem, report=None)
    return render_template(template, form=FormState(), report=report)


@pages.get("/<uuid:batch_id>")
def batch(batch_id: UUID) -> Page:
    """One batch: its sample, its exceptions, and how far it is."""
    return render_template("passport/issuing/batch.html", **_batch(batch_id), form=FormState())


def _batch(batch_id: UUID) -> dict[str, Any]:
    by = current_actor()
    with db().reading() as session:
        found = issue_batches.batch_of(session, batch_id=batch_id, by=by)
        excepted = list(found.exceptions)[:SHOWN]
        context = {
            "batch": found,
            "sample": issue_batches.people_in(session, found.sample, by=by),
            "excepted": issue_batches.people_in(session, excepted, by=by),
            "issued": issue_batches.issued_of(session, found),
        }
    drawn_by_me = by.account_id is not None and by.account_id == found.made_by_id
    return {**context, "may": may_issue(), "mine": drawn_by_me, "words": issue_words}


def _do(session: Session, batch_id: UUID, deed: str) -> None:
    of_batch: dict[str, Any] = {"batch_id": batch_id, "by": current_actor(), "now": real_now()}
    if deed == "open":
        if not request.form.get("person"):
            raise Invalid("person", fields={"person": ["Choose somebody of the sample."]})
        person_id = uuid_of(request.form["person"])
        issue_batches.open_sample(session, person_id=person_id, **of_batch)
        say("Opened and found right.")
    elif deed == "approve":
        issue_batches.approve(session, **of_batch)
        say("Approved. Issuing goes on by itself.")
    elif deed == "stop":
        issue_batches.stop(session, because="sample_wrong", **of_batch)
        say("Stopped: nothing more of it is issued.", "warn")
    else:
        portion = issue_batches.issue_portion(session, sources=sources(), **of_batch)
        say(f"{portion.done} of {portion.total} are done.")


@pages.post("/<uuid:batch_id>/<any(open,approve,stop,issue):deed>")
@issuers_only
def batch_deed(batch_id: UUID, deed: str) -> Page:
    """Open one of the sample, approve, stop, or issue the next people."""

    def work(session: Session) -> Response:
        _do(session, batch_id, deed)
        return _to_batch(batch_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again("passport/issuing/batch.html", problem, **_batch(batch_id))
