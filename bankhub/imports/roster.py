"""Roster files: shifts to post, duties and absences for the Hours ledger.

Here a file is opened, looked through once, and read row by row; `roster_run` takes its rows and
`roster_uploads` does so for files that came through the browser.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

from bankhub.actions.rosters.roster_files import FileFacts
from bankhub.actions.rosters.roster_gaps import Said
from bankhub.actions.rosters.rosters import Refusal
from bankhub.imports import roster_cells
from bankhub.imports.roster_columns import HANDED_BACK, Columns, columns_of
from bankhub.imports.roster_rows import entry_of, status_of
from bankhub.rules.shifts.roster_entries import Cover, RosterEntry, RosterStatus
from passport.errors import Invalid
from passport.imports.cells import CellProblem, Cells, read_date
from passport.imports.tables import Row, Table, csv_lines, open_table

Line = RosterEntry | Refusal


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A roster file that was looked through and found sound."""

    name: str
    table: Table
    columns: Columns
    cover: Cover | None
    first_line: Mapping[str, int]
    """Reference → the line on which it stands first."""
    said: Mapping[str, Said]
    """Reference → what its row asks for, where that can be understood."""
    digest: str
    notes: tuple[str, ...] = field(default=())

    def lines(self, after: int = 0) -> Iterator[Line]:
        """The rows behind row `after`, each read or refused."""
        for row in islice(self.table, after, None):
            entry = entry_of(row, self.columns)
            if isinstance(entry, RosterEntry):
                first = self.first_line.get(entry.reference, row.line)
                if first != row.line:
                    yield Refusal(row.line, f"repeats the reference of line {first}")
                    continue
            yield entry

    @property
    def facts(self) -> FileFacts:
        """For its record."""
        covers = self.cover and {
            "units": sorted(self.cover.units),
            "from": self.cover.first.isoformat(),
            "to": self.cover.last.isoformat(),
        }
        reading = {"columns": dict(self.columns.heading_of), "covers": covers}
        return FileFacts(self.name, self.digest, self.table.rows, reading)

    def said_but(self, refused_lines: set[int]) -> dict[str, Said]:
        """`said` without the rows that were refused: nothing follows from those."""
        return {
            reference: said
            for reference, said in self.said.items()
            if self.first_line[reference] not in refused_lines
        }


@dataclass(frozen=True, slots=True)
class Told:
    """What the sender says beside the file."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our field → the file's heading."""
    units: Sequence[str] = ()
    """Codes of the units that the file holds completely…"""
    first: date | None = None
    """…from this day…"""
    last: date | None = None
    """…to this one."""


def open_roster(
    source: BinaryIO, name: str, *, told: Told, remembered: Mapping[str, str] | None = None
) -> RosterFile:
    """Look a roster file through. Raises `Invalid`: one message, and nothing is taken."""
    table = open_table(source, remarked=True)
    columns = columns_of(table, told.columns, remembered)
    cover = _cover(table.remarks, told)
    first_line: dict[str, int] = {}
    said: dict[str, Said] = {}
    for row in table:
        cells = Cells(columns.values(row))
        reference = cells.text("reference")
        if reference and reference not in first_line:
            first_line[reference] = row.line
            if (asked := _said(cells)) is not None:
                said[reference] = asked
    notes = list(table.notes)
    if columns.unused:
        notes.append(f"Columns nobody reads: {', '.join(columns.unused)}.")
    return RosterFile(
        name=name,
        table=table,
        columns=columns,
        cover=cover,
        first_line=first_line,
        said=said,
        digest=_digest(source, columns, cover),
        notes=tuple(notes),
    )


_NOBODY, _ONE, _FILLED = Said(0), Said(1), Said(0, filled=True)


def _said(cells: Cells) -> Said | None:
    status = status_of(cells)
    try:
        people = roster_cells.people(cells.text("people"))
    except CellProblem:
        return None
    if cells.problems:
        return None
    if status is RosterStatus.FILLED:
        return _FILLED
    if status is not RosterStatus.VACANT:
        return _NOBODY
    return _ONE if people == 1 else Said(people)


_REMARK = re.compile(r"(units?|from|to|period)(?: covered)?\s*:\s*(.*)", re.IGNORECASE)


def _cover(remarks: Sequence[str], told: Told) -> Cover | None:
    """The units and the period the file holds completely, as told, else by its first lines."""
    units: list[str] = []
    days: dict[str, date | None] = {"from": None, "to": None}
    for remark in remarks:
        found = _REMARK.fullmatch(remark.rstrip(" ,;"))
        if found is None:
            continue
        word, rest = found[1].casefold(), found[2]
        if word.startswith("unit"):
            units += [code for code in re.split(r"[,;\s]+", rest) if code]
        elif word == "period":
            first, _, last = rest.partition(" to ")
            days = {"from": _remarked_day(first), "to": _remarked_day(last)}
        else:
            days[word] = _remarked_day(rest)
    units = list(told.units) or units
    first_day, last_day = told.first or days["from"], told.last or days["to"]
    if not units and first_day is None and last_day is None:
        return None
    if not units or first_day is None or last_day is None or last_day < first_day:
        raise Invalid(
            "roster_cover",
            "Say which units the file holds completely, from which day, and to which: all three, "
            "or none of them.",
        )
    return Cover(frozenset(code.upper() for code in units), first_day, last_day)


def _remarked_day(text: str) -> date | None:
    try:
        return read_date(text.strip(" ,;"))
    except CellProblem as problem:
        raise Invalid("roster_cover", f"The file’s first lines: {problem}.") from problem


def _digest(source: BinaryIO, columns: Columns, cover: Cover | None) -> str:
    """Of the content and of how it is read: with another mapping it is another file."""
    digest = hashlib.sha256(repr((sorted(columns.heading_of.items()), _covers(cover))).encode())
    source.seek(0)
    while chunk := source.read(64 * 1024):
        digest.update(chunk)
    return digest.hexdigest()


def _covers(cover: Cover | None) -> Any:
    return cover and (sorted(cover.units), cover.first.isoformat(), cover.last.isoformat())


def refused_csv(file: RosterFile, refused: Mapping[int, str]) -> Iterator[str]:
    """The refused rows as a CSV of the same layout, with their line and reason behind."""
    kept = [
        place for place, name in enumerate(file.table.fields) if name not in HANDED_BACK
    ]

    def rows() -> Iterator[list[object]]:
        for row in file.table:
            if row.line in refused:
                cells = [_cell(row, place) for place in kept]
                yield [*cells, row.line, refused[row.line]]

    headings = [file.table.headings[place] for place in kept]
    return csv_lines([*headings, *HANDED_BACK], rows(), delimiter=file.table.delimiter)


def _cell(row: Row, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""
