"""The benchmarks run and print their table. Times are never checked here: they are for people."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import groups, postgres

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parent.parent


@pytest.mark.postgresql
def test_the_benchmarks_run_on_tiny_data_and_print_their_table() -> None:
    try:
        postgres.binaries()
    except postgres.Missing as why:
        groups.missing("postgresql", str(why))
    rows = measured()
    for what in (
        "Booking over HTTP",
        "Posting many shifts",
        "shifts to book over HTTP",
        "Who could work a shift over HTTP",
        "Verify SD-JWT+KB",
    ):
        assert any(what in row for row in rows), rows


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
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--smoke", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [line for line in done.stdout.splitlines() if line.startswith("|")]
