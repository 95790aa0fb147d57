"""Random input that knows the structure of what it spoils.

A plain fuzzer is refused by the first check. These take a good token apart, change something inside
and put it together again, often with a true signature, so that the code behind the checks is met.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import cbor2

from passport.rules.tokens import base45, es256
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import base64url, from_base64url

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**64), 0.5, 1e300, "", "x", "é",
    "\u202e", "\0", "A" * 300, [], {}, [[]], [{}], {"": ""}, ["x"] * 20, {"_sd": ["x"]},
    {"...": "x"}, "https://a.example/", "ES256", "1", "__proto__", "-1", "NaN",
)  # fmt: skip
ALPHABET = 'ABCxyz019-_.~=+/{}[]:," \n\0é'


def letters(text: str, chance: Random) -> str:
    """A few letters changed, cut, doubled or moved."""
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(text) + 1)
        length = chance.randrange(40)
        text = chance.choice((
            text[:place] + chance.choice(ALPHABET) + text[place + 1 :],
            text[:place] + text[place + length :],
            text[:place] + text[place : place + length] * 2 + text[place + length :],
            text[:place] + chance.choice(ALPHABET) * length + text[place:],
        ))  # fmt: skip
    return text


def inside(value: Any, chance: Random) -> Any:
    """The value with one thing in it replaced, taken out, added or put one level down."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        what = chance.random()
        if what < 0.6:
            return {**value, name: inside(value[name], chance)}
        if what < 0.8:
            return {one: value[one] for one in value if one != name}
        return {**value, chance.choice([name, *list(value), "new"]): chance.choice(ODD)}
    if isinstance(value, list | tuple) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        changed = [*value]
        changed[place : place + 1] = chance.choice(
            ([inside(value[place], chance)], [], [value[place]] * 2, [[value[place]]])
        )
        return changed
    if isinstance(value, str) and value and chance.random() < 0.5:
        return letters(value, chance)
    if isinstance(value, bytes) and value and chance.random() < 0.7:
        place = chance.randrange(len(value))
        return value[:place] + chance.randbytes(chance.randrange(4)) + value[place + 1 :]
    if isinstance(value, int) and chance.random() < 0.5:
        return value + chance.choice((-1, 1, 60, -86_400, 2**32))
    return chance.choice(ODD)


def as_json(value: Any, chance: Random) -> bytes:
    """JSON, at times not quite."""
    text = json.dumps(value, default=str)
    if chance.random() < 0.1:
        text = letters(text, chance)
    return text.encode("utf-8", "replace")


def jws(text: str, key: es256.PrivateKey, chance: Random) -> str:
    """A JWS like the good one, spoiled; signed again three times of four."""
    parts = text.split(".")
    content = [json.loads(from_base64url(part)) for part in parts[:2]]
    for _ in range(chance.randrange(1, 4)):
        place = int(chance.random() < 0.75)
        content[place] = inside(content[place], chance)
    begun = ".".join(base64url(as_json(one, chance)) for one in content)
    if chance.random() < 0.25:
        return f"{begun}.{parts[2]}"
    return f"{begun}.{base64url(es256.sign(key, begun.encode()))}"


def disclosure(text: str, chance: Random) -> str:
    """A disclosure, spoiled."""
    return base64url(as_json(inside(json.loads(from_base64url(text)), chance), chance))


def cbor(item: Any, chance: Random) -> bytes:
    """CBOR of the item, spoiled inside, at times in its bytes."""
    try:
        content = cbor2.dumps(inside(item, chance), canonical=True)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError):
        content = cbor2.dumps(item)
    for _ in range(chance.choice((0, 0, 0, 1, 3))):
        place = chance.randrange(len(content) + 1)
        content = content[:place] + chance.randbytes(chance.randrange(3)) + content[place + 1 :]
    return content


def code(content: bytes, chance: Random) -> str:
    """The text of a QR code."""
    text = "SP1:" + base45.encode(content)
    return letters(text, chance) if chance.random() < 0.1 else text


def nothing_but(allowed: type[Exception] | tuple[type[Exception], ...]) -> Callable[..., bool]:
    """Calls a parser: whether it took what it was given. Anything but `allowed` goes through."""

    def call(parser: Callable[[Any], object], given: Any) -> bool:
        try:
            parser(given)
        except allowed:
            return False
        return True

    return call


declared = nothing_but(BadToken)
