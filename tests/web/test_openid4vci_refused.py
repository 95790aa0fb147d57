"""Collecting by OpenID4VCI 1.0, the credential and notification endpoints: every refusal, with the
error code of the standard.

What is told here to be refused is let through by the mutants of `test_openid4vci_mutants`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from passport.actions.issuing import collecting as collecting_actions
from passport.actions.issuing import offers
from passport.db import Database
from passport.model.access_policy import Bucket
from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credentials import CredentialState
from passport.rules.tokens import es256, jws
from passport.rules.tokens.es256 import base64url
from tests.support import collecting, issuing
from tests.support.collecting import ISS, World, said
from tests.support.issuing import NOW


@pytest.fixture
def world(database: Database) -> World:
    return collecting.an_issuer(database)


# the credential endpoint: what is asked for


BOTH = {"credential_configuration_id": "identity", "credential_identifier": "x"}
WRONG_REQUESTS: dict[str, tuple[Any, tuple[int, str]]] = {
    "neither": ({}, (400, "invalid_credential_request")),
    "both": (BOTH, (400, "invalid_credential_request")),
    "a number": ({"credential_configuration_id": 7}, (400, "invalid_credential_request")),
    "nothing in it": ({"credential_configuration_id": ""}, (400, "invalid_credential_request")),
    "a list": ({"credential_identifier": ["identity"]}, (400, "invalid_credential_request")),
    "an unknown configuration": ({"credential_configuration_id": "x"},
                                 (400, "unknown_credential_configuration")),
    "a number that is not listed": ({"credential_configuration_id": "training_award.41"},
                                    (400, "unknown_credential_configuration")),
    "a configuration that was not granted": ({"credential_configuration_id": "qualification"},
                                             (403, "insufficient_scope")),
    "an unknown identifier": ({"credential_identifier": "x"},
                              (400, "unknown_credential_identifier")),
    "encryption": ({"credential_configuration_id": "identity",
                    "credential_response_encryption": {"jwk": {}, "enc": "A256GCM"}},
                   (400, "invalid_encryption_parameters")),
}  # fmt: skip


def test_a_credential_request_is_refused(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    proofs = {"proofs": {"jwt": [wallet.proof(wallet.nonce())]}}
    found = {
        what: said(wallet.ask({**body, **proofs})) for what, (body, _) in WRONG_REQUESTS.items()
    }
    assert found == {what: expected for what, (_, expected) in WRONG_REQUESTS.items()}
    assert world.credential("identity").state is CredentialState.OFFERED


def test_what_is_no_json_object_is_refused(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    twice = b'{"credential_configuration_id":"identity","credential_configuration_id":"identity"}'
    for content in (b"", b"[]", b"null", b"\xff", b"{" * 5000, twice):
        answer = wallet.ask(None, data=content, content_type="application/json")
        assert said(answer) == (400, "invalid_credential_request"), content[:20]
    form = wallet.ask(None, data=b"a=b", content_type="application/x-www-form-urlencoded")
    assert said(form) == (400, "invalid_credential_request")
    sealed = wallet.ask(None, data=b"a.b.c.d.e", content_type="application/jwt")
    assert said(sealed) == (400, "invalid_encryption_parameters")
    large = wallet.ask(None, data=b" " * 200_000, content_type="application/json")
    assert said(large) == (413, "invalid_request")


def test_another_persons_identifier_is_unknown(world: World) -> None:
    with world.database.transaction() as session:
        trust = issuing.World(session.get_one(issuing.Organisation, world.organisation_id))
        stranger = issuing.a_holder(session, trust)
        theirs = session.query(issuing.Credential).filter_by(
            person_id=stranger.id, type="identity"
        ).one().id  # fmt: skip
    wallet = world.wallet()
    wallet.enter(world.offer())
    body = {
        "credential_identifier": str(theirs),
        "proofs": {"jwt": [wallet.proof(wallet.nonce())]},
    }
    assert said(wallet.ask(body)) == (400, "unknown_credential_identifier")


def test_what_is_not_on_offer_any_more_is_denied(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    for state in set(CredentialState) - set(offers.COLLECTABLE):
        world.put("dbs_outcome", state=state)
        assert said(wallet.collect("dbs_outcome")) == (400, "credential_request_denied"), state
        assert "dbs_outcome" not in world.offer().configurations
    assert wallet.collect("identity").status_code == 200


def test_what_has_ended_is_denied(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    world.put("dbs_outcome", valid_until=NOW)
    assert said(wallet.collect("dbs_outcome")) == (400, "credential_request_denied")


def test_the_gate_statement_wants_an_accepted_identity_and_one_key(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    assert said(wallet.collect("gate")) == (400, "credential_request_denied")
    wallet.collect("identity")
    two = wallet.collect("gate", [es256.new_key(), es256.new_key()])
    assert said(two) == (400, "invalid_proof")
    assert wallet.collect("gate").status_code == 200
    narrow = world.wallet()
    narrow.enter(world.offer(["dbs_outcome"]))
    assert said(narrow.collect("gate")) == (403, "insufficient_scope")


# the credential endpoint: proofs


def _head(**more: Any) -> Callable[[World, collecting.Wallet, str], Any]:
    def made(_world: World, wallet: collecting.Wallet, nonce: str) -> Any:
        head = {"jwk": es256.public(wallet.key).jwk, **more}
        return {"jwt": [wallet.proof(nonce, header={k: v for k, v in head.items() if v})]}

    return made


def _claim(**claims: Any) -> Callable[[World, collecting.Wallet, str], Any]:
    def made(world: World, wallet: collecting.Wallet, nonce: str) -> Any:
        at = {
            name: int((world.now + value).timestamp()) if isinstance(value, timedelta) else value
            for name, value in claims.items()
        }
        return {"jwt": [wallet.proof(**{"nonce": nonce, **at})]}

    return made


def _of_another_key(_world: World, wallet: collecting.Wallet, nonce: str) -> Any:
    head = {"jwk": es256.public(es256.new_key()).jwk}
    return {"jwt": [wallet.proof(nonce, header=head)]}


def _with_private_key(_world: World, wallet: collecting.Wallet, nonce: str) -> Any:
    secret = wallet.key.private_numbers().private_value.to_bytes(32, "big")
    jwk = {**es256.public(wallet.key).jwk, "d": base64url(secret)}
    return {"jwt": [wallet.proof(nonce, header={"jwk": jwk})]}


def _labelled(alg: str) -> Callable[[World, collecting.Wallet, str], Any]:
    def made(_world: World, wallet: collecting.Wallet, nonce: str) -> Any:
        _head, payload, signature = wallet.proof(nonce).split(".")
        jwk = es256.public(wallet.key).jwk
        head = base64url(
            jws.json_bytes({"alg": alg, "typ": "openid4vci-proof+jwt", "jwk": jwk})
        )
        return {"jwt": [f"{head}.{payload}.{'' if alg == 'none' else signature}"]}

    return made


def _one_good_one_bad(_world: World, wallet: collecting.Wallet, nonce: str) -> Any:
    return {"jwt": [wallet.proof(nonce), wallet.proof(nonce, es256.new_key(), aud="x")]}


def _same_key_twice(_world: World, wallet: collecting.Wallet, nonce: str) -> Any:
    return {"jwt": [wallet.proof(nonce), wallet.proof(nonce)]}


def _too_many(_world: World, wallet: collecting.Wallet, nonce: str) -> Any:
    most = COLLECTING_POLICY.batch_size + 1
    return {"jwt": [wallet.proof(nonce, es256.new_key()) for _ in range(most)]}


def _as(value: Any) -> Callable[[World, collecting.Wallet, str], Any]:
    return lambda _world, wallet, nonce: value


def _beside(name: str) -> Callable[[World, collecting.Wallet, str], Any]:
    return lambda _world, wallet, nonce: {"jwt": [wallet.proof(nonce)], name: [{}]}


WRONG_PROOFS: dict[str, Callable[[World, collecting.Wallet, str], Any]] = {
    "missing": _as(None),
    "not an object": _as("x"),
    "an empty object": _as({}),
    "an empty list": _as({"jwt": []}),
    "not a list": _as({"jwt": "x"}),
    "numbers": _as({"jwt": [7]}),
    "another proof type": _as({"di_vp": [{}]}),
    "an attestation alone": _as({"attestation": ["x"]}),
    "two proof types": _beside("di_vp"),
    "more than batch_size": _too_many,
    "no token": _as({"jwt": ["x"]}),
    "8 KB and more": _as({"jwt": ["x" * 9000]}),
    "typ of another token": lambda _w, wallet, nonce: {"jwt": [wallet.proof(nonce, typ="JWT")]},
    "typ kb+jwt": lambda _w, wallet, nonce: {"jwt": [wallet.proof(nonce, typ="kb+jwt")]},
    "typ in upper case": lambda _w, wallet, nonce: {
        "jwt": [wallet.proof(nonce, typ="OPENID4VCI-PROOF+JWT")]
    },
    **{f"alg {alg}": _labelled(alg) for alg in ("none", "None", "HS256", "RS256", "ES384")},
    "no key": _head(jwk=None),
    "kid beside jwk": _head(kid="1"),
    "x5c beside jwk": _head(x5c=["MIIB"]),
    "kid alone": _head(jwk=None, kid="did:example:1#0"),
    "x5c alone": _head(jwk=None, x5c=["MIIB"]),
    "crit": _head(crit=["exp"]),
    "a private key": _with_private_key,
    "another key's signature": _of_another_key,
    "no audience": _claim(aud=None),
    "another issuer's audience": _claim(aud="https://issuer.example"),
    "an audience that only begins right": _claim(aud=f"{ISS}/"),
    "a list of audiences": _claim(aud=[ISS]),
    "iss without a client": _claim(iss="somebody"),
    "no iat": _claim(iat=None),
    "iat as text": _claim(iat="1"),
    "iat stale": _claim(iat=-COLLECTING_POLICY.proof - timedelta(seconds=2)),
    "iat ahead": _claim(iat=COLLECTING_POLICY.proof + timedelta(seconds=2)),
    "expired": _claim(exp=timedelta(seconds=-1)),
    "no nonce": _claim(nonce=None),
    "nonce as a number": _claim(nonce=7),
    "two of one key": _same_key_twice,
    "a good one and a bad one": _one_good_one_bad,
}


def test_a_proof_is_refused_and_its_nonce_still_works(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    nonce = wallet.nonce()
    body = {"credential_configuration_id": "identity"}
    found = {}
    for what, make in WRONG_PROOFS.items():
        proofs = make(world, wallet, nonce)
        found[what] = said(wallet.ask(body if proofs is None else {**body, "proofs": proofs}))
    assert found == dict.fromkeys(WRONG_PROOFS, (400, "invalid_proof"))
    good = wallet.ask({**body, "proofs": {"jwt": [wallet.proof(nonce)]}})
    assert good.status_code == 200, good.json


def test_a_draft_13_proof_is_not_one(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    old = {"proof_type": "jwt", "jwt": wallet.proof(wallet.nonce())}
    answer = wallet.ask({"credential_configuration_id": "identity", "proof": old})
    assert said(answer) == (400, "invalid_proof")


def test_a_nonce_is_ours_in_time_and_used_once(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())

    def ask(nonce: str) -> TestResponse:
        return wallet.ask(
            {"credential_configuration_id": "identity", "proofs": {"jwt": [wallet.proof(nonce)]}}
        )

    nonce = wallet.nonce()
    head, mac = nonce.split(".")
    for invented in ("x", ".", f"{head}.", f"{head}.{'0' * len(mac)}", f"A{nonce}", "\udcff."):
        try:
            answer = ask(invented)
        except UnicodeEncodeError:
            continue
        assert said(answer) == (400, "invalid_nonce"), invented
    assert ask(nonce).status_code == 200
    assert said(ask(nonce)) == (400, "invalid_nonce"), "used"
    other_wallet = world.wallet()
    other_wallet.enter(world.offer())
    body = {
        "credential_configuration_id": "identity",
        "proofs": {"jwt": [other_wallet.proof(nonce)]},
    }
    assert said(other_wallet.ask(body)) == (400, "invalid_nonce"), "used with another token"
    late = wallet.nonce()
    wallet.renew()
    collecting.later(world, minutes=5)
    wallet.renew()
    assert said(ask(late)) == (400, "invalid_nonce"), "over"


def test_a_nonce_of_another_issuer_is_not_ours(world: World) -> None:
    with world.database.transaction() as session:
        issuing.a_trust(session, ods_code="RXX", name="Quay NHS FT")
    wallet = world.wallet()
    wallet.enter(world.offer())
    theirs = world.wallet(ods="RXX").nonce()
    body = {"credential_configuration_id": "identity", "proofs": {"jwt": [wallet.proof(theirs)]}}
    assert said(wallet.ask(body)) == (400, "invalid_nonce")


def test_a_token_is_of_one_issuer(world: World) -> None:
    with world.database.transaction() as session:
        issuing.a_trust(session, ods_code="RXX", name="Quay NHS FT")
    wallet = world.wallet()
    wallet.enter(world.offer())
    there = world.wallet(ods="RXX", access=wallet.access)
    assert said(there.collect("identity")) == (401, "invalid_token")


def test_copies_are_limited(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    small = replace(COLLECTING_POLICY, requests_of_person=Bucket(2, timedelta(minutes=1)))
    monkeypatch.setattr(collecting_actions, "COLLECTING_POLICY", small)
    answers = [wallet.collect("identity").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


# the notification endpoint


def test_a_notification_is_refused(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    collected = wallet.collect("identity").json
    good = {"notification_id": collected["notification_id"], "event": "credential_accepted"}
    for change in (
        {"event": "credential_lost"}, {"event": None}, {"notification_id": None},
        {"notification_id": ""}, {"notification_id": 7}, {"event_description": "é"},
        {"event_description": 'a "quote"'}, {"event_description": 7},
    ):  # fmt: skip
        body = {name: value for name, value in {**good, **change}.items() if value is not None}
        assert said(wallet.notify(body)) == (400, "invalid_notification_request"), change


def test_a_notification_names_its_own_response(world: World) -> None:
    wallet, thief = world.wallet(), world.wallet()
    wallet.enter(world.offer())
    thief.enter(world.offer())
    told = {
        "notification_id": wallet.collect("identity").json["notification_id"],
        "event": "credential_deleted",
    }
    assert said(thief.notify(told)) == (400, "invalid_notification_id")
    unknown = {**told, "notification_id": "x"}
    assert said(wallet.notify(unknown)) == (400, "invalid_notification_id")
    assert said(wallet.notify(told, token="x")) == (401, "invalid_token")
