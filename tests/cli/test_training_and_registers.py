"""`bankhub training import` and `bankhub passport registers`: in words, as JSON, as somebody."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from bankhub.cli.main import main
from passport.actors import AccessRole
from passport.db import Database
from passport.model.accounts import RoleGrant
from passport.model.facts import Fact, FactKind
from tests.imports.test_esr import OWN, TEAM, own, team
from tests.support import build
from tests.support.registers import ENTRY, TOKEN, a_register_service, nmc_file
from tests.support.watched import PIN

Invoke = Callable[..., Result]
LONG_AGO = (datetime.now(UTC) - timedelta(days=30)).date()  # noqa: TID251  commands read the clock


@pytest.fixture
def invoke(database: Database, database_url: str, tmp_path: Path) -> Invoke:
    with database.transaction() as session:
        trust = build.an_organisation(session, ods_code="X77")
        person = build.a_person(session, trust)
        build.a_post(session, person, assignment_number="20000001")
        build.a_fact(session, person, FactKind.REGISTRATION, PIN, lookup="NMC:01A2345N")
        ward = build.an_account(session, email="ward@example.org")
        session.add(RoleGrant(account_id=ward.id, organisation_id=trust.id,
                              role=AccessRole.WARD_REQUESTER, granted_at=build.NOW))  # fmt: skip
        build.an_event(session, trust.id)
    path = tmp_path / "file.csv"

    def run(*arguments: str, content: str | bytes = "", url: str = "") -> Result:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        env = {
            "BANKHUB_DATABASE_URL": database_url,
            "BANKHUB_SECRET_KEY": "ab" * 32,
            "BANKHUB_MASTER_KEY": "cd" * 32,
            "BANKHUB_REGISTER_URL": url,
            "BANKHUB_REGISTER_TOKEN": TOKEN,
        }
        told = [str(path) if one == "FILE" else one for one in arguments]
        return CliRunner().invoke(main, told, env=env, catch_exceptions=False)

    return run


def statuses(database: Database) -> list[str]:
    with database.reading() as session:
        return list(
            session.scalars(
                sa.select(Fact.value["status"].as_string()).where(
                    Fact.kind == FactKind.REGISTRATION, Fact.superseded_by_id.is_(None)
                )
            )
        )


def test_training_is_taken_with_a_word_on_what_was_refused(invoke: Invoke) -> None:
    text = "\n".join([TEAM, team(), team("99999999", '"Smith, Jane"')])
    take = ("training", "import", "FILE", "--trust", "X77")
    dry = invoke(*take, "--dry-run", "--json", content=text)
    assert json.loads(dry.stdout)["changed"] == 1
    done = invoke(*take, content=text)
    assert done.exit_code == 1
    assert "Refused, line 3: No post here" in done.stderr
    again = invoke(*take, "--json", content=text)
    assert json.loads(again.stdout)["unchanged"] == 1


def test_training_of_nobody_named_ends_with_2_and_of_a_person_named_is_taken(
    invoke: Invoke,
) -> None:
    take = ("training", "import", "FILE", "--trust", "X77")
    nobody = invoke(*take, content=f"{OWN}\n{own()}")
    assert (nobody.exit_code, "does not say whose" in nobody.stderr) == (2, True)
    assert invoke(*take, "--person", "20000001", content=f"{OWN}\n{own()}").exit_code == 0


def test_a_ward_takes_neither(invoke: Invoke) -> None:
    as_ward = ("--trust", "X77", "--as", "ward@example.org")
    training = invoke("training", "import", "FILE", *as_ward, content=f"{TEAM}\n{team()}")
    assert training.exit_code == 2
    taken = invoke("passport", "registers", "take", "FILE", "--body", "NMC", *as_ward,
                   content=nmc_file({}))  # fmt: skip
    assert taken.exit_code == 2


def test_a_register_file_is_taken(invoke: Invoke, database: Database) -> None:
    take = ("passport", "registers", "take", "FILE", "--body", "NMC", "--trust", "X77")
    dry = invoke(*take, "--dry-run", "--json", content=nmc_file({"Status": "Lapsed"}))
    assert json.loads(dry.stdout)["counts"] == {"asked": 1, "changed": 1}
    assert statuses(database) == ["registered"]
    assert "1 changed" in invoke(*take, content=nmc_file({"Status": "Lapsed"})).stdout
    assert statuses(database) == ["lapsed"]
    old = invoke(*take, "--made-on", LONG_AGO.isoformat(), content=nmc_file({}))
    assert (old.exit_code, "more than 7 days old" in old.stderr) == (2, True)


def test_a_service_is_asked_now(invoke: Invoke, database: Database) -> None:
    check = ("passport", "registers", "check", "--body", "NMC", "--trust", "X77")
    assert invoke(*check).exit_code == 2
    with a_register_service({"01A2345N": {**ENTRY, "status": "suspended"}}) as served:
        assert "1 changed" in invoke(*check, url=served.url).stdout
        assert "nobody is due" in invoke(*check, url=served.url).stdout
        served.mood = "garbage"
        wrong = invoke(*check, "--everybody", "--json", url=served.url)
    assert (wrong.exit_code, json.loads(wrong.stdout)["counts"]) == (
        1, {"asked": 1, "not_understood": 1},
    )  # fmt: skip
    assert statuses(database) == ["suspended"]


def test_a_class_is_counted_first_and_ends_with_yes(invoke: Invoke, database: Database) -> None:
    invoke("passport", "registers", "take", "FILE", "--body", "NMC", "--trust", "X77",
           content=nmc_file({"Status": "Temporary registration", "Expiry Date": ""}))  # fmt: skip
    end = ("passport", "registers", "end", "--body", "NMC", "--status", "temporary_emergency",
           "--on", "2024-03-31")  # fmt: skip
    shown = invoke(*end)
    assert "1 entry of NMC as temporary emergency at X77" in shown.stdout
    assert statuses(database) == ["registered"]
    assert json.loads(invoke(*end, "--yes", "--json").stdout)["ended"] == 1
    assert statuses(database) == ["lapsed"]


def test_a_service_elsewhere_is_named_with_https(invoke: Invoke) -> None:
    check = ("passport", "registers", "check", "--body", "NMC", "--trust", "X77")
    wrong = invoke(*check, url="http://register.example")
    assert (wrong.exit_code, "BANKHUB_REGISTER_URL must be https" in wrong.stderr) == (2, True)
