"""Keys and signatures: what is a P-256 key for signatures, and what is not."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from passport.rules.tokens import es256
from passport.rules.tokens.bad_token import BadToken

KEY = es256.new_key()
PUBLIC = es256.public(KEY)
JWK = PUBLIC.jwk
COSE = es256.to_cose(PUBLIC)
WHOLE = {1: 2, -1: 1, -2: PUBLIC.x, -3: PUBLIC.y}
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF


def b64(number: int, length: int = 32) -> str:
    return es256.base64url(number.to_bytes(length, "big"))


def test_a_key_survives_each_way_of_writing_it() -> None:
    assert es256.from_jwk(JWK) == es256.from_cose(COSE) == es256.from_cose(WHOLE) == PUBLIC
    assert es256.from_jwk({**JWK, "use": "sig", "alg": "ES256", "kid": "x"}) == PUBLIC


def test_the_thumbprint_is_that_of_the_standard() -> None:
    text = f'{{"crv":"P-256","kty":"EC","x":"{JWK["x"]}","y":"{JWK["y"]}"}}'
    assert PUBLIC.kid == es256.base64url(hashlib.sha256(text.encode()).digest())
    assert es256.from_base64url(PUBLIC.kid)[:8] == PUBLIC.short_kid


BAD_JWKS = {
    "no key at all": None,
    "a list": [],
    "an RSA key": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    "another curve": {**JWK, "crv": "P-384"},
    "the name of another curve over this point": {**JWK, "crv": "secp256k1"},
    "a private part": {**JWK, "d": JWK["x"]},
    "a key for encryption": {**JWK, "use": "enc"},
    "a key for another algorithm": {**JWK, "alg": "ECDH-ES"},
    "a key that may only sign": {**JWK, "key_ops": ["sign"]},
    "uses that are no list": {**JWK, "key_ops": "verify"},
    "no y": {"kty": "EC", "crv": "P-256", "x": JWK["x"]},
    "a coordinate of 31 bytes": {**JWK, "x": b64(1, 31)},
    "a coordinate of 33 bytes": {**JWK, "x": b64(1, 33)},
    "a point off the curve": {**JWK, "y": b64(1)},
    "x beyond the prime": {**JWK, "x": b64(PRIME + 1)},
    "the point at infinity": {**JWK, "x": b64(0), "y": b64(0)},
    "padding": {**JWK, "x": JWK["x"] + "="},
    "a number for a coordinate": {**JWK, "x": 5},
}


@pytest.mark.parametrize("name", BAD_JWKS)
def test_this_jwk_is_no_key(name: str) -> None:
    with pytest.raises(BadToken):
        es256.from_jwk(BAD_JWKS[name])


BAD_COSE_KEYS = {
    "no map": [],
    "no key type": {-1: 1, -2: PUBLIC.x, -3: True},
    "true for a label": {True: 2, -1: 1, -2: PUBLIC.x, -3: True},
    "an octet key pair": {**COSE, 1: 1},
    "a key type that is true": {**WHOLE, -1: True},
    "another curve": {**COSE, -1: 2},
    "a private part": {**COSE, -4: PUBLIC.x},
    "another algorithm": {**COSE, 3: -35},
    "a key that may only sign": {**COSE, 4: [1]},
    "text for x": {**COSE, -2: "x"},
    "31 bytes of x": {**COSE, -2: PUBLIC.x[1:]},
    "no y": {1: 2, -1: 1, -2: PUBLIC.x},
    "x of no point": {**COSE, -2: (5).to_bytes(32, "big"), -3: (5).to_bytes(32, "big")},
}


@pytest.mark.parametrize("name", BAD_COSE_KEYS)
def test_this_cose_key_is_no_key(name: str) -> None:
    with pytest.raises(BadToken):
        es256.from_cose(BAD_COSE_KEYS[name])


def test_a_key_of_another_curve_is_refused() -> None:
    with pytest.raises(BadToken, match="bad_key"):
        es256.public(ec.generate_private_key(ec.SECP384R1()))


GOOD = es256.sign(KEY, b"message")
R, S = int.from_bytes(GOOD[:32], "big"), int.from_bytes(GOOD[32:], "big")


def raw(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


BAD_SIGNATURES = {
    "none": b"",
    "63 bytes": GOOD[:-1],
    "65 bytes": GOOD + b"\0",
    "in DER": KEY.sign(b"message", es256._ALGORITHM),
    "r of nought": raw(0, S),
    "s of nought": raw(R, 0),
    "r of the order": raw(ORDER, S),
    "s of the order": raw(R, ORDER),
    "r mirrored": raw(ORDER - R, S),
    "by another key": es256.sign(es256.new_key(), b"message"),
    "of another message": es256.sign(KEY, b"massage"),
}


@pytest.mark.parametrize("name", BAD_SIGNATURES)
def test_this_is_no_signature(name: str) -> None:
    assert not PUBLIC.verifies(b"message", BAD_SIGNATURES[name])


def test_a_signature_verifies_also_with_its_s_mirrored() -> None:
    """So a signature names nothing: ECDSA gives each message two of them."""
    assert PUBLIC.verifies(b"message", GOOD)
    assert PUBLIC.verifies(b"message", raw(R, ORDER - S))


@pytest.mark.parametrize("text", ["YQ==", "YR", "Y", "Y Q", "Y+", "Y/", "é", 5, None])
def test_base64url_has_one_spelling(text: object) -> None:
    with pytest.raises(BadToken, match="bad_base64"):
        es256.from_base64url(text)
