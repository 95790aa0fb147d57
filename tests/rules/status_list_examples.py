"""Status lists, good and bad: the standard's vectors, and what is refused with which code."""

import base64
import gzip
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from passport.rules.tokens import es256, jws, status_list
from passport.rules.tokens.es256 import base64url

NOW = datetime(2026, 11, 2, 19, 30, tzinfo=UTC)
T = int(NOW.timestamp())
URI = "https://rh8.example.nhs.uk/passport/status-lists/7"
KEY, OTHER_KEY = es256.new_key(), es256.new_key()
ISSUER, STRANGER = es256.public(KEY), es256.public(OTHER_KEY)


def lst(entries: bytes) -> str:
    return base64url(zlib.compress(entries, 9))


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of a good list of 8 entries of 2 bits; `None` takes one away."""
    good = {
        "sub": URI,
        "iat": T - 600,
        "exp": T + 86_400,
        "ttl": 900,
        "status_list": {"bits": 2, "lst": lst(b"\xc9\x44")},
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def entries(**changed: Any) -> dict[str, Any]:
    """As `claims`, changed within `status_list`."""
    good = {"bits": 2, "lst": lst(b"\xc9\x44"), **changed}
    return claims(status_list={name: one for name, one in good.items() if one is not None})


def signed(payload: Mapping[str, Any], typ: str = status_list.TYP, **header: Any) -> str:
    return jws.write(payload, KEY, typ=typ, **header)


# --- the standard's own examples ---

FIRST = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
SECOND = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
SMALL = {
    "16 entries of 1 bit (§4.1)": (1, "eNrbuRgAAhcBXQ", b"\xb9\xa3", FIRST),
    "12 entries of 2 bits (§4.1)": (2, "eNo76fITAAPfAgc", b"\xc9\x44\xf9", SECOND),
}
LARGE = {
    "2^20 entries of 1 bit (Appendix C)": (
        1,
        "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA"
        "7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb",
        dict.fromkeys(
            (0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345), 1
        ),
    ),
    "2^20 entries of 2 bits (Appendix C)": (
        2,
        "eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAA"
        "AAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw",
        {0: 1, 1993: 2, 25460: 1, 159495: 3, 495669: 1, 554353: 1, 645645: 2, 723232: 1, 854545: 1,
         934534: 2, 1000345: 3},
    ),
}  # fmt: skip


# --- refusals ---

GOOD = signed(claims())
HEAD, BODY, SIGNATURE = GOOD.split(".")


def with_header(**changed: Any) -> str:
    header = {"alg": "ES256", "typ": status_list.TYP, **changed}
    begun = f"{base64url(jws.json_bytes(header))}.{BODY}"
    return f"{begun}.{base64url(es256.sign(KEY, begun.encode()))}"


def with_payload(payload: bytes) -> str:
    begun = f"{HEAD}.{base64url(payload)}"
    return f"{begun}.{base64url(es256.sign(KEY, begun.encode()))}"


def raw_deflate(content: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(content) + packing.flush()


def with_dictionary(content: bytes) -> bytes:
    packing = zlib.compressobj(zdict=b"\xc9\x44" * 8)
    return packing.compress(content) + packing.flush()


def bomb(megabytes: int) -> bytes:
    """So many megabytes of zeros in about a kilobyte each: one block, again and again."""
    packing = zlib.compressobj(9)
    block = packing.compress(bytes(2**20)) + packing.flush(zlib.Z_FULL_FLUSH)
    return block + block[2:] * (megabytes - 1) + packing.flush()


PACKED = zlib.compress(b"\xc9\x44", 9)
REFUSED: dict[str, tuple[object, str]] = {
    # the envelope
    "no text": (None, "not_a_token"),
    "bytes": (GOOD.encode(), "not_a_token"),
    "longer than any list": ("A" * (status_list.MOST_TEXT + 1), "not_a_token"),
    "of an access token's type": (signed(claims(), typ="at+jwt"), "wrong_type"),
    "of the trust list's type": (signed(claims(), typ="dsp-trustlist+jwt"), "wrong_type"),
    "the type of the other form": (signed(claims(), typ="statuslist+cwt"), "wrong_type"),
    "the type in capitals": (signed(claims(), typ="STATUSLIST+JWT"), "wrong_type"),
    "no type": (with_header(typ=None), "wrong_type"),
    "no algorithm": (with_header(alg="none"), "wrong_algorithm"),
    "a shared-secret algorithm": (with_header(alg="HS256"), "wrong_algorithm"),
    "a key of its own in the header": (with_header(jwk=ISSUER.jwk), "key_not_asked_for"),
    "a place to fetch the key from": (with_header(jku="https://x"), "header_not_understood"),
    "signed by another issuer": (
        jws.write(claims(), OTHER_KEY, typ=status_list.TYP), "bad_signature"),
    "its signature taken away": (f"{HEAD}.{BODY}.", "bad_signature"),
    "another list under the signature": (
        f"{HEAD}.{base64url(jws.json_bytes(claims(ttl=901)))}.{SIGNATURE}", "bad_signature"),
    "a claim twice": (with_payload(b'{"iat":1,"iat":1}'), "bad_json"),
    "a time that is not a number of JSON": (with_payload(b'{"iat":NaN}'), "bad_json"),
    "a time of 1e400": (with_payload(b'{"iat":1e400}'), "bad_json"),
    # whose list, and when
    "no sub": (signed(claims(sub=None)), "wrong_subject"),
    "the list of another address": (signed(claims(sub=f"{URI}0")), "wrong_subject"),
    "the same address in capitals": (signed(claims(sub=URI.upper())), "wrong_subject"),
    "sub in a list": (signed(claims(sub=[URI])), "wrong_subject"),
    "an audience": (signed(claims(aud=URI)), "wrong_audience"),
    "no iat": (signed(claims(iat=None)), "claim_missing"),
    "iat as text": (signed(claims(iat=str(T))), "bad_time"),
    "iat that is true": (signed(claims(iat=True)), "bad_time"),
    "a negative iat": (signed(claims(iat=-1)), "bad_time"),
    "an iat after the year 9999": (signed(claims(iat=1e300)), "bad_time"),
    "issued 61 s ahead of this clock": (signed(claims(iat=T + 61)), "made_in_the_future"),
    "begins 61 s ahead of this clock": (signed(claims(nbf=T + 61)), "not_yet_valid"),
    "nbf as text": (signed(claims(nbf=str(T))), "bad_time"),
    "expired now": (signed(claims(exp=T)), "expired"),
    "expired a year ago": (signed(claims(exp=T - 31_536_000)), "expired"),
    "ends with the year 9999, and a second": (
        signed(claims(exp=253_402_300_800)), "bad_time"),
    "exp as text": (signed(claims(exp=str(T + 900))), "bad_time"),
    "exp that is false": (signed(claims(exp=False)), "bad_time"),
    "a ttl of nothing": (signed(claims(ttl=0)), "bad_ttl"),
    "a negative ttl": (signed(claims(ttl=-1)), "bad_ttl"),
    "a ttl of a thousand years": (signed(claims(ttl=31_536_000_000)), "bad_ttl"),
    "a ttl as text": (signed(claims(ttl="900")), "bad_ttl"),
    "a ttl that is true": (signed(claims(ttl=True)), "bad_ttl"),
    # the entries
    "no status_list": (signed(claims(status_list=None)), "bad_status_list"),
    "a status_list that is text": (signed(claims(status_list=lst(b"\xc9"))), "bad_status_list"),
    "no bits": (signed(entries(bits=None)), "bad_status_list"),
    "three bits": (signed(entries(bits=3)), "bad_status_list"),
    "no bit": (signed(entries(bits=0)), "bad_status_list"),
    "sixteen bits": (signed(entries(bits=16)), "bad_status_list"),
    "bits with a fraction": (signed(entries(bits=2.0)), "bad_status_list"),
    "bits as text": (signed(entries(bits="2")), "bad_status_list"),
    "bits that is true": (signed(entries(bits=True)), "bad_status_list"),
    "no lst": (signed(entries(lst=None)), "bad_base64"),
    "lst as numbers": (signed(entries(lst=[201, 68])), "bad_base64"),
    "lst in base64 of the other alphabet": (
        signed(entries(lst=base64.b64encode(PACKED).decode())), "bad_base64"),
    "lst with padding": (signed(entries(lst=f"{base64url(PACKED)}==")), "bad_base64"),
    "an empty lst": (signed(entries(lst="")), "bad_status_list"),
    "lst not compressed": (signed(entries(lst=base64url(b"\xc9\x44"))), "bad_status_list"),
    "gzip in place of zlib": (
        signed(entries(lst=base64url(gzip.compress(b"\xc9\x44")))), "bad_status_list"),
    "raw deflate in place of zlib": (
        signed(entries(lst=base64url(raw_deflate(b"\xc9\x44")))), "bad_status_list"),
    "compressed with a secret dictionary": (
        signed(entries(lst=base64url(with_dictionary(b"\xc9\x44")))), "bad_status_list"),
    "cut in the middle": (signed(entries(lst=base64url(PACKED[:-5]))), "bad_status_list"),
    "cut before its checksum": (signed(entries(lst=base64url(PACKED[:-4]))), "bad_status_list"),
    "a wrong checksum": (signed(entries(lst=base64url(PACKED[:-1] + b"!"))), "bad_status_list"),
    "bytes after the list": (signed(entries(lst=base64url(PACKED + b"!"))), "bad_status_list"),
    "a second list after the list": (
        signed(entries(lst=base64url(PACKED + PACKED))), "bad_status_list"),
    "a zip bomb": (signed(entries(lst=base64url(bomb(64)))), "too_large"),
    "an aggregation_uri that is a number": (signed(entries(aggregation_uri=1)), "bad_uri"),
}  # fmt: skip
