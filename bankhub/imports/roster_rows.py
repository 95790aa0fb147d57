"""One row of a roster file into what it says, or every reason why it says nothing."""

from collections.abc import Callable
from typing import Any

from bankhub.actions.rosters.rosters import Refusal
from bankhub.imports import roster_cells
from bankhub.imports.roster_columns import Columns
from bankhub.rules.shifts.roster_entries import NUMBER_MARK, RosterEntry, RosterStatus
from passport.imports.cells import Cells
from passport.imports.tables import Row

_LONGEST = {
    "reference": 80,
    "unit": 40,
    "shift_code": 12,
    "assignment_number": 40,
    "post_number": 40,
    "reason_text": 500,
    "notes": 2_000,
}
"""Characters that a cell may hold."""


def entry_of(row: Row, columns: Columns) -> RosterEntry | Refusal:
    """What the row says; a refusal names every cell that cannot be understood."""
    if row.problem:
        return Refusal(row.line, row.problem)
    cells = Cells(columns.values(row))
    for field, longest in _LONGEST.items():
        if len(cells.text(field)) > longest:
            cells.problems.append(f"{field}: is longer than {longest} characters")
    said = {**_which(cells), **_when(cells)}
    vacant = said["status"] is RosterStatus.VACANT
    said |= _wanted(cells) if vacant else {"role": _role_if_known(cells)}
    if cells.problems:
        return Refusal(row.line, "; ".join(cells.problems))
    return RosterEntry(line=row.line, stated=columns.stated, **said)


def status_of(cells: Cells) -> RosterStatus:
    """The row's status; without one, a row is filled where it names somebody."""
    stated = cells.read(roster_cells.status, "status")
    if stated is not None:
        return stated
    named = cells.text("assignment_number")
    return RosterStatus.FILLED if named else RosterStatus.VACANT


def _which(cells: Cells) -> dict[str, Any]:
    reference = cells.text("reference")
    if not reference:
        cells.problems.append("reference: is missing")
    if NUMBER_MARK in reference:
        cells.problems.append(f"reference: may not hold {NUMBER_MARK}")
    return {
        "reference": reference,
        "status": status_of(cells),
        "unit_code": cells.text("unit").upper(),
        "assignment_number": cells.text("assignment_number").upper(),
        "people": _needed(cells, roster_cells.people, "people", 1),
    }


def _when(cells: Cells) -> dict[str, Any]:
    nothing = (None, None)
    start_day, starts = _needed(cells, roster_cells.moment, "start", nothing)
    end_day, ends = _needed(cells, roster_cells.moment, "end", nothing)
    day = cells.read(roster_cells.day, "date")
    if day is None and not cells.text("date"):
        day = start_day
        if day is None:
            cells.problems.append("date: is missing")
    elif day is not None and start_day not in (None, day):
        cells.problems.append("start: names another day than date")
    start_pass, end_pass = _needed(cells, roster_cells.passes, "repeated_hour", nothing)
    return {
        "day": day,
        "last_day": cells.read(roster_cells.day, "end_date") or end_day,
        "shift_code": cells.text("shift_code"),
        "starts": starts,
        "ends": ends,
        "start_pass": start_pass,
        "end_pass": end_pass,
        "unpaid_break_minutes": cells.read(roster_cells.break_minutes, "unpaid_break"),
    }


def _wanted(cells: Cells) -> dict[str, Any]:
    return {
        "role": cells.read(roster_cells.role, "role") or "",
        "grade": cells.read(roster_cells.grade, "grade"),
        "fallback_grade": cells.read(roster_cells.grade, "fallback_grade"),
        "skills": _needed(cells, roster_cells.skills, "skills", ()),
        "reason": cells.read(roster_cells.reason, "reason"),
        "reason_text": cells.text("reason_text"),
        "post_number": cells.text("post_number"),
        "review_on": cells.read(roster_cells.day, "review_date"),
        "notes": cells.text("notes"),
    }


def _role_if_known(cells: Cells) -> str:
    """Of a row that asks for nobody: it may be a role that no shift here is posted for."""
    return Cells(cells.values).read(roster_cells.role, "role") or ""


def _needed(cells: Cells, read: Callable[[str], Any], field: str, empty: Any) -> Any:
    """What the cell says; where it is empty or cannot be understood, what an empty one does."""
    found = cells.read(read, field)
    return empty if found is None else found
