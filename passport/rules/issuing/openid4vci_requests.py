"""Is a wallet's request well formed, and does its proof hold?

OpenID4VCI 1.0 sections 6 (token), 8 (credential), 11 (notification) and appendix F (proofs). Each
reader gives a value or raises `WalletError` with the error code that the standard has for it; what
needs the database (is this nonce ours, is that code right) is asked elsewhere.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.model.collecting_policy import COLLECTING_POLICY
from passport.rules.issuing.openid4vci import OPENID_CREDENTIAL, PRE_AUTHORIZED, REFRESH
from passport.rules.tokens import es256, jws
from passport.rules.tokens.bad_token import BadToken
from passport.rules.tokens.es256 import PublicKey
from passport.rules.tokens.numeric_dates import issued_and_ends

PROOF_TYP = "openid4vci-proof+jwt"
MOST_PROOF = 8 * 1024
EVENTS = ("credential_accepted", "credential_failure", "credential_deleted")
_LONGEST = 200
_NEVER_IN_QUERY = ("pre-authorized_code", "tx_code", "refresh_token", "access_token")


class WalletError(Exception):
    """A refusal in the words of the standard."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a wallet asks the token endpoint for."""

    grant: str
    secret: str
    """The pre-authorized code or the refresh token."""
    tx_code: str | None
    client_id: str | None
    configurations: tuple[str, ...] | None
    """Those of the authorization details; None = the wallet sent none."""


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """What a wallet asks the credential endpoint for: exactly one of the first two."""

    identifier: str | None
    configuration: str | None
    proofs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds, but for its nonce."""

    key: PublicKey
    nonce: str


def token_request(
    form: Iterable[tuple[str, str]], query: Iterable[str], *, authenticates: bool
) -> TokenRequest:
    """The form of a token request (6.1, RFC 6749 3.2); `authenticates`: it came with an
    Authorization header."""
    if any(name in _NEVER_IN_QUERY for name in query):
        raise WalletError("invalid_request", "Codes and tokens are not sent in the address.")
    sent: dict[str, str] = {}
    for name, value in form:
        if name in sent:
            raise WalletError("invalid_request", "A parameter stands twice.")
        if "\0" in value:
            raise WalletError("invalid_request", "A parameter holds a character 0.")
        sent[name] = value
    sent = {name: value for name, value in sent.items() if value}
    _refuse_client_authentication(sent, authenticates)
    grant = sent.get("grant_type")
    if grant is None:
        raise WalletError("invalid_request", "grant_type is missing.")
    named = {PRE_AUTHORIZED: "pre-authorized_code", REFRESH: "refresh_token"}.get(grant)
    if named is None:
        raise WalletError("unsupported_grant_type")
    if named not in sent:
        raise WalletError("invalid_request", f"{named} is missing.")
    if "tx_code" in sent and grant != PRE_AUTHORIZED:
        raise WalletError("invalid_request", "tx_code belongs to a pre-authorized code.")
    details = sent.get("authorization_details")
    return TokenRequest(
        grant=grant,
        secret=sent[named],
        tx_code=sent.get("tx_code"),
        client_id=sent.get("client_id"),
        configurations=None if details is None else _details(details),
    )


def _refuse_client_authentication(sent: Mapping[str, str], authenticates: bool) -> None:
    """No client is registered here, so none can prove who it is; a name of its own is taken."""
    if authenticates:
        raise WalletError("invalid_client", "Clients are not authenticated here.", 401)
    if "client_secret" in sent or "client_assertion" in sent:
        raise WalletError("invalid_client", "Clients are not authenticated here.")
    if len(sent.get("client_id", "")) > _LONGEST:
        raise WalletError("invalid_request", "client_id is too long.")


def _details(text: str) -> tuple[str, ...]:
    """The configurations that authorization details (RFC 9396) of our type name."""
    wrong = WalletError("invalid_authorization_details")
    try:
        value = jws.json_value(text.encode())
    except (BadToken, UnicodeEncodeError):
        raise wrong from None
    if not isinstance(value, list) or not value:
        raise wrong
    found = []
    for one in value:
        if not isinstance(one, dict) or one.get("type") != OPENID_CREDENTIAL:
            raise wrong
        name = one.get("credential_configuration_id")
        if not isinstance(name, str):
            raise wrong
        found.append(name)
    return tuple(dict.fromkeys(found))


def json_body(content: bytes, media_type: str, error: str) -> dict[str, Any]:
    """The JSON object of a request. Raises `WalletError` with that code."""
    if media_type == "application/jwt" and error == "invalid_credential_request":
        raise WalletError("invalid_encryption_parameters", "Requests are not encrypted here.")
    if media_type != "application/json":
        raise WalletError(error, "The body has to be application/json.")
    try:
        return jws.json_object(content)
    except BadToken:
        raise WalletError(error, "The body is not a JSON object.") from None


def credential_request(body: Mapping[str, Any]) -> CredentialRequest:
    """A Credential Request (8.2)."""
    named = [body.get("credential_identifier"), body.get("credential_configuration_id")]
    if sum(one is not None for one in named) != 1:
        raise WalletError(
            "invalid_credential_request",
            "Send either credential_identifier or credential_configuration_id.",
        )
    if not all(one is None or (isinstance(one, str) and one) for one in named):
        raise WalletError("invalid_credential_request", "The identifier is not a text.")
    if "credential_response_encryption" in body:
        raise WalletError("invalid_encryption_parameters", "Responses are not encrypted here.")
    return CredentialRequest(named[0], named[1], _proofs(body.get("proofs")))


def _proofs(sent: object) -> tuple[str, ...]:
    if sent is None:
        raise WalletError("invalid_proof", "proofs is missing.")
    if not isinstance(sent, dict) or len(sent) != 1 or "jwt" not in sent:
        raise WalletError("invalid_proof", "proofs holds proofs of one type: jwt.")
    texts = sent["jwt"]
    if not isinstance(texts, list) or not texts:
        raise WalletError("invalid_proof", "proofs.jwt is a list of at least one proof.")
    if len(texts) > COLLECTING_POLICY.batch_size:
        raise WalletError("invalid_proof", "There are more proofs than batch_size.")
    if not all(isinstance(text, str) for text in texts):
        raise WalletError("invalid_proof", "A proof is not a text.")
    return tuple(texts)


def proofs(
    texts: Iterable[str], *, issuer: str, client_id: str | None, now: datetime
) -> tuple[Proof, ...]:
    """Every proof of a request, checked but for its nonce (F.1, F.4)."""
    found = []
    for text in texts:
        try:
            found.append(_proof(text, issuer, client_id, now))
        except BadToken as problem:
            said = f"A proof does not hold: {problem.code} {problem.detail}".strip()
            raise WalletError("invalid_proof", said) from None
    if len({proof.key.kid for proof in found}) != len(found):
        raise WalletError("invalid_proof", "Two proofs are of one key.")
    return tuple(found)


def _proof(text: str, issuer: str, client_id: str | None, now: datetime) -> Proof:
    token = jws.read(
        text, typ=PROOF_TYP, key_headers=frozenset({"jwk"}), most=MOST_PROOF
    )
    if "kid" in token.header or "jwk" not in token.header:
        raise BadToken("key_not_understood", "the header has to hold jwk alone")
    key = es256.from_jwk(token.header["jwk"])
    token.check(key)
    claims = token.claims
    if claims.get("aud") != issuer:
        raise BadToken("wrong_audience")
    if "iss" in claims and (client_id is None or claims["iss"] != client_id):
        raise BadToken("wrong_client", "iss is the client_id of the token request, or absent")
    made, _ends = issued_and_ends(claims, now=now, skew=COLLECTING_POLICY.proof)
    if made < now - COLLECTING_POLICY.proof:
        raise BadToken("too_old")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise BadToken("claim_missing", "nonce")
    return Proof(key, nonce)


def notification(body: Mapping[str, Any]) -> tuple[str, str]:
    """`notification_id` and `event` of a notification (11.1)."""
    error = "invalid_notification_request"
    identifier, event = body.get("notification_id"), body.get("event")
    if not isinstance(identifier, str) or not identifier:
        raise WalletError(error, "notification_id is missing.")
    if not re.fullmatch(_PLAIN, identifier):
        raise WalletError("invalid_notification_id")
    if event not in EVENTS:
        raise WalletError(error, "event is not one of the standard.")
    description = body.get("event_description", "")
    if not isinstance(description, str) or not re.fullmatch(_PLAIN, description):
        raise WalletError(error, "event_description is not plain ASCII.")
    return identifier, event


_PLAIN = r"[\x20-\x21\x23-\x5b\x5d-\x7e]*"


def plain(text: str) -> str:
    """A description as the standards allow it: ASCII without quotes and backslashes."""
    return re.sub(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]", "?", text)
