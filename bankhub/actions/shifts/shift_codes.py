"""An organisation's own names for patterns of hours: E, L, LD, N, TW, a GP's morning session…"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, TypedDict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.reference_values import StarterSet
from bankhub.model.shifts import ShiftCode
from bankhub.rules.permissions import Deed
from bankhub.rules.shifts.roster_entries import CodeTimes
from bankhub.rules.shifts.shift_code_entry import wrong_code, wrong_fields
from passport.actions.changes import Change, set_fields
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Invalid, NotFound
from passport.events import record


class CodeFields(TypedDict):
    """What a code stands for: `name`, London times, unpaid break, and for GP sessions `details`."""

    name: str
    starts: time
    ends: time
    unpaid_break_minutes: int
    details: dict[str, Any]


def shift_codes(session: Session, *, by: Actor) -> Sequence[ShiftCode]:
    """The codes of the actor's organisation, by code."""
    demand(by, Deed.READ_SHIFTS)
    return session.scalars(
        sa.select(ShiftCode)
        .where(ShiftCode.organisation_id == own_organisation(by))
        .order_by(ShiftCode.code)
    ).all()


def code_times(session: Session, organisation_id: UUID) -> dict[str, CodeTimes]:
    """Code in capitals → what it stands for, as rules read it."""
    rows = session.scalars(sa.select(ShiftCode).where(ShiftCode.organisation_id == organisation_id))
    return {
        row.code.upper(): CodeTimes(
            starts=row.starts,
            ends=row.ends,
            unpaid_break_minutes=row.unpaid_break_minutes,
            details=row.details,
        )
        for row in rows
    }


def put_shift_code(
    session: Session, *, code: str, fields: CodeFields, by: Actor, now: datetime
) -> Change:
    """Add a code, or change what it stands for from now on: shifts already posted keep their
    times. Raises `Invalid` naming each wrong field."""
    demand(by, Deed.EDIT_UNITS)
    here = own_organisation(by)
    wrong = {**wrong_code(code), **wrong_fields(fields)}
    if wrong:
        raise Invalid("shift_code", "The shift code cannot be right.", wrong)
    known = _find(session, here, code)
    if known is None:
        known = ShiftCode(organisation_id=here, code=code, **fields)
        session.add(known)
        session.flush()
        _told(session, "shift_code.added", known, fields, by, now)
        return Change.ADDED
    changed = set_fields(known, fields)
    if not changed:
        return Change.UNCHANGED
    _told(session, "shift_code.changed", known, changed, by, now)
    return Change.CHANGED


def remove_shift_code(session: Session, *, code: str, by: Actor, now: datetime) -> None:
    """Forget a code. Shifts posted by it keep its name and their times. Raises `NotFound`."""
    demand(by, Deed.EDIT_UNITS)
    known = _find(session, own_organisation(by), code)
    if known is None:
        raise NotFound
    session.delete(known)
    _told(session, "shift_code.removed", known, {}, by, now)


def adopt_starter_codes(
    session: Session, *, which: StarterSet, by: Actor, now: datetime
) -> list[str]:
    """Add the starter codes the organisation has none of by that name; returns those added."""
    added = []
    here = own_organisation(by)
    for listed in reference.starter_codes()[which]:
        if _find(session, here, listed.code) is not None:
            continue
        fields: CodeFields = {
            "name": listed.name,
            "starts": listed.starts,
            "ends": listed.ends,
            "unpaid_break_minutes": listed.unpaid_break_minutes,
            "details": {"period": listed.period} if listed.period else {},
        }
        put_shift_code(session, code=listed.code, fields=fields, by=by, now=now)
        added.append(listed.code)
    return added


def _find(session: Session, organisation_id: UUID, code: str) -> ShiftCode | None:
    return session.scalar(
        sa.select(ShiftCode).where(
            ShiftCode.organisation_id == organisation_id,
            sa.func.upper(ShiftCode.code) == code.upper(),
        )
    )


def _told(
    session: Session,
    kind: str,
    code: ShiftCode,
    detail: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    record(session, kind, subject_id=code.id, by=by, now=now, code=code.code, changed=dict(detail))
