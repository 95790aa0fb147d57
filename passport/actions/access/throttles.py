"""Counting guesses: buckets by hashed key, filled before a secret is checked."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from passport.db import is_postgresql
from passport.errors import Cure, Reason, Refused
from passport.model.access_policy import Bucket
from passport.model.accounts import Throttle
from passport.rules.access import throttling

TOO_MANY = "too_many_attempts"


def pour(session: Session, buckets: Mapping[str, Bucket], now: datetime) -> None:
    """Count one try in every bucket; raise `Refused` (`too_many_attempts`) where one is full.

    Buckets are locked in the order of their keys. Count first and `give_back` after success: a
    hundred tries at once are then a hundred tries.
    """
    keys = sorted(buckets)
    _make_missing(session, keys, now)
    rows = session.scalars(
        sa.select(Throttle)
        .where(Throttle.key.in_(keys))
        .order_by(Throttle.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    poured = {
        row.key: throttling.pour(buckets[row.key], row.level, row.updated_at, now) for row in rows
    }
    waits = [found.wait for found in poured.values() if not found.allowed]
    if waits:
        raise _too_many(max(waits), now)
    for row in rows:
        row.level, row.updated_at = poured[row.key].level, now


def give_back(session: Session, keys: Iterable[str]) -> None:
    """Take back one try from each bucket: the secret was right."""
    session.execute(
        sa.update(Throttle)
        .where(Throttle.key.in_(sorted(keys)), Throttle.level >= 1)
        .values(level=Throttle.level - 1)
    )


def forget_empty(session: Session, now: datetime) -> int:
    """Remove buckets untouched for two days: all have leaked empty. Returns how many."""
    old = Throttle.updated_at < now - timedelta(days=2)
    gone = session.execute(sa.delete(Throttle).where(old).returning(Throttle.key))
    return len(gone.all())


def _make_missing(session: Session, keys: list[str], now: datetime) -> None:
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    rows = [{"key": key, "level": 0.0, "updated_at": now} for key in keys]
    session.execute(insert(Throttle).values(rows).on_conflict_do_nothing())


def _too_many(wait: timedelta, now: datetime) -> Refused:
    again = now + wait
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    text = f"Too many attempts. Try again in {minutes} minute{'' if minutes == 1 else 's'}."
    reason = Reason(
        TOO_MANY,
        {"retry_after_seconds": int(wait.total_seconds()) + 1},
        Cure("Wait, then try again.", again.isoformat()),
        text=text,
    )
    return Refused([reason], text)
