"""Delegations: a small organisation lets a named person of its network be its second person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from passport.actions.access import humans
from passport.actions.permission import demand
from passport.actions.telling import tell_account
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole, Actor
from passport.errors import NotFound, Refused
from passport.events import record
from passport.london import london_day
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import Account, Delegation, RoleGrant
from passport.model.organisations import (
    MembershipKind,
    Organisation,
    OrganisationMembership,
)
from passport.rules.access import delegations as rules
from passport.rules.access.emails import tidy_email
from passport.rules.permissions import Deed

Id = sa.ColumnElement[UUID] | InstrumentedAttribute[UUID]
Day = date | sa.BindParameter[Any]
NETWORKS = (MembershipKind.PCN, MembershipKind.ICS)


@dataclass(frozen=True, slots=True)
class Delegated:
    """A delegation as the delegating organisation, or the delegate, sees it."""

    id: UUID
    organisation: str
    email: str
    role: AccessRole
    from_on: date
    until_on: date


def make(
    session: Session,
    *,
    email: str,
    role: AccessRole,
    from_on: date,
    until_on: date,
    by: Actor,
    now: datetime,
) -> Delegation:
    """Name a person of the network's bank office as second person of the actor's organisation.

    Raises `Refused` with every reason. An address without an account, and one whose holder is
    not of the network, get the same answer.
    """
    demand(by, Deed.DELEGATE)
    organisation_id = own_organisation(by)
    account = session.scalar(
        sa.select(Account).where(Account.email == tidy_email(email), Account.closed_at.is_(None))
    )
    reasons = rules.why_not_delegate(
        role=role,
        from_on=from_on,
        until_on=until_on,
        today=london_day(now),
        is_self=account is not None and humans.is_same(session, by, account.id),
        roles_in_network=_roles_in_network(session, account, organisation_id, london_day(now)),
        policy=ACCESS_POLICY,
    )
    if account is None or reasons:
        raise Refused(reasons)
    terms = {"role": role, "from_on": from_on, "until_on": until_on}
    return _put_on_record(session, organisation_id, account.id, terms, by, now)


def _put_on_record(
    session: Session,
    organisation_id: UUID,
    account_id: UUID,
    terms: dict[str, Any],
    by: Actor,
    now: datetime,
) -> Delegation:
    made = Delegation(
        organisation_id=organisation_id,
        account_id=account_id,
        made_at=now,
        made_by_id=by.account_id,
        **terms,
    )
    session.add(made)
    session.flush()
    organisation = session.get_one(Organisation, made.organisation_id)
    notice = tell_account(
        "delegation_made", made.account_id, organisation=organisation.name, **terms
    )
    record(
        session,
        "delegation.made",
        subject_id=made.id,
        by=by,
        now=now,
        tell=[notice],
        account=made.account_id,
        **terms,
    )
    return made


def end(session: Session, *, delegation_id: UUID, by: Actor, now: datetime) -> None:
    """End a delegation of the actor's organisation before its day."""
    demand(by, Deed.DELEGATE)
    found = session.get(Delegation, delegation_id, with_for_update=True)
    if found is None or found.organisation_id != own_organisation(by) or found.ended_at:
        raise NotFound
    _end(session, found, by, now, why="ended")


def end_unfounded(session: Session, account_id: UUID, by: Actor, now: datetime) -> None:
    """End what was delegated to an account as a person of a bank office it no longer is of."""
    today = london_day(now)
    account = session.get_one(Account, account_id)
    live = session.scalars(
        sa.select(Delegation).where(
            Delegation.account_id == account_id,
            Delegation.ended_at.is_(None),
            Delegation.until_on >= today,
        )
    ).all()
    for one in live:
        roles = _roles_in_network(session, account, one.organisation_id, today)
        if not roles & rules.BANK_OFFICE:
            _end(session, one, by, now, why="left-the-bank-office")


def _end(session: Session, found: Delegation, by: Actor, now: datetime, *, why: str) -> None:
    found.ended_at = now
    record(
        session,
        "delegation.ended",
        subject_id=found.id,
        organisation_id=found.organisation_id,
        by=by,
        now=now,
        account=found.account_id,
        why=why,
    )


def made_by_organisation(session: Session, *, by: Actor, now: datetime) -> Sequence[Delegated]:
    """Delegations of the actor's organisation that hold or lie ahead."""
    demand(by, Deed.READ_ACCOUNTS)
    return _listed(session, Delegation.organisation_id == own_organisation(by), now)


def held_by_account(session: Session, *, by: Actor, now: datetime) -> Sequence[Delegated]:
    """What is delegated to the actor's account, now or later."""
    return _listed(session, Delegation.account_id == by.account_id, now)


def _listed(session: Session, whose: sa.ColumnElement[bool], now: datetime) -> Sequence[Delegated]:
    rows = session.execute(
        sa.select(Delegation, Account.email, Organisation.name)
        .join(Account, Account.id == Delegation.account_id)
        .join(Organisation, Organisation.id == Delegation.organisation_id)
        .where(whose, Delegation.ended_at.is_(None), Delegation.until_on >= london_day(now))
        .order_by(Delegation.until_on)
    )
    return [Delegated(d.id, name, email, d.role, d.from_on, d.until_on) for d, email, name in rows]


def of_the_network(
    organisation_id: Id, account_id: Id, today: Day
) -> sa.ColumnElement[bool]:
    """Whether the account is of the bank office of a network that the organisation is in today."""
    return sa.exists().where(
        RoleGrant.account_id == account_id,
        _one_of(RoleGrant.role, rules.BANK_OFFICE),
        *_in_network(organisation_id, today),
    )


def _one_of(column: Any, values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Written out, for a statement that is prepared: it takes no list that grows when it is run."""
    return sa.or_(*(column == value for value in sorted(values)))


def _in_network(
    organisation_id: Id | UUID, today: Day
) -> tuple[sa.ColumnElement[bool], ...]:
    """Role grants in force at an organisation that this one belongs to today."""
    membership = OrganisationMembership
    return (
        RoleGrant.ended_at.is_(None),
        RoleGrant.organisation_id == membership.group_id,
        membership.member_id == organisation_id,
        _one_of(membership.kind, NETWORKS),
        sa.or_(membership.from_on.is_(None), membership.from_on <= today),
        sa.or_(membership.until_on.is_(None), membership.until_on >= today),
    )


def _roles_in_network(
    session: Session, account: Account | None, organisation_id: UUID, today: date
) -> set[AccessRole]:
    """The account's roles today in the networks that the organisation belongs to today."""
    if account is None:
        return set()
    held = session.scalars(
        sa.select(RoleGrant.role).where(
            RoleGrant.account_id == account.id, *_in_network(organisation_id, today)
        )
    )
    return set(held)
