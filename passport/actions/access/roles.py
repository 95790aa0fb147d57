"""Roles: what an account may be in an organisation, granted and ended by its bank managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import delegations
from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole, Actor
from passport.errors import NotFound, Reason, Refused
from passport.events import record
from passport.model.accounts import Account, RoleGrant
from passport.model.people import Person
from passport.rules.permissions import Deed


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an account holds here."""

    grant_id: UUID
    role: AccessRole
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """An account with at least one role in the organisation, as its managers see it.

    The name is the one the organisation's own people register holds. Nothing here tells whether
    the account is used anywhere else, or was known before it was invited.
    """

    account_id: UUID
    email: str
    name: str
    roles: tuple[Held, ...]


def grant(
    session: Session, *, account_id: UUID, role: AccessRole, by: Actor, now: datetime
) -> RoleGrant:
    """Give a further role to an account that already holds one in the actor's organisation."""
    demand(by, Deed.CREATE_ACCOUNT)
    account = of_organisation(session, account_id, by=by, lock=True)
    return grant_to(session, account, role, by=by, now=now)


def grant_to(
    session: Session, account: Account, role: AccessRole, *, by: Actor, now: datetime
) -> RoleGrant:
    """Give the role in the actor's organisation; the same again changes nothing.

    Any role but worker wants the right to grant roles, with a fresh second factor.
    """
    demand(by, Deed.CREATE_ACCOUNT if role is AccessRole.WORKER else Deed.GRANT_ROLE)
    organisation_id = own_organisation(by)
    held = session.scalar(_live(account.id, organisation_id).where(RoleGrant.role == role))
    if held is not None:
        return held
    made = RoleGrant(
        account_id=account.id,
        organisation_id=organisation_id,
        role=role,
        granted_at=now,
        granted_by_id=by.account_id,
    )
    session.add(made)
    record(session, "role.granted", subject_id=account.id, by=by, now=now, role=role)
    return made


def end(
    session: Session, *, account_id: UUID, grant_id: UUID, by: Actor, now: datetime
) -> None:
    """End a role of the account in the actor's organisation. Its last bank manager cannot be
    ended: someone must be able to let people in."""
    demand(by, Deed.GRANT_ROLE)
    held = session.get(RoleGrant, grant_id, with_for_update=True)
    own = held is not None and held.organisation_id == own_organisation(by)
    if held is None or not own or held.ended_at or held.account_id != account_id:
        raise NotFound
    if held.role is AccessRole.BANK_MANAGER:
        _keep_a_manager(session, held.organisation_id, without=held.account_id)
    held.ended_at = now
    record(session, "role.ended", subject_id=held.account_id, by=by, now=now, role=held.role)
    delegations.end_unfounded(session, held.account_id, by, now)


def end_all(
    session: Session, account_id: UUID, organisation_id: UUID | None, *, by: Actor, now: datetime
) -> None:
    """End every role of an account in one organisation, or everywhere; for `accounts.leave`."""
    live = sa.select(RoleGrant).where(
        RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None)
    )
    if organisation_id is not None:
        live = live.where(RoleGrant.organisation_id == organisation_id)
    for held in session.scalars(live.with_for_update()).all():
        held.ended_at = now
        record(
            session,
            "role.ended",
            subject_id=account_id,
            organisation_id=held.organisation_id,
            by=by,
            now=now,
            role=held.role,
        )
    delegations.end_unfounded(session, account_id, by, now)


def keep_a_manager(session: Session, account_id: UUID, *, by: Actor) -> None:
    """Raise `Refused` (`last_manager`) where the actor's organisation would be left without."""
    _keep_a_manager(session, own_organisation(by), without=account_id)


def _keep_a_manager(session: Session, organisation_id: UUID, *, without: UUID) -> None:
    managers = session.scalars(
        sa.select(RoleGrant)
        .where(
            RoleGrant.organisation_id == organisation_id,
            RoleGrant.role == AccessRole.BANK_MANAGER,
            RoleGrant.ended_at.is_(None),
        )
        .order_by(RoleGrant.id)
        .with_for_update()
    ).all()
    if managers and all(one.account_id == without for one in managers):
        text = "This is the only bank manager here. Make someone else bank manager first."
        raise Refused([Reason("last_manager", text=text)])


def has_any(session: Session, account_id: UUID) -> bool:
    """Whether the account holds a role in any organisation."""
    live = sa.exists().where(RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None))
    return bool(session.scalar(sa.select(live)))


def of_organisation(
    session: Session, account_id: UUID, *, by: Actor, lock: bool = False
) -> Account:
    """The account, if it holds a role in the actor's organisation; else `NotFound`."""
    held = _live(account_id, own_organisation(by)).exists()
    found = sa.select(Account).where(Account.id == account_id, held)
    account = session.scalar(found.with_for_update() if lock else found)
    if account is None:
        raise NotFound
    return account


def _live(account_id: UUID, organisation_id: UUID) -> sa.Select[RoleGrant]:
    return sa.select(RoleGrant).where(
        RoleGrant.account_id == account_id,
        RoleGrant.organisation_id == organisation_id,
        RoleGrant.ended_at.is_(None),
    )


def members(
    session: Session,
    *,
    by: Actor,
    search: str = "",
    role: AccessRole | None = None,
    after: str = "",
    limit: int = 50,
) -> Sequence[Member]:
    """The accounts with a role in the actor's organisation, by e-mail, from `after` on."""
    demand(by, Deed.READ_ACCOUNTS)
    organisation_id = own_organisation(by)
    here = sa.exists().where(
        RoleGrant.account_id == Account.id,
        RoleGrant.organisation_id == organisation_id,
        RoleGrant.ended_at.is_(None),
    )
    if role is not None:
        here = here.where(RoleGrant.role == role)
    page = sa.select(Account.id, Account.email).where(here, Account.email > after)
    wanted = "".join(filter(str.isprintable, search)).strip().lower()
    if wanted:
        page = page.where(Account.email.contains(wanted, autoescape=True))
    found = session.execute(page.order_by(Account.email).limit(limit)).all()
    held = _roles_of(session, [row.id for row in found], organisation_id)
    names = _names_of(session, [row.email for row in found], organisation_id)
    return [
        Member(row.id, row.email, names.get(row.email, ""), tuple(held.get(row.id, ())))
        for row in found
    ]


def member(session: Session, *, account_id: UUID, by: Actor) -> Member:
    """One account of the actor's organisation; `NotFound` for others."""
    demand(by, Deed.READ_ACCOUNTS)
    account = of_organisation(session, account_id, by=by)
    organisation_id = own_organisation(by)
    held = _roles_of(session, [account.id], organisation_id)
    names = _names_of(session, [account.email], organisation_id)
    name = names.get(account.email, "")
    return Member(account.id, account.email, name, tuple(held.get(account.id, ())))


def _roles_of(
    session: Session, account_ids: Sequence[UUID], organisation_id: UUID
) -> dict[UUID, list[Held]]:
    rows = session.scalars(
        sa.select(RoleGrant)
        .where(
            RoleGrant.account_id.in_(account_ids),
            RoleGrant.organisation_id == organisation_id,
            RoleGrant.ended_at.is_(None),
        )
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    held: dict[UUID, list[Held]] = {}
    for row in rows:
        held.setdefault(row.account_id, []).append(Held(row.id, row.role, row.granted_at))
    return held


def _names_of(session: Session, emails: Sequence[str], organisation_id: UUID) -> dict[str, str]:
    rows = session.execute(
        sa.select(Person.email, Person.given_name, Person.family_name).where(
            Person.organisation_id == organisation_id, Person.email.in_(emails)
        )
    )
    return {email: f"{given} {family}" for email, given, family in rows if email}
