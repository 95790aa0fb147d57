"""A party's signature: good with the trust list alone, refused with anything else changed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bankhub.rules.agreements.agreement_signature import (
    TYP,
    Said,
    check,
    check_file,
    hash_of,
    signed,
)
from passport.rules.tokens import es256, jws
from passport.rules.tokens.es256 import base64url, from_base64url
from passport.rules.tokens.trust_list import Issuer, ListedKey, TrustList

AT = datetime(2026, 9, 7, 9, tzinfo=UTC)
NOW = AT + timedelta(days=400)
TEXT = "Shared bank\n\n1. Parties\n1.1 North and South.\n"
HASH = hash_of(TEXT)
NORTH, SOUTH = es256.new_key(), es256.new_key()
STRANGER = es256.new_key()
SAID = Said("WSA-7", 3, "RN1", ("RN1", "RS2"), HASH, "Mo Chair", "CEO", "Standing orders 7.2", AT)


def listed(key: Any, kid: str, **fields: Any) -> ListedKey:
    times = {"not_before": AT - timedelta(days=1), "not_after": AT + timedelta(days=365)}
    return ListedKey(kid, es256.public(key), **{**times, **fields})


def trust(**north: Any) -> TrustList:
    issuers = (
        Issuer("RN1", "North", (listed(NORTH, "n1", **north),), frozenset()),
        Issuer("RS2", "South", (listed(SOUTH, "s1"),), frozenset()),
    )
    return TrustList(
        iss="https://bank.example", sub="https://bank.example/passport/trust-list", iat=NOW,
        exp=NOW + timedelta(days=1), version=1, vct_base="https://bank.example",
        status_prefixes=("https://bank.example/",), issuers=issuers,
    )  # fmt: skip


NORTHS = signed(SAID, NORTH, "n1")
SOUTHS = signed(replace(SAID, ods="RS2"), SOUTH, "s1")


def why(token: object, text_hash: str = HASH, **north: Any) -> str | None:
    return check(token, text_hash, trust(**north), now=NOW).problem


def test_a_signature_is_good_and_says_who_by_what_authority() -> None:
    found = check(NORTHS, HASH, trust(), now=NOW)
    assert found.problem is None
    assert (found.said, found.issuer) == (SAID, "North")


def test_a_signature_stays_good_when_its_key_has_run_out() -> None:
    assert trust().issuers[0].keys[0].not_after < NOW
    assert why(NORTHS) is None


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        (signed(SAID, STRANGER, "n1"), "key_not_listed"),
        (signed(SAID, NORTH, "unknown"), "key_not_listed"),
        (signed(SAID, SOUTH, "s1"), "wrong_issuer"),
        (signed(replace(SAID, text_hash=hash_of("Other")), NORTH, "n1"), "another_text"),
        (signed(replace(SAID, at=AT - timedelta(days=2)), NORTH, "n1"), "key_not_yet_in_force"),
        (signed(replace(SAID, at=AT + timedelta(days=366)), NORTH, "n1"), "key_no_longer_in_force"),
        (signed(replace(SAID, at=NOW + timedelta(days=1)), NORTH, "n1"), "made_in_the_future"),
        (jws.write({"iat": 1}, NORTH, typ=TYP, kid="n1"), "claim_missing"),
        (jws.write({"iat": 1}, NORTH, typ="kb+jwt", kid="n1"), "wrong_type"),
        (NORTHS[:-4] + "AAAA", "key_not_listed"),
        ("", "not_a_token"),
        (None, "not_a_token"),
        (7, "not_a_token"),
    ],
)
def test_anything_else_is_refused_by_its_name(token: object, problem: str) -> None:
    assert why(token) == problem


def test_a_key_that_was_revoked_before_signs_nothing() -> None:
    assert why(NORTHS, revoked_from=AT) == "key_revoked"
    assert why(NORTHS, revoked_from=AT + timedelta(seconds=1)) is None


def test_another_text_is_another_text() -> None:
    assert why(NORTHS, hash_of(TEXT + " ")) == "another_text"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agreement", "WSA-8"), ("version", 4), ("ods", "RS2"), ("parties", ["RN1"]),
        ("text_sha256", "0" * 64), ("name", "Somebody"), ("job_title", "x"), ("authority", "x"),
        ("iat", 1),
    ],
)  # fmt: skip
def test_no_claim_can_be_changed(name: str, value: Any) -> None:
    head, payload, signature = NORTHS.split(".")
    claims = json.loads(from_base64url(payload))
    forged = base64url(json.dumps({**claims, name: value}).encode())
    assert why(f"{head}.{forged}.{signature}") is not None


def file(*signatures: Any, text: Any = TEXT) -> dict[str, Any]:
    return {"text": text, "signatures": list(signatures)}


def test_a_file_that_every_party_signed_is_good() -> None:
    assert check_file(file(NORTHS, SOUTHS), trust(), now=NOW).good


@pytest.mark.parametrize(
    ("found", "problems"),
    [
        (file(), ("not_signed",)),
        (file(NORTHS), ("party_missing",)),
        (file(NORTHS, NORTHS), ("party_missing",)),
        (
            file(NORTHS, signed(replace(SAID, ods="RS2", version=4), SOUTH, "s1")),
            ("of_different_agreements",),
        ),
        (
            file(NORTHS, signed(replace(SAID, ods="RS2", parties=("RS2",)), SOUTH, "s1")),
            ("of_different_agreements",),
        ),
        (file(NORTHS, text=None), ("not_an_agreement",)),
        ({"text": TEXT, "signatures": "x"}, ("not_an_agreement",)),
        ({}, ("not_an_agreement",)),
    ],
)
def test_a_file_that_is_not_complete_is_not(
    found: dict[str, Any], problems: tuple[str, ...]
) -> None:
    checked = check_file(found, trust(), now=NOW)
    assert checked.problems == problems
    assert not checked.good


def test_one_bad_signature_spoils_a_file() -> None:
    checked = check_file(file(NORTHS, SOUTHS, SOUTHS[:-4] + "AAAA"), trust(), now=NOW)
    assert not checked.good
    assert not check_file(file(NORTHS, SOUTHS, text=TEXT + "x"), trust(), now=NOW).good
