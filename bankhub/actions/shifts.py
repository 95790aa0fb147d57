"""Posting a shift: draft → submitted → open (authorised) → filled or withdrawn.

A request for several people becomes single shifts. Authorising writes one `Opening` for each
tier, with the moment at which it opens: from then on nothing has to run for a tier to open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions import references
from bankhub.actions.openings import exemptions_of, opening_rows
from bankhub.actions.pay import pay_book
from bankhub.actions.permission import demand
from bankhub.actions.policies import policy_book
from bankhub.actions.work_classes import class_of
from bankhub.model import reference
from bankhub.model.request_policy import RequestFacts
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Unit
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState
from bankhub.rules import shift_states
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import default_unpaid_break, london_day
from passport.actors import Actor
from passport.db import new_id
from passport.errors import NotFound, Reason, Refused
from passport.events import Event, entry_values, note_recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftDraft:
    """What a requester says of a shift. Moments are UTC."""

    unit_id: UUID
    role: str
    grade: Grade
    starts_at: datetime
    ends_at: datetime
    reason: RequestReason
    fallback_grade: Grade | None = None
    skills: frozenset[str] = frozenset()
    unpaid_break_minutes: int | None = None
    """None = by the organisation's policy for a shift of this length."""
    reason_text: str = ""
    post_number: str = ""
    review_on: date | None = None
    notes: str = ""
    shift_code: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    instant_book: bool | None = None
    """None = as the unit does."""
    roster_reference: str | None = None
    people: int = 1


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one draft's shift."""

    shift_id: UUID
    reference: str
    state: ShiftState


MOST_PEOPLE = 50


def post(
    session: Session, *, draft: ShiftDraft, by: Actor, now: datetime, submit: bool = True
) -> list[Posted]:
    """Post one request; one shift for each person asked for.

    Below the organisation's threshold the request is authorised at once; above it, it waits for
    somebody else. Raises `Refused` with everything that is missing, `NotFound` for another
    organisation's unit.
    """
    posted, refused = post_many(session, drafts=[draft], by=by, now=now, submit=submit)
    if refused:
        raise Refused(refused[0])
    return posted[0]


def post_many(
    session: Session,
    *,
    drafts: Sequence[ShiftDraft],
    by: Actor,
    now: datetime,
    submit: bool = True,
) -> tuple[dict[int, list[Posted]], dict[int, list[Reason]]]:
    """Post many requests in a few statements: what was posted and what was refused, by place."""
    demand(by, Deed.POST_SHIFT)
    poster = _Poster(session, drafts, by, now)
    accepted: dict[int, list[Posted]] = {}
    refused: dict[int, list[Reason]] = {}
    for place, draft in enumerate(drafts):
        reasons = poster.take(place, draft, submit)
        if reasons:
            refused[place] = reasons
        else:
            accepted[place] = []
    for place, posted in poster.write():
        accepted[place].append(posted)
    return accepted, refused


class _Poster:
    """Collects the rows of many drafts and writes them together."""

    def __init__(
        self, session: Session, drafts: Sequence[ShiftDraft], by: Actor, now: datetime
    ) -> None:
        if by.organisation_id is None:
            raise NotFound
        self.session, self.by, self.now = session, by, now
        self.organisation_id = by.organisation_id
        self.units = _units(session, {draft.unit_id for draft in drafts}, self.organisation_id)
        self.policies = policy_book(session, self.organisation_id)
        self.pay = pay_book(session, self.organisation_id, self.policies)
        self.exemptions = exemptions_of(session, self.organisation_id)
        self.shifts: list[dict[str, Any]] = []
        self.openings: list[dict[str, Any]] = []
        self.places: list[int] = []

    def take(self, place: int, draft: ShiftDraft, submit: bool) -> list[Reason]:
        """Check one draft and keep its rows; reasons = nothing was kept."""
        unit = self.units.get(draft.unit_id)
        if unit is None:
            raise NotFound
        reasons = why_not_draft(draft, unit)
        if reasons:
            return reasons
        facts = self._facts(draft, unit)
        request = self._request(facts, draft)
        policy = self.policies.requesting(facts.staff_group, london_day(facts.starts_at))
        if submit:
            reasons = shift_states.why_not_submit(request, policy=policy, now=self.now)
            if reasons:
                return reasons
        state = ShiftState.DRAFT
        if submit:
            alone = shift_states.needs_two_people(request, policy)
            state = ShiftState.SUBMITTED if alone else ShiftState.OPEN
        request_id = new_id() if draft.people > 1 else None
        for _ in range(draft.people):
            self._keep(place, draft, replace(facts, id=new_id(), state=state), unit, request_id)
        return []

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

    def _keep(
        self,
        place: int,
        draft: ShiftDraft,
        facts: ShiftFacts,
        unit: Unit,
        request_id: UUID | None,
    ) -> None:
        estimate = self.pay.estimate(facts)
        opened = facts.state is ShiftState.OPEN
        self.shifts.append(
            {
                **shift_columns(self.session, facts),
                "reason_text": draft.reason_text,
                "post_number": draft.post_number,
                "review_on": draft.review_on,
                "notes": draft.notes,
                "shift_code": draft.shift_code,
                "details": dict(draft.details),
                "instant_book": (
                    unit.instant_book if draft.instant_book is None else draft.instant_book
                ),
                "cost_estimate_pence": estimate.total_pence if estimate else None,
                "roster_reference": draft.roster_reference,
                "request_id": request_id,
                "retrospective": facts.starts_at <= self.now,
                "created_at": self.now,
                "created_by_id": self.by.account_id,
                "submitted_at": None if facts.state is ShiftState.DRAFT else self.now,
                "authorised_at": self.now if opened else None,
                "authorised_by_id": self.by.account_id if opened else None,
            }
        )
        self.places.append(place)
        if opened:
            policy = self.policies.cascade(facts.staff_group, london_day(facts.starts_at))
            self.openings += opening_rows(
                facts, policy=policy, exemptions=self.exemptions, at=self.now, made_at=self.now
            )

    def write(self) -> Iterable[tuple[int, Posted]]:
        """Write everything kept; yields (place of the draft, its shift)."""
        if not self.shifts:
            return
        numbers = references.take(
            self.session, self.organisation_id, london_day(self.now), len(self.shifts)
        )
        for row, number in zip(self.shifts, numbers, strict=True):
            row["reference"] = number
        self.session.execute(sa.insert(Shift), self.shifts)
        if self.openings:
            self.session.execute(sa.insert(Opening), self.openings)
        self.session.execute(
            sa.insert(Event),
            [
                {
                    "id": new_id(),
                    **entry_values(
                        "shift.posted",
                        subject_id=row["id"],
                        by=self.by,
                        now=self.now,
                        organisation_id=self.organisation_id,
                        detail={
                            "state": row["state"],
                            "starts_at": row["starts_at"],
                            "retrospective": row["retrospective"],
                        },
                    ),
                }
                for row in self.shifts
            ],
        )
        note_recorded(self.session)
        for place, row in zip(self.places, self.shifts, strict=True):
            yield place, Posted(row["id"], row["reference"], row["state"])


def shift_columns(session: Session, facts: ShiftFacts) -> dict[str, Any]:
    """The columns of a shift that its facts decide, search classes included."""
    fallback = facts.fallback_grade
    return {
        "id": facts.id,
        "organisation_id": facts.organisation_id,
        "site_id": facts.site_id,
        "unit_id": facts.unit_id,
        "staff_group": facts.staff_group,
        "role": facts.role,
        "grade": facts.grade,
        "fallback_grade": fallback,
        "skills": sorted(facts.skills),
        "class_id": class_of(session, facts.staff_group, facts.role, facts.grade, facts.skills),
        "fallback_class_id": (
            class_of(session, facts.staff_group, facts.role, fallback, facts.skills)
            if fallback
            else None
        ),
        "starts_at": facts.starts_at,
        "ends_at": facts.ends_at,
        "unpaid_break_minutes": facts.unpaid_break_minutes,
        "reason": facts.reason,
        "state": facts.state,
    }


def why_not_draft(draft: ShiftDraft, unit: Unit) -> list[Reason]:
    """What cannot be meant: a role, grade, skill or number of people that does not exist."""
    role = reference.roles().get(draft.role)
    if role is None:
        return [Reason("role_not_known", {"role": draft.role}, text="This role is not known.")]
    wrong = [
        (draft.grade not in role.grades, "grade_not_of_role", "The role has no such grade."),
        (
            draft.fallback_grade is not None
            and (draft.fallback_grade not in role.grades or draft.fallback_grade is draft.grade),
            "fallback_not_of_role",
            "The fallback grade must be another grade of the same role.",
        ),
        (
            bool(draft.skills - reference.skills().keys()),
            "skill_not_known",
            "One of the skills is not known.",
        ),
        (
            not 1 <= draft.people <= MOST_PEOPLE,
            "people_out_of_range",
            f"Ask for 1 to {MOST_PEOPLE} people at a time.",
        ),
        (
            unit.closed_on is not None and unit.closed_on <= london_day(draft.starts_at),
            "unit_closed",
            "The unit is closed by then.",
        ),
    ]
    return [Reason(code, text=text) for is_wrong, code, text in wrong if is_wrong]


def _units(session: Session, ids: set[UUID], organisation_id: UUID) -> dict[UUID, Unit]:
    found = session.scalars(
        sa.select(Unit).where(Unit.id.in_(ids), Unit.organisation_id == organisation_id)
    )
    return {unit.id: unit for unit in found}
