"""Organisations and how they belong together: kept by the operator, read by all.

They are public reference data (ODS), so reads are not scoped to an organisation.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.changes import Change, set_fields
from passport.actions.permission import demand
from passport.actors import Actor
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.model.organisations import (
    MembershipKind,
    Organisation,
    OrganisationKind,
    OrganisationMembership,
)
from passport.rules.people.organisation_entry import (
    tidy_postcode,
    wrong_code,
    wrong_dates,
    wrong_fields,
    wrong_group,
)
from passport.rules.permissions import Deed


class OrganisationFields(TypedDict, total=False):
    """What a source states of an organisation; what it does not state stays as it is."""

    name: str
    kind: OrganisationKind
    address: str
    postcode: str
    opened_on: date | None
    closed_on: date | None


def upsert(
    session: Session, *, ods_code: str, fields: OrganisationFields, by: Actor, now: datetime
) -> Change:
    """Add the organisation with this ODS code, or change what differs.

    Raises `Invalid` naming each wrong field, and `Refused` (`code_of_another_kind`) where the
    code is known as another kind of organisation: codes are never reused.
    """
    demand(by, Deed.IMPORT_ORGANISATIONS)
    known = by_ods(session, ods_code)
    values = dict(fields)
    if "postcode" in fields:
        values["postcode"] = tidy_postcode(fields["postcode"])
    _refuse_wrong(ods_code, values, known)
    if known is None:
        return _add(session, ods_code, values, by, now)
    changed = set_fields(known, values)
    if not changed:
        return Change.UNCHANGED
    record(
        session,
        "organisation.changed",
        subject_id=known.id,
        organisation_id=known.id,
        by=by,
        now=now,
        ods_code=ods_code,
        changed=changed,
    )
    return Change.CHANGED


def _refuse_wrong(ods_code: str, values: Mapping[str, Any], known: Organisation | None) -> None:
    wrong: dict[str, list[str]] = {}
    if messages := wrong_code(ods_code):
        wrong["ods_code"] = messages
    if known is None:
        wrong.update({name: ["is missing"] for name in ("name", "kind") if name not in values})
        wrong.update(wrong_fields(values))
    else:
        dates = {"opened_on": known.opened_on, "closed_on": known.closed_on}
        wrong.update(wrong_fields({**dates, **values}))
    if wrong:
        raise Invalid("organisation_entry", "The organisation cannot be right.", wrong)
    if known is not None and values.get("kind", known.kind) != known.kind:
        reason = Reason(
            "code_of_another_kind",
            {"ods_code": ods_code, "known": known.kind, "sent": values["kind"]},
            text=f"{ods_code} is on record as {known.kind}, not {values['kind']}.",
        )
        raise Refused([reason])


def _add(
    session: Session, ods_code: str, values: dict[str, Any], by: Actor, now: datetime
) -> Change:
    added = Organisation(ods_code=ods_code, **values)
    session.add(added)
    session.flush()
    record(
        session,
        "organisation.added",
        subject_id=added.id,
        organisation_id=added.id,
        by=by,
        now=now,
        ods_code=ods_code,
        organisation_kind=added.kind,
        name=added.name,
    )
    return Change.ADDED


def close(
    session: Session,
    *,
    ods_code: str,
    closed_on: date,
    successor_code: str | None = None,
    by: Actor,
    now: datetime,
) -> Change:
    """Say that an organisation's last day is `closed_on`, and who succeeded it."""
    change = upsert(session, ods_code=ods_code, fields={"closed_on": closed_on}, by=by, now=now)
    if successor_code:
        join(
            session,
            member_code=ods_code,
            group_code=successor_code,
            kind=MembershipKind.SUCCESSOR,
            by=by,
            now=now,
        )
    return change


def join(
    session: Session,
    *,
    member_code: str,
    group_code: str,
    kind: MembershipKind,
    from_on: date | None = None,
    until_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Change:
    """Put a dated membership on record; `until_on` is its last day.

    The same period again changes nothing; one without a known beginning is the one on record
    that has not ended. A new group never ends an old one: a trust may belong to several systems.
    Raises `Invalid` for unknown codes, a wrong kind of group and periods that overlap.
    """
    demand(by, Deed.IMPORT_ORGANISATIONS)
    member = _known(session, member_code, "member_ods_code")
    group = _known(session, group_code, "group_ods_code")
    _refuse_wrong_membership(member, group, kind, from_on, until_on)
    periods = _periods(session, member, group, kind)
    # A source that does not know when it began or ended does not unsay what is known.
    stated = {n: day for n, day in (("from_on", from_on), ("until_on", until_on)) if day}
    found = _same_period(periods, from_on)
    change = Change.CHANGED if found else Change.ADDED
    if found is None:
        _refuse_overlap(periods, from_on, until_on)
        found = OrganisationMembership(
            member_id=member.id, group_id=group.id, kind=kind, from_on=from_on, until_on=until_on
        )
        session.add(found)
        session.flush()
    elif not set_fields(found, stated):
        return Change.UNCHANGED
    _told(session, f"membership.{change}", found, member, group, stated, by, now)
    return change


def _told(
    session: Session,
    event: str,
    membership: OrganisationMembership,
    member: Organisation,
    group: Organisation,
    stated: Mapping[str, date],
    by: Actor,
    now: datetime,
) -> None:
    record(
        session,
        event,
        subject_id=membership.id,
        organisation_id=member.id,
        by=by,
        now=now,
        member=member.ods_code,
        group=group.ods_code,
        membership_kind=membership.kind,
        stated=stated,
    )


def _periods(
    session: Session, member: Organisation, group: Organisation, kind: MembershipKind
) -> Sequence[OrganisationMembership]:
    return session.scalars(
        sa.select(OrganisationMembership).where(
            OrganisationMembership.member_id == member.id,
            OrganisationMembership.group_id == group.id,
            OrganisationMembership.kind == kind,
        )
    ).all()


def _refuse_wrong_membership(
    member: Organisation,
    group: Organisation,
    kind: MembershipKind,
    from_on: date | None,
    until_on: date | None,
) -> None:
    wrong = wrong_dates(from_on, until_on)
    if message := wrong_group(kind, group.kind):
        wrong["group_ods_code"] = [message]
    if member.id == group.id:
        wrong["group_ods_code"] = ["is the same organisation"]
    if wrong:
        raise Invalid("membership_entry", "The membership cannot be right.", wrong)


def _same_period(
    periods: Sequence[OrganisationMembership], from_on: date | None
) -> OrganisationMembership | None:
    for period in periods:
        if period.from_on == from_on:
            return period
    still_on = [p for p in periods if p.until_on is None and (p.from_on is None or not from_on)]
    return still_on[0] if still_on else None


def _refuse_overlap(
    periods: Sequence[OrganisationMembership], from_on: date | None, until_on: date | None
) -> None:
    for period in periods:
        begins_before_end = until_on is None or (period.from_on or date.min) <= until_on
        ends_after_begin = from_on is None or (period.until_on or date.max) >= from_on
        if begins_before_end and ends_after_begin:
            raise Invalid(
                "membership_entry",
                "The membership overlaps one on record.",
                {"from_on": [f"on record from {period.from_on} until {period.until_on}"]},
            )


def _known(session: Session, ods_code: str, field: str) -> Organisation:
    found = by_ods(session, ods_code)
    if found is None:
        raise Invalid(
            "unknown_organisation",
            f"No organisation has the ODS code {ods_code}.",
            {field: [f"{ods_code} is not on record: import it first"]},
        )
    return found


def by_ods(session: Session, ods_code: str) -> Organisation | None:
    """The organisation with this ODS code."""
    return session.scalar(sa.select(Organisation).where(Organisation.ods_code == ods_code))


def get(session: Session, organisation_id: UUID) -> Organisation:
    """The organisation with this id. Raises `NotFound`."""
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound
    return found


def _holding(on: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.or_(OrganisationMembership.from_on.is_(None), OrganisationMembership.from_on <= on),
        sa.or_(OrganisationMembership.until_on.is_(None), OrganisationMembership.until_on >= on),
        sa.or_(Organisation.closed_on.is_(None), Organisation.closed_on >= on),
    )


def groups_of(
    session: Session, *, member_id: UUID, on: date, kind: MembershipKind | None = None
) -> list[tuple[MembershipKind, Organisation]]:
    """What an organisation belongs to on a day; a closed group ends its memberships."""
    found = session.execute(
        sa.select(OrganisationMembership.kind, Organisation)
        .join(Organisation, OrganisationMembership.group_id == Organisation.id)
        .where(
            OrganisationMembership.member_id == member_id,
            OrganisationMembership.kind == kind
            if kind
            else OrganisationMembership.kind != MembershipKind.SUCCESSOR,
            _holding(on),
        )
        .order_by(OrganisationMembership.kind, Organisation.name)
    )
    return [(membership, group) for membership, group in found]
