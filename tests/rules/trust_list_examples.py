"""Trust lists, good and bad."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.rules.tokens import es256, jws, trust_list
from passport.rules.tokens.es256 import base64url
from passport.rules.tokens.x509_chain import TRUST_LIST_SIGNING, Purpose, make_leaf, make_root, x5c

NOW = datetime(2026, 11, 2, 19, 30, tzinfo=UTC)
T = int(NOW.timestamp())
DAY = timedelta(days=1)
ISS, SUB = "https://icb.example.nhs.uk", "https://icb.example.nhs.uk/passport/trust-list"
ROOT_KEY, LIST_KEY, OLD_KEY, NEW_KEY, HOST_KEY = (es256.new_key() for _ in range(5))
SIGNER, OLD, NEW, HOST = (es256.public(one) for one in (LIST_KEY, OLD_KEY, NEW_KEY, HOST_KEY))
ROOT = make_root("Passport root", ROOT_KEY, now=NOW)


def a_certificate(*purposes: Purpose, **options: Any) -> bytes:
    """For the key that signs the list, made out to its `iss`."""
    made_for = {"uri": ISS, **options}
    return make_leaf(
        "Signer", SIGNER, root=ROOT, root_key=ROOT_KEY, now=NOW, purposes=purposes, **made_for
    )


CERTIFICATE = a_certificate(TRUST_LIST_SIGNING)


def a_key(key: es256.PublicKey, **changed: Any) -> dict[str, Any]:
    good = {
        "jwk": key.jwk,
        "kid": key.kid,
        "not_before": T - 86_400,
        "not_after": T + 86_400,
        "revoked_from": None,
    }
    return good | changed


def an_issuer(ods: object, *keys: object, **changed: Any) -> dict[str, Any]:
    good = {
        "ods": ods,
        "name": f"The {ods!s} hospital",
        "successor": None,
        "keys": list(keys),
        "asserts": ["identity", "registration"],
    }
    return {name: value for name, value in {**good, **changed}.items() if value != "absent"}


def claims(**changed: Any) -> dict[str, Any]:
    """Trust RH8 was taken over by RHQ; `None` takes a claim away."""
    good = {
        "iss": ISS,
        "sub": SUB,
        "iat": T - 600,
        "exp": T + 86_400,
        "version": 12,
        "vct_base": "https://passport.example.nhs.uk",
        "status_prefixes": ["https://rh8.example.nhs.uk/lists/", "http://127.0.0.1:8000/lists/"],
        "issuers": [
            an_issuer("RH8", a_key(OLD, not_after=T - 3_600), successor="RHQ"),
            an_issuer("RHQ", a_key(NEW, not_before=T - 3_600)),
            an_issuer("8HA03", a_key(HOST), asserts=["site_induction"]),
        ],
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed(payload: Mapping[str, Any], typ: str = trust_list.TYP, **header: Any) -> str:
    return jws.write(payload, LIST_KEY, typ=typ, **{"x5c": x5c(CERTIFICATE), **header})


def with_issuers(*issuers: object) -> str:
    return signed(claims(issuers=list(issuers)))


def with_issuer(**changed: Any) -> str:
    return with_issuers(an_issuer(changed.pop("ods", "RH8"), a_key(OLD), **changed))


def with_key(**changed: Any) -> str:
    one = {name: value for name, value in a_key(OLD, **changed).items() if value != "absent"}
    return with_issuers(an_issuer("RH8", one))


GOOD = signed(claims())
HEAD, BODY, SIGNATURE = GOOD.split(".")
BAD, URI, TIME, KEY = "bad_trust_list", "bad_uri", "bad_time", "bad_key"
REFUSED: dict[str, tuple[object, str]] = {
    # the envelope
    "no text": (None, "not_a_token"),
    "longer than any list": ("A" * (trust_list.MOST_TEXT + 1), "not_a_token"),
    "of the status list's type": (signed(claims(), typ="statuslist+jwt"), "wrong_type"),
    "of a credential's type": (signed(claims(), typ="dc+sd-jwt"), "wrong_type"),
    "a key of its own in the header": (signed(claims(), jwk=SIGNER.jwk), "key_not_asked_for"),
    "no chain": (jws.write(claims(), LIST_KEY, typ=trust_list.TYP), "bad_chain"),
    "signed by another key than the certified": (
        jws.write(claims(), OLD_KEY, typ=trust_list.TYP, x5c=x5c(CERTIFICATE)), "bad_signature"),
    "its signature taken away": (f"{HEAD}.{BODY}.", "bad_signature"),
    "another list under the signature": (
        f"{HEAD}.{base64url(jws.json_bytes(claims(version=13)))}.{SIGNATURE}", "bad_signature"),
    "a list that an issuer certified by the same root signed": (
        signed(claims(), x5c=x5c(a_certificate())), "wrong_purpose"),
    "signed with a certificate made out to somebody else": (
        signed(claims(), x5c=x5c(a_certificate(TRUST_LIST_SIGNING, uri="https://x.example"))),
        "wrong_issuer"),
    "signed with a certificate made out to nobody": (
        signed(claims(), x5c=x5c(a_certificate(TRUST_LIST_SIGNING, uri=None))), "wrong_issuer"),
    # which list, and when
    "no iss": (signed(claims(iss=None)), URI),
    "no sub": (signed(claims(sub=None)), URI),
    "another list of the same signer": (signed(claims(sub=f"{SUB}/2")), "wrong_subject"),
    "an audience": (signed(claims(aud=ISS)), "wrong_audience"),
    "no iat": (signed(claims(iat=None)), "claim_missing"),
    "issued 61 s ahead of this clock": (signed(claims(iat=T + 61)), "made_in_the_future"),
    "begins 61 s ahead of this clock": (signed(claims(nbf=T + 61)), "not_yet_valid"),
    "no exp": (signed(claims(exp=None)), "claim_missing"),
    "expired now": (signed(claims(exp=T)), "expired"),
    "exp as text": (signed(claims(exp=str(T + 9))), TIME),
    # its version
    "no version": (signed(claims(version=None)), "bad_version"),
    "version 0": (signed(claims(version=0)), "bad_version"),
    "a negative version": (signed(claims(version=-1)), "bad_version"),
    "a version with a fraction": (signed(claims(version=12.0)), "bad_version"),
    "a version as text": (signed(claims(version="12")), "bad_version"),
    "a version that is true": (signed(claims(version=True)), "bad_version"),
    "a version that readers round": (signed(claims(version=2**53)), "bad_version"),
    # where things are
    "no vct_base": (signed(claims(vct_base=None)), URI),
    "a vct_base without a host": (signed(claims(vct_base="https:///types")), URI),
    "a vct_base of another scheme": (signed(claims(vct_base="file://host/types")), URI),
    "a vct_base that hides its host": (signed(claims(vct_base="https://nhs.uk@evil.uk")), URI),
    "a vct_base with a fragment": (signed(claims(vct_base="https://nhs.uk/#a")), URI),
    "a vct_base nobody can read": (signed(claims(vct_base="https://[")), URI),
    "no prefixes": (signed(claims(status_prefixes=None)), BAD),
    "a prefix in place of the list": (signed(claims(status_prefixes="https://a.uk/")), BAD),
    "a prefix without a slash at its end": (
        signed(claims(status_prefixes=["https://rh8.example.nhs.uk"])), URI),
    "a prefix that is a number": (signed(claims(status_prefixes=[1])), URI),
    "a prefix that is every place": (signed(claims(status_prefixes=["https://"])), URI),
    "too many prefixes": (signed(claims(status_prefixes=["https://a.uk/"] * 1_001)), BAD),
    # the issuers
    "no issuers": (signed(claims(issuers=None)), BAD),
    "issuers by name in place of the list": (signed(claims(issuers={"RH8": {}})), BAD),
    "too many issuers": (with_issuers(*[{}] * 2_001), BAD),
    "an issuer that is text": (with_issuers("RH8"), BAD),
    "an organisation twice": (with_issuers(an_issuer("RH8"), an_issuer("RH8")), BAD),
    "no ODS code": (with_issuer(ods="absent"), BAD),
    "an ODS code in small letters": (with_issuer(ods="rh8"), BAD),
    "an ODS code of nine letters": (with_issuer(ods="RH8RH8RH8"), BAD),
    "an ODS code with a line break": (with_issuer(ods="RH8\n"), BAD),
    "no name": (with_issuer(name="absent"), BAD),
    "an empty name": (with_issuer(name=""), BAD),
    "a name that turns the text round": (with_issuer(name="Royal \u202e latipsoH"), BAD),
    "a name with a line break": (with_issuer(name="Royal\nHospital"), BAD),
    "an endless name": (with_issuer(name="R" * 201), BAD),
    "no list of types": (with_issuer(asserts="absent"), BAD),
    "a type in place of the list": (with_issuer(asserts="identity"), BAD),
    "a type that is a number": (with_issuer(asserts=[1]), BAD),
    "a type with a blank": (with_issuer(asserts=["right to work"]), BAD),
    "too many types": (with_issuer(asserts=["identity"] * 101), BAD),
    "a successor that is a number": (with_issuer(successor=8), BAD),
    "a successor that is not listed": (with_issuer(successor="RHQ"), BAD),
    "its own successor": (with_issuer(successor="RH8"), BAD),
    "successors in a ring": (
        with_issuers(an_issuer("R01", successor="R02"), an_issuer("R02", successor="R03"),
                     an_issuer("R03", successor="R02")), BAD),
    # their keys
    "no list of keys": (with_issuer(keys="absent"), BAD),
    "a key in place of the list": (with_issuer(keys=a_key(OLD)), BAD),
    "too many keys": (with_issuer(keys=[a_key(OLD)] * 51), BAD),
    "a key that is text": (with_issuer(keys=[OLD.kid]), BAD),
    "no kid": (with_key(kid="absent"), BAD),
    "a kid that is a number": (with_key(kid=7), BAD),
    "an empty kid": (with_key(kid=""), BAD),
    "an endless kid": (with_key(kid="k" * 201), BAD),
    "no jwk": (with_key(jwk="absent"), KEY),
    "a jwk with its private part": (with_key(jwk={**OLD.jwk, "d": "AQ"}), KEY),
    "a jwk for encryption": (with_key(jwk={**OLD.jwk, "use": "enc"}), KEY),
    "a jwk of another curve": (with_key(jwk={**OLD.jwk, "crv": "P-384"}), KEY),
    "a jwk off the curve": (with_key(jwk={**OLD.jwk, "y": OLD.jwk["x"]}), KEY),
    "no not_before": (with_key(not_before="absent"), TIME),
    "no not_after": (with_key(not_after="absent"), TIME),
    "a not_after as text": (with_key(not_after=str(T)), TIME),
    "revoked from a text on": (with_key(revoked_from="now"), TIME),
    "revoked from false on": (with_key(revoked_from=False), TIME),
    "a key that ends as it begins": (with_key(not_before=T, not_after=T), BAD),
}  # fmt: skip
