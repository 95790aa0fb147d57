"""`bankhub agreement`: listed, handed out, and verified from files alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bankhub.cli.main import main
from passport.actions.signing import keys
from passport.actions.trust import own_list
from passport.actors import job, operator
from passport.db import Database
from tests.support import agreeing, build
from tests.support.access import MASTER_KEY, SECRET_KEY
from tests.support.issuing import BASE, VAULT, WHERE

NOW = datetime.now(UTC)  # noqa: TID251  a command's clock
DAYS = {
    "starts_on": NOW.date().isoformat(),
    "ends_on": (NOW.date() + timedelta(days=300)).isoformat(),
}


class Bank:
    """Two trusts that signed, a third that did not, and the command line."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "BANKHUB_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "BANKHUB_SECRET_KEY": SECRET_KEY,
            "BANKHUB_MASTER_KEY": MASTER_KEY,
            "BANKHUB_BASE_URL": BASE,
        }
        with database.transaction() as session:
            trusts = [
                build.an_organisation(session, ods_code=ods, name=name)
                for ods, name in (("RN1", "North"), ("RS2", "South"), ("RT3", "Third"))
            ]
            for one in trusts:
                keys.ensure_issuer(
                    session, organisation_id=one.id, vault=VAULT, base=BASE, by=operator(one.id),
                    now=NOW,
                )  # fmt: skip
            _, version = agreeing.drafted(session, *trusts[:2], now=NOW, **DAYS)
            agreeing.sent_out(session, version, trusts[0], NOW)
            agreeing.signed(session, version, *trusts[:2], now=NOW)
            own_list.publish(session, vault=VAULT, where=WHERE, by=job(), now=NOW)
            listed = own_list.newest(session)
            assert listed is not None
            self.trust_list = self.file("trust-list.jwt", listed.token)
            self.root = self.file("root.pem", keys.root_pem(session))

    def file(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return str(path)

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(main, ["agreement", *arguments], env=self.environment)
        assert done.exit_code == code, done.output
        return done

    def exported(self) -> dict[str, Any]:
        path = self.folder / "agreement.json"
        self.run("export", "wsa-1", "--organisation", "RS2", "--output", str(path))
        return dict(json.loads(path.read_text(encoding="utf-8")))

    def verify(self, content: Any, *more: str, code: int) -> Result:
        text = content if isinstance(content, str) else json.dumps(content)
        shown = self.file("shown.json", text)
        lists = ("--trust-list", self.trust_list, "--root", self.root)
        return self.run("verify", shown, *lists, *more, code=code)


@pytest.fixture
def bank(sqlite_database: Database, tmp_path: Path) -> Bank:
    return Bank(sqlite_database, tmp_path)


def test_what_was_handed_out_is_verified_from_files_alone(bank: Bank) -> None:
    content = bank.exported()
    bank.environment = {}
    said = bank.verify(content, code=0).stdout
    assert said.startswith("Signed by every party.")
    assert "North (RN1): Mo Chair, Chief executive, under Standing orders 7.2" in said
    found = json.loads(bank.verify(content, "--json", code=0).stdout)
    assert found["good"]
    assert [one["ods"] for one in found["signatures"]] == ["RN1", "RS2"]


def test_a_changed_word_or_a_missing_party_is_seen(bank: Bank) -> None:
    content = bank.exported()
    changed = {**content, "text": content["text"].replace("band 5", "band 6")}
    assert changed != content
    assert "another text" in bank.verify(changed, code=1).stdout
    fewer = {**content, "signatures": content["signatures"][:1]}
    assert "Party missing" in bank.verify(fewer, code=1).stdout


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, "\x00", '"text"'])
def test_what_is_no_such_file_is_said_so(bank: Bank, content: str) -> None:
    assert "no file of" in bank.verify(content, code=2).output


def test_another_root_is_not_believed(bank: Bank, tmp_path: Path) -> None:
    content = bank.exported()
    bank.root = bank.file("root.pem", "nothing")
    assert "not believed" in bank.verify(content, code=2).output


def test_a_party_lists_reads_and_sees_who_sees_whom(bank: Bank) -> None:
    (row,) = json.loads(bank.run("list", "--organisation", "RN1", "--json").stdout)
    assert (row["reference"], row["state"], row["version"]) == ("WSA-1", "active", 1)
    assert "WSA-1 v1  active until" in bank.run("list", "--organisation", "RS2").stdout
    assert "1.1 North (RN1)" in bank.run("text", "WSA-1", "--organisation", "RS2").stdout
    seen = json.loads(bank.run("matrix", "--organisation", "RN1", "--json").stdout)
    assert {(one["home"], one["host"]) for one in seen} == {("RN1", "RS2"), ("RS2", "RN1")}
    assert "RN1 sees RS2 until" in bank.run("matrix", "--organisation", "RN1").stdout


def test_a_third_trust_has_nothing_of_it(bank: Bank) -> None:
    third = ("--organisation", "RT3")
    assert json.loads(bank.run("list", *third, "--json").stdout) == []
    assert "No agreement" in bank.run("list", *third).stdout
    assert "Nobody sees" in bank.run("matrix", *third).stdout
    assert "No agreement WSA-1" in bank.run("text", "WSA-1", *third, code=2).output
    assert "No agreement WSA-1" in bank.run("export", "WSA-1", *third, code=2).output


def test_a_version_that_is_not_there(bank: Bank) -> None:
    bank.run("export", "WSA-1", "--organisation", "RN1", "--version", "9", code=2)
