"""Inviting many people at once: by e-mail, or with links for the organisation's own letters."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from bankhub.actions.people import people_records
from bankhub.actions.people.people_records import PAGE
from bankhub.web.people.people_forms import again, rights, ticked_ids
from bankhub.web.people.people_pages import asked_place, next_page
from bankhub.web.shifts.office_parts import Page, done
from passport.actions.access import accounts
from passport.actions.people import people
from passport.actors import AccessRole
from passport.errors import Invalid, Refused
from passport.imports.tables import csv_lines
from passport.rules.permissions import Deed
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor, require_step_up
from passport.web.forms import FormState
from passport.web.lent import db, lent, real_now
from passport.web.messages import say

pages = Blueprint("invitations", __name__, url_prefix="/people/invitations")


def _people(deed: Deed) -> dict[str, Any]:
    with db().reading() as session:
        found = people_records.listed_people(
            session,
            by=current_actor(),
            deed=deed,
            with_email=True,
            after=asked_place(),
            limit=PAGE + 1,
        )
    return {"people": found[:PAGE], "more": next_page(found), "may": rights()}


@pages.route("", methods=["GET", "POST"])
def show() -> Page:
    """Those with an address who were not invited yet: tick them, and they are."""
    template = "bankhub/people/invitations.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), **_people(Deed.CREATE_ACCOUNT))
    try:
        return idempotency.deed(_invite)
    except (Invalid, Refused) as problem:
        return again(template, problem, **_people(Deed.CREATE_ACCOUNT))


def _invite(session: Session) -> Response:
    by = current_actor()
    ticked = ticked_ids(request.form, "person")
    for person_id in ticked:
        person = people.person_of(session, person_id=person_id, by=by)
        accounts.invite(
            session,
            email=person.email or "",
            role=AccessRole.WORKER,
            vault=vault_of(lent().config),
            by=by,
            now=real_now(),
        )
    say("An e-mail is on its way to everybody you ticked.")
    return done("invitations.show")


@pages.route("/letters", methods=["GET", "POST"])
@require_step_up
def letters() -> Page:
    """Links for letters, as a CSV file: each only has the real one mailed to its owner."""
    template = "bankhub/people/letters.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), **_people(Deed.EXPORT_INVITATIONS))
    try:
        with db().transaction() as session:
            handed = accounts.hand_over(
                session,
                account_ids=ticked_ids(request.form, "account"),
                vault=vault_of(lent().config),
                by=current_actor(),
                now=real_now(),
            )
    except Invalid as problem:
        return again(template, problem, **_people(Deed.EXPORT_INVITATIONS))
    base = lent().config.base_url
    rows = [(email, base + url_for("entry.letter", token=token)) for email, token in handed]
    answer = make_response("".join(csv_lines(["email", "link"], rows)))
    answer.content_type = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="invitations.csv"'
    return answer
