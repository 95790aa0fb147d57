"""Many rows from one: a row that the project itself made, copied set-based by the database.

Copies keep every column of their template but those named anew. Identifiers rise with the
number of the copy, as the time-ordered ones of the service do.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

PERSON, POST, SHIFT, ACCOUNT, UNIT = "1", "2", "3", "4", "5"
"""First digit of the identifiers of each kind."""


def uid(kind: str, number: str) -> str:
    """SQL of the identifier of copy `number` (an SQL expression)."""
    return f"('0190000{kind}-0000-7000-8000-' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def uid_of(kind: str, number: int) -> UUID:
    """The same in Python."""
    return UUID(f"0190000{kind}-0000-7000-8000-{number:012x}")


def copy(
    connection: sa.Connection,
    table: type[Any],
    *,
    where: str,
    rows: str,
    changes: Mapping[str, str],
    **values: Any,
) -> int:
    """Insert one copy of the rows `t` at `where` for each row of `rows` (SQL; usually
    `generate_series(…) g`), with `changes` (column → SQL expression). Returns how many."""
    columns = [column.name for column in table.__table__.columns]
    unknown = set(changes) - set(columns)
    assert not unknown, unknown
    chosen = ", ".join(changes.get(name, f't."{name}"') for name in columns)
    listed = ", ".join(f'"{name}"' for name in columns)
    name = table.__table__.name
    statement = (
        f'INSERT INTO "{name}" ({listed}) SELECT {chosen} FROM "{name}" t, {rows} WHERE {where}'
    )
    return connection.execute(sa.text(statement), values).rowcount


def quickly(connection: sa.Connection) -> None:
    """No foreign key checks in this transaction: copies of what was checked point at copies."""
    connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
    connection.execute(sa.text("SET LOCAL statement_timeout = 0"))


def settle(engine: sa.Engine) -> None:
    """Statistics and visibility as autovacuum would have left them, and all of it on disk."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        connection.execute(sa.text("VACUUM ANALYZE"))
        connection.execute(sa.text("CHECKPOINT"))
