"""The benchmarks run and print their table. Times are never checked here: they are for people."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import groups, postgres

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

CHECKOUT = Path(__file__).parent.parent


def test_the_benchmarks_run_on_tiny_data_and_print_their_table() -> None:
    try:
        postgres.binaries()
    except postgres.Missing as why:
        groups.missing("postgresql", str(why))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--smoke"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    rows = [line for line in done.stdout.splitlines() if line.startswith("|")]
    for what in (
        "Booking over HTTP",
        "Posting many shifts",
        "shifts to book over HTTP",
        "Who could work a shift over HTTP",
    ):
        assert any(what in row for row in rows), done.stdout
