"""What is proven about a person, entered by whoever checked it, and ended where it no longer is."""

from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.people import papers, people_records
from bankhub.rules.shift_times import london_day
from bankhub.web.people.fact_forms import FIELDS, fact_sent
from bankhub.web.people.people_forms import again
from bankhub.web.people.people_words import FACT_KINDS, fact_title
from bankhub.web.shifts.office_parts import Page, done
from passport.actions.changes import Change
from passport.actions.people import evidence, people
from passport.errors import Invalid, Refused
from passport.model.facts import FactKind
from passport.model.people import Person
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import day_of

pages = Blueprint("people_facts", __name__, url_prefix="/people/<uuid:person_id>/facts")

KINDS = ", ".join(FACT_KINDS)
SAID = {Change.CHANGED: "on record", Change.UNCHANGED: "that was on record already"}


def _person(person_id: UUID) -> Person | None:
    with db().reading() as session:
        return people_records.person_to_change(session, person_id=person_id, by=current_actor())


@pages.route(f"/<any({KINDS}):kind>", methods=["GET", "POST"])
def add(person_id: UUID, kind: str) -> Page:
    """A fact of one kind, checked by the actor's organisation."""
    which = FactKind(kind)

    def work(session: Session) -> Response:
        fact, source = fact_sent(which, request.form)
        taken = papers.state_facts(
            session,
            person_id=person_id,
            facts=[fact],
            source=source,
            by=current_actor(),
            now=now(),
        )
        for reason in taken.reasons:
            say(f"{reason.text} {reason.cure.act if reason.cure else ''}".strip(), "bad")
        if not taken.reasons:
            say(f"{FACT_KINDS[which]}: {SAID[taken.change]}.")
        return done("people.show", person_id=person_id)

    template = "bankhub/people/fact.html"
    context = {"kind": kind, "title": FACT_KINDS[which], "fields": FIELDS[which]}
    if request.method == "GET":
        form = FormState({"status": "registered"})
        return render_template(template, form=form, person=_person(person_id), **context)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return again(template, problem, person=_person(person_id), **context)


@pages.route("/<uuid:fact_id>/end", methods=["GET", "POST"])
def end(person_id: UUID, fact_id: UUID) -> Page:
    """Until when did it hold? For instance an opt-out that was taken back."""
    by = current_actor()

    def work(session: Session) -> Response:
        people_records.fact_to_end(session, person_id=person_id, fact_id=fact_id, by=by)
        last = day_of(request.form.get("ends_on"), "ends_on")
        evidence.end_fact(session, fact_id=fact_id, ends_on=last, by=by, now=now())
        say("Its last day is on record.")
        return done("people.show", person_id=person_id)

    with db().reading() as session:
        fact = people_records.fact_to_end(session, person_id=person_id, fact_id=fact_id, by=by)
        person = people.person_of(session, person_id=person_id, by=by)
    template = "bankhub/people/fact_end.html"
    context = {"person": person, "fact_id": fact_id, "title": fact_title(fact)}
    if request.method == "GET":
        form = FormState({"ends_on": london_day(now())})
        return render_template(template, form=form, **context)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return again(template, problem, **context)
