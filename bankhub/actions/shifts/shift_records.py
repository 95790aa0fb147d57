"""Loading one shift of the actor's organisation, and reading it as the rules do."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.shifts.work_classes import Classes
from bankhub.model.request_policy import RequestFacts
from bankhub.model.shifts import Shift
from bankhub.model.values import ShiftFacts
from passport.actors import Actor
from passport.errors import NotFound


def own_shift(session: Session, shift_id: UUID, by: Actor, *, lock: bool = False) -> Shift:
    """The shift, if it is of the actor's organisation; `NotFound` otherwise."""
    query = sa.select(Shift).where(
        Shift.id == shift_id, Shift.organisation_id == by.organisation_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def facts_of(shift: Shift) -> ShiftFacts:
    """The shift as the rules read it."""
    return ShiftFacts(
        id=shift.id,
        organisation_id=shift.organisation_id,
        site_id=shift.site_id,
        unit_id=shift.unit_id,
        staff_group=shift.staff_group,
        role=shift.role,
        grade=shift.grade,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        unpaid_break_minutes=shift.unpaid_break_minutes,
        fallback_grade=shift.fallback_grade,
        skills=frozenset(shift.skills),
        reason=shift.reason,
        state=shift.state,
    )


def request_of(shift: Shift, facts: ShiftFacts | None = None) -> RequestFacts:
    """The request behind the shift, as the state rules read it."""
    return RequestFacts(
        shift=facts or facts_of(shift),
        requested_by_id=shift.created_by_id,
        created_at=shift.created_at,
        estimate_pence=shift.cost_estimate_pence,
        reason_text=shift.reason_text,
        post_number=shift.post_number,
        review_on=shift.review_on,
        notes=shift.notes,
    )


def shift_columns(facts: ShiftFacts, classes: Classes) -> dict[str, Any]:
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
        "class_id": classes.of(facts.staff_group, facts.role, facts.grade, facts.skills),
        "fallback_class_id": (
            classes.of(facts.staff_group, facts.role, fallback, facts.skills)
            if fallback
            else None
        ),
        "starts_at": facts.starts_at,
        "ends_at": facts.ends_at,
        "unpaid_break_minutes": facts.unpaid_break_minutes,
        "reason": facts.reason,
        "state": facts.state,
    }
