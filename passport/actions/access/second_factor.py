"""Giving the second factor: to complete a sign-in, and again just before what needs it fresh.

Each time it is given the session is replaced by a new one. Wrong codes count as guesses.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport import hashing
from passport.actions.access import factors, passkeys, sessions, throttles
from passport.actions.access.passkeys import RelyingParty
from passport.actions.access.sessions import Opened, Proof
from passport.actions.telling import tell_account
from passport.actors import Actor
from passport.errors import Reason, Refused
from passport.events import record
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import Account, FactorKind, RecoveryCode, SecondFactor, SignIn
from passport.rules.access import totp
from passport.sealing import Vault


def give_code(
    session: Session, *, session_hash: str, code: str, vault: Vault, now: datetime
) -> Opened | None:
    """Give a code of the authenticator app or a recovery code; None where it is wrong.

    Each works once. Raises `Refused` (`too-many-attempts`) after too many wrong ones.
    """
    row = sessions.current(session, session_hash, lock=True)
    bucket = vault.keyed_hash("throttle:second-factor", str(row.account_id))
    throttles.pour(session, {bucket: ACCESS_POLICY.throttling.second_factor}, now)
    how = _use_totp(session, row, code, vault, now) or _use_recovery(session, row, code, vault, now)
    if how is None:
        by = Actor(row.account_id, None)
        record(session, "second_factor.failed", subject_id=row.account_id, by=by, now=now)
        return None
    throttles.give_back(session, [bucket])
    return _given(session, row, how, now)


def _use_totp(session: Session, row: SignIn, code: str, vault: Vault, now: datetime) -> str | None:
    for factor in _apps(session, row):
        if factor.sealed_secret is None:
            continue
        sealed_as = factors.sealed_as(factor.id)
        secret = vault.unseal(factor.sealed_secret, belongs_to=sealed_as).decode()
        step = totp.matching_step(secret, code, now, factor.last_step)
        if step is not None:
            factor.last_step = step
            return "totp"
    return None


def _apps(session: Session, row: SignIn) -> Sequence[SecondFactor]:
    return session.scalars(
        sa.select(SecondFactor)
        .where(
            SecondFactor.account_id == row.account_id,
            SecondFactor.kind == FactorKind.TOTP,
            SecondFactor.confirmed_at.is_not(None),
            SecondFactor.removed_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _use_recovery(
    session: Session, row: SignIn, code: str, vault: Vault, now: datetime
) -> str | None:
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.account_id == row.account_id,
            RecoveryCode.code_hash == factors.code_hash(row.account_id, code, vault),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).first()
    return "recovery" if used else None


def passkey_options(
    session: Session, *, session_hash: str, party: RelyingParty, now: datetime
) -> dict[str, Any]:
    """What the browser needs to give a passkey as second factor."""
    row = sessions.current(session, session_hash, lock=True)
    return passkeys.assertion_options(session, sign_in=row, party=party, now=now)


def give_passkey(
    session: Session,
    *,
    session_hash: str,
    credential: dict[str, Any],
    party: RelyingParty,
    now: datetime,
) -> Opened:
    """Give a passkey. Raises `Invalid` where it does not check out."""
    row = sessions.current(session, session_hash, lock=True)
    passkeys.verify_for_session(session, sign_in=row, credential=credential, party=party, now=now)
    return _given(session, row, "passkey", now)


def _given(session: Session, row: SignIn, how: str, now: datetime) -> Opened:
    opened = sessions.replace(
        session, row, now=now, proof=Proof(second_factor_at=now, stepped_up_at=now)
    )
    notice = tell_account("recovery_code_used", row.account_id, at=now)
    record(
        session,
        "second_factor.given",
        subject_id=row.account_id,
        by=Actor(row.account_id, None),
        now=now,
        tell=[notice] if how == "recovery" else (),
        how=how,
    )
    return opened


def confirm_password(
    session: Session, *, session_hash: str, password: str, vault: Vault, now: datetime
) -> Opened | None:
    """The password again, for accounts that have nothing stronger; None where it is wrong."""
    row = sessions.current(session, session_hash, lock=True)
    account = session.get_one(Account, row.account_id)
    if factors.own_factors(session, by=Actor(account.id, None)):
        raise Refused([Reason("second_factor_needed", text="Use your second factor.")])
    bucket = vault.keyed_hash("throttle:password-change", str(account.id))
    throttles.pour(session, {bucket: ACCESS_POLICY.throttling.account_from_address}, now)
    by = Actor(account.id, None)
    if not hashing.is_right(account.password_hash, password):
        record(session, "sign_in.failed", subject_id=account.id, by=by, now=now)
        return None
    throttles.give_back(session, [bucket])
    record(session, "sign_in.confirmed", subject_id=account.id, by=by, now=now)
    return sessions.replace(session, row, now=now, proof=Proof(stepped_up_at=now))
