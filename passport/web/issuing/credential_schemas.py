"""Shapes of the API for what a credential says, made from the same data as its JSON Schema."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from passport.model.credential_types import Claim, ClaimKind, CredentialType
from passport.rules.credentials.claim_forms import LONGEST_IMAGE
from passport.rules.credentials.credential_claims import wrong_claims
from passport.web.api_base import Strict


@cache
def marshmallow_schema(kind: CredentialType) -> type[Schema]:
    """The strict shape of a type's claims; what is refused is named with its reason."""

    def refuse(_schema: Schema, data: Any, **_more: Any) -> Any:
        wrong = wrong_claims(kind.name, data)
        if wrong:
            raise ValidationError(wrong)
        return data

    shape = _shape(_camel(kind.name), kind.claims)
    return type(shape.__name__, (shape,), {"refuse": pre_load(refuse)})


def _shape(name: str, claims: tuple[Claim, ...]) -> type[Schema]:
    return type(name, (Strict,), {claim.name: _field(name, claim) for claim in claims})


def _field(within: str, claim: Claim) -> fields.Field[Any]:
    told = {"title": claim.title} | ({"description": claim.help} if claim.help else {})
    if claim.many:
        entries = validate.Length(min=claim.least, max=claim.most)
        return fields.List(
            _one(within, claim), required=claim.mandatory, validate=entries, metadata=told
        )
    return _one(within, claim, required=claim.mandatory, metadata=told)


def _one(within: str, claim: Claim, **told: Any) -> fields.Field[Any]:
    if claim.kind is ClaimKind.GROUP:
        return fields.Nested(_shape(f"{within}{_camel(claim.name)}", claim.claims), **told)
    if claim.kind is ClaimKind.FLAG:
        return fields.Boolean(truthy={True}, falsy={False}, **told)
    limit = _LIMITS.get(claim.kind)
    return fields.String(validate=limit(claim) if limit else None, **told)


_LIMITS: Mapping[ClaimKind, Callable[[Claim], validate.Validator]] = {
    ClaimKind.TEXT: lambda claim: validate.Length(min=1, max=claim.longest),
    ClaimKind.CODE: lambda claim: validate.Regexp(f"(?:{claim.pattern})$"),
    ClaimKind.CHOICE: lambda claim: validate.OneOf(claim.choices),
    ClaimKind.IMAGE: lambda _claim: validate.Length(max=LONGEST_IMAGE),
}


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
