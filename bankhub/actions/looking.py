"""Looking at a shift without locks, locking a worker, and asking the rules about the two."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.pay import PayBook
from bankhub.actions.policies import PolicyBook
from bankhub.actions.terms import stamp, terms
from bankhub.actions.worker_facts import (
    LOCK_WORKER,
    ONE_WORKER,
    LoadedWorker,
    assemble,
    one_worker_values,
)
from bankhub.model.shifts import Opening, Shift
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import (
    Grade,
    RequestReason,
    ShiftState,
    StaffGroup,
    Tier,
)
from bankhub.rules import eligibility
from bankhub.rules.bank_before_agency import is_open
from bankhub.rules.shift_times import london_day
from passport import batch
from passport.batch import Prepared
from passport.errors import NotFound, Reason

_LOOK = Prepared(
    sa.select(
        Shift.id,
        Shift.organisation_id,
        Shift.site_id,
        Shift.unit_id,
        Shift.staff_group,
        Shift.role,
        Shift.grade,
        Shift.starts_at,
        Shift.ends_at,
        Shift.unpaid_break_minutes,
        Shift.fallback_grade,
        Shift.skills,
        Shift.reason,
        Shift.state,
        Shift.version,
        Shift.instant_book,
        Shift.agency_lock_at,
        Shift.reference,
        Shift.retrospective,
        stamp(Shift.organisation_id.expression),
        Opening.tier,
        Opening.opens_at,
        Opening.why,
    )
    .outerjoin(Opening, sa.and_(Opening.shift_id == Shift.id, Opening.replaced_at.is_(None)))
    .where(Shift.id == sa.bindparam("shift_id"))
)
"""The shift beside each of its openings, and whether its organisation's terms have changed."""

@dataclass(frozen=True, slots=True)
class SeenShift:
    """A shift as a look without locks found it."""

    facts: ShiftFacts
    openings: tuple[PlannedOpening, ...]
    version: int
    instant_book: bool
    agency_lock_at: datetime | None
    reference: str
    retrospective: bool
    """Asked for after its start: only the bank office can say who worked it."""
    policies: PolicyBook
    pay: PayBook

    def place_is_free(self, now: datetime) -> bool:
        """Open, or held by an agency booking that the bank may still displace."""
        if self.facts.state is ShiftState.OPEN:
            return True
        held_by_agency = self.facts.state is ShiftState.FILLED and self.agency_lock_at is not None
        return held_by_agency and now < self.agency_lock_at  # type: ignore[operator]

    def grades_open(self, now: datetime) -> frozenset[Grade]:
        """Grades that the own bank may be booked at now."""
        grades = {self.facts.grade} if is_open(Tier.OWN_BANK, self.openings, now) else set()
        if self.facts.fallback_grade and is_open(Tier.OWN_FALLBACK, self.openings, now):
            grades.add(self.facts.fallback_grade)
        return frozenset(grades)


def look(session: Session, shift_id: UUID) -> SeenShift:
    """The shift, its openings, its organisation's policies and rates; no locks."""
    (shift,) = batch.run(session, (_LOOK, {"shift_id": shift_id}))
    if not shift.rows:
        raise NotFound
    row = shift.rows[0]
    facts = ShiftFacts(
        id=row[0],
        organisation_id=row[1],
        site_id=row[2],
        unit_id=row[3],
        staff_group=StaffGroup(row[4]),
        role=row[5],
        grade=Grade(row[6]),
        starts_at=row[7],
        ends_at=row[8],
        unpaid_break_minutes=row[9],
        fallback_grade=Grade(row[10]) if row[10] else None,
        skills=frozenset(row[11]),
        reason=RequestReason(row[12]),
        state=ShiftState(row[13]),
    )
    held = terms(session, facts.organisation_id, seen=row[19])
    return SeenShift(
        facts=facts,
        openings=tuple(
            PlannedOpening(Tier(tier), opens_at, why)
            for tier, opens_at, why in (one[20:] for one in shift.rows)
            if tier is not None
        ),
        version=row[14],
        instant_book=row[15],
        agency_lock_at=row[16],
        reference=row[17],
        retrospective=row[18],
        policies=held.policies,
        pay=held.pay(),
    )


def lock_and_load(
    session: Session, *, holder_id: UUID, seen: SeenShift, now: datetime
) -> LoadedWorker:
    """Lock the worker, then read what the rules need of them, in one round trip.

    `NotFound` where the human holds no post with the shift's organisation.
    """
    values = one_worker_values(
        holder_id=holder_id,
        organisation_id=seen.facts.organisation_id,
        starts_at=seen.facts.starts_at,
        now=now,
    )
    results = batch.run(
        session,
        (LOCK_WORKER, {"holder_id": holder_id}),
        *((prepared, values) for prepared in ONE_WORKER),
    )
    loaded = assemble(*(result.rows for result in results[1:])).get(holder_id)
    if loaded is None:
        raise NotFound
    return loaded


def why_not(seen: SeenShift, worker: LoadedWorker, now: datetime) -> list[Reason]:
    """Every reason, notes included, why this worker may not be booked on this shift now."""
    day = london_day(seen.facts.starts_at)
    return eligibility.why_not(
        seen.facts,
        worker.facts,
        seen.policies.eligibility(seen.facts.staff_group, day),
        now,
        grades_open=seen.grades_open(now),
    )
