"""What may a credential of this type say, and how is that told to others?

Rule in plain English. A credential says what its type has claims for and nothing else. Each
claim has its form, the mandatory ones are there, and what must not be known (a diagnosis, a share
code, what a certificate holds, an expiry of training …) is refused with the reason, under
whatever name it comes. What limits a fact (a restriction, a condition, an end) is never hidden by
the holder, for left out it would read as none; nor is who says so. The same data gives the JSON
Schema and the SD-JWT VC Type Metadata that are published.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from passport.model.credential_types import (
    SIGNED_BY_ISSUER,
    Claim,
    ClaimKind,
    CredentialType,
    Hiding,
    Rule,
    credential_types,
)
from passport.rules.credentials.claim_forms import value_schema, whole, wrong_value

LOCALE = "en-GB"
_PATH = "/passport/types/"
Wrong = Iterator[tuple[str, str]]


def wrong_claims(type_name: str, claims: object) -> dict[str, list[str]]:
    """Every wrong, missing, unknown or forbidden claim with its reasons; empty = it may be issued.

    A reason never repeats a value.
    """
    kind = credential_types().get(type_name)
    if kind is None:
        return {"type": [f"is not a credential type: {', '.join(credential_types())}"]}
    if not isinstance(claims, Mapping):
        return {"": ["must be a group of claims"]}
    wrong: dict[str, list[str]] = {}
    for name, reason in _wrong_group(kind, kind.claims, claims, ""):
        wrong.setdefault(name, []).append(reason)
    sound = {name: value for name, value in claims.items() if name not in wrong}
    for name, reason in [*_wrong_together(kind, claims), *_wrong_order(kind, sound)]:
        if reason not in wrong.setdefault(name, []):
            wrong[name].append(reason)
    return wrong


def disclosable(kind: CredentialType) -> tuple[str, ...]:
    """The claims that the holder shows or leaves out, each by itself."""
    return tuple(claim.name for claim in kind.claims if claim.sd is Hiding.ALWAYS)


def vct(base: str, name: str, version: int = 1) -> str:
    """The identifier of a type, under the base that a set of installations shares."""
    return f"{base.rstrip('/')}{_PATH}{name}/{version}"


def name_of_vct(base: str, identifier: object) -> str | None:
    """The known type, in its present version, that an identifier under `base` names."""
    for name, kind in credential_types().items():
        if identifier == vct(base, name, kind.version):
            return name
    return None


def _wrong_group(
    kind: CredentialType, known: tuple[Claim, ...], claims: Mapping[Any, Any], within: str
) -> Wrong:
    names = {claim.name for claim in known}
    for name in claims:
        if name not in names:
            yield f"{within}{name}", _why_not(kind, str(name))
    for claim in known:
        if claim.name in claims:
            yield from _wrong_claim(kind, claim, claims[claim.name], f"{within}{claim.name}")
        elif claim.mandatory:
            yield f"{within}{claim.name}", "is missing"


def _why_not(kind: CredentialType, name: str) -> str:
    """Why a claim that the type does not have is refused."""
    if name in SIGNED_BY_ISSUER:
        return "is written by the issuer when the credential is signed"
    plain = re.sub(r"[^a-z0-9]", "", name.casefold())
    for forbidden in kind.forbidden:
        if any(word in plain for word in forbidden.words):
            return f"is refused: {forbidden.reason}"
    return f"is not a claim of {kind.name}"


def _wrong_claim(kind: CredentialType, claim: Claim, value: object, here: str) -> Wrong:
    if not claim.many:
        yield from _wrong_one(kind, claim, value, here)
    elif not isinstance(value, list | tuple):
        yield here, "must be a list"
    elif not claim.least <= len(value) <= claim.most:
        yield here, f"must have {claim.least} to {claim.most} entries"
    else:
        for place, one in enumerate(value):
            yield from _wrong_one(kind, claim, one, f"{here}[{place}]")
            if one in value[:place]:
                yield f"{here}[{place}]", "stands twice"


def _wrong_one(kind: CredentialType, claim: Claim, value: object, here: str) -> Wrong:
    reason = wrong_value(claim, value)
    if reason:
        yield here, reason
    if isinstance(value, str):
        for shape in kind.shapes:
            if re.search(shape.pattern, value[:1000]):
                yield here, f"is refused: {shape.reason}"
    if claim.kind is ClaimKind.GROUP and isinstance(value, Mapping):
        yield from _wrong_group(kind, claim.claims, value, f"{here}.")


def _wrong_together(kind: CredentialType, claims: Mapping[Any, Any]) -> Wrong:
    for rule in kind.rules:
        if claims.get(rule.claim) in rule.values:
            for name in _broken(rule, claims):
                yield name, rule.reason


def _wrong_order(kind: CredentialType, claims: Mapping[Any, Any]) -> Wrong:
    """Days before the days they follow; ISO days compare as text."""
    for order in kind.orders:
        earlier, later = claims.get(order.earlier), claims.get(order.later)
        if earlier is not None and later is not None and later < earlier:
            yield order.later, f"is before {order.earlier}"


def _broken(rule: Rule, claims: Mapping[Any, Any]) -> Iterator[str]:
    """The claims that break a rule which applies."""
    yield from (name for name in rule.needs if name not in claims)
    yield from (name for name in rule.refuses if name in claims)
    if rule.one_true and not any(claims.get(name) is True for name in rule.one_true):
        yield rule.one_true[0]
    for name, allowed in rule.allows.items():
        if name in claims and claims[name] not in allowed:
            yield name
    for name, pattern in rule.patterns.items():
        value = claims.get(name)
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            yield name


def json_schema(kind: CredentialType, *, vct: str | None = None) -> dict[str, Any]:
    """JSON Schema 2020-12 of the claims; with `vct`, of a whole credential with all disclosed.

    It refuses what `wrong_claims` refuses, but for days in the wrong order, which it cannot say.
    """
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.title,
        "description": kind.description,
        **_object_schema(kind, kind.claims),
    }
    if kind.rules:
        schema["allOf"] = [_rule_schema(rule) for rule in kind.rules]
    if vct is not None:
        schema["properties"] |= {**_TOKEN_SCHEMAS, "vct": {"const": vct}}
        schema["required"] = ["vct", *schema["required"]]
    return schema


_TOKEN_SCHEMAS: Mapping[str, Any] = {
    "iss": {"type": "string"},
    "sub": {"type": "string"},
    "jti": {"type": "string"},
    "iat": {"type": "integer"},
    "nbf": {"type": "integer"},
    "exp": {"type": "integer"},
    "cnf": {"type": "object"},
    "status": {"type": "object"},
    "vct#integrity": {"type": "string"},
    "aka_vcts": {"type": "array", "items": {"type": "string"}},
}


def _object_schema(kind: CredentialType, claims: tuple[Claim, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {claim.name: _claim_schema(kind, claim) for claim in claims},
        "required": [claim.name for claim in claims if claim.mandatory],
        "additionalProperties": False,
    }


def _claim_schema(kind: CredentialType, claim: Claim) -> dict[str, Any]:
    one = value_schema(claim, kind)
    if claim.kind is ClaimKind.GROUP:
        one |= _object_schema(kind, claim.claims)
    if claim.many:
        one = {
            "type": "array",
            "items": one,
            "minItems": claim.least,
            "maxItems": claim.most,
            "uniqueItems": True,
        }
    told = {"title": claim.title} | ({"description": claim.help} if claim.help else {})
    return told | one


def _rule_schema(rule: Rule) -> dict[str, Any]:
    then: dict[str, Any] = {
        "required": list(rule.needs),
        "properties": {
            **{name: False for name in rule.refuses},
            **{name: {"enum": list(allowed)} for name, allowed in rule.allows.items()},
            **{name: {"pattern": whole(pattern)} for name, pattern in rule.patterns.items()},
        },
    }
    if rule.one_true:
        then["anyOf"] = [
            {"properties": {name: {"const": True}}, "required": [name]} for name in rule.one_true
        ]
    return {
        "if": {
            "properties": {rule.claim: {"enum": list(rule.values)}},
            "required": [rule.claim],
        },
        "then": then,
    }


def type_metadata(kind: CredentialType, *, vct: str) -> dict[str, Any]:
    """SD-JWT VC Type Metadata of the type (draft-ietf-oauth-sd-jwt-vc)."""
    return {
        "vct": vct,
        "name": kind.title,
        "description": kind.description,
        "display": [{"locale": LOCALE, "name": kind.title, "description": kind.description}],
        "claims": [entry for claim in kind.claims for entry in _metadata_of(claim, [])],
    }


def _metadata_of(claim: Claim, within: list[str | None]) -> Iterator[dict[str, Any]]:
    """The claim, then the claims in it: those come and go with the group they are in."""
    path = [*within, claim.name]
    display = {"locale": LOCALE, "label": claim.title}
    if claim.help:
        display["description"] = claim.help
    yield {
        "path": path,
        "display": [display],
        "mandatory": claim.mandatory and not within,
        "sd": str(Hiding.NEVER if within else claim.sd),
    }
    for inner in claim.claims:
        yield from _metadata_of(inner, [*path, None] if claim.many else list(path))
