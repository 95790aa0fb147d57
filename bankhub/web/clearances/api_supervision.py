"""Supervised work on a restricted registration by program: asked by one, granted by another."""

from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_supervision
from bankhub.model.clearances import SupervisionGround
from bankhub.web.shapes import chosen, moment
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict
from passport.web.lent import now

resource = Resource("api_supervision", "Who may work here supervised only")


class AskSupervisedShape(Strict):
    """What was found, and until when at the latest."""

    grounds = fields.List(chosen(SupervisionGround), required=True)
    until_on = fields.Date(required=True)


class SupervisionShape(Answer):
    """Leave to work supervised, asked for or granted; never why."""

    id = fields.UUID()
    clearance_id = fields.UUID()
    grounds = fields.List(fields.String())
    until_on = fields.Date()
    asked_at = moment()
    asked_by_name = fields.String()
    granted_at = moment(allow_none=True)
    granted_by_name = fields.String()
    refused_at = moment(allow_none=True)
    ended_at = moment(allow_none=True)


@resource.deed(
    "/clearances/<uuid:clearance_id>/supervisions",
    body=AskSupervisedShape,
    answer=SupervisionShape,
)
def ask_supervised(session: Session, values: dict[str, Any], clearance_id: UUID) -> Any:
    """Ask that somebody with a restricted registration may work supervised."""
    return clearance_supervision.ask(
        session, clearance_id=clearance_id, by=current_actor(), now=now(), **values
    )


@resource.deed(
    "/clearances/supervisions/<uuid:supervision_id>/grant", answer=SupervisionShape, status=200
)
def grant_supervised(session: Session, supervision_id: UUID) -> Any:
    """A second person grants it."""
    return clearance_supervision.grant(
        session, supervision_id=supervision_id, by=current_actor(), now=now()
    )


@resource.deed(
    "/clearances/supervisions/<uuid:supervision_id>/refuse", answer=SupervisionShape, status=200
)
def refuse_supervised(session: Session, supervision_id: UUID) -> Any:
    """A second person refuses it."""
    return clearance_supervision.refuse(
        session, supervision_id=supervision_id, by=current_actor(), now=now()
    )


@resource.deed(
    "/clearances/supervisions/<uuid:supervision_id>/end", answer=SupervisionShape, status=200
)
def end_supervised(session: Session, supervision_id: UUID) -> Any:
    """Take it back before its day."""
    return clearance_supervision.end(
        session, supervision_id=supervision_id, by=current_actor(), now=now()
    )
