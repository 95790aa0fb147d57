"""A person's own second factors: enrolled, listed, removed, and the recovery codes beside them.

A change wants a proof given just now, ends the account's other sessions, and is told by mail.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.access import own, passkeys, sessions
from passport.actions.access.passkeys import RelyingParty
from passport.actions.access.sessions import Opened, Proof
from passport.actions.permission import demand
from passport.actions.telling import tell_account
from passport.actors import Actor
from passport.errors import Invalid, NotFound, Reason, Refused
from passport.events import record
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import Account, FactorKind, RecoveryCode, RoleGrant, SecondFactor
from passport.rules.access import recovery_codes, totp
from passport.rules.access.sign_in import is_privileged
from passport.rules.permissions import Deed
from passport.sealing import Vault

ISSUER = "BankHub"


@dataclass(frozen=True, slots=True)
class NewTotp:
    """What the authenticator app needs. Shown once; not yet in force."""

    factor_id: UUID
    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A factor came into force: the new session, and codes to keep where it is the first."""

    opened: Opened
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnFactor:
    """A factor as its owner sees it."""

    id: UUID
    kind: FactorKind
    name: str
    created_at: datetime


def start_totp(session: Session, *, vault: Vault, by: Actor, now: datetime) -> NewTotp:
    """Make a secret for an authenticator app; it counts once a first code confirms it."""
    account = own.account(session, by, lock=True)
    own.demand_fresh(by)
    session.execute(
        sa.delete(SecondFactor).where(
            SecondFactor.account_id == account.id, SecondFactor.confirmed_at.is_(None)
        )
    )
    secret = pyotp.random_base32()
    made = SecondFactor(
        account_id=account.id,
        kind=FactorKind.TOTP,
        name="Authenticator app",
        created_at=now,
    )
    made.sealed_secret = vault.seal(secret.encode(), belongs_to=sealed_as(made.id))
    session.add(made)
    _record(session, "factor.started", account, made, by, now)
    return _new_totp(made.id, secret, account)


def started_totp(session: Session, *, factor_id: UUID, vault: Vault, by: Actor) -> NewTotp:
    """A started authenticator app again, until its first code is right; `NotFound` afterwards."""
    account = own.account(session, by)
    own.demand_fresh(by)
    factor, secret = _started(session, account, factor_id, vault)
    return _new_totp(factor.id, secret, account)


def _new_totp(factor_id: UUID, secret: str, account: Account) -> NewTotp:
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=ISSUER)
    return NewTotp(factor_id, secret, uri)


def _started(
    session: Session, account: Account, factor_id: UUID, vault: Vault, *, lock: bool = False
) -> tuple[SecondFactor, str]:
    factor = session.get(SecondFactor, factor_id, with_for_update=lock or None)
    if (
        factor is None
        or factor.account_id != account.id
        or factor.confirmed_at is not None
        or factor.sealed_secret is None
    ):
        raise NotFound
    sealed = vault.unseal(factor.sealed_secret, belongs_to=sealed_as(factor.id))
    return factor, sealed.decode()


def confirm_totp(
    session: Session,
    *,
    factor_id: UUID,
    code: str,
    session_hash: str,
    vault: Vault,
    by: Actor,
    now: datetime,
) -> Enrolled:
    """Put a started authenticator app into force by its first code; `Invalid` where it is wrong."""
    account = own.account(session, by, lock=True)
    own.demand_fresh(by)
    factor, secret = _started(session, account, factor_id, vault, lock=True)
    step = totp.matching_step(secret, code, now, factor.last_step)
    if step is None:
        message = "That code is not right. Wait for the next one and type it within 30 seconds."
        raise Invalid("code_wrong", fields={"code": [message]})
    factor.last_step = step
    factor.confirmed_at = now
    return _in_force(session, account, factor, session_hash, vault, by, now)


def add_passkey(
    session: Session,
    *,
    credential: dict[str, Any],
    name: str,
    session_hash: str,
    party: RelyingParty,
    vault: Vault,
    by: Actor,
    now: datetime,
) -> Enrolled:
    """Put the passkey that the browser made into force."""
    account = own.account(session, by, lock=True)
    own.demand_fresh(by)
    row = sessions.current(session, session_hash, lock=True)
    factor = passkeys.register(
        session, sign_in=row, credential=credential, name=name, party=party, now=now
    )
    return _in_force(session, account, factor, session_hash, vault, by, now)


def passkey_options(
    session: Session, *, session_hash: str, party: RelyingParty, by: Actor, now: datetime
) -> dict[str, Any]:
    """What the browser needs to make a passkey for the actor's own account."""
    account = own.account(session, by)
    own.demand_fresh(by)
    row = sessions.current(session, session_hash, lock=True)
    return passkeys.registration_options(
        session, sign_in=row, account=account, party=party, now=now
    )


def _in_force(
    session: Session,
    account: Account,
    factor: SecondFactor,
    session_hash: str,
    vault: Vault,
    by: Actor,
    now: datetime,
) -> Enrolled:
    row = sessions.current(session, session_hash, lock=True)
    opened = sessions.replace(
        session, row, now=now, proof=Proof(second_factor_at=now, stepped_up_at=now)
    )
    session.flush()
    sessions.end_all(session, account.id, now, but=sessions.hash_of(opened))
    _record(session, "factor.added", account, factor, by, now, "factor_added")
    has_codes = session.scalar(
        sa.select(sa.func.count()).where(
            RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None)
        )
    )
    codes = () if has_codes else _make_codes(session, account.id, vault)
    return Enrolled(opened, codes)


def new_recovery_codes(
    session: Session, *, vault: Vault, by: Actor, now: datetime
) -> tuple[str, ...]:
    """Ten new codes to print or write down; the earlier ones stop working."""
    account = own.account(session, by, lock=True)
    own.demand_fresh(by)
    if not own_factors(session, by=by):
        raise Refused([Reason("no_second_factor", text="Set up a second factor first.")])
    codes = _make_codes(session, account.id, vault)
    record(session, "recovery_codes.made", subject_id=account.id, by=own.nowhere(by), now=now)
    return codes


def _make_codes(session: Session, account_id: UUID, vault: Vault) -> tuple[str, ...]:
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = tuple(
        recovery_codes.written(secrets.token_bytes(recovery_codes.BYTES))
        for _ in range(ACCESS_POLICY.recovery_codes)
    )
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=code_hash(account_id, code, vault))
        for code in codes
    )
    return codes


def remove(
    session: Session, *, factor_id: UUID, session_hash: str, by: Actor, now: datetime
) -> None:
    """Remove one of the actor's own factors; `Refused` where it is the last and is needed."""
    account = own.account(session, by, lock=True)
    own.demand_fresh(by)
    mine = {factor.id for factor in own_factors(session, by=by)}
    if factor_id not in mine:
        raise NotFound
    last = len(mine) == 1
    if last and is_privileged(_roles_anywhere(session, account.id)):
        text = "Your role needs a second factor. Add another one before you remove this."
        raise Refused([Reason("last_factor", text=text)])
    factor = session.get_one(SecondFactor, factor_id, with_for_update=True)
    factor.removed_at = now
    factor.sealed_secret = None
    if last:
        session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    sessions.end_all(session, account.id, now, but=session_hash)
    _record(session, "factor.removed", account, factor, by, now, "factor_removed")


def clear(session: Session, *, account_id: UUID, by: Actor, now: datetime) -> None:
    """Remove every factor of someone who lost them all, whom the operator has identified as
    carefully as at the start (OWASP ASVS 5.0 6.4.4); ends all sessions."""
    demand(by, Deed.OPEN_ACCOUNT)
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound
    remove_all(session, account.id, now)
    sessions.end_all(session, account.id, now)
    notice = tell_account("factors_cleared", account.id, at=now)
    record(session, "factors.cleared", subject_id=account.id, by=by, now=now, tell=[notice])


def remove_all(session: Session, account_id: UUID, now: datetime) -> None:
    """Remove factors and recovery codes of an account; the calling deed records why."""
    session.execute(
        sa.update(SecondFactor)
        .where(SecondFactor.account_id == account_id, SecondFactor.removed_at.is_(None))
        .values(removed_at=now, sealed_secret=None)
    )
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def own_factors(session: Session, *, by: Actor) -> Sequence[OwnFactor]:
    """The factors in force of the actor's own account."""
    rows = session.scalars(
        sa.select(SecondFactor)
        .where(
            SecondFactor.account_id == by.account_id,
            SecondFactor.confirmed_at.is_not(None),
            SecondFactor.removed_at.is_(None),
        )
        .order_by(SecondFactor.created_at)
    )
    return [OwnFactor(row.id, row.kind, row.name, row.created_at) for row in rows]


def codes_left(session: Session, *, by: Actor) -> int:
    """How many recovery codes of the actor's own account are unused."""
    unused = sa.select(sa.func.count()).where(
        RecoveryCode.account_id == by.account_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(unused) or 0


def _roles_anywhere(session: Session, account_id: UUID) -> set[Any]:
    live = sa.select(RoleGrant.role).where(
        RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None)
    )
    return set(session.scalars(live))


def sealed_as(factor_id: UUID) -> str:
    """What a TOTP secret is bound to."""
    return f"second_factor:{factor_id}"


def code_hash(account_id: UUID, typed: str, vault: Vault) -> str:
    """What a recovery code is kept as."""
    return vault.keyed_hash("recovery", f"{account_id} {recovery_codes.read_back(typed)}")


def _record(
    session: Session,
    kind: str,
    account: Account,
    factor: SecondFactor,
    by: Actor,
    now: datetime,
    template: str = "",
) -> None:
    notice = tell_account(template, account.id, factor=factor.name, at=now)
    record(
        session,
        kind,
        subject_id=account.id,
        by=own.nowhere(by),
        now=now,
        tell=[notice] if template else (),
        factor=factor.id,
        factor_kind=factor.kind,
    )
