"""What a roster no longer asks for, and taking it back once somebody has confirmed it.

A reference is gone where the file holds its unit and day completely and does not name it. A shift
is also no longer asked for where its row names fewer people, is cancelled, or has become a filled
duty. Nothing is taken back unasked, and never a shift that somebody is booked on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.booking.hours import release_rostered
from bankhub.actions.permission import demand
from bankhub.actions.rosters.roster_vacancies import shifts_by_reference
from bankhub.actions.rosters.rosters import last_seen
from bankhub.actions.shifts import shift_changes
from bankhub.model.rosters import RosterRow
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import ShiftState
from bankhub.rules.permissions import Deed
from bankhub.rules.shifts.roster_entries import NUMBER_MARK, Cover, shift_references
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.events import record

BLOCK = 500
OPEN_TO_WITHDRAW = (ShiftState.DRAFT, ShiftState.SUBMITTED, ShiftState.OPEN)
BECAUSE = "No longer in the roster"


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says under one reference."""

    people: int
    filled: bool = False
    """A person is on the duty: if that is a booking made here, all is well."""


@dataclass(frozen=True, slots=True)
class GoneShift:
    """A shift ahead that the roster no longer asks for."""

    shift_id: UUID
    reference: str
    roster_reference: str
    unit_code: str
    starts_at: datetime
    booked: bool
    """Somebody is booked: the booking is to be cancelled by hand first."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What the roster no longer says."""

    shifts: tuple[GoneShift, ...] = ()
    duties: tuple[str, ...] = ()
    """References of duties and absences."""

    @property
    def open_shifts(self) -> tuple[GoneShift, ...]:
        """Those that can be withdrawn."""
        return tuple(shift for shift in self.shifts if not shift.booked)


def no_longer_asked(
    session: Session,
    *,
    said: Mapping[str, Said],
    named: frozenset[str],
    cover: Cover | None,
    by: Actor,
    now: datetime,
) -> Gone:
    """What the file no longer asks for. `said` has its rows by reference, `named` every reference
    in it, refused rows included: what was refused is not gone. Only reads."""
    demand(by, Deed.IMPORT_ROSTER)
    here = own_organisation(by)
    too_many: list[str] = []
    references = sorted(said)
    for start in range(0, len(references), BLOCK):
        for reference, people in _posted(session, references[start : start + BLOCK], here):
            too_many += shift_references(reference, said[reference].people + 1, people)
    gone = _covered(session, named, cover, here) if cover else []
    for row in gone:
        too_many += shift_references(row.reference, 1, row.people)
    shifts = _gone_shifts(session, too_many, said, here, now)
    return Gone(tuple(shifts), tuple(row.reference for row in gone if row.people == 0))


def _posted(
    session: Session, references: Sequence[str], organisation_id: UUID
) -> Iterable[tuple[str, int]]:
    """References under which shifts were posted, and how many."""
    found = session.execute(
        sa.select(RosterRow.reference, RosterRow.people).where(
            RosterRow.organisation_id == organisation_id,
            RosterRow.reference.in_(references),
            RosterRow.people > 0,
        )
    )
    return [(reference, people) for reference, people in found]


def _covered(
    session: Session, named: frozenset[str], cover: Cover, organisation_id: UUID
) -> list[RosterRow]:
    """Rows last seen in the units and period the file holds, that it does not name."""
    found = session.scalars(
        sa.select(RosterRow)
        .where(
            RosterRow.organisation_id == organisation_id,
            RosterRow.day >= cover.first,
            RosterRow.day <= cover.last,
            RosterRow.unit_code.in_(cover.units),
        )
        .order_by(RosterRow.day, RosterRow.reference)
        .execution_options(yield_per=BLOCK)
    )
    return [row for row in found if row.reference not in named]


def _gone_shifts(
    session: Session,
    references: Sequence[str],
    said: Mapping[str, Said],
    organisation_id: UUID,
    now: datetime,
) -> Iterable[GoneShift]:
    """Of these shifts those that are wanted here and lie ahead, by start."""
    gone = []
    for start in range(0, len(references), BLOCK):
        rows = session.execute(
            sa.select(Shift, Unit.code)
            .join(Unit, Unit.id == Shift.unit_id)
            .where(
                Shift.organisation_id == organisation_id,
                Shift.roster_reference.in_(references[start : start + BLOCK]),
                Shift.state.in_((*OPEN_TO_WITHDRAW, ShiftState.FILLED)),
                Shift.starts_at > now,
            )
        )
        for shift, unit_code in rows:
            named = shift.roster_reference or ""
            booked = shift.state is ShiftState.FILLED
            base = said.get(named.partition(NUMBER_MARK)[0], Said(0))
            if not (booked and base.filled):
                gone.append(
                    GoneShift(
                        shift.id, shift.reference, named, unit_code, shift.starts_at, booked
                    )
                )
    return sorted(gone, key=lambda shift: (shift.starts_at, shift.roster_reference))


def take_back(
    session: Session,
    *,
    shifts: Sequence[GoneShift],
    duties: Sequence[str],
    by: Actor,
    now: datetime,
) -> tuple[int, int]:
    """Withdraw the shifts nobody is booked on by now, and take the duties off the ledger.

    A withdrawal close to the start still counts as unfilled: that the need itself ended is for a
    person to say. The references are free again, so that a row that comes back is posted anew.
    Returns how many shifts were withdrawn and how many rows left the ledger.
    """
    demand(by, Deed.IMPORT_ROSTER)
    here = own_organisation(by)
    held_by = dict.fromkeys(duties)
    released = release_rostered(session, held_by=held_by, by=by, now=now) if held_by else 0
    locked = _still_open(session, [shift.shift_id for shift in shifts], here)
    freed = [shift.roster_reference or "" for shift in locked]
    for shift in locked:
        shift_changes.withdraw(
            session, shift_id=shift.id, because=BECAUSE, need_ended=False, by=by, now=now
        )
        shift.roster_reference = None
    if freed:
        record(session, "roster.withdrawn", subject_id=here, by=by, now=now, references=freed)
    session.flush()
    _forget(session, freed, duties, here)
    return len(freed), released


def _still_open(
    session: Session, shift_ids: Sequence[UUID], organisation_id: UUID
) -> Sequence[Shift]:
    return session.scalars(
        sa.select(Shift)
        .where(
            Shift.id.in_(shift_ids),
            Shift.organisation_id == organisation_id,
            Shift.state.in_(OPEN_TO_WITHDRAW),
        )
        .order_by(Shift.id)
        .with_for_update()
    ).all()


def _forget(
    session: Session, freed: Sequence[str], duties: Sequence[str], organisation_id: UUID
) -> None:
    """A reference that comes back is asked anew; of several people, so many fewer are known."""
    bases = {one.partition(NUMBER_MARK)[0] for one in freed}
    for reference, row in last_seen(session, [*bases, *duties], organisation_id).items():
        numbered = shift_references(reference, 1, row.people)
        standing = shifts_by_reference(session, numbered, organisation_id)
        row.people = max(
            (number for number, one in enumerate(numbered, start=1) if one in standing), default=0
        )
        if not row.people:
            session.delete(row)
