"""Commands are told the words that the documentation uses, and wrong settings in one line."""

from typing import Any

import pytest
from click.testing import CliRunner, Result

from bankhub.cli.main import main
from tests.support import build

SECRETS = {"BANKHUB_SECRET_KEY": "ab" * 32, "BANKHUB_MASTER_KEY": "cd" * 32}


def run(url: str, *words: str, **more: str) -> Result:
    env = {**SECRETS, "BANKHUB_DATABASE_URL": url, **more}
    return CliRunner(env=env).invoke(main, words)


def test_the_first_account_is_made_as_the_deployment_page_says(
    database: Any, database_url: str
) -> None:
    with database.transaction() as session:
        build.an_organisation(session, ods_code="RWJ")
    made = run(
        database_url, "account", "create", "ada@trust.example",
        "--organisation", "RWJ", "--role", "bank_manager", "--role", "worker",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "/invitation/" in made.output


@pytest.mark.parametrize("words", [("--by", "staff_group"), ("--unit", "shifts"), ()])
def test_figures_are_asked_for_by_the_names_of_the_api(
    database: Any, database_url: str, words: tuple[str, ...]
) -> None:
    found = run(database_url, "fill-rate", *words)
    assert found.exit_code == 0, found.output
    unit = "shifts" if "shifts" in words else "hours"
    assert found.output.startswith(f"temp_fill_rate in {unit}")


@pytest.mark.parametrize(
    ("name", "value", "command"),
    [
        ("BANKHUB_DATABASE_URL", "nonsense", ("fill-rate",)),
        ("BANKHUB_DATABASE_URL", "mysql://a/b", ("db", "upgrade")),
        ("BANKHUB_TRUSTED_PROXIES", "many", ("fill-rate",)),
        ("PORT", "abc", ("serve",)),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, command: tuple[str, ...]) -> None:
    told = run("sqlite://", *command, **{name: value})
    assert told.exit_code == 2
    assert name in told.output
    assert isinstance(told.exception, SystemExit)
