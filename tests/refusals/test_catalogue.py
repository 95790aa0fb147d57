"""The catalogue of refusals names tests that are there."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
CHECKOUT = FOLDER.parent.parent
CATALOGUE: dict[str, dict[str, str]] = tomllib.loads((FOLDER / "catalogue.toml").read_text())
NAMED = {node for tests in CATALOGUE.values() for node in tests.values()}


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """Every test of the files that the catalogue names."""
    files = sorted({node.partition("::")[0] for node in NAMED})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", *files],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    return set(done.stdout.splitlines())


@pytest.mark.slow
def test_every_refusal_has_its_test(collected: set[str]) -> None:
    assert sorted(NAMED - collected) == []


@pytest.mark.slow
def test_a_test_that_is_not_there_would_be_missed(collected: set[str]) -> None:
    assert "tests/rules/test_jws.py::test_it_is_not_read[no such case]" not in collected


def test_the_catalogue_is_whole() -> None:
    assert len(CATALOGUE) == 12
    assert sum(map(len, CATALOGUE.values())) >= 200
