"""The personnel office's pages: who is on record, one person, and how people come and go."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.actions.people import people_records
from bankhub.actions.people.people_records import PAGE, ListedPerson, Place
from bankhub.web.people.people_forms import again, person_sent, person_typed, rights
from bankhub.web.people.people_words import FACT_KINDS, fact_lines
from bankhub.web.shifts.office_parts import Page, done, with_arguments
from passport.actions.access import accounts
from passport.actions.people import disputes, people
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole
from passport.errors import Invalid, Refused
from passport.sealing import vault_of
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, lent, now, real_now
from passport.web.messages import say

pages = Blueprint("people", __name__, url_prefix="/people")


def asked_place() -> Place | None:
    """Where the list goes on, from the address; None at its start."""
    text = request.args.get("after")
    if not text:
        return None
    family, given, person_id = cursor_place(text, str, str, UUID)
    return family, given, person_id


def next_page(found: list[ListedPerson]) -> str | None:
    """The address of the next page; None where this was the last."""
    if len(found) <= PAGE:
        return None
    last = found[PAGE - 1].person
    return with_arguments(after=cursor_text((last.family_name, last.given_name, last.id)))


@pages.get("")
def listed() -> Page:
    """Who is on record, by name or assignment number, a page at a time."""
    search, left = request.args.get("search", "").strip()[:100], request.args.get("left") == "yes"
    with db().reading() as session:
        found = people_records.listed_people(
            session,
            by=current_actor(),
            search=search,
            left=left,
            after=asked_place(),
            limit=PAGE + 1,
        )
    return render_template(
        "bankhub/people/list.html",
        form=FormState({"search": search, "left": left}),
        people=found[:PAGE],
        search=search,
        left=left,
        more=next_page(found),
        may=rights(),
    )


@pages.get("/<uuid:person_id>")
def show(person_id: UUID) -> Page:
    """Everything on record of one person."""
    may = rights()
    with db().reading() as session:
        record = people_records.record_of(
            session,
            person_id=person_id,
            by=current_actor(),
            now=now(),
            with_restrictions=may["restrict"],
        )
    return render_template(
        "bankhub/people/person.html",
        record=record,
        facts=fact_lines(record.facts, record.disputed),
        kinds=[(kind.value, words) for kind, words in FACT_KINDS.items()],
        may=may,
    )


def _form_page(template: str, problem: Invalid | Refused | None, **context: Any) -> Page:
    if problem is not None:
        return again(template, problem, **context)
    return render_template(template, **context)


@pages.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Somebody is put on record by hand."""
    if request.method == "GET":
        return _new_page(None)
    try:
        return idempotency.deed(_add)
    except (Invalid, Refused) as problem:
        return _new_page(problem)


def _new_page(problem: Invalid | Refused | None) -> Page:
    with db().reading() as session:
        people_records.person_to_change(session, person_id=None, by=current_actor())
    known = problem.reasons[0].evidence.get("person") if isinstance(problem, Refused) else None
    context: dict[str, Any] = {"known": known}
    if problem is None:
        context["form"] = FormState()
    return _form_page("bankhub/people/new.html", problem, **context)


def _add(session: Session) -> Response:
    by, sent = current_actor(), person_sent(request.form)
    added = people.add_person(
        session,
        organisation_id=own_organisation(by),
        fields=sent.fields,
        another_human=sent.another_human,
        by=by,
        now=now(),
    )
    say("On record. Give them a bank post next.")
    return done("people.show", person_id=added.id)


@pages.route("/<uuid:person_id>/correct", methods=["GET", "POST"])
def correct(person_id: UUID) -> Page:
    """What is stated of a person is put right."""

    def work(session: Session) -> Response:
        fields = person_sent(request.form).fields
        by, at = current_actor(), now()
        people.correct_person(session, person_id=person_id, fields=fields, by=by, now=at)
        say("Corrected.")
        return done("people.show", person_id=person_id)

    template = "bankhub/people/correct.html"
    if request.method == "GET":
        person = _to_change(person_id)
        form = FormState(person_typed(person))
        return render_template(template, person=person, form=form)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return again(template, problem, person=_to_change(person_id))


def _to_change(person_id: UUID) -> Any:
    with db().reading() as session:
        return people_records.person_to_change(session, person_id=person_id, by=current_actor())


@pages.route("/<uuid:person_id>/leave", methods=["GET", "POST"])
def leave(person_id: UUID) -> Page:
    """Really gone? Then posts end with the day, and what they may do here ends at once."""

    def work(session: Session) -> Response:
        people.let_go(session, person_id=person_id, by=current_actor(), now=now())
        say("They have left: their bookings are cancelled, and they can no longer act here.")
        return done("people.show", person_id=person_id)

    template = "bankhub/people/leave.html"
    if request.method == "GET":
        return render_template(template, person=_to_change(person_id), form=FormState())
    try:
        return idempotency.deed(work)
    except Refused as problem:
        return again(template, problem, person=_to_change(person_id))


@pages.post("/<uuid:person_id>/return")
def take_back(person_id: UUID) -> Page:
    """Somebody who left is back."""

    def work(session: Session) -> Response:
        people.take_back(session, person_id=person_id, by=current_actor(), now=now())
        say("Back on record. Give them a bank post, and invite them again.")
        return done("people.show", person_id=person_id)

    return idempotency.deed(work)


@pages.post("/<uuid:person_id>/invite")
def invite(person_id: UUID) -> Page:
    """An account for the person, under the address on record."""

    def work(session: Session) -> Response:
        by = current_actor()
        person = people.person_of(session, person_id=person_id, by=by)
        accounts.invite(
            session,
            email=person.email or "",
            role=AccessRole.WORKER,
            vault=vault_of(lent().config),
            by=by,
            now=real_now(),
        )
        say("An e-mail is on its way.")
        return done("people.show", person_id=person_id)

    return idempotency.deed(work)


@pages.post("/<uuid:person_id>/settle")
def settle(person_id: UUID) -> Page:
    """Somebody looked at the register: the flag comes down."""

    def work(session: Session) -> Response:
        disputes.settle(
            session,
            person_id=person_id,
            registration=request.form.get("registration", ""),
            by=current_actor(),
            now=now(),
        )
        say("The flag is taken down.")
        return done("people.show", person_id=person_id)

    return idempotency.deed(work)
