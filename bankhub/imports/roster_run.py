"""Looking at what a roster file would come to, and taking it.

Rows are taken in order, some hundred to a transaction that also moves the file's watermark. A
process that is killed leaves the rows up to the watermark taken and no other; the same file begun
again goes on behind it. Two processes that take the same file share it: each asks where it is.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.people.import_mappings import ROSTER, mapping_of, remember_mapping
from bankhub.actions.rosters import roster_files, rosters
from bankhub.actions.rosters.roster_gaps import Gone, no_longer_asked, take_back
from bankhub.actions.rosters.rosters import Progress, Refusal
from bankhub.actions.shifts.posting import Shared
from bankhub.imports.roster import Line, RosterFile
from bankhub.model.rosters import RosterImport, RosterState
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.db import Database

CHUNK = 500
"""Rows to a transaction: short enough that nobody waits for it, long enough to be quick."""
WITHDRAWN_AT_ONCE = 100
_ALL = 10**9


@dataclass(frozen=True, slots=True)
class Report:
    """What taking a file came to so far, or would come to."""

    counts: Counter[str]
    refused: Mapping[int, str]
    """Line of the file → why it was refused."""
    gone: Gone = field(default_factory=Gone)
    """What the roster no longer asks for; told when every row was gone through."""
    import_id: UUID | None = None
    rows_done: int = 0
    done: bool = True
    notes: tuple[str, ...] = ()
    """What is to be known of the file as a whole."""


def remembered_columns(database: Database, *, by: Actor) -> dict[str, str]:
    """Our field → the heading that the actor's organisation uses for it."""
    with database.reading() as session:
        here = own_organisation(by)
        return mapping_of(session, organisation_id=here, kind=ROSTER, by=by)


def remember_columns(
    database: Database, told: Mapping[str, str], *, by: Actor, now: datetime
) -> None:
    """Remember what was told of the columns, for the next file."""
    here = own_organisation(by)
    database.attempt(
        lambda session: remember_mapping(
            session, organisation_id=here, kind=ROSTER, columns=told, by=by, now=now
        )
    )


def preview(
    database: Database,
    file: RosterFile,
    *,
    by: Actor,
    now: datetime,
    step: Callable[[int], None] = lambda rows: None,
) -> Report:
    """What taking the whole file would come to. Only reads, and holds nobody up."""
    counts = Counter(dict.fromkeys(rosters.COUNTED, 0))
    refused: list[Refusal] = []
    shared = Shared()
    lines = file.lines()
    while chunk := list(islice(lines, CHUNK)):
        with database.reading() as session:
            looked = rosters.look(session, lines=chunk, shared=shared, by=by, now=now)
        counts += looked.counts
        refused += looked.refused
        step(len(chunk))
    because = {one.line: one.because for one in sorted(refused, key=lambda one: one.line)}
    gone = _gone(database, file, set(because), by, now)
    all_counts = Counter({**dict.fromkeys(rosters.COUNTED, 0), **counts, **_gone_counts(gone)})
    return Report(all_counts, because, gone, rows_done=file.table.rows, notes=file.notes)


def run(
    database: Database,
    file: RosterFile,
    *,
    by: Actor,
    now: datetime,
    import_id: UUID | None = None,
    withdraw_vanished: bool = False,
    most_rows: int | None = None,
    step: Callable[[int], None] = lambda rows: None,
) -> Report:
    """Take the file, or go on with it; at most about `most_rows` rows this time.

    Without `import_id` the same file is gone on with where it was interrupted. What the roster
    no longer asks for is told, and taken back only with `withdraw_vanished`.
    """
    begun = _begun(database, file, import_id, by, now)
    taking = _Taking(database, file, begun.id, by, now)
    done, state, until = begun.rows_done, begun.state, begun.rows_done + (most_rows or _ALL)
    step(done)
    lines, gone = file.lines(done), None
    while state is not RosterState.DONE and done < until:
        chunk = list(islice(lines, CHUNK))
        if not chunk:
            gone = taking.finish(withdraw_vanished)
            break
        progress = taking.take(done, chunk)
        if progress.rows_done != done + len(chunk):
            lines = file.lines(progress.rows_done)
        step(progress.rows_done - done)
        done, state = progress.rows_done, progress.state
    return _report(database, begun.id, gone, by)


def _begun(
    database: Database, file: RosterFile, import_id: UUID | None, by: Actor, now: datetime
) -> RosterImport:
    if import_id is not None:
        with database.reading() as session:
            return roster_files.import_of(session, import_id=import_id, by=by)
    return database.attempt(
        lambda session: roster_files.begin(session, file=file.facts, by=by, now=now)
    )


def _report(database: Database, import_id: UUID, gone: Gone | None, by: Actor) -> Report:
    with database.reading() as session:
        row = roster_files.import_of(session, import_id=import_id, by=by)
        refused = roster_files.refusals(session, import_id=import_id, by=by)
    done = row.state is RosterState.DONE
    counts = roster_files.counts_of(row)
    return Report(counts, refused, gone or Gone(), row.id, row.rows_done, done)


@dataclass(frozen=True)
class _Taking:
    """One process that takes one file."""

    database: Database
    file: RosterFile
    import_id: UUID
    by: Actor
    now: datetime
    shared: Shared = field(default_factory=Shared)

    def take(self, after: int, lines: Sequence[Line]) -> Progress:
        """The next rows. Somebody may post under the same reference at the same moment: then it
        is known when they are tried once more."""

        def deed(session: Session) -> Progress:
            return rosters.take(
                session,
                import_id=self.import_id,
                after=after,
                lines=lines,
                cover=self.file.cover,
                shared=self.shared,
                by=self.by,
                now=self.now,
            )

        try:
            return self.database.attempt(deed)
        except sa.exc.IntegrityError:
            return self.database.attempt(deed)

    def finish(self, withdraw_vanished: bool) -> Gone:
        """Ask what the roster no longer says, take it back if so told, and close the import.
        Returns what stands although the roster no longer says it."""
        by, now = self.by, self.now
        with self.database.reading() as session:
            refused = roster_files.refusals(session, import_id=self.import_id, by=by)
        gone = _gone(self.database, self.file, set(refused), by, now)
        counts = _gone_counts(gone)
        if withdraw_vanished:
            counts |= self._take_back(gone)
            gone = Gone(tuple(shift for shift in gone.shifts if shift.booked))
        self.database.attempt(
            lambda session: roster_files.finish(
                session, import_id=self.import_id, counts=counts, by=by, now=now
            )
        )
        return gone

    def _take_back(self, gone: Gone) -> dict[str, int]:
        """In short transactions; what was not reached is told again by the next run."""
        counts = {"withdrawn": 0, "hours_taken_back": 0}
        shifts, duties = gone.open_shifts, gone.duties
        for start in range(0, max(len(shifts), len(duties)), WITHDRAWN_AT_ONCE):
            block = slice(start, start + WITHDRAWN_AT_ONCE)

            def deed(session: Session, block: slice = block) -> tuple[int, int]:
                return take_back(
                    session,
                    shifts=shifts[block],
                    duties=duties[block],
                    by=self.by,
                    now=self.now,
                )

            withdrawn, released = self.database.attempt(deed)
            counts["withdrawn"] += withdrawn
            counts["hours_taken_back"] += released
        return counts


def _gone(
    database: Database, file: RosterFile, refused: set[int], by: Actor, now: datetime
) -> Gone:
    with database.reading() as session:
        return no_longer_asked(
            session,
            said=file.said_but(refused),
            named=frozenset(file.first_line),
            cover=file.cover,
            by=by,
            now=now,
        )


def _gone_counts(gone: Gone) -> dict[str, int]:
    booked = len(gone.shifts) - len(gone.open_shifts)
    return {"vanished": len(gone.shifts) + len(gone.duties), "vanished_booked": booked}
