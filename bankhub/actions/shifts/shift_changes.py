"""What happens to a shift after it was posted: submit, authorise, reject, withdraw, amend, and
opening a tier early."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import PolicyBook, policy_book
from bankhub.actions.shifts import moving
from bankhub.actions.shifts.amending import amender
from bankhub.actions.shifts.openings import (
    exemptions_of,
    opening_rows,
    openings_of,
    planned,
)
from bankhub.actions.shifts.shift_records import facts_of, own_shift, request_of
from bankhub.model.shifts import Opening, Shift
from bankhub.model.vocabulary import AGENCY_TIERS, ShiftState, Tier
from bankhub.rules.cascade import shift_states
from bankhub.rules.cascade.early_opening import why_not_open_early
from bankhub.rules.permissions import Deed, may_say_need_ended
from bankhub.rules.shift_times import london_day
from passport.actions.access import humans
from passport.actors import Actor
from passport.errors import Reason, Refused
from passport.events import record


def submit(session: Session, *, shift_id: UUID, by: Actor, now: datetime) -> Shift:
    """Hand a draft in; below the threshold it is authorised at once."""
    demand(by, Deed.POST_SHIFT)
    shift = own_shift(session, shift_id, by, lock=True)
    request, policies = request_of(shift), policy_book(session, shift.organisation_id)
    policy = policies.requesting(shift.staff_group, london_day(shift.starts_at))
    _refuse(shift_states.why_not_submit(request, policy=policy, now=now))
    shift.state, shift.submitted_at = ShiftState.SUBMITTED, now
    shift.version += 1
    record(session, "shift.submitted", subject_id=shift.id, by=by, now=now)
    if not shift_states.needs_two_people(request, policy):
        _open(session, shift, policies, by, now)
    return shift


def authorise(session: Session, *, shift_id: UUID, by: Actor, now: datetime) -> Shift:
    """Allow the spend: the shift opens to the own bank now and to each further tier in its turn.

    Above the threshold the authoriser is not the requester. Raises `Refused` with the reasons.
    """
    demand(by, Deed.AUTHORISE_SHIFT)
    shift = own_shift(session, shift_id, by, lock=True)
    policies = policy_book(session, shift.organisation_id)
    policy = policies.requesting(shift.staff_group, london_day(shift.starts_at))
    authoriser_id = humans.told_from(session, by, shift.created_by_id)
    _refuse(
        shift_states.why_not_authorise(
            request_of(shift), authoriser_id=authoriser_id, policy=policy, now=now
        )
    )
    _open(session, shift, policies, by, now)
    return shift


def _open(session: Session, shift: Shift, policies: PolicyBook, by: Actor, now: datetime) -> None:
    shift.state = ShiftState.OPEN
    shift.authorised_at, shift.authorised_by_id = now, by.account_id
    shift.version += 1
    rows = opening_rows(
        facts_of(shift),
        policy=policies.cascade(shift.staff_group, london_day(shift.starts_at)),
        exemptions=exemptions_of(session, shift.organisation_id),
        at=now,
        made_at=now,
    )
    session.flush()
    session.execute(sa.insert(Opening), rows)
    record(session, "shift.authorised", subject_id=shift.id, by=by, now=now)


def reject(session: Session, *, shift_id: UUID, because: str, by: Actor, now: datetime) -> Shift:
    """Turn a submitted request down, saying why."""
    demand(by, Deed.AUTHORISE_SHIFT)
    shift = own_shift(session, shift_id, by, lock=True)
    _refuse(shift_states.why_not_reject(request_of(shift), because=because))
    shift.state, shift.withdrawn_because = ShiftState.REJECTED, because
    shift.version += 1
    record(session, "shift.rejected", subject_id=shift.id, by=by, now=now)
    return shift


def withdraw(
    session: Session,
    *,
    shift_id: UUID,
    because: str,
    need_ended: bool,
    by: Actor,
    now: datetime,
) -> Shift:
    """Pull a request that nobody is booked on. Not after its start.

    `need_ended` says that the need itself ended; without it a withdrawal close to the start
    still counts as unfilled. Only the bank office can say so.
    """
    demand(by, Deed.WITHDRAW_SHIFT)
    if need_ended and not may_say_need_ended(by):
        text = "Only the bank office can record that the need ended. Ask them, or withdraw without."
        raise Refused([Reason("need_ended_by_office", text=text)])
    shift = own_shift(session, shift_id, by, lock=True)
    _refuse(shift_states.why_not_withdraw(request_of(shift), because=because, now=now))
    shift.state, shift.withdrawn_at = ShiftState.WITHDRAWN, now
    shift.withdrawn_because, shift.need_ended = because, need_ended
    shift.version += 1
    record(session, "shift.withdrawn", subject_id=shift.id, by=by, now=now, need_ended=need_ended)
    return shift


def amend(
    session: Session,
    *,
    shift_id: UUID,
    changes: Mapping[str, Any],
    agreed_by_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Shift:
    """Change what the state still allows; what is there already changes nothing and is not
    recorded. `changes` has field names of `ShiftFacts` and `RequestFacts`. Another place, time,
    grade or reason brings new openings, planned from now: the bank has its time again before any
    agency. Whoever is booked is asked of the rules again where the times move, moves with them,
    and is told."""
    demand(by, Deed.AMEND_SHIFT)
    own_shift(session, shift_id, by)
    booked = moving.lock_booked_worker(session, shift_id)
    shift = own_shift(session, shift_id, by, lock=True)
    amends = amender(session, shift.organisation_id)
    amendment = amends.amendment(shift, changes)
    reasons = amends.why_not(
        amendment, booked=booked, agreed_by_id=agreed_by_id, by=by, now=now
    )
    _refuse(reasons)
    if not shift_states.changed_fields(amendment.before, amendment.after):
        return shift
    amends.write(shift, amendment, by=by, now=now)
    if booked is not None and amendment.moves:
        moving.move(session, booked, amendment.after.shift, amends.policies, by=by, now=now)
    return shift


def open_early(
    session: Session, *, shift_id: UUID, tier: Tier, because: str, by: Actor, now: datetime
) -> Opening:
    """Open a tier ahead of its time: an added act with a name and a reason.

    Can never put an agency tier before a bank tier, nor lift what the law closes.
    """
    demand(by, Deed.OPEN_EARLY)
    shift = own_shift(session, shift_id, by, lock=True)
    current = openings_of(session, shift.id)
    policies = policy_book(session, shift.organisation_id)
    _refuse(
        why_not_open_early(
            tier,
            planned(current),
            shift=facts_of(shift),
            because=because,
            policy=policies.cascade(shift.staff_group, london_day(shift.starts_at)),
            exemptions=exemptions_of(session, shift.organisation_id),
            now=now,
        )
    )
    for row in current:
        if row.tier is tier:
            row.replaced_at = now
    session.flush()
    opened = Opening(
        shift_id=shift.id,
        tier=tier,
        opens_at=now,
        why="opened_early",
        made_at=now,
        made_by_id=by.account_id,
        reason_text=because,
    )
    session.add(opened)
    told = {"tier": tier, "agency": tier in AGENCY_TIERS}
    record(session, "shift.opened_early", subject_id=shift.id, by=by, now=now, opened=told)
    return opened


def _refuse(reasons: list[Reason]) -> None:
    if reasons:
        raise Refused(reasons)
