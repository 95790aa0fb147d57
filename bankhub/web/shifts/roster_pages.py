"""A roster file in the browser: sent, looked at, taken in steps, its refused rows handed back."""

import io
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from bankhub.actions.figures import office_notes
from bankhub.actions.rosters import roster_files
from bankhub.imports import roster_run, roster_uploads
from bankhub.imports.roster import Told
from bankhub.imports.roster_columns import OTHER_NAMES, found_in
from bankhub.model.rosters import RosterImport, RosterState
from bankhub.web.shifts.draft_forms import Reading, near_day
from bankhub.web.shifts.office_parts import Page
from passport.errors import Invalid
from passport.imports.tables import Table, normal_heading, open_table
from passport.web.access import current_actor
from passport.web.forms import FormState, Value
from passport.web.lent import db, now
from passport.web.messages import say

pages = Blueprint("roster", __name__, url_prefix="/office/roster")

NOT_UNDERSTOOD = frozenset({"file_columns", "file_mapping"})
"""The file is sound, but its headings are not ours: the form asks which is which."""
SHOWN = 100
"""Refused rows on the page; the CSV has all."""
FIELDS = {
    "reference": "The roster's own reference",
    "unit": "Unit code",
    "date": "Date",
    "end_date": "Last day (leave)",
    "shift_code": "Shift code",
    "start": "Start",
    "end": "End",
    "repeated_hour": "Which pass of the hour that happens twice",
    "unpaid_break": "Unpaid break",
    "role": "Role",
    "grade": "Grade",
    "fallback_grade": "Fallback grade",
    "skills": "Skills",
    "reason": "Why cover is needed",
    "reason_text": "The reason in words",
    "post_number": "Post number",
    "review_date": "Review day",
    "notes": "Notes",
    "people": "Number of people",
    "status": "Vacant or filled",
    "assignment_number": "Assignment number of the person",
}
"""What each column is for, in words."""
COUNTS = (
    ("rows", "Rows in the file", "plain"),
    ("new", "New requests", "good"),
    ("shifts", "Shifts they make", "plain"),
    ("amended", "Changed", "warn"),
    ("unchanged", "On record already", "plain"),
    ("hours_new", "Duties and absences", "plain"),
    ("not_on_bank", "People not on the bank", "plain"),
    ("passed_over", "Days off and cancelled", "plain"),
    ("retrospective", "Asked for after the start", "warn"),
    ("refused", "Refused", "bad"),
    ("vanished", "No longer in the roster", "warn"),
    ("withdrawn", "Withdrawn with it", "warn"),
)


@pages.get("")
def show() -> Page:
    """Send a file, and how the last ones went."""
    return _upload_page(FormState(), ())


@pages.post("")
def send() -> Page:
    """Look the file through; nothing is taken yet."""
    sent = request.files.get("roster")
    content = b""
    if sent is not None:
        with closing(sent):
            content = sent.read()
    try:
        if sent is None or not content:
            raise Invalid("file", fields={"roster": ["Choose the roster file."]})
        name = (sent.filename or "roster.csv")[-120:]
        import_id, _ = roster_uploads.receive(
            db(), content, name, told=_told(), by=current_actor(), now=now()
        )
    except Invalid as problem:
        return _not_read(problem, content)
    return redirect(url_for("roster.look", import_id=import_id), 303)


def _told() -> Told:
    """Which column is which, and which units and days the file holds completely."""
    reading = Reading(request.form)
    units = reading.text("units", 2000).replace(",", " ").split()
    first, last = (reading.optional(name, near_day) for name in ("first", "last"))
    columns = {
        field: typed for field in OTHER_NAMES if (typed := reading.text(f"column_{field}", 200))
    }
    reading.finish()
    return Told(columns, units, first, last)


def _not_read(problem: Invalid, content: bytes) -> Response:
    """The form again; where only the headings are not known, with a choice for each column."""
    if problem.code in NOT_UNDERSTOOD:
        return _not_understood(problem, open_table(io.BytesIO(content), remarked=True))
    if not problem.fields:
        problem = Invalid(problem.code, "", {"roster": [problem.detail or "It cannot be read."]})
    return make_response(_upload_page(FormState.kept(request.form, problem), ()), 422)


def _not_understood(problem: Invalid, table: Table) -> Response:
    detail = problem.detail.partition(" Where they have other headings")[0]
    if problem.fields:
        missing = ", ".join(FIELDS[name] for name in problem.fields)
        detail = f"Columns were not found: {missing}."
    again = f"{detail} Say below which column is which, and choose the file again."
    on_columns = {f"column_{name}": said for name, said in problem.fields.items()}
    kept = FormState.kept(request.form, Invalid(problem.code, again, on_columns))
    remembered = roster_run.remembered_columns(db(), by=current_actor())
    known = _chosen(found_in(table, {}, remembered), table.headings)
    typed = {name: value for name, value in kept.values.items() if value}
    form = replace(kept, values=known | typed)
    return make_response(_upload_page(form, table.headings), 422)


def _upload_page(form: FormState, headings: Sequence[str]) -> str:
    with db().reading() as session:
        before = roster_files.imports(session, by=current_actor(), limit=10)
    return render_template(
        "bankhub/office/roster.html",
        form=form,
        before=before,
        headings=[(heading, heading) for heading in headings],
        fields=list(FIELDS.items()),
    )


@pages.get("/<uuid:import_id>")
def look(import_id: UUID) -> Page:
    """What the file would come to, how far it is, or what came of it."""
    by = current_actor()
    with db().reading() as session:
        row = roster_files.import_of(session, import_id=import_id, by=by)
        kept = office_notes.roster_is_kept(session, import_id=import_id, by=by)
        refused = roster_files.refusals(session, import_id=import_id, by=by)
        counts, gone = roster_files.counts_of(row), None
    notes: tuple[str, ...] = ()
    if row.state is RosterState.RECEIVED and kept:
        report = roster_uploads.preview(db(), import_id, by=by, now=now())
        counts, refused, gone = report.counts, dict(report.refused), report.gone
        notes = report.notes
    return render_template(
        "bankhub/office/roster_file.html",
        row=row,
        kept=kept,
        counts=[(words, counts[name], tone) for name, words, tone in COUNTS if counts[name]],
        refused=list(refused.items())[:SHOWN],
        refused_count=counts["refused"],
        gone=gone,
        notes=notes,
        columns=_columns(row),
        form=FormState(),
    )


def _columns(row: RosterImport) -> list[tuple[str, str]]:
    found: Mapping[str, Any] = row.reading.get("columns") or {}
    return [(FIELDS.get(field, field), str(heading)) for field, heading in found.items()]


@pages.post("/<uuid:import_id>/take")
def take(import_id: UUID) -> Page:
    """Take the next rows; the page asks again until all are taken. Safe to repeat."""
    withdraw = request.form.get("withdraw") == "yes"
    report = roster_uploads.go_on(
        db(), import_id, withdraw_vanished=withdraw, by=current_actor(), now=now()
    )
    if report.done:
        say("The file is taken to its end.")
    return redirect(
        url_for("roster.look", import_id=import_id, withdraw="yes" if withdraw else None), 303
    )


@pages.route("/<uuid:import_id>/columns", methods=["GET", "POST"])
def columns(import_id: UUID) -> Page:
    """Read the kept file with other columns; what is told is remembered for the next one."""
    by, at = current_actor(), now()
    with db().reading() as session:
        row = roster_files.import_of(session, import_id=import_id, by=by)
        content = roster_files.upload_of(session, import_id=import_id, by=by)
    headings = open_table(io.BytesIO(content), remarked=True).headings
    if request.method == "POST":
        try:
            new_id, _ = roster_uploads.receive(
                db(), content, row.file_name, told=_told(), by=by, now=at
            )
        except Invalid as problem:
            form = FormState.kept(request.form, Invalid(problem.code, problem.detail))
            return make_response(_columns_page(row, headings, form), 422)
        return redirect(url_for("roster.look", import_id=new_id), 303)
    known = row.reading.get("columns") or {}
    return _columns_page(row, headings, FormState(_chosen(known, headings)))


def _chosen(known: Mapping[str, Any], headings: Sequence[str]) -> dict[str, Value]:
    spelled = {normal_heading(heading): heading for heading in headings}
    return {f"column_{field}": spelled.get(str(name), "") for field, name in known.items()}


def _columns_page(row: RosterImport, headings: tuple[str, ...], form: FormState) -> str:
    return render_template(
        "bankhub/office/roster_columns.html",
        row=row,
        form=form,
        headings=[(heading, heading) for heading in headings],
        fields=list(FIELDS.items()),
    )


@pages.get("/<uuid:import_id>/refused.csv")
def refused(import_id: UUID) -> Page:
    """The refused rows in the file's own layout, each with its line and why."""
    lines = roster_uploads.refused_csv(db(), import_id, by=current_actor())
    headers = {"Content-Disposition": 'attachment; filename="refused-rows.csv"'}
    return Response("".join(lines), mimetype="text/csv", headers=headers)
