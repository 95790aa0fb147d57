"""Which of several workers leads: a session advisory lock of PostgreSQL."""

import sqlalchemy as sa

LEADER = 0x42414E4B
"""Number of the lock: `BANK`."""


def take(connection: sa.Connection) -> bool:
    """Whether this session leads from now on, until it gives back or ends."""
    got = connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LEADER)))
    return bool(got)


def give_back(connection: sa.Connection) -> None:
    """Another worker may lead. A session that broke has given back already."""
    if is_alive(connection):
        connection.execute(sa.select(sa.func.pg_advisory_unlock(LEADER)))


def is_alive(connection: sa.Connection) -> bool:
    """Whether the session still answers."""
    try:
        connection.execute(sa.select(1))
    except sa.exc.DBAPIError:
        return False
    return True
