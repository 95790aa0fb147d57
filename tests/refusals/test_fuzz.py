"""Every parser of what strangers send, fuzzed: nothing is raised but what is declared.

`BANKHUB_FUZZ_SECONDS` is for all of them together (30 in CI), `BANKHUB_SEED` makes a run again.
"""

import os
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

import cbor2
import pytest

from passport.rules.issuing import openid4vci_requests
from passport.rules.issuing.openid4vci_requests import WalletError
from passport.rules.tokens import (
    base45,
    cbor_strict,
    encrypted_answer,
    es256,
    gate_token,
    jws,
    sd_jwt,
    status_list,
    trust_list,
)
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.x509_chain import check_chain, x5c
from passport.rules.verifying import dcql
from passport.rules.verifying.credential_verdict import credential_verdict
from passport.rules.verifying.gate_verdict import gate_verdict
from tests.refusals import fuzzing
from tests.rules import gate_examples
from tests.rules import status_list_examples as statuses
from tests.rules import trust_list_examples as trust
from tests.support import passports

SECONDS = float(os.environ.get("BANKHUB_FUZZ_SECONDS", "30" if os.environ.get("CI") else "6"))
SEED = int(os.environ.get("BANKHUB_SEED") or secrets.randbelow(10**9))
LEAST = 20
"""Inputs of a parser that a run has to reach, however slow the machine."""
ISSUER = "https://passport.example/passport/issuers/RWJ"


class Parser(NamedTuple):
    """What is fuzzed, with what, and what it may raise."""

    spoiled: Callable[[Random], object]
    parse: Callable[[Any], object]
    allowed: tuple[type[Exception], ...] = (BadToken,)


WORLD = passports.World()
KNOWN = WORLD.known()
CREDENTIAL, SHOWN, GATE = WORLD.credential(), WORLD.presented(), WORLD.gate()
CWT = cbor2.loads(gate_examples.issue())
KEY = es256.new_key()
PROOF = jws.write(
    {"aud": ISSUER, "iat": int(passports.NOW.timestamp()), "nonce": "n-1", "iss": "wallet"},
    KEY, typ=openid4vci_requests.PROOF_TYP, jwk=es256.public(KEY).jwk,
)  # fmt: skip
REQUEST = {
    "credential_configuration_id": "identity",
    "proofs": {"jwt": [PROOF]},
    "credential_response_encryption": None,
}
FORM = [
    ("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code"),
    ("pre-authorized_code", "abc"),
    ("tx_code", "123456"),
    ("client_id", "wallet"),
    ("authorization_details", '[{"type":"openid_credential","credential_configuration_id":"a"}]'),
]
QUERY = dcql.query([dcql.Wanted("identity", ("https://passport.example/v",), ("a", "b"))])
ANSWER_KEY, ANSWER_PUBLIC = encrypted_answer.new_key()


def _credential(chance: Random) -> str:
    """Issuer, disclosures and binding, each spoiled at times."""
    issued, *shown, binding = SHOWN.split("~")
    if chance.random() < 0.6:
        issued = fuzzing.jws(issued, WORLD.issuer, chance)
    if shown and chance.random() < 0.3:
        shown[0] = fuzzing.disclosure(shown[0], chance)
    if chance.random() < 0.4:
        binding = fuzzing.jws(binding, WORLD.holder, chance)
    text = "~".join((issued, *shown, binding))
    return fuzzing.letters(text, chance) if chance.random() < 0.1 else text


def _gate(chance: Random) -> str:
    """Both headers, both payloads, with true signatures over what is spoiled."""
    spoiled = chance.choice((gate_examples.CLAIMS, gate_examples.HEADER, gate_examples.PROOF))
    content = fuzzing.cbor(spoiled, chance)
    make = {
        id(gate_examples.CLAIMS): lambda: gate_examples.issued(claims=content),
        id(gate_examples.HEADER): lambda: gate_examples.issued(header=content),
    }.get(id(spoiled))
    text = gate_examples.forged(make()) if make else gate_examples.forged(claims=content)
    return fuzzing.letters(text, chance) if chance.random() < 0.1 else text


def _chain(chance: Random) -> object:
    der = trust.CERTIFICATE
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(der))
        der = der[:place] + chance.randbytes(chance.randrange(1, 3)) + der[place + 1 :]
    chain: Any = x5c(*[der] * chance.choice((1, 1, 1, 2)))
    return fuzzing.inside(chain, chance) if chance.random() < 0.2 else chain


def _form(chance: Random) -> list[tuple[str, str]]:
    pairs = [(name, fuzzing.letters(value, chance) if chance.random() < 0.3 else value)
             for name, value in FORM if chance.random() < 0.9]  # fmt: skip
    return [*pairs, chance.choice(FORM)] if chance.random() < 0.2 else pairs


def _body(chance: Random) -> bytes:
    body = fuzzing.inside(REQUEST, chance)
    if chance.random() < 0.6:
        body = {**REQUEST, "proofs": {"jwt": [fuzzing.jws(PROOF, KEY, chance)]}}
        body.pop("credential_response_encryption")
    return fuzzing.as_json(body, chance)


def _collect(content: bytes) -> None:
    body = openid4vci_requests.json_body(content, "application/json", "invalid_credential_request")
    request = openid4vci_requests.credential_request(body)
    openid4vci_requests.proofs(request.proofs, issuer=ISSUER, client_id="wallet", now=passports.NOW)


def _encrypted(chance: Random) -> str:
    header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": ANSWER_PUBLIC["kid"],
              "epk": {one: ANSWER_PUBLIC[one] for one in ("kty", "crv", "x", "y")}}  # fmt: skip
    head = es256.base64url(fuzzing.as_json(fuzzing.inside(header, chance), chance))
    rest = [es256.base64url(chance.randbytes(size)) for size in (12, chance.randrange(60), 16)]
    text = ".".join((head, chance.choice(("", "", "AA")), *rest))
    return fuzzing.letters(text, chance) if chance.random() < 0.2 else text


def _believe(text: object) -> object:
    return sd_jwt.read(text).check(
        es256.public(WORLD.issuer), now=passports.NOW, audience="x509_hash:b", nonce="n-1"
    )


PARSERS: Mapping[str, Parser] = {
    "jws.read": Parser(
        lambda chance: fuzzing.jws(CREDENTIAL.split("~")[0], WORLD.issuer, chance),
        lambda text: jws.read(text, typ=sd_jwt.TYP).claims),
    "sd_jwt.read": Parser(_credential, _believe),
    "gate_token.read": Parser(_gate, gate_examples.believe),
    "cbor_strict.read": Parser(
        lambda chance: fuzzing.cbor(chance.choice((CWT, gate_examples.CLAIMS)), chance),
        cbor_strict.read),
    "base45.decode": Parser(lambda chance: fuzzing.letters(GATE, chance), base45.decode),
    "status_list.read_list": Parser(
        lambda chance: fuzzing.jws(statuses.GOOD, statuses.KEY, chance),
        lambda text: status_list.read_list(
            text, uri=statuses.URI, key=statuses.ISSUER, now=statuses.NOW).at(0)),
    "status_list.read_reference": Parser(
        lambda chance: fuzzing.inside(
            {"status_list": {"idx": 5, "uri": statuses.URI}, "other": [1]}, chance),
        status_list.read_reference),
    "trust_list.read_trust": Parser(
        lambda chance: fuzzing.jws(trust.GOOD, trust.LIST_KEY, chance),
        lambda text: trust_list.read_trust(text, root=[trust.ROOT], now=trust.NOW)),
    "trust_list.read_trust, by key": Parser(
        lambda chance: fuzzing.jws(trust.GOOD, trust.LIST_KEY, chance),
        lambda text: trust_list.read_trust(text, root=trust.SIGNER, now=trust.NOW)),
    "x509_chain.check_chain": Parser(
        _chain, lambda chain: check_chain(chain, [trust.ROOT], trust.NOW + timedelta(days=1))),
    "token request": Parser(
        _form, lambda form: openid4vci_requests.token_request(form, [], authenticates=False),
        (WalletError,)),
    "credential request": Parser(_body, _collect, (WalletError,)),
    "notification": Parser(
        lambda chance: fuzzing.inside(
            {"notification_id": "a", "event": "credential_accepted", "event_description": "x"},
            chance),
        lambda body: openid4vci_requests.notification(body) if isinstance(body, dict) else None,
        (WalletError,)),
    "answer to a request": Parser(
        lambda chance: fuzzing.inside({"identity": [SHOWN]}, chance),
        lambda answer: dcql.answers(QUERY, answer)),
    "encrypted answer": Parser(
        _encrypted, lambda text: encrypted_answer.read(text, ANSWER_KEY)),
    "verdict on a credential": Parser(
        _credential,
        lambda text: credential_verdict(text, KNOWN, audience="x509_hash:b", nonce="n-1"), ()),
    "verdict at a gate": Parser(_gate, lambda text: gate_verdict(text, KNOWN), ()),
    "gate_token.read of anything": Parser(
        lambda chance: fuzzing.letters(chance.choice((GATE, SHOWN, trust.GOOD)), chance),
        gate_token.read),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_raises_nothing_but_what_it_declares(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser, chance, tried, taken = PARSERS[name], Random(f"{SEED} {name}"), 0, 0
    call = fuzzing.nothing_but(parser.allowed)
    until = time.monotonic() + SECONDS / len(PARSERS)
    while tried < LEAST or time.monotonic() < until:
        given = parser.spoiled(chance)
        tried += 1
        try:
            taken += call(parser.parse, given)
        except Exception as undeclared:
            raise AssertionError(
                f"BANKHUB_SEED={SEED}, input {tried} of {name}: {undeclared!r} for {given!r:.2000}"
            ) from undeclared
    with capsys.disabled():
        os.write(1, f"\nfuzzed {name}: {tried:,} inputs, {taken:,} taken, seed {SEED}".encode())


def test_an_undeclared_exception_is_seen() -> None:
    with pytest.raises(KeyError):
        fuzzing.declared(lambda given: given["b"], {"a": 1})
    assert fuzzing.declared(len, "a")
    assert not fuzzing.declared(base45.decode, "a")
