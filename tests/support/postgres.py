"""A throw-away PostgreSQL cluster for one test run, and fresh databases in it.

The first test process that asks starts it in a temporary folder on a free loopback port; the
other processes of the run find it through a state file, and the run's own process stops it.
`BANKHUB_TEST_DATABASE_URL` names a server to use instead; databases made there are dropped.
fsync is off: tests of durability need a cluster of their own.
"""

import fcntl
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

STATE = "BANKHUB_TEST_POSTGRES_STATE"
"""Environment variable with the run's state folder; the run's worker processes inherit it."""

VERSIONS = Path("/usr/lib/postgresql")
"""Where Debian keeps each version's binaries, off the PATH."""

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # no test lives long enough to need it
    "max_connections": "300",
    "timezone": "UTC",
}


_SHAPE = """
    SELECT md5(string_agg(id::text, ',' ORDER BY id)) FROM (
        SELECT oid AS id FROM pg_class UNION ALL SELECT oid FROM pg_constraint
        UNION ALL SELECT oid FROM pg_trigger UNION ALL SELECT oid FROM pg_proc
        UNION ALL SELECT starelid FROM pg_statistic
    ) AS things
"""
"""A copy keeps the numbers of its template's tables, indexes, constraints and statistics: one that
has others had its make changed."""

_USED = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND pg_relation_size(oid) > 0
"""

_AS_NEW = (
    """
    UPDATE pg_class SET reltuples = -1  -- the planner guesses, as it does of a table never filled
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples <> -1
    """,
    "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence",
)


class Missing(Exception):
    """There is no PostgreSQL to start here; the message says what was looked for."""


@dataclass
class Server:
    """A running server on which the tests may make databases."""

    url: str
    created: list[str] = field(default_factory=list)

    def fresh_database(self, template: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of the one at the URL `template`.

        A template must have no open connections: dispose its engine first.
        """
        name = f"bankhub_test_{secrets.token_hex(6)}"
        made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            source = sa.make_url(template).database or ""
            made += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(source))
        self._execute(made)
        self.created.append(name)
        url = sa.make_url(self.url).set(database=name)
        return url.render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop one that `fresh_database` made, whoever is still connected."""
        name = sa.make_url(url).database or ""
        self.created.remove(name)
        dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(dropped.format(sql.Identifier(name)))

    def emptied(self, url: str, template: str) -> str | None:
        """The same copy of `template` without its rows, at another URL, so that whoever is still at
        work in it does not reach the next test; None where it was not to be made as new, and was
        dropped. Several times as quick as one more copy."""
        old, new = sa.make_url(url).database or "", f"bankhub_test_{secrets.token_hex(6)}"
        gone = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {}"
        named = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        try:
            self._execute(sql.SQL(gone).format(sql.Literal(old)))
            self._execute(named.format(sql.Identifier(old), sql.Identifier(new)))
        except psycopg.errors.ObjectInUse:
            self.drop_database(url)
            return None
        self.created[self.created.index(old)] = new
        renamed = sa.make_url(self.url).set(database=new).render_as_string(hide_password=False)
        if _emptied(_address(renamed), _shape(_address(template))):
            return renamed
        self.drop_database(renamed)
        return None

    def drop_databases(self) -> None:
        """Drop all that are left."""
        for name in tuple(self.created):
            self.drop_database(sa.make_url(self.url).set(database=name).render_as_string())

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(_address(self.url), autocommit=True) as connection:
            connection.execute(statement)


def _address(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@cache
def _shape(address: str) -> str:
    """The shape of a template, which does not change."""
    with psycopg.connect(address) as connection:
        return _only(connection.execute(_SHAPE))


def _emptied(address: str, shape: str) -> bool:
    """Take all rows out; whether the database is then as it was made."""
    with psycopg.connect(address, autocommit=True) as connection:
        if _only(connection.execute(_SHAPE)) != shape:
            return False
        connection.execute("SET session_replication_role = replica")  # no foreign key asks
        used = [sql.Identifier(name) for (name,) in connection.execute(_USED)]
        for table in used:
            connection.execute(sql.SQL("DELETE FROM {}").format(table))
        if used:
            connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(used)))
        for statement in _AS_NEW:
            connection.execute(statement)
        return not connection.execute(_USED).fetchall()


def _only(answer: psycopg.Cursor[tuple[str]]) -> str:
    ((value,),) = answer.fetchall()
    return value


def open_run() -> None:
    """Called once by the run's own process, before any test process exists."""
    os.environ[STATE] = tempfile.mkdtemp(prefix="bankhub-tests-")


def close_run() -> None:
    """Stop the cluster, if one was started, and remove its files."""
    folder = Path(os.environ.pop(STATE))
    with _alone(folder):
        state = folder / "cluster.json"
        if state.exists():
            stop(json.loads(state.read_text()))
        shutil.rmtree(folder)


def server() -> Server:
    """The run's server, started by the first who asks. Raises `Missing`."""
    if url := os.environ.get("BANKHUB_TEST_DATABASE_URL"):
        return Server(url)
    folder = Path(os.environ[STATE])
    state = folder / "cluster.json"
    with _alone(folder):
        if not state.exists():
            state.write_text(json.dumps(start(binaries(), SETTINGS)))
    return Server(json.loads(state.read_text())["url"])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process of the run at a time starts or stops the cluster."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def binaries() -> Path:
    """The folder with initdb, pg_ctl and postgres; the newest version where there are several."""
    on_path = shutil.which("pg_ctl")
    versions = sorted(VERSIONS.glob("*/bin"), key=lambda path: int(path.parent.name))
    for folder in (*reversed(versions), *([Path(on_path).resolve().parent] if on_path else [])):
        if all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise Missing(f"no PostgreSQL server binaries in {VERSIONS}/*/bin or on the PATH")


def start(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """A new cluster of its own with these settings: its `url`, and what `stop` needs."""
    home = Path(tempfile.mkdtemp(prefix="bankhub-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(home, _owner(), _owner())
    data = str(home / "data")
    made = f"{folder}/initdb -D {data} -U bankhub -A trust --encoding=UTF8 --locale=C --no-sync"
    _as_owner(made.split())
    port = free_port()
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    started = f"{folder}/pg_ctl -D {data} -l {home}/log -w -t 60 start"
    _as_owner([*started.split(), "-o", f"-h 127.0.0.1 -p {port} -k {home} {options}"])
    url = f"postgresql+psycopg://bankhub@127.0.0.1:{port}/postgres"
    return {"bin": str(folder), "home": str(home), "url": url}


def stop(cluster: Mapping[str, str]) -> None:
    """Stop a cluster and remove its files."""
    command = f"{cluster['bin']}/pg_ctl -D {cluster['home']}/data -m fast stop"
    _as_owner(command.split())
    shutil.rmtree(cluster["home"])


def _as_owner(command: list[str]) -> None:
    """Run a command as a user PostgreSQL accepts: it refuses root."""
    owner = _owner() if os.geteuid() == 0 else None
    done = subprocess.run(
        command,
        user=owner,
        group=owner,
        extra_groups=None if owner is None else [],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a pipe would stay open as long as the server runs
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {done.returncode}")


def _owner() -> str:
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise Missing("PostgreSQL refuses to run as root, and no user `postgres` exists") from None


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
