"""Roster files that come through the browser or the API.

`receive` keeps the file and answers with a preview; `go_on` takes a few blocks of it and is called
again until its answer says done. So no request lasts long, any instance can answer the next, and
one that is cut off loses nothing: the watermark is in the database. `refused_csv` hands back what
was refused for as long as the file is kept.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from bankhub.actions.rosters import roster_files
from bankhub.imports import roster, roster_run
from bankhub.imports.roster import RosterFile, Told, open_roster
from bankhub.imports.roster_run import Report
from bankhub.model.rosters import RosterImport
from passport.actors import Actor
from passport.db import Database

ROWS_AT_ONCE = 2_000
"""Rows to a request: a second or two."""


def receive(
    database: Database, content: bytes, name: str, *, told: Told, by: Actor, now: datetime
) -> tuple[UUID, Report]:
    """Keep the file, remember what was told of its columns, and say what it would come to.

    Raises `Invalid` where the file cannot be read; nothing is kept then. Sending a file that was
    interrupted again goes on with it.
    """
    remembered = roster_run.remembered_columns(database, by=by)
    file = open_roster(io.BytesIO(content), name, told=told, remembered=remembered)
    if told.columns:
        roster_run.remember_columns(database, told.columns, by=by, now=now)
    begun = database.attempt(
        lambda session: roster_files.begin(
            session, file=file.facts, by=by, now=now, upload=content
        )
    )
    return begun.id, roster_run.preview(database, file, by=by, now=now)


def preview(database: Database, import_id: UUID, *, by: Actor, now: datetime) -> Report:
    """What the file would come to now. Raises `NotFound`."""
    return roster_run.preview(database, reopened(database, import_id, by=by), by=by, now=now)


def go_on(
    database: Database,
    import_id: UUID,
    *,
    withdraw_vanished: bool = False,
    by: Actor,
    now: datetime,
) -> Report:
    """Take the next rows of the file; call again until `done`. Raises `NotFound`."""
    return roster_run.run(
        database,
        reopened(database, import_id, by=by),
        by=by,
        now=now,
        import_id=import_id,
        withdraw_vanished=withdraw_vanished,
        most_rows=ROWS_AT_ONCE,
    )


def refused_csv(database: Database, import_id: UUID, *, by: Actor) -> Iterator[str]:
    """Lines of a CSV of the file's own layout with the refused rows, line and reason behind."""
    file = reopened(database, import_id, by=by)
    with database.reading() as session:
        refused = roster_files.refusals(session, import_id=import_id, by=by)
    return roster.refused_csv(file, refused)


def reopened(database: Database, import_id: UUID, *, by: Actor) -> RosterFile:
    """The kept file, read as it was when it came. Raises `NotFound`, also once it is forgotten."""
    with database.reading() as session:
        row = roster_files.import_of(session, import_id=import_id, by=by)
        content = roster_files.upload_of(session, import_id=import_id, by=by)
    return open_roster(io.BytesIO(content), row.file_name, told=_told(row))


def _told(row: RosterImport) -> Told:
    covers = row.reading["covers"]
    if covers is None:
        return Told(row.reading["columns"])
    return Told(
        row.reading["columns"],
        tuple(covers["units"]),
        date.fromisoformat(covers["from"]),
        date.fromisoformat(covers["to"]),
    )
