"""API tokens: made by a person for a program, for one organisation, limited and dated.

The token is shown once and kept as a hash. It may do less than its owner and never more; what the
owner loses, it loses.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import own
from passport.actions.permission import demand
from passport.actions.telling import tell_account
from passport.actions.tenancy import own_organisation
from passport.actors import Actor, Via
from passport.errors import Invalid, NotFound
from passport.events import record
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import ApiToken, RoleGrant
from passport.model.organisations import Organisation
from passport.rules.permissions import Deed
from passport.sealing import hash_secret, new_secret

PREFIX = "bankhub_"
"""Lets secret scanners recognise a token in a public place."""


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A token as its owner sees it."""

    id: UUID
    name: str
    organisation: str
    scopes: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime


def make(
    session: Session,
    *,
    name: str,
    scopes: Collection[str] | None,
    known_scopes: Collection[str],
    by: Actor,
    now: datetime,
    days: int = ACCESS_POLICY.token_days,
) -> str:
    """A token for the actor's own account in the organisation acted for. Shown once.

    `scopes` None means all that the roles allow, save what wants a fresh second factor.
    """
    account = own.account(session, by)
    own.demand_fresh(by)
    organisation_id = own_organisation(by)
    _refuse_wrong(name, scopes, known_scopes, days)
    return _add(session, account.id, organisation_id, name, scopes, days, by, now)


def make_for(
    session: Session,
    *,
    account_id: UUID,
    name: str,
    scopes: Collection[str] | None,
    by: Actor,
    now: datetime,
    days: int = ACCESS_POLICY.token_days,
) -> str:
    """A token for an account in the operator's organisation, where it holds a role."""
    demand(by, Deed.OPEN_ACCOUNT)
    organisation_id = own_organisation(by)
    held = sa.exists().where(
        RoleGrant.account_id == account_id,
        RoleGrant.organisation_id == organisation_id,
        RoleGrant.ended_at.is_(None),
    )
    if not session.scalar(sa.select(held)):
        raise NotFound
    return _add(session, account_id, organisation_id, name, scopes, days, by, now)


def _refuse_wrong(
    name: str, scopes: Collection[str] | None, known_scopes: Collection[str], days: int
) -> None:
    wrong: dict[str, list[str]] = {}
    if not 1 <= len(name.strip()) <= 60 or not name.isprintable():
        wrong["name"] = ["Give it a name of up to 60 characters."]
    if scopes is not None and (not scopes or not set(scopes) <= set(known_scopes)):
        wrong["scopes"] = ["Choose at least one thing it may do."]
    if not 1 <= days <= ACCESS_POLICY.longest_token_days:
        wrong["days"] = [f"Choose between 1 and {ACCESS_POLICY.longest_token_days} days."]
    if wrong:
        raise Invalid("token_entry", fields=wrong)


def _add(
    session: Session,
    account_id: UUID,
    organisation_id: UUID,
    name: str,
    scopes: Collection[str] | None,
    days: int,
    by: Actor,
    now: datetime,
) -> str:
    token = new_secret(PREFIX)
    made = ApiToken(
        account_id=account_id,
        organisation_id=organisation_id,
        name=name.strip(),
        token_hash=hash_secret(token),
        scopes=None if scopes is None else sorted(scopes),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(made)
    session.flush()
    notice = tell_account("token_made", account_id, name=made.name, until=made.expires_at)
    record(
        session,
        "token.made",
        subject_id=made.id,
        by=by,
        now=now,
        tell=[notice],
        account=account_id,
        scopes=made.scopes,
        expires_at=made.expires_at,
    )
    return token


def revoke(session: Session, *, token_id: UUID, by: Actor, now: datetime) -> None:
    """Revoke one of the actor's own tokens, in whichever organisation it works."""
    account = own.account(session, by)
    found = session.get(ApiToken, token_id, with_for_update=True)
    if found is None or found.account_id != account.id or found.revoked_at is not None:
        raise NotFound
    found.revoked_at = now
    record(
        session,
        "token.revoked",
        subject_id=found.id,
        organisation_id=found.organisation_id,
        by=by,
        now=now,
        account=account.id,
    )


def own_tokens(session: Session, *, by: Actor, now: datetime) -> Sequence[OwnToken]:
    """The live tokens of the actor's own account, in every organisation."""
    if by.via is Via.TOKEN:
        return []
    rows = session.execute(
        sa.select(ApiToken, Organisation.name)
        .join(Organisation, Organisation.id == ApiToken.organisation_id)
        .where(
            ApiToken.account_id == by.account_id,
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
        )
        .order_by(ApiToken.created_at)
    )
    return [
        OwnToken(
            token.id,
            token.name,
            organisation,
            None if token.scopes is None else tuple(token.scopes),
            token.created_at,
            token.expires_at,
        )
        for token, organisation in rows
    ]
