"""The API of roster files: sent, looked at, taken in steps, with the refused rows told."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from bankhub.imports import roster_uploads
from bankhub.imports.roster import Told
from bankhub.imports.roster_run import Report
from passport.errors import Invalid
from passport.web.access import current_actor
from passport.web.api_base import Answer, Resource, Strict, uploaded
from passport.web.lent import db, now

resource = Resource("rosters", "Roster files")

MOST_TOLD = 1_000
"""Refused rows in one answer; the CSV of the page has all."""


class RosterUpload(Strict):
    """The file, as multipart form data."""

    roster = uploaded(required=True)


class RefusedRow(Answer):
    """A row that was not taken."""

    line = fields.Integer()
    because = fields.String()


class RosterReport(Answer):
    """What the file would come to, or has come to so far."""

    import_id = fields.UUID(required=True)
    done = fields.Boolean(required=True)
    rows_done = fields.Integer()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    refused = fields.List(fields.Nested(RefusedRow))
    notes = fields.List(fields.String())


@resource.steps("/shifts/import", body=RosterUpload, answer=RosterReport)
def send_roster(values: dict[str, Any]) -> dict[str, Any]:
    """Keep a roster file and say what it would come to.

    Nothing is taken yet: post to `take` until the answer says `done`. Columns are read as the
    organisation mapped them before.
    """
    sent = values["roster"]
    content = sent.read()
    if not content:
        raise Invalid("file_empty", "The file is empty.")
    name = (sent.filename or "roster.csv")[-120:]
    import_id, report = roster_uploads.receive(
        db(), content, name, told=Told(), by=current_actor(), now=now()
    )
    return _told(import_id, report, done=False)


class TakeRequest(Strict):
    """Whether shifts ahead that the file no longer asks for are withdrawn."""

    withdraw_vanished = fields.Boolean(load_default=False)


@resource.steps(
    "/shifts/import/<uuid:import_id>/take", body=TakeRequest, answer=RosterReport, where="json"
)
def take_roster(values: dict[str, Any], import_id: UUID) -> dict[str, Any]:
    """Take the next rows of a file that was sent; again until `done`.

    Safe to repeat: rows that were taken are not taken twice.
    """
    report = roster_uploads.go_on(db(), import_id, by=current_actor(), now=now(), **values)
    return _told(import_id, report, done=report.done)


def _told(import_id: UUID, report: Report, *, done: bool) -> dict[str, Any]:
    refused: Mapping[int, str] = report.refused
    rows = [{"line": line, "because": refused[line]} for line in sorted(refused)[:MOST_TOLD]]
    return {
        "import_id": import_id,
        "done": done,
        "rows_done": report.rows_done,
        "counts": report.counts,
        "refused": rows,
        "notes": report.notes,
    }
