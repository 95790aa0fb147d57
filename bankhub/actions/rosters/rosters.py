"""The rows of a roster against what is on record: what they come to, and doing it.

Rows come some hundred at a time. `look` only reads. `take` makes the same comparison, locks, and
writes, and in the same transaction moves the watermark of the file: whatever ends the process,
the rows up to the watermark are taken, once, and no row behind it is.

Locks are taken in the order of the house: the organisation (so that two files of one organisation
follow each other), workers, then shifts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking.hours import (
    RosteredTime,
    look_rostered,
    periods_known,
    put_rostered,
    release_rostered,
)
from bankhub.actions.permission import demand
from bankhub.actions.rosters.roster_duties import Duties
from bankhub.actions.rosters.roster_vacancies import Asked, Vacancies
from bankhub.actions.settings.policies import policy_book
from bankhub.actions.shifts.posting import Shared
from bankhub.actions.shifts.shift_codes import code_times
from bankhub.model.rosters import RosterImport, RosterRefusal, RosterRow, RosterState
from bankhub.rules.permissions import Deed
from bankhub.rules.shifts.roster_entries import OF_A_PERSON, Cover, RosterEntry, RosterStatus
from passport import batch
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound, Reason
from passport.model.organisations import Organisation

COUNTED = (
    "rows",
    "new",
    "shifts",
    "retrospective",
    "amended",
    "unchanged",
    "refused",
    "passed_over",
    "not_on_bank",
    "hours_new",
    "hours_changed",
    "hours_released",
)
"""What is counted: rows, but for `shifts` (posted), `retrospective` (of these, started already)
and the three of the Hours ledger. A row is exactly one of new, amended, unchanged, refused,
passed over (a day off, a cancelled duty), not on the bank, or among the Hours."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line of the file is not taken."""

    line: int
    because: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What some rows come to."""

    counts: Counter[str]
    refused: tuple[Refusal, ...]


def look(
    session: Session,
    *,
    lines: Sequence[RosterEntry | Refusal],
    shared: Shared | None = None,
    by: Actor,
    now: datetime,
) -> Looked:
    """What taking these rows would come to. Nothing is written or locked."""
    demand(by, Deed.IMPORT_ROSTER)
    rows = _Rows(session, lines, by, now, shared)
    rows.plan_people()
    rows.plan_vacancies()
    if rows.times:
        rows.count_hours(look_rostered(session, rows=rows.times, by=by, now=now))
    return Looked(rows.counts, tuple(rows.refused))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is."""

    rows_done: int
    state: RosterState


def take(
    session: Session,
    *,
    import_id: UUID,
    after: int,
    lines: Sequence[RosterEntry | Refusal],
    cover: Cover | None,
    shared: Shared | None = None,
    by: Actor,
    now: datetime,
) -> Progress:
    """Take the rows that follow row `after` of the file, and move its watermark.

    Where the file is further already (another process takes it too) nothing is done; the answer
    says where it is. Raises `NotFound` for another organisation's file.
    """
    demand(by, Deed.IMPORT_ROSTER)
    file = locked_import(session, import_id, by)
    if file.rows_done != after or file.state is RosterState.DONE:
        return Progress(file.rows_done, file.state)
    rows = _Rows(session, lines, by, now, shared)
    rows.carry_out(cover, as_at=file.as_at)
    refused = [(file.id, one.line, one.because) for one in rows.refused]
    batch.insert_many(session, RosterRefusal, ("import_id", "line", "because"), refused)
    file.state = RosterState.RUNNING
    file.rows_done += len(lines)
    file.counts = dict(Counter(file.counts) + rows.counts)
    return Progress(file.rows_done, file.state)


def locked_import(session: Session, import_id: UUID, by: Actor) -> RosterImport:
    """The organisation's import under a lock; the imports of one organisation wait in line."""
    here = own_organisation(by)
    session.execute(
        sa.select(Organisation.id).where(Organisation.id == here).with_for_update(key_share=True)
    )
    found = session.scalar(
        sa.select(RosterImport)
        .where(RosterImport.id == import_id, RosterImport.organisation_id == here)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


class _Rows:
    """Some rows of one file."""

    def __init__(
        self,
        session: Session,
        lines: Sequence[RosterEntry | Refusal],
        by: Actor,
        now: datetime,
        shared: Shared | None,
    ) -> None:
        self.session, self.by, self.now = session, by, now
        self.here = own_organisation(by)
        self.entries = [line for line in lines if isinstance(line, RosterEntry)]
        self.refused = [line for line in lines if isinstance(line, Refusal)]
        self.counts = Counter({"rows": len(lines), "refused": len(self.refused)})
        self.seen = last_seen(session, [entry.reference for entry in self.entries], self.here)
        self.taken: list[RosterEntry] = []
        self.asked: list[Asked] = []
        self.times: list[RosteredTime] = []
        codes = code_times(session, self.here)
        self.duties = Duties(
            session,
            [entry for entry in self.entries if entry.status in OF_A_PERSON],
            organisation_id=self.here,
            codes=codes,
            policies=policy_book(session, self.here),
        )
        vacant = (e for e in self.entries if e.status is RosterStatus.VACANT)
        self.vacant = [entry for entry in vacant if not self._is_seen(entry)]
        self.vacancies = Vacancies(
            session, self.vacant, codes=codes, by=by, now=now, shared=shared
        )

    def _is_seen(self, entry: RosterEntry) -> bool:
        known = self.seen.get(entry.reference)
        return known is not None and known.digest == entry.digest

    def plan_people(self) -> None:
        """Say of each row that asks for no shift what it comes to."""
        for entry in self.entries:
            if self._is_seen(entry):
                self.counts["unchanged"] += 1
            elif entry.status in OF_A_PERSON:
                self._plan_time(entry)
            elif entry.status is not RosterStatus.VACANT:
                self.counts["passed_over"] += 1
                self.taken.append(entry)

    def plan_vacancies(self) -> None:
        """Say of each vacant row what it comes to."""
        for entry in self.vacant:
            self._plan_vacancy(entry)

    def _plan_time(self, entry: RosterEntry) -> None:
        person_id = self.duties.person_of(entry)
        if person_id is None:
            self.counts["not_on_bank"] += 1
            self.taken.append(entry)
            return
        if self.duties.is_booked(entry):
            self.counts["unchanged"] += 1
            self.taken.append(entry)
            return
        time = self.duties.time_of(entry, person_id)
        if isinstance(time, RosteredTime):
            self.times.append(time)
            self.taken.append(entry)
        else:
            self._refuse(entry, time)

    def _plan_vacancy(self, entry: RosterEntry) -> None:
        asked = self.vacancies.ask(entry)
        if not isinstance(asked, Asked):
            self._refuse(entry, asked)
            return
        self.taken.append(entry)
        if asked.changes_nothing:
            self.counts["unchanged"] += 1
            return
        self.asked.append(asked)
        new = len(asked.posted) == entry.people
        self.counts["new" if new else "amended"] += 1
        self.counts["shifts"] += len(asked.posted)
        if asked.checked.request.shift.starts_at <= self.now:
            self.counts["retrospective"] += len(asked.posted)

    def _refuse(self, entry: RosterEntry, reasons: Sequence[Reason]) -> None:
        self.counts["refused"] += 1
        self.refused.append(Refusal(entry.line, " ".join(map(_in_words, reasons))))

    def count_hours(self, counts: dict[str, int]) -> None:
        """Rows of the ledger: new, changed, and those it holds just so."""
        self.counts["hours_new"] += counts["new"]
        self.counts["hours_changed"] += counts["changed"]
        self.counts["unchanged"] += counts["same"]

    def carry_out(self, cover: Cover | None, *, as_at: datetime) -> None:
        """Do what the rows come to, and remember them."""
        self.plan_people()
        self._write_times()
        self.vacancies.lock_changed(self.vacant)
        self.plan_vacancies()
        self.vacancies.write(self.asked)
        self._know_periods(cover, as_at)
        self._remember()

    def _write_times(self) -> None:
        """People's rows come first: their workers' locks stand before any shift's."""
        by, now = self.by, self.now
        again = [e for e in (*self.taken, *self.vacant) if e.reference in self.seen]
        told = {e.reference for e in again if not self._is_refused(e)}
        held: dict[str, UUID | None] = dict.fromkeys(told)
        held |= {time.reference: time.person_id for time in self.times if time.reference in told}
        if held:
            self.counts["hours_released"] += release_rostered(
                self.session, held_by=held, by=by, now=now
            )
        if self.times:
            self.count_hours(put_rostered(self.session, rows=self.times, by=by, now=now))

    def _is_refused(self, entry: RosterEntry) -> bool:
        vacant = entry.status is RosterStatus.VACANT
        return vacant and not isinstance(self.vacancies.ask(entry), Asked)

    def _know_periods(self, cover: Cover | None, as_at: datetime) -> None:
        refused = {one.line for one in self.refused}
        told = (e for e in self.entries if e.status in OF_A_PERSON and e.line not in refused)
        periods: dict[UUID, tuple[date, date]] = self.duties.periods(told)
        if cover is not None:
            periods = dict.fromkeys(periods, (cover.first, cover.last))
        if periods:
            periods_known(self.session, periods=periods, as_at=as_at, by=self.by, now=self.now)

    def _remember(self) -> None:
        """What was last seen under each reference that was taken."""
        fresh: list[tuple[Any, ...]] = []
        for entry in self.taken:
            known = self.seen.get(entry.reference)
            busy = entry.status in OF_A_PERSON and self.duties.person_of(entry) is not None
            lasting = entry.asked > 0 or busy
            digest = entry.digest if lasting else ""
            if known is not None:
                known.digest, known.people = digest, max(known.people, entry.asked)
                known.unit_code, known.day = entry.unit_code, entry.day
            elif lasting:
                fresh.append(
                    (self.here, entry.reference, digest, entry.asked, entry.unit_code, entry.day)
                )
        columns = ("organisation_id", "reference", "digest", "people", "unit_code", "day")
        batch.insert_many(self.session, RosterRow, columns, fresh)


def _in_words(reason: Reason) -> str:
    """The reason and what clears it."""
    said = reason.text or reason.code
    return f"{said} {reason.cure.act}" if reason.cure else said


def last_seen(
    session: Session, references: Sequence[str], organisation_id: UUID
) -> dict[str, RosterRow]:
    """Reference → what the organisation's roster last said under it."""
    found = session.scalars(
        sa.select(RosterRow).where(
            RosterRow.organisation_id == organisation_id, RosterRow.reference.in_(references)
        )
    )
    return {row.reference: row for row in found}
