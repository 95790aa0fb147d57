"""ES256: P-256 keys and raw 64-byte signatures (RFC 7518 §3.4), the only algorithm accepted.

Keys come as JWK (RFC 7517) or COSE_Key (RFC 9052). A key that carries a private part, is meant for
encryption, or is not a point of the curve is refused with `BadToken` (`bad_key`).
"""

import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passport.rules.tokens.bad_token import BadToken

PrivateKey = ec.EllipticCurvePrivateKey
COORDINATE, SIGNATURE = 32, 64
"""Lengths in bytes."""
KEY_ID = 8
"""Bytes of a key's thumbprint that stand in a gate token."""
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ALGORITHM = ec.ECDSA(hashes.SHA256())
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/!!!")
"""What is not of the URL's alphabet becomes what is of no alphabet."""
_LAST = {1: "", 2: "AQgw", 3: "AEIMQUYcgkosw048"}
"""Letters that may end a text of such a length (modulo 4): the bits left over are nought."""
_PADDING = (b"", b"", b"==", b"=")
"""What such a text goes without."""


@dataclass(frozen=True)
class PublicKey:
    """A point of P-256 by its coordinates, 32 bytes each."""

    x: bytes
    y: bytes

    @cached_property
    def point(self) -> ec.EllipticCurvePublicKey:
        """The key as the library knows it."""
        return _on_curve(b"\x04" + self.x + self.y).point

    @property
    def jwk(self) -> dict[str, str]:
        """The key as a JWK, with no more than is needed."""
        return {"kty": "EC", "crv": "P-256", "x": base64url(self.x), "y": base64url(self.y)}

    @cached_property
    def digest(self) -> bytes:
        """The JWK thumbprint (RFC 7638), as bytes."""
        x, y = base64url(self.x), base64url(self.y)
        text = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
        return hashlib.sha256(text.encode()).digest()

    @property
    def kid(self) -> str:
        """The JWK thumbprint: how a token or list names the key."""
        return base64url(self.digest)

    @property
    def short_kid(self) -> bytes:
        """The first bytes of the thumbprint. Two keys may share them: try each."""
        return self.digest[:KEY_ID]

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (r and s, 32 bytes each) over `message` was made with this key."""
        if len(signature) != SIGNATURE:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        if not (0 < r < _ORDER and 0 < s < _ORDER):
            return False
        try:
            self.point.verify(encode_dss_signature(r, s), message, _ALGORITHM)
        except InvalidSignature:
            return False
        return True


def new_key() -> PrivateKey:
    """A fresh private key."""
    return ec.generate_private_key(ec.SECP256R1())


def sign(key: PrivateKey, message: bytes) -> bytes:
    """r and s, 32 bytes each."""
    r, s = decode_dss_signature(key.sign(message, _ALGORITHM))
    return r.to_bytes(COORDINATE, "big") + s.to_bytes(COORDINATE, "big")


def public(key: PrivateKey | ec.EllipticCurvePublicKey) -> PublicKey:
    """The public half. Raises `BadToken` for a key of another curve."""
    point = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    if not isinstance(point.curve, ec.SECP256R1):
        raise BadToken("bad_key", "not a P-256 key")
    encoded = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    found = PublicKey(encoded[1 : 1 + COORDINATE], encoded[1 + COORDINATE :])
    found.__dict__["point"] = point  # known: working it out again costs more than all the rest
    return found


def from_jwk(jwk: object) -> PublicKey:
    """The key of a JWK. Raises `BadToken`."""
    if not isinstance(jwk, Mapping):
        raise BadToken("bad_key", "not a JWK")
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise BadToken("bad_key", "not a public P-256 key")
    uses = jwk.get("key_ops", ["verify"])
    if (
        jwk.get("use", "sig") != "sig"
        or jwk.get("alg", "ES256") != "ES256"
        or not isinstance(uses, list)
        or "verify" not in uses
    ):
        raise BadToken("bad_key", "not a key for ES256 signatures")
    return _of_point(b"\x04", from_base64url(jwk.get("x")), from_base64url(jwk.get("y")))


def from_cose(key: object) -> PublicKey:
    """The key of a COSE_Key map, its point whole or compressed. Raises `BadToken`."""
    if not isinstance(key, Mapping) or any(isinstance(name, bool) for name in key):
        raise BadToken("bad_key", "not a COSE_Key")
    kty, algorithm, curve = key.get(1), key.get(3, -7), key.get(-1)
    if any(type(one) is not int for one in (kty, algorithm, curve)):
        raise BadToken("bad_key", "not a COSE_Key")
    if kty != 2 or curve != 1 or -4 in key or algorithm not in (-7, -9):
        raise BadToken("bad_key", "not a public P-256 key")
    if 4 in key and (not isinstance(key[4], list) or 2 not in key[4]):
        raise BadToken("bad_key", "not a key for signatures")
    x, y = key.get(-2), key.get(-3)
    if isinstance(y, bool):
        return _of_point(b"\x03" if y else b"\x02", x, b"")
    return _of_point(b"\x04", x, y)


def to_cose(key: PublicKey) -> dict[int, Any]:
    """As a COSE_Key with its point compressed."""
    return {1: 2, -1: 1, -2: key.x, -3: bool(key.y[-1] & 1)}


def base64url(value: bytes) -> str:
    """Without padding."""
    return binascii.b2a_base64(value, newline=False).translate(_TO_URL, b"=").decode()


def from_base64url(text: object) -> bytes:
    """Strict: no padding, no other characters, one spelling for each value. Raises `BadToken`."""
    if not isinstance(text, str):
        raise BadToken("bad_base64")
    left_over = len(text) % 4
    if left_over and text[-1] not in _LAST[left_over]:
        raise BadToken("bad_base64")
    try:
        plain = text.encode("ascii").translate(_FROM_URL) + _PADDING[left_over]
        return binascii.a2b_base64(plain, strict_mode=True)
    except ValueError:
        raise BadToken("bad_base64") from None


def _of_point(form: bytes, x: object, y: object) -> PublicKey:
    if not isinstance(x, bytes) or not isinstance(y, bytes) or len(x) != COORDINATE:
        raise BadToken("bad_key", "not a point of P-256")
    if form == b"\x04" and len(y) != COORDINATE:
        raise BadToken("bad_key", "not a point of P-256")
    return _on_curve(form + x + y)


@lru_cache(maxsize=4096)
def _on_curve(encoded: bytes) -> PublicKey:
    try:
        return public(ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encoded))
    except ValueError:
        raise BadToken("bad_key", "not a point of P-256") from None
