"""What the tests lean on: skips are told or fail, no test leaves the machine, databases are own."""

import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.support import chromium, groups, network, postgres


def skipped(*markers: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="tests/test_x.py::test_y",
        location=("tests/test_x.py", 1, "test_y"),
        keywords=dict.fromkeys(markers, 1),
        outcome="skipped",
        longrepr=("tests/test_x.py", 1, "Skipped: postgresql: none found"),
        when="setup",
    )


@pytest.mark.parametrize(("ci", "outcome"), [("true", "failed"), ("1", "failed"), ("", "skipped")])
def test_a_skip_fails_in_ci_only(ci: str, outcome: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", ci)
    report = skipped("postgresql")
    groups.as_failure(report)
    assert report.outcome == outcome
    assert "none found" in str(report.longrepr)


def test_an_expected_failure_is_no_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    report = skipped()
    report.wasxfail = "known"
    groups.as_failure(report)
    assert report.outcome == "skipped"


def test_the_last_lines_name_each_skipped_group_and_its_cure() -> None:
    told = groups.summary([skipped("postgresql"), skipped("postgresql"), skipped("browser")])
    assert [line.split(". ")[0] for line in told] == [
        "SKIPPED GROUP browser: 1 tests",
        "SKIPPED GROUP postgresql: 2 tests",
    ]
    assert "apt-get install postgresql" in told[1]
    assert groups.summary([]) == []


def test_tests_get_the_markers_of_their_fixtures(
    request: pytest.FixtureRequest, fresh_postgres: Callable[..., str]
) -> None:
    assert request.node.get_closest_marker("postgresql")


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "2001:db8::1"])
def test_no_test_leaves_the_machine(host: str) -> None:
    with pytest.raises(network.Outside, match="this machine only"):
        socket.create_connection((host, 80), timeout=1)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def rows(url: str) -> list[tuple[int]]:
    with psycopg.connect(plain(url)) as connection:
        connection.execute("create table if not exists seen (n int)")
        connection.execute("insert into seen values (1)")
        return connection.execute("select n from seen").fetchall()


def test_each_database_is_fresh_and_a_template_is_copied(
    fresh_postgres: Callable[..., str],
) -> None:
    first = fresh_postgres()
    assert rows(first) == [(1,)]
    assert rows(fresh_postgres()) == [(1,)]
    assert rows(fresh_postgres(template=first)) == [(1,), (1,)]


def made(server: postgres.Server) -> str:
    """A template with two tables that know each other, a sequence and an index."""
    url = server.fresh_database()
    with psycopg.connect(plain(url)) as connection:
        connection.execute("create table house (n int primary key, door serial)")
        connection.execute("create table room (n int references house)")
    return url


def plain(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def lived_in(url: str, *changes: str) -> None:
    with psycopg.connect(plain(url)) as connection:
        for change in ("insert into house values (1)", "insert into room values (1)", *changes):
            connection.execute(change)


STATE = """
    select relname, relkind, reltuples, pg_relation_size(oid) from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname
"""


def test_an_emptied_database_is_as_new_and_nobody_knows_its_name(
    postgres_server: postgres.Server,
) -> None:
    template = made(postgres_server)
    untouched, first = (postgres_server.fresh_database(template) for _ in range(2))
    lived_in(first)
    still = psycopg.connect(plain(first))
    second = postgres_server.emptied(first, template)
    assert second
    with pytest.raises(psycopg.OperationalError):
        still.execute("select 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(first))
    with psycopg.connect(plain(second)) as one, psycopg.connect(plain(untouched)) as other:
        assert one.execute(STATE).fetchall() == other.execute(STATE).fetchall()
    lived_in(second)
    with psycopg.connect(plain(second)) as connection:
        assert connection.execute("select n, door from house").fetchall() == [(1, 1)]


@pytest.mark.parametrize(
    "change",
    [
        "drop table room",
        "create index more on room (n)",
        "alter table room drop constraint room_n_fkey",
        "create table more (n int)",
        "analyze house",
    ],
)
def test_a_database_that_was_made_otherwise_is_not_used_again(
    postgres_server: postgres.Server, change: str
) -> None:
    template = made(postgres_server)
    url = postgres_server.fresh_database(template)
    lived_in(url, change)
    assert postgres_server.emptied(url, template) is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(url))


def test_a_machine_without_postgresql_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "VERSIONS", Path("/nowhere"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(postgres.Missing, match="no PostgreSQL"):
        postgres.binaries()


def test_the_named_chromium_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "chromium"
    named.write_text("")
    monkeypatch.setenv("BANKHUB_TEST_CHROMIUM", str(named))
    assert chromium.executable("/nowhere") == str(named)
