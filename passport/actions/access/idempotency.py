"""One key, one effect: an `Idempotency-Key` is claimed in the transaction of its deed.

If the deed fails, the claim is undone with it. If a twin is at work the claim waits for it, and
answers as it answered; where the twin takes too long, it says so. A key lives two days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from passport import batch
from passport.batch import Prepared
from passport.db import is_passing_failure, is_postgresql
from passport.errors import Cure, Invalid, Reason, Refused
from passport.model.accounts import IdempotencyKey

LIFE = timedelta(hours=48)
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Answered:
    """What the first request with this key was answered."""

    status: int
    body: str
    headers: dict[str, str]


def claim(
    session: Session, *, scope: str, key: str, fingerprint: str, now: datetime
) -> Answered | None:
    """Claim the key; None = it is ours, do the deed and `keep` its answer.

    Returns the earlier answer to the same request. Raises `Invalid` (`idempotency_key_reused`)
    where the key came with another request, and `Refused` (`request_in_progress`) where a twin
    is still at work.
    """
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid("idempotency_key", f"Idempotency-Key: 1 to {LONGEST_KEY} characters.")
    if _insert(session, scope, key, fingerprint, now):
        return None
    earlier = session.get_one(IdempotencyKey, (scope, key), populate_existing=True)
    if earlier.created_at < now - LIFE:
        session.delete(earlier)
        session.flush()
        return claim(session, scope=scope, key=key, fingerprint=fingerprint, now=now)
    if earlier.fingerprint != fingerprint:
        raise Invalid(
            "idempotency_key_reused", "This Idempotency-Key was used for another request."
        )
    if earlier.status is None:
        raise _in_progress()
    return Answered(earlier.status, earlier.body or "", earlier.headers or {})


_KEEP = Prepared(
    sa.update(IdempotencyKey)
    .where(
        IdempotencyKey.scope == sa.bindparam("claimed_scope"),
        IdempotencyKey.key == sa.bindparam("claimed_key"),
    )
    .values({name: sa.bindparam(name) for name in ("status", "body", "headers")})
)


def keep(session: Session, *, scope: str, key: str, answer: Answered) -> None:
    """Store what the deed came to. Answers of 500 and above are never stored: the deed may not
    have happened."""
    if answer.status >= 500:
        raise ValueError("a failed deed rolls back; its answer is not kept")
    batch.run(
        session,
        (
            _KEEP,
            {
                "claimed_scope": scope,
                "claimed_key": key,
                "status": answer.status,
                "body": answer.body,
                "headers": answer.headers,
            },
        ),
    )


def forget_old(session: Session, now: datetime) -> int:
    """Remove keys past their life. Returns how many."""
    old = IdempotencyKey.created_at < now - LIFE
    gone = session.execute(sa.delete(IdempotencyKey).where(old).returning(IdempotencyKey.key))
    return len(gone.all())


def _insert(session: Session, scope: str, key: str, fingerprint: str, now: datetime) -> bool:
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    claimed = (
        insert(IdempotencyKey)
        .values(scope=scope, key=key, fingerprint=fingerprint, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    try:
        return session.execute(claimed).first() is not None
    except sa.exc.DBAPIError as error:
        if is_passing_failure(error):
            raise _in_progress() from None
        raise


def _in_progress() -> Refused:
    text = "The same request is still being worked on."
    return Refused([Reason("request_in_progress", cure=Cure("Ask again in a moment."), text=text)])
