"""Shifts in flight planned anew under the policy in force: asked for by name, with a reason."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import policy_book
from bankhub.actions.shifts.openings import exemptions_of, planned
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.shifts import Opening, Shift
from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import ShiftState, StaffGroup
from bankhub.rules.cascade.replanning import planned_anew
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.batch import record_many
from passport.db import new_id
from passport.errors import Cure, Reason, Refused

LONGEST_REASON = 500
PAGE = 500
"""Shifts planned at a time."""


def plan_anew(
    session: Session,
    *,
    staff_group: StaffGroup | None,
    because: str,
    by: Actor,
    now: datetime,
) -> int:
    """Replace the openings of the organisation's open shifts that have not started, where the
    policy in force says otherwise. Filled shifts and drafts are left alone.

    `staff_group` None = all. Returns how many shifts have new openings; each has an event and
    keeps its old openings on record. Raises `Refused` without a written reason.
    """
    demand(by, Deed.EDIT_POLICY)
    organisation_id = own_organisation(by)
    if not because.strip() or len(because) > LONGEST_REASON:
        act = Cure(f"Write why shifts in flight are moved, in up to {LONGEST_REASON} characters.")
        raise Refused([Reason("reason_missing", cure=act, text="A written reason is needed.")])
    query = sa.select(Shift).where(
        Shift.organisation_id == organisation_id,
        Shift.state == ShiftState.OPEN,
        Shift.starts_at > now,
    )
    if staff_group is not None:
        query = query.where(Shift.staff_group == staff_group)
    moved, after = 0, None
    while True:
        beyond = Shift.id > after if after else sa.true()
        page = session.scalars(
            query.where(beyond).order_by(Shift.id).limit(PAGE).with_for_update()
        ).all()
        if not page:
            return moved
        moved += _plan_page(session, page, because.strip(), by, now)
        after = page[-1].id


def _plan_page(
    session: Session, shifts: Sequence[Shift], because: str, by: Actor, now: datetime
) -> int:
    """Plan these shifts anew; returns how many changed."""
    policies = policy_book(session, shifts[0].organisation_id)
    exemptions = exemptions_of(session, shifts[0].organisation_id)
    had = _openings(session, [shift.id for shift in shifts])
    changed: dict[UUID, list[PlannedOpening]] = {}
    for shift in shifts:
        current = planned(had[shift.id])
        if shift.authorised_at is None:
            continue
        wanted = planned_anew(
            current,
            shift=facts_of(shift),
            authorised_at=shift.authorised_at,
            policy=policies.cascade(shift.staff_group, london_day(shift.starts_at)),
            exemptions=exemptions,
            now=now,
        )
        moments = {opening.tier: opening.opens_at for opening in current}
        others = [one for one in wanted if moments.get(one.tier) != one.opens_at]
        if others:
            changed[shift.id] = others
    _replace(session, changed, had, because, by, now)
    return len(changed)


def _openings(session: Session, shift_ids: Sequence[UUID]) -> dict[UUID, list[Opening]]:
    rows = session.scalars(
        sa.select(Opening).where(Opening.shift_id.in_(shift_ids), Opening.replaced_at.is_(None))
    )
    found: dict[UUID, list[Opening]] = defaultdict(list)
    for row in rows:
        found[row.shift_id].append(row)
    return found


def _replace(
    session: Session,
    changed: dict[UUID, list[PlannedOpening]],
    had: dict[UUID, list[Opening]],
    because: str,
    by: Actor,
    now: datetime,
) -> None:
    if not changed:
        return
    tiers = {shift_id: {one.tier for one in others} for shift_id, others in changed.items()}
    old = [row.id for shift_id in changed for row in had[shift_id] if row.tier in tiers[shift_id]]
    session.execute(sa.update(Opening).where(Opening.id.in_(old)).values(replaced_at=now))
    new: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "shift_id": shift_id,
            "tier": one.tier,
            "opens_at": one.opens_at,
            "why": str(one.why),
            "made_at": now,
            "made_by_id": by.account_id,
            "reason_text": because,
        }
        for shift_id, others in changed.items()
        for one in others
    ]
    session.execute(sa.insert(Opening), new)
    told = (
        (shift_id, {"tiers": {one.tier.value: one.opens_at for one in others}})
        for shift_id, others in changed.items()
    )
    record_many(session, "shift.planned_anew", told, by=by, now=now)
