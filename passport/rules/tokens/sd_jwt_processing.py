"""What an SD-JWT says once its disclosures are put back (RFC 9901 §4.2, §7.1).

A claim that the issuer hid stands in the signed payload as the digest of its disclosure. A digest
with no disclosure (not shown, or a decoy) counts for nothing; a disclosure with no digest, a digest
that stands twice, and a name that would stand twice refuse the whole token. Nothing here believes a
signature.
"""

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import base64url, from_base64url
from passport.rules.tokens.jws import DEEPEST, json_text, json_value

MOST_DISCLOSURES = 512
_HASHES = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
_DIGESTS, _ELEMENT, _HASH = "_sd", "...", "_sd_alg"
_RESERVED = frozenset((_DIGESTS, _ELEMENT, _HASH))
_HOLDS_MORE, _ONLY_TEXT = frozenset((dict, list)), frozenset((str,))
_OBJECTS, _ARRAYS = (dict, Mapping), (list, tuple)
_SALT, _WRITTEN = 18, 24
"""Bytes of chance that keep a hidden value from being guessed by its digest, and characters."""


@dataclass(frozen=True, slots=True)
class Processed:
    """The claims as far as they are disclosed, and for each disclosure (by its text) the name of
    the top-level claim it belongs to."""

    claims: dict[str, Any]
    top_level: Mapping[str, str]


class _Disclosure(NamedTuple):
    text: str
    name: str | None  # None where it is an element of an array
    value: Any


def digester(payload: Mapping[str, Any]) -> Callable[[str], str]:
    """How this token digests its disclosures and, for the key binding, itself. Raises `BadToken`
    (`hash_not_accepted`)."""
    name = payload.get(_HASH, "sha-256")
    found = _HASHES.get(name) if isinstance(name, str) else None
    if found is None:
        raise BadToken("hash_not_accepted")
    algorithm = found
    return lambda text: base64url(algorithm(text.encode()).digest())


def process(
    payload: Mapping[str, Any], disclosures: Sequence[str], *, never: Collection[str] = ()
) -> Processed:
    """RFC 9901 §7.1 steps 2.4 to 5. The top-level claims named in `never` may not be disclosed,
    nor anything inside them. Raises `BadToken`."""
    if len(disclosures) > MOST_DISCLOSURES:
        raise BadToken("too_many_disclosures")
    digest = digester(payload)
    found = {digest(text): _disclosure(text) for text in disclosures}
    if len(found) != len(disclosures):
        raise BadToken("disclosure_repeated")
    unpacking = _Unpacking(found, frozenset(never))
    claims = unpacking.object({k: v for k, v in payload.items() if k != _HASH}, 0, None)
    if len(unpacking.top_level) != len(disclosures):
        raise BadToken("disclosure_without_digest")
    return Processed(claims, unpacking.top_level)


def hide(
    claims: Mapping[str, Any], names: Set[str], *, decoys: int = 0
) -> tuple[dict[str, Any], list[str]]:
    """The payload to sign, with the named top-level claims as digests among `decoys` others, and
    their disclosures."""
    digest = digester({})
    hidden = [(name, claims[name]) for name in claims if name in names]
    salts = _salts(len(hidden) + decoys)
    disclosures = [
        # a name and most values are text, which is written many times as fast as a list
        base64url(f'["{next(salts)}",{json_text(name)},{json_text(value)}]'.encode())
        for name, value in hidden
    ]
    digests = list(map(digest, (*disclosures, *salts)))
    payload = {name: value for name, value in claims.items() if name not in names}
    if digests:
        # sorted, so that their order does not tell which is which
        payload |= {_DIGESTS: sorted(digests), _HASH: "sha-256"}
    return payload, disclosures


def can_be_issued(value: object, depth: int = 0) -> bool:
    """Whether a reader would take it: not too deep, and no name that RFC 9901 keeps for itself."""
    inside: Collection[object] = ()
    if isinstance(value, _OBJECTS):
        if not _RESERVED.isdisjoint(value):
            return False
        inside = value.values()
    elif isinstance(value, _ARRAYS):
        inside = value
    if depth == DEEPEST:
        return not inside
    return all([isinstance(one, str) or can_be_issued(one, depth + 1) for one in inside])


def _salts(count: int) -> Iterator[str]:
    """As many of them, drawn at once."""
    chance = base64url(secrets.token_bytes(count * _SALT))
    return (chance[at : at + _WRITTEN] for at in range(0, len(chance), _WRITTEN))


def _disclosure(text: str) -> _Disclosure:
    parts = json_value(from_base64url(text))
    if not isinstance(parts, list) or not 2 <= len(parts) <= 3 or not isinstance(parts[0], str):
        raise BadToken("bad_disclosure")
    if len(parts) == 2:
        return _Disclosure(text, None, parts[1])
    name = parts[1]
    if not isinstance(name, str):
        raise BadToken("bad_disclosure")
    if name in _RESERVED:
        raise BadToken("disclosed_name_reserved")
    return _Disclosure(text, name, parts[2])


class _Unpacking:
    """One walk through payload and disclosures, remembering what it met."""

    def __init__(self, found: Mapping[str, _Disclosure], never: frozenset[str]) -> None:
        self.top_level: dict[str, str] = {}
        self._found = found
        self._never = never
        self._met: set[str] = set()

    def object(self, value: Mapping[str, Any], depth: int, top: str | None) -> dict[str, Any]:
        """The object with what is disclosed of it; `top` is the top-level claim it is part of."""
        if _ELEMENT in value or _HASH in value:
            raise BadToken("digest_misplaced")
        if depth == DEEPEST and value:
            raise BadToken("too_deep")
        claims = {
            name: self._value(one, depth + 1, top or name) if type(one) in _HOLDS_MORE else one
            for name, one in value.items()
            if name != _DIGESTS
        }
        if _DIGESTS not in value:
            return claims
        for disclosure in self._meet(value[_DIGESTS], top):
            if disclosure.name is None:
                raise BadToken("disclosure_misplaced")
            if disclosure.name in claims:
                raise BadToken("claim_repeated")
            claims[disclosure.name] = self._disclosed(disclosure, depth, top or disclosure.name)
        return claims

    def _array(self, values: Sequence[Any], depth: int, top: str) -> list[Any]:
        if depth == DEEPEST and values:
            raise BadToken("too_deep")
        found = []
        for one in values:
            if not isinstance(one, dict) or _ELEMENT not in one:
                found.append(self._value(one, depth + 1, top))
                continue
            if len(one) != 1:
                raise BadToken("digest_misplaced")
            for disclosure in self._meet([one[_ELEMENT]], top):
                if disclosure.name is not None:
                    raise BadToken("disclosure_misplaced")
                found.append(self._disclosed(disclosure, depth, top))
        return found

    def _value(self, value: Any, depth: int, top: str) -> Any:
        if isinstance(value, dict):
            return self.object(value, depth, top)
        if isinstance(value, list):
            return self._array(value, depth, top)
        return value

    def _meet(self, digests: Any, top: str | None) -> list[_Disclosure]:
        """What is shown of these digests, none of which was met before."""
        if not isinstance(digests, list) or not _ONLY_TEXT.issuperset(map(type, digests)):
            raise BadToken("bad_digest")
        if digests and top in self._never:
            raise BadToken("never_disclosable")
        met = len(self._met) + len(digests)
        self._met.update(digests)
        if len(self._met) != met:
            raise BadToken("digest_repeated")
        return [self._found[one] for one in digests if one in self._found]

    def _disclosed(self, disclosure: _Disclosure, depth: int, top: str) -> Any:
        if top in self._never:
            raise BadToken("never_disclosable")
        self.top_level[disclosure.text] = top
        value = disclosure.value
        return self._value(value, depth + 1, top) if type(value) in _HOLDS_MORE else value
