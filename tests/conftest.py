"""Fixtures and hooks for all tests; what they do is in `tests/support`."""

import gc
import signal
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.support import chromium, groups, network, postgres
from tests.support.databases import (  # noqa: F401  fixtures
    database,
    database_url,
    postgres_database,
    postgres_tables_url,
    postgres_template,
    spare_databases,
    sqlite_database,
    sqlite_template,
    sqlite_url,
)

settings.register_profile("unhurried", parent=settings(), deadline=None)
settings.load_profile("unhurried")  # a busy machine is no mistake


def pytest_configure(config: pytest.Config) -> None:
    """The run's own process, not its xdist workers, owns the PostgreSQL cluster."""
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a killed run tidies up too
        postgres.open_run()
        config.add_cleanup(postgres.close_run)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    groups.mark(items)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the collector need not look through it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    groups.as_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    groups.as_failure(report)
    return report


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in groups.summary(terminalreporter.stats.get("skipped", ())):
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(scope="session", autouse=True)
def stay_on_this_machine() -> Iterator[None]:
    """No test reaches another machine."""
    with network.loopback_only():
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The run's PostgreSQL; tests that use it are skipped where there is none."""
    try:
        server = postgres.server()
    except postgres.Missing as why:
        groups.missing("postgresql", str(why))
    yield server
    server.drop_databases()


@pytest.fixture(scope="session")
def fresh_postgres(postgres_server: postgres.Server) -> Callable[..., str]:
    """`fresh_postgres()`: URL of an empty database; `fresh_postgres(template=URL)`: of a copy."""
    return postgres_server.fresh_database


@pytest.fixture(scope="session")
def postgres_url(fresh_postgres: Callable[..., str]) -> str:
    """URL of one database for this test process, empty at first."""
    return fresh_postgres()


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], playwright: Any
) -> dict[str, Any]:
    """Drive the system's Chromium; tests that use it are skipped where there is none."""
    found = chromium.executable(playwright.chromium.executable_path)
    if found is None:
        groups.missing("browser", "no Chromium found")
    return {**browser_type_launch_args, "executable_path": found, "args": [*chromium.SWITCHES]}
