"""Is this the person's own passport, shown here and now, as an issuer signed it?

A gate token is what a phone shows at a door that may have no network. The issuer signs what it
knows and the public key of the phone (a CWT, RFC 8392, for at most seven days); the phone signs
that again with the time every 15 seconds (shaped as an SD-CWT key-binding token). Written as
`SP1:` and base45 for a QR code; the layout is `docs/gate-token.cddl`.

Believed only where both signatures are true, the phone signed for this audience no more than 60
seconds before and 30 seconds after the verifier's now, and the issuer's seven days are not over.
That stops photographs and printed copies; a live relay is stopped by a challenge: digits on the
verifier's screen that the holder types into the phone. A phone and a verifier whose clocks differ
are told by how much, as that is no forgery. Who the issuer is and what it may say is for the
trust list; whether the token was revoked, for the status list.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cbor2 import CBORTag, dumps

from passport.rules.tokens import base45, cbor_strict
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PrivateKey, PublicKey, from_cose, public, sign, to_cose
from passport.rules.tokens.gate_facts import GateFacts, ods_code, pack, unpack

PREFIX = "SP1:"
GATE = "dsp:gate"
"""The audience of a token that any gate may take."""
MOST_DAYS = 7
OLDEST, NEWEST = timedelta(seconds=60), timedelta(seconds=30)
"""How far the phone's signature may lie behind and ahead of the verifier's now."""
REPLAY = timedelta(minutes=2)
"""How long a verifier keeps `Gate.seen`: longer than any token is taken."""
MOST_CWT = 866
"""Bytes an issuer may sign: shown at a gate, a QR code of version 25 at level M; with the digits of
a challenge it may need level L."""

_ES256, _ESP256 = -7, -9
_ALG, _KID, _KCWT, _TYP = 1, 4, 13, 16
_CWT, _KBT = 293, 294
_ISS, _AUD, _EXP, _IAT, _CTI, _CNF, _CNONCE = 1, 3, 4, 6, 7, 8, 39
_STATUS, _FACTS = 65535, -65537
_COSE_KEY = 1
_HEADER_ISSUED, _HEADER_SHOWN = frozenset((_ALG, _KID, _TYP)), frozenset((_ALG, _KCWT, _TYP))
_CLAIMS = frozenset((_ISS, _EXP, _IAT, _CTI, _CNF, _STATUS, _FACTS))
_PROOF = frozenset((_AUD, _IAT, _CNONCE))
_KID_BYTES, _LONGEST_CTI, _LONGEST_URI, _LATEST = 8, 32, 200, 253_402_300_799
_MOST_TEXT = len(PREFIX) + cbor_strict.MOST_BYTES * 3 // 2
_DAY = 86_400
_CHALLENGE = re.compile(r"[0-9]{4,6}", re.ASCII)
_URI = re.compile(r"https?://[!-~]+", re.ASCII)


class StatusAt(NamedTuple):
    """Where a status list tells whether the token was revoked."""

    uri: str
    idx: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a gate token says."""

    ods: str
    """The issuer."""
    kid: bytes
    """The short name of the issuer's key; several keys may share it."""
    facts: GateFacts
    holder: PublicKey
    status: StatusAt | None
    issued_at: datetime
    expires_at: datetime
    shown_at: datetime
    """When the phone signed, by the phone's clock."""
    audience: str
    challenge: str | None

    @property
    def seen(self) -> tuple[bytes, int]:
        """Keep it for `REPLAY`, refuse it when it comes again: the phone's key and its second. The
        signatures name nothing, each has a second spelling."""
        return self.holder.digest, int(self.shown_at.timestamp())


class _Signed(NamedTuple):
    header: dict[Any, Any]
    payload: dict[Any, Any]
    message: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class GateToken:
    """A well-formed gate token, not yet believed: `said` is only for finding the key to check."""

    said: Gate
    _issued: _Signed
    _shown: _Signed

    def clock_difference(self, now: datetime) -> timedelta:
        """How far the phone's clock was ahead of `now` when it signed; behind, where negative."""
        return self.said.shown_at - now

    def check(
        self,
        key: PublicKey,
        *,
        now: datetime,
        audience: str | Set[str] = GATE,
        challenge: str | None = None,
    ) -> Gate:
        """What it says, believed, where `key` is the issuer's. Raises `BadToken`: for clocks that
        differ (`too_old`, `too_new`) with the seconds in its detail."""
        if not key.verifies(self._issued.message, self._issued.signature):
            raise BadToken("bad_signature", "not signed by this issuer's key")
        if not self.said.holder.verifies(self._shown.message, self._shown.signature):
            raise BadToken("bad_holder_signature", "not signed by the phone it was issued to")
        if self.said.audience not in ({audience} if isinstance(audience, str) else audience):
            raise BadToken("wrong_audience")
        self._check_challenge(challenge)
        self._check_times(now)
        return self.said

    def _check_challenge(self, challenge: str | None) -> None:
        if self.said.challenge == challenge:
            return
        if challenge is None:
            raise BadToken("challenge_not_asked_for", "made for another verifier's challenge")
        raise BadToken("challenge_missing" if self.said.challenge is None else "wrong_challenge")

    def _check_times(self, now: datetime) -> None:
        difference = self.clock_difference(now)
        seconds = int(abs(difference).total_seconds())
        if difference < -OLDEST:
            raise BadToken("too_old", f"the holder's clock was {seconds} s behind, or a copy")
        if difference > NEWEST:
            raise BadToken("too_new", f"the holder's clock was {seconds} s ahead")
        if now >= self.said.expires_at:
            raise BadToken("expired")
        if now < self.said.issued_at - NEWEST:
            raise BadToken("issued_in_the_future")


def issue_gate(
    facts: GateFacts,
    *,
    key: PrivateKey,
    ods: str,
    holder: PublicKey,
    status: tuple[str, int] | None,
    now: datetime,
    days: int = MOST_DAYS,
) -> bytes:
    """The CWT that `ods` signs for a phone. Its times are rounded down to the day, today being the
    first of `days`, so that tokens of one batch cannot be told by their second. Raises `BadToken`
    where the facts cannot be said in one (`bad_facts`), or a QR code gets too large (`too_long`).
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError("a gate token lives for one to seven days")
    today = int(now.timestamp()) // _DAY * _DAY
    payload: dict[int, Any] = {
        _ISS: ods_code(ods),
        _EXP: today + days * _DAY,
        _IAT: today,
        _CNF: {_COSE_KEY: to_cose(holder)},
        _FACTS: pack(facts, ods=ods),
    }
    if status is not None:
        uri, idx = status
        payload[_STATUS] = {"status_list": {"idx": idx, "uri": uri}}
        _status(payload[_STATUS])
    header = {_ALG: _ES256, _KID: public(key).short_kid, _TYP: _CWT}
    cwt = cbor_strict.write(_sign1(header, payload, key))
    if len(cwt) > MOST_CWT:
        raise BadToken("too_long", "shorten the face, the names, or the address of the list")
    return cwt


def show(
    cwt: bytes,
    *,
    holder_key: PrivateKey,
    now: datetime,
    audience: str = GATE,
    challenge: str | None = None,
) -> str:
    """The text of the QR code that a phone shows now. Raises `BadToken` for no CWT."""
    payload: dict[int, Any] = {_AUD: audience, _IAT: int(now.timestamp())}
    if challenge is not None:
        payload[_CNONCE] = challenge.encode()
    header = {_ALG: _ES256, _KCWT: cbor_strict.read(cwt), _TYP: _KBT}
    return PREFIX + base45.encode(cbor_strict.write(_sign1(header, payload, holder_key)))


def read(text: object) -> GateToken:
    """The gate token of a QR code's text. Raises `BadToken`."""
    if not isinstance(text, str) or not text.startswith(PREFIX):
        raise BadToken("not_a_token")
    if len(text) > _MOST_TEXT:
        raise BadToken("too_long")
    item = cbor_strict.read(base45.decode(text.removeprefix(PREFIX)))
    shown = _signed(item, typ=_KBT, header=_HEADER_SHOWN)
    issued = _signed(shown.header[_KCWT], typ=_CWT, header=_HEADER_ISSUED)
    return GateToken(_said(issued, shown), issued, shown)


def _said(issued: _Signed, shown: _Signed) -> Gate:
    """What both payloads say, each claim of the kind it must be and none besides."""
    claims, proof, kid = issued.payload, shown.payload, issued.header[_KID]
    if not (claims.keys() <= _CLAIMS and proof.keys() <= _PROOF):
        raise BadToken("claims_not_understood")
    if not isinstance(kid, bytes) or len(kid) != _KID_BYTES:
        raise BadToken("header_not_understood", "no key name of 8 bytes")
    if _CTI in claims:
        _token_id(claims[_CTI])
    issued_at, expires_at = _time(claims.get(_IAT)), _time(claims.get(_EXP))
    if not timedelta() < expires_at - issued_at <= timedelta(days=MOST_DAYS):
        raise BadToken("bad_time", "lives for no time, or for more than seven days")
    ods = ods_code(claims.get(_ISS))
    return Gate(
        ods=ods,
        kid=kid,
        facts=unpack(claims.get(_FACTS), ods=ods),
        holder=_holder(claims.get(_CNF)),
        status=_status(claims[_STATUS]) if _STATUS in claims else None,
        issued_at=issued_at,
        expires_at=expires_at,
        shown_at=_time(proof.get(_IAT)),
        audience=_audience(proof.get(_AUD)),
        challenge=_challenge(proof[_CNONCE]) if _CNONCE in proof else None,
    )


def _signed(item: object, *, typ: int, header: Set[int]) -> _Signed:
    """A COSE_Sign1 with its payload inside, of that type and with exactly those parameters."""
    parts = item.value if isinstance(item, CBORTag) else None
    if not isinstance(parts, list) or len(parts) != 4:
        raise BadToken("not_a_token", "no COSE_Sign1")
    protected, unprotected, payload, signature = parts
    if not all(isinstance(one, bytes) for one in (protected, payload, signature)):
        raise BadToken("not_a_token", "no COSE_Sign1")
    if unprotected != {}:
        raise BadToken("header_not_protected")
    found, claims = cbor_strict.read(protected), cbor_strict.read(payload)
    if not isinstance(found, dict) or not isinstance(claims, dict):
        raise BadToken("not_a_token", "no CWT")
    if type(found.get(_ALG)) is not int or found[_ALG] not in (_ES256, _ESP256):
        raise BadToken("wrong_algorithm")
    if type(found.get(_TYP)) is not int or found[_TYP] != typ:
        raise BadToken("wrong_type", "the phone's proof is missing" if typ == _KBT else "")
    if found.keys() != header:
        raise BadToken("header_not_understood")
    return _Signed(found, claims, _to_sign(protected, payload), signature)


def _sign1(header: dict[int, Any], payload: dict[int, Any], key: PrivateKey) -> CBORTag:
    protected, content = cbor_strict.write(header), cbor_strict.write(payload)
    signature = sign(key, _to_sign(protected, content))
    return CBORTag(cbor_strict.SIGN1, [protected, {}, content, signature])


def _to_sign(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure (RFC 9052 §4.4)."""
    return dumps(["Signature1", protected, b"", payload])


def _time(value: object) -> datetime:
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise BadToken("bad_time")
    return datetime.fromtimestamp(value, UTC)


def _holder(confirmation: object) -> PublicKey:
    if not isinstance(confirmation, dict) or confirmation.keys() != {_COSE_KEY}:
        raise BadToken("bad_key", "no phone to be bound to")
    return from_cose(confirmation[_COSE_KEY])


def _status(status: object) -> StatusAt:
    inner = status.get("status_list") if isinstance(status, dict) and len(status) == 1 else None
    if not isinstance(inner, dict) or inner.keys() != {"idx", "uri"}:
        raise BadToken("bad_status")
    idx, uri = inner["idx"], inner["uri"]
    if type(idx) is not int or not 0 <= idx < 1 << 32:
        raise BadToken("bad_status")
    if not isinstance(uri, str) or len(uri) > _LONGEST_URI or not _URI.fullmatch(uri):
        raise BadToken("bad_status")
    return StatusAt(uri, idx)


def _token_id(cti: object) -> None:
    if not isinstance(cti, bytes) or not 0 < len(cti) <= _LONGEST_CTI:
        raise BadToken("claims_not_understood")


def _audience(value: object) -> str:
    return GATE if value == GATE else ods_code(value)


def _challenge(value: object) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else ""
    if not _CHALLENGE.fullmatch(text):
        raise BadToken("bad_challenge")
    return text
