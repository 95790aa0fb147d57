"""An ESR training export in the browser: sent, looked over row by row, then taken."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from bankhub.imports.esr import TrainingReport, TrainingSending, import_training
from bankhub.web.shifts.office_parts import Page
from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.errors import Invalid
from passport.imports.tables import Table, csv_lines, open_table
from passport.rules.permissions import Deed
from passport.web.access import current_actor
from passport.web.forms import FormState
from passport.web.lent import db, now
from passport.web.sent_files import SentFile, sent_file

pages = Blueprint("training_import", __name__, url_prefix="/people/training")

SHOWN = 100
"""Rows shown on the page; the refused ones are all in the file."""
MOST_ROWS = 3000


@pages.get("")
def start() -> Page:
    """Choose a file and say whose it is."""
    demand(current_actor(), Deed.IMPORT_PEOPLE)
    return render_template("bankhub/people/training.html", form=FormState())


@pages.post("/check")
def check() -> Page:
    """What taking the file would come to, with a word on each row; nothing is changed."""
    return _run(dry_run=True)


@pages.post("/take")
def take() -> Page:
    """The good rows are taken, the others handed back."""
    return _run(dry_run=False)


@pages.post("/refused.csv")
def refused() -> Page:
    """The refused rows with the file's own columns, then line and reason, safe to open."""
    try:
        _, table, report = _imported(dry_run=True)
    except Invalid as problem:
        return _start_again(problem)
    width = len(table.headings)
    rows: list[list[Any]] = [
        [*(*said.cells, *[""] * width)[:width], said.line, said.text] for said in report.refused
    ]
    headings = [*table.headings, "refused_line", "refused_because"]
    answer = make_response("".join(csv_lines(headings, rows, delimiter=table.delimiter)))
    answer.content_type = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="refused-training.csv"'
    return answer


def _run(*, dry_run: bool) -> Page:
    try:
        sent, table, report = _imported(dry_run=dry_run)
    except Invalid as problem:
        return _start_again(problem)
    return render_template(
        "bankhub/people/training_report.html",
        sent=sent,
        person=_person(),
        report=report,
        said=report.said[:SHOWN],
        notes=table.notes,
        dry_run=dry_run,
    )


def _imported(*, dry_run: bool) -> tuple[SentFile, Table, TrainingReport]:
    by = current_actor()
    demand(by, Deed.IMPORT_PEOPLE)
    sent = sent_file()
    table = open_table(sent.source)
    if table.rows > MOST_ROWS:
        raise Invalid(
            "file_too_large",
            f"The file has {table.rows:,} rows, and a page takes {MOST_ROWS:,} at most: split it, "
            "or have it imported at the server with `bankhub training import`.",
        )
    sending = TrainingSending(own_organisation(by), by, now(), dry_run, _person())
    return sent, table, import_training(db(), table, sending)


def _person() -> str:
    return request.form.get("person", "").strip().upper()[:40]


def _start_again(problem: Invalid) -> Response:
    form = FormState.kept(request.form, problem)
    return make_response(
        render_template("bankhub/people/training.html", form=form), problem.status
    )
