"""Deployments by program: home and host propose, authorise, accept, tick off and end; the person
agrees and accepts for themselves."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy.orm import Session

from bankhub.actions.deployments import deployment_returns, deployment_views, deployments
from bankhub.actions.deployments.deployment_views import DeploymentView, ListedDeployment
from bankhub.model.agreement_terms import Instrument
from bankhub.model.deployment_values import DeploymentWish, Side
from bankhub.model.deployments import AcceptedBy, Deployment, DeploymentState, ExtensionState
from bankhub.model.vocabulary import Grade
from bankhub.rules.deployments.deployment_states import Step
from bankhub.web.shapes import chosen, moment, words
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("api_deployments", "People who work at another organisation for a time")

ONE = "/deployments/<uuid:deployment_id>"
OWN = "/me/deployments/<uuid:deployment_id>"


class ListedDeploymentShape(Answer):
    """A deployment in a list; `name` is empty until the viewer may read it."""

    id = fields.UUID()
    side = chosen(Side)
    name = fields.String()
    home = fields.String()
    host = fields.String()
    agreement = fields.String()
    instrument = chosen(Instrument)
    sponsored = fields.Boolean()
    role = fields.String()
    grade = chosen(Grade)
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    state = chosen(DeploymentState)
    because = fields.String()
    waits_for = fields.List(chosen(Side))


class AcceptanceShape(Answer):
    """Who accepted which text, when."""

    party = chosen(AcceptedBy)
    text_hash = fields.String()
    at = moment()


class TaskShape(Answer):
    """Something to do on the way there or back."""

    code = fields.String()
    leg = fields.String()
    organisation_id = fields.UUID()
    due_on = fields.Date(allow_none=True)
    done_at = moment(allow_none=True)


class ExtensionShape(Answer):
    """A later last day, with the paper of its own once that is written."""

    id = fields.UUID()
    state = chosen(ExtensionState)
    ends_before = fields.Date()
    ends_on = fields.Date()
    paper = fields.String()
    paper_hash = fields.String()


class DeploymentShape(ListedDeploymentShape):
    """Everything of one deployment that its viewer may read."""

    place = fields.String()
    duties = fields.String()
    supervision = fields.String()
    cleared = fields.Boolean()
    """The host's clearance stands."""
    licence_text = fields.String()
    licence_hash = fields.String()
    accepted = fields.List(fields.Nested(AcceptanceShape))
    tasks = fields.List(fields.Nested(TaskShape))
    steps = fields.List(chosen(Step))
    extensions = fields.List(fields.Nested(ExtensionShape))
    """What was to go on longer, the latest first."""
    extension_steps = fields.List(chosen(Step))
    """What can be done now to the one that is open."""
    competences = fields.List(fields.String())
    delete_on = fields.Date(allow_none=True)


class DeploymentList(Answer):
    """Deployments by first day, the latest first."""

    deployments = fields.List(fields.Nested(ListedDeploymentShape))


class DeploymentStateShape(Answer):
    """A deployment and where it stands now."""

    id = fields.UUID()
    state = chosen(DeploymentState)
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    licence_hash = fields.String()


class WhichDeployments(Strict):
    """Those that run, or those that are closed or did not go ahead."""

    closed = fields.Boolean(load_default=False)


class DeploymentRequest(Strict):
    """Who is to work where, as what, on which instrument, for how long."""

    person_id = fields.UUID(required=True)
    host_id = fields.UUID(required=True)
    site_id = fields.UUID(load_default=None, allow_none=True)
    unit_id = fields.UUID(load_default=None, allow_none=True)
    instrument = chosen(Instrument, required=True)
    role = words(required=True, most=64)
    grade = chosen(Grade, required=True)
    duties = words(required=True)
    supervision = words(load_default="")
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None, allow_none=True)
    sponsored = fields.Boolean(load_default=False)


class Acceptance(Strict):
    """The hash of the text that was read."""

    text_hash = words(required=True, most=64)


class WhyNot(Strict):
    """Why, from the closed list."""

    because = fields.String(required=True, validate=validate.OneOf(deployments.REASONS))


class EarlyEnd(WhyNot):
    """On which day; none = at once."""

    ends_on = fields.Date(load_default=None, allow_none=True)


class OwnEnd(Strict):
    """On which day; none = at once."""

    ends_on = fields.Date(load_default=None, allow_none=True)


def codes() -> Any:
    """Codes of the list of skills."""
    return fields.List(words(most=64), required=True, validate=validate.Length(max=100))


class Feedback(Strict):
    """Competence gained; an empty list for none."""

    competences = codes()


class DoneTask(Strict):
    """Which task."""

    code = words(required=True, most=64)


class Taken(Strict):
    """What of it is put on record; an empty list for nothing."""

    take = codes()


def _listed(one: ListedDeployment) -> dict[str, Any]:
    row = one.deployment
    names = ("id", "instrument", "sponsored", "role", "grade", "starts_on", "ends_on", "state",
             "because")  # fmt: skip
    own = ("side", "name", "home", "host", "agreement", "waits_for")
    return {name: getattr(row, name) for name in names} | {
        name: getattr(one, name) for name in own
    }


def _whole(one: DeploymentView) -> dict[str, Any]:
    row = one.deployment
    names = ("duties", "supervision", "licence_text", "licence_hash", "delete_on")
    return _listed(one) | {name: getattr(row, name) for name in names} | {
        "place": one.place,
        "cleared": one.standing.cleared,
        "accepted": one.accepted,
        "tasks": one.tasks,
        "steps": one.steps,
        "extensions": one.extensions,
        "extension_steps": one.extension_steps,
        "competences": row.feedback.get("competences", []),
    }


@resource.read("/deployments", query=WhichDeployments, answer=DeploymentList, logged=True)
def list_deployments(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The organisation's deployments, as home and as host."""
    rows = deployment_views.listed(session, by=current_actor(), now=now(), **values)
    return {"deployments": [_listed(one) for one in rows]}


@resource.deed("/deployments", body=DeploymentRequest, answer=DeploymentStateShape)
def propose_deployment(session: Session, values: dict[str, Any]) -> Deployment:
    """Propose one: the person is asked first."""
    where = {name: values.pop(name) for name in ("person_id", "host_id", "site_id", "unit_id")}
    return deployments.propose(
        session, wish=DeploymentWish(**values), by=current_actor(), now=now(), **where
    )


@resource.deed(f"{ONE}/look", answer=DeploymentShape, status=200, shown=True)
def look_at_deployment(session: Session, deployment_id: UUID) -> dict[str, Any]:
    """One deployment. A host's look at a named person is logged for them, so this is a deed."""
    return _whole(
        deployment_views.one(
            session, deployment_id=deployment_id, by=current_actor(), now=now()
        )
    )


@resource.deed(f"{ONE}/authorise", answer=DeploymentStateShape, status=200)
def authorise_deployment(session: Session, deployment_id: UUID) -> Deployment:
    """The home organisation, or a returner's sponsor, authorises it."""
    return deployments.authorise(
        session, deployment_id=deployment_id, by=current_actor(), now=now()
    )


@resource.deed(f"{ONE}/accept", body=Acceptance, answer=DeploymentStateShape, status=200)
def accept_deployment(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """Accept the paper for home or host."""
    return deployments.accept(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.deed(f"{ONE}/refuse", body=WhyNot, answer=DeploymentStateShape, status=200)
def refuse_deployment(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """It will not go ahead."""
    return deployments.refuse(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.deed(f"{ONE}/hold", answer=DeploymentStateShape, status=200)
def hold_deployment(session: Session, deployment_id: UUID) -> Deployment:
    """Put it on hold."""
    return deployments.hold(session, deployment_id=deployment_id, by=current_actor(), now=now())


@resource.deed(f"{ONE}/lift", answer=DeploymentStateShape, status=200)
def lift_deployment(session: Session, deployment_id: UUID) -> Deployment:
    """Let it go on from where it stood."""
    return deployments.lift(session, deployment_id=deployment_id, by=current_actor(), now=now())


@resource.deed(f"{ONE}/end", body=EarlyEnd, answer=DeploymentStateShape, status=200)
def end_deployment(session: Session, values: dict[str, Any], deployment_id: UUID) -> Deployment:
    """End it early: on a day to come, or at once."""
    return deployments.end(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.deed(f"{ONE}/tasks", body=DoneTask, answer=DeploymentStateShape, status=200)
def tick_deployment_task(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """A task is done, or not needed."""
    return deployment_returns.tick(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.deed(f"{ONE}/feedback", body=Feedback, answer=DeploymentStateShape, status=200)
def give_deployment_feedback(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """Feedback was given, and this was gained."""
    return deployment_returns.give_feedback(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.deed(f"{ONE}/competence", body=Taken, answer=DeploymentStateShape, status=200)
def record_deployment_competence(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """The home organisation puts competence that was gained on its record."""
    return deployment_returns.record_competence(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.read("/me/deployments", answer=DeploymentList)
def my_deployments(session: Session) -> dict[str, Any]:
    """The signed-in person's deployments."""
    rows = deployment_views.own(session, by=current_actor(), now=now())
    return {"deployments": [_listed(one) for one in rows]}


@resource.read(OWN, answer=DeploymentShape)
def my_deployment(session: Session, deployment_id: UUID) -> dict[str, Any]:
    """One of them, with its paper."""
    return _whole(
        deployment_views.own_one(
            session, deployment_id=deployment_id, by=current_actor(), now=now()
        )
    )


@resource.deed(f"{OWN}/agree", answer=DeploymentStateShape, status=200)
def agree_to_deployment(session: Session, deployment_id: UUID) -> Deployment:
    """Agree to work there."""
    return deployments.agree(session, deployment_id=deployment_id, by=current_actor(), now=now())


@resource.deed(f"{OWN}/decline", answer=DeploymentStateShape, status=200)
def decline_deployment(session: Session, deployment_id: UUID) -> Deployment:
    """Not wanted; nobody is told why."""
    return deployments.decline(
        session, deployment_id=deployment_id, by=current_actor(), now=now()
    )


@resource.deed(f"{OWN}/accept", body=Acceptance, answer=DeploymentStateShape, status=200)
def accept_own_deployment(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """Accept the paper that was read."""
    return deployments.accept_own(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.deed(f"{OWN}/hold", answer=DeploymentStateShape, status=200)
def hold_own_deployment(session: Session, deployment_id: UUID) -> Deployment:
    """Not for now."""
    return deployments.hold_own(
        session, deployment_id=deployment_id, by=current_actor(), now=now()
    )


@resource.deed(f"{OWN}/lift", answer=DeploymentStateShape, status=200)
def lift_own_deployment(session: Session, deployment_id: UUID) -> Deployment:
    """Let it go on."""
    return deployments.lift_own(
        session, deployment_id=deployment_id, by=current_actor(), now=now()
    )


@resource.deed(f"{OWN}/end", body=OwnEnd, answer=DeploymentStateShape, status=200)
def end_own_deployment(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """End it early."""
    return deployments.end_own(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )
