"""The migrations make exactly the tables that the classes declare, on both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bankhub.wiring import FLOORS
from passport import migrate
from passport.db import connect

CONSTRAINTS = sa.text(
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'alembic%'"
)
INDEXES = sa.text(
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND tablename NOT LIKE 'alembic%'"
)


def what_is_there(url: str, query: sa.TextClause) -> set[tuple[str, ...]]:
    engine = connect(url)
    with engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(query)}
    engine.dispose()
    return found


def migrated(url: str) -> str:
    engine = connect(url)
    for _again in range(2):
        migrate.upgrade(engine, FLOORS)
    for floor in FLOORS:
        assert migrate.differences(engine, floor) == []
    engine.dispose()
    return url


def test_sqlite_from_empty(tmp_path: Path) -> None:
    migrated(f"sqlite:///{tmp_path}/empty.sqlite3")


@pytest.mark.postgresql
def test_postgresql_from_empty_has_every_constraint_and_index(
    fresh_postgres: Callable[..., str], postgres_template: str
) -> None:
    url = migrated(fresh_postgres())
    for query in (CONSTRAINTS, INDEXES):
        assert what_is_there(url, query) == what_is_there(postgres_template, query)
    assert any(name == "ex_booking_worked_time" for _t, name, _d in what_is_there(url, CONSTRAINTS))


def test_the_ground_floor_migrates_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/passport.sqlite3"
    engine = connect(url)
    migrate.upgrade(engine, ["passport"])
    assert migrate.differences(engine, "passport") == []
    names = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    assert not names & migrate.tables_of("bankhub")


def test_an_empty_database_is_told_apart(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/empty.sqlite3")
    assert migrate.differences(engine, "bankhub") != []
    engine.dispose()
