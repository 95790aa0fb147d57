"""Server-side sessions: opened, replaced by a new one at each proof, ended one by one or all.

The cookie's token is never stored, only its hash. Whoever gives a proof (password, second factor,
step-up) leaves with a new token and the old one is dead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actors import Actor
from passport.errors import NotFound
from passport.events import record
from passport.model.access_policy import ACCESS_POLICY
from passport.model.accounts import ApiToken, SignIn
from passport.sealing import hash_secret, new_secret

TOUCHED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session is kept."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: `token` goes into the cookie and nowhere else."""

    token: str
    account_id: UUID
    own_device: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """What has been proven so far in a session that is being replaced."""

    second_factor_at: datetime | None = None
    stepped_up_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session as its owner sees it in the list."""

    handle: str
    """Start of the token's hash: enough to name it, useless to sign in with."""
    device: str
    own_device: bool
    created_at: datetime
    seen_at: datetime
    current: bool


HANDLE_LENGTH = 20


def open_session(
    session: Session,
    *,
    account_id: UUID,
    organisation_id: UUID | None,
    device: str,
    own_device: bool,
    now: datetime,
    proof: Proof | None = None,
) -> Opened:
    """Open a session for an account that has just proven itself."""
    limits = ACCESS_POLICY.own_device if own_device else ACCESS_POLICY.shared_device
    given = proof or Proof()
    row = SignIn(
        token_hash="",
        account_id=account_id,
        organisation_id=organisation_id,
        csrf=new_secret(),
        created_at=now,
        seen_at=now,
        expires_at=now + limits.absolute,
        own_device=own_device,
        device=device[:120],
        second_factor_at=given.second_factor_at,
        stepped_up_at=given.stepped_up_at,
    )
    return _add_under_new_token(session, row)


def replace(session: Session, old: SignIn, *, now: datetime, proof: Proof) -> Opened:
    """End `old` and open its successor, which lives no longer than `old` would have.

    Forms that are open in other tabs keep working: they prove where they came from, not who
    sends them, so their token stays.
    """
    old.ended_at = now
    successor = SignIn(
        token_hash="",
        account_id=old.account_id,
        organisation_id=old.organisation_id,
        csrf=old.csrf,
        created_at=old.created_at,
        seen_at=now,
        expires_at=old.expires_at,
        own_device=old.own_device,
        device=old.device,
        second_factor_at=proof.second_factor_at,
        stepped_up_at=proof.stepped_up_at,
    )
    return _add_under_new_token(session, successor)


def _add_under_new_token(session: Session, row: SignIn) -> Opened:
    token = new_secret()
    row.token_hash = hash_secret(token)
    session.add(row)
    return Opened(token, row.account_id, row.own_device, row.expires_at)


def hash_of(opened: Opened) -> str:
    """What the new session is known by in the database."""
    return hash_secret(opened.token)


def current(session: Session, token_hash: str, *, lock: bool = False) -> SignIn:
    """The session with this hash; `NotFound` where it has ended."""
    row = session.get(SignIn, token_hash, with_for_update=lock or None)
    if row is None or row.ended_at is not None:
        raise NotFound
    return row


def touch(session: Session, token_hash: str, now: datetime) -> None:
    """Note that the session was used now."""
    session.execute(sa.update(SignIn).where(SignIn.token_hash == token_hash).values(seen_at=now))


def sign_out(session: Session, *, token_hash: str, by: Actor, now: datetime) -> None:
    """End this one session."""
    row = current(session, token_hash)
    row.ended_at = now
    record(session, "sign_in.ended", subject_id=row.account_id, by=by, now=now, which="this")


def own_sessions(
    session: Session, *, token_hash: str, by: Actor, now: datetime
) -> Sequence[OwnSession]:
    """The live sessions of the actor's account, the latest used first."""
    rows = session.scalars(
        sa.select(SignIn)
        .where(
            SignIn.account_id == by.account_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
        )
        .order_by(SignIn.seen_at.desc())
    )
    return [
        OwnSession(
            handle=row.token_hash[:HANDLE_LENGTH],
            device=row.device,
            own_device=row.own_device,
            created_at=row.created_at,
            seen_at=row.seen_at,
            current=row.token_hash == token_hash,
        )
        for row in rows
    ]


def end_own(session: Session, *, handle: str, by: Actor, now: datetime) -> None:
    """End one session of the actor's own account, named by its handle."""
    if by.account_id is None or len(handle) != HANDLE_LENGTH:
        raise NotFound
    row = session.scalar(
        sa.select(SignIn).where(
            SignIn.account_id == by.account_id,
            SignIn.ended_at.is_(None),
            SignIn.token_hash.startswith(handle, autoescape=True),
        )
    )
    if row is None:
        raise NotFound
    row.ended_at = now
    record(session, "sign_in.ended", subject_id=row.account_id, by=by, now=now, which="one")


def end_everywhere(session: Session, *, by: Actor, now: datetime) -> None:
    """End every session of the actor's own account, this one too."""
    if by.account_id is None:
        raise NotFound
    end_all(session, by.account_id, now)
    record(session, "sign_in.ended", subject_id=by.account_id, by=by, now=now, which="all")


def end_all(session: Session, account_id: UUID, now: datetime, *, but: str | None = None) -> None:
    """End the sessions of an account, `but` one; the calling deed records why."""
    ended = sa.update(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
    if but is not None:
        ended = ended.where(SignIn.token_hash != but)
    session.execute(ended.values(ended_at=now))


def revoke_tokens(
    session: Session, account_id: UUID, now: datetime, *, organisation_id: UUID | None = None
) -> None:
    """Revoke the API tokens of an account, everywhere or in one organisation; the calling deed
    records why."""
    revoked = sa.update(ApiToken).where(
        ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None)
    )
    if organisation_id is not None:
        revoked = revoked.where(ApiToken.organisation_id == organisation_id)
    session.execute(revoked.values(revoked_at=now))


def forget_dead(session: Session, now: datetime) -> int:
    """Remove sessions that ended or expired a month ago. Returns how many."""
    month_ago = now - timedelta(days=30)
    dead = sa.or_(SignIn.ended_at < month_ago, SignIn.expires_at < month_ago)
    gone = session.execute(sa.delete(SignIn).where(dead).returning(SignIn.token_hash))
    return len(gone.all())
