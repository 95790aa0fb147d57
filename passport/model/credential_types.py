"""The kinds of credential and why one is turned down, withdrawn, suspended or revoked.

The only reader of `passport/reference/credential_types`: one file for each type, each with its
version, the day from which it holds and its source. A mistake in a file names file and field.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

from passport.frozen_values import frozen
from passport.model.registers import registers

V = TypeVar("V")

SIGNED_BY_ISSUER = frozenset(
    ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "status", "_sd", "_sd_alg", "...")
) | {"vct", "vct#integrity", "aka_vcts"}
"""Names the token itself uses (RFC 7519, RFC 9901, SD-JWT VC): no claim of a type may have one."""


class HolderRejection(StrEnum):
    """Why a holder turns a credential down."""

    DUPLICATE = "duplicate"
    INCORRECT = "incorrect"
    NO_LONGER_WANTED = "no_longer_wanted"
    OTHER = "other"


class Withdrawal(StrEnum):
    """Why an issuer takes a credential back before the holder accepted it."""

    ISSUED_IN_ERROR = "issued_in_error"
    UPDATED_INFORMATION = "updated_information"
    NO_LONGER_VALID = "no_longer_valid"


class Revocation(StrEnum):
    """Why an issuer ends a credential for good. Training that grew old ends nothing: the award
    stays true. A lost phone is a new key and a reissue."""

    LEAVING_ORGANISATION = "leaving_organisation"
    PROVIDED_IN_ERROR = "provided_in_error"
    NO_LONGER_VALID = "no_longer_valid"
    STAFF_MEMBER_DECEASED = "staff_member_deceased"
    REPLACED = "replaced"
    """A newer credential stands in its place: changed facts, or a new phone."""


class Suspension(StrEnum):
    """Why an issuer holds a credential back for a time. The verifier is never told which."""

    SUSPECT_NO_LONGER_VALID = "suspect_no_longer_valid"
    REGISTER_ENTRY_CHANGED = "register_entry_changed"
    NOT_CURRENTLY_AVAILABLE = "not_currently_available"
    """The home employer says so, without a reason."""
    PHONE_LOST = "phone_lost"
    """Until it is found again or the holder has a new key."""


class ClaimKind(StrEnum):
    """What the value of a claim is."""

    TEXT = "text"
    CODE = "code"
    """Text of one form: `pattern`."""
    CHOICE = "choice"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    """A year, a month or a day."""
    MOMENT = "moment"
    FLAG = "flag"
    IMAGE = "image"
    """A face as a data URL."""
    GROUP = "group"
    """Claims of its own."""


class Hiding(StrEnum):
    """Whether the holder may leave a claim out, in the words of SD-JWT VC type metadata."""

    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a credential, or of a group in it."""

    name: str
    kind: ClaimKind
    title: str
    help: str = ""
    mandatory: bool = False
    """The issuer has to state it."""
    sd: Hiding = Hiding.ALWAYS
    many: bool = False
    """The value is a list of such."""
    least: int = 0
    most: int = 20
    longest: int = 100
    pattern: str = ""
    choices: tuple[str, ...] = ()
    claims: "tuple[Claim, ...]" = ()


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What no claim may be about: words in the name of a claim the type does not have."""

    words: tuple[str, ...]
    """Lower-case letters and digits."""
    reason: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A form no text of the type may have."""

    pattern: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds among the claims while `claim` has one of `values`."""

    claim: str
    values: tuple[str, ...]
    reason: str
    needs: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    one_true: tuple[str, ...] = ()
    allows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every claim the rule speaks of."""
        others = (*self.needs, *self.refuses, *self.one_true, *self.allows, *self.patterns)
        return (self.claim, *others)


@dataclass(frozen=True, slots=True)
class Order:
    """Two days of which one cannot be before the other."""

    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class RegistrationClaims:
    """Which claims name a statutory register and a number on it."""

    body: str
    number: str


@dataclass(frozen=True, slots=True, eq=False)
class CredentialType:
    """One kind of credential as it holds from a day on."""

    name: str
    title: str
    description: str
    version: int
    from_on: date
    source: str
    claims: tuple[Claim, ...]
    forbidden: tuple[Forbidden, ...] = ()
    shapes: tuple[Shape, ...] = ()
    rules: tuple[Rule, ...] = ()
    orders: tuple[Order, ...] = ()
    registration: RegistrationClaims | None = None


@dataclass(frozen=True, slots=True)
class CommonClaims:
    """What every type has in common."""

    claims: tuple[Claim, ...]
    forbidden: tuple[Forbidden, ...]


@cache
def credential_types() -> Mapping[str, CredentialType]:
    """Name → type, each with the eight provenance fields."""
    folder = files("passport").joinpath("reference")
    common = read_common(folder.joinpath("credential_provenance.toml").read_text("utf-8"))
    found = {
        entry.name.removesuffix(".toml"): read_type(entry.name, entry.read_text("utf-8"), common)
        for entry in folder.joinpath("credential_types").iterdir()
        if entry.name.endswith(".toml")
    }
    return MappingProxyType(dict(sorted(found.items())))


def read_common(text: str) -> CommonClaims:
    """What the file of common claims says. Raises `ValueError` naming the field."""
    return _built(CommonClaims, "credential_provenance.toml", _table("it", text))


def read_type(file: str, text: str, common: CommonClaims) -> CredentialType:
    """What one file says, with the common claims. Raises `ValueError` naming file and field."""
    values = {"name": file.removesuffix(".toml"), **_table(file, text)}
    own = _with_registers(_built(CredentialType, file, values))
    whole = replace(
        own, claims=own.claims + common.claims, forbidden=common.forbidden + own.forbidden
    )
    wrong = [f"{field} {message}" for field, message in _mistakes(whole)]
    if wrong:
        raise ValueError(f"{file}: {'; '.join(wrong)}")
    return whole


def _table(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: {error}") from None


def _built(into: type[V], file: str, values: Mapping[str, Any]) -> V:
    built, wrong = frozen(into, values)
    if built is None:
        said = "; ".join(f"{field} {' and '.join(words)}" for field, words in wrong.items())
        raise ValueError(f"{file}: {said}")
    return built


def _with_registers(kind: CredentialType) -> CredentialType:
    """The registers as choices of the body, and each one's number format as a rule."""
    named = kind.registration
    if named is None:
        return kind
    bodies = tuple(registers())
    rules = tuple(
        Rule(
            claim=named.body,
            values=(body,),
            patterns={named.number: one.number_format},
            reason=f"a number of the {body} register looks like {one.example}",
        )
        for body, one in registers().items()
        if one.number_format
    )
    claims = tuple(
        replace(claim, choices=bodies) if claim.name == named.body else claim
        for claim in kind.claims
    )
    return replace(kind, claims=claims, rules=kind.rules + rules)


def _mistakes(kind: CredentialType) -> Iterator[tuple[str, str]]:
    yield from _claim_mistakes(kind.claims)
    yield from _unknown_names(kind)
    for claim in kind.claims:
        if claim.name in SIGNED_BY_ISSUER:
            yield f"claims.{claim.name}", "is a name of the token itself"
    for place, rule in enumerate(kind.rules):
        for pattern in rule.patterns.values():
            yield from _pattern_mistakes(f"rules[{place}].patterns", pattern)
    for place, shape in enumerate(kind.shapes):
        yield from _pattern_mistakes(f"shapes[{place}].pattern", shape.pattern)
    for place, forbidden in enumerate(kind.forbidden):
        if not all(re.fullmatch(r"[a-z0-9]+", word) for word in forbidden.words):
            yield f"forbidden[{place}].words", "are lower-case letters and digits"


def _unknown_names(kind: CredentialType) -> Iterator[tuple[str, str]]:
    """Rules and orders that speak of a claim the type does not have."""
    names = {claim.name for claim in kind.claims}
    spoken = [(f"rules[{place}]", rule.names) for place, rule in enumerate(kind.rules)]
    spoken += [(f"orders[{i}]", (one.earlier, one.later)) for i, one in enumerate(kind.orders)]
    for where, said in spoken:
        for name in sorted(set(said) - names):
            yield where, f"speaks of {name}, which is no claim"


def _claim_mistakes(claims: tuple[Claim, ...], within: str = "claims") -> Iterator[tuple[str, str]]:
    needs = {ClaimKind.CODE: "pattern", ClaimKind.CHOICE: "choices", ClaimKind.GROUP: "claims"}
    seen: set[str] = set()
    for claim in claims:
        here = f"{within}.{claim.name}"
        if claim.name in seen:
            yield here, "stands twice"
        seen.add(claim.name)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", claim.name):
            yield here, "is not a name: lower-case letters, digits and underscores"
        for kind, needed in needs.items():
            if bool(getattr(claim, needed)) is not (claim.kind is kind):
                yield f"{here}.{needed}", f"belongs to a {kind}, and a {kind} needs it"
        if not 0 <= claim.least <= claim.most:
            yield f"{here}.least", "is more than most"
        yield from _pattern_mistakes(f"{here}.pattern", claim.pattern)
        yield from _claim_mistakes(claim.claims, here)


def _pattern_mistakes(field: str, pattern: str) -> Iterator[tuple[str, str]]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield field, f"is not a pattern: {error}"
