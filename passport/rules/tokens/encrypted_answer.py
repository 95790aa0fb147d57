"""An answer that only the asker can read: `direct_post.jwt` of OpenID4VP 1.0 §8.3.

The answer is an unsigned JWE to a key made for that one request: ECDH-ES on P-256 with AES-GCM, as
HAIP 1.0 has it. Anything else a header could ask for (compression, a wrapped or password-derived
key, another request's key) is refused before anything is computed.
"""

import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from passport.rules.tokens import es256, jws
from passport.rules.tokens.bad_token import BadToken

ALGORITHM = "ECDH-ES"
CONTENT_ALGORITHMS = ("A128GCM", "A256GCM")
MOST_BYTES = 1024 * 1024
LONGEST_HEADER = 4 * 1024
_REFUSED = ("zip", "crit", "cty", "jwk", "jku", "x5c", "x5u", "p2c", "p2s")


class _Registry(jwe.JWERegistry):
    """One way to agree on a key, two ciphers, and room for a passport."""

    max_protected_header_length = LONGEST_HEADER
    max_ciphertext_length = MOST_BYTES


_REGISTRY = _Registry(algorithms=[ALGORITHM, *CONTENT_ALGORITHMS], strict_check_header=False)


def new_key() -> tuple[bytes, dict[str, Any]]:
    """A key for one answer: its private JWK as bytes, and the public one as it is told."""
    made = ECKey.generate_key("P-256")
    private = made.as_dict(private=True)
    public = {name: private[name] for name in ("kty", "crv", "x", "y")}
    named = {**public, "use": "enc", "alg": ALGORITHM, "kid": es256.from_jwk(public).kid}
    return jws.json_bytes({**named, "d": private["d"]}), named


def public_jwk(private: bytes) -> dict[str, Any]:
    """The public half of a key's bytes."""
    return {name: value for name, value in json.loads(private).items() if name != "d"}


def read(text: object, private: bytes) -> dict[str, Any]:
    """What the answer says. Raises `BadToken`."""
    if not isinstance(text, str) or len(text) > MOST_BYTES or not text.isascii():
        raise BadToken("bad_encryption", "not a JWE")
    parts = text.split(".")
    if len(parts) != 5 or parts[1] or len(parts[0]) > LONGEST_HEADER:
        raise BadToken("bad_encryption", "not a JWE with a key agreed on directly")
    key = json.loads(private)
    _check_header(jws.json_object(es256.from_base64url(parts[0])), key["kid"])
    try:
        opened = jwe.decrypt_compact(text, ECKey.import_key(key), registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadToken("bad_encryption", "it cannot be opened") from None
    return jws.json_object(opened.plaintext or b"")


def _check_header(header: Mapping[str, Any], kid: str) -> None:
    if header.get("alg") != ALGORITHM or header.get("enc") not in CONTENT_ALGORITHMS:
        raise BadToken("wrong_encryption", f"not {ALGORITHM} with {CONTENT_ALGORITHMS}")
    if header.get("kid") != kid:
        raise BadToken("wrong_key", "not encrypted to the key of this request")
    if any(name in header for name in _REFUSED):
        raise BadToken("wrong_encryption", "the header asks for more than is understood")
    agreed = header.get("epk")
    if not isinstance(agreed, Mapping):
        raise BadToken("bad_key", "no ephemeral key")
    es256.from_jwk({name: agreed.get(name) for name in ("kty", "crv", "x", "y")})
