"""Files that regulators make: the GMC's register download and the NMC's employer confirmations.

A file is one of the two places where a register is looked at
(`rules.people.register_answers.Register`). It is opened once, with everything that makes it the
wrong file said at once, and then looked through for the numbers that are asked about; other
people's rows are counted and not read. The columns are written down in docs/import-registers.md.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from passport.errors import Invalid
from passport.imports.cells import Cells, read_date, read_yes_no
from passport.imports.tables import Row, Table, open_table
from passport.london import LONDON, london_day
from passport.model.register_words import Status, plain, watch_policy
from passport.model.registers import registers
from passport.rules.people.register_answers import (
    Answer,
    Asked,
    Effect,
    Look,
    Trouble,
    effect_of,
    read_status,
)

FILES = ("NMC", "GMC")
"""The registers whose files can be read."""

_COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "GMC": {
        "number": ("gmc_ref_no", "gmc_reference_number", "gmc_number"),
        "family_name": ("surname",),
        "given_names": ("given_name", "given_names"),
        "status": ("registration_status", "registration_status1"),
        "provisional_on": ("pr_date",),
        "full_on": ("fr_date",),
        "specialist_on": ("specialist_register_date",),
        "specialty": ("specialty1", "specialty_1", "speciality1"),
        "gp_on": ("gp_register_date",),
        "conditions": ("ftp_conditions_exist",),
        "undertakings": ("ftp_undertakings_exist",),
        "warnings": ("ftp_warnings_exist",),
        "temporary": ("temporary_covid_registration",),
    },
    "NMC": {
        "number": ("pin", "nmc_pin", "pin_number"),
        "family_name": ("surname", "last_name", "family_name"),
        "given_names": ("forename", "forenames", "first_name", "given_name", "given_names"),
        "date_of_birth": ("date_of_birth", "dob"),
        "status": ("status", "registration_status", "register_status"),
        "expires_on": ("expiry_date", "renewal_date", "registration_expiry_date"),
        "first_on": ("first_registered", "date_first_registered", "start_date"),
        "part": ("register_entry", "register_entries", "register_part"),
        "restrictions": ("restrictions", "restriction", "sanction"),
        "restricted_from": ("restriction_start_date", "restriction_from"),
        "restricted_until": ("restriction_end_date", "restriction_until"),
    },
}
"""By register: our field → headings that mean it."""
_NEEDED = ("number", "family_name", "given_names", "status")
_NONE = frozenset({"", "no", "none", "n/a", "nil", "no restrictions", "no conditions of practice"})
"""Whole cells that say that there is no restriction."""
_RESTRICTION: Mapping[Status, str] = {
    Status.CONDITIONS: "CONDITIONS",
    Status.INTERIM_CONDITIONS: "INTERIM_CONDITIONS",
    Status.UNDERTAKINGS: "UNDERTAKINGS",
    Status.WARNING: "WARNING",
    Status.CAUTION: "CAUTION",
    Status.SUSPENDED: "SUSPENSION",
    Status.INTERIM_SUSPENDED: "INTERIM_SUSPENSION",
}


def plain_number(body: str, number: str) -> str:
    """A number as it stands on record; spreadsheets take a GMC number's leading zeros away."""
    tidy = "".join(number.upper().split())
    return tidy.zfill(7) if body == "GMC" and tidy.isdigit() else tidy


@dataclass
class RegisterFile:
    """A file that was looked through and found to be of the register; counts as it is read."""

    table: Table
    body: str
    heading_of: Mapping[str, str]
    """Our field → the file's normalised heading."""
    as_at: datetime
    """When the regulator made it."""
    source: str = "register_file"
    others: int = field(default=0, init=False)
    """Rows about people nobody asked about, passed over."""

    def look(self, asked: Sequence[Asked]) -> Iterator[Look]:
        """What the file says of each number; nothing of one that is not in it."""
        wanted: dict[str, list[Asked]] = {}
        for one in asked:
            wanted.setdefault(plain_number(self.body, one.number), []).append(one)
        found: dict[str, Answer | Trouble] = {}
        self.others = 0
        for row in self.table:
            number = plain_number(self.body, row.values.get(self.heading_of["number"], ""))
            if number not in wanted:
                self.others += 1
                continue
            answer = self._read(row)
            twice = number in found and found[number] != answer
            found[number] = Trouble.NOT_UNDERSTOOD if twice else answer
        for number, people in wanted.items():
            if number in found:
                yield from ((one, found[number]) for one in people)

    def _read(self, row: Row) -> Answer | Trouble:
        if row.problem:
            return Trouble.NOT_UNDERSTOOD
        cells = Cells({f: row.values.get(name, "") for f, name in self.heading_of.items()})
        answer = _READERS[self.body](cells, self.as_at)
        return Trouble.NOT_UNDERSTOOD if cells.problems else answer


def open_register_file(source: BinaryIO, body: str, *, as_at: datetime) -> RegisterFile:
    """Look a file through. Raises `Invalid` where it is not one of this register."""
    columns = _COLUMNS.get(body)
    if columns is None:
        raise Invalid(
            "register_file", f"Files of {body} cannot be read yet: {' and '.join(FILES)} can."
        )
    table = open_table(source)
    heading_of = {
        name: heading
        for name, headings in columns.items()
        for heading in headings[::-1]
        if heading in table.fields
    }
    missing = [columns[name][0] for name in _NEEDED if name not in heading_of]
    if missing:
        raise Invalid(
            "file_columns",
            f"This is no {body} file: it has no column {', '.join(missing)}. "
            f"Its columns are {', '.join(table.headings[:12])}.",
        )
    found = RegisterFile(table, body, heading_of, as_at)
    _refuse_other_numbers(found)
    return found


def _refuse_other_numbers(file: RegisterFile) -> None:
    """A file of another register with the same headings is told by its numbers."""
    form = registers()[file.body].number_format or ""
    wrong = rows = 0
    for row in file.table:
        number = plain_number(file.body, row.values.get(file.heading_of["number"], ""))
        rows, wrong = rows + 1, wrong + (not re.fullmatch(form, number))
    if rows == 0:
        raise Invalid("file_empty", "The file has headings and no rows.")
    if wrong * 2 > rows:
        raise Invalid(
            "register_file",
            f"{wrong:,} of {rows:,} numbers are no {file.body} numbers, such as "
            f"{registers()[file.body].example}: this looks like another register's file.",
        )


def _gmc_date(text: str) -> date | None:
    """The GMC writes ddmmyyyy; other forms come from people who opened the file."""
    if re.fullmatch(r"\d{7,8}", text):
        text = text.zfill(8)
        return read_date(f"{text[:2]}/{text[2:4]}/{text[4:]}")
    return read_date(text)


def _gmc(cells: Cells, as_at: datetime) -> Answer:
    said = cells.text("status")
    status = read_status("GMC", said)
    flags = (
        ("conditions", Status.CONDITIONS),
        ("undertakings", Status.UNDERTAKINGS),
        ("warnings", Status.WARNING),
        ("temporary", Status.TEMPORARY_EMERGENCY),
    )
    if effect_of(status) is Effect.STANDS:
        raised = (flagged for name, flagged in flags if cells.read(_flag, name))
        status = next(raised, status)
    specialist = cells.read(_gmc_date, "specialist_on")
    entries: list[dict[str, Any]] = []
    if specialist:
        entries.append(_annotation("SPECIALIST_REGISTER", cells.text("specialty")))
    if cells.read(_gmc_date, "gp_on"):
        entries.append(_annotation("GP_REGISTER", ""))
    return Answer(
        status=status,
        family_name=cells.text("family_name"),
        given_names=cells.text("given_names"),
        practising_right=_licence(read_status("GMC", said)),
        first_registered_on=cells.read(_gmc_date, "provisional_on", "full_on"),
        annotations=tuple(entries),
        as_at=as_at,
        said=said,
    )


def _flag(text: str) -> bool | None:
    return None if text.casefold() == "n/a" else read_yes_no(text)


def _licence(status: Status) -> bool | None:
    if status in (Status.REGISTERED_WITH_LICENCE, Status.PROVISIONAL):
        return True
    return False if status is Status.REGISTERED_NO_LICENCE else None


def _annotation(code: str, detail: str) -> dict[str, Any]:
    return {"code": code, "detail": detail} if detail else {"code": code}


def _nmc(cells: Cells, as_at: datetime) -> Answer:
    said, limits = cells.text("status"), cells.text("restrictions")
    status = read_status("NMC", said)
    if effect_of(status) is Effect.STANDS and plain(limits) not in _NONE:
        status, said = read_status("NMC", limits), f"{said}; {limits}"
        if effect_of(status) is Effect.STANDS:
            status = Status.UNKNOWN
    since = cells.read(read_date, "restricted_from")
    until = cells.read(read_date, "restricted_until")
    kind = _RESTRICTION.get(status)
    restriction = {
        "type": kind,
        **({"start": since.isoformat()} if since else {}),
        **({"end": until.isoformat()} if until else {}),
    }
    return Answer(
        status=status,
        family_name=cells.text("family_name"),
        given_names=cells.text("given_names"),
        date_of_birth=cells.read(read_date, "date_of_birth"),
        register_part=cells.text("part"),
        expires_on=cells.read(read_date, "expires_on"),
        first_registered_on=cells.read(read_date, "first_on"),
        restrictions=(restriction,) if kind and since else (),
        as_at=as_at,
        said=said,
    )


_READERS: Mapping[str, Callable[[Cells, datetime], Answer]] = {"GMC": _gmc, "NMC": _nmc}


def file_made_at(made_on: date | None, now: datetime) -> datetime:
    """The moment a register file counts from: the first of the day it was made on, now for one
    of today. Raises `Invalid` for a day that has not come, or is too long ago."""
    today = london_day(now)
    if made_on is None or made_on == today:
        return now
    days = watch_policy(today).file_days
    if made_on > today:
        raise Invalid("file_day", fields={"made_on": ["That day has not come."]})
    if made_on < today - timedelta(days=days):
        wrong = f"The file is more than {days} days old: download a new one."
        raise Invalid("file_day", fields={"made_on": [wrong]})
    return datetime.combine(made_on, time(), LONDON)
