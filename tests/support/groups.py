"""Groups of tests that need something a machine may not have, and what to say about them.

On a stranger's machine such a group is skipped and named in the last lines of the run. With
`CI=true` a skipped test is a failed one.
"""

import os
from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

import pytest

HOW_TO_GET = {
    "postgresql": (
        "install PostgreSQL 15 or later (Debian: apt-get install postgresql; macOS: brew install"
        " postgresql), or set BANKHUB_TEST_DATABASE_URL to a server where databases may be made"
    ),
    "browser": (
        "install Chromium (Debian: apt-get install chromium; else .venv/bin/playwright install"
        " chromium), or set BANKHUB_TEST_CHROMIUM to a Chromium or Chrome executable"
    ),
    "third_party": (
        "install Node.js 20 or later and run `make third-party`, which fetches a wallet of another"
        " make into tests/third_party/node_modules"
    ),
}
"""Marker of the group -> how to get what it needs."""

FIXTURE_GROUPS = {
    "postgres_server": "postgresql",
    "browser_type_launch_args": "browser",
    "third_party_wallet": "third_party",
}
"""Fixture -> the group of every test that uses it, directly or not."""


def missing(group: str, why: str) -> NoReturn:
    """Skip the test that asked: its group cannot run here."""
    pytest.skip(f"{group}: {why}")


def may_skip() -> bool:
    """Whether a skipped test may count as passed: everywhere but in CI."""
    return os.environ.get("CI", "").lower() not in ("true", "1")


def mark(items: Iterable[pytest.Item]) -> None:
    """Give each test the markers of the groups its fixtures belong to."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if group := FIXTURE_GROUPS.get(fixture):
                item.add_marker(group)


def as_failure(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure where nothing may be skipped; expected failures stay."""
    if report.skipped and not hasattr(report, "wasxfail") and not may_skip():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI=true, nothing may be skipped. {reason}"


def summary(skipped: Iterable[pytest.TestReport]) -> list[str]:
    """One line for each skipped group: how many tests, and how to get them run."""
    counts = Counter(
        next((group for group in HOW_TO_GET if group in report.keywords), "other")
        for report in skipped
    )
    return [
        f"SKIPPED GROUP {group}: {count} tests. To run them, "
        f"{HOW_TO_GET.get(group, 'see the reasons that `pytest -rs` prints')}."
        for group, count in sorted(counts.items())
    ]
