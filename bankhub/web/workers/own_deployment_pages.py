"""A person's own deployments, on a phone: agree, read and accept the paper, hold, end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from bankhub.actions.deployments import deployment_extensions, deployment_views, deployments
from bankhub.actions.deployments.deployment_views import DeploymentView
from bankhub.actions.permission import demand
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.web.deployments import deployment_words
from bankhub.web.shifts.draft_forms import Reading, near_day
from bankhub.web.shifts.office_parts import Page, done, form_again
from passport.errors import Invalid, Refused
from passport.web import idempotency
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.messages import say

pages = Blueprint("own_deployments", __name__, url_prefix="/my/deployments")


@pages.get("")
def listed() -> Page:
    """Where I work for a time, and what is asked of me."""
    with db().reading() as session:
        rows = deployment_views.own(session, by=current_actor(), now=now())
    return render_template(
        "bankhub/deployments/own.html", rows=rows, **deployment_words.words()
    )


def _about(deployment_id: UUID) -> DeploymentView:
    by = current_actor()
    demand(by, Deed.OWN_DEPLOYMENT)
    with db().reading() as session:
        return deployment_views.own_one(session, deployment_id=deployment_id, by=by, now=now())


@pages.get("/<uuid:deployment_id>")
def show(deployment_id: UUID) -> Page:
    """What it is, where it stands, and what I can do."""
    return render_template(
        "bankhub/deployments/own_one.html", found=_about(deployment_id),
        today=london_day(now()), **deployment_words.words(),
    )  # fmt: skip


@pages.get("/<uuid:deployment_id>/paper")
def paper(deployment_id: UUID) -> Page:
    """What the three accept, to read before accepting."""
    return render_template(
        "bankhub/deployments/paper.html", found=_about(deployment_id), may={},
        back="own_deployments.show", accept="own_deployments.accept",
        accept_extension="own_deployments.accept_extension", **deployment_words.words(),
    )  # fmt: skip


def _act(deployment_id: UUID, deed: Callable[..., Any], said: str, **more: Any) -> Response:
    def work(session: Session) -> Response:
        deed(session, deployment_id=deployment_id, by=current_actor(), now=now(), **more)
        say(said)
        return done("own_deployments.show", deployment_id=deployment_id)

    return idempotency.deed(work)


@pages.post("/<uuid:deployment_id>/agree")
def agree(deployment_id: UUID) -> Page:
    """I want it."""
    return _act(deployment_id, deployments.agree, "You agreed. Your organisation decides next.")


@pages.post("/<uuid:deployment_id>/decline")
def decline(deployment_id: UUID) -> Page:
    """I do not."""
    return _act(deployment_id, deployments.decline, "It will not go ahead. Nobody is told why.")


@pages.post("/<uuid:deployment_id>/accept")
def accept(deployment_id: UUID) -> Page:
    """I accept the text that I read."""
    text_hash = request.form.get("text_hash", "")
    return _act(deployment_id, deployments.accept_own, "Accepted.", text_hash=text_hash)


@pages.post("/<uuid:deployment_id>/extension/agree")
def agree_extension(deployment_id: UUID) -> Page:
    """I want to stay longer."""
    said = "You agreed to stay longer. Your organisation decides next."
    return _act(deployment_id, deployment_extensions.agree, said)


@pages.post("/<uuid:deployment_id>/extension/decline")
def decline_extension(deployment_id: UUID) -> Page:
    """I do not: the last day stays."""
    said = "Your last day stays as it was. Nobody is told why."
    return _act(deployment_id, deployment_extensions.decline, said)


@pages.post("/<uuid:deployment_id>/extension/accept")
def accept_extension(deployment_id: UUID) -> Page:
    """I accept the paper of the extension that I read."""
    text_hash = request.form.get("text_hash", "")
    return _act(deployment_id, deployment_extensions.accept_own, "Accepted.", text_hash=text_hash)


@pages.post("/<uuid:deployment_id>/hold")
def hold(deployment_id: UUID) -> Page:
    """Not for now."""
    return _act(deployment_id, deployments.hold_own, "On hold. All three are told, and not why.")


@pages.post("/<uuid:deployment_id>/lift")
def lift(deployment_id: UUID) -> Page:
    """It goes on."""
    return _act(deployment_id, deployments.lift_own, "It goes on from where it stood.")


@pages.route("/<uuid:deployment_id>/end", methods=["GET", "POST"])
def end(deployment_id: UUID) -> Page:
    """I stop earlier."""
    context = {"found": _about(deployment_id), "reasons": (), **deployment_words.words()}
    template = "bankhub/deployments/end.html"
    if request.method == "GET":
        return render_template(template, form=FormState(), own=True, **context)

    def work(session: Session) -> Response:
        reading = Reading(request.form)
        last = None
        if request.form.get("when") != "now":
            last = reading.read("ends_on", near_day)
        reading.finish()
        deployments.end_own(
            session, deployment_id=deployment_id, ends_on=last, by=current_actor(), now=now()
        )
        say("Your new last day is on record." if last else "It is over.")
        return done("own_deployments.show", deployment_id=deployment_id)

    try:
        return idempotency.deed(work)
    except (Invalid, Refused) as problem:
        return form_again(template, problem, own=True, **context)
