"""`bankhub passport request` and `verdict`: a script asks, a wallet answers a server, a script
reads what came of it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from bankhub.cli.main import main
from bankhub.wiring import open_database
from passport.actions.signing import keys
from passport.actions.verifying import presented_answers, presenting
from passport.app import wall_clock
from passport.db import Database
from tests.support import build, issuing, showing
from tests.support.issuing import BASE, VAULT, WHERE
from tests.support.showing import Fetched, Wallet


@dataclass
class Beside:
    """The commands beside a server that wallets reach."""

    url: str
    database: Database
    wallet: Wallet
    root: str

    def run(self, *words: str) -> Result:
        settings = {
            "BANKHUB_DATABASE_URL": self.url, "BANKHUB_SECRET_KEY": "11" * 32,
            "BANKHUB_MASTER_KEY": "22" * 32, "BANKHUB_BASE_URL": BASE,
        }  # fmt: skip
        return CliRunner(env=settings).invoke(main, ["passport", *words])

    def asked(self, *words: str) -> dict[str, Any]:
        made = self.run("request", *words, "--json")
        assert made.exit_code == 0, made.output
        return dict(json.loads(made.stdout))

    def verdict(self, request_id: str) -> tuple[int, dict[str, Any]]:
        said = self.run("verdict", request_id, "--json")
        return said.exit_code, dict(json.loads(said.stdout))

    def fetch(self, asked: dict[str, Any]) -> Fetched:
        with self.database.reading() as session:
            signed = presenting.request_object(
                session, request_id=UUID(asked["id"]), wallet_nonce=None, limits=None,
                vault=VAULT, where=WHERE,
                now=wall_clock(),
            )  # fmt: skip
        return showing.read_request(signed, root=self.root, uri=asked["uri"], now=wall_clock())

    def send(self, asked: dict[str, Any], form: dict[str, str]) -> None:
        with self.database.transaction() as session:
            presented_answers.take(
                session, request_id=UUID(asked["id"]), sent=form, limits=None, vault=VAULT,
                where=WHERE,
                now=wall_clock(),
            )  # fmt: skip


@pytest.fixture
def beside(sqlite_url: str) -> Beside:
    database, now = open_database(sqlite_url), wall_clock()
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = build.a_person(session, world.organisation)
        claims = issuing.claims_of(nurse)
        claims["professional_registration"]["checked_at"] = now.isoformat()
        issuing.decided(session, world, nurse, claims)
        row, key = issuing.a_wallet(session, world, nurse)
        texts = issuing.collected(session, world, nurse, row, key)
        issuing.published(session, now)
        root = keys.root_pem(session)
    return Beside(sqlite_url, database, Wallet([(t, key) for t in texts.values()], now), root)


@pytest.mark.parametrize("mode", presenting.RESPONSE_MODES)
def test_a_script_asks_and_reads_the_verdict(beside: Beside, mode: str) -> None:
    asked = beside.asked("pre_employment_check", "--response-mode", mode)
    assert set(asked) == {"id", "uri"}
    code, waiting = beside.verdict(asked["id"])
    assert (code, waiting["outcome"], waiting["state"]) == (0, None, "waiting")
    request = beside.fetch(asked)
    assert request.claims["response_mode"] == mode
    beside.send(asked, beside.wallet.form(request))
    code, said = beside.verdict(asked["id"])
    assert (code, said["outcome"], said["reasons"]) == (0, "green", [])
    assert {one["kind"] for one in said["facts"]} == set(issuing.SAID)
    assert "holder's signature" in said["checked"]
    assert "not shown: Occupational health clearance" in said["not_checked"]
    assert beside.run("verdict", asked["id"]).stdout.startswith("GREEN")


def test_what_does_not_hold_ends_with_1(beside: Beside) -> None:
    asked = beside.asked("ward_door")
    beside.send(asked, beside.wallet.but(nonce="n" * 43).form(beside.fetch(asked)))
    code, said = beside.verdict(asked["id"])
    assert (code, said["outcome"]) == (1, "red")
    assert "wrong_nonce" in {one["code"] for one in said["reasons"]}
    declined = beside.asked("ward_door", "--credential", "identity")
    state = str(beside.fetch(declined).claims["state"])
    beside.send(declined, {"error": "access_denied", "state": state})
    code, said = beside.verdict(declined["id"])
    assert (code, said["state"], said["error"]) == (1, "declined", "access_denied")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["request", "curiosity"], "curiosity"),
        (["request", "ward_door", "--organisation", "RZZ"], "No organisation"),
        (["request", "ward_door", "--credential", "oh_clearance"], "does not allow"),
        (["request", "ward_door", "--response-mode", "fragment"], "fragment"),
        (["verdict", "x"], "no request"),
        (["verdict", "01990000-0000-7000-8000-000000000000"], "No request"),
    ],
)
def test_what_cannot_be_asked_ends_with_2(beside: Beside, words: list[str], said: str) -> None:
    refused = beside.run(*words)
    assert refused.exit_code == 2
    assert said in refused.output


def test_who_asks_has_to_be_said_where_it_is_not_plain(beside: Beside) -> None:
    with beside.database.transaction() as session:
        issuing.a_trust(session, ods_code="RXX", name="Elsewhere NHS Trust")
    assert "--organisation" in beside.run("request", "ward_door").output
    asked = beside.asked("ward_door", "--organisation", "rxx")
    assert beside.fetch(asked).claims["client_metadata"]["client_name"] == "Elsewhere NHS Trust"
