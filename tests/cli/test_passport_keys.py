"""`bankhub passport keys` and `passport trust`: over a database, as the operator."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bankhub.cli.main import main
from bankhub.wiring import open_database
from passport.actions.signing import keys
from passport.config import Config
from passport.db import Database
from passport.events import Notice
from passport.model.keys import KeyPurpose, SigningKey
from passport.sealing import vault_of
from tests.actions.test_trust import Elsewhere
from tests.support import build, issuing
from tests.support.access import MASTER_KEY, SECRET_KEY

BASE = "http://127.0.0.1:8000"
CONFIG = Config(database_url="", secret_key=SECRET_KEY, master_key=MASTER_KEY, base_url=BASE)


class Bank:
    """An installation's database and its commands."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.environment = {
            "BANKHUB_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "BANKHUB_SECRET_KEY": SECRET_KEY,
            "BANKHUB_MASTER_KEY": MASTER_KEY,
            "BANKHUB_BASE_URL": BASE,
        }
        with database.transaction() as session:
            build.an_organisation(session, ods_code="RWJ", name="Stockport NHS FT")

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(main, ["passport", *arguments], env=self.environment)
        assert done.exit_code == code, done.output
        return done

    def states(self) -> list[tuple[str, str]]:
        rows = json.loads(self.run("keys", "list", "--organisation", "RWJ", "--json").stdout)
        return sorted((row["purpose"], row["state"]) for row in rows)

    def with_a_nurse(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A nurse whose wallet holds five credentials and a gate token."""
        monkeypatch.setattr(issuing, "VAULT", vault_of(CONFIG))
        monkeypatch.setattr(issuing, "NOW", datetime.now(UTC))  # noqa: TID251  a command's clock
        with self.database.transaction() as session:
            world = issuing.World(session.query(issuing.Organisation).one())
            nurse = issuing.a_holder(session, world)
            wallet, key = issuing.a_wallet(session, world, nurse)
            issuing.collected(session, world, nurse, wallet, key)
            issuing.a_gate(session, world, wallet, key, now=issuing.NOW)


@pytest.fixture
def bank(database: Database) -> Bank:
    return Bank(database)


def test_keys_are_made_once_and_rotated(bank: Bank) -> None:
    assert "2 made" in bank.run("keys", "make", "--organisation", "RWJ").stdout
    assert "Nothing to make" in bank.run("keys", "make", "--organisation", "RWJ").stdout
    assert bank.states() == [("issuer", "signs"), ("request", "signs")]
    assert "signs from" in bank.run("keys", "rotate", "--organisation", "RWJ").stdout
    bank.run("keys", "rotate")
    assert bank.states() == [("issuer", "signs"), ("issuer", "waiting"), ("request", "signs")]
    own = json.loads(bank.run("keys", "list", "--json").stdout)
    assert sorted((row["purpose"], row["state"]) for row in own) == [
        ("root", "signs"), ("trust_list", "signs"), ("trust_list", "waiting"),
    ]  # fmt: skip
    assert "own" in bank.run("keys", "rotate", "--purpose", "issuer", code=2).stderr
    bank.run("keys", "list", "--organisation", "RXX", code=2)


STEPS = [
    "key marked", "new key", "trust list signed", "status lists signed",
    "verifiers refuse the old key", "holders told", "to reissue",
]  # fmt: skip


def test_a_drill_changes_nothing_and_tells_its_times(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.run("keys", "make", "--organisation", "RWJ")
    bank.with_a_nurse(monkeypatch)
    before = bank.states()
    steps = json.loads(bank.run("keys", "drill", "--organisation", "RWJ", "--json").stdout)
    assert [one["name"] for one in steps] == STEPS
    assert steps[5]["result"] == "1"
    assert steps[6]["result"] == "6 copies of 1 people"
    assert bank.states() == before
    with bank.database.reading() as session:
        assert session.query(Notice).count() == 0
        assert session.query(SigningKey).filter(SigningKey.revoked_from.is_not(None)).count() == 0


def test_a_key_is_withdrawn(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.run("keys", "make", "--organisation", "RWJ")
    bank.with_a_nurse(monkeypatch)
    with bank.database.reading() as session:
        (kid,) = session.query(SigningKey.kid).filter_by(purpose=KeyPurpose.ISSUER).one()
    more = ("--organisation", "RWJ", "--since", "2020-01-01")
    done = bank.run("keys", "revoke", kid, *more)
    assert [name for name in STEPS if name in done.stdout] == STEPS
    assert bank.states() == [("issuer", "revoked"), ("issuer", "signs"), ("request", "signs")]
    with bank.database.reading() as session:
        assert session.query(Notice).one().template == "key_withdrawn"
        owner = session.query(issuing.Organisation).one().id
        who = keys.signer(
            session, KeyPurpose.ISSUER, organisation_id=owner,
            vault=vault_of(CONFIG), now=datetime.now(UTC),  # noqa: TID251
        )  # fmt: skip
    assert who.kid != kid
    bank.run("keys", "revoke", kid, *more, code=2)
    bank.run("keys", "revoke", "nothing", *more, code=2)
    bank.run("keys", "revoke", who.kid, "--organisation", "RWJ", "--since", "yesterday", code=2)


@pytest.mark.parametrize("kid", ["-Cu0gSZDUdWEfXEAczxUfZqlAkKLb9J", "--u0gSZDUdWEfXEAczxUfZq"])
def test_a_key_whose_name_looks_like_an_option_is_named_as_it_is(bank: Bank, kid: str) -> None:
    more = ("--organisation", "RWJ", "--since", "2020-01-01")
    bank.run("keys", "make", *more[:2])
    unknown = bank.run("keys", "revoke", "nothing", *more, code=2).output
    assert bank.run("keys", "revoke", kid, *more, code=2).output == unknown.replace("nothing", kid)


def test_a_list_is_brought_listed_and_given_up(bank: Bank, tmp_path: Path) -> None:
    other = Elsewhere(at=datetime.now(UTC))  # noqa: TID251
    root, text = tmp_path / "root.pem", tmp_path / "list.jwt"
    root.write_text(other.root)
    text.write_text(other.text() + "\n")
    done = bank.run("trust", "add", str(text), "--root", str(root), "--no-fetch")
    assert "Issuers: RXX" in done.stdout
    (row,) = json.loads(bank.run("trust", "list", "--json").stdout)
    assert row["version"] == 1
    assert row["root"] in done.stdout
    assert row["sub"] in bank.run("trust", "refresh", code=1).stderr
    bank.run("trust", "remove", row["sub"])
    bank.run("trust", "remove", row["sub"], code=2)
    assert json.loads(bank.run("trust", "list", "--json").stdout) == []
    root.write_text(Elsewhere().root)
    refused = bank.run("trust", "add", str(text), "--root", str(root), code=2)
    assert "unknown root" in refused.stderr


def test_opened_again(bank: Bank) -> None:
    """The commands leave nothing open behind them."""
    bank.run("keys", "make", "--organisation", "RWJ")
    opened = open_database(bank.environment["BANKHUB_DATABASE_URL"])
    with opened.transaction() as session:
        assert session.query(SigningKey).count() == 4
    opened.engine.dispose()
