"""CBOR that has exactly one spelling: deterministic encoding (RFC 8949 §4.2), read strictly.

Refused: indefinite lengths, lengths and integers not in their shortest form, map keys out of order,
twice, or neither integer nor text, floats, undefined and other simple values, every tag but that of
COSE_Sign1, text that is not UTF-8, anything after the end, more than `DEEPEST` levels, more than
`MOST_BYTES`. A general library reads all of these, runs code for tags, and keeps the last of two
equal keys.
"""

from collections.abc import Callable
from typing import Any

import cbor2

from passport.rules.tokens.bad_token import BadToken

MOST_BYTES = 1_500
DEEPEST = 8
SIGN1 = 18
"""The tag of COSE_Sign1 (RFC 9052)."""
_LEAST = (24, 1 << 8, 1 << 16, 1 << 32)
_SIMPLE = {20: False, 21: True, 22: None}
_KEY_TYPES = frozenset({0, 1, 3})

_Read = tuple[Any, int]


def read(content: bytes) -> Any:
    """The one item that `content` is. Raises `BadToken` (`too_long`, `bad_cbor`)."""
    if len(content) > MOST_BYTES:
        raise BadToken("too_long")
    try:
        value, end = _item(content, 0, 0)
    except IndexError:
        raise _bad("ends early") from None
    except UnicodeDecodeError:
        raise _bad("text that is not UTF-8") from None
    if end != len(content):
        raise _bad("something after the end")
    return value


def write(value: Any) -> bytes:
    """The one spelling of `value`."""
    return cbor2.dumps(_ordered(value))


def _ordered(value: Any) -> Any:
    """With map keys in the order of their bytes; the library's own order is that of RFC 7049."""
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=cbor2.dumps)}
    if isinstance(value, list):
        return [_ordered(one) for one in value]
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, _ordered(value.value))
    return value


def _item(content: bytes, at: int, depth: int) -> _Read:
    first = content[at]
    at += 1
    if first < 24:  # most items are a small number
        return first, at
    major, size = first >> 5, first & 31
    if size > 23:
        size, at = _argument(content, at, size, major)
    if major > 3:
        return _MAJOR[major - 4](content, at, size, depth)
    if major > 1:
        end = at + size
        if end > len(content):
            raise _bad("ends early")
        return content[at:end] if major == 2 else content[at:end].decode(), end
    return -1 - size if major else size, at


def _argument(content: bytes, at: int, size: int, major: int) -> _Read:
    if major == 7 or size > 27:
        raise _bad("a float, a reserved form, or no length")
    end = at + (1 << (size - 24))
    if end > len(content):
        raise _bad("ends early")
    number = int.from_bytes(content[at:end], "big")
    if number < _LEAST[size - 24]:
        raise _bad("not in its shortest form")
    return number, end


def _array(content: bytes, at: int, size: int, depth: int) -> _Read:
    depth = _deeper(depth)
    found = []
    for _ in range(size):
        value, at = _item(content, at, depth)
        found.append(value)
    return found, at


def _map(content: bytes, at: int, size: int, depth: int) -> _Read:
    depth = _deeper(depth)
    found: dict[Any, Any] = {}
    last = b""
    for _ in range(size):
        start, key = at, content[at]
        if key < 24:  # most keys are a small number, which is its own spelling
            at += 1
        elif key >> 5 not in _KEY_TYPES:
            raise _bad("a key that is neither integer nor text")
        else:
            key, at = _item(content, at, depth)
        spelling = content[start:at]
        if spelling <= last:
            raise _bad("keys twice or out of order")
        last = spelling
        found[key], at = _item(content, at, depth)
    return found, at


def _tag(content: bytes, at: int, size: int, depth: int) -> _Read:
    if size != SIGN1:
        raise _bad("another tag")
    value, at = _item(content, at, _deeper(depth))
    return cbor2.CBORTag(SIGN1, value), at


def _simple(_content: bytes, at: int, size: int, _depth: int) -> _Read:
    if size not in _SIMPLE:
        raise _bad("a simple value without meaning here")
    return _SIMPLE[size], at


def _deeper(depth: int) -> int:
    if depth == DEEPEST:
        raise _bad("too deep")
    return depth + 1


def _bad(why: str) -> BadToken:
    return BadToken("bad_cbor", why)


_MAJOR: tuple[Callable[[bytes, int, int, int], _Read], ...] = (
    _array, _map, _tag, _simple,
)  # fmt: skip
"""By major type (RFC 8949 §3.1), from 4 on."""
