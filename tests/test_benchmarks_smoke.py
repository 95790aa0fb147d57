"""The benchmarks run and print their table. Times are never checked here: they are for people."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import report
from tests.support import groups, postgres

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parent.parent


WHOLE = (
    "Booking over HTTP: throughput",
    "Booking over HTTP: processor time",
    "Posting many shifts",
    "shifts to book over HTTP",
    "Who could work a shift over HTTP",
    "Verify SD-JWT+KB",
    "Verify the code at a gate",
    "Issue an SD-JWT",
    "Status list of 1,048,576 entries",
    "QR code at level M",
)
"""A row of each kind."""


@pytest.mark.postgresql
def test_the_benchmarks_run_on_tiny_data_and_write_their_table(tmp_path: Path) -> None:
    try:
        postgres.binaries()
    except postgres.Missing as why:
        groups.missing("postgresql", str(why))
    document = tmp_path / "performance.md"
    document.write_text(report.DOCUMENT.read_text())
    rows = measured("--write", str(document))
    written = document.read_text()
    assert "\n".join(rows) in written
    assert all(one in written for one in ("Load of the machine", "## Why it is so"))
    for what in WHOLE:
        assert any(what in row for row in rows), (what, rows)


@pytest.mark.parametrize("told", [["--smoke"], ["--only", "passports"]])
def test_the_document_takes_a_whole_run_only(told: list[str]) -> None:
    before = report.DOCUMENT.read_text()
    done = run(*told, "--write")
    assert done.returncode == 2
    assert "a whole run" in done.stderr
    assert report.DOCUMENT.read_text() == before


def test_one_part_runs_alone_and_without_a_database() -> None:
    rows = measured("--only", "passports")
    for what, baseline in (
        ("Verify SD-JWT+KB", "OpenSSL, two signatures alone"),
        ("Verify the code at a gate", "OpenSSL, two signatures alone"),
        ("Issue an SD-JWT", "the sd-jwt package"),
        ("Status list of 1,048,576 entries", "200 ms"),
        ("QR code at level M, with a face", "version 25"),
    ):
        assert any(what in row and baseline in row for row in rows), rows
    assert not any("Booking" in row for row in rows), rows


def measured(*arguments: str) -> list[str]:
    """The rows of the table."""
    done = run("--smoke", *arguments)
    assert done.returncode == 0, done.stderr[-4000:]
    return [line for line in done.stdout.splitlines() if line.startswith("|")]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
