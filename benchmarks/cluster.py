"""A throw-away PostgreSQL cluster with the settings of a service: acknowledged means on disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from bankhub.wiring import FLOORS
from passport import migrate
from passport.db import connect
from tests.support import postgres

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "jit": "off",
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "max_connections": "100",
    "timezone": "UTC",
}
SMALL = {**SETTINGS, "shared_buffers": "128MB", "max_wal_size": "1GB"}


class Cluster:
    """A running cluster."""

    def __init__(self, state: dict[str, str]) -> None:
        self.state = state

    @property
    def program_folder(self) -> str:
        """Where pgbench and its like are."""
        return self.state["bin"]

    @property
    def pid(self) -> int:
        """The server's first process, the parent of all others."""
        return int((Path(self.state["home"]) / "data" / "postmaster.pid").read_text().split()[0])

    def database(self, name: str) -> str:
        """The URL of a new database with all tables, by the migrations."""
        address = sa.make_url(self.state["url"])
        plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = address.set(database=name).render_as_string(hide_password=False)
        engine = connect(url)
        migrate.upgrade(engine, FLOORS)
        engine.dispose()
        return url

    def drop(self, name: str) -> None:
        """Remove a database, so that the next one finds the disk free."""
        url = sa.make_url(self.state["url"]).set(drivername="postgresql")
        with psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def version(self) -> str:
        """The server's version."""
        url = sa.make_url(self.state["url"]).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            return str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]


@contextmanager
def started(*, small: bool) -> Iterator[Cluster]:
    """A cluster that is stopped and removed with the block."""
    state = postgres.start(postgres.binaries(), SMALL if small else SETTINGS)
    try:
        yield Cluster(state)
    finally:
        postgres.stop(state)
