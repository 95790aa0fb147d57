"""Compact JWS (RFC 7515) as the passport's tokens use it: ES256, one `typ`, nothing critical.

Reading and believing are two steps: `read` gives header and payload of a text that is well formed
and of the expected type, `Jws.check` says whether a key signed it. Nothing in a header ever leads
to a fetch, and a key in a header counts only where the caller asks for one.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passport.rules.bad_token import BadToken
from passport.rules.es256 import PrivateKey, PublicKey, base64url, from_base64url, sign

MOST_BYTES = 64 * 1024
DEEPEST = 32
_REFUSED = ("crit", "b64", "zip", "jku", "x5u")


@dataclass(frozen=True, slots=True)
class Jws:
    """A well-formed JWS, not yet believed."""

    header: Mapping[str, Any]
    payload: bytes
    signed: bytes
    signature: bytes

    @property
    def claims(self) -> dict[str, Any]:
        """The payload as a JSON object. Raises `BadToken`."""
        return json_object(self.payload)

    def check(self, key: PublicKey) -> None:
        """Raises `BadToken` (`bad_signature`) unless `key` signed it."""
        if not key.verifies(self.signed, self.signature):
            raise BadToken("bad_signature")


def read(
    text: object, *, typ: str, key_headers: frozenset[str] = frozenset(), most: int = MOST_BYTES
) -> Jws:
    """A JWS of that `typ` and at most so many bytes. `key_headers` (`jwk`, `x5c`) may carry a key;
    one that is not asked for is refused. Raises `BadToken`."""
    if not isinstance(text, str) or len(text) > most or not text.isascii():
        raise BadToken("not_a_token")
    parts = text.split(".")
    if len(parts) != 3:
        raise BadToken("not_a_token")
    header = json_object(from_base64url(parts[0]))
    if header.get("alg") != "ES256":
        raise BadToken("wrong_algorithm")
    if header.get("typ") != typ:
        raise BadToken("wrong_type")
    if any(name in header for name in _REFUSED):
        raise BadToken("header_not_understood")
    if ({"jwk", "x5c"} & set(header)) - key_headers:
        raise BadToken("key_not_asked_for")
    if not isinstance(header.get("kid", ""), str):
        raise BadToken("header_not_understood")
    signed = f"{parts[0]}.{parts[1]}".encode()
    return Jws(header, from_base64url(parts[1]), signed, from_base64url(parts[2]))


def write(claims: Mapping[str, Any], key: PrivateKey, *, typ: str, **header: Any) -> str:
    """A signed compact JWS of those claims."""
    head = base64url(json_bytes({"alg": "ES256", "typ": typ, **header}))
    signed = f"{head}.{base64url(json_bytes(claims))}"
    return f"{signed}.{base64url(sign(key, signed.encode()))}"


def json_bytes(value: object) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def json_object(content: bytes) -> dict[str, Any]:
    """A JSON object: names once each, no deeper than `DEEPEST`, numbers finite, text that can be
    written again. Raises `BadToken` (`bad_json`)."""
    value = json_value(content)
    if not isinstance(value, dict):
        raise BadToken("bad_json")
    return value


def json_value(content: bytes) -> Any:
    """Any JSON value, as strictly as `json_object`."""
    try:
        value = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
        _bounded(value, 0)
    except (ValueError, RecursionError):
        raise BadToken("bad_json") from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_name: str) -> Any:
    raise ValueError


def _bounded(value: Any, depth: int) -> None:
    if depth > DEEPEST or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict):
        for name, one in value.items():
            name.encode()
            _bounded(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _bounded(one, depth + 1)
