"""A trust that sends roster files: its ward, a nurse of its bank, and rows to send."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bankhub.imports import roster_run
from bankhub.imports.roster import RosterFile, Told, open_roster
from bankhub.imports.roster_run import Report
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from passport.actors import Actor
from passport.db import Database
from passport.events import Event
from tests.support import build
from tests.support.build import NOW

NUMBER = "20001234"
"""Assignment number of the nurse's bank post."""
CELLS: Mapping[str, str] = {
    "reference": "A1",
    "unit": "WARD7",
    "date": "2026-09-14",
    "shift_code": "",
    "start": "07:30",
    "end": "20:00",
    "end_date": "",
    "repeated_hour": "",
    "unpaid_break": "",
    "role": "rn_adult",
    "grade": "band_5",
    "fallback_grade": "",
    "skills": "",
    "reason": "sickness_short",
    "reason_text": "",
    "post_number": "",
    "review_date": "",
    "notes": "",
    "people": "",
    "status": "vacant",
    "assignment_number": "",
}
"""A vacant long day on the ward, a week ahead."""
DUTY = {"status": "filled", "assignment_number": NUMBER, "reason": ""}
"""What makes a row a duty of the nurse."""


def roster(*rows: Mapping[str, str], first: str = "", without: tuple[str, ...] = ()) -> bytes:
    """A file with these rows, each what differs from `CELLS`; `first` stands before headings."""
    out = io.StringIO()
    names = [name for name in CELLS if name not in without]
    writer = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({**CELLS, **row})
    return (first + out.getvalue()).encode()


class Trust:
    """A trust, its ward, its nurse, and the coordinator who sends files."""

    def __init__(self, database: Database, **fields: Any) -> None:
        self.database = database
        with database.transaction() as session:
            self.trust = build.an_organisation(session, **fields)
            self.site = build.a_site(session, self.trust)
            self.ward = build.a_unit(session, self.site, code="WARD7")
            self.person, self.post = build.a_nurse(
                session, self.trust, assignment_number=NUMBER
            )
        self.coordinator = build.an_actor(self.trust)
        self.file: RosterFile | None = None

    def open(self, content: bytes, told: Told | None = None) -> RosterFile:
        return open_roster(io.BytesIO(content), "roster.csv", told=told or Told())

    def look(self, content: bytes, *, told: Told | None = None, now: datetime = NOW) -> Report:
        """A dry run."""
        file = self.open(content, told)
        return roster_run.preview(self.database, file, by=self.coordinator, now=now)

    def send(
        self,
        content: bytes,
        *,
        told: Told | None = None,
        by: Actor | None = None,
        now: datetime = NOW,
        **options: Any,
    ) -> Report:
        """Take a file."""
        file = self.open(content, told)
        return roster_run.run(self.database, file, by=by or self.coordinator, now=now, **options)

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(table).where(*where)))

    def shifts(self) -> dict[str, Shift]:
        """The trust's shifts by the roster's reference."""
        found = self.rows(Shift, Shift.organisation_id == self.trust.id)
        return {shift.roster_reference or shift.reference: shift for shift in found}

    def hours(self) -> dict[str, Hours]:
        """The nurse's busy time by the roster's reference."""
        found = self.rows(Hours, Hours.person_id == self.person.id)
        return {row.reference or str(row.id): row for row in found}

    def events(self) -> Counter[str]:
        """How many events there are of each kind."""
        return Counter(event.kind for event in self.rows(Event))


def counts(report: Report) -> dict[str, int]:
    """What was counted, without zeros and without the number of rows."""
    return {name: count for name, count in report.counts.items() if count and name != "rows"}
