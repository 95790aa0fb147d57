"""Each control of collecting that needs the database, switched off: what `test_openid4vci_refused`
and `test_openid4vci_token_refused` tell to be refused is then let through.

The source of one module is changed in memory and put in its place for one request.
"""

import inspect
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from passport.actions.issuing import collecting as collecting_actions
from passport.actions.issuing import collecting_tokens, offers, wallets
from passport.actors import operator
from passport.db import Database
from passport.events import record
from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credentials import Wallet
from passport.model.people import Person
from passport.web.issuing import openid4vci
from tests.support import collecting, issuing
from tests.support.collecting import World
from tests.support.issuing import NOW

Scenario = Callable[[World], TestResponse]


def another_issuer(world: World) -> None:
    with world.database.transaction() as session:
        issuing.a_trust(session, ods_code="RXX", name="Quay NHS FT")


def used_code(world: World) -> TestResponse:
    offered = world.offer()
    world.wallet().enter(offered)
    return world.wallet().enter(offered)


def dead_code(world: World) -> TestResponse:
    offered = world.offer(with_tx_code=True)
    for _ in range(5):
        world.wallet().enter(offered, tx_code=f"{(int(offered.tx_code or 0) + 1) % 10**6:06}")
    return world.wallet().enter(offered)


def late_code(world: World) -> TestResponse:
    offered = world.offer()
    world.now = NOW + COLLECTING_POLICY.code_here
    return world.wallet().enter(offered)


def code_elsewhere(world: World) -> TestResponse:
    another_issuer(world)
    return world.wallet(ods="RXX").enter(world.offer())


def unexpected_tx_code(world: World) -> TestResponse:
    return world.wallet().enter(world.offer(), tx_code="123456")


def wrong_tx_code(world: World) -> TestResponse:
    offered = world.offer(with_tx_code=True)
    return world.wallet().enter(offered, tx_code=f"{(int(offered.tx_code or 0) + 1) % 10**6:06}")


def leaver(world: World) -> TestResponse:
    offered = world.offer()
    with world.database.transaction() as session:
        session.get_one(Person, world.person_id).left_at = world.now
        record(session, "test.left", subject_id=world.person_id, by=operator(), now=world.now)
    return world.wallet().enter(offered)


def collected(world: World) -> collecting.Wallet:
    wallet = world.wallet()
    wallet.enter(world.offer())
    assert wallet.collect("identity").status_code == 200
    return wallet


def old_refresh(world: World) -> TestResponse:
    wallet = collected(world)
    first = wallet.refresh
    wallet.renew()
    wallet.renew()
    return wallet.renew(first)


def week_old_refresh(world: World) -> TestResponse:
    wallet = collected(world)
    first = wallet.refresh
    wallet.renew()
    collecting.later(world, days=8)
    return wallet.renew(first)


def access_of_a_lost_answer(world: World) -> TestResponse:
    wallet = collected(world)
    first = wallet.refresh
    wallet.renew()
    lost = wallet.access
    wallet.renew(first)
    wallet.access = lost
    return wallet.collect("identity")


def refresh_of_another_client(world: World) -> TestResponse:
    wallet = world.wallet(client_id="a")
    wallet.enter(world.offer())
    return wallet.renew(client_id="b")


def refresh_elsewhere(world: World) -> TestResponse:
    another_issuer(world)
    return world.wallet(ods="RXX", refresh=collected(world).refresh).renew()


def refresh_after_long(world: World) -> TestResponse:
    wallet = collected(world)
    world.now = NOW + COLLECTING_POLICY.refresh_idle + timedelta(seconds=1)
    return wallet.renew()


def freeze(world: World) -> None:
    with world.database.transaction() as session:
        wallets.freeze(
            session, wallet_id=session.scalars(sa.select(Wallet.id)).one(), by=operator(),
            now=world.now,
        )  # fmt: skip


def frozen(world: World) -> TestResponse:
    wallet = collected(world)
    freeze(world)
    return wallet.collect("identity")


def late_token(world: World) -> TestResponse:
    wallet = collected(world)
    collecting.later(world, minutes=6)
    return wallet.collect("identity")


def token_elsewhere(world: World) -> TestResponse:
    another_issuer(world)
    wallet = collected(world)
    other = world.wallet(ods="RXX", access=wallet.access)
    return other.collect("identity")


def another_persons(world: World) -> TestResponse:
    with world.database.transaction() as session:
        trust = issuing.World(session.get_one(issuing.Organisation, world.organisation_id))
        stranger = issuing.a_holder(session, trust).id
        theirs = session.query(issuing.Credential).filter_by(person_id=stranger, type="identity")
        identifier = str(theirs.one().id)
    wallet = collected(world)
    proofs = {"jwt": [wallet.proof(wallet.nonce())]}
    return wallet.ask({"credential_identifier": identifier, "proofs": proofs})


def with_nonce(make: Callable[[World, collecting.Wallet], str]) -> Scenario:
    def scenario(world: World) -> TestResponse:
        wallet = collected(world)
        proofs = {"jwt": [wallet.proof(make(world, wallet))]}
        return wallet.ask({"credential_configuration_id": "identity", "proofs": proofs})

    return scenario


def used_nonce(world: World, wallet: collecting.Wallet) -> str:
    nonce = wallet.nonce()
    proofs = {"jwt": [wallet.proof(nonce)]}
    wallet.ask({"credential_configuration_id": "identity", "proofs": proofs})
    return nonce


def invented_nonce(_world: World, wallet: collecting.Wallet) -> str:
    head, _ = wallet.nonce().split(".")
    return f"{head}.{'0' * 32}"


def late_nonce(world: World, wallet: collecting.Wallet) -> str:
    nonce = wallet.nonce()
    collecting.later(world, minutes=6)
    wallet.renew()
    return nonce


def ended(world: World) -> TestResponse:
    wallet = collected(world)
    world.put("dbs_outcome", valid_until=NOW)
    return wallet.collect("dbs_outcome")


def another_wallets_notification(world: World) -> TestResponse:
    wallet, thief = world.wallet(), collected(world)
    wallet.enter(world.offer())
    told = wallet.collect("identity").json["notification_id"]
    return thief.notify({"notification_id": told, "event": "credential_deleted"})


TOKENS, COLLECTING, OFFERS = collecting_tokens, collecting_actions, offers
CASES: list[tuple[Scenario, ModuleType, str, str]] = [
    (used_code, OFFERS, "offer.used_at is None and ", ""),
    (dead_code, OFFERS, "offer.dead_at is None and ", ""),
    (late_code, OFFERS, " and now < offer.expires_at", ""),
    (code_elsewhere, TOKENS,
     "if session.get_one(Organisation, offer.organisation_id).ods_code != ods:", "if False:"),
    (unexpected_tx_code, TOKENS, "if (offer.tx_code_hash is None) != (sent is None):", "if False:"),
    (wrong_tx_code, TOKENS,
     "if hmac.compare_digest(offers.tx_code_hash(vault, offer.id, sent), offer.tx_code_hash):",
     "if True:"),
    (dead_code, TOKENS, "offer.dead_at = now", "pass"),
    (leaver, TOKENS, "if not offers.is_here(session, person):", "if False:"),
    (old_refresh, TOKENS,
     "if sent != wallet.refresh_hash and not _never_answered(wallet, sent, now):", "if False:"),
    (week_old_refresh, TOKENS, "sent == wallet.refresh_before_hash and lately",
     "sent == wallet.refresh_before_hash"),
    (access_of_a_lost_answer, TOKENS, "if sent == wallet.refresh_before_hash:", "if False:"),
    (refresh_of_another_client, TOKENS, "{client_id or ''}", ""),
    (refresh_elsewhere, TOKENS, "if here != ods or too_old", "if too_old"),
    (refresh_after_long, TOKENS, "or too_old or", "or"),
    (frozen, COLLECTING, "over = found.ended_at is not None or found.expires_at <= now or"
     " wallet.frozen_at is not None", "over = found.expires_at <= now"),
    (late_token, COLLECTING, "found.expires_at <= now or ", ""),
    (token_elsewhere, COLLECTING, "if over or here != ods or", "if over or"),
    (another_persons, COLLECTING,
     "if asked.identifier not in {one.id for one in may}:", "if False:"),
    (with_nonce(used_nonce), COLLECTING, "or not _taken(session, nonce, ends, now)", ""),
    (with_nonce(late_nonce), COLLECTING, "ends is None or ends <= now or", "ends is None or"),
    (with_nonce(invented_nonce), COLLECTING,
     "if not hmac.compare_digest(_mac(vault, issuer, head).encode(), mac.encode()):", "if False:"),
    (ended, COLLECTING,
     "if found.valid_until is not None and found.valid_until <= now:", "if False:"),
    (another_wallets_notification, COLLECTING, "found is None or found.wallet_id != who.wallet.id",
     "found is None"),
]  # fmt: skip


def mutant(module: ModuleType, old: str, new: str) -> ModuleType:
    """The module with one place of its source changed."""
    source = inspect.getsource(module)
    assert source.count(old) == 1, (source.count(old), old)
    made = ModuleType(module.__name__)
    exec(source.replace(old, new), made.__dict__)  # noqa: S102  our own source
    return made


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_refusal_hangs_on_its_control(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    scenario, module, old, new = CASES[number]
    changed = mutant(module, old, new)
    places: Any = {TOKENS: "collecting_tokens", COLLECTING: "collecting", OFFERS: "offers"}
    monkeypatch.setattr(openid4vci, places[module], changed)
    if module is OFFERS:
        monkeypatch.setattr(collecting_tokens, "offers", changed)
    answer = scenario(collecting.an_issuer(sqlite_database))
    assert answer.status_code in (200, 204), (scenario, answer.status_code, answer.text)
