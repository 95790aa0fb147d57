"""Commands run in the demo's folder act on the demo, as long as no settings say otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bankhub.demo import kept
from bankhub.wiring import open_database
from tests.support import build


def run(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BANKHUB_")}
    return subprocess.run(
        [sys.executable, "-m", "bankhub.cli.main", *words],
        cwd=folder, env={**clean, **env}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture
def demo_folder(tmp_path: Path, sqlite_url: str) -> Path:
    (tmp_path / "instance").mkdir()
    made = {
        "secret_key": "ab" * 32, "master_key": "cd" * 32, "seeded": 0,
        "database_url": sqlite_url, "base_url": "http://127.0.0.1:8765",
    }  # fmt: skip
    kept.keep(made, tmp_path / "instance")
    database = open_database(sqlite_url)
    with database.transaction() as session:
        build.an_organisation(session, ods_code="RWJ")
    database.engine.dispose()
    return tmp_path


def test_a_command_finds_the_demo_of_its_folder(demo_folder: Path) -> None:
    made = run(
        demo_folder, "account", "create", "a@trust.example", "--organisation", "RWJ",
        "--role", "worker",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "http://127.0.0.1:8765/invitation/" in made.stdout
    assert "Settings of the demo" in made.stderr


def test_settings_in_the_environment_win(demo_folder: Path) -> None:
    told = run(demo_folder, "fill-rate", BANKHUB_SECRET_KEY="ab" * 32)
    assert told.returncode == 2
    assert "BANKHUB_MASTER_KEY" in told.stderr


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_service_never_starts_with_the_demos_secrets(demo_folder: Path, command: str) -> None:
    told = run(demo_folder, command)
    assert told.returncode == 2
    assert "BANKHUB_SECRET_KEY" in told.stderr


def test_what_is_kept_is_for_its_owner_alone(demo_folder: Path) -> None:
    assert (demo_folder / "instance" / "demo.json").stat().st_mode & 0o077 == 0
