"""Did this party sign exactly this text?

A signature is a compact JWS of its own `typ`, made with the party's issuer key: it names the
agreement and version, the SHA-256 of the text, all parties, and who signed by what authority. It
is checked with the trust list alone: the key has to be one that the list gives that organisation,
in force at the moment of signing; a trust that was merged stays on the list with its keys. A file
is good where every party that its signatures name signed the same text.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.rules.tokens import jws
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PrivateKey
from passport.rules.tokens.numeric_dates import SKEW, moment, seconds
from passport.rules.tokens.trust_list import Candidate, TrustList

TYP = "agreement-signature+jwt"
_TEXTS = ("agreement", "ods", "text_sha256", "name", "job_title", "authority")


@dataclass(frozen=True, slots=True)
class Said:
    """What a party signs."""

    agreement: str
    """E.g. `WSA-7`."""
    version: int
    ods: str
    parties: tuple[str, ...]
    """ODS codes of all parties of the version."""
    text_hash: str
    name: str
    job_title: str
    authority: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking one signature."""

    said: Said | None
    issuer: str
    """Name by the trust list of whoever's key signed; empty where none did."""
    problem: str | None
    """Code of what speaks against it; None = good."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What came of checking a file with text and signatures."""

    signatures: tuple[Checked, ...]
    problems: tuple[str, ...]
    """Codes of what speaks against the file as a whole."""

    @property
    def good(self) -> bool:
        """Whether every party signed this text."""
        return not self.problems and all(one.problem is None for one in self.signatures)


def hash_of(text: str) -> str:
    """SHA-256 of the text as UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def signed(said: Said, key: PrivateKey, kid: str) -> str:
    """The signature."""
    claims = {
        "agreement": said.agreement,
        "version": said.version,
        "ods": said.ods,
        "parties": sorted(said.parties),
        "text_sha256": said.text_hash,
        "name": said.name,
        "job_title": said.job_title,
        "authority": said.authority,
        "iat": seconds(said.at),
    }
    return jws.write(claims, key, typ=TYP, kid=kid)


def check(token: object, text_hash: str, trust: TrustList, *, now: datetime) -> Checked:
    """One signature over the text of that hash."""
    try:
        read = jws.read(token, typ=TYP)
        said = _said(read.claims)
        if said.at > now + SKEW:
            raise BadToken("made_in_the_future")
    except BadToken as problem:
        return Checked(None, "", problem.code)
    found = _signer(read, trust)
    if found is None:
        return Checked(said, "", "key_not_listed")
    return Checked(said, found.issuer.name, _against(said, found, text_hash))


def check_file(file: Mapping[str, Any], trust: TrustList, *, now: datetime) -> CheckedFile:
    """A file as it was handed out: `text` and `signatures`."""
    text, tokens = file.get("text"), file.get("signatures")
    if not isinstance(text, str) or not isinstance(tokens, list) or len(tokens) > 1_000:
        return CheckedFile((), ("not_an_agreement",))
    checked = tuple(check(one, hash_of(text), trust, now=now) for one in tokens)
    return CheckedFile(checked, tuple(_against_all(checked)))


def _against_all(checked: Sequence[Checked]) -> list[str]:
    said = [one.said for one in checked if one.said is not None]
    if not said:
        return ["not_signed"]
    problems = []
    first = said[0]
    named = (first.agreement, first.version, first.parties)
    if any((one.agreement, one.version, one.parties) != named for one in said):
        problems.append("of_different_agreements")
    if set(first.parties) - {one.ods for one in said}:
        problems.append("party_missing")
    return problems


def _signer(read: jws.Jws, trust: TrustList) -> Candidate | None:
    for candidate in trust.by_kid(str(read.header.get("kid"))):
        try:
            read.check(candidate.listed.key)
        except BadToken:
            continue
        return candidate
    return None


def _against(said: Said, found: Candidate, text_hash: str) -> str | None:
    if found.issuer.ods != said.ods:
        return "wrong_issuer"
    if said.text_hash != text_hash:
        return "another_text"
    return found.listed.why_not(said.at)


def _said(claims: Mapping[str, Any]) -> Said:
    for name in _TEXTS:
        if not isinstance(claims.get(name), str):
            raise BadToken("claim_missing", name)
    version, parties = claims.get("version"), claims.get("parties")
    if type(version) is not int or not isinstance(parties, list):
        raise BadToken("claim_missing", "version and parties")
    return Said(
        agreement=claims["agreement"],
        version=version,
        ods=claims["ods"],
        parties=tuple(str(one) for one in parties),
        text_hash=claims["text_sha256"],
        name=claims["name"],
        job_title=claims["job_title"],
        authority=claims["authority"],
        at=moment(claims.get("iat")),
    )
