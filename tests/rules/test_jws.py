"""Compact JWS: what is well formed, and what a header may not ask for."""

import json
from typing import Any

import pytest

from passport.rules.tokens import es256, jws
from passport.rules.tokens.bad_token import BadToken

KEY = es256.new_key()
PUBLIC = es256.public(KEY)
TYP = "dc+sd-jwt"


def token(header: Any = None, payload: bytes = b'{"a":1}', **more: Any) -> str:
    head = {"alg": "ES256", "typ": TYP, **more} if header is None else header
    first = head if isinstance(head, bytes) else json.dumps(head).encode()
    signed = f"{es256.base64url(first)}.{es256.base64url(payload)}"
    return f"{signed}.{es256.base64url(es256.sign(KEY, signed.encode()))}"


def test_what_was_written_is_read_and_believed() -> None:
    read = jws.read(jws.write({"a": 1}, KEY, typ=TYP, kid="k"), typ=TYP)
    read.check(PUBLIC)
    assert (read.claims, read.header["kid"]) == ({"a": 1}, "k")


REFUSED = {
    "no text": (None, "not_a_token"),
    "bytes": (b"a.b.c", "not_a_token"),
    "two parts": ("a.b", "not_a_token"),
    "five parts": ("a.b.c.d.e", "not_a_token"),
    "letters of no alphabet": ("é.b.c", "not_a_token"),
    "no end": (token(payload=b"x" * 70_000), "not_a_token"),
    "a header that is no JSON": (token(b"{"), "bad_json"),
    "a header that is a list": (token(b"[]"), "bad_json"),
    "a header with a name twice": (token(b'{"alg":"none","alg":"ES256"}'), "bad_json"),
    "no algorithm": (token({"typ": TYP}), "wrong_algorithm"),
    "none": (token(alg="none"), "wrong_algorithm"),
    "nOnE": (token(alg="nOnE"), "wrong_algorithm"),
    "HS256": (token(alg="HS256"), "wrong_algorithm"),
    "RS256": (token(alg="RS256"), "wrong_algorithm"),
    "ES384": (token(alg="ES384"), "wrong_algorithm"),
    "ES256K": (token(alg="ES256K"), "wrong_algorithm"),
    "a list of algorithms": (token(alg=["ES256"]), "wrong_algorithm"),
    "no type": (token({"alg": "ES256"}), "wrong_type"),
    "a type in capitals": (token(typ="DC+SD-JWT"), "wrong_type"),
    "the type with its family": (token(typ="application/dc+sd-jwt"), "wrong_type"),
    "the type of another token": (token(typ="kb+jwt"), "wrong_type"),
    "something critical": (token(crit=["exp"]), "header_not_understood"),
    "nothing critical, said": (token(crit=[]), "header_not_understood"),
    "a payload that is not encoded": (token(b64=False), "header_not_understood"),
    "a packed payload": (token(zip="DEF"), "header_not_understood"),
    "an address of keys": (token(jku="https://x.example"), "header_not_understood"),
    "an address of certificates": (token(x5u="https://x.example"), "header_not_understood"),
    "a key nobody asked for": (token(jwk=PUBLIC.jwk), "key_not_asked_for"),
    "certificates nobody asked for": (token(x5c=[]), "key_not_asked_for"),
    "a key name that is a number": (token(kid=5), "header_not_understood"),
    "padding": (token() + "=", "bad_base64"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_not_read(name: str) -> None:
    text, code = REFUSED[name]
    with pytest.raises(BadToken) as refused:
        jws.read(text, typ=TYP)
    assert refused.value.code == code


BAD_JSON = {
    "bytes of no encoding": b'{"a":"\xff"}',
    "half a pair of surrogates": b'{"a":"\\ud800"}',
    "half a pair in a name": b'{"\\ud800":1}',
    "NaN": b'{"a":NaN}',
    "a number beyond all": b'{"a":1e400}',
    "a number of a million figures": b'{"a":' + b"9" * 30_000 + b"}",
    "too deep": b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
    "far too deep": b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "the same name twice": b'{"a":1,"a":2}',
    "the same name twice, inside": b'{"b":{"a":1,"a":2}}',
    "something behind": b"{} {}",
    "nothing": b"",
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_a_payload_is_strict_json(name: str) -> None:
    read = jws.read(token(payload=BAD_JSON[name]), typ=TYP)
    with pytest.raises(BadToken, match="bad_json"):
        _ = read.claims


def test_a_changed_letter_is_noticed() -> None:
    head, payload, signature = token().split(".")
    other = es256.base64url(b'{"a":2}')
    for text in (f"{head}.{other}.{signature}", f"{head}.{payload}.{es256.base64url(b'0' * 64)}"):
        with pytest.raises(BadToken, match="bad_signature"):
            jws.read(text, typ=TYP).check(PUBLIC)


def test_a_key_in_the_header_counts_only_where_it_is_asked_for() -> None:
    read = jws.read(token(jwk=PUBLIC.jwk), typ=TYP, key_headers=frozenset({"jwk"}))
    read.check(es256.from_jwk(read.header["jwk"]))
