"""Token Status List (draft-ietf-oauth-status-list-20), in its JWT form.

One list holds a small number for each of many credentials, at the index its credential names.
An issuer fills a `StatusList` and signs it; whoever relies on a credential reads the list with
`read_list`, after the credential itself was found good.

Which index is free, and at random, is the caller's to know: nothing here hands one out.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from passport.rules.tokens import jws
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PrivateKey, PublicKey, base64url, from_base64url
from passport.rules.tokens.numeric_dates import SKEW, issued_and_ends, seconds

TYP = "statuslist+jwt"
MEDIA_TYPE = f"application/{TYP}"
MOST_TEXT = 4 * 1024 * 1024
"""Characters of a token: 2^20 random entries of 2 bits need an eighth of them."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of a list when inflated: 33 million entries of 2 bits."""
MOST_INDEX = MOST_BYTES * 8
LONGEST_URI = 2_048
LONGEST_TTL = timedelta(days=3_660)
_BITS = (1, 2, 4, 8)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-Z\[\]_a-z~]+")

Keys = PublicKey | Callable[[Mapping[str, Any]], Iterable[PublicKey]]
"""The issuer's key, or what finds its possible keys by the header (`kid`, `x5c`)."""


class Status(IntEnum):
    """What a list says of a credential. Only `VALID` is good."""

    VALID = 0
    INVALID = 1
    """Revoked, for good."""
    SUSPENDED = 2
    """Not valid for the time being."""
    OTHER = 3
    """Any other value: its meaning is the issuer's own, or of a later standard."""


class StatusList:
    """Statuses to be signed; every entry starts as valid."""

    def __init__(self, *, size: int, bits: int = 2) -> None:
        if bits not in _BITS or size <= 0 or size % 8 or size * bits > MOST_BYTES * 8:
            raise ValueError("bits are 1, 2, 4 or 8, and the size a multiple of 8 within bounds")
        self.bits = bits
        self._packed = bytearray(size * bits // 8)

    def __len__(self) -> int:
        return len(self._packed) * 8 // self.bits

    def set(self, idx: int, value: int) -> None:
        """Put a status at an index."""
        if not 0 <= idx < len(self) or not 0 <= value < 1 << self.bits:
            raise ValueError("no such index or value in this list")
        byte, shift = divmod(idx * self.bits, 8)
        ones = (1 << self.bits) - 1
        self._packed[byte] = self._packed[byte] & ~(ones << shift) | value << shift

    @property
    def lst(self) -> str:
        """The entries, packed least significant bit first and compressed."""
        return base64url(zlib.compress(self._packed, 9))

    def token(
        self,
        key: PrivateKey,
        *,
        uri: str,
        now: datetime,
        lifetime: timedelta = timedelta(days=7),
        ttl: timedelta = timedelta(minutes=15),
        aggregation_uri: str | None = None,
        **header: Any,
    ) -> str:
        """The signed list, as it is published at `uri`. The header names the key: `kid`, `x5c`."""
        entries = {"bits": self.bits, "lst": self.lst}
        if aggregation_uri is not None:
            entries["aggregation_uri"] = aggregation_uri
        claims = {
            "sub": uri,
            "iat": seconds(now),
            "exp": seconds(now + lifetime),
            "ttl": int(ttl.total_seconds()),
            "status_list": entries,
        }
        return jws.write(claims, key, typ=TYP, **header)


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a credential's status stands."""

    uri: str
    idx: int


@dataclass(frozen=True, slots=True)
class Statuses:
    """A list that was read and believed."""

    uri: str
    signer: PublicKey
    iat: datetime
    exp: datetime | None
    """From here on it says nothing any more."""
    ttl: timedelta | None
    """After which time a fresh copy should be fetched."""
    aggregation_uri: str | None
    bits: int
    packed: bytes

    def __len__(self) -> int:
        return len(self.packed) * 8 // self.bits

    def at(self, idx: object) -> Status:
        """The status at an index. Raises `BadToken` (`bad_status_index`) outside the list."""
        if type(idx) is not int or not 0 <= idx < len(self):
            raise BadToken("bad_status_index", "the list has no such index")
        byte, shift = divmod(idx * self.bits, 8)
        value = self.packed[byte] >> shift & (1 << self.bits) - 1
        return Status(value) if value in (0, 1, 2) else Status.OTHER


def read_reference(claim: object) -> Reference:
    """What the `status` claim of a credential points to. Raises `BadToken`."""
    found = claim.get("status_list") if isinstance(claim, Mapping) else None
    if not isinstance(found, Mapping):
        raise BadToken("bad_status_reference", "no status_list")
    idx, uri = found.get("idx"), found.get("uri")
    if type(idx) is not int or not 0 <= idx < MOST_INDEX:
        raise BadToken("bad_status_index", "not an index of any list")
    return Reference(_uri(uri), idx)


def read_list(
    text: object,
    *,
    uri: str,
    key: Keys,
    now: datetime,
    at_least: datetime | None = None,
    skew: timedelta = SKEW,
) -> Statuses:
    """The list published at `uri`, signed by the issuer's key. Raises `BadToken`.

    `at_least`: the `iat` of the newest list ever seen at that URI; an older one is a roll-back.
    """
    token = jws.read(text, typ=TYP, key_headers=frozenset({"x5c"}), most=MOST_TEXT)
    signer = _signer(token, key)
    claims = token.claims
    if claims.get("sub") != uri:
        raise BadToken("wrong_subject", "a list for another address")
    if "aud" in claims:
        raise BadToken("wrong_audience", "a list is for everybody")
    iat, exp = issued_and_ends(claims, now=now, skew=skew)
    if at_least is not None and iat < at_least:
        raise BadToken("rolled_back", "a newer list was seen before")
    bits, packed, aggregation_uri = _entries(claims.get("status_list"))
    return Statuses(
        uri=uri,
        signer=signer,
        iat=iat,
        exp=exp,
        ttl=_ttl(claims["ttl"]) if "ttl" in claims else None,
        aggregation_uri=aggregation_uri,
        bits=bits,
        packed=packed,
    )


def _signer(token: jws.Jws, key: Keys) -> PublicKey:
    candidates = (key,) if isinstance(key, PublicKey) else key(token.header)
    for candidate in candidates:
        if candidate.verifies(token.signed, token.signature):
            return candidate
    raise BadToken("bad_signature")


def _entries(found: object) -> tuple[int, bytes, str | None]:
    if not isinstance(found, Mapping):
        raise BadToken("bad_status_list", "no status_list")
    bits, aggregation_uri = found.get("bits"), found.get("aggregation_uri")
    if type(bits) is not int or bits not in _BITS:
        raise BadToken("bad_status_list", "bits is none of 1, 2, 4, 8")
    if "aggregation_uri" in found:
        aggregation_uri = _uri(aggregation_uri)
    return bits, _inflated(from_base64url(found.get("lst"))), aggregation_uri


def _inflated(compressed: bytes) -> bytes:
    """Never more than one byte beyond the bound is unpacked, whatever the text promises."""
    unpacking = zlib.decompressobj()
    try:
        packed = unpacking.decompress(compressed, MOST_BYTES + 1)
    except zlib.error:
        raise BadToken("bad_status_list", "not zlib") from None
    if len(packed) > MOST_BYTES:
        raise BadToken("too_large", "the list inflates beyond the bound")
    if not unpacking.eof:
        raise BadToken("bad_status_list", "cut short")
    if unpacking.unused_data:
        raise BadToken("bad_status_list", "more than the list")
    return packed


def _ttl(value: object) -> timedelta:
    longest = LONGEST_TTL.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= longest:
        raise BadToken("bad_ttl", "not a positive number of seconds within reason")
    return timedelta(seconds=value)


def _uri(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_URI or not _URI.fullmatch(value):
        raise BadToken("bad_uri", "not an address (RFC 3986)")
    return value
