"""Lists of organisations, sites, units and memberships: ODS's own files and ours with headings.

Safe to repeat: rows that say what is on record change nothing. Organisations are taken first and
their memberships and successors in a second round, because a list names them in any order.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import BinaryIO

from sqlalchemy.orm import Session

from bankhub.actions.settings.listed_organisations import take_listed, take_site, take_unit
from bankhub.actions.settings.sites import SiteFields
from bankhub.imports.batches import Attempt, Report, Said, Taken, attempts, take_all
from bankhub.imports.ods_layouts import (
    Layout,
    Shape,
    headed_layout,
    looks_headed,
    official_layout,
)
from bankhub.imports.ods_rows import (
    cells_of,
    membership_entry,
    organisation_entry,
    site_entry,
    unit_entry,
)
from passport.actions.changes import Change
from passport.actions.people.organisation_entries import take_groups
from passport.actors import Actor
from passport.db import Database
from passport.errors import Invalid
from passport.imports.cells import read_degrees
from passport.imports.tables import Row, Table, open_table

Take = Callable[[Session, Row], Taken]


def open_list(source: BinaryIO, file_name: str, kind: str | None) -> tuple[Table, Layout]:
    """The file as a table, and what it lists. Raises `Invalid`."""
    table = open_table(source, headed=looks_headed)
    if table.headings:
        return table, headed_layout(table.fields, kind)
    return table, official_layout(file_name, next(iter(table)), kind)


def rounds(layout: Layout) -> int:
    """How often the rows are gone through: organisations twice."""
    return 2 if layout.shape is Shape.ORGANISATIONS else 1


def import_list(
    database: Database,
    table: Table,
    layout: Layout,
    *,
    by: Actor,
    now: datetime,
    dry_run: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> Report:
    """Take every row of the list; `progress` is called after each row of each round."""
    report = Report()
    take: dict[Shape, Take] = {
        Shape.ORGANISATIONS: lambda session, row: _organisation(session, row, layout, by, now),
        Shape.SITES: lambda session, row: _site(session, row, layout, by, now),
        Shape.UNITS: lambda session, row: _unit(session, row, layout, by, now),
        Shape.MEMBERSHIPS: lambda session, row: _membership(session, row, layout, by, now),
    }
    with attempts(database, dry_run=dry_run) as attempt:
        _go_through(attempt, table, take[layout.shape], report, progress)
        if layout.shape is Shape.ORGANISATIONS:
            _link(attempt, table, layout, report, progress, by, now)
    return report


def _go_through(
    attempt: Attempt[list[Taken | Said]],
    rows: Iterable[Row],
    take: Take,
    report: Report,
    progress: Callable[[], None],
) -> None:
    for _, outcome in take_all(attempt, rows, take):
        if isinstance(outcome, Said):
            report.rows += 1
            report.refused.append(outcome)
        else:
            report.count(outcome.change)
        progress()


def _link(
    attempt: Attempt[list[Taken | Said]],
    table: Table,
    layout: Layout,
    report: Report,
    progress: Callable[[], None],
    by: Actor,
    now: datetime,
) -> None:
    """The second round: memberships and successors of the rows that were taken."""
    refused = {said.line for said in report.refused}

    def take(session: Session, row: Row) -> Taken:
        entry = organisation_entry(row, layout)
        if entry is None or row.line in refused:
            return Taken(None)
        came_of_it = list(take_groups(session, entry=entry, by=by, now=now))
        notes = tuple(said for said in came_of_it if not isinstance(said, Change))
        linked = any(said in (Change.ADDED, Change.CHANGED) for said in came_of_it)
        return Taken(Change.CHANGED if linked else Change.UNCHANGED, notes)

    for row, outcome in take_all(attempt, table, take):
        if isinstance(outcome, Said):
            if row.line not in refused:
                report.notes.append(outcome)
        else:
            report.links += outcome.change is Change.CHANGED
            report.notes.extend(Said(row.line, note, row.cells) for note in outcome.notes)
        progress()


def _organisation(
    session: Session, row: Row, layout: Layout, by: Actor, now: datetime
) -> Taken:
    entry = organisation_entry(row, layout)
    if entry is None:
        return Taken(None)
    cells = cells_of(row, layout)
    place: SiteFields = {}
    if cells.has("latitude", "longitude"):
        place["latitude"] = cells.read(read_degrees, "latitude")
        place["longitude"] = cells.read(read_degrees, "longitude")
    return Taken(take_listed(session, entry=entry, place=place, by=by, now=now))


def _site(session: Session, row: Row, layout: Layout, by: Actor, now: datetime) -> Taken:
    entry = site_entry(row, layout)
    change = take_site(
        session,
        organisation_code=entry.organisation_code,
        code=entry.code,
        fields=entry.fields,
        by=by,
        now=now,
    )
    return Taken(change)


def _unit(session: Session, row: Row, layout: Layout, by: Actor, now: datetime) -> Taken:
    entry = unit_entry(row, layout)
    change = take_unit(
        session,
        organisation_code=entry.organisation_code,
        site_code=entry.site_code,
        code=entry.code,
        fields=entry.fields,
        by=by,
        now=now,
    )
    return Taken(change)


def _membership(session: Session, row: Row, layout: Layout, by: Actor, now: datetime) -> Taken:
    entry = membership_entry(row, layout)
    for said in take_groups(session, entry=entry, by=by, now=now):
        if isinstance(said, Change):
            return Taken(said)
        raise Invalid("membership", said)
    return Taken(Change.UNCHANGED)
