"""Base45: the vectors of RFC 9285, and texts that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.rules.tokens import base45
from passport.rules.tokens.bad_token import BadToken

VECTORS = {
    b"": "",
    b"AB": "BB8",
    b"Hello!!": "%69 VD92EX0",
    b"base-45": "UJCLQE7W581",
    b"ietf!": "QED8WEX0",
    b"\xff\xff": "FGW",
    b"\xff": "U5",
    b"\x00\x00\x00": "00000",
}


@pytest.mark.parametrize("content", VECTORS)
def test_the_vectors_of_the_standard(content: bytes) -> None:
    assert base45.encode(content) == VECTORS[content]
    assert base45.decode(VECTORS[content]) == content


REFUSED = {
    "one character": "A",
    "one character too many": "BB8A",
    "the first number beyond two bytes": "GGW",
    "the largest three characters": ":::",
    "a triple beyond two bytes behind a good one": "BB8GGW",
    "the first number beyond one byte": "V5",
    "the largest two characters": "::",
    "lower case": "bb8",
    "a character outside the alphabet": "BB!",
    "a line's end": "BB8\r\n",
    "a full-width letter": "BB８",
    "a letter whose low byte is in the alphabet": "BBŸ",
    "nought as a character": "BB\0",
    "half a pair of surrogates": "BB\ud800",
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_not_base45(name: str) -> None:
    with pytest.raises(BadToken, match="bad_base45"):
        base45.decode(REFUSED[name])


@given(st.binary(max_size=200))
def test_bytes_survive(content: bytes) -> None:
    assert base45.decode(base45.encode(content)) == content


@given(st.text(alphabet=base45.ALPHABET, max_size=60))
def test_a_value_has_one_spelling(text: str) -> None:
    try:
        content = base45.decode(text)
    except BadToken:
        return
    assert base45.encode(content) == text
