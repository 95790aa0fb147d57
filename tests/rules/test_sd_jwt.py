"""A credential from issuer to holder to verifier, and what conforming others may write."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import from_base64url, public
from passport.rules.tokens.jws import MOST_BYTES
from passport.rules.tokens.sd_jwt import NEVER_DISCLOSABLE, Presented, issue, present, read
from tests.rules.sd_jwt_examples import (
    AUDIENCE,
    DECOY,
    FAMILY,
    GIVEN,
    GONE,
    HOLDER,
    ISSUER,
    NONCE,
    NOW,
    OTHER,
    SECONDS,
    VCT,
    at,
    bound,
    check,
    credential,
    digest,
    disclosure,
    signature_of,
    with_claims,
    with_signature,
)

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CLAIMS = {
    "vct": VCT,
    "iss": "https://issuer.example",
    "exp": SECONDS + 3600,
    "status": {"status_list": {"idx": 5, "uri": "https://issuer.example/lists/1"}},
    "given_name": "Ada",
    "family_name": "Okafor",
    "grade": 5,
}
HIDDEN = ("given_name", "family_name")
CNF = {"cnf": {"jwk": public(HOLDER).jwk}}


def issued(claims: dict[str, Any] = CLAIMS, hidden: Any = HIDDEN, **others: Any) -> str:
    settings = {"key": ISSUER, "header": {"kid": "k1"}, "holder": public(HOLDER), **others}
    return issue(claims, disclosable=hidden, **settings)


def presented(text: str, *names: str, **others: Any) -> str:
    settings = {"holder_key": HOLDER, "audience": AUDIENCE, "nonce": NONCE, "now": NOW, **others}
    return present(text, names=names, **settings)


def unasked(text: str) -> Presented:
    """As a verifier that needs no key binding."""
    return read(text).check(public(ISSUER), now=NOW, audience=None, nonce=None)


# Issuing


def test_the_issuer_signs_digests_and_what_is_always_visible() -> None:
    token = read(issued(decoys=3))
    assert dict(token.header) == {"alg": "ES256", "typ": "dc+sd-jwt", "kid": "k1"}
    visible = {name: value for name, value in CLAIMS.items() if name not in HIDDEN}
    digests = token.issuer_claims["_sd"]
    assert token.issuer_claims == visible | CNF | {"_sd": digests, "_sd_alg": "sha-256"}
    assert len(set(digests)) == 5
    assert digests == sorted(digests)
    assert {digest(text) for text in token.disclosures} < set(digests)
    assert token.binding is None


def test_each_disclosure_has_a_salt_of_its_own_of_at_least_128_bits() -> None:
    shown = [d for _ in range(2) for d in read(issued()).disclosures]
    salts = [json.loads(from_base64url(text))[0] for text in shown]
    assert len(set(salts)) == 4
    assert all(len(from_base64url(salt)) >= 16 for salt in salts)


def test_nothing_to_hide_is_said_with_no_digests() -> None:
    token = read(issued(hidden=()))
    assert token.issuer_claims == CLAIMS | CNF
    assert token.disclosures == ()


def test_a_credential_may_be_for_whoever_holds_it() -> None:
    seen = unasked(issued(holder=None))
    assert (seen.holder, seen.bound) == (None, False)


NOT_ISSUED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "no vct": ({k: v for k, v in CLAIMS.items() if k != "vct"}, {}),
    "an empty vct": (CLAIMS | {"vct": ""}, {}),
    "a status that is text": (CLAIMS | {"status": "valid"}, {}),
    "a key of the holder among the claims": (CLAIMS | CNF, {}),
    "the claim _sd": (CLAIMS | {"_sd": [DECOY]}, {}),
    "the claim _sd_alg": (CLAIMS | {"_sd_alg": "md5"}, {}),
    "the claim ... in an array": (CLAIMS | {"a": [{"...": DECOY}]}, {}),
    "the claim _sd further down": (CLAIMS | {"a": {"b": [{"_sd": []}]}}, {}),
    "a claim that is not there made disclosable": (CLAIMS, {"hidden": ("birth_date",)}),
    "a header with another algorithm": (CLAIMS, {"header": {"alg": "none"}}),
    "a header with another type": (CLAIMS, {"header": {"typ": "JWT"}}),
    "NaN": (CLAIMS | {"a": float("nan")}, {}),
    "half a character": (CLAIMS | {"a": "\ud800"}, {}),
    "more than 64 KB": (CLAIMS | {"a": "x" * MOST_BYTES}, {}),
    "513 disclosures": (
        CLAIMS | {f"n{n}": n for n in range(513)}, {"hidden": [f"n{n}" for n in range(513)]},
    ),
    "33 levels": (CLAIMS | {"a": json.loads("[" * 33 + "]" * 33)}, {}),
} | {
    f"{name} made disclosable": (
        CLAIMS | {"nbf": 1, "vct#integrity": "sha256-a", "aka_vcts": ["a"]}, {"hidden": (name,)},
    )
    for name in sorted(NEVER_DISCLOSABLE - {"cnf"})
}  # fmt: skip


@pytest.mark.parametrize(("claims", "others"), NOT_ISSUED.values(), ids=NOT_ISSUED.keys())
def test_what_no_reader_would_accept_is_not_issued(
    claims: dict[str, Any], others: dict[str, Any]
) -> None:
    with pytest.raises(ValueError):
        issued(claims, **others)


def test_the_deepest_claims_are_read_again() -> None:
    deep = json.loads("[" * 32 + "]" * 32)
    assert unasked(issued(CLAIMS | {"a": deep}, ("a",))).claims["a"] == deep


# Presenting


def test_the_verifier_sees_what_was_chosen() -> None:
    seen = check(presented(issued(decoys=2), "family_name"))
    assert seen.claims == {k: v for k, v in CLAIMS.items() if k != "given_name"} | CNF
    assert seen.header["kid"] == "k1"
    assert seen.holder == public(HOLDER)
    assert seen.bound
    assert seen.bound_at == NOW


def test_a_chosen_claim_is_presented_whole_and_others_not_at_all() -> None:
    street, element = disclosure("s1", "street", "12 High Road"), disclosure("s3", "GB")
    address = disclosure("s2", "address", {"_sd": [digest(street)]})
    text = credential(
        {"_sd": [digest(address), digest(GIVEN)], "nations": [{"...": digest(element)}]},
        (street, address, GIVEN, element),
    )
    assert read(presented(text, "address")).disclosures == (street, address)
    assert read(presented(text, "nations", "vct")).disclosures == (element,)
    assert read(presented(text)).disclosures == ()


NOT_PRESENTED = {
    "it comes with a key binding": ("key_binding_not_expected", bound(credential()), {}),
    "it belongs to another": ("wrong_holder", credential(), {"holder_key": OTHER}),
    "it belongs to nobody": ("wrong_holder", credential({"cnf": GONE}), {}),
    "a disclosure has no digest": ("disclosure_without_digest", credential({"_sd": []}), {}),
    "a disclosure comes twice": ("disclosure_repeated", credential({}, (GIVEN, GIVEN)), {}),
    "the issuer hid the type": (
        "never_disclosable",
        credential({"vct": GONE, "_sd": [digest(disclosure("s", "vct", "a"))]},
                   (disclosure("s", "vct", "a"),)),
        {},
    ),
    "it is no credential": ("not_a_token", "abc", {}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text", "others"), NOT_PRESENTED.values(), ids=NOT_PRESENTED.keys()
)
def test_a_credential_is_not_presented_when(code: str, text: str, others: dict[str, Any]) -> None:
    with pytest.raises(BadToken) as refused:
        presented(text, **others)
    assert refused.value.code == code


def test_a_claim_that_is_not_held_cannot_be_presented() -> None:
    with pytest.raises(BadToken) as refused:
        presented(issued(), "birth_date")
    assert refused.value.code == "claim_not_held"


# Reading what others write


def high_s(text: str) -> str:
    raw = signature_of(text)
    s = ORDER - int.from_bytes(raw[32:], "big")
    return with_signature(text, raw[:32] + s.to_bytes(32, "big"))


BELIEVED = {
    "one disclosed": bound(credential()),
    "all disclosed": bound(credential(shown=(FAMILY, GIVEN))),
    "nothing disclosed": bound(credential(shown=())),
    "nothing hidden": bound(credential({"_sd": GONE, "_sd_alg": GONE}, ())),
    "no _sd_alg": bound(credential({"_sd_alg": GONE})),
    "only what is required": bound(credential(
        {"iss": GONE, "iat": GONE, "exp": GONE, "_sd": GONE, "_sd_alg": GONE}, ()
    )),
    "no kid": bound(credential(header={"kid": GONE})),
    "a kid that is a path": bound(credential(header={"kid": "../../etc/passwd"})),
    "a kid that is an address": bound(credential(header={"kid": "https://evil.example/k"})),
    "a chain in the header": bound(credential(header={"x5c": ["MIIB"]})),
    "header parameters that nobody knows": bound(credential(header={"vctm": ["e30"], "x": 1})),
    "other types": with_claims(aka_vcts=["https://other.example/type"]),
    "an integrity": with_claims(**{"vct#integrity": "sha256-a"}),
    "a subject": with_claims(sub="did:example:1"),
    "a status of any kind": with_claims(status={"other": {}}),
    "valid from this second": with_claims(nbf=SECONDS),
    "valid in 60 seconds, by a clock ahead": with_claims(nbf=at(seconds=60)),
    "valid from before 1970": with_claims(nbf=-5),
    "issued in 60 seconds, by a clock ahead": with_claims(iat=at(seconds=60)),
    "expires in a second": with_claims(exp=SECONDS + 1),
    "expires in half a second": with_claims(exp=SECONDS + 0.5),
    "expires after 2038": with_claims(exp=2**33),
    "expires later than dates go": with_claims(exp=10**300),
    "an audience": with_claims(aud=AUDIENCE),
    "audiences with this one": with_claims(aud=["https://other.example", AUDIENCE]),
    "more in cnf beside the key": with_claims(
        cnf={"jwk": {**public(HOLDER).jwk, "kid": "a", "alg": "ES256", "use": "sig"}, "kid": "a"}
    ),
    "a binding made 60 seconds ahead": bound(credential(), {"iat": at(seconds=60)}),
    "a binding made five minutes ago": bound(credential(), {"iat": at(minutes=-5)}),
    "a binding made at a fraction of a second": bound(credential(), {"iat": SECONDS - 0.25}),
    "a binding with more claims": bound(credential(), {"transaction_data_hashes": ["a"], "x": {}}),
    "a binding that will expire": bound(credential(), {"exp": SECONDS + 1, "nbf": SECONDS}),
    "a binding with a kid": bound(credential(), header={"kid": "a"}),
    "a signature with the other s": high_s(bound(credential())),
}  # fmt: skip


@pytest.mark.parametrize("text", BELIEVED.values(), ids=BELIEVED.keys())
def test_a_credential_is_believed(text: str) -> None:
    assert check(text).bound


def test_subject_and_time_of_issue_may_be_disclosed() -> None:
    subject, made = disclosure("a", "sub", "ada"), disclosure("b", "iat", SECONDS)
    text = credential({"iat": GONE, "_sd": [digest(subject), digest(made)]}, (subject, made))
    seen = check(bound(text)).claims
    assert (seen["sub"], seen["iat"]) == ("ada", SECONDS)


@pytest.mark.parametrize("hashed", ["sha-384", "sha-512"])
def test_the_key_binding_uses_the_hash_of_the_disclosures(hashed: str) -> None:
    name = hashed.replace("-", "")
    text = credential({"_sd": [digest(GIVEN, name)], "_sd_alg": hashed})
    assert check(bound(text, {"sd_hash": digest(text, name)})).claims["given_name"] == "Ada"
    assert check(presented(text, "given_name")).bound
    with pytest.raises(BadToken):
        check(bound(text))


def test_a_key_binding_nobody_asked_for_counts_for_nothing() -> None:
    for text in (credential(), bound(credential()), bound(credential(), key=OTHER)):
        seen = unasked(text)
        assert (seen.bound, seen.bound_at) == (False, None)
        assert seen.claims["given_name"] == "Ada"


def test_an_audience_is_refused_by_a_verifier_that_says_no_name() -> None:
    with pytest.raises(BadToken) as refused:
        unasked(with_claims(aud=AUDIENCE))
    assert refused.value.code == "wrong_audience"


def test_what_is_read_is_not_yet_believed() -> None:
    token = read(credential(key=OTHER))
    assert token.issuer_claims["vct"] == VCT
    with pytest.raises(BadToken):
        token.check(public(ISSUER), now=NOW, audience=None, nonce=None)


def test_a_plain_sd_jwt_has_no_rules_for_credentials() -> None:
    expiry = disclosure("s", "exp", SECONDS + 5)
    text = credential(
        {"vct": GONE, "exp": GONE, "_sd": [digest(expiry)]},
        (expiry,),
        header={"typ": "example+sd-jwt"},
    )

    def seen(now: datetime) -> Presented:
        token = read(bound(text), typ="example+sd-jwt")
        return token.check(public(ISSUER), now=now, audience=AUDIENCE, nonce=NONCE)

    assert seen(NOW).claims["exp"] == SECONDS + 5
    with pytest.raises(BadToken):
        seen(NOW + timedelta(seconds=5))
