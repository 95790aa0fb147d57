"""Passwords: chosen on entering, changed, and set anew after being forgotten."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport import hashing
from passport.actions.access import links, own, sessions, throttles
from passport.actions.telling import tell_account
from passport.actors import Actor, Via
from passport.errors import Invalid
from passport.events import record
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import Account, LinkPurpose
from passport.rules.access import passwords as rules
from passport.rules.access import throttling
from passport.rules.access.emails import tidy_email
from passport.sealing import Vault


def choose(account: Account, password: str) -> None:
    """Give the account this password. Raises `Invalid` with every reason against it."""
    reasons = rules.why_refused(password, email=account.email, policy=ACCESS_POLICY.passwords)
    if reasons:
        messages = [reason.text for reason in reasons]
        raise Invalid(reasons[0].code, fields={"new_password": messages})
    account.password_hash = hashing.hash_password(password)


def change(
    session: Session,
    *,
    password: str,
    new_password: str,
    session_hash: str,
    vault: Vault,
    by: Actor,
    now: datetime,
) -> bool:
    """Change the actor's own password and end the other sessions.

    Wants the present password; False where that is wrong, which counts as a guess.
    """
    account = own.account(session, by, lock=True)
    bucket = vault.keyed_hash("throttle:password-change", str(account.id))
    throttles.pour(session, {bucket: ACCESS_POLICY.throttling.account_from_address}, now)
    if not hashing.is_right(account.password_hash, password):
        return False
    throttles.give_back(session, [bucket])
    choose(account, new_password)
    sessions.end_all(session, account.id, now, but=session_hash)
    _record_change(session, account, "password.changed", by, now)
    return True


def ask_reset(session: Session, *, email: str, address: str, vault: Vault, now: datetime) -> None:
    """Mail a link to set the password anew, if there is such an account; the answer tells neither
    way. Raises `Refused` where this e-mail, or from this address, has been asked too often."""
    tidied = tidy_email(email)
    limits = ACCESS_POLICY.throttling
    buckets = {
        vault.keyed_hash("throttle:mail", tidied): limits.mail_to_account,
        vault.keyed_hash("throttle:address", throttling.network(address)): limits.address,
    }
    throttles.pour(session, buckets, now)
    account = session.scalar(
        sa.select(Account).where(Account.email == tidied, Account.closed_at.is_(None))
    )
    if account is not None:
        mail_way_back(session, account, vault, now)
    else:
        nobody = vault.pseudonym("unknown-account", tidied)
        record(session, "reset.asked", subject_id=nobody, by=Actor(None, None), now=now)


def mail_way_back(session: Session, account: Account, vault: Vault, now: datetime) -> None:
    """Mail a reset link; or once more the invitation to whoever never entered."""
    entered = account.verified_at is not None
    purpose = LinkPurpose.RESET if entered else LinkPurpose.INVITE
    token = links.make(session, account.id, purpose, vault, now)
    notice = tell_account(
        "reset" if entered else "invitation_again",
        account.id,
        token=token,
        days=ACCESS_POLICY.invitation.days,
    )
    by = Actor(None, None)
    record(session, "reset.asked", subject_id=account.id, by=by, now=now, tell=[notice])


def reset(session: Session, *, token: str, new_password: str, vault: Vault, now: datetime) -> None:
    """Set the password anew by a mailed link; ends every session. The second factor stays: a
    stolen mailbox alone does not open the account."""
    account = links.use(session, token, LinkPurpose.RESET, vault, now)
    choose(account, new_password)
    sessions.end_all(session, account.id, now)
    by = Actor(account.id, None, via=Via.PAGE)
    _record_change(session, account, "password.reset", by, now)


def _record_change(session: Session, account: Account, kind: str, by: Actor, now: datetime) -> None:
    notice = tell_account("password_changed", account.id, at=now)
    record(session, kind, subject_id=account.id, by=own.nowhere(by), now=now, tell=[notice])
