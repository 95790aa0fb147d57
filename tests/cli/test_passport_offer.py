"""`bankhub passport offer`: a script gets a link and a code that a wallet can use."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from bankhub.cli.main import main
from bankhub.wiring import open_database
from passport.db import Database
from passport.rules.issuing.openid4vci import PRE_AUTHORIZED
from tests.support import collecting, issuing
from tests.support.collecting import ISS
from tests.support.issuing import BASE

EMAIL = "ada@trust.example"


@pytest.fixture
def trust(sqlite_url: str) -> str:
    """A nurse with five credentials on offer."""
    database = open_database(sqlite_url)
    with database.transaction() as session:
        issuing.a_holder(session, issuing.a_trust(session), email=EMAIL)
    database.engine.dispose()
    return sqlite_url


def run(url: str, *words: str) -> Result:
    settings = {
        "BANKHUB_DATABASE_URL": url, "BANKHUB_SECRET_KEY": "11" * 32,
        "BANKHUB_MASTER_KEY": "22" * 32, "BANKHUB_BASE_URL": BASE,
    }  # fmt: skip
    return CliRunner(env=settings).invoke(main, ["passport", "offer", *words])


def test_it_prints_a_link_and_a_code_each_time(trust: str) -> None:
    said = [json.loads(run(trust, EMAIL, "--json").stdout) for _ in range(2)]
    for one in said:
        assert set(one) == {"offer", "tx_code"}
        assert one["offer"].startswith("openid-credential-offer://?")
        assert len(one["tx_code"]) == 6
    assert said[0]["offer"] != said[1]["offer"]
    offer = json.loads(parse_qs(urlsplit(said[0]["offer"]).query)["credential_offer"][0])
    assert offer["credential_issuer"] == ISS
    assert "gate" not in offer["credential_configuration_ids"], "no other wallet knows the format"
    assert offer["grants"][PRE_AUTHORIZED]["tx_code"]["length"] == 6


def test_a_type_alone_may_be_offered_and_a_short_link_asked_for(
    trust: str
) -> None:
    made = run(
        trust, EMAIL, "--organisation", "rwj", "--credential", "identity",
        "--by-reference", "--json",
    )  # fmt: skip
    address = parse_qs(urlsplit(json.loads(made.stdout)["offer"]).query)["credential_offer_uri"]
    assert address[0].startswith(f"{ISS}/offers/")
    told = run(trust, EMAIL, "--credential", "identity")
    assert told.stdout.startswith("openid-credential-offer://")
    assert "Code: " in told.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody@trust.example"], "Nobody on record"),
        ([EMAIL, "--organisation", "RXX"], "not on record at RXX"),
        ([EMAIL, "--credential", "qualification"], "nothing to collect"),
        ([EMAIL, "--credential", "x"], "Invalid value"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_offered_is_told(
    trust: str, words: list[str], said: str
) -> None:
    made = run(trust, *words)
    assert (made.exit_code, made.stdout) == (2, "")
    assert said in made.stderr


def test_it_has_help() -> None:
    assert "OpenID4VCI" in run("", "--help").stdout


def test_what_is_held_is_offered_again_to_a_new_phone(sqlite_database: Database) -> None:
    world = collecting.an_issuer(sqlite_database)
    for _ in range(2):
        wallet, offered = world.wallet(), world.offer(with_tx_code=True)
        assert wallet.enter(offered).status_code == 200
        assert wallet.collect("identity").status_code == 200
