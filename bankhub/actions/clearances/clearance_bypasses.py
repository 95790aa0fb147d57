"""One item of a clearance set aside for a time: asked by one person of the host, granted by
another; never registration, right to work or a barred list. It covers the item as it stood when
it was asked for: what its issuer changes of it ends it at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearances
from bankhub.actions.clearances.clearance_evidence import Judge
from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import policy_book
from bankhub.model.clearance_values import item_of
from bankhub.model.clearances import BypassEnd, Clearance, ClearanceBypass
from bankhub.rules.clearances.clearance import NEVER_BYPASSED, may_bypass
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.access import humans
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import record

LONGEST_REASON = 500


def ask_bypass(
    session: Session,
    *,
    clearance_id: UUID,
    item: str,
    because: str,
    until_on: date,
    by: Actor,
    now: datetime,
) -> ClearanceBypass:
    """Ask for an item to be set aside until a day. Raises `Invalid` for a wrong reason or day,
    `Refused` for an item that never may be, is not missing, or is asked for already."""
    demand(by, Deed.ASK_BYPASS)
    row = _own(session, clearance_id, by)
    clearances.refuse_own(session, row.person_id, by)
    _refuse_wrong(session, row, because, until_on, now)
    _refuse_item(session, row, item, now)
    made = ClearanceBypass(
        clearance_id=row.id, organisation_id=row.host_id, item=item, because=because.strip(),
        asked_at=now, asked_by_id=by.account_id, until_on=until_on,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _record(session, "asked", made, by, now)
    return made


def grant_bypass(
    session: Session, *, bypass_id: UUID, by: Actor, now: datetime
) -> ClearanceBypass:
    """A second person grants it, and the clearance is decided again. Raises `Refused` to who asked
    for it, to the person concerned, and where its day has passed, or lies further ahead than the
    host's policy allows by now."""
    demand(by, Deed.GRANT_BYPASS)
    found, row = _waiting(session, bypass_id, by)
    clearances.refuse_own(session, row.person_id, by)
    if by.account_id is None or humans.is_same(session, by, found.asked_by_id):
        words = "Somebody else than who asked has to grant it."
        raise Refused([Reason("needs_second_person", text=words)])
    in_time = london_day(now) <= found.until_on <= _latest(session, row, now)
    if found.item in NEVER_BYPASSED or not in_time:
        raise Refused([Reason("bypass_over", text="It cannot be granted any more.")])
    found.granted_at, found.granted_by_id = now, by.account_id
    _record(session, "granted", found, by, now)
    _decide(session, row, "bypass.granted", by, now)
    return found


def refuse_bypass(
    session: Session, *, bypass_id: UUID, by: Actor, now: datetime
) -> ClearanceBypass:
    """A second person refuses it."""
    demand(by, Deed.GRANT_BYPASS)
    found, _ = _waiting(session, bypass_id, by)
    found.refused_at = now
    _record(session, "refused", found, by, now)
    return found


def end_bypass(
    session: Session, *, bypass_id: UUID, by: Actor, now: datetime
) -> ClearanceBypass:
    """Take a bypass back before its day, and decide again."""
    demand(by, Deed.ASK_BYPASS)
    found, row = _found(session, bypass_id, by)
    if found.refused_at or found.ended_at:
        raise Refused([Reason("bypass_over", text="It has ended already.")])
    _end(session, found, BypassEnd.TAKEN_BACK, by, now)
    _decide(session, row, "bypass.ended", by, now)
    return found


def fall(
    session: Session, *, person_id: UUID, changed: Mapping[str, str], by: Actor, now: datetime
) -> None:
    """End what was asked or granted about items that their issuer changed; `changed` names the
    type of credential of each, as a host hears nothing of a type that no agreement shares. Part of
    another deed, which then decides the clearances again."""
    ids = session.scalars(
        sa.select(Clearance.id)
        .where(Clearance.person_id == person_id, clearances.OPEN)
        .order_by(Clearance.id)
    ).all()
    judge = Judge(session, now)
    for clearance_id in ids:
        row = clearances.locked(session, clearance_id)
        asked = clearances.asked_of(judge, row)
        told = [item for item, kind in changed.items() if judge.shares(asked, kind)]
        for found in session.scalars(
            sa.select(ClearanceBypass)
            .where(
                ClearanceBypass.clearance_id == row.id,
                ClearanceBypass.item.in_(told),
                ClearanceBypass.refused_at.is_(None),
                ClearanceBypass.ended_at.is_(None),
            )
            .order_by(ClearanceBypass.id)
            .execution_options(populate_existing=True)
        ).all():
            _end(session, found, BypassEnd.ITEM_CHANGED, by, now)


def waiting(session: Session, *, by: Actor, now: datetime) -> Sequence[ClearanceBypass]:
    """What waits for a second person of the actor's organisation, the longest first."""
    demand(by, Deed.GRANT_BYPASS)
    return session.scalars(
        sa.select(ClearanceBypass)
        .join(Clearance, Clearance.id == ClearanceBypass.clearance_id)
        .where(
            ClearanceBypass.organisation_id == own_organisation(by),
            ClearanceBypass.granted_at.is_(None),
            ClearanceBypass.refused_at.is_(None),
            ClearanceBypass.ended_at.is_(None),
            ClearanceBypass.until_on >= london_day(now),
            clearances.OPEN,
        )
        .order_by(ClearanceBypass.asked_at, ClearanceBypass.id)
    ).all()


def _own(session: Session, clearance_id: UUID, by: Actor) -> Clearance:
    row = clearances.locked(session, clearance_id)
    if row.host_id != own_organisation(by):
        raise NotFound
    return row


def _found(
    session: Session, bypass_id: UUID, by: Actor
) -> tuple[ClearanceBypass, Clearance]:
    found = session.get(ClearanceBypass, bypass_id)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    row = _own(session, found.clearance_id, by)
    session.refresh(found)
    return found, row


def _waiting(
    session: Session, bypass_id: UUID, by: Actor
) -> tuple[ClearanceBypass, Clearance]:
    found, row = _found(session, bypass_id, by)
    if found.granted_at or found.refused_at or found.ended_at:
        raise Refused([Reason("bypass_decided", text="It has been decided already.")])
    return found, row


def _refuse_wrong(
    session: Session, row: Clearance, because: str, until_on: date, now: datetime
) -> None:
    today, latest = london_day(now), _latest(session, row, now)
    wrong: dict[str, list[str]] = {}
    if not because.strip():
        wrong["because"] = ["Say why it may be set aside, and what protects patients meanwhile."]
    elif len(because) > LONGEST_REASON:
        wrong["because"] = [f"Use {LONGEST_REASON} characters at most."]
    if not today <= until_on <= latest:
        most = (latest - today).days
        wrong["until_on"] = [f"Choose a day from today, at most {most} days ahead."]
    if wrong:
        raise Invalid("bypass_entry", "It cannot be asked for like this.", wrong)


def _latest(session: Session, row: Clearance, now: datetime) -> date:
    """The last day until which the host's policy lets an item be set aside today."""
    today = london_day(now)
    policy = policy_book(session, row.host_id).clearance(row.staff_group, today)
    return today + timedelta(days=policy.bypass_days_max)


def _refuse_item(session: Session, row: Clearance, item: str, now: datetime) -> None:
    if item in NEVER_BYPASSED:
        words = "This is never set aside: it has to be put right."
        raise Refused([Reason("never_bypassed", {"item": item}, text=words)])
    items = (item_of(one) for one in row.items)
    if not any(one.code == item and may_bypass(one) for one in items):
        words = "Only what is missing before booking can be set aside."
        raise Refused([Reason("not_missing", {"item": item}, text=words)])
    asked = session.scalar(
        sa.select(ClearanceBypass.id).where(
            ClearanceBypass.clearance_id == row.id,
            ClearanceBypass.item == item,
            ClearanceBypass.granted_at.is_(None),
            ClearanceBypass.refused_at.is_(None),
            ClearanceBypass.ended_at.is_(None),
            ClearanceBypass.until_on >= london_day(now),
        )
    )
    if asked is not None:
        words = "This has been asked for already, and waits for a second person."
        raise Refused([Reason("bypass_asked", {"item": item}, text=words)])


def _end(
    session: Session, found: ClearanceBypass, because: BypassEnd, by: Actor, now: datetime
) -> None:
    found.ended_at, found.ended_because = now, because.value
    _record(session, "ended", found, by, now, because=because.value)


def _record(
    session: Session, verb: str, found: ClearanceBypass, by: Actor, now: datetime, **detail: Any
) -> None:
    session.flush()
    record(
        session, f"bypass.{verb}", subject_id=found.id, organisation_id=found.organisation_id,
        by=by, now=now, clearance=found.clearance_id, item=found.item, until_on=found.until_on,
        **detail,
    )  # fmt: skip


def _decide(
    session: Session, row: Clearance, because: str, by: Actor, now: datetime
) -> None:
    clearances.redecide(session, clearance_ids=[row.id], because=because, by=by, now=now)
