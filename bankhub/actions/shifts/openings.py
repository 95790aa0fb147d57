"""Openings on record: one for each tier, made when a shift is authorised, replaced and never
edited."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.cascade_policy import AgencyExemptions, CascadePolicy, ExemptionSpan
from bankhub.model.shifts import AgencyExemption, Opening
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.rules.cascade.bank_before_agency import opening_times
from passport.db import new_id


def exemptions_of(session: Session, organisation_id: UUID) -> AgencyExemptions:
    """The recorded agency exemptions of an organisation."""
    rows = session.scalars(
        sa.select(AgencyExemption).where(AgencyExemption.organisation_id == organisation_id)
    )
    return AgencyExemptions(
        tuple(ExemptionSpan(row.staff_group, row.from_on, row.until_on) for row in rows)
    )


OPENING_COLUMNS = (
    "id",
    "shift_id",
    "tier",
    "opens_at",
    "why",
    "made_at",
    "reason_text",
)


def planned_openings(
    shift: ShiftFacts, *, policy: CascadePolicy, exemptions: AgencyExemptions, at: datetime
) -> tuple[PlannedOpening, ...]:
    """When each tier opens to a shift authorised `at`."""
    return opening_times(
        authorised_at=at,
        starts_at=shift.starts_at,
        staff_group=shift.staff_group,
        grade=shift.grade,
        reason=shift.reason,
        has_fallback=shift.fallback_grade is not None,
        policy=policy,
        exemptions=exemptions,
    )


def opening_values(
    shift_id: UUID, plan: Sequence[PlannedOpening], made_at: datetime
) -> list[tuple[Any, ...]]:
    """A row of `OPENING_COLUMNS` for each tier of the plan."""
    return [
        (new_id(), shift_id, one.tier, one.opens_at, str(one.why), made_at, "") for one in plan
    ]


def opening_rows(
    shift: ShiftFacts,
    *,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
    at: datetime,
    made_at: datetime,
) -> list[dict[str, Any]]:
    """Rows for every tier of a shift authorised `at`."""
    plan = planned_openings(shift, policy=policy, exemptions=exemptions, at=at)
    values = opening_values(shift.id, plan, made_at)
    return [dict(zip(OPENING_COLUMNS, row, strict=True)) for row in values]


def openings_of(session: Session, shift_id: UUID) -> list[Opening]:
    """The current openings of a shift, in the order of the cascade."""
    rows = session.scalars(
        sa.select(Opening).where(Opening.shift_id == shift_id, Opening.replaced_at.is_(None))
    ).all()
    order = {tier: place for place, tier in enumerate(type(rows[0].tier))} if rows else {}
    return sorted(rows, key=lambda row: order[row.tier])


def planned(rows: Sequence[Opening]) -> tuple[PlannedOpening, ...]:
    """Openings as the rules read them."""
    return tuple(PlannedOpening(row.tier, row.opens_at, row.why) for row in rows)


def replace_openings(
    session: Session,
    shift: ShiftFacts,
    *,
    policy: CascadePolicy,
    exemptions: AgencyExemptions,
    authorised_at: datetime,
    now: datetime,
) -> None:
    """New openings after a change of times, grade or reason. The old rows stay, marked."""
    session.execute(
        sa.update(Opening)
        .where(Opening.shift_id == shift.id, Opening.replaced_at.is_(None))
        .values(replaced_at=now)
    )
    rows = opening_rows(
        shift, policy=policy, exemptions=exemptions, at=authorised_at, made_at=now
    )
    session.execute(sa.insert(Opening), rows)
