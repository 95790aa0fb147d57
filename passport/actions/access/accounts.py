"""Accounts: how people enter, come back after forgetting a password, and leave.

An organisation never learns from any answer here whether an e-mail address already has an
account: inviting someone known and someone unknown look the same, and what the person gets by
mail differs. Nobody but the person sees their links, save the operator at the server.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from passport.actions.access import factors, links, own, passwords, roles, sessions, throttles
from passport.actions.permission import demand
from passport.actions.telling import tell_account
from passport.actions.tenancy import own_organisation
from passport.actors import AccessRole, Actor, Via
from passport.db import is_postgresql, new_id
from passport.errors import Invalid, NotFound
from passport.events import record
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import Account, LinkPurpose, RoleGrant
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules.access.emails import tidy_email, why_not_email
from passport.rules.permissions import Deed
from passport.sealing import Vault

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of an invitation. `token` is the link, for the operator's eyes only."""

    account_id: UUID
    token: str | None


def invite(
    session: Session,
    *,
    email: str,
    role: AccessRole,
    vault: Vault,
    by: Actor,
    now: datetime,
    more_roles: Collection[AccessRole] = (),
    display_name: str = "",
) -> Invited:
    """Let the person with this e-mail be `role` in the actor's organisation, and tell them once,
    however many `more_roles` they get.

    Unknown addresses get an account and a link to set a password; known ones keep theirs. Any
    role but worker wants the right to grant roles as well. Raises `Invalid` for the address.
    """
    demand(by, Deed.CREATE_ACCOUNT)
    own_organisation(by)
    account = _account_for(session, email, display_name, by, now)
    for one in (role, *more_roles):
        roles.grant_to(session, account, one, by=by, now=now)
    token = _mail_way_in(session, account, vault, by, now)
    return Invited(account.id, token if by.via is Via.OPERATOR else None)


def open_account(
    session: Session,
    *,
    email: str,
    display_name: str,
    by: Actor,
    now: datetime,
    person_id: UUID | None = None,
    demo: bool = False,
) -> Account:
    """An account without an invitation: for the operator, and for the demo's seeded people."""
    demand(by, Deed.OPEN_ACCOUNT)
    account = _account_for(session, email, display_name, by, now)
    account.person_id = person_id or account.person_id
    account.demo = demo
    account.verified_at = account.verified_at or (now if demo else None)
    return account


def _account_for(
    session: Session, email: str, display_name: str, by: Actor, now: datetime
) -> Account:
    address = tidy_email(email)
    if message := why_not_email(address):
        raise Invalid("not_an_email", fields={"email": [message]})
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    new = insert(Account).values(
        id=new_id(), email=address, display_name=display_name.strip(), created_at=now, demo=False
    )
    made = session.execute(
        new.on_conflict_do_nothing(index_elements=["email"]).returning(Account.id)
    ).first()
    account = session.scalars(
        sa.select(Account).where(Account.email == address).with_for_update()
    ).one()
    if made:
        record(session, "account.created", subject_id=account.id, by=own.nowhere(by), now=now)
    elif account.closed_at is not None:
        _reopen(session, account, by, now)
    return account


def _reopen(session: Session, account: Account, by: Actor, now: datetime) -> None:
    """Whoever returns enters anew: nothing of the old proofs is kept."""
    account.closed_at = None
    account.verified_at = None
    account.password_hash = None
    factors.remove_all(session, account.id, now)
    record(session, "account.reopened", subject_id=account.id, by=own.nowhere(by), now=now)


def _mail_way_in(
    session: Session, account: Account, vault: Vault, by: Actor, now: datetime
) -> str | None:
    """Mail a link to whoever has not entered yet, and news of the role to whoever has. Both leave
    the same on the organisation's record."""
    organisation = session.get_one(Organisation, own_organisation(by))
    entered = account.verified_at is not None
    token = None if entered else links.make(session, account.id, LinkPurpose.INVITE, vault, now)
    notice = tell_account(
        "role_added" if entered else "invitation",
        account.id,
        organisation=organisation.name,
        token=token,
        days=ACCESS_POLICY.invitation.days,
    )
    record(session, "account.invited", subject_id=account.id, by=by, now=now, tell=[notice])
    return token


def invite_again(
    session: Session, *, account_id: UUID, vault: Vault, by: Actor, now: datetime
) -> None:
    """Send the invitation, or for whoever has entered the news, once more."""
    demand(by, Deed.CREATE_ACCOUNT)
    account = roles.of_organisation(session, account_id, by=by, lock=True)
    limits = ACCESS_POLICY.throttling
    bucket = vault.keyed_hash("throttle:mail", account.email)
    throttles.pour(session, {bucket: limits.mail_to_account}, now)
    _mail_way_in(session, account, vault, by, now)


def hand_over(
    session: Session, *, account_ids: Sequence[UUID], vault: Vault, by: Actor, now: datetime
) -> list[tuple[str, str]]:
    """(e-mail, link token) for the organisation to pass on in its own letters.

    Such a link only has the real one mailed to the person, so that nobody on the way can use it.
    """
    demand(by, Deed.EXPORT_INVITATIONS)
    handed = []
    for account_id in account_ids:
        account = roles.of_organisation(session, account_id, by=by, lock=True)
        token = links.make(session, account.id, LinkPurpose.HANDED, vault, now)
        handed.append((account.email, token))
        record(session, "account.handed_over", subject_id=account.id, by=by, now=now)
    return handed


def answer_handed(session: Session, *, token: str, vault: Vault, now: datetime) -> None:
    """Someone followed a link that was passed on: mail the account's owner the way in."""
    account = links.use(session, token, LinkPurpose.HANDED, vault, now)
    passwords.mail_way_back(session, account, vault, now)


def accept(
    session: Session,
    *,
    token: str,
    display_name: str,
    new_password: str,
    vault: Vault,
    now: datetime,
) -> Account:
    """Enter by a mailed link: the address is proven, the password set, other sessions ended."""
    name = display_name.strip()
    account = links.use(session, token, LinkPurpose.INVITE, vault, now)
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid("name_needed", fields={"display_name": ["Enter your name."]})
    passwords.choose(account, new_password)
    account.display_name = name
    account.verified_at = now
    _attach_person(session, account)
    sessions.end_all(session, account.id, now)
    record(session, "account.entered", subject_id=account.id, by=Actor(account.id, None), now=now)
    return account


def _attach_person(session: Session, account: Account) -> None:
    """The person whom an organisation that invited this address holds under it. Further records
    of the same human are only proposed, by `passport.actions.people.people`."""
    if account.person_id is not None:
        return
    account.person_id = session.scalar(
        sa.select(Person.holder_id)
        .join(RoleGrant, RoleGrant.organisation_id == Person.organisation_id)
        .where(
            RoleGrant.account_id == account.id,
            RoleGrant.ended_at.is_(None),
            Person.email == account.email,
            Person.left_at.is_(None),
        )
        .order_by(Person.created_at)
        .limit(1)
    )


def leave(session: Session, *, account_id: UUID, by: Actor, now: datetime) -> None:
    """The person has left the actor's organisation: its roles, delegations and tokens end, and
    every session, at once. An account with no role left anywhere is closed.

    The operator, acting for no organisation, closes the account everywhere.
    """
    demand(by, Deed.END_ACCOUNT)
    here = by.organisation_id
    if by.via is Via.OPERATOR and here is None:
        account = session.get(Account, account_id, with_for_update=True)
        if account is None or account.closed_at is not None:
            raise NotFound
    else:
        account = roles.of_organisation(session, account_id, by=by, lock=True)
        roles.keep_a_manager(session, account.id, by=by)
    sessions.end_all(session, account.id, now)
    sessions.revoke_tokens(session, account.id, now, organisation_id=here)
    roles.end_all(session, account.id, here, by=by, now=now)
    record(session, "account.left", subject_id=account.id, by=by, now=now)
    if not roles.has_any(session, account.id):
        account.closed_at = now
        sessions.revoke_tokens(session, account.id, now)
        record(session, "account.closed", subject_id=account.id, by=own.nowhere(by), now=now)


def end_sessions(session: Session, *, account_id: UUID, by: Actor, now: datetime) -> None:
    """End every session of an account of the actor's organisation, for instance after a theft."""
    demand(by, Deed.END_ACCOUNT)
    account = roles.of_organisation(session, account_id, by=by, lock=True)
    sessions.end_all(session, account.id, now)
    record(session, "sign_in.ended", subject_id=account.id, by=by, now=now, which="all")


def by_email(session: Session, email: str) -> Account:
    """The account with this address; `NotFound` where there is none. For the operator."""
    found = session.scalar(sa.select(Account).where(Account.email == tidy_email(email)))
    if found is None:
        raise NotFound
    return found
