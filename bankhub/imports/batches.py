"""Rows of a file into deeds: some rows to a transaction, each row alone taken or refused.

A batch is short, so that nobody waits long for a long file; a row that is refused leaves nothing
behind and the others of its batch stand. A dry run does all of it and takes all of it back.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.changes import Change
from passport.db import Database, is_passing_failure
from passport.errors import Forbidden, Invalid, Problem, Refused
from passport.events import part
from passport.imports.tables import Row

T = TypeVar("T")
Attempt = Callable[[Callable[[Session], T]], T]
BATCH = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking one row came to. `change` None = the row is none of ours and passed over."""

    change: Change | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Something to tell about one row."""

    line: int
    text: str
    cells: tuple[str, ...]


@dataclass
class Report:
    """What an import came to."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    passed_over: int = 0
    refused: list[Said] = field(default_factory=list)
    notes: list[Said] = field(default_factory=list)
    links: int = 0
    """Memberships and successions put on record beside the rows."""

    def count(self, change: Change | None) -> None:
        """Count one row that was taken."""
        self.rows += 1
        if change is None:
            self.passed_over += 1
        else:
            setattr(self, change.value, getattr(self, change.value) + 1)


class _Undone(Exception):
    """Ends a dry run."""


@contextmanager
def attempts(database: Database, *, dry_run: bool) -> Iterator[Attempt[list[Taken | Said]]]:
    """How batches are carried out: each in its own transaction, or, in a dry run, all in one that
    is taken back at the end (later rows may need what earlier ones would have added)."""
    if not dry_run:
        yield database.attempt
        return
    with suppress(_Undone), database.transaction() as session:

        def together(deed: Callable[[Session], list[Taken | Said]]) -> list[Taken | Said]:
            came_of_it = deed(session)
            session.flush()
            session.expunge_all()
            return came_of_it

        yield together
        raise _Undone


def take_all(
    attempt: Attempt[list[Taken | Said]],
    rows: Iterable[Row],
    take: Callable[[Session, Row], Taken],
) -> Iterator[tuple[Row, Taken | Said]]:
    """Take the rows batch by batch; gives each row back with what came of it, once that stands."""
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        outcomes = attempt(lambda session, batch=batch: [_one(session, r, take) for r in batch])  # type: ignore[misc]
        yield from zip(batch, outcomes, strict=True)


def _one(session: Session, row: Row, take: Callable[[Session, Row], Taken]) -> Taken | Said:
    if row.problem:
        return Said(row.line, row.problem, row.cells)
    try:
        with part(session):
            return take(session, row)
    except Forbidden:
        raise
    except Problem as problem:
        return Said(row.line, words(problem), row.cells)
    except sa.exc.DBAPIError as error:
        if is_passing_failure(error) or not isinstance(error, sa.exc.IntegrityError):
            raise
        return Said(row.line, "somebody else changed this at the same moment: repeat", row.cells)


def words(problem: Problem) -> str:
    """A problem in one line, every field and reason named."""
    if isinstance(problem, Refused):
        return "; ".join(reason.text or reason.code for reason in problem.reasons)
    if isinstance(problem, Invalid) and problem.fields:
        return "; ".join(f"{name}: {', '.join(said)}" for name, said in problem.fields.items())
    return problem.detail or problem.code
