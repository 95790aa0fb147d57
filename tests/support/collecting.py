"""A wallet for tests, over HTTP against the whole app, with every step in reach of a test.

    world = collecting.an_issuer(database)               # a trust, and a nurse with five on offer
    wallet = world.wallet()
    wallet.enter(world.offer())                          # the token
    answer = wallet.collect("identity")                  # nonce, proof, credential
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from passport.actions.issuing import offers
from passport.actions.issuing.offers import Offered
from passport.actors import operator
from passport.config import Config
from passport.db import Database
from passport.events import record
from passport.model.credentials import Credential
from passport.rules.issuing.openid4vci import PRE_AUTHORIZED
from passport.rules.issuing.openid4vci_requests import PROOF_TYP
from passport.rules.tokens import es256, jws
from passport.rules.tokens.es256 import PrivateKey
from tests.support import issuing
from tests.support.apps import ground_floor
from tests.support.issuing import BASE, NOW, VAULT

ISS = f"{BASE}/passport/issuers/RWJ"


@dataclass
class World:
    """An issuer that is served, and whose clock a test moves."""

    app: Flask
    database: Database
    organisation_id: UUID
    person_id: UUID
    now: datetime = NOW
    base: str = BASE

    def offer(self, types: Sequence[str] = (), *, with_tx_code: bool = False) -> Offered:
        """An offer to the nurse, made at the server."""
        with self.database.transaction() as session:
            return offers.make(
                session, person_id=self.person_id, types=types, with_tx_code=with_tx_code,
                vault=VAULT, base=self.base, by=operator(self.organisation_id), now=self.now,
            )  # fmt: skip

    def wallet(self, **fields: Any) -> "Wallet":
        """A wallet with a key of its own."""
        return Wallet(self, **fields)

    def credential(self, kind: str) -> Credential:
        """The nurse's credential of that type."""
        with self.database.reading() as session:
            return session.query(Credential).filter_by(person_id=self.person_id, type=kind).one()

    def put(self, kind: str, **fields: Any) -> None:
        """Change that credential's row."""
        with self.database.transaction() as session:
            one = session.query(Credential).filter_by(person_id=self.person_id, type=kind).one()
            for name, value in fields.items():
                setattr(one, name, value)
            record(session, "test.put", subject_id=one.id, by=operator(), now=self.now)


def an_issuer(database: Database, base: str = BASE) -> World:
    """A trust with keys and a nurse with five credentials on offer, served by the ground floor."""
    settings = Config(
        database_url=database.engine.url.render_as_string(hide_password=False),
        secret_key="11" * 32, master_key="22" * 32, base_url=base,
    )  # fmt: skip

    def now() -> datetime:
        return world.now

    app = ground_floor(settings, database=database, now=now, real_now=now)
    with database.transaction() as session:
        trust = issuing.a_trust(session)
        nurse = issuing.a_holder(session, trust)
        world = World(app, database, trust.id, nurse.id, base=base)
    return world


@dataclass
class Wallet:
    """What a wallet keeps between two requests."""

    world: World
    key: PrivateKey = field(default_factory=es256.new_key)
    access: str = ""
    refresh: str = ""
    ods: str = "RWJ"
    client_id: str | None = None

    @property
    def issuer(self) -> str:
        return f"{BASE}/passport/issuers/{self.ods}"

    def send(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """A request without cookies."""
        client = self.world.app.test_client(use_cookies=False)
        at = path if path.startswith("/") else f"/passport/issuers/{self.ods}/{path}"
        return client.open(at, method=method, base_url=BASE, **kwargs)

    def ask_token(self, form: dict[str, Any], **kwargs: Any) -> TestResponse:
        """The token endpoint; what it grants is kept."""
        answer = self.send("POST", "token", data=form, **kwargs)
        if answer.status_code == 200:
            self.access = answer.json["access_token"]
            self.refresh = answer.json["refresh_token"]
        return answer

    def enter(self, offered: Offered, **more: str) -> TestResponse:
        """Exchange an offer's code."""
        form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": offered.code, **more}
        if offered.tx_code and "tx_code" not in more:
            form["tx_code"] = offered.tx_code
        if self.client_id:
            form["client_id"] = self.client_id
        return self.ask_token(form)

    def renew(self, refresh: str | None = None, **more: str) -> TestResponse:
        """Exchange the refresh token."""
        return self.ask_token(
            {"grant_type": "refresh_token", "refresh_token": refresh or self.refresh, **more}
        )

    def nonce(self) -> str:
        """A fresh `c_nonce`."""
        return str(self.send("POST", "nonce").json["c_nonce"])

    def proof(
        self,
        nonce: str | None,
        key: PrivateKey | None = None,
        *,
        header: dict[str, Any] | None = None,
        typ: str = PROOF_TYP,
        **claims: Any,
    ) -> str:
        """A proof of the wallet's key; a claim of None is left out."""
        key = key or self.key
        said = {"aud": self.issuer, "iat": int(self.world.now.timestamp()), "nonce": nonce} | claims
        head = {"jwk": es256.public(key).jwk} if header is None else header
        return jws.write(
            {name: value for name, value in said.items() if value is not None}, key, typ=typ, **head
        )

    def ask(self, body: Any, *, token: str | None = None, **kwargs: Any) -> TestResponse:
        """The credential endpoint."""
        headers = {"Authorization": f"Bearer {token or self.access}"} | kwargs.pop("headers", {})
        return self.send("POST", "credential", json=body, headers=headers, **kwargs)

    def collect(
        self, configuration: str, keys: Sequence[PrivateKey] | None = None, **more: Any
    ) -> TestResponse:
        """Nonce, proofs and the credential."""
        nonce = self.nonce()
        jwts = [self.proof(nonce, key) for key in keys or [self.key]]
        return self.ask(
            {"credential_configuration_id": configuration, "proofs": {"jwt": jwts}, **more}
        )

    def notify(self, body: Any, token: str | None = None) -> TestResponse:
        """The notification endpoint."""
        headers = {"Authorization": f"Bearer {token or self.access}"}
        return self.send("POST", "notification", json=body, headers=headers)


def later(world: World, **parts: float) -> None:
    """Let time pass."""
    world.now += timedelta(**parts)


def said(answer: TestResponse) -> tuple[int, str]:
    """Status and error code; the form is the standard's."""
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) <= {"error", "error_description"}
    words = answer.json.get("error_description", "")
    assert words.isascii()
    assert '"' not in words
    assert "\\" not in words
    return answer.status_code, answer.json["error"]
