"""A wallet of other people's making answers requests to present, in both response modes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from passport.actions.signing import keys
from passport.actions.verifying import presented_checks, presenting
from passport.actors import Actor, operator
from passport.app import wall_clock
from passport.config import Config
from passport.db import Database
from passport.rules.tokens.es256 import PrivateKey, base64url, public
from tests.support import build, issuing, other_makes
from tests.support.apps import ground_floor
from tests.support.issuing import BASE, VAULT, WHERE
from tests.support.live import serving


@dataclass
class Scene:
    """A nurse's credentials, and an employer who asks for them over the network."""

    database: Database
    served: str
    root: str
    employer: Actor
    held: list[dict[str, Any]]

    def answer(self, purpose: str, mode: str) -> tuple[dict[str, Any], presented_checks.Check]:
        with self.database.transaction() as session:
            asked = presenting.ask(
                session, purpose=purpose, limits=None, response_mode=mode, vault=VAULT, where=WHERE,
                by=self.employer, now=wall_clock(),
            )  # fmt: skip
        given = {
            "uri": asked.uri, "root": self.root, "base": BASE, "served": self.served,
            "credentials": self.held,
        }  # fmt: skip
        saw = other_makes.run("presenting.mjs", json.dumps(given))
        with self.database.reading() as session:
            check = presented_checks.look(
                session, request_id=asked.id, by=self.employer, now=wall_clock()
            )
        return saw, check


def _private_jwk(key: PrivateKey) -> dict[str, str]:
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    return {**public(key).jwk, "d": base64url(secret)}


@pytest.fixture
def scene(sqlite_database: Database) -> Iterator[Scene]:
    other_makes.demand()
    now = wall_clock()
    with sqlite_database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = build.a_person(session, world.organisation)
        claims = issuing.claims_of(nurse)
        claims["professional_registration"]["checked_at"] = now.isoformat()
        issuing.decided(session, world, nurse, claims)
        row, key = issuing.a_wallet(session, world, nurse)
        texts = issuing.collected(session, world, nurse, row, key)
        issuing.published(session, now)
        host = issuing.a_trust(session, ods_code="RXX", name="Elsewhere NHS Trust")
        root = keys.root_pem(session)
    config = Config(database_url="", secret_key="11" * 32, master_key="22" * 32, base_url=BASE)
    app = ground_floor(config, database=sqlite_database)
    held = [{"text": text, "jwk": _private_jwk(key)} for text in texts.values()]
    with serving(app) as served:
        yield Scene(sqlite_database, served, root, operator(host.id), held)


@pytest.mark.parametrize("mode", presenting.RESPONSE_MODES)
@pytest.mark.parametrize("purpose", ["ward_door", "bank_shift", "pre_employment_check"])
def test_it_is_understood_and_believed(scene: Scene, purpose: str, mode: str) -> None:
    saw, check = scene.answer(purpose, mode)
    assert (saw["version"], saw["client"]) == (100, "x509_hash")
    assert (saw["canBeSatisfied"], saw["status"], saw["body"]) == (True, 200, {})
    assert check.verdict is not None
    assert (check.verdict["outcome"], check.verdict["reasons"]) == ("green", [])
    assert set(saw["shown"]) == {one["kind"] for one in check.verdict["facts"]}
