"""Token Status Lists: the standard's vectors, what is refused, and how much it may cost."""

import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.rules.tokens import es256, status_list
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PublicKey, base64url
from passport.rules.tokens.status_list import (
    Status,
    Statuses,
    StatusList,
    read_list,
    read_reference,
)
from tests.rules.status_list_examples import (
    GOOD,
    ISSUER,
    KEY,
    LARGE,
    NOW,
    REFUSED,
    SMALL,
    STRANGER,
    URI,
    T,
    bomb,
    claims,
    entries,
    lst,
    signed,
)


def read(text: object, **options: Any) -> Statuses:
    return read_list(text, **{"uri": URI, "key": ISSUER, "now": NOW, **options})


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(BadToken) as refused:
        call()
    return refused.value.code


@pytest.mark.parametrize(("bits", "text", "packed", "values"), SMALL.values(), ids=SMALL)
def test_reads_and_writes_the_examples(
    bits: int, text: str, packed: bytes, values: list[int]
) -> None:
    found = read(signed(claims(status_list={"bits": bits, "lst": text})))
    assert found.packed == packed
    assert [int(found.at(idx)) for idx in range(len(values))] == values
    made = StatusList(size=len(values) + -len(values) % 8, bits=bits)
    for idx, value in enumerate(values):
        made.set(idx, value)
    unpacked = zlib.decompress(es256.from_base64url(made.lst))
    assert unpacked[: len(packed)] == packed
    assert not any(unpacked[len(packed) :])


@pytest.mark.parametrize(("bits", "text", "values"), LARGE.values(), ids=LARGE)
def test_reads_the_test_vectors(bits: int, text: str, values: dict[int, int]) -> None:
    found = read(signed(claims(status_list={"bits": bits, "lst": text})))
    assert len(found) == 2**20
    assert {idx: int(found.at(idx)) for idx in values} == values
    made = StatusList(size=2**20, bits=bits)
    for idx, value in values.items():
        made.set(idx, value)
    assert zlib.decompress(es256.from_base64url(made.lst)) == found.packed


# --- written here, read here ---


def test_a_list_says_what_was_set() -> None:
    made = StatusList(size=2**12)
    chosen = random.Random(7).sample(range(2**12), 400)
    for idx in chosen:
        made.set(idx, Status.INVALID)
    for idx in chosen[:100]:
        made.set(idx, Status.SUSPENDED)
    for idx in chosen[100:150]:
        made.set(idx, Status.VALID)
    text = made.token(KEY, uri=URI, now=NOW, kid="7", aggregation_uri=f"{URI}/all")
    found = read(text)
    assert [found.at(idx) for idx in chosen[:100]] == [Status.SUSPENDED] * 100
    assert [found.at(idx) for idx in chosen[150:]] == [Status.INVALID] * 250
    assert sum(found.at(idx) is Status.VALID for idx in range(2**12)) == 2**12 - 350
    assert (found.iat, found.exp) == (NOW, NOW + timedelta(days=7))
    assert (found.ttl, found.aggregation_uri) == (timedelta(minutes=15), f"{URI}/all")
    assert found.signer == ISSUER


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_every_width_is_read_least_significant_bit_first(bits: int) -> None:
    made = StatusList(size=16, bits=bits)
    made.set(3, 1)
    packed = int.from_bytes(zlib.decompress(es256.from_base64url(made.lst)), "little")
    assert packed == 1 << 3 * bits
    assert [read(made.token(KEY, uri=URI, now=NOW)).at(idx) for idx in (2, 3, 4)] == [0, 1, 0]


def test_only_zero_is_valid() -> None:
    made = StatusList(size=256, bits=8)
    for value in range(256):
        made.set(value, value)
    found = read(made.token(KEY, uri=URI, now=NOW))
    assert [idx for idx in range(256) if found.at(idx) is Status.VALID] == [0]
    assert found.at(1) is Status.INVALID
    assert found.at(2) is Status.SUSPENDED
    assert {found.at(value) for value in range(3, 256)} == {Status.OTHER}


WRONG_LISTS: dict[str, Callable[[], object]] = {
    "three bits": lambda: StatusList(size=8, bits=3),
    "a size that fills no whole bytes at one bit": lambda: StatusList(size=12, bits=2),
    "no entries": lambda: StatusList(size=0),
    "more entries than anybody reads": lambda: StatusList(size=status_list.MOST_BYTES * 4 + 8),
    "an index behind the list": lambda: StatusList(size=8).set(8, 1),
    "an index before the list": lambda: StatusList(size=8).set(-1, 1),
    "a value wider than the entry": lambda: StatusList(size=8).set(0, 4),
    "a negative value": lambda: StatusList(size=8).set(0, -1),
}


@pytest.mark.parametrize("make", WRONG_LISTS.values(), ids=WRONG_LISTS)
def test_a_list_nobody_could_read_is_not_made(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        make()


# --- what still is a good list ---

ACCEPTED: dict[str, dict[str, Any]] = {
    "no exp: it is only recommended": claims(exp=None),
    "no ttl: it is only recommended": claims(ttl=None),
    "the longest ttl": claims(ttl=status_list.LONGEST_TTL.total_seconds()),
    "an iss, as earlier drafts had it": claims(iss="https://rh8.example.nhs.uk"),
    "claims of later standards": claims(jti="7", purpose={"one": 1}),
    "an unknown member beside the entries": entries(note="x"),
    "times and ttl with fractions": claims(iat=T - 0.5, exp=T + 0.5, ttl=0.5),
    "issued 60 s ahead of this clock": claims(iat=T + 60),
    "begins 60 s ahead of this clock": claims(nbf=T + 60),
    "ends in a second": claims(exp=T + 1),
    "ends with the year 9999": claims(exp=253_402_300_799),
    "signed in 1970, still good": claims(iat=0),
    "compressed without compression": entries(lst=base64url(zlib.compress(b"\xc9\x44", 0))),
}


@pytest.mark.parametrize("payload", ACCEPTED.values(), ids=ACCEPTED)
def test_is_read(payload: dict[str, Any]) -> None:
    assert read(signed(payload)).at(1) is Status.SUSPENDED


def test_a_chain_in_the_header_counts_for_nothing_where_the_key_is_known() -> None:
    assert read(signed(claims(), x5c=["none"])).signer == ISSUER


def test_keys_may_be_found_by_the_header_and_each_is_tried() -> None:
    def keys(header: Mapping[str, Any]) -> Iterable[PublicKey]:
        return [STRANGER, ISSUER] if header["kid"] == "12" else []

    assert read(signed(claims(), kid="12"), key=keys).signer == ISSUER
    assert refusal(lambda: read(signed(claims(), kid="13"), key=keys)) == "bad_signature"


# --- refusals ---


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_is_refused(text: object, code: str) -> None:
    assert refusal(lambda: read(text)) == code


def test_an_older_list_than_one_seen_before_is_a_roll_back() -> None:
    seen = read(GOOD).iat
    assert read(GOOD, at_least=seen).iat == seen
    assert refusal(lambda: read(GOOD, at_least=seen + timedelta(seconds=1))) == "rolled_back"


def test_a_list_is_asked_of_its_own_time_only() -> None:
    """As for a list that was asked for with `?time=`: another than of that time is refused."""
    assert read(GOOD, now=NOW - timedelta(minutes=10), skew=timedelta(0))
    assert refusal(lambda: read(GOOD, now=NOW - timedelta(hours=1))) == "made_in_the_future"
    assert refusal(lambda: read(GOOD, now=NOW + timedelta(days=1))) == "expired"


NO_INDEX: dict[str, object] = {
    "the length of the list": 8,
    "far behind the list": 2**63,
    "negative": -1,
    "with a fraction": 1.0,
    "text": "1",
    "true": True,
    "nothing": None,
}


@pytest.mark.parametrize("idx", NO_INDEX.values(), ids=NO_INDEX)
def test_no_statement_outside_the_list(idx: object) -> None:
    found = read(GOOD)
    assert found.at(7) is Status.INVALID
    assert refusal(lambda: found.at(idx)) == "bad_status_index"


def test_an_empty_list_says_nothing_of_anybody() -> None:
    found = read(signed(entries(lst=lst(b""))))
    assert refusal(lambda: found.at(0)) == "bad_status_index"


LONGEST = URI.ljust(status_list.LONGEST_URI, "7")


@pytest.mark.parametrize("idx", [0, 412, status_list.MOST_INDEX - 1])
@pytest.mark.parametrize("uri", [URI, "urn:uuid:9", LONGEST], ids=["address", "name", "longest"])
def test_the_reference_of_a_credential(idx: int, uri: str) -> None:
    found = read_reference({"status_list": {"idx": idx, "uri": uri}, "other": {}})
    assert (found.idx, found.uri) == (idx, uri)


NO_REFERENCE: dict[str, tuple[object, str]] = {
    "no status": (None, "bad_status_reference"),
    "a status that is text": (URI, "bad_status_reference"),
    "another mechanism only": ({"identifier_list": {}}, "bad_status_reference"),
    "a status_list that is a list": ({"status_list": [1, URI]}, "bad_status_reference"),
    "no idx": ({"status_list": {"uri": URI}}, "bad_status_index"),
    "a negative idx": ({"status_list": {"idx": -1, "uri": URI}}, "bad_status_index"),
    "an idx with a fraction": ({"status_list": {"idx": 1.0, "uri": URI}}, "bad_status_index"),
    "an idx as text": ({"status_list": {"idx": "1", "uri": URI}}, "bad_status_index"),
    "an idx that is true": ({"status_list": {"idx": True, "uri": URI}}, "bad_status_index"),
    "an idx behind every list": (
        {"status_list": {"idx": status_list.MOST_INDEX, "uri": URI}}, "bad_status_index"),
    "an idx of 2^63": ({"status_list": {"idx": 2**63, "uri": URI}}, "bad_status_index"),
    "no uri": ({"status_list": {"idx": 1}}, "bad_uri"),
    "a uri that is a number": ({"status_list": {"idx": 1, "uri": 1}}, "bad_uri"),
    "a uri without a scheme": ({"status_list": {"idx": 1, "uri": "//host/1"}}, "bad_uri"),
    "a uri with a line break": ({"status_list": {"idx": 1, "uri": f"{URI}\n"}}, "bad_uri"),
    "an endless uri": ({"status_list": {"idx": 1, "uri": LONGEST + "7"}}, "bad_uri"),
}  # fmt: skip


@pytest.mark.parametrize(("claim", "code"), NO_REFERENCE.values(), ids=NO_REFERENCE)
def test_is_no_reference(claim: object, code: str) -> None:
    assert refusal(lambda: read_reference(claim)) == code


# --- bounds ---


def test_the_largest_list_can_be_made() -> None:
    assert len(StatusList(size=status_list.MOST_BYTES * 4)) == status_list.MOST_BYTES * 4


def test_a_list_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    full = zlib.compress(bytes(status_list.MOST_BYTES))
    assert len(read(signed(entries(bits=8, lst=base64url(full))))) == status_list.MOST_BYTES
    more = zlib.compress(bytes(status_list.MOST_BYTES + 1))
    assert refusal(lambda: read(signed(entries(bits=8, lst=base64url(more))))) == "too_large"


def test_a_bomb_is_never_unpacked_beyond_the_bound() -> None:
    """1 GiB of zeros in 1 MB: what is held at once stays near the bound."""
    text = signed(entries(lst=base64url(bomb(1024))))
    assert len(text) < 2 * 2**20
    tracemalloc.start()
    try:
        assert refusal(lambda: read(text)) == "too_large"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * status_list.MOST_BYTES


# --- whatever comes ---

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@given(text=st.text(alphabet="eyJAz09_-.={}\"' \n", max_size=200) | ANY_JSON)
def test_any_text_is_refused_in_one_way(text: object) -> None:
    refusal(lambda: read(text))


@given(
    name=st.sampled_from(["sub", "iat", "exp", "nbf", "aud", "ttl", "status_list"]),
    value=ANY_JSON,
)
def test_any_claim_is_read_or_refused(name: str, value: object) -> None:
    try:
        text = signed(claims() | {name: value})
    except ValueError:
        return  # JSON cannot hold it
    read_or_refused(text)


@given(packed=st.binary(max_size=60), bits=st.sampled_from([1, 2, 4, 8]))
def test_any_compressed_text_is_read_or_refused(packed: bytes, bits: int) -> None:
    read_or_refused(signed(entries(bits=bits, lst=base64url(packed))))


@given(at=st.integers(0, len(GOOD) - 1), letter=st.characters(codec="ascii"))
def test_no_letter_of_a_good_list_may_change(at: int, letter: str) -> None:
    changed = GOOD[:at] + letter + GOOD[at + 1 :]
    if changed != GOOD:
        refusal(lambda: read(changed))


@given(
    bits=st.sampled_from([1, 2, 4, 8]),
    changes=st.lists(st.tuples(st.integers(0, 79), st.integers(0, 255)), max_size=40),
)
def test_what_is_set_last_is_what_is_read(bits: int, changes: list[tuple[int, int]]) -> None:
    made, expected = StatusList(size=80, bits=bits), [0] * 80
    for idx, value in changes:
        made.set(idx, value % (1 << bits))
        expected[idx] = value % (1 << bits)
    found = read(made.token(KEY, uri=URI, now=NOW))
    assert [int(found.at(idx)) for idx in range(80)] == [min(one, 3) for one in expected]


def read_or_refused(text: str) -> None:
    try:
        found = read(text)
    except BadToken:
        return
    assert all(found.at(idx) in Status for idx in range(len(found)))
    assert refusal(lambda: found.at(len(found))) == "bad_status_index"
