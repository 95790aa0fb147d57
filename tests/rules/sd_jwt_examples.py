"""Tokens made by hand, byte by byte where a test wants them wrong."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.rules.tokens.es256 import PrivateKey, base64url, from_base64url, new_key, public, sign
from passport.rules.tokens.sd_jwt import Presented, read

ISSUER, HOLDER, OTHER = new_key(), new_key(), new_key()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
AUDIENCE, NONCE = "x509_hash:ward-7", "n-0S6_WzA2Mj"
VCT = "https://issuer.example/passport/types/identity/1"
GONE = object()
"""Stands for a claim that is left out."""

Changes = Mapping[str, Any] | bytes | None


def as_json(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def disclosure(*parts: object) -> str:
    return base64url(as_json(list(parts)))


def digest(text: str, algorithm: str = "sha256") -> str:
    return base64url(hashlib.new(algorithm, text.encode()).digest())


GIVEN = disclosure("2GLC42sKQveCfGfryNRN9w", "given_name", "Ada")
FAMILY = disclosure("eluV5Og3gSNII8EYnsxA_A", "family_name", "Okafor")
DECOY = digest("nobody has this")

HEADER = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": public(ISSUER).kid}
PAYLOAD: dict[str, Any] = {
    "vct": VCT,
    "iss": "https://issuer.example",
    "iat": SECONDS - 3600,
    "exp": SECONDS + 3600,
    "cnf": {"jwk": public(HOLDER).jwk},
    "_sd": [digest(GIVEN), digest(FAMILY), DECOY],
    "_sd_alg": "sha-256",
}
BINDING_HEADER = {"alg": "ES256", "typ": "kb+jwt"}


def changed(base: Mapping[str, Any], changes: Changes) -> object:
    if isinstance(changes, bytes):
        return changes
    return {k: v for k, v in {**base, **(changes or {})}.items() if v is not GONE}


def with_raw(base: Mapping[str, Any], member: str) -> bytes:
    """JSON with one member more, written as given."""
    return as_json(dict(base))[:-1] + b"," + member.encode() + b"}"


def signed(header: object, payload: object, key: PrivateKey) -> str:
    text = f"{base64url(as_json(header))}.{base64url(as_json(payload))}"
    return f"{text}.{base64url(sign(key, text.encode()))}"


def credential(
    payload: Changes = None,
    shown: tuple[str, ...] = (GIVEN,),
    *,
    header: Changes = None,
    key: PrivateKey = ISSUER,
) -> str:
    """A credential like `PAYLOAD` with those disclosures, not bound."""
    issued = signed(changed(HEADER, header), changed(PAYLOAD, payload), key)
    return "~".join((issued, *shown, ""))


def bound(
    text: str,
    claims: Changes = None,
    *,
    header: Changes = None,
    key: PrivateKey = HOLDER,
    over: str | None = None,
) -> str:
    """The credential with a key binding over its text, or over another one."""
    right = {
        "iat": SECONDS,
        "aud": AUDIENCE,
        "nonce": NONCE,
        "sd_hash": digest(text if over is None else over),
    }
    return text + signed(changed(BINDING_HEADER, header), changed(right, claims), key)


def with_signature(text: str, signature: bytes) -> str:
    """The same text, its last JWS signed otherwise."""
    return text.rpartition(".")[0] + "." + base64url(signature)


def signature_of(text: str) -> bytes:
    return from_base64url(text.rpartition(".")[2])


def at(**distance: float) -> int:
    return int((NOW + timedelta(**distance)).timestamp())


def check(text: object) -> Presented:
    """As the verifier that asked for it does."""
    return read(text).check(public(ISSUER), now=NOW, audience=AUDIENCE, nonce=NONCE)


def with_claims(**claims: object) -> str:
    return bound(credential(claims))
