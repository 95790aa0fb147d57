"""Whatever a camera reads: nothing but `BadToken` is raised, and nothing changed is believed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import thread_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.rules.tokens import base45, es256, gate_token
from passport.rules.tokens.bad_token import BadToken
from tests.rules.gate_examples import (
    CLAIMS,
    HEADER,
    ISSUER,
    NOW,
    PROOF,
    believe,
    facts,
    forged,
    issue,
    issued,
    show,
    webp,
    written,
)

TEXTS = (show(), show(issue(facts(photo_hash=None, face=webp(376)))))
CONTENTS = tuple(base45.decode(text.removeprefix("SP1:")) for text in TEXTS)
MANY = settings(max_examples=400, deadline=None)
SECONDS = 0.2
"""What bounded means here: of the processor's time, which a busy machine does not stretch."""


@contextmanager
def promptly() -> Iterator[None]:
    started = thread_time()
    yield
    assert thread_time() - started < SECONDS


def never_believed(text: str) -> None:
    with promptly(), pytest.raises(BadToken):
        believe(text)


@MANY
@given(st.sampled_from(TEXTS), st.data())
def test_a_text_with_other_characters_is_not_believed(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters() | st.sampled_from(base45.ALPHABET))
    if other != text[place]:
        never_believed(text[:place] + other + text[place + 1 :])


@MANY
@given(st.sampled_from(CONTENTS), st.data())
def test_a_token_with_flipped_bits_is_not_believed(content: bytes, data: st.DataObject) -> None:
    mutated = bytearray(content)
    places = st.integers(0, len(content) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=4, unique=True)):
        mutated[place] ^= data.draw(st.integers(1, 255))
    never_believed(written(bytes(mutated)))


@MANY
@given(st.sampled_from(CONTENTS), st.data())
def test_a_token_cut_or_stretched_is_not_believed(content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    filler = data.draw(st.binary(max_size=40))
    if filler != content[start:end]:
        never_believed(written(content[:start] + filler + content[end:]))


@MANY
@given(st.text(max_size=300) | st.text(alphabet=base45.ALPHABET, max_size=300))
def test_other_codes_are_not_believed(text: str) -> None:
    never_believed(text)
    never_believed("SP1:" + text)


@MANY
@given(st.binary(max_size=300))
def test_other_bytes_are_not_believed(content: bytes) -> None:
    never_believed(written(content))


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, max_size=5)
    | st.dictionaries(st.integers(-5, 70) | st.text(max_size=3), inner, max_size=4),
    max_leaves=6,
)  # fmt: skip


@MANY
@given(st.sampled_from([*CLAIMS, *HEADER, *PROOF, 7, 39]), ODD, st.sampled_from("ihsp"))
def test_odd_values_signed_by_the_right_keys_raise_nothing_else(
    name: Any, odd: Any, where: str
) -> None:
    """An issuer or phone gone wrong: its signature is true, so only the form protects."""
    change = {name: odd}
    text = {
        "i": lambda: forged(issued(claims=change)),
        "h": lambda: forged(issued(header=change)),
        "s": lambda: forged(claims=change),
        "p": lambda: forged(header=change),
    }[where]()
    bounded(text)


@MANY
@given(st.integers(1, 8), ODD)
def test_odd_facts_raise_nothing_else(name: int, odd: Any) -> None:
    bounded(forged(issued(claims={-65537: {**CLAIMS[-65537], name: odd}})))


def bounded(text: str) -> None:
    with promptly(), suppress(BadToken):
        gate = gate_token.read(text).check(es256.public(ISSUER), now=NOW)
        assert gate_token.read(text).said == gate
