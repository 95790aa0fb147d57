"""Compact JWS (RFC 7515) as the passport's tokens use it: ES256, one `typ`, nothing critical.

Reading and believing are two steps: `read` gives header and payload of a text that is well formed
and of the expected type, `Jws.check` says whether a key signed it. Nothing in a header ever leads
to a fetch, and a key in a header counts only where the caller asks for one.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PrivateKey, PublicKey, base64url, from_base64url, sign

MOST_BYTES = 64 * 1024
DEEPEST = 32
_SHORT = 512
"""Characters of a header that is worth remembering."""
json_text = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
"""Compact JSON. `ValueError` for what has none."""
_BLANKS = " \t\n\r"
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
    head, payload, signature = parts
    known = _header_again if len(head) <= _SHORT else _header
    header = known(head, typ, key_headers)
    signed = text[: len(head) + 1 + len(payload)].encode()
    return Jws(header, from_base64url(payload), signed, from_base64url(signature))


def _header(text: str, typ: str, key_headers: frozenset[str]) -> Mapping[str, Any]:
    header = json_object(from_base64url(text))
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
    return MappingProxyType(header)


_header_again = lru_cache(maxsize=1_024)(_header)
"""All tokens of an issuer, and all key bindings, begin with the same header."""


def write(claims: Mapping[str, Any], key: PrivateKey, *, typ: str, **header: Any) -> str:
    """A signed compact JWS of those claims."""
    head = base64url(json_bytes({"alg": "ES256", "typ": typ, **header}))
    signed = f"{head}.{base64url(json_bytes(claims))}"
    return f"{signed}.{base64url(sign(key, signed.encode()))}"


def json_bytes(value: object) -> bytes:
    """Compact JSON, as it is signed."""
    return json_text(value).encode()


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
        text = content.decode().strip(_BLANKS)
        value, end = _scan(text, 0)
        if end != len(text):
            raise ValueError
        # each look costs as much as the reading, so only where there can be something to find:
        # half a character comes from an escape alone, and depth from brackets
        if b"\\" in content or content.count(b"{") + content.count(b"[") > DEEPEST:
            _bounded(value, 0)
    except (ValueError, RecursionError, StopIteration):
        raise BadToken("bad_json") from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_name: str) -> Any:
    raise ValueError


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError
    return value


_JSON = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite
)
_scan: Callable[[str, int], tuple[Any, int]] = _JSON.scan_once  # type: ignore[attr-defined]
"""What `raw_decode` calls; a third of reading a disclosure lies in between."""


def _bounded(value: Any, depth: int) -> None:
    if depth > DEEPEST:
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
