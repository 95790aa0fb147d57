"""Whom a trust list makes believable, on what, and since when; and which lists are refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.rules.tokens import trust_list
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PublicKey
from passport.rules.tokens.trust_list import (
    Issuer,
    ListedKey,
    TrustList,
    read_trust,
    why_not_trusted,
)
from passport.rules.tokens.x509_chain import x5c
from tests.rules.trust_list_examples import (
    CERTIFICATE,
    DAY,
    GOOD,
    HOST,
    LIST_KEY,
    NEW,
    NOW,
    OLD,
    REFUSED,
    ROOT,
    SIGNER,
    SUB,
    T,
    a_key,
    an_issuer,
    claims,
    signed,
    with_issuer,
    with_issuers,
    with_key,
)

HOUR = timedelta(hours=1)


def read(text: object, **options: Any) -> TrustList:
    return read_trust(text, **{"root": [ROOT], "now": NOW, "sub": SUB, **options})


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(BadToken) as refused:
        call()
    return refused.value.code


# --- written and read ---


def test_what_was_written_is_read() -> None:
    keys = (
        ListedKey(OLD.kid, OLD, NOW - DAY, NOW + DAY, revoked_from=NOW - HOUR),
        ListedKey("12", NEW, NOW - HOUR, NOW + 2 * DAY),
    )
    made = TrustList(
        iss="https://icb.example.nhs.uk",
        sub=SUB,
        iat=NOW,
        exp=NOW + 30 * DAY,
        version=1,
        vct_base="https://passport.example.nhs.uk",
        status_prefixes=("https://rh8.example.nhs.uk/lists/",),
        issuers=(
            Issuer("RH8", "St Bláthnat’s", keys, frozenset({"identity"}), successor="RHQ"),
            Issuer("RHQ", "Royal", (), frozenset()),
        ),
    )
    assert read(made.token(LIST_KEY, x5c=x5c(CERTIFICATE))) == made


def test_a_list_may_be_read_with_its_key_alone() -> None:
    assert read(GOOD, root=SIGNER) == read(GOOD)
    assert refusal(lambda: read(GOOD, root=OLD)) == "bad_signature"


ACCEPTED = {
    "no issuers yet": signed(claims(issuers=[])),
    "an issuer without keys": with_issuers(an_issuer("RH8")),
    "a long line of successors": with_issuers(
        *(an_issuer(f"R{at:03}", successor=f"R{at + 1:03}") for at in range(200)),
        an_issuer("R200"),
    ),
    "claims of later versions": signed(claims(note="x")),
    "no word on successors and revocations": with_issuers(
        {name: value for name, value in an_issuer("RH8").items() if value is not None}
    ),
    "issued 60 s ahead of this clock": signed(claims(iat=T + 60)),
    "the highest version": signed(claims(version=2**53 - 1)),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_is_read(text: str) -> None:
    assert read(text)


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_is_refused(text: object, code: str) -> None:
    assert refusal(lambda: read(text)) == code


def test_an_older_version_than_one_seen_before_is_a_roll_back() -> None:
    """The old list is signed, and has not expired; only its number tells."""
    assert read(GOOD, at_least=12).version == 12
    assert refusal(lambda: read(GOOD, at_least=13)) == "rolled_back"
    newer = signed(claims(version=13, iat=T - 900))
    assert read(newer, at_least=12).version == 13


def test_any_list_of_the_root_is_read_where_none_is_expected() -> None:
    assert read(signed(claims(sub=f"{SUB}/2")), sub=None).sub == f"{SUB}/2"


def test_a_root_that_is_not_asked_certifies_nothing() -> None:
    assert refusal(lambda: read(GOOD, root=[])) == "unknown_root"


# --- whose key ---


def test_two_issuers_may_name_their_keys_alike() -> None:
    text = with_issuers(
        an_issuer("RH8", a_key(OLD, kid="1"), a_key(NEW, kid="2")),
        an_issuer("RHQ", a_key(HOST, kid="1")),
    )
    found = read(text)
    assert [(one.issuer.ods, one.listed.key) for one in found.by_kid("1")] == [
        ("RH8", OLD),
        ("RHQ", HOST),
    ]
    assert found.by_kid("3") == []


def test_a_short_name_may_mean_several_keys() -> None:
    text = with_issuers(an_issuer("RH8", a_key(OLD)), an_issuer("RHQ", a_key(OLD), a_key(NEW)))
    found = read(text)
    assert [one.issuer.ods for one in found.by_short_kid(OLD.short_kid)] == ["RH8", "RHQ"]
    assert [one.listed.key for one in found.by_short_kid(NEW.short_kid)] == [NEW]
    assert found.by_short_kid(b"") == []


def test_an_organisation_is_found_by_its_code_alone() -> None:
    found = read(GOOD)
    rhq = found.issuer("RHQ")
    assert rhq is not None
    assert rhq.name == "The RHQ hospital"
    assert found.issuer("RHQ01") is None


# --- what it may say, and when ---

IN_FORCE = {"not_before": T - 7_200, "not_after": T + 7_200}
TRUSTED: dict[str, tuple[str, PublicKey, str, timedelta, str | None]] = {
    "its key, its type, while in force": (
        with_key(**IN_FORCE), OLD, "identity", timedelta(0), None),
    "the first second of its key": (with_key(**IN_FORCE), OLD, "identity", -2 * HOUR, None),
    "before its key": (
        with_key(**IN_FORCE), OLD, "identity", -2 * HOUR - timedelta(seconds=1),
        "key_not_yet_in_force"),
    "the end of its key": (
        with_key(**IN_FORCE), OLD, "identity", 2 * HOUR, "key_no_longer_in_force"),
    "the last second of its key": (
        with_key(**IN_FORCE), OLD, "identity", 2 * HOUR - timedelta(seconds=1), None),
    "the moment its key was revoked": (
        with_key(revoked_from=T - 60), OLD, "identity", timedelta(seconds=-60), "key_revoked"),
    "issued before its key was revoked": (
        with_key(revoked_from=T - 60), OLD, "identity", timedelta(seconds=-61), None),
    "all that a stolen key ever signed": (
        with_key(revoked_from=T - 86_400), OLD, "identity", -DAY, "key_revoked"),
    "a revoked key, and a type it may not assert": (
        with_key(revoked_from=T - 60), OLD, "dbs", timedelta(0), "key_revoked"),
    "a type it may not assert": (
        with_issuer(asserts=["identity"]), OLD, "registration", timedelta(0),
        "type_not_allowed"),
    "a type that begins alike": (
        with_issuer(asserts=["identity"]), OLD, "identity2", timedelta(0), "type_not_allowed"),
    "no types at all": (
        with_issuer(asserts=[]), OLD, "identity", timedelta(0), "type_not_allowed"),
    "a key of somebody else": (with_key(), NEW, "identity", timedelta(0), "key_not_listed"),
    "a key listed twice, once revoked": (
        with_issuers(an_issuer("RH8", a_key(OLD, revoked_from=T - 60), a_key(OLD, kid="b"))),
        OLD, "identity", timedelta(0), None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "key", "kind", "after", "code"), TRUSTED.values(), ids=TRUSTED)
def test_why_not_trusted(
    text: str, key: PublicKey, kind: str, after: timedelta, code: str | None
) -> None:
    issuer = read(text).issuer("RH8")
    assert issuer is not None
    assert why_not_trusted(issuer, key, kind, NOW + after) == code


# --- after a merger ---


def test_what_the_old_trust_issued_stays_good_after_the_merger() -> None:
    found = read(GOOD)
    old, new = found.issuer("RH8"), found.issuer("RHQ")
    assert old is not None
    assert new is not None
    assert old.successor == "RHQ"
    assert why_not_trusted(old, OLD, "identity", NOW - 2 * HOUR) is None
    assert why_not_trusted(old, OLD, "identity", NOW) == "key_no_longer_in_force"
    assert why_not_trusted(old, NEW, "identity", NOW) == "key_not_listed"
    assert why_not_trusted(new, NEW, "identity", NOW) is None
    assert why_not_trusted(new, OLD, "identity", NOW - 2 * HOUR) == "key_not_listed"


def test_the_successor_answers_for_the_status_of_what_the_old_trust_issued() -> None:
    found = read(GOOD)
    assert [one.ods for one in found.line_of("RH8")] == ["RH8", "RHQ"]
    assert found.status_keys("RH8") == [OLD, NEW]
    assert found.status_keys("RHQ") == [NEW]
    assert found.status_keys("RXX") == []
    assert found.why_not_status("RH8", NEW, NOW) is None
    assert found.why_not_status("RH8", OLD, NOW) == "key_no_longer_in_force"
    assert found.why_not_status("RHQ", OLD, NOW - 2 * HOUR) == "key_not_listed"
    assert found.why_not_status("RH8", HOST, NOW) == "key_not_listed"


def test_a_list_that_was_not_read_may_hold_a_ring_and_is_still_walked_once() -> None:
    ring = Issuer("R01", "A", (), frozenset(), successor="R01")
    assert replace(read(GOOD), issuers=(ring,)).line_of("R01") == [ring]


# --- where lists are fetched from ---

FETCHED = {
    "under a prefix": ("https://rh8.example.nhs.uk/lists/7", True),
    "deeper under a prefix": ("https://rh8.example.nhs.uk/lists/2026/q4/7?time=1", True),
    "a loopback prefix": ("http://127.0.0.1:8000/lists/1", True),
    "another host": ("https://evil.example/lists/7", False),
    "a host that begins alike": ("https://rh8.example.nhs.uk.evil.example/lists/7", False),
    "a folder that begins alike": ("https://rh8.example.nhs.uk/lists2/7", False),
    "without encryption": ("http://rh8.example.nhs.uk/lists/7", False),
    "another port": ("https://rh8.example.nhs.uk:8443/lists/7", False),
    "the prefix as user name": ("https://rh8.example.nhs.uk@evil.example/lists/7", False),
    "out of the folder again": ("https://rh8.example.nhs.uk/lists/../admin", False),
    "out of the folder, encoded": ("https://rh8.example.nhs.uk/lists/%2e%2e/admin", False),
    "out of the folder, with an encoded slash": (
        "https://rh8.example.nhs.uk/lists/..%2Fadmin", False),
    "out of the folder, with an encoded backslash": (
        "https://rh8.example.nhs.uk/lists/..%5Cadmin", False),
    "an encoded blank": ("https://rh8.example.nhs.uk/lists/a%20b", True),
    "round the folder": ("https://rh8.example.nhs.uk/lists/./7", False),
    "with a backslash": ("https://rh8.example.nhs.uk/lists/..\\admin", False),
    "with a line break": ("https://rh8.example.nhs.uk/lists/7\nHost:evil", False),
    "with a fragment for each holder": ("https://rh8.example.nhs.uk/lists/7#412", False),
    "a file": ("file:///etc/passwd", False),
    "nothing": ("", False),
}  # fmt: skip


@pytest.mark.parametrize(("uri", "fetched"), FETCHED.values(), ids=FETCHED)
def test_may_fetch(uri: str, fetched: bool) -> None:
    assert read(GOOD).may_fetch(uri) is fetched


# --- bounds, and whatever comes ---


def test_a_list_of_three_hundred_issuers_stays_far_below_the_bound() -> None:
    one = an_issuer("RH8", a_key(OLD))
    text = with_issuers(*({**one, "ods": f"R{at:03}"} for at in range(300)))
    assert len(read(text).issuers) == 300
    assert len(text) < trust_list.MOST_TEXT / 10


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


def read_or_refused(make: Callable[[], str]) -> None:
    try:
        text = make()
    except ValueError:
        return  # JSON cannot hold it
    try:
        read(text)
    except BadToken as refused:
        assert refused.code  # noqa: PT017


@given(name=st.sampled_from(list(claims())), value=ANY_JSON)
def test_any_claim_is_read_or_refused(name: str, value: object) -> None:
    read_or_refused(lambda: signed(claims() | {name: value}))


@given(name=st.sampled_from(list(an_issuer("RH8"))), value=ANY_JSON)
def test_any_issuer_is_read_or_refused(name: str, value: object) -> None:
    read_or_refused(lambda: with_issuer(**{name: value}))


@given(name=st.sampled_from(list(a_key(OLD))), value=ANY_JSON)
def test_any_key_is_read_or_refused(name: str, value: object) -> None:
    read_or_refused(lambda: with_key(**{name: value}))


@given(at=st.integers(0, len(GOOD) - 1), letter=st.characters(codec="ascii"))
def test_no_letter_of_a_good_list_may_change(at: int, letter: str) -> None:
    changed = GOOD[:at] + letter + GOOD[at + 1 :]
    if changed != GOOD:
        refusal(lambda: read(changed))
