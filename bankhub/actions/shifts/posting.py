"""Many drafts into rows: each checked alone, all written together in a few statements.

What many shifts of one request or file share is worked out once: the pay of the same hours at
the same grade, the openings of the same start, the classes by which they are searched.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.settings.pay import PayBook, pay_book
from bankhub.actions.settings.policies import policy_book
from bankhub.actions.shifts import references
from bankhub.actions.shifts.openings import (
    OPENING_COLUMNS,
    exemptions_of,
    opening_values,
    planned_openings,
)
from bankhub.actions.shifts.shift_drafts import Posted, Preview, ShiftDraft, why_not_draft
from bankhub.actions.shifts.shift_records import shift_columns
from bankhub.actions.shifts.work_classes import Classes
from bankhub.model import reference
from bankhub.model.request_policy import RequestFacts
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Unit
from bankhub.model.values import PayEstimate, PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import ShiftState
from bankhub.rules.cascade import shift_states
from bankhub.rules.cascade.bank_before_agency import STRIKE_REASONS
from bankhub.rules.shift_times import default_unpaid_break, london_day
from passport import batch
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.db import new_id
from passport.errors import NotFound, Reason, Refused


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that can be posted: what its shifts will be, but for their ids."""

    draft: ShiftDraft
    unit: Unit
    request: RequestFacts
    state: ShiftState


class Shared:
    """What the shifts of one file share over all its blocks: pay by hours and grade, openings by
    start. Forgotten as soon as rates, policies or exemptions are no longer the same."""

    def __init__(self) -> None:
        self.estimates: dict[Hashable, PayEstimate | None] = {}
        self.plans: dict[Hashable, tuple[PlannedOpening, ...]] = {}
        self._basis: Hashable = None

    def hold_for(self, basis: Hashable) -> None:
        """Keep what was worked out on this basis only."""
        if basis != self._basis:
            self.estimates.clear()
            self.plans.clear()
            self._basis = basis


class Poster:
    """Collects the rows of many drafts of one organisation and writes them together."""

    def __init__(
        self,
        session: Session,
        unit_ids: Iterable[UUID],
        by: Actor,
        now: datetime,
        shared: Shared | None = None,
    ) -> None:
        self.session, self.by, self.now = session, by, now
        self.organisation_id = own_organisation(by)
        self.units = _units(session, set(unit_ids), self.organisation_id)
        self.policies = policy_book(session, self.organisation_id)
        self.exemptions = exemptions_of(session, self.organisation_id)
        rates = pay_book(session, self.organisation_id, self.policies).rates
        self.shared = shared or Shared()
        self.shared.hold_for((self.organisation_id, rates, self.policies.own, self.exemptions, now))
        self.pay = PayBook(rates, self.policies, self.shared.estimates)
        self.classes = Classes(session)
        self.shifts: list[dict[str, Any]] = []
        self.openings: list[tuple[Any, ...]] = []
        self.places: list[int] = []

    def check(self, draft: ShiftDraft, *, submit: bool = True) -> Checked | list[Reason]:
        """What the draft would be posted as, or why it cannot. Raises `NotFound` for the unit."""
        unit = self.units.get(draft.unit_id)
        if unit is None:
            raise NotFound
        reasons = why_not_draft(draft, unit)
        if reasons:
            return reasons
        facts = self._facts(draft, unit)
        request = self._request(facts, draft)
        policy = self.policies.requesting(facts.staff_group, london_day(facts.starts_at))
        if not submit:
            return Checked(draft, unit, request, ShiftState.DRAFT)
        reasons = shift_states.why_not_submit(request, policy=policy, now=self.now)
        if reasons:
            return reasons
        waits = shift_states.needs_two_people(request, policy)
        return Checked(draft, unit, request, ShiftState.SUBMITTED if waits else ShiftState.OPEN)

    def take(self, place: int, draft: ShiftDraft, *, submit: bool = True) -> list[Reason]:
        """Check one draft and keep its rows; reasons = nothing was kept."""
        checked = self.check(draft, submit=submit)
        if not isinstance(checked, Checked):
            return checked
        self.keep(place, checked, [draft.roster_reference] * draft.people)
        return []

    def preview(self, draft: ShiftDraft) -> Preview:
        """Check one draft and say what it would come to."""
        checked = self.check(draft)
        if not isinstance(checked, Checked):
            raise Refused(checked)
        request = checked.request
        return Preview(
            request.shift,
            request.estimate_pence,
            checked.state is ShiftState.SUBMITTED,
            shift_states.is_retrospective(request),
            self._plan(request.shift),
        )

    def keep(
        self,
        place: int,
        checked: Checked,
        roster_references: Sequence[str | None],
        request_id: UUID | None = None,
    ) -> None:
        """Keep one shift for each roster reference (None = it has none) until `write`."""
        if request_id is None and len(roster_references) > 1:
            request_id = new_id()
        for roster_reference in roster_references:
            facts = replace(checked.request.shift, id=new_id(), state=checked.state)
            self.shifts.append(self._row(checked, facts, roster_reference, request_id))
            self.places.append(place)
            if facts.state is ShiftState.OPEN:
                self.openings += opening_values(facts.id, self._plan(facts), self.now)

    def _facts(self, draft: ShiftDraft, unit: Unit) -> ShiftFacts:
        group = reference.roles()[draft.role].staff_group
        unpaid = draft.unpaid_break_minutes
        if unpaid is None:
            policy = self.policies.requesting(group, london_day(draft.starts_at))
            unpaid = default_unpaid_break(draft.starts_at, draft.ends_at, policy)
        return ShiftFacts(
            id=new_id(),
            organisation_id=self.organisation_id,
            site_id=unit.site_id,
            unit_id=unit.id,
            staff_group=group,
            role=draft.role,
            grade=draft.grade,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            unpaid_break_minutes=unpaid,
            fallback_grade=draft.fallback_grade,
            skills=draft.skills,
            reason=draft.reason,
            state=ShiftState.DRAFT,
        )

    def _request(self, facts: ShiftFacts, draft: ShiftDraft) -> RequestFacts:
        estimate = self.pay.estimate(facts)
        return RequestFacts(
            shift=facts,
            requested_by_id=self.by.account_id,
            created_at=self.now,
            estimate_pence=estimate.total_pence if estimate else None,
            reason_text=draft.reason_text,
            post_number=draft.post_number,
            review_on=draft.review_on,
            notes=draft.notes,
        )

    def _row(
        self,
        checked: Checked,
        facts: ShiftFacts,
        roster_reference: str | None,
        request_id: UUID | None,
    ) -> dict[str, Any]:
        draft, request = checked.draft, checked.request
        opened = facts.state is ShiftState.OPEN
        as_unit = draft.instant_book is None
        return {
            **shift_columns(facts, self.classes),
            "reason_text": draft.reason_text,
            "post_number": draft.post_number,
            "review_on": draft.review_on,
            "notes": draft.notes,
            "shift_code": draft.shift_code,
            "details": dict(draft.details),
            "instant_book": checked.unit.instant_book if as_unit else draft.instant_book,
            "cost_estimate_pence": request.estimate_pence,
            "roster_reference": roster_reference,
            "request_id": request_id,
            "retrospective": shift_states.is_retrospective(request),
            "created_at": self.now,
            "created_by_id": self.by.account_id,
            "submitted_at": None if facts.state is ShiftState.DRAFT else self.now,
            "authorised_at": self.now if opened else None,
            "authorised_by_id": self.by.account_id if opened else None,
            "withdrawn_because": "",
            "need_ended": False,
            "version": 1,
        }

    def _plan(self, facts: ShiftFacts) -> tuple[PlannedOpening, ...]:
        key = (
            facts.starts_at,
            facts.staff_group,
            facts.grade,
            facts.reason in STRIKE_REASONS,
            facts.fallback_grade is None,
        )
        plans = self.shared.plans
        if key not in plans:
            policy = self.policies.cascade(facts.staff_group, london_day(facts.starts_at))
            plans[key] = planned_openings(
                facts, policy=policy, exemptions=self.exemptions, at=self.now
            )
        return plans[key]

    def write(self) -> list[tuple[int, Posted]]:
        """Write everything kept; (place of the draft, its shift) for each."""
        if not self.shifts:
            return []
        numbers = references.take(
            self.session, self.organisation_id, london_day(self.now), len(self.shifts)
        )
        for row, number in zip(self.shifts, numbers, strict=True):
            row["reference"] = number
        columns = tuple(self.shifts[0])
        batch.insert_many(self.session, Shift, columns, (row.values() for row in self.shifts))
        batch.insert_many(self.session, Opening, OPENING_COLUMNS, self.openings)
        batch.record_many(
            self.session,
            "shift.posted",
            (
                (
                    row["id"],
                    {
                        "state": row["state"],
                        "starts_at": row["starts_at"],
                        "retrospective": row["retrospective"],
                    },
                )
                for row in self.shifts
            ),
            by=self.by,
            now=self.now,
        )
        return [
            (place, Posted(row["id"], row["reference"], row["state"]))
            for place, row in zip(self.places, self.shifts, strict=True)
        ]


def _units(session: Session, ids: set[UUID], organisation_id: UUID) -> dict[UUID, Unit]:
    found = session.scalars(
        sa.select(Unit).where(Unit.id.in_(ids), Unit.organisation_id == organisation_id)
    )
    return {unit.id: unit for unit in found}
