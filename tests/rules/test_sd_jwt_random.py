"""Any claims survive the way to the verifier; anything changed on the way is refused."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import public
from passport.rules.tokens.sd_jwt import NEVER_DISCLOSABLE, issue, present, read
from tests.rules.sd_jwt_examples import (
    AUDIENCE,
    HOLDER,
    ISSUER,
    NONCE,
    NOW,
    VCT,
    as_json,
    bound,
    check,
    credential,
    disclosure,
)

RESERVED = {"_sd", "...", "_sd_alg", "sub", "iat", "aud", *NEVER_DISCLOSABLE}
names = st.text(max_size=8).filter(lambda name: name not in RESERVED)
plain = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(
    plain | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(names, values, max_size=8), st.integers(0, 4), st.data())
def test_the_verifier_gets_what_is_visible_and_what_was_chosen(
    claims: dict[str, Any], decoys: int, data: st.DataObject
) -> None:
    some = st.sets(st.sampled_from(sorted(claims))) if claims else st.just(set[str]())
    hidden, chosen = data.draw(some), data.draw(some)
    text = issue(
        {"vct": VCT, **claims},
        disclosable=hidden,
        key=ISSUER,
        header={},
        holder=public(HOLDER),
        decoys=decoys,
    )
    shown = present(text, names=chosen, holder_key=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    seen = check(shown)
    own = {"vct": VCT, "cnf": {"jwk": public(HOLDER).jwk}}
    assert seen.claims == own | {k: v for k, v in claims.items() if k not in hidden - chosen}
    assert len(read(shown).disclosures) == len(hidden & chosen)


GOOD = bound(credential())
ALPHABET = "ABCxyz019-_.~=+/{ \n\0é"


def cut(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text))
    return text[:start] + text[start + chance.randrange(1, 40) :]


def put(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(ALPHABET) + text[place:]


def replace(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + chance.choice(ALPHABET) + text[place + 1 :]


def repeat(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text))
    part = text[start : start + chance.randrange(1, 300)]
    return text[:start] + part + text[start:]


def rearrange(text: str, chance: random.Random) -> str:
    mark = chance.choice("~.")
    parts = text.split(mark)
    chance.shuffle(parts)
    return mark.join(parts)


def drop_part(text: str, chance: random.Random) -> str:
    mark = chance.choice("~.")
    parts = text.split(mark)
    del parts[chance.randrange(len(parts))]
    return mark.join(parts)


CHANGES = (cut, put, replace, replace, repeat, rearrange, drop_part)


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3), st.randoms())
def test_no_changed_token_is_believed(changes: list[Any], chance: random.Random) -> None:
    text = GOOD
    for change in changes:
        text = change(text or GOOD, chance)
    if text == GOOD:
        return
    try:
        check(text)
    except BadToken:
        return
    raise AssertionError("a changed token was believed")


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text("aZ0~.-_=eyJ", max_size=200))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    try:
        read(text)
    except BadToken:
        return
    raise AssertionError("a text without signature was read")


odd_names = st.sampled_from(["_sd", "...", "_sd_alg", "vct", "cnf", "jwk", "exp", "status", "a"])
odd = st.recursive(
    plain | st.floats() | st.sampled_from(["sha-256", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_names, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=500, deadline=None)
@given(
    st.dictionaries(odd_names, odd, max_size=5) | odd,
    st.lists(st.lists(odd, max_size=4), max_size=3),
    st.dictionaries(st.sampled_from(["iat", "aud", "nonce", "sd_hash", "exp"]), odd) | odd,
)
def test_an_issuer_and_a_holder_that_sign_anything_do_no_worse_than_be_refused(
    payload: Any, disclosed: list[list[Any]], binding: Any
) -> None:
    shown = tuple(disclosure(*parts) for parts in disclosed)
    text = bound(credential(as_json(payload), shown), as_json(binding))
    for audience, nonce in ((AUDIENCE, NONCE), (None, None)):
        try:
            read(text).check(public(ISSUER), now=NOW, audience=audience, nonce=nonce)
        except BadToken:
            continue
