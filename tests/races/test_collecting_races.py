"""Codes, nonces and tokens used at the same moment, on PostgreSQL: each gives once."""

from typing import Any

import pytest
import sqlalchemy as sa

from passport.actions.issuing import collecting as collecting_actions
from passport.actions.issuing import wallets
from passport.actors import operator
from passport.db import Database
from passport.model.credentials import CredentialCopy, Wallet
from passport.rules.tokens import es256
from tests.races.test_access_races import at_once
from tests.support import collecting
from tests.support.collecting import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(postgres_database: Database) -> World:
    return collecting.an_issuer(postgres_database)


def codes_that_work(world: World) -> int:
    offered = world.offer()
    answers = at_once(6, lambda _n: world.wallet().enter(offered).status_code)
    assert set(answers) <= {200, 400}
    return answers.count(200)


def test_one_code_in_six_wallets_at_once_works_in_one(world: World) -> None:
    assert codes_that_work(world) == 1
    with world.database.reading() as session:
        assert session.query(Wallet).count() == 1


def test_mutant_without_the_lock_it_works_in_several(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sa.Select, "with_for_update", lambda self, **_kw: self)
    assert codes_that_work(world) > 1


def nonces_that_work(world: World) -> int:
    held = []
    for _ in range(4):
        wallet = world.wallet()
        wallet.enter(world.offer())
        held.append(wallet)
    nonce = held[0].nonce()

    def ask(n: int) -> Any:
        proofs = {"jwt": [held[n].proof(nonce)]}
        body = {"credential_configuration_id": "identity", "proofs": proofs}
        answer = held[n].ask(body)
        return answer.status_code, answer.json.get("error", "")

    answers = at_once(4, ask)
    assert set(answers) <= {(200, ""), (400, "invalid_nonce")}
    return answers.count((200, ""))


def test_one_nonce_in_four_requests_at_once_works_in_one(world: World) -> None:
    assert nonces_that_work(world) == 1


def test_mutant_that_remembers_no_nonce_takes_all_four(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting_actions, "_taken", lambda *_args: True)
    assert nonces_that_work(world) == 4


def test_wrong_tx_codes_at_once_are_all_counted(world: World) -> None:
    offered = world.offer(with_tx_code=True)
    wrong = f"{(int(offered.tx_code or 0) + 1) % 10**6:06}"
    answers = at_once(8, lambda _n: world.wallet().enter(offered, tx_code=wrong).json["error"])
    assert set(answers) == {"invalid_grant"}
    assert world.wallet().enter(offered).json["error"] == "invalid_grant", "dead after five"


def test_of_one_refresh_token_used_at_once_only_the_last_answer_counts(world: World) -> None:
    """As of one whose answers were lost, and asked again."""
    for _ in range(3):
        wallet = world.wallet()
        wallet.enter(world.offer())
        wallet.collect("identity")
        held = wallet.refresh

        def renewed(_n: int, held: str = held) -> Any:
            one = world.wallet()
            one.renew(held)
            return one

        answered = [one for one in at_once(4, renewed) if one.access]
        assert answered
        assert [one.collect("identity").status_code for one in answered].count(200) == 1


def test_a_wallet_frozen_while_it_collects_holds_nothing_valid(world: World) -> None:
    """Whichever comes first, what was signed is suspended once both are done."""
    for _ in range(3):
        wallet = world.wallet()
        wallet.enter(world.offer())
        with world.database.reading() as session:
            wallet_id = session.scalars(
                sa.select(Wallet.id).where(Wallet.frozen_at.is_(None))
            ).one()

        def deed(n: int, wallet: Any = wallet, wallet_id: Any = wallet_id) -> int:
            if n:
                keys = [es256.new_key() for _ in range(3)]
                return int(wallet.collect("identity", keys).status_code)
            return world.database.attempt(
                lambda session: wallets.freeze(
                    session, wallet_id=wallet_id, by=operator(), now=world.now
                )
            )

        assert set(at_once(3, deed)) <= {1, 200, 401}
        with world.database.reading() as session:
            statuses = session.scalars(
                sa.select(CredentialCopy.status).where(CredentialCopy.wallet_id == wallet_id)
            )
            assert set(statuses) <= {2}
