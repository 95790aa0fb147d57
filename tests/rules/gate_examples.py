"""A gate token, and the means to make one wrong in a single place."""

import random
from datetime import UTC, date, datetime
from typing import Any

import cbor2

from passport.rules.tokens import base45, cbor_strict, es256, gate_token
from passport.rules.tokens.gate_facts import SUBJECTS, Award, Dbs, GateFacts, Registration

NOW = datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC)
SECOND = int(NOW.timestamp())
TODAY = SECOND - SECOND % 86_400
WEEK = 7 * 86_400
ISSUER, PHONE, STRANGER = es256.new_key(), es256.new_key(), es256.new_key()
LIST = "https://bank.rhq.nhs.uk/passport/status-lists/12"
STATUS = (LIST, 734_512)
HASH = bytes(range(16))


def webp(size: int, *, padding: int = 0) -> bytes:
    """A lossy WebP of so many bytes, 64 by 80, of noise; padded where its frame is odd."""
    noise = random.Random(7).randbytes(size - 30 - padding)
    frame = b"\x30\x01\x00\x9d\x01\x2a\x40\x00\x50\x00" + noise
    head = b"RIFF" + (size - 8).to_bytes(4, "little") + b"WEBPVP8 "
    return head + len(frame).to_bytes(4, "little") + frame + bytes(padding)


def facts(**changes: Any) -> GateFacts:
    return GateFacts(**{
        "name": "Amara Okonkwo",
        "role": "Staff nurse",
        "employer": "RHQ",
        "registration": Registration(
            body="NMC", number="08A1234E", status="registered",
            checked_on=date(2026, 11, 20), source="register",
        ),
        "dbs": Dbs(level="enhanced_barred", workforce="both", dated=date(2019, 2, 3)),
        "training": {
            name: Award(date(2026, 3, 1 + at), 2 if name in ("IPC", "MH", "SGA") else 1)
            for at, name in enumerate(SUBJECTS[:11])
        },
        "photo_hash": HASH,
        **changes,
    })  # fmt: skip


def issue(said: GateFacts | None = None, **changes: Any) -> bytes:
    given = {
        "key": ISSUER, "ods": "RHQ", "holder": es256.public(PHONE), "status": STATUS, "now": NOW,
        **changes,
    }  # fmt: skip
    return gate_token.issue_gate(said or facts(), **given)


def show(cwt: bytes | None = None, **changes: Any) -> str:
    return gate_token.show(cwt or issue(), **{"holder_key": PHONE, "now": NOW, **changes})


def believe(text: object, **changes: Any) -> gate_token.Gate:
    given = {"now": NOW, **changes}
    return gate_token.read(text).check(es256.public(ISSUER), **given)


CLAIMS: dict[Any, Any] = cbor_strict.read(cbor_strict.read(issue()).value[2])
HEADER: dict[Any, Any] = {1: -7, 4: es256.public(ISSUER).short_kid, 16: 293}
PROOF: dict[Any, Any] = {3: "dsp:gate", 6: SECOND}
DROP = object()
"""In the place of a value: leave it out."""


def changed(of: dict[Any, Any], changes: Any) -> Any:
    """`of` with some values changed; `changes` itself where it is no map."""
    if not isinstance(changes, dict):
        return changes
    return {name: one for name, one in {**of, **changes}.items() if one is not DROP}


def sign1(header: Any, payload: Any, key: es256.PrivateKey, **odd: Any) -> Any:
    """A COSE_Sign1; `odd` are its unprotected header, tag, signature or whole list of parts."""
    protected = header if isinstance(header, bytes) else cbor_strict.write(header)
    content = payload if isinstance(payload, bytes) else cbor_strict.write(payload)
    to_sign = cbor2.dumps(["Signature1", protected, b"", content])
    signature = odd.get("signature", lambda message: es256.sign(key, message))(to_sign)
    parts = [protected, odd.get("unprotected", {}), content, signature]
    return cbor2.CBORTag(odd.get("tag", 18), odd.get("parts", lambda them: them)(parts))


def issued(header: Any = (), claims: Any = (), key: es256.PrivateKey = ISSUER, **odd: Any) -> Any:
    """The issuer's part, wrong where told."""
    head = changed(HEADER, {} if header == () else header)
    return sign1(head, changed(CLAIMS, {} if claims == () else claims), key, **odd)


def forged(
    cwt: Any = None,
    header: Any = (),
    claims: Any = (),
    key: es256.PrivateKey = PHONE,
    **odd: Any,
) -> str:
    """A whole token, wrong where told."""
    head = {1: -7, 13: issued() if cwt is None else cwt, 16: 294}
    head = changed(head, {} if header == () else header)
    return written(sign1(head, changed(PROOF, {} if claims == () else claims), key, **odd))


def written(item: Any) -> str:
    """As a QR code says it, whether or not it is a token."""
    content = item if isinstance(item, bytes) else cbor_strict.write(item)
    return "SP1:" + base45.encode(content)
