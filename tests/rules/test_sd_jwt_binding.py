"""A key binding shows that the holder presents, to whom, and when; anything less is refused."""

from datetime import timedelta

import pytest

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import base64url, public
from passport.rules.tokens.sd_jwt import read
from tests.rules.sd_jwt_examples import (
    AUDIENCE,
    BINDING_HEADER,
    FAMILY,
    GIVEN,
    GONE,
    HOLDER,
    ISSUER,
    NONCE,
    NOW,
    OTHER,
    SECONDS,
    at,
    bound,
    check,
    credential,
    digest,
    signed,
    with_claims,
)

FIELD = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
JWK = public(HOLDER).jwk
GOOD = credential()
ISSUED, _, _ = GOOD.partition("~")
BOUND = bound(GOOD)
BINDING = BOUND.rpartition("~")[2]


def with_cnf(**changes: object) -> str:
    return with_claims(cnf={"jwk": {k: v for k, v in {**JWK, **changes}.items() if v is not GONE}})


def large(value: int) -> str:
    return base64url(value.to_bytes(32, "big"))


KEYS = {
    "no cnf": ("holder_key_missing", with_claims(cnf=GONE)),
    "a cnf that names a key": ("holder_key_missing", with_claims(cnf={"kid": "a"})),
    "a cnf that is a string": ("bad_key", with_claims(cnf="a")),
    "a cnf whose key is a string": ("bad_key", with_claims(cnf={"jwk": "a"})),
    "a cnf whose key is null": ("bad_key", with_claims(cnf={"jwk": None})),
    "a key of no kind": ("bad_key", with_cnf(kty=GONE)),
    "a key of another curve": ("bad_key", with_cnf(crv="P-384")),
    "an Ed25519 key": ("bad_key", with_cnf(kty="OKP", crv="Ed25519")),
    "a shared secret": ("bad_key", with_claims(cnf={"jwk": {"kty": "oct", "k": "AAAA"}})),
    "a private key": ("bad_key", with_cnf(d=JWK["x"])),
    "a key for encryption": ("bad_key", with_cnf(use="enc")),
    "a key for another algorithm": ("bad_key", with_cnf(alg="ES384")),
    "a point at infinity": ("bad_key", with_cnf(x=large(0), y=large(0))),
    "a point off the curve": ("bad_key", with_cnf(y=JWK["x"])),
    "x = p": ("bad_key", with_cnf(x=large(FIELD))),
    "y = p": ("bad_key", with_cnf(y=large(FIELD))),
    "y larger than p": ("bad_key", with_cnf(y=large(2**256 - 1))),
    "a coordinate of 31 bytes": ("bad_key", with_cnf(x=base64url(bytes(31)))),
    "a coordinate of 33 bytes": ("bad_key", with_cnf(x=base64url(bytes(33)))),
    "a key without y": ("bad_base64", with_cnf(y=GONE)),
    "a coordinate with padding": ("bad_base64", with_cnf(x=JWK["x"] + "=")),
}

BINDINGS = {
    "no key binding": ("key_binding_missing", GOOD),
    "signed by another key": ("wrong_holder", bound(GOOD, key=OTHER)),
    "signed by the issuer's key": ("wrong_holder", bound(GOOD, key=ISSUER)),
    "another audience": ("wrong_audience", bound(GOOD, {"aud": "x509_hash:ward-8"})),
    "an audience that begins the same": ("wrong_audience", bound(GOOD, {"aud": AUDIENCE + "0"})),
    "the beginning of the audience": ("wrong_audience", bound(GOOD, {"aud": AUDIENCE[:-1]})),
    "the audience in capitals": ("wrong_audience", bound(GOOD, {"aud": AUDIENCE.upper()})),
    "the audience in a list": ("wrong_audience", bound(GOOD, {"aud": [AUDIENCE]})),
    "no audience": ("wrong_audience", bound(GOOD, {"aud": GONE})),
    "another nonce": ("wrong_nonce", bound(GOOD, {"nonce": "of another session"})),
    "the nonce in a list": ("wrong_nonce", bound(GOOD, {"nonce": [NONCE]})),
    "no nonce": ("wrong_nonce", bound(GOOD, {"nonce": GONE})),
    "an empty nonce": ("wrong_nonce", bound(GOOD, {"nonce": ""})),
    "no sd_hash": ("wrong_sd_hash", bound(GOOD, {"sd_hash": GONE})),
    "sd_hash in a list": ("wrong_sd_hash", bound(GOOD, {"sd_hash": [digest(GOOD)]})),
    "sd_hash padded": ("wrong_sd_hash", bound(GOOD, {"sd_hash": digest(GOOD) + "="})),
    "sd_hash by another hash": (
        "wrong_sd_hash", bound(GOOD, {"sd_hash": digest(GOOD, "sha512")}),
    ),
    "sd_hash without the last tilde": ("wrong_sd_hash", bound(GOOD, over=GOOD.rstrip("~"))),
    "sd_hash over the issuer's part alone": ("wrong_sd_hash", bound(GOOD, over=ISSUED)),
    "sd_hash over no disclosures": ("wrong_sd_hash", bound(GOOD, over=ISSUED + "~")),
    "a disclosure added after": (
        "wrong_sd_hash", bound(credential(shown=(GIVEN, FAMILY)), over=GOOD),
    ),
    "a disclosure dropped after": (
        "wrong_sd_hash", bound(f"{ISSUED}~", over=GOOD),
    ),
    "disclosures put in another order": (
        "wrong_sd_hash",
        bound("~".join((ISSUED, FAMILY, GIVEN, "")), over="~".join((ISSUED, GIVEN, FAMILY, ""))),
    ),
    "the binding of another credential of the holder": (
        "wrong_sd_hash", credential({"iat": 5}) + BINDING,
    ),
    "made in 61 seconds": ("made_in_the_future", bound(GOOD, {"iat": at(seconds=61)})),
    "made in a year": ("made_in_the_future", bound(GOOD, {"iat": at(days=365)})),
    "made five minutes and a second ago": (
        "key_binding_too_old", bound(GOOD, {"iat": at(seconds=-301)}),
    ),
    "made a year ago": ("key_binding_too_old", bound(GOOD, {"iat": at(days=-365)})),
    "made at no time": ("bad_time", bound(GOOD, {"iat": GONE})),
    "made at a time that is text": ("bad_time", bound(GOOD, {"iat": str(SECONDS)})),
    "made at true": ("bad_time", bound(GOOD, {"iat": True})),
    "made at null": ("bad_time", bound(GOOD, {"iat": None})),
    "made at 1e400": ("bad_json", bound(GOOD, b'{"iat": 1e400}')),
    "an expired binding": ("expired", bound(GOOD, {"exp": SECONDS})),
    "a binding not valid yet": ("not_yet_valid", bound(GOOD, {"nbf": at(seconds=61)})),
    "a binding whose payload is a list": ("bad_json", bound(GOOD, b"[]")),
    "a key proof in place of the binding": (
        "wrong_type",
        GOOD + signed({**BINDING_HEADER, "typ": "openid4vci-proof+jwt"}, {"iat": 1}, HOLDER),
    ),
    "a credential in place of the binding": ("wrong_type", GOOD + ISSUED),
    "two thirds of a binding": ("not_a_token", BOUND.rpartition(".")[0]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "text"), KEYS.values(), ids=KEYS.keys())
def test_a_holders_key_is_refused(code: str, text: str) -> None:
    with pytest.raises(BadToken) as refused:
        check(text)
    assert refused.value.code == code


@pytest.mark.parametrize(("code", "text"), BINDINGS.values(), ids=BINDINGS.keys())
def test_a_key_binding_is_refused(code: str, text: str) -> None:
    with pytest.raises(BadToken) as refused:
        check(text)
    assert refused.value.code == code


def test_a_smaller_skew_may_be_asked_for() -> None:
    with pytest.raises(BadToken):
        read(bound(GOOD, {"iat": at(seconds=31)})).check(
            public(ISSUER),
            now=NOW,
            audience=AUDIENCE,
            nonce=NONCE,
            skew=timedelta(seconds=30),
        )


HALF_ASKED = {
    "no nonce": (AUDIENCE, None),
    "no audience": (None, NONCE),
    "an empty nonce": (AUDIENCE, ""),
    "an empty audience": ("", NONCE),
    "both empty": ("", ""),
}


@pytest.mark.parametrize(("audience", "nonce"), HALF_ASKED.values(), ids=HALF_ASKED.keys())
def test_half_a_question_is_no_question(audience: str | None, nonce: str | None) -> None:
    with pytest.raises(ValueError):
        read(BOUND).check(public(ISSUER), now=NOW, audience=audience, nonce=nonce)
