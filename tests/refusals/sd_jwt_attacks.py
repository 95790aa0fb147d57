"""Ways to tamper with a credential that is presented: each makes another bad token every time.

Most are signed with the right keys, so that only the control they are aimed at can refuse them.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passport.rules.tokens.es256 import base64url, from_base64url, public, sign
from passport.rules.tokens.jws import json_bytes
from tests.rules.sd_jwt_examples import (
    BINDING_HEADER,
    DECOY,
    FAMILY,
    GIVEN,
    GONE,
    HEADER,
    HOLDER,
    ISSUER,
    OTHER,
    PAYLOAD,
    SECONDS,
    as_json,
    bound,
    credential,
    digest,
    disclosure,
    signature_of,
    with_claims,
    with_raw,
    with_signature,
)

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
JWK = public(HOLDER).jwk
GOOD = credential()
BOUND = bound(GOOD)
ISSUED = GOOD.partition("~")[0]
TYPES = (
    "kb+jwt", "statuslist+jwt", "openid4vci-proof+jwt", "oauth-authz-req+jwt", "at+jwt", "JWT",
    "dsp-trustlist+jwt", "vc+sd-jwt", "DC+SD-JWT", "application/dc+sd-jwt",
    "openidvci-issuer-metadata+jwt", "key-attestation+jwt", "", None, 1, ["dc+sd-jwt"],
)  # fmt: skip
ALGORITHMS = (
    "none", "None", "nOnE", "HS256", "HS512", "RS256", "PS256", "ES384", "ES512", "ES256K",
    "EdDSA", "ESP256", "es256", "ES256 ", "", None, 7, ["ES256"], True,
)  # fmt: skip
ODD_TIMES = (str(SECONDS), True, False, None, [SECONDS], {"at": SECONDS}, "")
NOT_JSON = ("NaN", "Infinity", "-Infinity", "1e400", "-1e999", "01", "0x1f", "1.", "9" * 5000)


def flipped(raw: bytes, chance: Random) -> bytes:
    """With one bit turned."""
    place = chance.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ 1 << chance.randrange(8)]) + raw[place + 1 :]


def bad_signature(raw: bytes, chance: Random) -> bytes:
    """Another signature than the right one, which it is derived from."""
    r, s = raw[:32], raw[32:]
    number = chance.choice((0, ORDER, ORDER + 1, 2**256 - 1)).to_bytes(32, "big")
    return chance.choice((
        flipped(raw, chance), raw[:-1], raw + b"\0", b"\0" + raw, b"", bytes(64), s + r,
        number + s, r + number, chance.randbytes(64), raw * 2,
        encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big")),
    ))  # fmt: skip


def issuer_signature(chance: Random) -> str:
    issued = with_signature(ISSUED, bad_signature(signature_of(ISSUED), chance))
    return bound(f"{issued}~{GIVEN}~")


def other_payload(chance: Random) -> str:
    """The right signature over another payload."""
    head, payload, signature = ISSUED.split(".")
    claims = json.loads(from_base64url(payload))
    claims[chance.choice(("vct", "iss", "iat", "exp", "new"))] = chance.randrange(10**9)
    return bound(f"{head}.{base64url(json_bytes(claims))}.{signature}~{GIVEN}~")


def other_header(chance: Random) -> str:
    """The right signature over another header."""
    _, payload, signature = ISSUED.split(".")
    head = base64url(json_bytes({**HEADER, "kid": str(chance.random())}))
    return bound(f"{head}.{payload}.{signature}~{GIVEN}~")


def other_signer(chance: Random) -> str:
    return bound(credential(key=chance.choice((OTHER, HOLDER))))


def algorithm(chance: Random) -> str:
    change = {"alg": chance.choice(ALGORITHMS)}
    if chance.random() < 0.5:
        return bound(GOOD, header=change)
    return bound(credential(header=change))


def unsigned(chance: Random) -> str:
    """`none`, and no signature."""
    text = credential(header={"alg": chance.choice(("none", "None", "NONE", "nOnE"))})
    head, payload, _ = text.partition("~")[0].split(".")
    return bound(f"{head}.{payload}.~{GIVEN}~")


def public_key_as_secret(chance: Random) -> str:
    """HMAC with the issuer's public key, as whoever mixes up keys would check it."""
    point = public(ISSUER).point
    secret = chance.choice((
        point.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        point.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json_bytes(public(ISSUER).jwk),
    ))  # fmt: skip
    signed = f"{base64url(json_bytes({**HEADER, 'alg': 'HS256'}))}.{ISSUED.split('.')[1]}"
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return bound(f"{signed}.{base64url(mac)}~{GIVEN}~")


def type_confusion(chance: Random) -> str:
    typ = chance.choice(TYPES)
    if chance.random() < 0.5:
        return bound(credential(header={"typ": typ}))
    typ = chance.choice(("dc+sd-jwt", "KB+JWT", "application/kb+jwt", "JWT", None))
    return bound(GOOD, header={"typ": typ})


def critical(chance: Random) -> str:
    change: dict[str, Any] = chance.choice((
        {"crit": ["exp"], "exp": 1}, {"crit": []}, {"b64": False}, {"b64": True}, {"zip": "DEF"},
        {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example/chain"},
        {"crit": ["b64"], "b64": False}, {"kid": 5}, {"kid": None}, {"kid": ["a"]},
    ))  # fmt: skip
    return chance.choice((lambda: bound(GOOD, header=change),
                          lambda: bound(credential(header=change))))()  # fmt: skip


def own_key(chance: Random) -> str:
    """With a key in its header, be it another or the right one."""
    key = chance.choice((OTHER, ISSUER))
    return bound(credential(header={"jwk": public(key).jwk}, key=key))


def own_chain(chance: Random) -> str:
    """A chain counts for nothing where the trust list has the key."""
    chain = [base64url(chance.randbytes(300))] * chance.randrange(1, 50)
    return bound(credential(header={"x5c": chain}, key=OTHER))


def twice_in_header(chance: Random) -> str:
    member = chance.choice(('"alg": "ES256"', '"typ": "dc+sd-jwt"', '"kid": "a"'))
    return bound(credential(header=with_raw(HEADER, member)))


def twice_in_payload(chance: Random) -> str:
    member = f'"{chance.choice(list(PAYLOAD))}": null'
    return bound(credential(with_raw(PAYLOAD, member)))


def expired(chance: Random) -> str:
    return with_claims(exp=SECONDS - chance.choice((0, 1, 0.5, chance.randrange(2**31))))


def not_yet(chance: Random) -> str:
    return with_claims(**{chance.choice(("nbf", "iat")): SECONDS + 61 + chance.randrange(10**8)})


def odd_time(chance: Random) -> str:
    return with_claims(**{chance.choice(("exp", "nbf", "iat")): chance.choice(ODD_TIMES)})


def number_that_is_none(chance: Random) -> str:
    name = chance.choice(("exp", "nbf", "iat", "a"))
    left = {one: value for one, value in PAYLOAD.items() if one != name}
    return bound(credential(with_raw(left, f'"{name}": {chance.choice(NOT_JSON)}')))


def issuer_audience(chance: Random) -> str:
    """Meant by the issuer for somebody else."""
    return with_claims(aud=chance.choice(("https://other.example", ["a", "b"], None, [], 5)))


def repeated(chance: Random) -> str:
    shown = [GIVEN, FAMILY, chance.choice((GIVEN, FAMILY))]
    chance.shuffle(shown)
    return bound(credential({}, tuple(shown)))


def unsigned_claim(chance: Random) -> str:
    """A disclosure that no digest stands for, with the holder's signature over it."""
    name = chance.choice(("given_name", "registration_status", "photo", "admin", "__proto__"))
    return bound(credential({}, (GIVEN, disclosure(str(chance.random()), name, "x"))))


def registered_claim_hidden(chance: Random) -> str:
    name, value = chance.choice((
        ("iss", "https://issuer.example"), ("nbf", 1), ("exp", SECONDS + 60), ("cnf", {"jwk": JWK}),
        ("vct", "a"), ("vct#integrity", "sha256-a"), ("aka_vcts", ["a"]), ("status", {}),
    ))  # fmt: skip
    text = disclosure("salt", name, value)
    return bound(credential({name: GONE, "_sd": [digest(text)]}, (text,)))


def part_of_registered_hidden(chance: Random) -> str:
    decoy = digest(str(chance.random()))
    return with_claims(
        **chance.choice(
            (
                {"cnf": {"jwk": JWK, "_sd": [decoy]}},
                {"status": {"_sd": [decoy]}},
                {"status": {"status_list": {"_sd": [decoy]}}},
                {"aka_vcts": ["a", {"...": decoy}]},
                {"cnf": {"jwk": {**JWK, "_sd": [decoy]}}},
            )
        )
    )


def name_taken(chance: Random) -> str:
    """A disclosure for a name that stands there, or is nobody's to give."""
    name = chance.choice(("vct", "iss", "cnf", "exp", "_sd", "...", "_sd_alg", "iat", "a"))
    text = disclosure(str(chance.random()), name, "x")
    return bound(credential({"a": 1, "_sd": [digest(text)]}, (text,)))


def digest_twice(chance: Random) -> str:
    return with_claims(**chance.choice((
        {"_sd": [digest(GIVEN)] * 2}, {"_sd": [digest(GIVEN), DECOY, DECOY]},
        {"a": {"_sd": [digest(GIVEN)]}}, {"a": [{"...": digest(GIVEN)}]},
        {"a": [{"...": DECOY}]},
    )))  # fmt: skip


def digest_misplaced(chance: Random) -> str:
    return with_claims(**chance.choice((
        {"_sd": digest(GIVEN)}, {"_sd": [5]}, {"_sd": None}, {"a": {"...": digest(GIVEN)}},
        {"_sd": [], "a": [{"...": digest(GIVEN)}]}, {"a": [{"...": 5}]}, {"a": {"_sd_alg": "x"}},
        {"a": [{"...": "x", "b": 1}]}, {"_sd": {digest(GIVEN): 1}}, {"...": "x"},
    )))  # fmt: skip


def bad_disclosure(chance: Random) -> str:
    parts: list[Any] = chance.choice((
        [], ["salt"], ["salt", "a", 1, 2], [1, "a", 1], ["salt", 5, 1], ["salt", None, 1],
        [["salt"], "a", 1], ["salt", {"a": 1}, 1],
    ))  # fmt: skip
    text = disclosure(*parts)
    if chance.random() < 0.5:
        raw: bytes = chance.choice((
            b'{"a":1}', b'"a"', b"[", b'["salt","a",NaN]', b'["salt","a",1]x', b"\xff", b"",
            b'["salt","a","\\ud800"]', b'["salt","a",' + b"[" * 40 + b"]" * 40 + b"]",
        ))  # fmt: skip
        text = base64url(raw)
    return bound(credential({"_sd": [digest(text)]}, (text,)))


def hash_not_accepted(chance: Random) -> str:
    return with_claims(_sd_alg=chance.choice((
        "md5", "sha-1", "SHA-256", "sha256", "", None, 5, ["sha-256"], "none", {"a": 1},
    )))  # fmt: skip


def claim_shape(chance: Random) -> str:
    return with_claims(**chance.choice((
        {"vct": GONE}, {"vct": ""}, {"vct": 5}, {"vct": ["a"]}, {"aka_vcts": "a"},
        {"aka_vcts": [1]}, {"vct#integrity": 5}, {"iss": {"id": "a"}}, {"status": "valid"},
        {"vct": GONE, "vсt": "a"}, {"status": [1]}, {"aka_vcts": [""]},
    )))  # fmt: skip


def too_deep(chance: Random) -> str:
    depth = chance.choice((40, 200, 2_000, 10_000))
    opened, closed = chance.choice((("[", "]"), ('{"a":', "}")))
    inner = opened * depth + ("1" if opened != "[" else "") + closed * depth
    return bound(credential(with_raw(PAYLOAD, f'"deep": {inner}')))


def surrogate(chance: Random) -> str:
    member = chance.choice(('"a": "\\ud800"', '"\\udc00": 1', '"a": ["x\\udbff"]',
                            '"a": {"\\ud83d": 1}'))  # fmt: skip
    return bound(credential(with_raw(PAYLOAD, member)))


def not_an_object(chance: Random) -> str:
    raw = chance.choice((b"[]", b"1", b'"a"', b"null", b"{", b"", b"{}{}", b"\xff\xfe", b"{'a':1}",
                         json.dumps(PAYLOAD).encode("utf-16")))  # fmt: skip
    if chance.random() < 0.5:
        return bound(GOOD, raw)
    return bound(credential(raw))


def behind(chance: Random) -> str:
    """Something after the payload's end."""
    return bound(
        credential(as_json(PAYLOAD) + chance.choice((b"{}", b"x", b"]", b"\0", b",", b"1")))
    )


def too_large(chance: Random) -> str:
    return chance.choice((
        lambda: bound(credential({"a": "x" * 70_000})),
        lambda: bound(credential({}, ("WyJhIiwxXQ",) * 10_000)),
        lambda: bound(credential({}, tuple(disclosure(str(n), "a", n) for n in range(600)))),
        lambda: BOUND + "A" * 70_000,
        lambda: "~" * 70_000,
    ))()  # fmt: skip


def signed_twice(_chance: Random) -> str:
    """A token whose payload is the token."""
    text = f"{base64url(as_json(HEADER))}.{base64url(ISSUED.encode())}"
    return bound(f"{text}.{base64url(sign(ISSUER, text.encode()))}~{GIVEN}~")


def half_of_the_header(chance: Random) -> str:
    name = chance.choice(("alg", "typ"))
    header: Mapping[str, Any] = {one: HEADER[one] for one in HEADER if one != name}
    if chance.random() < 0.5:
        return bound(credential(header=json_bytes(header)))
    return bound(GOOD, header=json_bytes({k: v for k, v in BINDING_HEADER.items() if k != name}))


ATTACKS: dict[str, Callable[[Random], object]] = {
    make.__name__: make
    for make in (
        issuer_signature, other_payload, other_header, other_signer, algorithm,
        unsigned, public_key_as_secret, type_confusion, critical, own_key,
        own_chain, twice_in_header, twice_in_payload, expired, not_yet, odd_time,
        number_that_is_none, issuer_audience,

        repeated, unsigned_claim, registered_claim_hidden,
        part_of_registered_hidden, name_taken, digest_twice, digest_misplaced, bad_disclosure,
        hash_not_accepted,
        claim_shape, too_deep, surrogate, not_an_object, behind, too_large,
        signed_twice,
        half_of_the_header,
    )
}  # fmt: skip
