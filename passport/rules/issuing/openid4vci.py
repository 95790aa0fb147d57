"""What does an issuer say of itself to wallets, and how is an offer written?

OpenID for Verifiable Credential Issuance 1.0: Credential Issuer metadata (12.2), Authorization
Server metadata (12.3, RFC 8414) and Credential Offers (4.1). An issuer is its own authorization
server and knows one way in: a pre-authorized code.

Rule in plain English. There is one configuration for each type of credential. Of some types a
person holds several (an award for each subject); for those a configuration follows for the second,
the third and so on, so that a wallet which asks for each configuration on offer goes home with all
of them. A wallet that asks with authorization details is told an identifier for each instead.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from passport.model.collecting_policy import COLLECTING_POLICY
from passport.model.credential_types import CredentialType, credential_types
from passport.rules.credentials.credential_claims import LOCALE, type_metadata, vct
from passport.rules.tokens import addresses
from passport.rules.tokens.numeric_dates import seconds

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
REFRESH = "refresh_token"
OPENID_CREDENTIAL = "openid_credential"
SIGNED_METADATA = "openidvci-issuer-metadata+jwt"
SCHEME = "openid-credential-offer://"
GATE = "gate"
GATE_FORMAT = "dsp-gate+cwt"
"""Our own format: the statement behind the QR code at a gate, base64url of a signed CWT."""
_FIRST = ("identity", "professional_registration", "employment_assignment")


@dataclass(frozen=True, slots=True)
class Held:
    """A credential that may be collected."""

    id: str
    type: str


def issuer_metadata(base: str, types_at: str, ods: str, name: str) -> dict[str, Any]:
    """The Credential Issuer metadata of an organisation."""
    own = addresses.issuer(base, ods)
    return {
        "credential_issuer": own,
        "credential_endpoint": f"{own}/credential",
        "nonce_endpoint": f"{own}/nonce",
        "notification_endpoint": f"{own}/notification",
        "batch_credential_issuance": {"batch_size": COLLECTING_POLICY.batch_size},
        "display": [{"name": name, "locale": LOCALE}],
        "credential_configurations_supported": _configurations(types_at),
    }


def signed_claims(metadata: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The claims of the metadata in its signed form."""
    own = metadata["credential_issuer"]
    return {"iss": own, "sub": own, "iat": seconds(now), **metadata}


def server_metadata(base: str, ods: str) -> dict[str, Any]:
    """The Authorization Server metadata of an organisation."""
    own = addresses.issuer(base, ods)
    return {
        "issuer": own,
        "token_endpoint": f"{own}/token",
        "token_endpoint_auth_methods_supported": ["none"],
        "grant_types_supported": [PRE_AUTHORIZED, REFRESH],
        "response_types_supported": [],
        "authorization_details_types_supported": [OPENID_CREDENTIAL],
        "pre-authorized_grant_anonymous_access_supported": True,
        "status_list_aggregation_endpoint": addresses.status_lists(base),
    }


def _configurations(types_at: str) -> dict[str, Any]:
    found = {}
    for name, kind in credential_types().items():
        identifier = vct(types_at, name, kind.version)
        found[name] = _sd_jwt(kind, identifier, kind.title) | {
            "credential_metadata": {
                "display": [_display(kind.title, kind.description)],
                "claims": _claims(kind, identifier),
            }
        }
        for number in range(2, COLLECTING_POLICY.several.get(name, 1) + 1):
            found[numbered(name, number)] = _sd_jwt(kind, identifier, f"{kind.title} {number}")
    found[GATE] = {"format": GATE_FORMAT, **_bound("Passport at the gate")}
    return found


def _sd_jwt(kind: CredentialType, identifier: str, title: str) -> dict[str, Any]:
    return {"format": "dc+sd-jwt", "vct": identifier, **_bound(title)}


def _bound(title: str) -> dict[str, Any]:
    """What all configurations say: bound to a P-256 key that the wallet proves it has."""
    return {
        "cryptographic_binding_methods_supported": ["jwk"],
        "credential_signing_alg_values_supported": ["ES256"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
        "credential_metadata": {"display": [_display(title)]},
    }


def _display(title: str, description: str = "") -> dict[str, str]:
    return {
        "name": title,
        "locale": LOCALE,
        **({"description": description} if description else {}),
        "background_color": "#005eb8",
        "text_color": "#ffffff",
    }


def _claims(kind: CredentialType, identifier: str) -> list[dict[str, Any]]:
    """The claims as OpenID4VCI describes them (B.2): `name` where type metadata says `label`."""
    return [
        {
            "path": claim["path"],
            "mandatory": claim["mandatory"],
            "display": [
                {"name": one["label"], "locale": one["locale"]} for one in claim["display"]
            ],
        }
        for claim in type_metadata(kind, vct=identifier)["claims"]
    ]


def numbered(name: str, number: int) -> str:
    """The configuration of the first, second, … credential of a type."""
    return name if number == 1 else f"{name}.{number}"


def is_known(configuration: str) -> bool:
    """Whether the metadata lists it."""
    name, _, number = configuration.partition(".")
    if configuration == GATE or configuration in credential_types():
        return True
    most = COLLECTING_POLICY.several.get(name, 1)
    return number.isdecimal() and configuration == numbered(name, int(number[:4])) and (
        2 <= int(number[:4]) <= most
    )


def configurations_of(held: Sequence[Held]) -> dict[str, Held]:
    """Configuration → the one credential it stands for, in the order in which an offer names
    them; what is beyond the numbers can be asked for by identifier only."""
    counted: dict[str, int] = {}
    found = {}
    for one in sorted(held, key=lambda one: (_rank(one.type), one.type)):
        number = counted[one.type] = counted.get(one.type, 0) + 1
        if number <= COLLECTING_POLICY.several.get(one.type, 1):
            found[numbered(one.type, number)] = one
    return found


def _rank(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def offer(
    issuer: str, configurations: Sequence[str], code: str, *, with_tx_code: bool
) -> dict[str, Any]:
    """A Credential Offer."""
    grant: dict[str, Any] = {"pre-authorized_code": code}
    if with_tx_code:
        grant["tx_code"] = {
            "input_mode": "numeric",
            "length": COLLECTING_POLICY.tx_code_digits,
            "description": "Enter the code shown to you beside this offer.",
        }
    return {
        "credential_issuer": issuer,
        "credential_configuration_ids": list(configurations),
        "grants": {PRE_AUTHORIZED: grant},
    }


def by_value(made: Mapping[str, Any]) -> str:
    """The link that holds a whole offer."""
    text = json.dumps(made, separators=(",", ":"))
    return f"{SCHEME}?credential_offer={quote(text, safe='')}"


def offer_address(issuer: str, code: str) -> str:
    """Where an offer is fetched from."""
    return f"{issuer}/offers/{code}"


def by_reference(issuer: str, code: str) -> str:
    """The link that says where the offer is: short enough for a QR code."""
    return f"{SCHEME}?credential_offer_uri={quote(offer_address(issuer, code), safe='')}"
