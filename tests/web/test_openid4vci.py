"""Collecting by OpenID4VCI 1.0, as a wallet sees it: what is given."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from passport.actions.issuing.collecting import forget_old
from passport.db import Database
from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credential_types import credential_types
from passport.model.credentials import CredentialState, Wallet
from passport.rules.issuing import openid4vci
from passport.rules.issuing.openid4vci import PRE_AUTHORIZED
from passport.rules.tokens import es256, gate_token, jws, sd_jwt
from passport.rules.tokens.es256 import from_base64url
from passport.rules.tokens.x509_chain import check_chain
from passport.rules.verifying.credential_verdict import credential_verdict
from passport.rules.verifying.gate_verdict import gate_verdict
from passport.rules.verifying.verdict import Outcome
from tests.support import collecting, issuing
from tests.support.collecting import ISS, World
from tests.support.issuing import BASE, NOW


@pytest.fixture
def world(database: Database) -> World:
    return collecting.an_issuer(database)


def test_a_nurse_collects_all_that_is_on_offer_and_it_is_believed(world: World) -> None:
    wallet, offered = world.wallet(), world.offer()
    assert wallet.enter(offered).status_code == 200
    texts = {}
    for name in offered.configurations:
        answer = wallet.collect(name)
        assert answer.status_code == 200, answer.json
        (texts[name],) = [one["credential"] for one in answer.json["credentials"]]
    cwt = from_base64url(texts.pop("gate"))
    assert set(texts) == set(issuing.SAID)
    with world.database.transaction() as session:
        trust = issuing.World(session.get_one(issuing.Organisation, world.organisation_id))
        known = issuing.known(session, trust)
    for text in texts.values():
        shown = sd_jwt.present(
            text, names=[], holder_key=wallet.key, audience="x", nonce="n", now=NOW
        )
        assert credential_verdict(shown, known, audience="x", nonce="n").outcome is Outcome.GREEN
    at_gate = gate_token.show(cwt, holder_key=wallet.key, now=NOW)
    assert [one.code for one in gate_verdict(at_gate, known).findings] == ["check_photo_id"]
    assert world.credential("identity").state is CredentialState.HELD


def test_the_offer_comes_by_value_and_by_reference(world: World) -> None:
    offered = world.offer(with_tx_code=True)
    by_value = json.loads(parse_qs(urlsplit(offered.link).query)["credential_offer"][0])
    address = parse_qs(urlsplit(offered.short_link).query)["credential_offer_uri"][0]
    fetched = world.wallet().send("GET", address.removeprefix(BASE))
    assert fetched.json == by_value == {
        "credential_issuer": ISS,
        "credential_configuration_ids": [
            "identity", "professional_registration", "employment_assignment", "dbs_outcome",
            "training_award",
        ],
        "grants": {
            PRE_AUTHORIZED: {
                "pre-authorized_code": offered.code,
                "tx_code": {
                    "input_mode": "numeric", "length": 6,
                    "description": "Enter the code shown to you beside this offer.",
                },
            }
        },
    }  # fmt: skip
    assert fetched.content_type == "application/json"
    assert offered.link.startswith("openid-credential-offer://?")
    assert len(offered.short_link) < 200


def test_the_token_response_is_the_standards(world: World) -> None:
    answer = world.wallet().enter(world.offer())
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 300)
    assert set(answer.json) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_metadata_names_every_type_and_only_what_is_served(world: World) -> None:
    said = world.wallet().send(
        "GET", "/.well-known/openid-credential-issuer/passport/issuers/RWJ"
    )
    assert said.content_type == "application/json"
    metadata = said.json
    assert metadata["credential_issuer"] == ISS
    configurations = metadata["credential_configurations_supported"]
    assert set(credential_types()) <= set(configurations)
    for name, one in configurations.items():
        assert openid4vci.is_known(name)
        assert one["cryptographic_binding_methods_supported"] == ["jwk"]
        assert one["proof_types_supported"] == {
            "jwt": {"proof_signing_alg_values_supported": ["ES256"]}
        }
        if name != "gate":
            kind = name.partition(".")[0]
            assert one["format"] == "dc+sd-jwt"
            assert one["vct"] == f"{BASE}/passport/types/{kind}/1"
    assert configurations["gate"]["format"] == "dsp-gate+cwt"
    ends = ("41", "1", "", "02", "x", "²")
    unknown = ["identity.2", "gate.2", "x", "", *(f"training_award.{end}" for end in ends)]
    assert not [name for name in unknown if openid4vci.is_known(name)]
    claims = configurations["identity"]["credential_metadata"]["claims"]
    paths = [tuple(one["path"]) for one in claims]
    assert len(set(paths)) == len(paths)
    for endpoint in ("credential", "nonce", "notification"):
        assert metadata[f"{endpoint}_endpoint"] == f"{ISS}/{endpoint}"
    assert metadata["batch_credential_issuance"] == {"batch_size": COLLECTING_POLICY.batch_size}


def test_the_metadata_is_signed_for_a_wallet_that_prefers_it(world: World) -> None:
    path = "/.well-known/openid-credential-issuer/passport/issuers/RWJ"
    plain = world.wallet().send("GET", path)
    both = {"Accept": "application/jwt;q=0.9, application/json"}
    assert world.wallet().send("GET", path, headers=both).json == plain.json
    signed = world.wallet().send("GET", path, headers={"Accept": "application/jwt"})
    assert signed.content_type == "application/jwt"
    token = jws.read(
        signed.text, typ="openidvci-issuer-metadata+jwt", key_headers=frozenset({"x5c"}),
        most=200_000,
    )  # fmt: skip
    with world.database.reading() as session:
        root = issuing.keys.root_pem(session)
    leaf = check_chain(token.header["x5c"], [root], NOW)
    token.check(leaf.key)
    assert ISS in leaf.uris
    assert token.claims == {**plain.json, "iss": ISS, "sub": ISS, "iat": int(NOW.timestamp())}
    assert signed.headers["Vary"] == "Accept"


def test_the_server_metadata_names_the_issuer_as_it_is(world: World) -> None:
    said = world.wallet().send(
        "GET", "/.well-known/oauth-authorization-server/passport/issuers/RWJ"
    ).json
    assert said["issuer"] == ISS
    assert said["token_endpoint"] == f"{ISS}/token"
    assert said["grant_types_supported"] == [PRE_AUTHORIZED, "refresh_token"]
    assert said["pre-authorized_grant_anonymous_access_supported"] is True
    assert said["token_endpoint_auth_methods_supported"] == ["none"]


@pytest.mark.parametrize("ods", ["rwj", "XXX", "RWJ%20"])
def test_there_is_no_issuer_of_another_name(world: World, ods: str) -> None:
    wallet = world.wallet(ods=ods)
    for path in (
        f"/.well-known/openid-credential-issuer/passport/issuers/{ods}",
        f"/.well-known/oauth-authorization-server/passport/issuers/{ods}",
    ):
        assert wallet.send("GET", path).status_code == 404
    assert wallet.send("POST", "nonce").status_code == 404
    assert wallet.send("POST", "token", data={}).status_code == 404


def test_a_batch_is_a_copy_for_each_key(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    keys = [es256.new_key() for _ in range(COLLECTING_POLICY.batch_size)]
    texts = [one["credential"] for one in wallet.collect("identity", keys).json["credentials"]]
    bound = [sd_jwt.read(text).issuer_claims["cnf"]["jwk"] for text in texts]
    assert bound == [es256.public(key).jwk for key in keys]


def test_each_of_several_awards_is_collected_by_a_wallet_that_knows_configurations_only(
    world: World,
) -> None:
    _more_awards(world, 3)
    offered, wallet = world.offer(), world.wallet()
    names = [n for n in offered.configurations if n.startswith("training_award")]
    assert names == ["training_award", "training_award.2", "training_award.3", "training_award.4"]
    wallet.enter(offered)
    said = [_said(wallet.collect(name))["subject_code"] for name in names]
    assert said == ["RESUS_ADULT", "AWARD_0", "AWARD_1", "AWARD_2"]


def test_a_wallet_that_asks_with_details_is_told_an_identifier_for_each(world: World) -> None:
    _more_awards(world, 2)
    wallet = world.wallet()
    details = [
        {"type": "openid_credential", "credential_configuration_id": name}
        for name in ("training_award", "identity")
    ]
    answer = wallet.enter(world.offer(), authorization_details=json.dumps(details))
    told = {
        one["credential_configuration_id"]: one["credential_identifiers"]
        for one in answer.json["authorization_details"]
    }
    assert len(told["training_award"]) == 3
    said = []
    for identifier in told["training_award"]:
        body = {
            "credential_identifier": identifier,
            "proofs": {"jwt": [wallet.proof(wallet.nonce())]},
        }
        said.append(_said(wallet.ask(body))["subject_code"])
    assert said == ["RESUS_ADULT", "AWARD_0", "AWARD_1"]
    denied = wallet.collect("dbs_outcome")
    assert (denied.status_code, denied.json["error"]) == (403, "insufficient_scope")


def test_details_that_ask_for_each_configuration_name_no_award_twice(world: World) -> None:
    _more_awards(world, 1)
    details = [
        {"type": "openid_credential", "credential_configuration_id": name}
        for name in ("training_award", "training_award.2")
    ]
    answer = world.wallet().enter(world.offer(), authorization_details=json.dumps(details))
    told = [one["credential_identifiers"] for one in answer.json["authorization_details"]]
    assert [len(one) for one in told] == [1, 1]
    assert told[0] != told[1]


def test_fresh_copies_by_refresh_token_of_what_is_held(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    wallet.collect("identity")
    collecting.later(world, days=1)
    assert wallet.renew().status_code == 200
    assert wallet.collect("identity").status_code == 200
    refused = wallet.collect("dbs_outcome")
    assert refused.status_code == 403, "what was never accepted waits for the holder"


def test_a_phone_that_collects_again_with_its_key_stays_one_wallet(world: World) -> None:
    wallet = world.wallet()
    for _ in range(2):
        wallet.enter(world.offer())
        assert wallet.collect("identity").status_code == 200
        assert wallet.collect("gate").status_code == 200
    other = world.wallet()
    other.enter(world.offer())
    other.collect("identity")
    with world.database.reading() as session:
        states = [one.frozen_because for one in session.query(Wallet).order_by(Wallet.id)]
    assert states == ["replaced", None, None]


def test_a_notification_is_taken_and_may_be_repeated(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    told = {"notification_id": wallet.collect("identity").json["notification_id"]}
    for event in ("credential_accepted", "credential_accepted", "credential_deleted"):
        answer = wallet.notify({**told, "event": event, "more": 1})
        assert (answer.status_code, answer.data) == (204, b"")


def test_a_wallet_is_known_by_what_it_calls_itself(world: World) -> None:
    chrome = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"
    for agent, origin, words in (
        (chrome, BASE, "BankHub, Chrome on Android"),
        (chrome, "https://other.example", "Chrome on Android"),
        ("okhttp/4.12", None, "Wallet (okhttp)"),
        ("<b>/1", None, "Another wallet"),
        ("", None, "Another wallet"),
    ):
        form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": world.offer().code}
        headers = {"User-Agent": agent} | ({"Origin": origin} if origin else {})
        assert world.wallet().ask_token(form, headers=headers).status_code == 200
        with world.database.reading() as session:
            newest = session.query(Wallet).order_by(Wallet.id.desc()).first()
            assert newest is not None
            assert newest.label == words


def test_what_is_over_is_forgotten_and_what_is_not_is_kept(world: World) -> None:
    wallet = world.wallet()
    wallet.enter(world.offer())
    wallet.collect("identity")
    with world.database.transaction() as session:
        assert forget_old(session, now=world.now) == 0
    collecting.later(world, days=1)
    assert wallet.renew().status_code == 200
    with world.database.transaction() as session:
        assert forget_old(session, now=world.now) == 1, "the nonce"
    collecting.later(world, days=90)
    with world.database.transaction() as session:
        assert forget_old(session, now=world.now) == 2, "the first token and the offer"


def test_any_origin_may_ask_first(world: World) -> None:
    answer = world.wallet().send("OPTIONS", "credential", headers={"Origin": "https://w.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_wallet_that_has_a_name_may_say_it_in_its_proofs(world: World) -> None:
    wallet = world.wallet(client_id="wallet.example")
    wallet.enter(world.offer())
    proof = wallet.proof(wallet.nonce(), iss="wallet.example")
    answer = wallet.ask({"credential_configuration_id": "identity", "proofs": {"jwt": [proof]}})
    assert answer.status_code == 200, answer.json


def _said(answer) -> dict:  # type: ignore[no-untyped-def,type-arg]
    assert answer.status_code == 200, answer.json
    token = sd_jwt.read(answer.json["credentials"][0]["credential"])
    return dict(sd_jwt.process(token.issuer_claims, token.disclosures, never=frozenset()).claims)


def _more_awards(world: World, count: int) -> None:
    with world.database.transaction() as session:
        trust = issuing.World(session.get_one(issuing.Organisation, world.organisation_id))
        person = session.get_one(issuing.Person, world.person_id)
        award = issuing.claims_of(person)["training_award"]
        for number in range(count):
            issuing.decided(
                session, trust, person,
                {"training_award": {**award, "subject_code": f"AWARD_{number}"}},
            )  # fmt: skip
