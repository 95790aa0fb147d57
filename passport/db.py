"""The database: base class, column types, and the two ways in.

`transaction()` is for deeds, `reading()` for reads; both are called at the edge only (web, cli,
worker, imports, demo, tests). One code path serves SQLite (embedded default) and PostgreSQL.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar, get_args
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session, sessionmaker
from sqlalchemy.types import TypeDecorator
from uuid_utils.compat import uuid7

T = TypeVar("T")


def new_id() -> UUID:
    """A time-ordered identifier (UUIDv7): index locality, and not guessable."""
    return uuid7()


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC moments. Refuses naive values; restores UTC where SQLite forgot it."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: every moment is aware UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False, repr=False):
    """Every table of both floors.

    A table is either recorded (`__recorded__ = True`: its rows cannot change without an `Event`
    in the same transaction) or technical (`__recorded__ = False`: session, throttle, outbox
    state, derived). There is no default: a table that does not say fails a test.
    """

    __recorded__: ClassVar[bool]
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        date: sa.Date(),
        UUID: sa.Uuid(),
        StrEnum: sa.Enum(
            StrEnum,
            native_enum=False,
            create_constraint=False,
            length=32,
            values_callable=lambda kinds: [kind.value for kind in kinds],
        ),
    }
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    def __init_subclass__(cls, **options: Any) -> None:
        """Give foreign keys their type at once. By default they take it from the table they point
        at, once that is loaded: too late for a statement that is written at import."""
        super().__init_subclass__(**options)
        for column in cls.__table__.columns:
            if isinstance(column.type, sa.types.NullType):
                (held,) = get_args(cls.__annotations__[column.key])
                column.type = sa.Integer() if int in (held, *get_args(held)) else sa.Uuid()


def connect(url: str, *, statement_seconds: int = 15, connect_seconds: int = 3) -> sa.Engine:
    """An engine for `url`, with the settings the platform relies on.

    SQLite: WAL, full sync, foreign keys on, transactions begun by us. PostgreSQL: UTC sessions,
    time-outs inside out (statement, lock 3 s, idle in transaction).
    """
    if sa.make_url(url).get_backend_name() == "sqlite":
        return _connect_sqlite(url)
    engine = sa.create_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={
            "connect_timeout": connect_seconds,
            "options": (
                "-c timezone=UTC -c lock_timeout=3000 "
                f"-c statement_timeout={statement_seconds * 1000} "
                "-c idle_in_transaction_session_timeout=60000"
            ),
        },
    )
    _ask_the_idle(engine)
    return engine


IDLE_SECONDS = 1.0
"""A pooled connection that rested longer is asked whether it still stands before it is used. One
that was just used is not: that would be a round trip more for every request."""


def _ask_the_idle(engine: sa.Engine) -> None:
    @event.listens_for(engine, "checkin")
    def rests(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def wakes(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise sa.exc.DisconnectionError from error


def _connect_sqlite(url: str) -> sa.Engine:
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": 15})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql(f"PRAGMA query_only={int(reading)}")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def is_postgresql(session: Session) -> bool:
    """Whether the session talks to PostgreSQL: the one test behind every dialect branch."""
    return session.get_bind().dialect.name == "postgresql"


RETRIED_SQLSTATES = frozenset({"40001", "40P01", "55P03"})
"""Serialisation failure, deadlock, lock not available: a retry, never a 500."""


def is_passing_failure(error: sa.exc.DBAPIError) -> bool:
    """Whether trying the same transaction again may succeed."""
    state = getattr(error.orig, "sqlstate", None)
    return state in RETRIED_SQLSTATES or "database is locked" in str(error.orig)


class Database:
    """An engine and the two ways to use it. `guard` is called once, on what makes the sessions
    of deeds."""

    def __init__(
        self, engine: sa.Engine, guard: Callable[[sessionmaker[Session]], None]
    ) -> None:
        self.engine = engine
        self._deeds = sessionmaker(engine, expire_on_commit=False)
        guard(self._deeds)
        options: dict[str, Any] = {"reading": True}
        if engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = True
        reader = engine.execution_options(**options)
        self._reads = sessionmaker(reader, expire_on_commit=False)
        if engine.dialect.name == "postgresql":
            glancer = engine.execution_options(isolation_level="AUTOCOMMIT")
            self._glances = sessionmaker(glancer, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session for a deed: commits at the end, rolls back on any error."""
        with self._deeds.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads: deferred on SQLite, READ ONLY on PostgreSQL; never commits."""
        with self._reads() as session:
            try:
                yield session
            finally:
                session.expunge_all()  # what was read stays readable; a rollback expires it
                session.rollback()

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """A session for one statement that reads: no transaction is begun and ended around it."""
        if self.engine.dialect.name != "postgresql":
            with self.reading() as session:
                yield session
            return
        with self._glances() as session:
            yield session

    def attempt(self, deed: Callable[[Session], T]) -> T:
        """Run `deed` in a transaction; lock and serialisation failures are tried 3 times more.

        Only for deeds without outside effects, which all actions are.
        """
        for attempt in range(4):
            try:
                with self.transaction() as session:
                    return deed(session)
            except sa.exc.DBAPIError as error:
                if attempt == 3 or not is_passing_failure(error):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311  jitter
        raise AssertionError("unreachable")
