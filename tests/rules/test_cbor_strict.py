"""Strict CBOR: one spelling for each value, and nothing that a token has no use for."""

from contextlib import suppress
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.rules.tokens import cbor_strict
from passport.rules.tokens.bad_token import BadToken

READ: dict[str, tuple[str, Any]] = {
    "nought": ("00", 0),
    "the largest in one byte": ("17", 23),
    "one argument byte": ("1818", 24),
    "two": ("190100", 256),
    "four": ("1a00010000", 65536),
    "eight": ("1bffffffffffffffff", 2**64 - 1),
    "a negative": ("3903e7", -1000),
    "the smallest": ("3bffffffffffffffff", -(2**64)),
    "bytes": ("4401020304", b"\1\2\3\4"),
    "text": ("62c3bc", "ü"),
    "no text": ("60", ""),
    "a list": ("83010203", [1, 2, 3]),
    "a map by the standard's order": ("a40a011864022003616104",
                                      {10: 1, 100: 2, -1: 3, "a": 4}),
    "true, false, null": ("83f5f4f6", [True, False, None]),
    "the one tag": ("d280", cbor2.CBORTag(18, [])),
    "eight levels": ("81" * 7 + "80", [[[[[[[[]]]]]]]]),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_it_is_read(name: str) -> None:
    spelled, value = READ[name]
    found = cbor_strict.read(bytes.fromhex(spelled))
    assert (found, type(found)) == (value, type(value))
    assert cbor_strict.write(value).hex() == spelled


EARLY = "ends early"
LONG = "not in its shortest form"
FORM = "a float, a reserved form, or no length"
ORDER = "keys twice or out of order"
KEY = "a key that is neither integer nor text"
TAG = "another tag"
DEEP = "too deep"
REFUSED = {
    "nothing": ("", EARLY),
    "something after the end": ("0000", "something after the end"),
    "an integer that fits in the first byte": ("1817", LONG),
    "an integer that fits in one byte": ("1900ff", LONG),
    "an integer that fits in two": ("1a0000ffff", LONG),
    "an integer that fits in four": ("1b00000000ffffffff", LONG),
    "a negative that fits in the first byte": ("3800", LONG),
    "a length in a longer form": ("580401020304", LONG),
    "a tag in a longer form": ("d81280", LONG),
    "an argument cut off": ("19ff", EARLY),
    "bytes without end": ("5f4101ff", FORM),
    "text without end": ("7f6161ff", FORM),
    "a list without end": ("9f01ff", FORM),
    "a map without end": ("bf0101ff", FORM),
    "an end alone": ("ff", FORM),
    "a reserved form": ("1c", FORM),
    "bytes cut off": ("4401", EARLY),
    "text cut off": ("6461", EARLY),
    "a list cut off": ("8301", EARLY),
    "a map cut off": ("a201", EARLY),
    "a map without its last value": ("a101", EARLY),
    "a tag of nothing": ("d2", EARLY),
    "2^63 bytes": ("5b8000000000000000", EARLY),
    "2^63 items": ("9b8000000000000000", EARLY),
    "2^63 pairs": ("bb8000000000000000", EARLY),
    "four thousand million characters": ("7affffffff", EARLY),
    "a key twice": ("a201010102", ORDER),
    "keys out of order": ("a202010101", ORDER),
    "keys by length first": ("a40a012003186402616104", ORDER),
    "a key that is bytes": ("a1410101", KEY),
    "a key that is true": ("a1f501", KEY),
    "a key that is null": ("a1f601", KEY),
    "a key that is a list": ("a18001", KEY),
    "a key that is a tag": ("a1d28001", KEY),
    "a redacted key (SD-CWT)": ("a1f83b80", KEY),
    "half a float": ("f93c00", FORM),
    "a float": ("fa3f800000", FORM),
    "a double": ("fb3ff0000000000000", FORM),
    "NaN": ("f97e00", FORM),
    "infinity": ("f97c00", FORM),
    "undefined": ("f7", "a simple value without meaning here"),
    "an unassigned simple value": ("e0", "a simple value without meaning here"),
    "a simple value in a byte": ("f8ff", FORM),
    "a big integer": ("c249010000000000000000", TAG),
    "a big negative": ("c349010000000000000000", TAG),
    "a date": ("c11a65000000", TAG),
    "a regular expression": ("d823635e2b24", TAG),
    "a decimal of a million figures": ("c4821a000f424001", TAG),
    "a shared reference": ("d81c80", TAG),
    "COSE_Sign": ("d86280", TAG),
    "COSE_Mac0": ("d180", TAG),
    "a CWT tag over the other": ("d83dd280", TAG),
    "bytes in text that are not UTF-8": ("61ff", "text that is not UTF-8"),
    "half a pair of surrogates": ("63eda080", "text that is not UTF-8"),
    "an overlong letter": ("62c180", "text that is not UTF-8"),
    "nine levels": ("81" * 8 + "80", DEEP),
    "nine levels of maps": ("a101" * 8 + "a0", DEEP),
    "nine levels by tags": ("d2" * 8 + "80", DEEP),
    "a thousand levels": ("81" * 1_400, DEEP),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    spelled, why = REFUSED[name]
    with pytest.raises(BadToken) as refused:
        cbor_strict.read(bytes.fromhex(spelled))
    assert (refused.value.code, refused.value.detail) == ("bad_cbor", why)


def test_length_has_an_end() -> None:
    assert cbor_strict.read(b"\x59\x05\xd9" + bytes(1_497)) == bytes(1_497)
    with pytest.raises(BadToken, match="too_long"):
        cbor_strict.read(b"\x59\x05\xda" + bytes(1_498))


WORDS = st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=9) | st.text(max_size=9)
VALUES = st.recursive(
    WORDS | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-70_000, 70_000) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_values_survive(value: Any) -> None:
    content = cbor_strict.write(value)
    if deep(value) > 8:
        with pytest.raises(BadToken, match="bad_cbor"):
            cbor_strict.read(content)
    else:
        assert cbor_strict.read(content) == value


def deep(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, dict | list) + max(map(deep, inner), default=0)


@given(st.binary(max_size=40))
def test_what_is_read_has_one_spelling(content: bytes) -> None:
    try:
        value = cbor_strict.read(content)
    except BadToken:
        return
    assert cbor_strict.write(value) == content


@given(VALUES, st.data())
def test_a_changed_byte_is_another_value_or_none(value: Any, data: st.DataObject) -> None:
    content = bytearray(cbor_strict.write(value))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    with suppress(BadToken):
        assert cbor_strict.write(cbor_strict.read(bytes(content))) == bytes(content)
