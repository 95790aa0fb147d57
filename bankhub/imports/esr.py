"""ESR training exports: awards of the organisation's own people, row by row, safe to repeat.

Two layouts are known. A learner's own export names no learner: it is taken only for the person
whom the officer names. A team's export has a column for the person, and may hold people of other
teams and employers: each row is for the assignment number it names, or refused. Who updated a row
last is never taken for the learner (passport.md §4, case 27). docs/import-training.md has all
columns.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.people.training_rows import TrainingRow, take_training_row
from bankhub.imports.batches import Report, Said, Taken, attempts, take_all
from bankhub.model import reference
from bankhub.rules.eligibility.esr_competence import (
    Competence,
    NotACompetence,
    award_counted_back,
    read_competence,
    subject_of,
)
from passport.actors import Actor
from passport.db import Database
from passport.errors import Invalid
from passport.imports.cells import CellProblem, Cells, read_date
from passport.imports.tables import Row, Table
from passport.model.facts import FactKind, FactValue

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "competency": ("competency_name", "competence_name", "competency"),
    "expires_on": ("expiry_date", "date_expires"),
    "awarded_on": ("date_last_awarded", "date_awarded", "completion_date"),
    "started_on": ("date_start", "start_date"),
    "level": ("competence_level", "proficiency_level"),
    "assignment_number": ("assignment_number", "assignment", "employee_number"),
    "person": ("person", "employee", "learner", "employee_name", "learner_name", "full_name"),
}
"""Our field → ESR's headings for it. `Last Updated By` is none of them, on purpose."""
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: \d{1,2}:\d{2}(?::\d{2})?)?")
_NO_END = re.compile(r"no expiry|does not expire|n/a", re.IGNORECASE)
_TITLES = frozenset({"mr", "mrs", "miss", "ms", "mx", "dr", "prof", "professor", "sir", "rev"})


@dataclass(frozen=True, slots=True)
class TrainingSending:
    """Whose training is sent, by whom and when."""

    organisation_id: UUID
    by: Actor
    now: datetime
    dry_run: bool = False
    person: str = ""
    """Assignment number of the one person whose rows are taken."""


@dataclass
class TrainingReport(Report):
    """What an import came to, with a word on every row."""

    said: list[Said] = field(default_factory=list)


def find_training_columns(table: Table, person: str) -> dict[str, str]:
    """Our field → the file's heading. Raises `Invalid` where the file is no training export, or
    does not say whose it is."""
    found = {
        name: heading
        for name, headings in _COLUMNS.items()
        for heading in reversed(headings)
        if heading in table.fields
    }
    if "competency" not in found:
        raise Invalid(
            "file_columns",
            "This is no ESR training export: it has no column Competency Name. "
            f"Its columns are {', '.join(table.headings[:12])}.",
        )
    if not {"awarded_on", "started_on", "expires_on"} & set(found):
        raise Invalid("file_columns", "The file has no date: Date Last Awarded, Date Start or "
                      "Expiry Date.")  # fmt: skip
    if not person and not {"assignment_number", "person"} & set(found):
        raise Invalid(
            "file_person",
            "The file does not say whose training it is: name the person by assignment number. "
            "“Last Updated By” is who updated it, not who learned.",
            {"person": ["Enter the assignment number of the person whose export this is."]},
        )
    return found


def import_training(
    database: Database,
    table: Table,
    sending: TrainingSending,
    *,
    progress: Callable[[], None] = lambda: None,
) -> TrainingReport:
    """Take every row of a training export; `progress` is called after each."""
    columns = find_training_columns(table, sending.person)
    report = TrainingReport()
    newest = _newest(table, columns, sending.person)

    def take(session: Session, row: Row) -> Taken:
        said, notes = _read(row, columns, sending.person)
        day, line = newest[_key(said)]
        if line != row.line and day == said.award.awarded_on:
            raise Invalid("training_row", f"repeats the award of line {line}")
        if line != row.line:
            return Taken(None, (f"An older award than that of line {line}, which counts",))
        change = take_training_row(
            session, organisation_id=sending.organisation_id, row=said, by=sending.by,
            now=sending.now,
        )  # fmt: skip
        return Taken(change, notes)

    with attempts(database, dry_run=sending.dry_run) as attempt:
        for row, outcome in take_all(attempt, table, take):
            _count(report, row, outcome)
            progress()
    return report


def _newest(
    table: Table, columns: Mapping[str, str], person: str
) -> dict[tuple[str, ...], tuple[date, int]]:
    """The day and line of the newest award of each subject and level, person by person: a file
    may hold a history, in any order."""
    found: dict[tuple[str, ...], tuple[date, int]] = {}
    for row in table:
        with suppress(Invalid):
            said, _ = _read(row, columns, person)
            day = said.award.awarded_on or date.min
            if day > found.get(_key(said), (date.min, 0))[0]:
                found[_key(said)] = (day, row.line)
    return found


def _key(said: TrainingRow) -> tuple[str, ...]:
    value = said.award.value
    return said.assignment_number, value["subject"], str(value["level"]), *said.names


def _count(report: TrainingReport, row: Row, outcome: Taken | Said) -> None:
    if isinstance(outcome, Said):
        report.rows += 1
        report.refused.append(outcome)
        report.said.append(Said(row.line, f"Refused: {outcome.text}", row.cells))
        return
    report.count(outcome.change)
    report.notes.extend(Said(row.line, note, row.cells) for note in outcome.notes)
    done = {"added": "Taken", "changed": "Taken", "unchanged": "Already so"}
    words = [done.get(str(outcome.change), "Passed over"), *outcome.notes]
    report.said.append(Said(row.line, ". ".join(words), row.cells))


def _read(
    row: Row, columns: Mapping[str, str], person: str
) -> tuple[TrainingRow, tuple[str, ...]]:
    """What a row says, and what to say of it. Raises `Invalid`."""
    cells = Cells({name: row.values.get(heading, "") for name, heading in columns.items()})
    number, names = _whose(cells, columns, person)
    try:
        said = read_competence(cells.text("competency"))
        subject = subject_of(said, reference.esr_competences(), reference.esr_outside())
    except NotACompetence as problem:
        raise Invalid("training_row", str(problem)) from None
    awarded_on, derived, notes = _awarded(cells, said)
    value: dict[str, Any] = {
        "subject": subject.code,
        "level": subject.level,
        "framework": subject.framework,
        "competency": said.title,
    }
    if not subject.listed:
        value["title"] = said.title
    if derived:
        value["derived"] = True
    if cells.text("level").casefold() in ("1 - assessed", "assessed"):
        value["award_basis"] = "ASSESSMENT"
    award = FactValue(FactKind.TRAINING, value, awarded_on=awarded_on)
    notes += [subject.note] if subject.note else []
    return TrainingRow(number, award, subject.listed, names), tuple(notes)


def _whose(
    cells: Cells, columns: Mapping[str, str], person: str
) -> tuple[str, tuple[str, ...]]:
    """The assignment number and names a row is about; only those it says itself count."""
    number, names = cells.text("assignment_number").upper(), cells.text("person")
    left, bar, right = names.partition("|")
    if bar:
        number, names = number or left.strip().upper(), right.strip()
    said = {"assignment_number", "person"} & set(columns)
    if said and not number and not (names and person):
        raise Invalid("training_row", "the row does not say whose training it is")
    if person and number and number != person:
        raise Invalid("training_row", "is about another person")
    return number or person, _names(names)


def _names(text: str) -> tuple[str, ...]:
    """`Okafor, Dr Ada Grace` → the names without titles."""
    words = [part for half in text.split(",") for part in half.split()]
    return tuple(word for word in words if word.casefold().strip(".") not in _TITLES)


def _awarded(cells: Cells, said: Competence) -> tuple[date, bool, list[str]]:
    """The day of the award, whether it was counted back, and what to say of it."""
    awarded = cells.read(_read_day, "awarded_on", "started_on")
    expires = cells.read(_read_day, "expires_on")
    if cells.problems:
        raise Invalid("training_row", "; ".join(cells.problems))
    months = said.renewal_months
    if awarded is None and expires is not None and months:
        day = award_counted_back(expires, months)
        note = f"The file has no day of award: {day:%-d %B %Y} is {months} months before its expiry"
        return day, True, [note]
    if awarded is None:
        raise Invalid("training_row", "has no day of award, and none that can be counted back")
    if expires is not None and expires < awarded:
        raise Invalid("training_row", "expires before it was awarded")
    later = months and expires and award_counted_back(expires, months) > awarded
    note = "Its expiry speaks of a later award; the day of award that the file names counts"
    return awarded, False, [note] if later else []


def _read_day(text: str) -> date | None:
    """ESR's `30-Nov-2028` and `2025/12/02 00:00:00`; “No expiry” is none."""
    if _NO_END.fullmatch(text):
        return None
    if found := _SLASHED.fullmatch(text):
        return read_date("-".join(found.groups()))
    day = read_date(text)
    if day is not None and not 1950 <= day.year <= 2100:
        raise CellProblem(f"{text} is no day in anybody's working life")
    return day
