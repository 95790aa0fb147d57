"""The API of information governance: what flows, what is processed, how long it is kept, and the
documents of each agreement."""

from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy.orm import Session

from bankhub.actions.governance import information_governance
from bankhub.actions.governance.information_governance import Document
from bankhub.rules.governance.information_documents import FLOW_HEADS, RECORD_HEADS
from passport.model.data_classes import KEPT_BECAUSE, DataClass, TableData
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


class ColumnsShape(Answer):
    """Columns of one class."""

    data_class = fields.String()
    columns = fields.List(fields.String())


class HeldTableShape(Answer):
    """What a table holds, who is its controller, and what becomes of it."""

    table = fields.String()
    about = fields.String()
    controller = fields.String()
    kept = fields.String(metadata={"description": "Code of the retention schedule"})
    erasure = fields.String(allow_none=True)
    because = fields.String(metadata={"description": "Why it, or part of it, stays"})
    not_in_file = fields.String(metadata={"description": "Why it is in nobody's file"})
    classes = fields.List(fields.Nested(ColumnsShape))


class HeldTables(Answer):
    """Every table."""

    tables = fields.List(fields.Nested(HeldTableShape))


@resource.read("/information-governance/tables", answer=HeldTables)
def read_tables(_session: Session) -> dict[str, Any]:
    """What every table holds, and who is its controller."""
    found = information_governance.tables(by=current_actor())
    return {"tables": [_table(one) for one in found.values()]}


def _table(one: TableData) -> dict[str, Any]:
    return {
        "table": one.table, "about": one.about, "controller": one.controller, "kept": one.kept,
        "erasure": one.erasure.value if one.erasure else None,
        "because": KEPT_BECAUSE.get(one.because, ""), "not_in_file": one.not_in_file,
        "classes": [
            {"data_class": kind.value, "columns": names}
            for kind in DataClass if (names := one.of(kind))
        ],
    }  # fmt: skip


class PartShape(Answer):
    """A part of a document: paragraphs, then a table where it has headings."""

    title = fields.String()
    paragraphs = fields.List(fields.String())
    headings = fields.List(fields.String(), attribute="heads")
    rows = fields.List(fields.List(fields.String()))


class DocumentShape(Answer):
    """A document of one agreement in force."""

    agreement = fields.String()
    parts = fields.List(fields.Nested(PartShape))


@resource.read(
    "/information-governance/privacy-notices/<uuid:agreement_id>", answer=DocumentShape
)
def read_privacy_notice(session: Session, agreement_id: UUID) -> dict[str, Any]:
    """The joint privacy notice of one agreement."""
    by, at = current_actor(), now()
    return _document(
        information_governance.privacy_notice(session, agreement_id=agreement_id, by=by, now=at)
    )


@resource.read(
    "/information-governance/impact-assessments/<uuid:agreement_id>", answer=DocumentShape
)
def read_impact_assessment(session: Session, agreement_id: UUID) -> dict[str, Any]:
    """A draft of one agreement's data protection impact assessment."""
    by, at = current_actor(), now()
    return _document(
        information_governance.impact_assessment(session, agreement_id=agreement_id, by=by, now=at)
    )


def _document(made: Document) -> dict[str, Any]:
    return {"agreement": made.agreement.named, "parts": made.parts}
