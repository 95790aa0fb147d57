"""What verifiers and wallets fetch: trust list, root, status lists, issuers' keys, types.

Public, the same for everybody, and answered to programs of any origin. A verifier fetches lists
whole and ahead of time, so that nobody learns whom it looks at.
"""

import gzip
import hashlib
import json
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from passport.actions.signing import keys
from passport.actions.signing.signing import Where
from passport.actions.trust import published
from passport.errors import NotFound
from passport.model.credential_types import CredentialType, credential_types
from passport.rules.credentials.credential_claims import json_schema, type_metadata, vct
from passport.rules.tokens import addresses, status_list, trust_list
from passport.web.access import open_to_programs
from passport.web.lent import db, lent, real_now

pages = Blueprint("well_known", __name__)

FRESH, LASTING = 60, 3_600
"""Seconds for which a list, and what hardly changes, may be kept; never above a list's `ttl`."""
PEM = "application/pem-certificate-chain"


@pages.after_request
def share(response: Response) -> Response:
    """Any origin's programs may read it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
    response.headers["Access-Control-Expose-Headers"] = "ETag"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@pages.errorhandler(NotFound)
def unknown(_error: NotFound) -> Response:
    """Nothing is published there."""
    return _wrong(404, "not_found")


@pages.get("/passport/trust-list")
@open_to_programs
def show_trust_list() -> Response:
    """The signed list of issuers."""
    with db().reading() as session:
        token = published.trust_list(session)
    return _given(token, f"application/{trust_list.TYP}", FRESH)


@pages.get("/passport/root.pem")
@open_to_programs
def show_root() -> Response:
    """The certificate behind the trust list; to be compared by another way before it counts."""
    with db().reading() as session:
        pem = keys.root_pem(session)
    return _given(pem, PEM, LASTING)


@pages.get("/passport/status-lists/")
@open_to_programs
def show_status_lists() -> Response:
    """The addresses of all status lists (Token Status List, aggregation)."""
    with db().reading() as session:
        found = published.status_lists(session, lent().config.base_url)
    return _json({"status_lists": found}, FRESH)


@pages.get("/passport/status-lists/<published_list>")
@open_to_programs
def show_status_list(published_list: str) -> Response:
    """One signed status list, as it is now; what it said at another time is not kept."""
    if "time" in request.args:
        return _wrong(501, "time_not_supported")
    if request.accept_mimetypes and not request.accept_mimetypes[status_list.MEDIA_TYPE]:
        return _wrong(406, "not_acceptable")
    try:
        wanted = UUID(hex=published_list)
    except ValueError:
        raise NotFound from None
    if wanted.hex != published_list:
        raise NotFound
    with db().reading() as session:
        token = published.status_list(session, wanted)
    return _given(token, status_list.MEDIA_TYPE, FRESH)


@pages.get("/.well-known/jwt-vc-issuer/passport/issuers/<issuer_ods>")
@open_to_programs
def show_issuer(issuer_ods: str) -> Response:
    """An issuer's keys (SD-JWT VC, JWT VC Issuer Metadata)."""
    with db().reading() as session:
        found = published.issuer_keys(session, issuer_ods, now=real_now())
    issuer = addresses.issuer(lent().config.base_url, issuer_ods)
    return _json({"issuer": issuer, "jwks": {"keys": list(found)}}, FRESH)


@pages.get("/passport/types/<type_name>/<int:type_version>")
@open_to_programs
def show_type(type_name: str, type_version: int) -> Response:
    """What a credential type is (SD-JWT VC Type Metadata)."""
    kind = _kind(type_name, type_version)
    return _json(type_metadata(kind, vct=_vct(kind)), LASTING)


@pages.get("/passport/types/<type_name>/<int:type_version>/schema")
@open_to_programs
def show_schema(type_name: str, type_version: int) -> Response:
    """JSON Schema of a credential of that type with everything disclosed."""
    kind = _kind(type_name, type_version)
    return _json(json_schema(kind, vct=_vct(kind)), LASTING, "application/schema+json")


def _kind(name: str, version: int) -> CredentialType:
    kind = credential_types().get(name)
    if kind is None or kind.version != version:
        raise NotFound
    return kind


def _vct(kind: CredentialType) -> str:
    return vct(Where.of(lent().config).types_at, kind.name, kind.version)


def _json(body: dict[str, Any], seconds: int, media_type: str = "application/json") -> Response:
    return _given(json.dumps(body, ensure_ascii=False), media_type, seconds)


def _given(text: str, media_type: str, seconds: int) -> Response:
    """The text, compressed where that is understood; 304 where the asker has it already."""
    zipped = request.accept_encodings["gzip"] > 0
    content, digest = _content(text, zipped)
    response = Response(content, mimetype=media_type)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.vary.update(("Accept", "Accept-Encoding"))
    response.set_etag(digest)
    response.make_conditional(request)
    return response


@lru_cache(maxsize=128)
def _content(text: str, zipped: bool) -> tuple[bytes, str]:
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()[:32]
    return (gzip.compress(content, mtime=0), f"{digest}-gzip") if zipped else (content, digest)


def _wrong(status: int, error: str) -> Response:
    response = Response(json.dumps({"error": error}), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
