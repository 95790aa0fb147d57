"""Collecting by OpenID4VCI 1.0: every refusal, with the error code of the standard.

What is told here to be refused is let through by the mutants of `test_openid4vci_mutants`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from passport.actions import accounts, offers, wallets
from passport.actions import collecting as collecting_actions
from passport.actors import AccessRole, operator
from passport.db import Database
from passport.events import record
from passport.model.access_policy import Bucket
from passport.model.accounts import Account, RoleGrant
from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credentials import CredentialState, Wallet
from passport.model.people import Person
from passport.rules import es256, jws
from passport.rules.es256 import base64url
from tests.support import build, collecting, issuing
from tests.support.collecting import ISS, World
from tests.support.issuing import NOW


@pytest.fixture
def world(database: Database) -> World:
    return collecting.an_issuer(database)


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


# the token endpoint


CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
WRONG_TOKEN_REQUESTS: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "nothing at all": ({}, (400, "invalid_request")),
    "no grant type": ({"pre-authorized_code": "CODE"}, (400, "invalid_request")),
    "another grant": ({"grant_type": "authorization_code", "code": "CODE"},
                      (400, "unsupported_grant_type")),
    "a password": ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    "no code": ({"grant_type": CODE}, (400, "invalid_request")),
    "an empty code": ({"grant_type": CODE, "pre-authorized_code": ""}, (400, "invalid_request")),
    "an unknown code": ({"grant_type": CODE, "pre-authorized_code": "x" * 43},
                        (400, "invalid_grant")),
    "the code twice": ({"grant_type": CODE, "pre-authorized_code": ["CODE", "CODE"]},
                       (400, "invalid_request")),
    "an unexpected tx_code": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                               "tx_code": "123456"}, (400, "invalid_request")),
    "a client secret": ({"grant_type": CODE, "pre-authorized_code": "CODE", "client_id": "a",
                         "client_secret": "b"}, (400, "invalid_client")),
    "a client assertion": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                            "client_assertion": "b"}, (400, "invalid_client")),
    "details that are no JSON": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                                  "authorization_details": "x"},
                                 (400, "invalid_authorization_details")),
    "no details": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                    "authorization_details": "[]"}, (400, "invalid_authorization_details")),
    "details of another type": ({"grant_type": CODE, "pre-authorized_code": "CODE",
                                 "authorization_details": '[{"type": "payment"}]'},
                                (400, "invalid_authorization_details")),
    "details of what is not on offer": (
        {"grant_type": CODE, "pre-authorized_code": "CODE", "authorization_details":
         '[{"type": "openid_credential", "credential_configuration_id": "qualification"}]'},
        (400, "invalid_authorization_details")),
    "no refresh token": ({"grant_type": "refresh_token"}, (400, "invalid_request")),
    "an invented refresh token": ({"grant_type": "refresh_token", "refresh_token": "a.b.c"},
                                  (400, "invalid_grant")),
    "a refresh token without form": ({"grant_type": "refresh_token", "refresh_token": "\0é"},
                                     (400, "invalid_grant")),
    "a tx_code for a refresh": ({"grant_type": "refresh_token", "refresh_token": "a",
                                 "tx_code": "1"}, (400, "invalid_request")),
}  # fmt: skip


def test_a_token_request_is_refused_and_the_code_still_works(world: World) -> None:
    offered, wallet = world.offer(), world.wallet()
    found = {}
    for what, (form, _) in WRONG_TOKEN_REQUESTS.items():
        sent = {
            name: [offered.code] * 2 if value == ["CODE", "CODE"] else
            (offered.code if value == "CODE" else value)
            for name, value in form.items()
        }  # fmt: skip
        found[what] = said(wallet.ask_token(sent))
    assert found == {what: expected for what, (_, expected) in WRONG_TOKEN_REQUESTS.items()}
    assert wallet.enter(offered).status_code == 200


def test_a_code_in_the_address_is_refused(world: World) -> None:
    offered, wallet = world.offer(), world.wallet()
    for name in ("pre-authorized_code", "tx_code", "refresh_token", "access_token"):
        answer = wallet.send(
            "POST", f"token?{name}=x",
            data={"grant_type": CODE, "pre-authorized_code": offered.code},
        )  # fmt: skip
        assert said(answer) == (400, "invalid_request")


def test_a_token_request_is_a_form(world: World) -> None:
    offered, wallet = world.offer(), world.wallet()
    body = {"grant_type": CODE, "pre-authorized_code": offered.code}
    assert said(wallet.send("POST", "token", json=body)) == (400, "invalid_request")
    assert wallet.send("GET", "token").status_code == 405


def test_a_client_that_authenticates_is_told_how_it_cannot(world: World) -> None:
    answer = world.wallet().ask_token(
        {"grant_type": CODE, "pre-authorized_code": "x"},
        headers={"Authorization": "Basic YTpi"},
    )
    assert said(answer) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_code_works_once(world: World) -> None:
    offered = world.offer()
    assert world.wallet().enter(offered).status_code == 200
    assert said(world.wallet().enter(offered)) == (400, "invalid_grant")
    assert world.wallet().send(
        "GET", f"offers/{offered.code}"
    ).status_code == 404


@pytest.mark.parametrize(
    ("with_tx_code", "life"),
    [(False, COLLECTING_POLICY.code_here), (True, COLLECTING_POLICY.code_elsewhere)],
)
def test_a_code_ends(world: World, with_tx_code: bool, life: timedelta) -> None:
    early = world.offer(with_tx_code=with_tx_code)
    late = world.offer(with_tx_code=with_tx_code)
    world.now = NOW + life - timedelta(seconds=1)
    assert world.wallet().enter(early).status_code == 200
    world.now = NOW + life
    assert said(world.wallet().enter(late)) == (400, "invalid_grant")
    assert world.wallet().send("GET", f"offers/{late.code}").status_code == 404


def test_a_code_is_of_one_issuer(world: World) -> None:
    offered = world.offer()
    with world.database.transaction() as session:
        issuing.a_trust(session, ods_code="RXX", name="Quay NHS FT")
    assert said(world.wallet(ods="RXX").enter(offered)) == (400, "invalid_grant")
    assert world.wallet(ods="RXX").send("GET", f"offers/{offered.code}").status_code == 404


def test_a_missing_tx_code_is_told_from_a_wrong_one(world: World) -> None:
    offered, wallet = world.offer(with_tx_code=True), world.wallet()
    form = {"grant_type": CODE, "pre-authorized_code": offered.code}
    assert said(wallet.ask_token(form)) == (400, "invalid_request")
    assert said(wallet.ask_token({**form, "tx_code": ""})) == (400, "invalid_request")
    assert said(wallet.enter(offered, tx_code=other(offered.tx_code))) == (400, "invalid_grant")
    assert wallet.enter(offered).status_code == 200


def other(tx_code: str | None) -> str:
    """A code of the same form that is wrong."""
    return f"{(int(tx_code or 0) + 1) % 10**6:06}"


def test_five_wrong_tx_codes_kill_the_code(world: World) -> None:
    offered, wallet = world.offer(with_tx_code=True), world.wallet()
    for _ in range(5):
        assert said(wallet.enter(offered, tx_code=other(offered.tx_code))) == (400, "invalid_grant")
    assert said(wallet.enter(offered)) == (400, "invalid_grant")


def test_wrong_tx_codes_count_over_all_codes_of_a_person(world: World) -> None:
    wallet = world.wallet()
    for _ in range(3):
        offered = world.offer(with_tx_code=True)
        answers = [wallet.enter(offered, tx_code=other(offered.tx_code)) for _ in range(4)]
    assert [one.status_code for one in answers] == [400, 400, 429, 429]
    assert answers[-1].headers["Retry-After"]
    fresh = world.offer(with_tx_code=True)
    assert said(wallet.enter(fresh)) == (429, "slow_down")
    collecting.later(world, minutes=31)
    assert wallet.enter(world.offer(with_tx_code=True)).status_code == 200


def test_an_old_refresh_token_ends_what_the_wallet_may_fetch(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    wallet.collect("identity")
    first = wallet.refresh
    assert wallet.renew().status_code == 200
    newest, token = wallet.refresh, wallet.access
    assert said(wallet.renew(first)) == (400, "invalid_grant")
    assert said(wallet.renew(newest)) == (400, "invalid_grant")
    wallet.access = token
    assert said(wallet.collect("identity")) == (401, "invalid_token")


def test_a_refresh_token_is_of_one_issuer_and_one_client(world: World) -> None:
    with world.database.transaction() as session:
        issuing.a_trust(session, ods_code="RXX", name="Quay NHS FT")
    wallet = world.wallet(client_id="a")
    wallet.enter(world.offer())
    assert said(wallet.renew()) == (400, "invalid_grant"), "without the client_id"
    assert said(wallet.renew(client_id="b")) == (400, "invalid_grant")
    there = world.wallet(ods="RXX", refresh=wallet.refresh)
    assert said(there.renew(client_id="a")) == (400, "invalid_grant")
    assert wallet.renew(client_id="a").status_code == 200


def test_a_wallet_that_stayed_away_collects_anew(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    world.now = NOW + COLLECTING_POLICY.refresh_idle + timedelta(seconds=1)
    assert said(wallet.renew()) == (400, "invalid_grant")


# the credential endpoint: who asks


def test_without_a_token_nothing_is_collected(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    body = {"credential_configuration_id": "identity"}
    bare = wallet.send("POST", "credential", json=body)
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, "Bearer")
    for sent in ("Basic YTpi", "Bearer ", "DPoP x", "x"):
        answer = wallet.send("POST", "credential", json=body, headers={"Authorization": sent})
        assert said(answer) == (401, "invalid_token"), sent
    wrong = wallet.ask(body, token="x" * 43)
    assert said(wrong) == (401, "invalid_token")
    assert wrong.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    in_address = wallet.send("POST", f"credential?access_token={wallet.access}", json=body)
    assert said(in_address) == (400, "invalid_request")
    refresh_as_access = wallet.ask(body, token=wallet.refresh)
    assert said(refresh_as_access) == (401, "invalid_token")


def test_a_token_lives_five_minutes(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    collecting.later(world, minutes=5, seconds=-1)
    assert wallet.collect("identity").status_code == 200
    collecting.later(world, seconds=1)
    assert said(wallet.collect("identity")) == (401, "invalid_token")


def leaves(world: World) -> None:
    with world.database.transaction() as session:
        session.get_one(Person, world.person_id).left_at = world.now
        record(session, "test.left", subject_id=world.person_id, by=operator(), now=world.now)


def has_an_account(world: World) -> Any:
    with world.database.transaction() as session:
        made = Account(email="n@example.org", person_id=world.person_id, created_at=NOW)
        session.add(made)
        session.flush()
        session.add(
            RoleGrant(account_id=made.id, organisation_id=world.organisation_id,
                      role=AccessRole.WORKER, granted_at=NOW)
        )  # fmt: skip
        record(session, "test.account", subject_id=made.id, by=operator(), now=NOW)
    return made.id


def closes_the_account(world: World) -> None:
    account = has_an_account(world)
    with world.database.transaction() as session:
        accounts.leave(session, account_id=account, by=operator(), now=world.now)


def loses_every_role_here(world: World) -> None:
    account = has_an_account(world)
    with world.database.transaction() as session:
        there = build.an_organisation(session, name="Quay NHS FT")
        session.add(
            RoleGrant(account_id=account, organisation_id=there.id, role=AccessRole.WORKER,
                      granted_at=NOW)
        )  # fmt: skip
        accounts.leave(
            session, account_id=account, by=operator(world.organisation_id), now=world.now
        )


def freezes_the_wallet(world: World) -> None:
    with world.database.transaction() as session:
        (one,) = session.query(Wallet).filter_by(frozen_at=None)
        assert wallets.freeze(session, wallet_id=one.id, by=operator(), now=world.now) == 1


@pytest.mark.parametrize(
    "ends", [leaves, closes_the_account, loses_every_role_here, freezes_the_wallet]
)
def test_tokens_die_with_their_reason(world: World, ends: Callable[[World], None]) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    collected = wallet.collect("identity").json
    waiting = world.offer()
    ends(world)
    assert said(wallet.collect("identity")) == (401, "invalid_token")
    told = {"notification_id": collected["notification_id"], "event": "credential_accepted"}
    assert said(wallet.notify(told)) == (401, "invalid_token")
    assert said(wallet.renew()) == (400, "invalid_grant")
    expected = 200 if ends is freezes_the_wallet else 400
    assert world.wallet().enter(waiting).status_code == expected


def test_somebody_with_an_account_collects(world: World) -> None:
    has_an_account(world)
    wallet = world.wallet()
    wallet.enter(world.offer())
    assert wallet.collect("identity").status_code == 200


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
