"""The API of information governance: what flows, what is processed, how long it is kept. Nobody's
file and no erasure: those want a second factor, which a program does not have."""

from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from bankhub.actions import information_governance
from bankhub.rules.information_documents import FLOW_HEADS, RECORD_HEADS
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource
from passport.web.lent import now

resource = Resource("information_governance", "What is processed, why and for how long")


class TableShape(Answer):
    """Rows of a document, each with a cell for every heading."""

    headings = fields.List(fields.String())
    rows = fields.List(fields.List(fields.String()))


class RetentionShape(Answer):
    """A line of the retention schedule."""

    code = fields.String()
    from_on = fields.Date()
    title = fields.String()
    words = fields.String()
    source = fields.String()
    by = fields.String(metadata={"description": "What makes an end of it"})


class ScheduleShape(Answer):
    """The schedule in force today."""

    rules = fields.List(fields.Nested(RetentionShape))


@resource.read("/information-governance/data-flows", answer=TableShape)
def read_data_flows(session: Session) -> dict[str, Any]:
    """Who gives what to whom under which agreement in force."""
    rows = information_governance.flows(session, by=current_actor(), now=now())
    return {"headings": FLOW_HEADS, "rows": rows}


@resource.read("/information-governance/record-of-processing", answer=TableShape)
def read_record_of_processing(session: Session) -> dict[str, Any]:
    """The record of processing activities (UK GDPR Article 30)."""
    rows = information_governance.record_of_processing(session, by=current_actor(), now=now())
    return {"headings": RECORD_HEADS, "rows": rows}


@resource.read("/information-governance/retention", answer=ScheduleShape)
def read_retention(session: Session) -> dict[str, Any]:
    """How long what is kept."""
    return {"rules": information_governance.retention(by=current_actor(), now=now())}
