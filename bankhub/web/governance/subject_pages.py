"""One person's data: the file that is made for them, and its erasure by two people."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.governance import subject_requests
from bankhub.web.shifts.office_parts import Page, done, form_again
from passport.actions.permission import demand
from passport.errors import Invalid, Refused
from passport.model.data_classes import KEPT_BECAUSE
from passport.rules.permissions import PERMISSIONS, Deed, why_not
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, lent, now
from passport.web.messages import say

pages = Blueprint("subjects", __name__)


def _may(deed: Deed) -> bool:
    """Whether the button is drawn; a second factor is asked for when it is pressed."""
    reason = why_not(current_actor(), deed, PERMISSIONS)
    return reason is None or reason.code == "step_up_needed"


def _rights() -> dict[str, bool]:
    return {
        "export": _may(Deed.EXPORT_SUBJECT),
        "ask": _may(Deed.ASK_ERASURE),
        "erase": _may(Deed.ERASE),
    }


@pages.get("/people/<uuid:person_id>/subject-file")
def show(person_id: UUID) -> str:
    """What the person's file will hold."""
    return render_template("bankhub/information/subject.html", **_subject(person_id))


def _subject(person_id: UUID) -> dict[str, Any]:
    with db().transaction() as session:
        file = subject_requests.overview(
            session, person_id=person_id, by=current_actor(), now=now()
        )
    return {
        "file": file, "person_id": person_id, "may": _rights(), "form": FormState(),
        "because": KEPT_BECAUSE,
    }  # fmt: skip


@pages.post("/people/<uuid:person_id>/subject-file")
@require_step_up
def download(person_id: UUID) -> Response:
    """The file itself, as an archive; that it was made is on record."""
    vault = vault_of(lent().config)
    with db().transaction() as session:
        content = subject_requests.export(
            session, person_id=person_id, vault=vault, by=current_actor(), now=now()
        )
    return _archive(content)


def _archive(content: bytes) -> Response:
    response = make_response(content)
    response.content_type = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="subject-file.zip"'
    return response


@pages.get("/account/data")
def own() -> str:
    """What the file of one's own account will hold."""
    with db().reading() as session:
        file = subject_requests.own_overview(session, by=current_actor(), now=now())
    return render_template("bankhub/information/own.html", file=file, because=KEPT_BECAUSE)


@pages.post("/account/data")
def own_file() -> Response:
    """The file of one's own account, as an archive; that it was made is on record."""
    with db().transaction() as session:
        content = subject_requests.own_export(session, by=current_actor(), now=now())
    return _archive(content)


@pages.post("/people/<uuid:person_id>/erasure")
@require_step_up
def ask_erasure(person_id: UUID) -> Page:
    """Ask that the person's data be erased."""

    def work(session: Session) -> Response:
        made = subject_requests.ask_erasure(
            session, person_id=person_id, by=current_actor(), now=now()
        )
        say("Asked. Somebody of the HR office or a bank manager has to agree.")
        return done("subjects.one_request", subject_request_id=made.id)

    try:
        return idempotency.deed(work)
    except Refused as problem:
        context = _subject(person_id)
        context.pop("form")
        return form_again("bankhub/information/subject.html", problem, **context)


@pages.get("/information-governance/requests/<uuid:subject_request_id>")
def one_request(subject_request_id: UUID) -> str:
    """One request, and what was done."""
    return render_template(
        "bankhub/information/request.html", form=FormState(), **_request(subject_request_id)
    )


def _request(subject_request_id: UUID) -> dict[str, Any]:
    with db().transaction() as session:
        asked = subject_requests.one_request(
            session, request_id=subject_request_id, by=current_actor(), now=now()
        )
    own = current_actor().account_id == asked.request.asked_by_id
    titles = {name: entry.about for name, entry in subject_requests.CATALOGUE.items()}
    return {
        "asked": asked, "may": _rights(), "own": own, "because": KEPT_BECAUSE, "titles": titles,
    }  # fmt: skip


@pages.post("/information-governance/requests/<uuid:subject_request_id>")
@require_step_up
def answer(subject_request_id: UUID) -> Page:
    """Agree, and it is erased; or refuse, with the reason."""
    by = current_actor()
    demand(by, Deed.ERASE)

    def work(session: Session) -> Response:
        if request.form.get("answer") == "erase":
            subject_requests.agree_erasure(
                session, request_id=subject_request_id, by=by, now=now()
            )
            say("Erased. What stays, and why, is below.")
        else:
            subject_requests.refuse_erasure(
                session, request_id=subject_request_id,
                because=request.form.get("because", ""), by=by, now=now(),
            )  # fmt: skip
            say("Refused. Tell the person why, and that they may complain to the Commissioner.")
        return done("subjects.one_request", subject_request_id=subject_request_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        template = "bankhub/information/request.html"
        return form_again(template, problem, **_request(subject_request_id))
