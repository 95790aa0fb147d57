"""Databases for tests: each test gets a copy of an empty one, on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.wiring import DOORS, TABLE_MODULES, open_database
from passport.db import Base, Database, connect
from passport.events import prepare
from tests.support.postgres import Server


def make_tables(url: str) -> None:
    """All tables of both floors, as the classes declare them."""
    assert TABLE_MODULES
    engine = connect(url)
    Base.metadata.create_all(engine)
    engine.dispose()


def open_hastily(url: str) -> Database:
    """Both floors' database; on SQLite without waiting for the disk, as no test pulls the plug."""
    opened = open_database(url)

    if opened.engine.dialect.name == "sqlite":

        @sa.event.listens_for(opened.engine, "connect")
        def hurry(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")

    return opened


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(fresh_postgres: Callable[..., str]) -> str:
    url = fresh_postgres()
    make_tables(url)
    return url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """URL of a fresh SQLite database with all tables."""
    path = tmp_path / "test.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def spare_databases() -> list[str]:
    """URLs of PostgreSQL databases that were used and are as new."""
    return []


@pytest.fixture
def postgres_tables_url(
    postgres_server: Server, postgres_template: str, spare_databases: list[str]
) -> Iterator[str]:
    """URL of a fresh PostgreSQL database with all tables, emptied after its test: to copy one a
    thousand times takes longer than most of the tests."""
    spare = spare_databases.pop() if spare_databases else None
    url = spare or postgres_server.fresh_database(postgres_template)
    yield url
    if emptied := postgres_server.emptied(url, postgres_template):
        spare_databases.append(emptied)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_tables_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with all tables and the doors between the floors."""
    opened = open_hastily(database_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def postgres_database(postgres_tables_url: str) -> Iterator[Database]:
    """PostgreSQL only: for races, which SQLite cannot show. Many connect at once, on a machine
    that does other things too."""
    opened = Database(connect(postgres_tables_url, connect_seconds=30), prepare(DOORS))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """SQLite only: for tests that ask nothing of the engine."""
    opened = open_hastily(sqlite_url)
    yield opened
    opened.engine.dispose()
