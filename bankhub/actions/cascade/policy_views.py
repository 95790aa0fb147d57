"""Policies as their editor shows them: what is in force, what is to come, and what a cascade that
is not adopted yet would have done to last week's shifts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import (
    OWN_VERSIONS,
    PolicyBook,
    book_from_rows,
    national_cascade,
    policy_book,
)
from bankhub.actions.shifts.openings import exemptions_of
from bankhub.actions.shifts.shift_records import facts_of
from bankhub.model.bookings import Booking
from bankhub.model.cascade_policy import CascadePolicy, CascadePreview, PastShift
from bankhub.model.policies import PolicyKind, PolicyVersion, read_values
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BANK_TIERS, LIVE_BOOKING, StaffGroup
from bankhub.rules.cascade.cascade_preview import what_would_happen, why_not_use
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day, week_of, week_span
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound, Refused

FOR_ALL_STAFF = frozenset({PolicyKind.FILL})
"""Kinds that know no staff groups."""


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The version that holds for a kind and staff group, and the organisation's later ones."""

    kind: PolicyKind
    staff_group: StaffGroup | None
    version: PolicyVersion
    coming: tuple[PolicyVersion, ...]


def policies_in_force(session: Session, *, on: date, by: Actor) -> list[PolicyInForce]:
    """What holds for the actor's organisation on a day, by kind and staff group."""
    demand(by, Deed.READ_POLICY)
    book = policy_book(session, own_organisation(by))
    found = []
    for kind in PolicyKind:
        for staff_group in groups_of(kind):
            try:
                version = book.pick(kind, staff_group, on)
            except NotFound:
                continue  # no version holds that early
            found.append(PolicyInForce(kind, staff_group, version, _coming(book, version, on)))
    return found


def policy_in_force(
    session: Session, *, kind: PolicyKind, staff_group: StaffGroup | None, on: date, by: Actor
) -> PolicyInForce:
    """What holds for one kind and staff group on a day. Raises `NotFound`."""
    demand(by, Deed.READ_POLICY)
    if staff_group not in groups_of(kind):
        raise NotFound
    book = policy_book(session, own_organisation(by))
    version = book.pick(kind, staff_group, on)
    return PolicyInForce(kind, staff_group, version, _coming(book, version, on))


def groups_of(kind: PolicyKind) -> Sequence[StaffGroup | None]:
    """The staff groups that a kind of policy is asked for."""
    return (None,) if kind in FOR_ALL_STAFF else tuple(StaffGroup)


def _coming(book: PolicyBook, version: PolicyVersion, on: date) -> tuple[PolicyVersion, ...]:
    return tuple(
        later
        for later in book.versions(version.kind)
        if later.from_on > on and version.staff_group in (None, later.staff_group)
    )


@dataclass(frozen=True, slots=True)
class PreviewedWeek:
    """Last week's shifts under the cascade in force and under the one looked at."""

    week: date
    preview: CascadePreview
    references: Mapping[UUID, tuple[str, str, datetime]]
    """Shift → booking reference, role and start."""


def _looked_at(
    values: Mapping[str, Any], staff_group: StaffGroup | None, organisation_id: UUID, on: date
) -> PolicyVersion:
    """The cascade as if it had been adopted today."""
    return PolicyVersion(
        kind=PolicyKind.CASCADE,
        values=dict(values),
        from_on=on,
        source="",
        illustrative=False,
        staff_group=staff_group,
        organisation_id=organisation_id,
    )


def preview_cascade(
    session: Session,
    *,
    staff_group: StaffGroup | None,
    values: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> PreviewedWeek:
    """What would last week's shifts have done under this cascade? Nothing is changed.

    Raises `Invalid` naming each wrong value, `Refused` for a cascade that may not be adopted.
    """
    demand(by, Deed.EDIT_POLICY)
    organisation_id, today = own_organisation(by), london_day(now)
    reasons = why_not_use(
        read_values(CascadePolicy, values), national=national_cascade(staff_group, today)
    )
    if reasons:
        raise Refused(reasons)
    rows = session.execute(OWN_VERSIONS.statement, {"organisation_id": organisation_id}).all()
    looked_at = _looked_at(values, staff_group, organisation_id, today)
    old = book_from_rows(rows)
    new = PolicyBook([*old.versions(PolicyKind.CASCADE), looked_at])
    week = week_of(now) - timedelta(weeks=1)
    shifts = _shifts_of(session, organisation_id, week, staff_group)
    preview = what_would_happen(
        _past(session, shifts),
        old={group: old.cascade(group, today) for group in StaffGroup},
        new={group: new.cascade(group, today) for group in StaffGroup},
        exemptions=exemptions_of(session, organisation_id),
    )
    references = {one.id: (one.reference, one.role, one.starts_at) for one in shifts}
    return PreviewedWeek(week, preview, references)


def _shifts_of(
    session: Session, organisation_id: UUID, week: date, staff_group: StaffGroup | None
) -> Sequence[Shift]:
    """Shifts of a week that were authorised before they started."""
    start, end = week_span(week)
    query = sa.select(Shift).where(
        Shift.organisation_id == organisation_id,
        Shift.starts_at >= start,
        Shift.starts_at < end,
        Shift.authorised_at < Shift.starts_at,
    )
    if staff_group is not None:
        query = query.where(Shift.staff_group == staff_group)
    return session.scalars(query.order_by(Shift.starts_at, Shift.id)).all()


def _past(session: Session, shifts: Iterable[Shift]) -> list[PastShift]:
    found = {
        shift.id: PastShift(facts_of(shift), shift.authorised_at, filled_at=None)
        for shift in shifts
        if shift.authorised_at is not None
    }
    rows = session.execute(
        sa.select(Booking.shift_id, Booking.confirmed_at, Booking.tier).where(
            Booking.shift_id.in_(list(found)), Booking.state.in_(LIVE_BOOKING)
        )
    )
    for shift_id, filled_at, tier in rows:
        found[shift_id] = replace(
            found[shift_id], filled_at=filled_at, filled_by_bank=tier in BANK_TIERS
        )
    return list(found.values())
