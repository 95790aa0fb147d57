"""Information governance to read: what flows, what is processed, how long, notices to print."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request

from bankhub.actions.governance import (
    information_governance,
    subject_requests,
    subject_search,
)
from bankhub.model.processing import processing
from bankhub.rules.governance.information_documents import (
    FLOW_HEADS,
    RECORD_HEADS,
    Part,
    Row,
    flow_parts,
)
from passport.imports.tables import csv_lines
from passport.model.data_classes import (
    CLASS_WORDS,
    CONTROLLERS,
    KEPT_BECAUSE,
    ONE_DATABASE,
    DataClass,
    TableData,
)
from passport.rules.permissions import PERMISSIONS as GROUND
from passport.rules.permissions import Deed as GroundDeed
from passport.rules.permissions import why_not
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now

pages = Blueprint("information", __name__, url_prefix="/information-governance")

RETENTION_HEADS = ("What", "How long", "From", "Source", "Ended by")
TABLE_HEADS = ("Table", "What it is", "Controller", "Kept", "In an erasure", "Columns by class")
ENDED_BY = {
    "clock": "The clock", "leaver": "Leaving", "agreement": "The agreement", "itself": "Itself",
    "hand": "People", "never": "Nothing",
}  # fmt: skip
ERASED = {"delete": "Deleted", "blank": "Blanked", "keep": "Kept"}


@pages.get("")
def index() -> str:
    """Where everything is: documents, people who ask, and the search for a person."""
    by, searched = current_actor(), request.args.get("search", "").strip()[:80]
    with db().transaction() as session:
        found = information_governance.agreements(session, by=by, now=now())
        may_see = why_not(by, GroundDeed.SEE_SUBJECTS, GROUND) is None
        asked = subject_requests.listed(session, by=by, now=now()) if may_see else []
        people = (
            subject_search.find_people(session, words=searched, by=by, now=now())
            if may_see else []
        )
    return render_template(
        "bankhub/information/index.html",
        agreements=found,
        asked=asked,
        people=people,
        searched=searched,
        form=FormState({"search": searched}),
    )


@pages.get("/data-flows")
def data_flows() -> str:
    """Who gives what to whom, under which agreement."""
    with db().reading() as session:
        rows = information_governance.flows(session, by=current_actor(), now=now())
    intro = "Made from the agreements in force today, and enforced as it stands here."
    parts = flow_parts(rows) or [Part("", ("No agreement is in force.",))]
    return _document("Data flows", [Part("", (intro,)), *parts], "data_flows_file")


@pages.get("/data-flows.csv")
def data_flows_file() -> Response:
    """The same as a file."""
    with db().reading() as session:
        rows = information_governance.flows(session, by=current_actor(), now=now())
    return _file("data-flows", FLOW_HEADS, rows)


@pages.get("/record-of-processing")
def record_of_processing() -> str:
    """The record of processing activities."""
    with db().reading() as session:
        rows = information_governance.record_of_processing(
            session, by=current_actor(), now=now()
        )
    parts = [Part(row[0], (), ("Matter", "Entry"), _as_pairs(row)) for row in rows]
    return _document("Record of processing activities", parts, "record_of_processing_file")


def _as_pairs(row: Row) -> tuple[Row, ...]:
    return tuple(zip(RECORD_HEADS[1:], row[1:], strict=True))


@pages.get("/record-of-processing.csv")
def record_of_processing_file() -> Response:
    """The same as a file."""
    with db().reading() as session:
        rows = information_governance.record_of_processing(
            session, by=current_actor(), now=now()
        )
    return _file("record-of-processing", RECORD_HEADS, rows)


@pages.get("/privacy-notice/<uuid:agreement_id>")
def privacy_notice(agreement_id: UUID) -> str:
    """The joint privacy notice of one agreement, to print."""
    with db().reading() as session:
        made = information_governance.privacy_notice(
            session, agreement_id=agreement_id, by=current_actor(), now=now()
        )
    return _document(f"How your data is shared: {made.agreement.title}", made.parts)


@pages.get("/dpia/<uuid:agreement_id>")
def impact_assessment(agreement_id: UUID) -> str:
    """A draft of one agreement's data protection impact assessment, to print."""
    with db().reading() as session:
        made = information_governance.impact_assessment(
            session, agreement_id=agreement_id, by=current_actor(), now=now()
        )
    title = f"Data protection impact assessment, draft: {made.agreement.named}"
    return _document(title, made.parts)


@pages.get("/retention")
def retention() -> str:
    """The retention schedule in force."""
    rules = information_governance.retention(by=current_actor(), now=now())
    rows = tuple(
        (one.title, one.words, f"{one.from_on:%-d %B %Y}", one.source, ENDED_BY[one.by])
        for one in rules
    )
    intro = "Periods are for your records manager to confirm. A job runs every night."
    return _document("Retention schedule", [Part("", (intro,), RETENTION_HEADS, rows)])


@pages.get("/tables")
def tables() -> str:
    """What every table holds and who is its controller."""
    found = information_governance.tables(by=current_actor())
    rows = tuple(_table_row(entry) for entry in found.values())
    controllers = tuple((code.capitalize(), words) for code, words in CONTROLLERS.items())
    classes = tuple((kind.value.capitalize(), words) for kind, words in CLASS_WORDS.items())
    return _document(
        "What is held, and who is controller",
        [
            Part("One database, several collaboratives", (ONE_DATABASE,)),
            Part("Controllers", (), ("Word", "Who"), controllers),
            Part("Classes of columns", (), ("Class", "What"), classes),
            Part("Security", (processing().security,)),
            Part("Tables", (), TABLE_HEADS, rows),
        ],
    )


def _table_row(entry: TableData) -> Row:
    classes = "; ".join(
        f"{kind.value}: {', '.join(names)}" for kind in DataClass if (names := entry.of(kind))
    )
    fate = ERASED[entry.erasure] if entry.erasure else "Not about one person"
    if entry.not_in_file:
        fate = f"In nobody's file: {entry.not_in_file}"
    if entry.because:
        fate = f"{fate}: {KEPT_BECAUSE[entry.because]}"
    return (
        entry.table, entry.about, entry.controller.capitalize(),
        entry.kept.replace("_", " ").capitalize(), fate, classes,
    )  # fmt: skip


def _document(title: str, parts: Sequence[Part], file: str = "") -> str:
    return render_template(
        "bankhub/information/document.html", title=title, parts=parts, file=file, today=now()
    )


def _file(name: str, heads: Row, rows: Sequence[Row]) -> Response:
    response = make_response("".join(csv_lines(heads, rows)))
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
