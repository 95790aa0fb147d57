"""Deployments as home and host see them: proposing, authorising, accepting, the tasks there and
back, holding and ending."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.deployments import (
    deployment_extensions,
    deployment_returns,
    deployment_views,
    deployments,
)
from bankhub.actions.deployments.deployment_views import Choice, DeploymentView
from bankhub.actions.permission import demand
from bankhub.model.agreement_terms import Instrument
from bankhub.model.deployment_values import DeploymentWish
from bankhub.model.vocabulary import Grade
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.deployments import deployment_words
from bankhub.web.shifts.draft_forms import Reading, identifier_of, near_day, one_of
from bankhub.web.shifts.office_parts import (
    Page,
    done,
    form_again,
    grade_options,
    may,
    role_options,
    skill_options,
)
from passport.actions.people import people
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say

pages = Blueprint("deployments", __name__, url_prefix="/deployments")

REASON_OPTIONS = [(code, deployment_words.reason(code)) for code in deployments.REASONS]
LONG = 2000


@pages.get("")
def listed() -> Page:
    """Everybody who is somewhere else for a time, from here and to here."""
    closed = request.args.get("which") == "closed"
    with db().transaction() as session:
        rows = deployment_views.listed(session, by=current_actor(), closed=closed, now=now())
    return render_template(
        "bankhub/deployments/list.html", rows=rows, closed=closed, may=may(),
        **deployment_words.words(),
    )  # fmt: skip


@pages.get("/new")
def choose() -> Page:
    """Who is to be proposed: one of our own, or somebody who showed their passport here."""
    by, name = current_actor(), request.args.get("name", "")[:100]
    with db().transaction() as session:
        shown = deployment_views.partners_people(session, by=by, now=now())
        found = people.people(session, by=by, name=name, limit=20) if name else []
    return render_template(
        "bankhub/deployments/choose.html", form=FormState({"name": name}), found=found,
        shown=shown, name=name,
    )  # fmt: skip


@pages.route("/new/<uuid:person_id>", methods=["GET", "POST"])
def propose(person_id: UUID) -> Page:
    """Where, as what, on which instrument, for how long."""
    by = current_actor()
    with db().transaction() as session:
        choice = deployment_views.choice(session, person_id=person_id, by=by, now=now())
    template, context = "bankhub/deployments/propose.html", _propose_context(choice)
    if request.method == "GET":
        start = FormState(
            {"role": choice.role, "grade": choice.grade, "sponsored": not choice.employed,
             "starts_on": london_day(now())}
        )  # fmt: skip
        return render_template(template, form=start, **context)

    def work(session: Session) -> Response:
        wish, host_id, site_id = _wish()
        made = deployments.propose(
            session, person_id=person_id, host_id=host_id, wish=wish, site_id=site_id, by=by,
            now=now(),
        )  # fmt: skip
        say("Proposed. The person is asked first.")
        return done("deployments.show", deployment_id=made.id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **context)


def _propose_context(choice: Choice) -> dict[str, Any]:
    names = dict(choice.hosts)
    return {
        "choice": choice,
        "hosts": [(str(one), name) for one, name in choice.hosts],
        "sites": [
            (str(site), f"{name}, {names[host]}")
            for host, sites in choice.places.items()
            for site, name in sites
        ],
        "instruments": deployment_words.instrument_options(),
        "roles": role_options(),
        "grades": grade_options(),
    }


def _wish() -> tuple[DeploymentWish, UUID, UUID | None]:
    reading = Reading(request.form)
    host_id = reading.read("host_id", identifier_of, "Choose where.")
    site_id = reading.optional("site_id", identifier_of)
    instrument = reading.read("instrument", one_of(Instrument))
    grade = reading.read("grade", one_of(Grade))
    starts_on = reading.read("starts_on", near_day)
    fields: dict[str, Any] = {
        "role": reading.text("role"),
        "duties": reading.needed("duties", LONG, "Say what the person will do there."),
        "supervision": reading.text("supervision", LONG),
        "ends_on": reading.optional("ends_on", near_day),
        "sponsored": bool(request.form.get("sponsored")),
    }
    reading.finish()
    if host_id is None or instrument is None or grade is None or starts_on is None:
        raise ValueError("a form was read through and is not complete")
    return (
        DeploymentWish(instrument=instrument, grade=grade, starts_on=starts_on, **fields),
        host_id,
        site_id,
    )


def _about(deployment_id: UUID, deed: Deed = Deed.READ_DEPLOYMENTS) -> DeploymentView:
    """What is looked at, before anything that was sent is read; a host's look is written down."""
    by = current_actor()
    demand(by, deed)
    return db().attempt(
        lambda session: deployment_views.one(
            session, deployment_id=deployment_id, by=by, now=now()
        )
    )


@pages.get("/<uuid:deployment_id>")
def show(deployment_id: UUID) -> Page:
    """Where it stands, whose act is next, what is done and what is not."""
    return render_template(
        "bankhub/deployments/one.html", found=_about(deployment_id), may=may(),
        today=london_day(now()), **deployment_words.words(),
    )  # fmt: skip


@pages.get("/<uuid:deployment_id>/paper")
def paper(deployment_id: UUID) -> Page:
    """What the three accept, as text to read and to print."""
    return render_template(
        "bankhub/deployments/paper.html", found=_about(deployment_id), may=may(),
        back="deployments.show", accept="deployments.accept",
        accept_extension="deployments.accept_extension", **deployment_words.words(),
    )  # fmt: skip


Deeds = Callable[..., Any]


def _act(deployment_id: UUID, deed: Deeds, said: str, **more: Any) -> Response:
    def work(session: Session) -> Response:
        deed(session, deployment_id=deployment_id, by=current_actor(), now=now(), **more)
        say(said)
        return done("deployments.show", deployment_id=deployment_id)

    return idempotency.deed(work)


@pages.post("/<uuid:deployment_id>/authorise")
def authorise(deployment_id: UUID) -> Page:
    """The home organisation, or the sponsor, says yes."""
    return _act(deployment_id, deployments.authorise, "Authorised. The host checks next.")


@pages.post("/<uuid:deployment_id>/accept")
def accept(deployment_id: UUID) -> Page:
    """Accept the text that was read."""
    text_hash = request.form.get("text_hash", "")
    return _act(deployment_id, deployments.accept, "Accepted.", text_hash=text_hash)


@pages.post("/<uuid:deployment_id>/extension/authorise")
def authorise_extension(deployment_id: UUID) -> Page:
    """The home organisation, or the sponsor, says yes to a longer stay."""
    said = "Authorised. The paper is written when the clearance reaches that far."
    return _act(deployment_id, deployment_extensions.authorise, said)


@pages.post("/<uuid:deployment_id>/extension/accept")
def accept_extension(deployment_id: UUID) -> Page:
    """Accept the paper of the extension that was read."""
    text_hash = request.form.get("text_hash", "")
    return _act(deployment_id, deployment_extensions.accept, "Accepted.", text_hash=text_hash)


@pages.post("/<uuid:deployment_id>/extension/refuse")
def refuse_extension(deployment_id: UUID) -> Page:
    """The last day stays as it is."""
    return _act(deployment_id, deployment_extensions.refuse, "Not extended: the last day stays.")


@pages.post("/<uuid:deployment_id>/hold")
def hold(deployment_id: UUID) -> Page:
    """Not for now."""
    return _act(deployment_id, deployments.hold, "On hold. All three are told, and not why.")


@pages.post("/<uuid:deployment_id>/lift")
def lift(deployment_id: UUID) -> Page:
    """It goes on."""
    return _act(deployment_id, deployments.lift, "It goes on from where it stood.")


@pages.post("/<uuid:deployment_id>/tick")
def tick(deployment_id: UUID) -> Page:
    """A task is done."""
    code = request.form.get("code", "")
    return _act(deployment_id, deployment_returns.tick, "Ticked off.", code=code)


def _form(
    deployment_id: UUID,
    template: str,
    work: Callable[[Session], Response],
    needed: Deed = Deed.RUN_DEPLOYMENT,
    **context: Any,
) -> Page:
    deed = Deed.READ_DEPLOYMENTS if request.method == "GET" else needed
    context |= {"found": _about(deployment_id, deed), **deployment_words.words()}
    if request.method == "GET":
        return render_template(template, form=FormState(), **context)
    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, **context)


@pages.route("/<uuid:deployment_id>/refuse", methods=["GET", "POST"])
def refuse(deployment_id: UUID) -> Page:
    """It will not go ahead."""

    def work(session: Session) -> Response:
        deployments.refuse(
            session, deployment_id=deployment_id, because=request.form.get("because", ""),
            by=current_actor(), now=now(),
        )  # fmt: skip
        say("It will not go ahead. All three are told.")
        return done("deployments.show", deployment_id=deployment_id)

    return _form(deployment_id, "bankhub/deployments/refuse.html", work, reasons=REASON_OPTIONS)


@pages.route("/<uuid:deployment_id>/extend", methods=["GET", "POST"])
def extend(deployment_id: UUID) -> Page:
    """Longer than agreed: a later last day is proposed."""

    def work(session: Session) -> Response:
        reading = Reading(request.form)
        last = reading.read("ends_on", near_day)
        reading.finish()
        if last is None:
            raise ValueError("a form was read through and is not complete")
        deployment_extensions.propose(
            session, deployment_id=deployment_id, ends_on=last, by=current_actor(), now=now()
        )
        say("Proposed. The person is asked first; until all three accept, the last day stays.")
        return done("deployments.show", deployment_id=deployment_id)

    template, needed = "bankhub/deployments/extend.html", Deed.PROPOSE_DEPLOYMENT
    return _form(deployment_id, template, work, needed)


@pages.route("/<uuid:deployment_id>/end", methods=["GET", "POST"])
def end(deployment_id: UUID) -> Page:
    """Earlier than agreed: on a day to come, or at once."""

    def work(session: Session) -> Response:
        reading = Reading(request.form)
        last = None
        if request.form.get("when") != "now":
            last = reading.read("ends_on", near_day)
        reading.finish()
        deployments.end(
            session, deployment_id=deployment_id, because=request.form.get("because", ""),
            ends_on=last, by=current_actor(), now=now(),
        )  # fmt: skip
        say("Its new last day is on record." if last else "It is over. The way back begins.")
        return done("deployments.show", deployment_id=deployment_id)

    template = "bankhub/deployments/end.html"
    return _form(deployment_id, template, work, reasons=REASON_OPTIONS, own=False)


@pages.route("/<uuid:deployment_id>/feedback", methods=["GET", "POST"])
def feedback(deployment_id: UUID) -> Page:
    """That feedback was given, and what was learnt."""

    def work(session: Session) -> Response:
        deployment_returns.give_feedback(
            session, deployment_id=deployment_id,
            competences=request.form.getlist("competences")[:100],
            by=current_actor(), now=now(),
        )  # fmt: skip
        say("On record. The home organisation sees what was gained.")
        return done("deployments.show", deployment_id=deployment_id)

    return _form(deployment_id, "bankhub/deployments/feedback.html", work, skills=skill_options())


@pages.route("/<uuid:deployment_id>/competence", methods=["GET", "POST"])
def competence(deployment_id: UUID) -> Page:
    """What of it is put on our own record."""

    def work(session: Session) -> Response:
        deployment_returns.record_competence(
            session, deployment_id=deployment_id, take=request.form.getlist("take")[:100],
            by=current_actor(), now=now(),
        )  # fmt: skip
        say("On record.")
        return done("deployments.show", deployment_id=deployment_id)

    return _form(deployment_id, "bankhub/deployments/competence.html", work)
