"""Agreements by the clock: successions that fell due, warnings, expiry, the end of a wind-down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements.agreement_ends import parties_in_order, tell_bound
from bankhub.actions.agreements.agreement_records import follow, tell_contacts
from bankhub.actions.agreements.agreement_succession import follow_successions
from bankhub.actions.agreements.agreements import REVIEWERS
from bankhub.actions.clearances.clearances import OPEN, EndReason, close, locked
from bankhub.actions.partners.agreements_in_force import bound_versions, rebuild_coverage
from bankhub.actions.permission import demand
from bankhub.model.agreements import Agreement, AgreementState, AgreementVersion
from bankhub.model.clearances import Clearance
from bankhub.rules.agreements.agreement_states import (
    LIVE,
    REVIEW_DAYS,
    WARN_DAYS,
    last_honoured,
    warning_step,
    why_not_party,
)
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.telling import write_once
from passport.actors import Actor
from passport.events import Tell
from passport.model.organisations import Organisation

ENDS_SOON, REVIEW_DUE = "agreement_ends_soon", "agreement_review_due"
OVER = (AgreementState.EXPIRED, AgreementState.TERMINATED)


@dataclass(frozen=True, slots=True)
class Kept:
    """What one round did."""

    succeeded: int
    warned: int
    """Letters."""
    ended: int
    wound_down: int
    let_go: int
    """Clearances that ended because nothing is honoured between the two any more."""


def keep(session: Session, *, by: Actor, now: datetime) -> Kept:
    """Do what today asks for. Safe to run again: everything is done once."""
    demand(by, Deed.KEEP_AGREEMENTS)
    succeeded = follow_successions(session, by=by, now=now)
    warned = ended = wound_down = let_go = 0
    for agreement in _in_states(session, (*LIVE, *OVER)):
        bound = bound_versions(session, agreement_id=agreement.id)
        if not bound:
            continue
        ends = max(one.until_on for one in bound)
        if agreement.state in LIVE:
            _pass_lead(session, agreement, by, now)
            warned += _warn(session, agreement, bound, ends, now)
            ended += _end(session, agreement, bound, ends, by, now)
        if agreement.state in OVER:
            wound_down += _wind_down(session, agreement, bound, by, now)
        let_go += _let_go(session, agreement, bound, by, now)
    return Kept(succeeded, warned, ended, wound_down, let_go)


def derive(session: Session, *, by: Actor, now: datetime) -> int:
    """Derive every agreement's coverage anew: days that are past go, sites that were added or
    moved since count; how many rows there are. Under the locks of the agreements, so that
    whoever suspends a party at the same moment has the last word."""
    demand(by, Deed.KEEP_AGREEMENTS)
    return sum(
        rebuild_coverage(session, agreement_id=agreement.id, now=now)
        for agreement in _in_states(session, (*LIVE, *OVER))
    )


def _in_states(session: Session, states: Sequence[AgreementState]) -> Sequence[Agreement]:
    return session.scalars(
        sa.select(Agreement)
        .where(Agreement.state.in_(states))
        .order_by(Agreement.id)
        .with_for_update()
    ).all()


def _pass_lead(session: Session, agreement: Agreement, by: Actor, now: datetime) -> None:
    """Where the lead has left, the party that the terms name next leads: not one that is
    suspended, which could lift that itself then, unless each is."""
    today = london_day(now)
    there = [
        one
        for one in parties_in_order(session, agreement)
        if not why_not_party(one.leaves_on, today)
    ]
    if len(there) < 2 or any(one.organisation_id == agreement.lead_id for one in there):
        return
    following = min(there, key=lambda one: one.suspended_at is not None)
    before, agreement.lead_id = agreement.lead_id, following.organisation_id
    names = {one: session.get_one(Organisation, one).name for one in (before, agreement.lead_id)}
    tell = tell_bound(
        session, agreement, "agreement_lead", today, old=names[before],
        new=names[agreement.lead_id],
    )  # fmt: skip
    follow(
        session, agreement, "agreement.lead_passed", by=by, now=now, tell=tell,
        old=str(before), new=str(agreement.lead_id),
    )  # fmt: skip


def _warn(
    session: Session, agreement: Agreement, bound: Sequence[InForce], ends: date, now: datetime
) -> int:
    tell = tell_bound(session, agreement, ENDS_SOON, london_day(now), **_in_days(ends, now))
    warned = _once(session, agreement, tell, ends, WARN_DAYS, now)
    if agreement.state is not AgreementState.ACTIVE:
        return warned
    for one in bound:
        day, today = one.terms.review_on, london_day(now)
        if day is not None and one.on(today):
            about = _in_days(day, now)
            tell = [
                *tell_bound(session, agreement, REVIEW_DUE, today, REVIEWERS, **about),
                *tell_contacts(session, agreement, one.terms, REVIEW_DUE, **about),
            ]
            warned += _once(session, agreement, tell, day, REVIEW_DAYS, now)
    return warned


def _in_days(day: date, now: datetime) -> dict[str, Any]:
    return {"on": day.isoformat(), "days": (day - london_day(now)).days}


def _once(
    session: Session, agreement: Agreement, tell: Sequence[Tell], day: date,
    steps: Sequence[int], now: datetime,
) -> int:  # fmt: skip
    """Write each of the letters once for each step before a day."""
    step = warning_step((day - london_day(now)).days, steps)
    if step is None or not tell:
        return 0
    template = tell[0].template
    which = f"{template}:{agreement.id}:{day}:{step}"
    once = {one.account_id: replace(one, dedupe=f"{which}:{one.account_id}") for one in tell}
    return len(write_once(session, list(once.values()), now))


def _end(
    session: Session,
    agreement: Agreement,
    bound: Sequence[InForce],
    ends: date,
    by: Actor,
    now: datetime,
) -> int:
    if london_day(now) <= ends:
        return 0
    by_notice = agreement.state is AgreementState.NOTICE_GIVEN
    agreement.state = AgreementState.TERMINATED if by_notice else AgreementState.EXPIRED
    tell = tell_bound(
        session, agreement, "agreement_ended", ends, on=ends.isoformat(),
        honoured_until=last_honoured(bound).isoformat(),
    )  # fmt: skip
    follow(
        session, agreement, "agreement.ended", by=by, now=now, tell=tell,
        state=agreement.state.value, ends_on=ends,
    )  # fmt: skip
    return 1


def _wind_down(
    session: Session, agreement: Agreement, bound: Sequence[InForce], by: Actor, now: datetime
) -> int:
    if london_day(now) <= last_honoured(bound):
        return 0
    agreement.state, agreement.wound_down_at = AgreementState.WOUND_DOWN, now
    follow(session, agreement, "agreement.wound_down", by=by, now=now)
    return 1


def _let_go(
    session: Session, agreement: Agreement, bound: Sequence[InForce], by: Actor, now: datetime
) -> int:
    """End the clearances between two of whom one left, or all when the agreement is wound down:
    from then on the host keeps them as long as the terms say. A suspension ends nothing."""
    session.flush()
    its = sa.select(AgreementVersion.id).where(AgreementVersion.agreement_id == agreement.id)
    found = session.execute(
        sa.select(Clearance.id, Clearance.home_id, Clearance.host_id)
        .where(Clearance.version_id.in_(its), OPEN)
        .order_by(Clearance.holder_id, Clearance.id)
    ).all()
    over = agreement.state is AgreementState.WOUND_DOWN
    ended = 0
    for clearance_id, home_id, host_id in found:
        days = [one.honoured_until(home_id, host_id) for one in bound]
        last = max((one for one in days if one is not None), default=None)
        if over or (last is not None and last < london_day(now)):
            close(session, locked(session, clearance_id), EndReason.WOUND_DOWN, by, now)
            ended += 1
    return ended
