"""Who is asking: a session's cookie, an API token or an e-mail address into an `Actor`.

One statement reads the account, what it may be where (its own roles and those delegated to it),
and whether it has a second factor; rules decide what that comes to.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport import batch
from passport.actions.access import delegations
from passport.actors import AccessRole, Actor, Via
from passport.batch import Prepared
from passport.london import london_day
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import Account, ApiToken, Delegation, RoleGrant, SecondFactor, SignIn
from passport.model.organisations import Organisation
from passport.rules.access import sign_in as rules
from passport.rules.access.sign_in import Standing


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation the account may act for, and as what."""

    organisation_id: UUID
    ods_code: str
    name: str
    roles: frozenset[AccessRole]
    delegated: bool
    """Some of the roles are lent by a delegation of the organisation."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asking, and how far they have proven it."""

    actor: Actor
    standing: Standing
    places: tuple[Place, ...]
    email: str
    display_name: str
    account_id: UUID
    session_hash: str = ""
    """Hash of the session's token; empty for API tokens."""
    csrf: str = ""
    seen_at: datetime | None = None
    waived: bool = False
    """The second factor is waived: a seeded account of the demo."""

    @property
    def place(self) -> Place | None:
        """Where the actor acts now."""
        here = self.actor.organisation_id
        return next((place for place in self.places if place.organisation_id == here), None)

    @property
    def roles_anywhere(self) -> frozenset[AccessRole]:
        """Every role of the account in any organisation."""
        return frozenset[AccessRole]().union(*(place.roles for place in self.places))


def by_session(session: Session, *, token_hash: str, demo: bool, now: datetime) -> Asking | None:
    """Who holds this session; None where it has ended, expired or never was."""
    found = batch.rows(session, _BY_SESSION, _values(now, token_hash=token_hash))
    if not found:
        return None
    account = sign_in = found[0]
    places = _places(found)
    roles = frozenset[AccessRole]().union(*(place.roles for place in places))
    if not _is_alive(sign_in, roles, now):
        return None
    waived = demo and account.demo
    fresh = rules.is_fresh(sign_in.stepped_up_at, now, ACCESS_POLICY)
    return Asking(
        actor=_actor(
            account, places, sign_in.acts_in, via=Via.PAGE, stepped_up=waived or fresh
        ),
        standing=rules.standing(
            roles_anywhere=roles,
            has_factor=account.has_factor,
            factor_given=sign_in.second_factor_at is not None,
            waived=waived,
        ),
        places=places,
        email=account.email,
        display_name=account.display_name,
        account_id=account.account_id,
        session_hash=sign_in.token_hash,
        csrf=sign_in.csrf,
        seen_at=sign_in.seen_at,
        waived=waived,
    )


def _is_alive(sign_in: Any, roles: Collection[AccessRole], now: datetime) -> bool:
    limits = rules.limits(roles_anywhere=roles, own_device=sign_in.own_device, policy=ACCESS_POLICY)
    return rules.is_alive(
        created_at=sign_in.created_at, seen_at=sign_in.seen_at, now=now, limits=limits
    )


def by_token(session: Session, *, token_hash: str, now: datetime) -> Asking | None:
    """Whose API token this is; None where it is revoked, expired or never was.

    A token counts as stepped up only where its owner named each of its deeds: making it wanted
    a fresh second factor. An unlimited token never does what wants one.
    """
    found = batch.rows(session, _BY_TOKEN, _values(now, token_hash=token_hash))
    if not found:
        return None
    account = token = found[0]
    places = _places(found)
    scopes = None if token.scopes is None else frozenset(token.scopes)
    return Asking(
        actor=_actor(
            account,
            places,
            token.acts_in,
            via=Via.TOKEN,
            scopes=scopes,
            stepped_up=scopes is not None,
        ),
        standing=Standing.COMPLETE,
        places=places,
        email=account.email,
        display_name=account.display_name,
        account_id=account.account_id,
    )


def by_email(
    session: Session, *, email: str, organisation_id: UUID | None, now: datetime
) -> Actor | None:
    """The actor of a command given `--as EMAIL`: the account's roles there, and no more.

    Without an organisation it is the account's only one, if there is only one.
    Whoever stands at the server's command line counts as stepped up. None: no such account.
    """
    found = batch.rows(session, _BY_EMAIL, _values(now, email=email.strip().lower()))
    if not found:
        return None
    places = _places(found)
    if organisation_id is None and len(places) == 1:
        organisation_id = places[0].organisation_id
    return _actor(found[0], places, organisation_id, via=Via.PAGE, stepped_up=True)


def _who(account_id: sa.ScalarSelect[Any]) -> sa.Select[Any]:
    """Account, whether it has a confirmed second factor, and one row for each role held.

    The account is named inside each part, so that its own index is used on both databases.
    """
    held = _held(account_id)
    has_factor = (
        sa.exists()
        .where(
            SecondFactor.account_id == Account.id,
            SecondFactor.confirmed_at.is_not(None),
            SecondFactor.removed_at.is_(None),
        )
        .label("has_factor")
    )
    return (
        sa.select(
            Account.id.label("account_id"),
            Account.email,
            Account.display_name,
            Account.person_id,
            Account.demo,
            has_factor,
            held.c.organisation_id,
            held.c.role,
            held.c.delegated,
            Organisation.name,
            Organisation.ods_code,
        )
        .outerjoin(held, held.c.account_id == Account.id)
        .outerjoin(Organisation, Organisation.id == held.c.organisation_id)
        .where(Account.id == account_id, Account.closed_at.is_(None))
        .order_by(Organisation.name)
    )


def _held(account_id: sa.ScalarSelect[Any]) -> sa.Subquery:
    """One row for each role the account holds, or is lent by a delegation today."""
    today: sa.BindParameter[Any] = sa.bindparam("today", type_=sa.Date)
    delegated = sa.literal_column("1", sa.Integer).label("delegated")
    own = sa.literal_column("0", sa.Integer).label("delegated")
    return sa.union_all(
        sa.select(RoleGrant.account_id, RoleGrant.organisation_id, RoleGrant.role, own).where(
            RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None)
        ),
        sa.select(
            Delegation.account_id, Delegation.organisation_id, Delegation.role, delegated
        ).where(
            Delegation.account_id == account_id,
            Delegation.ended_at.is_(None),
            Delegation.from_on <= today,
            Delegation.until_on >= today,
            delegations.of_the_network(Delegation.organisation_id, Delegation.account_id, today),
        ),
    ).subquery("held")


def _by_secret(table: type[SignIn] | type[ApiToken], *more: Any) -> sa.Select[Any]:
    """Of whoever holds the secret with this hash, `more` columns beside."""
    token_hash: sa.BindParameter[Any] = sa.bindparam("token_hash")
    whose = sa.select(table.account_id).where(table.token_hash == token_hash)
    return (
        _who(whose.scalar_subquery())
        .add_columns(table.organisation_id.label("acts_in"), *more)
        .join(table, table.account_id == Account.id)
        .where(
            table.token_hash == token_hash,
            table.expires_at > sa.bindparam("now", type_=table.expires_at.type),
        )
    )


_BY_TOKEN = Prepared(
    _by_secret(ApiToken, ApiToken.scopes).where(ApiToken.revoked_at.is_(None))
)
_BY_SESSION = Prepared(
    _by_secret(
        SignIn,
        SignIn.token_hash,
        SignIn.csrf,
        SignIn.created_at,
        SignIn.seen_at,
        SignIn.own_device,
        SignIn.second_factor_at,
        SignIn.stepped_up_at,
    ).where(SignIn.ended_at.is_(None))
)
_BY_EMAIL = Prepared(
    _who(sa.select(Account.id).where(Account.email == sa.bindparam("email")).scalar_subquery())
)
"""Written once: every request asks one of them, and to write a statement costs more than to run
it."""


def _values(now: datetime, **more: Any) -> dict[str, Any]:
    return {"now": now, "today": london_day(now), **more}


def _places(rows: Sequence[Any]) -> tuple[Place, ...]:
    roles: dict[UUID, set[AccessRole]] = {}
    named: dict[UUID, Any] = {}
    lent: set[UUID] = set()
    for row in rows:
        if row.organisation_id is None:
            continue
        named.setdefault(row.organisation_id, row)
        roles.setdefault(row.organisation_id, set()).add(AccessRole(row.role))
        if row.delegated:
            lent.add(row.organisation_id)
    return tuple(
        Place(where, named[where].ods_code, named[where].name, frozenset(held), where in lent)
        for where, held in roles.items()
    )


def _actor(
    account: Any,
    places: Sequence[Place],
    organisation_id: UUID | None,
    *,
    via: Via,
    stepped_up: bool,
    scopes: frozenset[str] | None = None,
) -> Actor:
    here = next((place for place in places if place.organisation_id == organisation_id), None)
    return Actor(
        account_id=account.account_id,
        organisation_id=here.organisation_id if here else None,
        roles=here.roles if here else frozenset(),
        person_id=account.person_id,
        via=via,
        scopes=scopes,
        stepped_up=stepped_up,
        delegated_by=here.organisation_id if here and here.delegated else None,
    )
