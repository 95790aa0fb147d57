"""Collecting by OpenID4VCI 1.0: what an issuer says of itself, and its five endpoints.

Called by wallets of any make and origin, so no cookie is looked at. Errors are the standards' own
JSON (RFC 6749, RFC 6750, OpenID4VCI 8.3.1 and 11.3).
"""

import json
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from passport.actions.issuing import collecting, collecting_tokens, offers
from passport.actions.issuing.collecting import Access
from passport.actions.signing.signing import Where
from passport.errors import NotFound, Problem
from passport.rules.issuing import openid4vci
from passport.rules.issuing.openid4vci_requests import (
    WalletError,
    credential_request,
    json_body,
    notification,
    plain,
    token_request,
)
from passport.rules.tokens import addresses
from passport.sealing import Vault, vault_of
from passport.web.access import open_to_programs
from passport.web.account.devices import wallet_words
from passport.web.lent import db, lent, real_now

pages = Blueprint("openid4vci", __name__)

MOST_BYTES = 128 * 1024
ISSUER = "/passport/issuers/<issuer_ods>"


@pages.before_request
def bound() -> None:
    """What a wallet sends is small."""
    request.max_content_length = MOST_BYTES


@pages.after_request
def share(response: Response) -> Response:
    """Any origin's wallet may call; nothing is kept on the way."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Accept"
    response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, Retry-After"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


@pages.errorhandler(WalletError)
def refused(error: WalletError) -> Response:
    """A refusal in the words of the standard."""
    body = {"error": error.error}
    if error.description:
        body["error_description"] = plain(error.description)
    response = _json(body, error.status)
    if error.error == "invalid_client":
        response.headers["WWW-Authenticate"] = "Basic"
    elif error.status in (401, 403):
        named = f' error="{error.error}"' if _bearer() else ""
        response.headers["WWW-Authenticate"] = f"Bearer{named}"
    elif error.status == 429:
        response.headers["Retry-After"] = "60"
    return response


@pages.errorhandler(NotFound)
def unknown(_error: NotFound) -> Response:
    """No issuer and no offer is there."""
    return _json({"error": "not_found"}, 404)


@pages.errorhandler(Problem)
def other(error: Problem) -> Response:
    """What no standard has a word for."""
    return _json({"error": error.code}, error.status)


@pages.errorhandler(HTTPException)
def not_read(error: HTTPException) -> Response:
    """Too large, or not to be read."""
    return _json({"error": "invalid_request"}, error.code or 400)


@pages.get(f"/.well-known/openid-credential-issuer{ISSUER}")
@pages.get(f"{ISSUER}/.well-known/openid-credential-issuer", endpoint="issuer_metadata_below")
@open_to_programs
def issuer_metadata(issuer_ods: str) -> Response:
    """The Credential Issuer metadata: JSON, or signed where that is what the wallet prefers."""
    kinds = request.accept_mimetypes.best_match(("application/json", "application/jwt"))
    signed = kinds == "application/jwt"
    with db().reading() as session:
        said = collecting.metadata(
            session, ods=issuer_ods, vault=_vault(), where=_where(), now=real_now(), signed=signed
        )
    response = (
        Response(said, content_type="application/jwt") if isinstance(said, str) else _json(said)
    )
    response.vary.add("Accept")
    return response


@pages.get(f"/.well-known/oauth-authorization-server{ISSUER}")
@pages.get(f"{ISSUER}/.well-known/oauth-authorization-server", endpoint="server_metadata_below")
@open_to_programs
def server_metadata(issuer_ods: str) -> Response:
    """The Authorization Server metadata (RFC 8414)."""
    _demand_issuer(issuer_ods)
    return _json(openid4vci.server_metadata(lent().config.base_url, issuer_ods))


@pages.get(f"{ISSUER}/offers/<offer_code>")
@open_to_programs
def offer(issuer_ods: str, offer_code: str) -> Response:
    """A Credential Offer, by reference."""
    with db().reading() as session:
        said = offers.read(
            session, ods=issuer_ods, code=offer_code, base=lent().config.base_url, now=real_now()
        )
    return _json(said)


@pages.post(f"{ISSUER}/token")
@open_to_programs
def token(issuer_ods: str) -> Response:
    """The token endpoint."""
    _demand_issuer(issuer_ods)
    if request.mimetype != "application/x-www-form-urlencoded":
        raise WalletError("invalid_request", "The body has to be a form.")
    authenticates = "Authorization" in request.headers
    asked = token_request(
        request.form.items(multi=True), request.args, authenticates=authenticates
    )
    own = request.headers.get("Origin") == lent().config.base_url
    label, now = wallet_words(request.headers.get("User-Agent", ""), own=own), real_now()
    made = db().attempt(
        lambda session: collecting_tokens.grant(
            session, ods=issuer_ods, asked=asked, label=label, vault=_vault(), now=now
        )
    )
    if isinstance(made, WalletError):
        raise made
    return _json(made.object)


@pages.post(f"{ISSUER}/nonce")
@open_to_programs
def nonce(issuer_ods: str) -> Response:
    """The nonce endpoint: for everybody."""
    _demand_issuer(issuer_ods)
    return _json({"c_nonce": collecting.new_nonce(_vault(), _issuer(issuer_ods), real_now())})


@pages.post(f"{ISSUER}/credential")
@open_to_programs
def credential(issuer_ods: str) -> Response:
    """The credential endpoint."""
    secret, now = _demand_bearer(), real_now()

    def deed(session: Any) -> collecting.Collected:
        who = collecting.access(session, ods=issuer_ods, token=secret, now=now)
        asked = credential_request(_body("invalid_credential_request"))
        return collecting.collect(
            session, who, asked, issuer=_issuer(issuer_ods), vault=_vault(), where=_where(), now=now
        )

    return _json(db().attempt(deed).object)


@pages.post(f"{ISSUER}/notification")
@open_to_programs
def notify(issuer_ods: str) -> Response:
    """The notification endpoint."""
    secret, now = _demand_bearer(), real_now()

    def deed(session: Any) -> None:
        who: Access = collecting.access(session, ods=issuer_ods, token=secret, now=now)
        identifier, event = notification(_body("invalid_notification_request"))
        collecting.told(session, who, notification_id=identifier, event=event)

    db().attempt(deed)
    return Response(status=204)


def _demand_issuer(issuer_ods: str) -> None:
    with db().reading() as session:
        collecting.an_issuer(session, ods=issuer_ods, vault=_vault(), now=real_now())


def _demand_bearer() -> str:
    """The access token, from the header and from nowhere else (RFC 6750 2.1)."""
    if "access_token" in request.args:
        raise WalletError("invalid_request", "The access token is not sent in the address.")
    found = _bearer()
    if not found:
        raise WalletError("invalid_token", "Send the access token as a Bearer token.", 401)
    return found


def _bearer() -> str:
    scheme, _, found = request.headers.get("Authorization", "").partition(" ")
    return found.strip() if scheme.lower() == "bearer" else ""


def _body(error: str) -> dict[str, Any]:
    return json_body(request.get_data(), request.mimetype, error)


def _issuer(issuer_ods: str) -> str:
    return addresses.issuer(lent().config.base_url, issuer_ods)


def _where() -> Where:
    config = lent().config
    return Where(base=config.base_url, types_at=config.types_at)


def _vault() -> Vault:
    return vault_of(lent().config)


def _json(said: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(said), status=status, content_type="application/json")
