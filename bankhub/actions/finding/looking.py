"""Looking at a shift without locks, locking a worker, and asking the rules about the two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.worker_facts import (
    BARRED,
    LOCK_WORKER,
    ONE_WORKER,
    LoadedWorker,
    assemble,
    one_worker_values,
)
from bankhub.actions.partners.clearance_lookup import CLEARANCES, clearance_value
from bankhub.actions.partners.coverage_lookup import COVERAGE_AT_HOST, covered_of
from bankhub.actions.settings.pay import PayBook
from bankhub.actions.settings.policies import PolicyBook
from bankhub.actions.settings.terms import stamp, terms
from bankhub.model.shifts import Opening, Shift
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import (
    Grade,
    RequestReason,
    ShiftState,
    StaffGroup,
    Tier,
)
from bankhub.rules.agreements.partner_work import holds_role, seen_through
from bankhub.rules.cascade.bank_before_agency import is_open
from bankhub.rules.eligibility import eligibility
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


def taken() -> Reason:
    """What the loser of a race is told."""
    return Reason("taken", text="This shift has just been taken or changed. Look again.")


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

    def tiers_open(self, now: datetime) -> frozenset[Tier]:
        """Tiers to which it is open now."""
        return frozenset(tier for tier in Tier if is_open(tier, self.openings, now))

    def grades_open(self, now: datetime, home_id: UUID | None = None) -> frozenset[Grade]:
        """Grades that people of the own bank may be booked at now, or those of a partner's."""
        facts = self.facts
        grade_of = {Tier.OWN_BANK: facts.grade, Tier.OWN_FALLBACK: facts.fallback_grade}
        if home_id not in (None, facts.organisation_id):
            grade_of = {Tier.PARTNER: facts.grade}
        return frozenset(
            grade
            for tier, grade in grade_of.items()
            if grade and is_open(tier, self.openings, now)
        )


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


@dataclass(frozen=True, slots=True)
class Entered:
    """A locked worker, and through whose bank they come to the shift."""

    worker: LoadedWorker
    home_id: UUID

    def comes_from_elsewhere(self, seen: SeenShift) -> bool:
        """Whether as a partner's person."""
        return self.home_id != seen.facts.organisation_id


def lock_and_load(
    session: Session, *, holder_id: UUID, seen: SeenShift, now: datetime
) -> Entered:
    """Lock the worker, then read what the rules need of them: in one round trip for people of
    the host's own bank, in three for a partner's.

    `NotFound` where no bank of the human's shows them the shift.
    """
    host_id = seen.facts.organisation_id
    locked = (LOCK_WORKER, {"holder_id": holder_id})
    (own,) = _load(session, [host_id], seen, holder_id, now, first=[locked])
    if own is not None and holds_role(seen.facts, own.facts.posts):
        return Entered(own, host_id)
    partner = _partner(session, seen, holder_id, now)
    if partner is not None:
        return partner
    if own is None:
        raise NotFound
    return Entered(own, host_id)


def sees_as_partner(
    session: Session, *, holder_id: UUID, seen: SeenShift, now: datetime
) -> bool:
    """Whether an agreement shows the shift to a human who holds no post at its organisation;
    without locks."""
    (covered,) = batch.run(session, (COVERAGE_AT_HOST, _asked(seen, holder_id)))
    is_covered = any(covered_of(row).covers(seen.facts, now) for row in covered.rows)
    return is_covered and Tier.PARTNER in seen.tiers_open(now)


def _partner(
    session: Session, seen: SeenShift, holder_id: UUID, now: datetime
) -> Entered | None:
    """As somebody of a partner, where one shows the shift. Agreement and clearance are read behind
    the worker's lock, which whoever decides a clearance again takes first: a suspension that is
    being made is either seen here, or sees what is booked."""
    tiers = seen.tiers_open(now)
    if Tier.PARTNER not in tiers:
        return None
    values = {**_asked(seen, holder_id), "now": now}
    covered, cleared, barred = batch.run(
        session, (COVERAGE_AT_HOST, values), (CLEARANCES, values), (BARRED, values)
    )
    coverage = [
        one for row in covered.rows if (one := covered_of(row)).covers(seen.facts, now)
    ]
    if not coverage:
        return None
    clearances = [clearance_value(row) for row in cleared.rows]
    homes = sorted({one.partner_id for one in coverage})
    loaded = _load(session, homes, seen, holder_id, now)
    workers = {home: one for home, one in zip(homes, loaded, strict=True) if one is not None}
    home_id = seen_through(
        seen.facts,
        [post for one in workers.values() for post in one.facts.posts],
        tiers_open=tiers,
        coverage=coverage,
        clearances=clearances,
        now=now,
    )
    if home_id is None:
        return None
    places = (scope_id for _, scope_id in barred.rows)
    return Entered(workers[home_id].at_host(clearances, places), home_id)


def _asked(seen: SeenShift, holder_id: UUID) -> dict[str, Any]:
    facts = seen.facts
    return {
        "holder_id": holder_id,
        "host_id": facts.organisation_id,
        "role": facts.role,
        "grade": facts.grade,
    }


def _load(
    session: Session,
    homes: Sequence[UUID],
    seen: SeenShift,
    holder_id: UUID,
    now: datetime,
    first: Sequence[batch.Step] = (),
) -> list[LoadedWorker | None]:
    """The human as a member of each bank, behind the steps that come first."""
    steps: list[batch.Step] = list(first)
    for home_id in homes:
        values = one_worker_values(
            holder_id=holder_id,
            organisation_id=home_id,
            starts_at=seen.facts.starts_at,
            now=now,
        )
        steps += ((prepared, values) for prepared in ONE_WORKER)
    results = iter(batch.run(session, *steps)[len(first) :])
    return [
        assemble(*(next(results).rows for _ in ONE_WORKER)).get(holder_id) for _ in homes
    ]


def why_not(seen: SeenShift, entered: Entered, now: datetime) -> list[Reason]:
    """Every reason, notes included, why this worker may not be booked on this shift now."""
    day = london_day(seen.facts.starts_at)
    return eligibility.why_not(
        seen.facts,
        entered.worker.facts,
        seen.policies.eligibility(seen.facts.staff_group, day),
        now,
        grades_open=seen.grades_open(now, entered.home_id),
        home_id=entered.home_id,
    )
