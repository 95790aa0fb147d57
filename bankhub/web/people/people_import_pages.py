"""A personnel file in the browser: sent, its columns named once, looked over, then taken.

Nothing is kept on the server between the pages: each carries the file on. Taking a file twice
changes nothing the second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from flask import Blueprint, Response, make_response, render_template, request

from bankhub.actions.people import people_records
from bankhub.imports.batches import Report
from bankhub.imports.hr import Sending, find_columns, import_people
from bankhub.imports.hr_columns import FIELDS, Columns, columns_so_far
from bankhub.model import reference
from bankhub.web.people.people_forms import with_labels
from bankhub.web.shifts.office_parts import Page
from bankhub.web.trade_words import spoken
from passport.actions.tenancy import own_organisation
from passport.errors import Invalid
from passport.imports.carried import packed, unpacked
from passport.imports.tables import Table, csv_lines, normal_heading, open_table
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now

pages = Blueprint("people_import", __name__, url_prefix="/people/import")

SHOWN = 50
"""Refused rows shown on the page; all are in the file."""
MOST_ROWS = 3000
"""A file above this takes longer than a page should; the command has no such limit."""
COLUMN = "column-"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was looked through, and what carries it on."""

    table: Table
    name: str
    carried: str
    known: Mapping[str, str]
    """Our field → heading, as remembered."""


def _known() -> dict[str, str]:
    with db().reading() as session:
        return people_records.known_headings(session, by=current_actor())


@pages.get("")
def start() -> Page:
    """Choose a file."""
    _known()
    return render_template("bankhub/people/import.html", form=FormState())


def _start_again(problem: Invalid) -> Response:
    form = FormState.kept(request.form, with_labels(problem))
    return make_response(render_template("bankhub/people/import.html", form=form), problem.status)


def _sent() -> SentFile:
    known = _known()
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        source: BinaryIO = upload.stream  # type: ignore[assignment]
        name = upload.filename.rsplit("/")[-1].rsplit("\\")[-1][:100]
        carried = packed(source)
    else:
        carried, name = request.form.get("carried", ""), request.form.get("name", "")[:100]
        if not carried:
            raise Invalid("file_missing", fields={"file": ["Choose a file."]})
        source = unpacked(carried)
    table = open_table(source)
    if table.rows > MOST_ROWS:
        raise Invalid(
            "file_too_large",
            f"The file has {table.rows:,} rows, and a page takes {MOST_ROWS:,} at most: split it, "
            "or have it imported at the server with `bankhub people import`.",
        )
    return SentFile(table, name, carried, known)


def _told(sent: SentFile) -> dict[str, str]:
    """What the form says of the columns, where that is not known already; a heading that is given
    to another field, or to none, is forgotten for the old one."""
    said = [
        (request.form[COLUMN + heading], heading)
        for heading in sent.table.fields
        if COLUMN + heading in request.form
    ]
    fields = [field for field, _ in said if field]
    twice = sorted({field for field in fields if fields.count(field) > 1})
    if twice:
        words = ", ".join(field_words(field) for field in twice)
        raise Invalid("file_mapping", f"Two columns cannot both be: {words}.")
    told = {field: heading for field, heading in said if field and heading != field}
    silent = {heading for _, heading in said}
    gone = [f for f, h in sent.known.items() if normal_heading(h) in silent and f not in told]
    return {**dict.fromkeys(gone, ""), **told}


def field_words(field: str) -> str:
    """One of our fields in words: `Date of birth`, `Training: Fire safety`."""
    return dict(field_options()).get(field, spoken(field))


def field_options() -> list[tuple[str, str]]:
    """What a column may be."""
    trainings = [
        (f"training:{subject.code.lower()}:{level.level}", f"Training: {level.title}")
        if len(subject.levels) == 1
        else (
            f"training:{subject.code.lower()}:{level.level}",
            f"Training: {subject.title}, level {level.level}",
        )
        for subject in reference.training_subjects().values()
        for level in subject.levels
    ]
    return [(field, spoken(field)) for field in FIELDS] + trainings


@pages.post("/columns")
def columns() -> Page:
    """Which column is what; shown where something is missing, or on request."""
    try:
        sent = _sent()
    except Invalid as problem:
        return _start_again(problem)
    return make_response(_columns_page(sent, None))


def _columns_page(sent: SentFile, problem: Invalid | None) -> str:
    table = sent.table
    try:
        found = columns_so_far(table, sent.known)
    except Invalid as wrong:
        problem, found = problem or wrong, Columns({}, {}, table.fields)
    field_of = {heading: _offered(field, found) for field, heading in found.heading_of.items()}
    typed = {COLUMN + heading: field_of.get(heading, "") for heading in table.fields}
    values = {**typed, **FormState.kept(request.form).values}
    return render_template(
        "bankhub/people/import_columns.html",
        form=FormState(values, {}, _plain(problem)),
        sent=sent,
        columns=list(zip(table.fields, table.headings, strict=True)),
        options=field_options(),
    )


def _offered(field: str, found: Columns) -> str:
    if field in found.trainings:
        code, level = found.trainings[field]
        return f"training:{code.lower()}:{level}"
    return field


def _plain(problem: Invalid | None) -> str:
    """The complaint without the words meant for the command line."""
    return problem.detail.partition(" Where they have")[0] if problem else ""


@pages.post("/check")
def check() -> Page:
    """What taking the file would come to; nothing is changed."""
    return _run(dry_run=True)


@pages.post("/take")
def take() -> Page:
    """The good rows are taken, the others handed back."""
    return _run(dry_run=False)


def _run(*, dry_run: bool) -> Page:
    try:
        sent = _sent()
    except Invalid as problem:
        return _start_again(problem)
    try:
        told = _told(sent)
        found, report = _imported(sent, told, dry_run=dry_run)
    except Invalid as problem:
        return make_response(_columns_page(sent, problem), problem.status)
    return render_template(
        "bankhub/people/import_report.html",
        sent=sent,
        report=report,
        refused=report.refused[:SHOWN],
        notes=[*sent.table.notes, *(f"Line {s.line}: {s.text}" for s in report.notes[:SHOWN])],
        unused=[h for f, h in zip(sent.table.fields, sent.table.headings, strict=True)
                if f in found.unused],
        said=[(n, v) for n, v in request.form.items() if n.startswith(COLUMN)],
        dry_run=dry_run,
    )  # fmt: skip


def _imported(
    sent: SentFile, told: Mapping[str, str], *, dry_run: bool
) -> tuple[Columns, Report]:
    by = current_actor()
    sending = Sending(own_organisation(by), by, now(), dry_run)
    found = find_columns(db(), sent.table, sending, told=told)
    return found, import_people(db(), sent.table, found, sending)


@pages.post("/refused.csv")
def refused() -> Page:
    """The refused rows with the file's own columns, then line and reason, safe to open."""
    try:
        sent = _sent()
        _, report = _imported(sent, _told(sent), dry_run=True)
    except Invalid as problem:
        return _start_again(problem)
    headings = sent.table.headings
    rows: list[list[Any]] = [
        [*(*said.cells, *[""] * len(headings))[: len(headings)], said.line, said.text]
        for said in report.refused
    ]
    delimiter = sent.table.delimiter
    answer = make_response(
        "".join(
            csv_lines([*headings, "refused_line", "refused_because"], rows, delimiter=delimiter)
        )
    )
    answer.content_type = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="refused-people.csv"'
    return answer
