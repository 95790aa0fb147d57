"""What is no gate token at all: other codes, other CBOR, other headers, other claims."""

from typing import Any

import cbor2
import pytest

from passport.rules.tokens import base45, cbor_strict, es256, gate_token, jws
from passport.rules.tokens.bad_token import BadToken
from tests.rules.gate_examples import (
    CLAIMS,
    DROP,
    HEADER,
    ISSUER,
    LIST,
    PHONE,
    PROOF,
    SECOND,
    TODAY,
    WEEK,
    forged,
    issue,
    issued,
    show,
    written,
)

KEY = CLAIMS[8][1]
PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
NOT_PREFIXED = show().removeprefix("SP1:")
CARD = base45.encode(b"\x78\x9c" + bytes(200))

CODES: dict[str, tuple[object, str]] = {
    "nothing": ("", "not_a_token"),
    "no text": (None, "not_a_token"),
    "bytes": (show().encode(), "not_a_token"),
    "no prefix": (NOT_PREFIXED, "not_a_token"),
    "the prefix in lower case": ("sp1:" + NOT_PREFIXED, "not_a_token"),
    "another version": ("SP2:" + NOT_PREFIXED, "not_a_token"),
    "a blank in front": (" " + show(), "not_a_token"),
    "a vaccination card": ("HC1:" + CARD, "not_a_token"),
    "an address": ("https://bank.example/SP1:" + NOT_PREFIXED, "not_a_token"),
    "a JWT": (jws.write({}, ISSUER, typ="kb+jwt"), "not_a_token"),
    "an offer": ("openid-credential-offer://?x", "not_a_token"),
    "the prefix alone": ("SP1:", "bad_cbor"),
    "the prefix twice": ("SP1:" + show(), "bad_base45"),
    "lower case": (show().lower().replace("sp1:", "SP1:"), "bad_base45"),
    "a line's end": (show() + "\n", "bad_base45"),
    "two characters less": (show()[:-2], "bad_base45"),
    "three characters less": (show()[:-3], "bad_cbor"),
    "three characters more": (show() + "000", "bad_cbor"),
    "a triple beyond two bytes": ("SP1:GGW", "bad_base45"),
    "4 KB": ("SP1:" + "0" * 4_096, "too_long"),
    "a megabyte": ("SP1:" + "0" * 1_000_000, "too_long"),
    "1,501 bytes": (written(b"\x59\x05\xda" + bytes(1_498)), "too_long"),
    "another token behind it": (
        written(base45.decode(NOT_PREFIXED) + cbor_strict.write(0)), "bad_cbor",
    ),
    "deep nesting": (written(b"\x81" * 1_400), "bad_cbor"),
    "a packed card": ("SP1:" + CARD, "bad_cbor"),
}  # fmt: skip


def refusal(text: object) -> str:
    with pytest.raises(BadToken) as refused:
        gate_token.read(text)
    return refused.value.code


@pytest.mark.parametrize("name", CODES)
def test_this_code_is_no_gate_token(name: str) -> None:
    text, code = CODES[name]
    assert refusal(text) == code


def mac(parts: list[Any]) -> list[Any]:
    return [parts[0], {}, parts[2], parts[3][:32]]


BOTH: dict[str, tuple[dict[str, Any], str]] = {
    "no tag": ({"bare": True}, "not_a_token"),
    "the parts as a map": ({"parts": lambda them: dict(enumerate(them))}, "not_a_token"),
    "three parts": ({"parts": lambda them: them[:3]}, "not_a_token"),
    "five parts": ({"parts": lambda them: [*them, b""]}, "not_a_token"),
    "a detached payload": ({"parts": lambda them: [*them[:2], None, them[3]]}, "not_a_token"),
    "a payload that is no bytes": (
        {"parts": lambda them: [*them[:2], {}, them[3]]}, "not_a_token",
    ),
    "a header that is no bytes": ({"parts": lambda them: [{}, *them[1:]]}, "not_a_token"),
    "a signature that is text": ({"parts": lambda them: [*them[:3], "x" * 64]}, "not_a_token"),
    "no unprotected header": ({"unprotected": None}, "header_not_protected"),
    "an unprotected header that is a list": ({"unprotected": []}, "header_not_protected"),
    "the algorithm in both headers": ({"unprotected": {1: -7}}, "header_not_protected"),
    "a key name in the unprotected header": (
        {"unprotected": {4: b"' OR 1=1"}}, "header_not_protected",
    ),
    "certificates in the unprotected header": (
        {"unprotected": {33: b"\x30"}}, "header_not_protected",
    ),
    "an empty header": ({"header": b""}, "bad_cbor"),
    "a header that is a list": ({"header": b"\x80"}, "not_a_token"),
    "a header with a parameter twice": ({"header": b"\xa2\x01\x26\x01\x26"}, "bad_cbor"),
    "a payload that is a list": ({"claims": b"\x80"}, "not_a_token"),
    "an empty payload": ({"claims": b""}, "bad_cbor"),
    "a claim twice": ({"claims": b"\xa2\x06\x00\x06\x00"}, "bad_cbor"),
    "a payload without end": ({"claims": b"\xbf\xff"}, "bad_cbor"),
    "a time as a float": ({"claims": b"\xa1\x06\xf9\x7c\x00"}, "bad_cbor"),
    "claims by their names": ({"claims": {"iss": "RHQ"}}, "claims_not_understood"),
    "a claim nobody knows": ({"claims": {1_000: 1}}, "claims_not_understood"),
    "a beginning": ({"claims": {5: TODAY}}, "claims_not_understood"),
    "something critical": ({"header": {2: [1]}}, "header_not_understood"),
    "nothing critical, said": ({"header": {2: []}}, "header_not_understood"),
    "a content type": ({"header": {3: 60}}, "header_not_understood"),
    "certificates": ({"header": {33: b"\x30"}}, "header_not_understood"),
    "an address of certificates": ({"header": {35: LIST}}, "header_not_understood"),
    "a parameter by name": ({"header": {"alg": -7}}, "header_not_understood"),
    "no algorithm": ({"header": {1: DROP}}, "wrong_algorithm"),
    "the algorithm in the unprotected header only": (
        {"header": {1: DROP}, "unprotected": {1: -7}}, "header_not_protected",
    ),
    "HMAC": ({"header": {1: 5}}, "wrong_algorithm"),
    "ES384": ({"header": {1: -35}}, "wrong_algorithm"),
    "ES256K": ({"header": {1: -47}}, "wrong_algorithm"),
    "EdDSA": ({"header": {1: -8}}, "wrong_algorithm"),
    "RS256": ({"header": {1: -257}}, "wrong_algorithm"),
    "the algorithm in letters": ({"header": {1: "ES256"}}, "wrong_algorithm"),
    "a list of algorithms": ({"header": {1: [-7]}}, "wrong_algorithm"),
    "true for an algorithm": ({"header": {1: True}}, "wrong_algorithm"),
    "no type": ({"header": {16: DROP}}, "wrong_type"),
    "the type in letters": ({"header": {16: "application/kb+cwt"}}, "wrong_type"),
    "the type of a status list": ({"header": {16: "application/statuslist+cwt"}}, "wrong_type"),
    "another type": ({"header": {16: 61}}, "wrong_type"),
}  # fmt: skip


def outer(**wrong: Any) -> str:
    return forged(**wrong)


def inner(**wrong: Any) -> str:
    return forged(issued(**wrong))


@pytest.mark.parametrize("make", [outer, inner])
@pytest.mark.parametrize("name", BOTH)
def test_neither_signed_part_may_be_so(name: str, make: Any) -> None:
    wrong, code = BOTH[name]
    if wrong == {"bare": True}:
        untagged = {"parts": lambda them: them}
        text = (
            written(cbor_strict.read(base45.decode(NOT_PREFIXED)).value)
            if make is outer
            else forged(issued(**untagged).value)
        )
    else:
        text = make(**wrong)
    assert refusal(text) == code


@pytest.mark.parametrize("tag", [16, 17, 61, 96, 97, 98])
@pytest.mark.parametrize("make", [outer, inner])
def test_other_tags_are_refused(tag: int, make: Any) -> None:
    """Encrypt0, Mac0, CWT, Encrypt, Mac, Sign."""
    parts = {"parts": mac} if tag == 17 else {}
    assert refusal(make(tag=tag, **parts)) == "bad_cbor"


WHOLE: dict[str, tuple[str, str]] = {
    "an issuer's token without the phone's proof": (written(issue()), "wrong_type"),
    "a proof in the place of the issuer's token": (
        forged(cbor_strict.read(base45.decode(NOT_PREFIXED))), "wrong_type",
    ),
    "a proof over nothing": (forged(header={13: DROP}), "header_not_understood"),
    "a proof over null": (forged(header={13: None}), "not_a_token"),
    "a proof over bytes": (forged(issue()), "not_a_token"),
    "a proof over a list of tokens": (forged([issued()]), "not_a_token"),
    "the token in the unprotected header": (
        forged(header={13: DROP}, unprotected={13: issued()}), "header_not_protected",
    ),
    "a CWT tag over the whole": (
        written(b"\xd8\x3d" + base45.decode(NOT_PREFIXED)), "bad_cbor",
    ),
    "the tag twice": (written(b"\xd2" + base45.decode(NOT_PREFIXED)), "not_a_token"),
    "tagged text": (written(cbor2.CBORTag(18, "text")), "not_a_token"),
    "a proof with a key of its own": (
        forged(header={-1: es256.to_cose(es256.public(PHONE))}), "header_not_understood",
    ),
    "a proof that names a key": (forged(header={4: b"12345678"}), "header_not_understood"),
    "an issuer's key without a name": (forged(issued({4: DROP})), "header_not_understood"),
    "a key name in letters": (forged(issued({4: "12345678"})), "header_not_understood"),
    "a key name of 7 bytes": (forged(issued({4: bytes(7)})), "header_not_understood"),
    "a key name of 32 bytes": (forged(issued({4: bytes(32)})), "header_not_understood"),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_put_together_wrongly(name: str) -> None:
    text, code = WHOLE[name]
    assert refusal(text) == code


def key(**changes: Any) -> dict[Any, Any]:
    names = {"kty": 1, "alg": 3, "ops": 4, "crv": -1, "x": -2, "y": -3, "d": -4}
    return {8: {1: {**KEY, **{names[name]: one for name, one in changes.items()}}}}


def status(**changes: Any) -> dict[Any, Any]:
    inside = {"idx": 1, "uri": LIST, **changes}
    return {65535: {"status_list": {name: it for name, it in inside.items() if it is not DROP}}}


ISSUED: dict[str, tuple[dict[Any, Any], str]] = {
    "no issuer": ({1: DROP}, "bad_facts"),
    "an issuer that is a number": ({1: 5}, "bad_facts"),
    "an issuer in small letters": ({1: "rhq"}, "bad_facts"),
    "an issuer that is an address": ({1: "https://x.example"}, "bad_facts"),
    "no facts": ({-65537: DROP}, "bad_facts"),
    "no phone": ({8: DROP}, "bad_key"),
    "a phone by the name of its key": ({8: {3: b"kid"}}, "bad_key"),
    "two ways to name the phone": ({8: {1: KEY, 3: b"kid"}}, "bad_key"),
    "a phone's private key": (key(d=b"\1" * 32), "bad_key"),
    "a phone's key for encryption": (key(alg=-25), "bad_key"),
    "a phone's key that may not verify": (key(ops=[1]), "bad_key"),
    "an octet key pair": (key(kty=1), "bad_key"),
    "a symmetric key": (key(kty=4), "bad_key"),
    "another curve": (key(crv=2), "bad_key"),
    "31 bytes of x": (key(x=bytes(31)), "bad_key"),
    "33 bytes of x": (key(x=bytes(33)), "bad_key"),
    "x beyond the prime": (key(x=(PRIME + 1).to_bytes(32, "big")), "bad_key"),
    "a point off the curve": (key(x=(5).to_bytes(32, "big"), y=bytes(32)), "bad_key"),
    "the point at infinity": (key(x=bytes(32), y=bytes(32)), "bad_key"),
    "y as a number": (key(y=1), "bad_key"),
    "a status that is text": ({65535: LIST}, "bad_status"),
    "a status that is a number": ({65535: 5}, "bad_status"),
    "a status that is a letter": ({65535: "x"}, "bad_status"),
    "a status of another kind": ({65535: {"bitstring": {}}}, "bad_status"),
    "two kinds of status": (
        {65535: {"status_list": {"idx": 1, "uri": LIST}, "other": 1}}, "bad_status",
    ),
    "a status list that is text": ({65535: {"status_list": LIST}}, "bad_status"),
    "a status without a place": (status(idx=DROP), "bad_status"),
    "a status without an address": (status(uri=DROP), "bad_status"),
    "a status with more than that": (status(bits=2), "bad_status"),
    "an address as a number": (status(uri=5), "bad_status"),
    "an address as bytes": (status(uri=LIST.encode()), "bad_status"),
    "a place before the list": (status(idx=-1), "bad_status"),
    "a place as text": (status(idx="1"), "bad_status"),
    "a place that is true": (status(idx=True), "bad_status"),
    "a place of 2^63": (status(idx=2**63), "bad_status"),
    "a script for an address": (status(uri="javascript:alert(1)"), "bad_status"),
    "a file for an address": (status(uri="file:///etc/passwd"), "bad_status"),
    "an address with a blank": (status(uri="https://x.example/ 1"), "bad_status"),
    "an address with a line's end": (status(uri=LIST + "\n"), "bad_status"),
    "an address of look-alikes": (status(uri="https://bаnk.example/1"), "bad_status"),
    "an address without end": (status(uri="https://x.example/" + "1" * 300), "bad_status"),
    "a token id as text": ({7: "1"}, "claims_not_understood"),
    "an empty token id": ({7: b""}, "claims_not_understood"),
    "a long token id": ({7: bytes(33)}, "claims_not_understood"),
    "a subject": ({2: "amara"}, "claims_not_understood"),
    "an audience": ({3: "dsp:gate"}, "claims_not_understood"),
    "health-certificate claims": ({-260: {1: {}}}, "claims_not_understood"),
    "no end": ({4: DROP}, "bad_time"),
    "no beginning": ({6: DROP}, "bad_time"),
    "eight days": ({4: TODAY + WEEK + 1}, "bad_time"),
    "no time at all": ({4: TODAY}, "bad_time"),
    "an end before its beginning": ({4: TODAY - 1}, "bad_time"),
    "an end as text": ({4: str(TODAY + WEEK)}, "bad_time"),
    "an end that is true": ({4: True, 6: 0}, "bad_time"),
    "a beginning before time": ({4: 5, 6: -5}, "bad_time"),
    "an end after all time": ({4: 2**63, 6: 2**63 - 1}, "bad_time"),
}  # fmt: skip


@pytest.mark.parametrize("name", ISSUED)
def test_no_issuer_says_this(name: str) -> None:
    claims, code = ISSUED[name]
    assert refusal(forged(issued(claims=claims))) == code


SHOWN: dict[str, tuple[dict[Any, Any], str]] = {
    "no audience": ({3: DROP}, "bad_facts"),
    "a list of audiences": ({3: ["dsp:gate"]}, "bad_facts"),
    "an audience that begins alike": ({3: "dsp:gate2"}, "bad_facts"),
    "an audience in capitals": ({3: "DSP:GATE"}, "bad_facts"),
    "no time": ({6: DROP}, "bad_time"),
    "a time as text": ({6: str(SECOND)}, "bad_time"),
    "a time that is true": ({6: True}, "bad_time"),
    "a time that is null": ({6: None}, "bad_time"),
    "a time before time": ({6: -1}, "bad_time"),
    "a time after all time": ({6: 2**64 - 1}, "bad_time"),
    "an end": ({4: SECOND + 60}, "claims_not_understood"),
    "facts of its own": ({-65537: {1: "Dr Who"}}, "claims_not_understood"),
    "a challenge as text": ({39: "4711"}, "bad_challenge"),
    "a challenge as a number": ({39: 4711}, "bad_challenge"),
    "three digits": ({39: b"471"}, "bad_challenge"),
    "seven digits": ({39: b"4711000"}, "bad_challenge"),
    "letters": ({39: b"47ll"}, "bad_challenge"),
    "digits of another script": ({39: "٤٧".encode()}, "bad_challenge"),
    "digits and a line's end": ({39: b"4711\n"}, "bad_challenge"),
    "no digits": ({39: b""}, "bad_challenge"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_no_phone_says_this(name: str) -> None:
    claims, code = SHOWN[name]
    assert refusal(forged(claims=claims)) == code


def test_the_examples_are_right_but_for_the_change() -> None:
    assert gate_token.read(forged(issued(dict(HEADER), dict(CLAIMS)), claims=dict(PROOF)))
