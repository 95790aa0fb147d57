"""Which dated policy holds: the organisation's own, else the national default."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.model.policies import DatedPolicy, PolicyKind, PolicyVersion, read_values
from bankhub.model.reference import national_policies
from bankhub.model.vocabulary import StaffGroup
from bankhub.rules.permissions import Deed
from passport.actors import Actor
from passport.errors import NotFound
from passport.events import record

V = TypeVar("V")


def versions(
    session: Session, *, kind: PolicyKind, organisation_id: UUID | None
) -> tuple[PolicyVersion, ...]:
    """Every version of one policy: national defaults, then the organisation's own, by date."""
    own: tuple[PolicyVersion, ...] = ()
    if organisation_id is not None:
        rows = session.execute(
            sa.select(
                DatedPolicy.values, DatedPolicy.from_on, DatedPolicy.source, DatedPolicy.staff_group
            )
            .where(DatedPolicy.organisation_id == organisation_id, DatedPolicy.kind == kind)
            .order_by(DatedPolicy.from_on, DatedPolicy.made_at)
        )
        own = tuple(
            PolicyVersion(
                kind=kind,
                values=values,
                from_on=from_on,
                source=source,
                illustrative=False,
                staff_group=staff_group,
                organisation_id=organisation_id,
            )
            for values, from_on, source, staff_group in rows
        )
    return (*national_policies(kind), *own)


def pick(
    candidates: Iterable[PolicyVersion], *, staff_group: StaffGroup | None, on: date
) -> PolicyVersion:
    """The version that holds on a day.

    The organisation's own beats the national one, one for the staff group beats one for all,
    and the later beats the earlier. Raises `NotFound` where none holds yet.
    """
    holding = [
        version
        for version in candidates
        if version.from_on <= on and version.staff_group in (None, staff_group)
    ]
    if not holding:
        raise NotFound("no-policy")
    ranked = [
        (v.organisation_id is not None, v.staff_group is not None, v.from_on, place)
        for place, v in enumerate(holding)
    ]
    return holding[ranked.index(max(ranked))]


def policy_for(
    session: Session,
    into: type[V],
    *,
    kind: PolicyKind,
    organisation_id: UUID | None,
    staff_group: StaffGroup | None,
    on: date,
) -> V:
    """The policy that holds, as its frozen value class."""
    found = versions(session, kind=kind, organisation_id=organisation_id)
    return read_values(into, pick(found, staff_group=staff_group, on=on).values)


def adopt(
    session: Session,
    *,
    kind: PolicyKind,
    into: type[Any],
    staff_group: StaffGroup | None,
    from_on: date,
    values: Mapping[str, Any],
    source: str,
    by: Actor,
    now: datetime,
) -> DatedPolicy:
    """Add a version for the actor's organisation. Raises `Invalid` naming each wrong value.

    Shifts in flight keep the openings they were given: nothing is moved here.
    """
    demand(by, Deed.EDIT_POLICY)
    if by.organisation_id is None:
        raise NotFound
    read_values(into, values)
    version = DatedPolicy(
        organisation_id=by.organisation_id,
        kind=kind,
        staff_group=staff_group,
        from_on=from_on,
        values=dict(values),
        source=source,
        made_at=now,
        made_by_id=by.account_id,
    )
    session.add(version)
    record(
        session,
        "policy.adopted",
        subject_id=version.id,
        by=by,
        now=now,
        kind=kind.value,
        staff_group=staff_group,
        from_on=from_on,
        values=dict(values),
    )
    return version
