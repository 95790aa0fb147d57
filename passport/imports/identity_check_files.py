"""A file of identity checks that HR made before: whose, and on which day.

Each row names one person, by e-mail address or by name, and always by date of birth; a row that
fits nobody here, or two people, is handed back. What is taken is told as on record from before.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO
from uuid import UUID

from passport.actions.people import identity_checks
from passport.actions.people.identity_checks import Known
from passport.actors import Actor
from passport.db import Database
from passport.errors import Invalid
from passport.imports.cells import Cells, read_date
from passport.imports.tables import Row, open_table
from passport.london import london_day
from passport.rules.people.same_person import same_name

LARGEST = 16 * 1024 * 1024
NEEDED = ("date_of_birth", "checked_on")


@dataclass(frozen=True, slots=True)
class ChecksReport:
    """What a file came to: refused rows by line with the reason."""

    rows: int
    taken: int
    unchanged: int
    refused: Sequence[tuple[int, str]] = field(default=())


class _NotTaken(Exception):
    """Why a row is handed back."""


def take_checks(
    database: Database, source: BinaryIO, *, by: Actor, now: datetime
) -> ChecksReport:
    """Put the checks of a file on record; a second run changes nothing. Raises `Invalid` where
    the file cannot be read at all."""
    table = open_table(source, largest=LARGEST)
    missing = [name for name in NEEDED if name not in table.fields]
    if missing or not {"email", "family_name"} & set(table.fields):
        wanted = "email or family_name and given_name, date_of_birth, checked_on"
        raise Invalid("file_columns", f"The file needs the columns {wanted}.")
    with database.reading() as session:
        known = identity_checks.known_people(session, by=by)
    born: dict[date, list[Known]] = defaultdict(list)
    for one in known:
        born[one.date_of_birth].append(one)
    checks: dict[UUID, date] = {}
    refused = []
    for row in table:
        try:
            person, on = _read(row, born, london_day(now))
            checks[person] = on
        except _NotTaken as problem:
            refused.append((row.line, str(problem)))
    taken = database.attempt(
        lambda session: identity_checks.put_on_record(
            session, checks=checks.items(), by=by, now=now
        )
    )
    return ChecksReport(table.rows, taken, len(checks) - taken, refused)


def _read(row: Row, born: dict[date, list[Known]], today: date) -> tuple[UUID, date]:
    cells = Cells(row.values)
    birth, on = cells.read(read_date, "date_of_birth"), cells.read(read_date, "checked_on")
    problems = [row.problem] if row.problem else cells.problems
    if problems or birth is None or on is None:
        raise _NotTaken("; ".join(problems) or "date of birth or day of the check is missing")
    if not birth < on <= today:
        raise _NotTaken(f"nobody can have been seen on {on}")
    email = cells.text("email").casefold()
    family, given = cells.text("family_name"), cells.text("given_name")
    fits = [
        one
        for one in born.get(birth, ())
        if (one.email == email if email else _named(one, family, given))
    ]
    if len(fits) != 1:
        raise _NotTaken("more than one person fits" if fits else "nobody on record fits")
    return fits[0].id, on


def _named(one: Known, family: str, given: str) -> bool:
    return same_name(one.family_name, family) and same_name(one.given_name, given)
