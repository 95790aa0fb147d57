"""A wallet for tests: reads a request as OpenID4VP 1.0 tells wallets to, and answers it.

It takes the query as it comes, so that a test can also make it answer something else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwe
from joserfc.jwk import ECKey

from passport.rules.tokens import es256, jws, sd_jwt, x509_chain
from passport.rules.tokens.es256 import PrivateKey
from passport.rules.tokens.sd_jwt_processing import process
from passport.rules.verifying import dcql


@dataclass(frozen=True)
class Fetched:
    """A request that a wallet has checked."""

    claims: Mapping[str, Any]

    @property
    def client_id(self) -> str:
        return str(self.claims["client_id"])

    @property
    def query(self) -> Mapping[str, Any]:
        return dict(self.claims["dcql_query"])


def started(uri: str) -> dict[str, str]:
    """What the link of a request says."""
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("openid4vp", "")
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def read_request(signed: str, *, root: str, uri: str, now: datetime) -> Fetched:
    """The request, its signature checked up to the root and against the link's client id."""
    token = jws.read(signed, typ="oauth-authz-req+jwt", key_headers=frozenset({"x5c"}))
    chain = token.header["x5c"]
    certified = x509_chain.check_chain(chain, [root], now)
    token.check(certified.key)
    claims = token.claims
    assert claims["client_id"] == started(uri)["client_id"]
    assert claims["client_id"] == f"x509_hash:{es256.base64url(certified.digest)}"
    assert claims["aud"] == "https://self-issued.me/v2"
    assert claims["response_type"] == "vp_token"
    return Fetched(claims)


@dataclass(frozen=True)
class Wallet:
    """Credentials and the keys they are bound to."""

    held: Sequence[tuple[str, PrivateKey]]
    now: datetime
    bent: Mapping[str, Any] = field(default_factory=dict)
    """What a dishonest wallet says instead: `audience`, `nonce`, `leave_out`, `more`."""

    def but(self, **bent: Any) -> "Wallet":
        return replace(self, bent=bent)

    def presentations(self, request: Fetched) -> dict[str, list[str]]:
        """Everything held that answers the query, with no more than it asks for."""
        found: dict[str, list[str]] = {}
        for asked in request.query["credentials"]:
            fitting = [
                shown for text, key in self.held
                if (shown := self._shown(asked, text, key, request)) is not None
            ]  # fmt: skip
            if fitting:
                found[asked["id"]] = fitting if asked.get("multiple") else fitting[:1]
        return found

    def _shown(
        self, asked: Mapping[str, Any], text: str, key: PrivateKey, request: Fetched
    ) -> str | None:
        token = sd_jwt.read(text)
        claims = process(token.issuer_claims, token.disclosures, never=()).claims
        if claims["vct"] not in asked["meta"]["vct_values"]:
            return None
        names = self._names(asked, claims)
        if names is None:
            return None
        names = [*names, *self.bent.get("more", ())]
        return sd_jwt.present(
            text,
            names=[one for one in names if one not in self.bent.get("leave_out", ())],
            holder_key=key,
            audience=self.bent.get("audience", request.client_id),
            nonce=self.bent.get("nonce", request.claims["nonce"]),
            now=self.now,
        )

    def _names(self, asked: Mapping[str, Any], claims: Mapping[str, Any]) -> list[str] | None:
        by_id = {one.get("id", i): one for i, one in enumerate(asked.get("claims", ()))}
        for one in asked.get("claim_sets", [list(by_id)]):
            if all(dcql.select(claims, by_id[name]["path"]) for name in one):
                return [by_id[name]["path"][0] for name in one]
        return None

    def form(self, request: Fetched, **replaced: Any) -> dict[str, str]:
        """The body of the answer, in the mode that the request names."""
        said: dict[str, Any] = {
            "state": request.claims["state"],
            "vp_token": self.presentations(request),
            **replaced,
        }
        if request.claims["response_mode"] == "direct_post":
            return {k: v if isinstance(v, str) else json.dumps(v) for k, v in said.items()}
        return {"response": encrypted(request, said)}


def encrypted(request: Fetched, said: Any, **header: Any) -> str:
    """What is said, to the request's key."""
    (key,) = request.claims["client_metadata"]["jwks"]["keys"]
    named = {"alg": key["alg"], "enc": "A128GCM", "kid": key["kid"], **header}
    registry = jwe.JWERegistry(
        algorithms=[named["alg"], named["enc"], "DEF"], strict_check_header=False
    )
    registry.max_ciphertext_length = 4 * 1024 * 1024
    return jwe.encrypt_compact(named, json.dumps(said), ECKey.import_key(key), registry=registry)


def vct_of(text: str) -> str:
    """The type that a credential names."""
    return str(sd_jwt.read(text).issuer_claims["vct"])
