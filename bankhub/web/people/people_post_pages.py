"""Bank posts by hand: given, corrected, ended; and where a post may not be booked."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.people import people_records, posts, restrictions
from bankhub.actions.settings import sites
from bankhub.model.workers import BankPost
from bankhub.rules.shift_times import london_day
from bankhub.web.people.people_forms import TERMS, again, pair_lines, post_sent, post_typed
from bankhub.web.shifts.office_parts import Page, done, grade_options, role_options
from passport.errors import Invalid, Refused
from passport.model.people import Person
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say
from passport.web.parsing import day_of, uuid_of

pages = Blueprint("people_posts", __name__, url_prefix="/people/<uuid:person_id>")


def _about(person_id: UUID, post_id: UUID | None = None) -> tuple[Person, BankPost | None]:
    with db().reading() as session:
        return people_records.post_to_change(
            session, person_id=person_id, post_id=post_id, by=current_actor()
        )


def _options(form: FormState) -> dict[str, Any]:
    return {
        "roles": role_options(),
        "grades": grade_options(),
        "terms": list(TERMS.items()),
        "lines": pair_lines(form),
    }


def _post_form(
    person_id: UUID, post_id: UUID | None, problem: Invalid | Refused | None = None
) -> Page:
    person, post = _about(person_id, post_id)
    template = "bankhub/people/post.html"
    if problem is not None:
        sent = FormState.kept(request.form)
        return again(template, problem, person=person, post=post, **_options(sent))
    form = FormState(post_typed(post, london_day(now())))
    return render_template(template, form=form, person=person, post=post, **_options(form))


@pages.route("/posts/new", methods=["GET", "POST"])
def new(person_id: UUID) -> Page:
    """A member of the bank."""

    def work(session: Session) -> Response:
        sent = post_sent(request.form)
        posts.make_post(
            session,
            person_id=person_id,
            assignment_number=sent.assignment_number,
            fields=sent.fields,
            by=current_actor(),
            now=now(),
        )
        say("The post is on record. It may be booked as soon as the papers are.")
        return done("people.show", person_id=person_id)

    if request.method == "GET":
        return _post_form(person_id, None)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return _post_form(person_id, None, problem)


@pages.route("/posts/<uuid:post_id>", methods=["GET", "POST"])
def correct(person_id: UUID, post_id: UUID) -> Page:
    """A post is put right; its assignment number stays."""

    def work(session: Session) -> Response:
        by = current_actor()
        _, post = people_records.post_to_change(
            session, person_id=person_id, post_id=post_id, by=by
        )
        number = post.assignment_number if post else ""
        sent = post_sent(_with_number(number))
        posts.correct_post(session, post_id=post_id, fields=sent.fields, by=by, now=now())
        say("Corrected.")
        return done("people.show", person_id=person_id)

    if request.method == "GET":
        return _post_form(person_id, post_id)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return _post_form(person_id, post_id, problem)


def _with_number(number: str) -> Any:
    given = request.form.copy()
    given["assignment_number"] = number
    return given


@pages.route("/posts/<uuid:post_id>/end", methods=["GET", "POST"])
def end(person_id: UUID, post_id: UUID) -> Page:
    """Which day is the last?"""

    def work(session: Session) -> Response:
        by = current_actor()
        people_records.post_to_change(session, person_id=person_id, post_id=post_id, by=by)
        last = day_of(request.form.get("ends_on"), "ends_on")
        posts.end_post(session, post_id=post_id, ends_on=last, by=by, now=now())
        say("The last day is on record.")
        return done("people.show", person_id=person_id)

    person, post = _about(person_id, post_id)
    template = "bankhub/people/post_end.html"
    if request.method == "GET":
        form = FormState({"ends_on": london_day(now())})
        return render_template(template, form=form, person=person, post=post)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return again(template, problem, person=person, post=post)


@pages.route("/posts/<uuid:post_id>/restrict", methods=["GET", "POST"])
def restrict(person_id: UUID, post_id: UUID) -> Page:
    """Do not book: at a unit, a site or anywhere in the organisation."""

    def work(session: Session) -> Response:
        restrictions.restrict(
            session,
            post_id=post_id,
            scope_id=uuid_of(request.form.get("scope") or str(current_actor().organisation_id)),
            review_on=day_of(request.form.get("review_on"), "review_on"),
            by=current_actor(),
            now=now(),
        )
        say("On record. Bookings that stand are not cancelled by it.")
        return done("people.show", person_id=person_id)

    context = _restrict_context(person_id, post_id)
    template = "bankhub/people/restrict.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), **context)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return again(template, problem, **context)


def _restrict_context(person_id: UUID, post_id: UUID) -> dict[str, Any]:
    by, today = current_actor(), london_day(now())
    with db().reading() as session:
        restrictions.restrictions(session, by=by, now=now())
        person, post = people_records.post_to_change(
            session, person_id=person_id, post_id=post_id, by=by
        )
        units = sites.units(session, by=by, on=today)
        places = [(str(site.id), f"Everywhere in {site.name}") for _, site in units]
        wards = [(str(unit.id), f"{unit.name}, {site.name}") for unit, site in units]
    return {"person": person, "post": post, "places": [*dict.fromkeys(places), *wards]}


@pages.post("/restrictions/<uuid:restriction_id>/lift")
def lift(person_id: UUID, restriction_id: UUID) -> Page:
    """The restriction ends now."""

    def work(session: Session) -> Response:
        restrictions.lift(
            session,
            person_id=person_id,
            restriction_id=restriction_id,
            by=current_actor(),
            now=now(),
        )
        say("The restriction is lifted.")
        return done("people.show", person_id=person_id)

    return idempotency.deed(work)
