"""The trust list: who issues, with which keys, and what each may say.

A collaborative signs one JSON list (a JWS of its own `typ`). It names each issuing organisation
by ODS code, its keys and when each was in force, the credential types it may assert, and the
organisation that took over from it. Its `version` only ever grows, so that an old list, in which
a revoked key is still good, cannot take the place of a newer one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from passport.rules.tokens import jws
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PrivateKey, PublicKey, from_jwk
from passport.rules.tokens.numeric_dates import SKEW, issued_and_ends, moment, seconds
from passport.rules.tokens.x509_chain import TRUST_LIST_SIGNING, check_chain

TYP = "dsp-trustlist+jwt"
MOST_TEXT = 2 * 1024 * 1024
MOST_ISSUERS, MOST_KEYS, MOST_TYPES, MOST_PREFIXES = 2_000, 50, 100, 1_000
"""Issuers of a list; keys and types of an issuer; prefixes of a list."""
MOST_VERSION = 2**53 - 1
"""The largest integer that every reader of JSON reads alike."""
_ODS = re.compile(r"[A-Z0-9]{3,8}")
_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_KID = re.compile(r"[!-~]{1,200}")
_URL = re.compile(r"https?://[!#-;=?-Z\[\]_a-z~]{1,2000}")

Root = PublicKey | Sequence[str | bytes]
"""The key that signs the list, or certificates (PEM) that certify whoever does."""


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One key of an issuer. It is good for what was issued from `not_before`, before `not_after`
    and before `revoked_from`.

    Whoever holds a stolen key can write any date. Its `revoked_from` has to be a moment up to
    which nothing is in doubt, if need be its `not_before`.
    """

    kid: str
    key: PublicKey
    not_before: datetime
    not_after: datetime
    revoked_from: datetime | None = None

    def why_not(self, at: datetime) -> str | None:
        """The code of what speaks against something issued at that moment."""
        if at < self.not_before:
            return "key_not_yet_in_force"
        if at >= self.not_after:
            return "key_no_longer_in_force"
        if self.revoked_from is not None and at >= self.revoked_from:
            return "key_revoked"
        return None


@dataclass(frozen=True, slots=True)
class Issuer:
    """An organisation that issues."""

    ods: str
    name: str
    keys: tuple[ListedKey, ...]
    asserts: frozenset[str]
    """Credential types it is believed on."""
    successor: str | None = None
    """ODS code of the listed organisation that took over."""
    iss: str | None = None
    """What its credentials name as their issuer, where the list says it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key that a token may mean, and whose it is."""

    issuer: Issuer
    listed: ListedKey


@dataclass(frozen=True, kw_only=True)
class TrustList:
    """A list that was read and believed, or is to be signed."""

    iss: str
    sub: str
    iat: datetime
    exp: datetime
    version: int
    vct_base: str
    """What the `vct` of the issuers' credentials begin with."""
    status_prefixes: tuple[str, ...]
    """The only places that status lists are fetched from."""
    issuers: tuple[Issuer, ...]
    signed_by: PublicKey | None = field(default=None, compare=False)
    """Whose signature was believed."""

    def issuer(self, ods: str) -> Issuer | None:
        """The listed organisation of that code."""
        return next((one for one in self.issuers if one.ods == ods), None)

    def by_kid(self, kid: str) -> list[Candidate]:
        """Every key of that name; two issuers may use the same."""
        return [one for one in self._candidates() if one.listed.kid == kid]

    def by_short_kid(self, short: bytes) -> list[Candidate]:
        """Every key whose thumbprint begins so."""
        return [one for one in self._candidates() if one.listed.key.short_kid == short]

    def line_of(self, ods: str) -> list[Issuer]:
        """The organisation and those that took over from it, one after the other."""
        line: list[Issuer] = []
        following = self.issuer(ods)
        while following is not None and following not in line:
            line.append(following)
            following = self.issuer(following.successor) if following.successor else None
        return line

    def status_keys(self, ods: str) -> list[PublicKey]:
        """The keys to try on the status lists of what this organisation issued: its own and its
        successors'. `why_not_status` tells whether the right one was in force."""
        return [listed.key for one in self.line_of(ods) for listed in one.keys]

    def why_not_status(self, ods: str, key: PublicKey, at: datetime) -> str | None:
        """The code of what speaks against that key's word, at that moment, on the status of
        what the organisation issued."""
        return _why_not_key([listed for one in self.line_of(ods) for listed in one.keys], key, at)

    def may_fetch(self, uri: str) -> bool:
        """Whether a status list may be fetched from there: a fetch tells who asks, and where."""
        if not _is_url(uri):
            return False
        steps = re.split(r"[/\\]", unquote(urlsplit(uri).path))
        if "." in steps or ".." in steps:
            return False
        return any(uri.startswith(prefix) for prefix in self.status_prefixes)

    @property
    def claims(self) -> dict[str, Any]:
        """What is signed."""
        return {
            "iss": self.iss,
            "sub": self.sub,
            "iat": seconds(self.iat),
            "exp": seconds(self.exp),
            "version": self.version,
            "vct_base": self.vct_base,
            "status_prefixes": list(self.status_prefixes),
            "issuers": [_written(one) for one in self.issuers],
        }

    def token(self, key: PrivateKey, **header: Any) -> str:
        """The signed list. The header carries `x5c`, or names the key by `kid`."""
        return jws.write(self.claims, key, typ=TYP, **header)

    def _candidates(self) -> Iterator[Candidate]:
        return (Candidate(issuer, listed) for issuer in self.issuers for listed in issuer.keys)


def why_not_trusted(issuer: Issuer, key: PublicKey, type_: str, at: datetime) -> str | None:
    """The code of what speaks against believing that issuer, by that key, on a credential of that
    type issued at that moment; None = nothing."""
    against_key = _why_not_key(issuer.keys, key, at)
    if against_key is None and type_ not in issuer.asserts:
        return "type_not_allowed"
    return against_key


def read_trust(
    text: object,
    *,
    root: Root,
    now: datetime,
    at_least: int = 0,
    sub: str | None = None,
    skew: timedelta = SKEW,
) -> TrustList:
    """The list, if the root stands behind it. Raises `BadToken`.

    `at_least`: the highest version ever seen of this list; `sub`: which list it has to be.
    With certificates as root, the signer's has to be made for trust lists and for the list's
    `iss`: an issuer certified under the same root cannot sign a list.
    """
    token = jws.read(text, typ=TYP, key_headers=frozenset({"x5c"}), most=MOST_TEXT)
    certified = None
    if isinstance(root, PublicKey):
        signer = root
    else:
        certified = check_chain(
            token.header.get("x5c"),
            root,
            now,
            purposes=(TRUST_LIST_SIGNING,),
            purpose_needed=True,
        )
        signer = certified.key
    token.check(signer)
    claims = token.claims
    found = _read(claims, now, skew)
    if certified is not None and not certified.speaks_for(found.iss):
        raise BadToken("wrong_issuer", "the certificate is made out to somebody else")
    if sub is not None and found.sub != sub:
        raise BadToken("wrong_subject", "another list")
    if found.version < at_least:
        raise BadToken("rolled_back", "a newer version was seen before")
    return replace(found, signed_by=signer)


def _why_not_key(keys: Sequence[ListedKey], key: PublicKey, at: datetime) -> str | None:
    against = [listed.why_not(at) for listed in keys if listed.key == key]
    if not against:
        return "key_not_listed"
    return None if None in against else against[0]


def _read(claims: Mapping[str, Any], now: datetime, skew: timedelta) -> TrustList:
    if "aud" in claims:
        raise BadToken("wrong_audience", "a list is for everybody")
    iat, exp = issued_and_ends(claims, now=now, skew=skew)
    if exp is None:
        raise BadToken("claim_missing", "exp")
    version = claims.get("version")
    if type(version) is not int or not 0 < version <= MOST_VERSION:
        raise BadToken("bad_version")
    return TrustList(
        iss=_url(claims.get("iss")),
        sub=_url(claims.get("sub")),
        iat=iat,
        exp=exp,
        version=version,
        vct_base=_url(claims.get("vct_base")),
        status_prefixes=tuple(
            _prefix(one) for one in _list(claims.get("status_prefixes"), MOST_PREFIXES)
        ),
        issuers=_issuers(claims.get("issuers")),
    )


def _issuers(value: object) -> tuple[Issuer, ...]:
    issuers = tuple(_issuer(one) for one in _list(value, MOST_ISSUERS))
    by_ods = {one.ods: one for one in issuers}
    if len(by_ods) != len(issuers):
        raise BadToken("bad_trust_list", "an organisation twice")
    successors = {one.ods: one.successor for one in issuers if one.successor is not None}
    if not set(successors.values()) <= set(by_ods):
        raise BadToken("bad_trust_list", "a successor that is not listed")
    settled: set[str] = set()
    for ods in successors:
        line, following = set[str](), ods
        while following in successors and following not in settled:
            if following in line:
                raise BadToken("bad_trust_list", "organisations that succeed each other")
            line.add(following)
            following = successors[following]
        settled |= line
    return issuers


def _issuer(value: object) -> Issuer:
    found = _object(value)
    successor = found.get("successor")
    return Issuer(
        ods=_matching(_ODS, found.get("ods"), "an ODS code"),
        name=_name(found.get("name")),
        keys=tuple(_key(one) for one in _list(found.get("keys"), MOST_KEYS)),
        asserts=frozenset(
            _matching(_TYPE, one, "a credential type")
            for one in _list(found.get("asserts"), MOST_TYPES)
        ),
        successor=None if successor is None else _matching(_ODS, successor, "an ODS code"),
        iss=_url(found["iss"]) if "iss" in found else None,
    )


def _key(value: object) -> ListedKey:
    found = _object(value)
    revoked_from = found.get("revoked_from")
    listed = ListedKey(
        kid=_matching(_KID, found.get("kid"), "a key's name"),
        key=from_jwk(found.get("jwk")),
        not_before=moment(found.get("not_before")),
        not_after=moment(found.get("not_after")),
        revoked_from=None if revoked_from is None else moment(revoked_from),
    )
    if listed.not_after <= listed.not_before:
        raise BadToken("bad_trust_list", "a key that ends before it begins")
    return listed


def _written(issuer: Issuer) -> dict[str, Any]:
    return {
        **({} if issuer.iss is None else {"iss": issuer.iss}),
        "ods": issuer.ods,
        "name": issuer.name,
        "successor": issuer.successor,
        "asserts": sorted(issuer.asserts),
        "keys": [
            {
                "jwk": one.key.jwk,
                "kid": one.kid,
                "not_before": seconds(one.not_before),
                "not_after": seconds(one.not_after),
                "revoked_from": seconds(one.revoked_from) if one.revoked_from else None,
            }
            for one in issuer.keys
        ],
    }


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadToken("bad_trust_list", "not an object")
    return value


def _list(value: object, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise BadToken("bad_trust_list", f"not a list of at most {most}")
    return value


def _matching(pattern: re.Pattern[str], value: object, what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadToken("bad_trust_list", f"not {what}")
    return value


def _name(value: object) -> str:
    """Text that stands on a verdict as it is: nothing invisible, nothing that turns it round."""
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():
        raise BadToken("bad_trust_list", "not a name")
    return value


def _is_url(value: str) -> bool:
    if not _URL.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.hostname) and parts.username is None and not parts.fragment


def _url(value: object) -> str:
    if not isinstance(value, str) or not _is_url(value):
        raise BadToken("bad_uri", "not an http address")
    return value


def _prefix(value: object) -> str:
    """One that ends with a slash, so that no other host or folder begins with it."""
    if not isinstance(value, str) or not value.endswith("/"):
        raise BadToken("bad_uri", "a prefix ends with a slash")
    return _url(value)
