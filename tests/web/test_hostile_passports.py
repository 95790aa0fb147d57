"""Bad input through what strangers and devices send about passports: never a 500."""

from typing import Any

import pytest

from passport.actors import AccessRole as R
from passport.db import Database
from tests.support import collecting
from tests.support.collecting import World
from tests.support.wallet_house import House, a_house
from tests.web.test_verify_pages import Browser, check, kept

NUL = "a\0b"
ODD = ("%00", "RWJ%00", "%ff%fe", "%ed%a0%80", "..%2f..", "A" * 5_000, "RWJ;--", "%E2%80%AE")
ISSUER = "passport/issuers/{}"
ADDRESSES = (
    f"/.well-known/openid-credential-issuer/{ISSUER}",
    f"/.well-known/oauth-authorization-server/{ISSUER}",
    f"/.well-known/jwt-vc-issuer/{ISSUER}",
    f"/{ISSUER}/offers/x",
    "/passport/issuers/RWJ/offers/{}",
    "/passport/status-lists/{}",
    "/passport/types/{}/1",
    "/passport/requests/{}",
)


@pytest.fixture
def world(database: Database) -> World:
    return collecting.an_issuer(database)


def test_an_address_that_is_nobodys_is_not_found(world: World) -> None:
    for address in ADDRESSES:
        for odd in ODD:
            answer = world.wallet().send("GET", address.format(odd))
            assert answer.status_code in (400, 404), (address, odd)


def test_an_issuer_that_is_nobodys_is_not_asked(world: World) -> None:
    for endpoint in ("token", "nonce", "credential", "notification"):
        for odd in ODD:
            at = f"/{ISSUER.format(odd)}/{endpoint}"
            answer = world.wallet().send("POST", at, data={"a": "b"})
            assert answer.status_code in (400, 401, 404), (endpoint, odd)


def test_a_wallets_words_with_nul_are_refused_in_the_words_of_the_standard(world: World) -> None:
    answer = world.wallet(client_id=NUL).enter(world.offer())
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    wallet = world.wallet()
    wallet.enter(world.offer())
    answer = wallet.notify({"notification_id": NUL, "event": "credential_accepted"})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_notification_id")


def test_a_token_with_odd_bytes_is_not_a_token(world: World) -> None:
    for odd in ("a\x7fb", "é", "x" * 20_000, "a b", ""):
        assert world.wallet().ask({}, token=odd).status_code in (400, 401), odd


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return a_house(sqlite_database)


ODD_CHECKS: dict[str, dict[str, Any]] = {
    "a code over two lines": {"codes": ["a\nb"]},
    "a kind with a bell": {"kinds": ["\a"]},
    "a key with a tab": {"holder_key": "a\tb"},
    "decided before all time": {
        "decision": "admitted", "decided_at": "0001-01-01T00:00:00+14:00"},
    "decided after all time": {
        "decision": "admitted", "decided_at": "9999-12-31T23:59:59-14:00"},
    "decided in another century": {
        "decision": "admitted", "decided_at": "2099-01-01T00:00:00+00:00"},
    "made before all time": {"at": "0001-01-01T00:00:00+14:00"},
    "made after all time": {"at": "9999-12-31T23:59:59-14:00"},
}  # fmt: skip


def test_a_check_with_odd_words_is_not_put_on_record(house: House) -> None:
    browser = Browser(house, R.VERIFIER)
    for what, odd in ODD_CHECKS.items():
        answer = browser.post("verdicts", {"verdicts": [check(**odd)]})
        assert answer.status_code == 422, what
    assert browser.post("verdicts", {"verdicts": [check(codes=[NUL])]}).status_code == 400
    assert kept(house) == []


def test_an_odd_key_is_nobodys(house: House) -> None:
    browser = Browser(house, R.VERIFIER)
    for key, status in ((NUL, 400), ("", 200), ("x" * 100_000, 200)):
        assert browser.post("expected", {"holder_key": key}).status_code == status


def test_one_check_that_cannot_be_keeps_no_other_from_the_record(house: House) -> None:
    """A device with a wrong clock, or long without network: what waits behind is not lost."""
    bad, good = check(at="2020-01-01T00:00:00+00:00"), check()
    answer = Browser(house, R.VERIFIER).post("verdicts", {"verdicts": [bad, good]})
    assert answer.json == {"kept": [good["id"]], "refused": [bad["id"]]}
    assert [str(one.id) for one in kept(house)] == [good["id"]]
