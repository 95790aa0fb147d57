"""Personnel files: the people of one bank, row by row, safe to repeat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.people.hr_rows import take_hr_row
from bankhub.actions.people.import_mappings import PEOPLE, mapping_of, remember_mapping
from bankhub.imports.batches import Report, Said, Taken, attempts, take_all
from bankhub.imports.hr_columns import Columns, columns_of
from bankhub.imports.hr_rows import hr_row
from passport.actors import Actor
from passport.db import Database
from passport.errors import Invalid
from passport.imports.tables import Row, Table, normal_heading


@dataclass(frozen=True, slots=True)
class Sending:
    """Whose people are sent, by whom and when."""

    organisation_id: UUID
    by: Actor
    now: datetime
    dry_run: bool = False


def find_columns(
    database: Database, table: Table, sending: Sending, *, told: Mapping[str, str]
) -> Columns:
    """Where our fields stand in this bank's files; what is told now is remembered.

    Raises `Invalid` before anything is remembered where the columns do not do.
    """
    here, by = sending.organisation_id, sending.by
    with database.reading() as session:
        known = mapping_of(session, organisation_id=here, kind=PEOPLE, by=by)
    absent = [h for h in told.values() if h and normal_heading(h) not in table.fields]
    if absent:
        raise Invalid("file_mapping", f"The file has no column {', '.join(absent)}.")
    columns = columns_of(table, {f: h for f, h in {**known, **told}.items() if h})
    if told and not sending.dry_run:
        database.attempt(
            lambda session: remember_mapping(
                session, organisation_id=here, kind=PEOPLE, columns=told, by=by, now=sending.now
            )
        )
    return columns


def import_people(
    database: Database,
    table: Table,
    columns: Columns,
    sending: Sending,
    *,
    progress: Callable[[], None] = lambda: None,
) -> Report:
    """Take every row of a personnel file; `progress` is called after each."""
    report = Report()
    line_of: dict[str, int] = {}

    def take(session: Session, row: Row) -> Taken:
        said = hr_row(row, columns)
        first = line_of.setdefault(said.assignment_number, row.line)
        if first != row.line:
            raise Invalid("hr_row", f"repeats the assignment number of line {first}")
        taken = take_hr_row(
            session,
            organisation_id=sending.organisation_id,
            row=said,
            by=sending.by,
            now=sending.now,
        )
        return Taken(taken.change, tuple(reason.text for reason in taken.reasons))

    with attempts(database, dry_run=sending.dry_run) as attempt:
        for row, outcome in take_all(attempt, table, take):
            if isinstance(outcome, Said):
                report.rows += 1
                report.refused.append(outcome)
            else:
                report.count(outcome.change)
                report.notes.extend(Said(row.line, note, row.cells) for note in outcome.notes)
            progress()
    return report
