"""Posting many shifts at once: a pattern repeated over weeks, and last week again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import PolicyBook, policy_book
from bankhub.actions.shifts import shifts
from bankhub.actions.shifts.shift_drafts import Posted, ShiftDraft, ShiftWish
from bankhub.model import reference
from bankhub.model.request_policy import RequestPolicy
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import RequestReason, ShiftState
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import Span, london_day, week_span
from bankhub.rules.shifts.patterns import (
    Pattern,
    Placed,
    already_there,
    moved,
    spread,
    wrong_pattern,
)
from bankhub.rules.shifts.shift_code_entry import wrong_details
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Invalid, Reason

WANTED = (ShiftState.SUBMITTED, ShiftState.OPEN, ShiftState.FILLED)
"""States of shifts that are copied, and that count as standing in the new week."""
MOST_UNITS = 50
"""Units whose week is copied at one go."""


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one day of a pattern, or of one shift of the old week."""

    day: date
    posted: tuple[Posted, ...] = ()
    reasons: tuple[Reason, ...] = ()
    copied: str = ""
    """Reference of the shift that was copied."""
    first_pass_taken: bool = False
    """A time of it happens twice that night and the first was taken: worth asking."""


def post_pattern(
    session: Session,
    *,
    wish: ShiftWish,
    pattern: Pattern,
    by: Actor,
    now: datetime,
    submit: bool = True,
) -> list[Line]:
    """Post the shifts of a pattern. Days that cannot be are told with their reasons and the
    others posted. Raises `Invalid` for a pattern that means nothing, `NotFound` for the unit."""
    demand(by, Deed.POST_SHIFT)
    wrong = wrong_pattern(pattern)
    for details in (wish.details, *(one.details for day in pattern.times.values() for one in day)):
        wrong |= wrong_details(details)
    if wrong:
        raise Invalid("pattern", "The pattern cannot be right.", wrong)
    policies = policy_book(session, own_organisation(by))
    role = reference.roles().get(wish.role)

    def policy_on(day: date) -> RequestPolicy:
        return policies.requesting(role.staff_group if role else None, day)

    placed = spread(pattern, policy_on=policy_on, now=now)
    drafts = [_draft(wish, one, one.span) if one.span else None for one in placed]
    return _post(session, placed, drafts, by, now, submit=submit)


def _draft(wish: ShiftWish, placed: Placed, span: Span) -> ShiftDraft:
    said: dict[str, Any] = {spec.name: getattr(wish, spec.name) for spec in fields(ShiftWish)}
    times = placed.times
    if said["unpaid_break_minutes"] is None:
        said["unpaid_break_minutes"] = times.unpaid_break_minutes
    said["shift_code"] = times.shift_code or wish.shift_code
    said["details"] = {**wish.details, **times.details}
    return ShiftDraft(starts_at=span.starts_at, ends_at=span.ends_at, **said)


def _post(
    session: Session,
    placed: Sequence[Placed],
    drafts: Sequence[ShiftDraft | None],
    by: Actor,
    now: datetime,
    *,
    submit: bool = True,
    copied: Mapping[int, str] | None = None,
) -> list[Line]:
    """Post the drafts that there are; None = the day itself cannot be."""
    places = [place for place, draft in enumerate(drafts) if draft is not None]
    accepted, refused = shifts.post_many(
        session, drafts=[draft for draft in drafts if draft], by=by, now=now, submit=submit
    )
    posted = {places[number]: made for number, made in accepted.items()}
    reasons = {places[number]: said for number, said in refused.items()}
    return [
        Line(
            one.day,
            tuple(posted.get(place, ())),
            tuple(reasons.get(place, one.reasons)),
            (copied or {}).get(place, ""),
            one.first_pass_taken,
        )
        for place, one in enumerate(placed)
    ]


def copy_week(
    session: Session,
    *,
    unit_ids: Collection[UUID],
    week: date,
    weeks_later: int = 1,
    reason: RequestReason | None = None,
    by: Actor,
    now: datetime,
) -> list[Line]:
    """Post the shifts of some units in the London week of `week` again, `weeks_later` weeks on,
    by the wall clock. Shifts that stand in the new week already are not posted again.

    `reason` replaces the old shifts' own. Units of another organisation have no shifts here.
    Raises `Invalid` for weeks and units that cannot be meant.
    """
    demand(by, Deed.POST_SHIFT)
    _refuse_wrong(unit_ids, weeks_later)
    old = _shifts(session, unit_ids, week, by)
    policies = policy_book(session, own_organisation(by))
    placed = [_moved(shift, weeks_later, policies, now) for shift in old]
    there = _shifts(session, unit_ids, week + timedelta(weeks=weeks_later), by)
    standing = already_there(
        [_likeness(shift, one.span) for shift, one in zip(old, placed, strict=True)],
        [_likeness(shift, Span(shift.starts_at, shift.ends_at)) for shift in there],
    )
    placed = [
        Placed(one.day, one.times, None, (_stands_already(),)) if stands else one
        for one, stands in zip(placed, standing, strict=True)
    ]
    drafts = [
        _copy(shift, one.span, reason) if one.span else None
        for shift, one in zip(old, placed, strict=True)
    ]
    copied = {place: shift.reference for place, shift in enumerate(old)}
    return _post(session, placed, drafts, by, now, copied=copied)


def _refuse_wrong(unit_ids: Collection[UUID], weeks_later: int) -> None:
    wrong = {
        "weeks_later": not 1 <= weeks_later <= 52 and "copy to one of the next 52 weeks",
        "unit_ids": not 1 <= len(unit_ids) <= MOST_UNITS and f"choose 1 to {MOST_UNITS} units",
    }
    if messages := {name: [said] for name, said in wrong.items() if said}:
        raise Invalid("copy_week", "The week cannot be copied so.", messages)


def _shifts(
    session: Session, unit_ids: Collection[UUID], week: date, by: Actor
) -> Sequence[Shift]:
    """The shifts of own units that start in the week, but those asked for after their start."""
    first, until = week_span(week)
    return session.scalars(
        sa.select(Shift)
        .where(
            Shift.organisation_id == own_organisation(by),
            Shift.unit_id.in_(unit_ids),
            Shift.starts_at >= first,
            Shift.starts_at < until,
            Shift.state.in_(WANTED),
            Shift.retrospective.is_(False),
        )
        .order_by(Shift.starts_at, Shift.reference)
    ).all()


def _moved(shift: Shift, weeks: int, policies: PolicyBook, now: datetime) -> Placed:
    day = london_day(shift.starts_at) + timedelta(weeks=weeks)
    policy = policies.requesting(shift.staff_group, day)
    return moved(Span(shift.starts_at, shift.ends_at), weeks, policy=policy, now=now)


def _likeness(shift: Shift, span: Span | None) -> tuple[Any, ...]:
    return (shift.unit_id, shift.role, shift.grade, tuple(shift.skills), span)


def _stands_already() -> Reason:
    return Reason("already_there", text="The same shift stands in that week already.")


def _copy(shift: Shift, span: Span, reason: RequestReason | None) -> ShiftDraft:
    return ShiftDraft(
        unit_id=shift.unit_id,
        role=shift.role,
        grade=shift.grade,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        reason=reason or shift.reason,
        fallback_grade=shift.fallback_grade,
        skills=frozenset(shift.skills),
        unpaid_break_minutes=shift.unpaid_break_minutes,
        reason_text=shift.reason_text,
        post_number=shift.post_number,
        review_on=shift.review_on,
        notes=shift.notes,
        shift_code=shift.shift_code,
        details=shift.details,
        instant_book=shift.instant_book,
    )
