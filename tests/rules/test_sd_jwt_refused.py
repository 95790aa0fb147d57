"""Credentials that must be refused: each is the good one with one thing wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import public
from tests.rules.sd_jwt_examples import (
    DECOY,
    GIVEN,
    GONE,
    HEADER,
    HOLDER,
    OTHER,
    PAYLOAD,
    SECONDS,
    at,
    bound,
    check,
    credential,
    digest,
    disclosure,
    signature_of,
    with_claims,
    with_raw,
    with_signature,
)

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
JWK = public(HOLDER).jwk
CHAIN = ["MIIB"]


def with_header(**header: object) -> str:
    return bound(credential(header=header))


def with_hidden(*parts: Any) -> str:
    """With a claim that is hidden and shown."""
    text = disclosure("salt", *parts)
    return bound(credential({parts[0]: GONE, "_sd": [digest(text)]}, (text,)))


def by_issuer(change: Callable[[bytes], bytes]) -> str:
    """With another signature by the issuer."""
    issued = credential(shown=()).rstrip("~")
    return bound(with_signature(issued, change(signature_of(issued))) + f"~{GIVEN}~")


def by_holder(change: Callable[[bytes], bytes]) -> str:
    text = bound(credential())
    return with_signature(text, change(signature_of(text)))


def der(raw: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


GOOD = credential()
ISSUED, _, _ = GOOD.partition("~")
BOUND = bound(GOOD)
BINDING = BOUND.rpartition("~")[2]

SIGNATURES = {
    f"{who}'s signature {how}": (code, make(change))
    for who, code, make in (
        ("the issuer", "bad_signature", by_issuer),
        ("the holder", "wrong_holder", by_holder),
    )
    for how, change in {
        "is empty": lambda raw: b"",
        "is in DER": der,
        "is 63 bytes": lambda raw: raw[:63],
        "is 65 bytes": lambda raw: raw + b"\0",
        "is all zeros": lambda raw: bytes(64),
        "has r = 0": lambda raw: bytes(32) + raw[32:],
        "has s = 0": lambda raw: raw[:32] + bytes(32),
        "has r = n": lambda raw: number(ORDER) + raw[32:],
        "has s = n": lambda raw: raw[:32] + number(ORDER),
        "has its halves swapped": lambda raw: raw[32:] + raw[:32],
        "has one bit turned": lambda raw: bytes([raw[0] ^ 1]) + raw[1:],
    }.items()
}

HEADERS = {
    f"{who}'s header with {what}": (code, make(changes))
    for who, make in (
        ("the issuer", lambda changes: bound(credential(header=changes))),
        ("the holder", lambda changes: bound(GOOD, header=changes)),
    )
    for what, code, changes in (
        ("alg none", "wrong_algorithm", {"alg": "none"}),
        ("alg None", "wrong_algorithm", {"alg": "None"}),
        ("alg nOnE", "wrong_algorithm", {"alg": "nOnE"}),
        ("alg empty", "wrong_algorithm", {"alg": ""}),
        ("alg HS256", "wrong_algorithm", {"alg": "HS256"}),
        ("alg RS256", "wrong_algorithm", {"alg": "RS256"}),
        ("alg ES384", "wrong_algorithm", {"alg": "ES384"}),
        ("alg ES256K", "wrong_algorithm", {"alg": "ES256K"}),
        ("alg es256", "wrong_algorithm", {"alg": "es256"}),
        ("a list of algs", "wrong_algorithm", {"alg": ["ES256"]}),
        ("no alg", "wrong_algorithm", {"alg": GONE}),
        ("no typ", "wrong_type", {"typ": GONE}),
        ("the typ of a plain JWT", "wrong_type", {"typ": "JWT"}),
        ("the typ of the older draft", "wrong_type", {"typ": "vc+sd-jwt"}),
        ("the typ of a status list", "wrong_type", {"typ": "statuslist+jwt"}),
        ("the typ of a key proof", "wrong_type", {"typ": "openid4vci-proof+jwt"}),
        ("the typ of a request", "wrong_type", {"typ": "oauth-authz-req+jwt"}),
        ("the typ of a trust list", "wrong_type", {"typ": "dsp-trustlist+jwt"}),
        ("the typ of an access token", "wrong_type", {"typ": "at+jwt"}),
        ("a typ that is a list", "wrong_type", {"typ": ["dc+sd-jwt", "kb+jwt"]}),
        ("an unknown crit", "header_not_understood", {"crit": ["exp"], "exp": 1}),
        ("an empty crit", "header_not_understood", {"crit": []}),
        ("b64 false", "header_not_understood", {"b64": False}),
        ("zip", "header_not_understood", {"zip": "DEF"}),
        ("jku", "header_not_understood", {"jku": "https://evil.example/keys"}),
        ("x5u", "header_not_understood", {"x5u": "https://evil.example/chain"}),
        ("a kid that is a number", "header_not_understood", {"kid": 5}),
        ("a key inside", "key_not_asked_for", {"jwk": public(OTHER).jwk}),
        ("a name twice", "bad_json", with_raw(HEADER, '"alg": "ES256"')),
        ("JSON that is no object", "bad_json", b'["ES256"]'),
    )
} | {
    "the issuer's header with the typ of a key binding": (
        "wrong_type", with_header(typ="kb+jwt"),
    ),
    "the issuer's header with a typ in capitals": ("wrong_type", with_header(typ="DC+SD-JWT")),
    "the issuer's header with the long form of typ": (
        "wrong_type", with_header(typ="application/dc+sd-jwt"),
    ),
    "the holder's header with the typ of a credential": (
        "wrong_type", bound(GOOD, header={"typ": "dc+sd-jwt"}),
    ),
    "the holder's header with a typ in capitals": (
        "wrong_type", bound(GOOD, header={"typ": "KB+JWT"}),
    ),
    "the holder's header with a chain": ("key_not_asked_for", bound(GOOD, header={"x5c": CHAIN})),
}  # fmt: skip

FORM = {
    "no text": ("not_a_token", None),
    "bytes": ("not_a_token", BOUND.encode()),
    "nothing": ("not_a_token", ""),
    "a tilde": ("not_a_token", "~"),
    "a credential without its last tilde": ("not_a_token", ISSUED),
    "64 KB and one": ("not_a_token", GOOD + "a" * (64 * 1024 + 1 - len(GOOD))),
    "two parts": ("not_a_token", bound(GOOD.replace(".", "", 1))),
    "five parts, as an encrypted token has": ("not_a_token", bound("a.b." + GOOD)),
    "a character outside ASCII": ("not_a_token", "é" + BOUND),
    "a line break at the end": ("bad_base64", BOUND + "\n"),
    "a blank before": ("bad_base64", " " + BOUND),
    "a padded signature": ("bad_base64", bound(GOOD.replace("~", "=~", 1))),
    "an empty disclosure": ("bad_json", bound(GOOD + "~")),
    "a second key binding": ("bad_base64", bound(BOUND + "~")),
    "a key binding before the disclosure": (
        "bad_base64", bound("~".join((ISSUED, BINDING, GIVEN, ""))),
    ),
    "a payload that is a list": ("bad_json", bound(credential(b"[]"))),
    "a payload that is not JSON": ("bad_json", bound(credential(b"{"))),
    "a payload that is another JWT": ("bad_json", bound(credential(ISSUED.encode()))),
    "a payload with a name twice": (
        "bad_json", bound(credential(with_raw(PAYLOAD, '"vct": "x"'))),
    ),
    "a payload in UTF-16": (
        "bad_json", bound(credential('{"vct": "x"}'.encode("utf-16"))),
    ),
    "a payload 200 deep": (
        "bad_json", bound(credential(with_raw(PAYLOAD, '"a":' + "[" * 200 + "]" * 200))),
    ),
    "a payload 20,000 deep": ("bad_json", bound(credential(b"[" * 20000 + b"]" * 20000))),
    "a number of 5,000 digits": (
        "bad_json", bound(credential(with_raw(PAYLOAD, '"a":' + "9" * 5000))),
    ),
    "513 disclosures": (
        "too_many_disclosures", bound(credential({}, tuple(disclosure(n) for n in range(513)))),
    ),
    "10,000 disclosures": ("not_a_token", bound(credential({}, ("WyJhIiwxXQ",) * 10_000))),
}  # fmt: skip

SIGNERS = {
    "signed by another issuer": ("bad_signature", bound(credential(key=OTHER))),
    "signed by its holder": ("bad_signature", bound(credential(key=HOLDER))),
    "another payload under the same signature": (
        "bad_signature",
        bound(".".join((
            GOOD.split(".")[0], credential({"vct": "x"}).split(".")[1], GOOD.split(".")[2],
        ))),
    ),
    "another header under the same signature": (
        "bad_signature",
        bound(".".join((credential(header={"kid": "x"}).split(".")[0], *GOOD.split(".")[1:]))),
    ),
}  # fmt: skip

CLAIMS = {
    "no vct": ("bad_claim", with_claims(vct=GONE)),
    "an empty vct": ("bad_claim", with_claims(vct="")),
    "a vct that is a list": ("bad_claim", with_claims(vct=["a"])),
    "a vct that is null": ("bad_claim", with_claims(vct=None)),
    "a vct that only looks like one": ("bad_claim", with_claims(vct=GONE, vсt="a")),
    "aka_vcts that are a string": ("bad_claim", with_claims(aka_vcts="a")),
    "aka_vcts with a number": ("bad_claim", with_claims(aka_vcts=["a", 1])),
    "vct#integrity that is a number": ("bad_claim", with_claims(**{"vct#integrity": 5})),
    "an issuer that is an object": ("bad_claim", with_claims(iss={"id": "a"})),
    "a status that is a string": ("bad_claim", with_claims(status="valid")),
    "an audience that is another": ("wrong_audience", with_claims(aud="https://other.example")),
    "audiences without this one": ("wrong_audience", with_claims(aud=["a", "b"])),
    "an audience that is null": ("wrong_audience", with_claims(aud=None)),
    "a disclosed audience that is another": ("wrong_audience", with_hidden("aud", "other")),
    "a hidden part of cnf": ("never_disclosable", with_claims(cnf={"jwk": JWK, "_sd": [DECOY]})),
    "a hidden part of status": ("never_disclosable", with_claims(status={"_sd": [DECOY]})),
    "a hidden part of a part of status": (
        "never_disclosable", with_claims(status={"status_list": {"_sd": [DECOY]}}),
    ),
    "a hidden element of aka_vcts": (
        "never_disclosable", with_claims(aka_vcts=["a", {"...": DECOY}]),
    ),
    "a disclosure without a digest": ("disclosure_without_digest", bound(credential({"_sd": []}))),
} | {
    f"{name} hidden": ("never_disclosable", with_hidden(name, value))
    for name, value in {
        "iss": "a", "nbf": 1, "exp": 2**40, "cnf": {"jwk": JWK}, "vct": "a",
        "vct#integrity": "sha256-a", "aka_vcts": ["a"], "status": {},
    }.items()
}  # fmt: skip

TIMES = {
    "expired this second": ("expired", with_claims(exp=SECONDS)),
    "expired a second ago": ("expired", with_claims(exp=SECONDS - 1)),
    "expired half a second ago": ("expired", with_claims(exp=SECONDS - 0.5)),
    "expired before 1970": ("expired", with_claims(exp=-1)),
    "not valid for another 61 seconds": ("not_yet_valid", with_claims(nbf=at(seconds=61))),
    "not valid for another year": ("not_yet_valid", with_claims(nbf=at(days=365))),
    "issued in 61 seconds": ("made_in_the_future", with_claims(iat=at(seconds=61))),
    "issued in a year, and that disclosed": (
        "made_in_the_future",
        with_hidden("iat", at(days=365)),
    ),
} | {
    f"{name} that is {what}": ("bad_time", with_claims(**{name: value}))
    for name in ("exp", "nbf", "iat")
    for what, value in {
        "a string": str(SECONDS), "true": True, "null": None, "a list": [SECONDS],
    }.items()
} | {
    f"exp that is {written}": (
        "bad_json",
        bound(credential(with_raw(
            {k: v for k, v in PAYLOAD.items() if k != "exp"}, f'"exp": {written}'
        ))),
    )
    for written in ("1e400", "NaN", "Infinity", "-Infinity", "0x10", "01")
}  # fmt: skip

REFUSED: dict[str, tuple[str, object]] = {
    **SIGNATURES, **HEADERS, **FORM, **SIGNERS, **CLAIMS, **TIMES,
}  # fmt: skip


def test_the_good_one_is_believed() -> None:
    assert check(BOUND).claims["given_name"] == "Ada"


@pytest.mark.parametrize(("code", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_a_credential_is_refused(code: str, text: object) -> None:
    with pytest.raises(BadToken) as refused:
        check(text)
    assert refused.value.code == code
    assert "Ada" not in refused.value.detail + str(refused.value)
