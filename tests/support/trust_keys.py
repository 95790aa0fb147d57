"""A trust of the walks: what belongs to it, and how its people get in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bankhub.rules import permissions as bankhub_permissions
from passport.actions.access import factors, sessions, tokens
from passport.actions.access.sessions import HANDLE_LENGTH, Proof
from passport.actors import AccessRole, operator
from passport.model.accounts import Account, FactorKind, RoleGrant, SecondFactor
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.rules import permissions as passport_permissions
from passport.sealing import hash_secret
from tests.support import build
from tests.support.access import VAULT
from tests.support.build import NOW
from tests.support.build_people import kept

ALL_SCOPES = sorted({*bankhub_permissions.PERMISSIONS, *passport_permissions.PERMISSIONS})


@dataclass(frozen=True, slots=True)
class Key:
    """How one account gets in: a session that has proven everything, and an API token."""

    account_id: Any
    cookie: str
    csrf: str
    token: str


@dataclass
class Trust:
    """A trust, what belongs to it by the name addresses use, and who works there."""

    name: str
    organisation: Organisation
    things: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    """By role's value; and `insider`, `colleague`."""
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """Identifiers of everything that is the trust's alone."""
        return {one for found in self.things.values() for one in found}

    def note(self, kind: str, *found: Any) -> None:
        """These are the trust's, under the name that addresses use."""
        self.things.setdefault(kind, []).extend(str(getattr(one, "id", one)) for one in found)


def a_key(session: Session, account: Account, organisation: Organisation) -> Key:
    """A session with the second factor just given, and a token of those scopes."""
    opened = sessions.open_session(
        session,
        account_id=account.id,
        organisation_id=organisation.id,
        device="Firefox on Linux",
        own_device=True,
        now=NOW,
        proof=Proof(second_factor_at=NOW, stepped_up_at=NOW),
    )
    session.flush()
    token = tokens.make_for(
        session,
        account_id=account.id,
        name="program",
        scopes=ALL_SCOPES,
        by=operator(organisation.id),
        now=NOW,
    )
    row = sessions.current(session, sessions.hash_of(opened))
    return Key(account.id, opened.token, row.csrf, token)


def someone(
    session: Session,
    trust: Trust,
    name: str,
    *roles: AccessRole,
    person: Person | None = None,
) -> Account:
    """An account with those roles and a second factor, with its key under `name`."""
    account = build.an_account(
        session,
        email=f"{name}@{trust.name.lower()}.example.org",
        display_name=f"{name.title()} {trust.name}son",
        verified_at=NOW,
        person_id=person.holder_id if person else None,
    )
    _grants(session, trust, account, roles)
    factor = SecondFactor(
        account_id=account.id,
        kind=FactorKind.TOTP,
        name=f"App of {trust.name}",
        created_at=NOW,
        confirmed_at=NOW,
        sealed_secret=b"sealed",
    )
    kept(session, factor, trust.organisation.id)
    key = trust.keys[name] = a_key(session, account, trust.organisation)
    trust.note("account_id", account)
    if name == "insider":
        trust.note("factor_id", factor)
        trust.note("handle", hash_secret(key.cookie)[:HANDLE_LENGTH])
        own = build.an_actor(trust.organisation, account=account, stepped_up=True)
        trust.note("factor_id", factors.start_totp(session, vault=VAULT, by=own, now=NOW).factor_id)
    return account


def _grants(
    session: Session, trust: Trust, account: Account, roles: Iterable[AccessRole]
) -> None:
    for role in roles:
        grant = RoleGrant(
            account_id=account.id,
            organisation_id=trust.organisation.id,
            role=role,
            granted_at=NOW,
        )
        kept(session, grant, trust.organisation.id)
        trust.note("grant_id", grant)
