"""Extensions of deployments by program: a later last day, agreed, authorised and accepted."""

from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy.orm import Session

from bankhub.actions.deployments import deployment_extensions
from bankhub.model.deployments import Deployment
from bankhub.web.deployments.api_deployments import ONE, OWN, Acceptance, DeploymentStateShape
from passport.web.access import current_actor
from passport.web.api_base import Resource, Strict
from passport.web.lent import now

resource = Resource("api_deployment_extensions", "Deployments that go on longer than agreed")


class LaterEnd(Strict):
    """The new last day."""

    ends_on = fields.Date(required=True)


@resource.deed(f"{ONE}/extend", body=LaterEnd, answer=DeploymentStateShape)
def extend_deployment(session: Session, values: dict[str, Any], deployment_id: UUID) -> Deployment:
    """Propose a later last day: the person is asked first."""
    return deployment_extensions.propose(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.deed(f"{ONE}/extension/authorise", answer=DeploymentStateShape, status=200)
def authorise_deployment_extension(session: Session, deployment_id: UUID) -> Deployment:
    """The home organisation, or a returner's sponsor, authorises the longer stay."""
    return deployment_extensions.authorise(
        session, deployment_id=deployment_id, by=current_actor(), now=now()
    )


@resource.deed(
    f"{ONE}/extension/accept", body=Acceptance, answer=DeploymentStateShape, status=200
)
def accept_deployment_extension(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """Accept the paper of the extension for home or host."""
    return deployment_extensions.accept(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )


@resource.deed(f"{ONE}/extension/refuse", answer=DeploymentStateShape, status=200)
def refuse_deployment_extension(session: Session, deployment_id: UUID) -> Deployment:
    """The last day stays as it is."""
    return deployment_extensions.refuse(
        session, deployment_id=deployment_id, by=current_actor(), now=now()
    )


@resource.deed(f"{OWN}/extension/agree", answer=DeploymentStateShape, status=200)
def agree_to_extension(session: Session, deployment_id: UUID) -> Deployment:
    """Agree to stay longer."""
    return deployment_extensions.agree(
        session, deployment_id=deployment_id, by=current_actor(), now=now()
    )


@resource.deed(f"{OWN}/extension/decline", answer=DeploymentStateShape, status=200)
def decline_extension(session: Session, deployment_id: UUID) -> Deployment:
    """Not longer; nobody is told why."""
    return deployment_extensions.decline(
        session, deployment_id=deployment_id, by=current_actor(), now=now()
    )


@resource.deed(
    f"{OWN}/extension/accept", body=Acceptance, answer=DeploymentStateShape, status=200
)
def accept_own_extension(
    session: Session, values: dict[str, Any], deployment_id: UUID
) -> Deployment:
    """Accept the paper of the extension that was read."""
    return deployment_extensions.accept_own(
        session, deployment_id=deployment_id, by=current_actor(), now=now(), **values
    )
