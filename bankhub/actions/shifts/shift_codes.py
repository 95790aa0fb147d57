"""An organisation's own names for patterns of hours: E, L, LD, N, TW, a GP's morning session…"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, TypedDict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.reference_values import StarterCode, StarterSet
from bankhub.model.shifts import ShiftCode
from bankhub.rules.permissions import Deed
from bankhub.rules.shifts.roster_entries import CodeTimes
from bankhub.rules.shifts.shift_code_entry import wrong_code, wrong_fields
from passport.actions.changes import set_fields
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Invalid, NotFound
from passport.events import record

TAKEN = "There is a code of this name. Change that one, or choose another name."


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


def shift_code_of(session: Session, *, code_id: UUID, by: Actor) -> ShiftCode:
    """One code of the actor's organisation. Raises `NotFound`."""
    demand(by, Deed.READ_SHIFTS)
    found = session.get(ShiftCode, code_id)
    if found is None or found.organisation_id != own_organisation(by):
        raise NotFound
    return found


def add_shift_code(
    session: Session, *, code: str, fields: CodeFields, by: Actor, now: datetime
) -> ShiftCode:
    """Add a code. Raises `Invalid` naming each wrong field, and where there is one of that name:
    `LD` and `ld` are the same."""
    demand(by, Deed.EDIT_UNITS)
    here = own_organisation(by)
    wrong = {**wrong_code(code), **wrong_fields(fields)}
    if not wrong and _find(session, here, code) is not None:
        wrong = {"code": [TAKEN]}
    if wrong:
        raise Invalid("shift_code", "The shift code cannot be right.", wrong)
    added = ShiftCode(organisation_id=here, code=code, **fields)
    try:
        with session.begin_nested():
            session.add(added)
            session.flush()
            _told(session, "shift_code.added", added, fields, by, now)
    except sa.exc.IntegrityError as error:  # somebody else was quicker
        raise Invalid("shift_code", fields={"code": [TAKEN]}) from error
    return added


def change_shift_code(
    session: Session, *, code_id: UUID, fields: CodeFields, by: Actor, now: datetime
) -> ShiftCode:
    """Change what a code stands for from now on: shifts already posted keep their times. Raises
    `Invalid` naming each wrong field, `NotFound`."""
    demand(by, Deed.EDIT_UNITS)
    known = shift_code_of(session, code_id=code_id, by=by)
    if wrong := wrong_fields(fields):
        raise Invalid("shift_code", "The shift code cannot be right.", wrong)
    if changed := set_fields(known, fields):
        _told(session, "shift_code.changed", known, changed, by, now)
    return known


def remove_shift_code(session: Session, *, code_id: UUID, by: Actor, now: datetime) -> ShiftCode:
    """Forget a code. Shifts posted by it keep its name and their times. Raises `NotFound`."""
    demand(by, Deed.EDIT_UNITS)
    known = shift_code_of(session, code_id=code_id, by=by)
    session.delete(known)
    _told(session, "shift_code.removed", known, {}, by, now)
    return known


def starters(session: Session, *, by: Actor) -> Mapping[StarterSet, Sequence[StarterCode]]:
    """Of each starter set the codes of which the actor's organisation has none of that name."""
    held = {row.code.upper() for row in shift_codes(session, by=by)}
    every = reference.starter_codes().items()
    left = {which: [one for one in codes if one.code.upper() not in held] for which, codes in every}
    return {which: codes for which, codes in left.items() if codes}


def adopt_starter_codes(
    session: Session, *, which: StarterSet, by: Actor, now: datetime
) -> list[str]:
    """Add the starter codes the organisation has none of by that name; returns those added."""
    demand(by, Deed.EDIT_UNITS)
    listed = starters(session, by=by).get(which, ())
    for one in listed:
        fields: CodeFields = {
            "name": one.name,
            "starts": one.starts,
            "ends": one.ends,
            "unpaid_break_minutes": one.unpaid_break_minutes,
            "details": {"period": one.period} if one.period else {},
        }
        add_shift_code(session, code=one.code, fields=fields, by=by, now=now)
    return [one.code for one in listed]


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
