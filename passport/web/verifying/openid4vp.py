"""Where wallets fetch a request to present and answer it (OpenID4VP 1.0 §5.10, §8.2, §8.3)."""

from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for

from passport.actions.signing.signing import Where
from passport.actions.verifying import presented_answers, presenting
from passport.errors import Invalid, NotFound, Refused
from passport.sealing import vault_of
from passport.web.access import open_to_programs
from passport.web.lent import ask_limits, db, lent, real_now
from passport.web.parsing import uuid_of

pages = Blueprint("openid4vp", __name__, url_prefix="/passport")

REQUEST_TYPE = "application/oauth-authz-req+jwt"


@pages.after_request
def for_everybody(response: Response) -> Response:
    """Wallets may be web pages of other sites."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def where() -> Where:
    """The addresses that are signed into what this installation sends out."""
    config = lent().config
    return Where(base=config.base_url, types_at=config.types_at)


@pages.route("/requests/<request_key>", methods=["GET", "POST"])
@open_to_programs
def request_object(request_key: str) -> Response:
    """The signed request; by POST with the wallet's own nonce in it."""
    nonces = request.form.getlist("wallet_nonce") if request.method == "POST" else []
    try:
        if len(nonces) > 1:
            raise Invalid("bad_nonce")
        with db().reading() as session:
            signed = presenting.request_object(
                session,
                request_id=uuid_of(request_key),
                wallet_nonce=nonces[0] if nonces else None,
                limits=ask_limits(),
                vault=vault_of(lent().config),
                where=where(),
                now=real_now(),
            )
    except NotFound:
        return _error(404, "not_found", "There is no such request.")
    except Refused as problem:
        return _error(410, "request_over", problem.reasons[0].text)
    except Invalid:
        return _error(400, "invalid_request", "wallet_nonce is empty, too long or there twice.")
    return Response(signed, content_type=REQUEST_TYPE)


@pages.post("/responses/<request_key>")
@open_to_programs
def response(request_key: str) -> Response:
    """A wallet's answer, in either response mode, or its error."""
    if any(len(values) > 1 for _name, values in request.form.lists()):
        return _error(400, "invalid_request", "A parameter is there twice.")
    try:
        answered = db().attempt(
            lambda session: presented_answers.take(
                session,
                request_id=uuid_of(request_key),
                sent=request.form.to_dict(),
                limits=ask_limits(),
                vault=vault_of(lent().config),
                where=where(),
                now=real_now(),
            )
        )
    except NotFound:
        return _error(404, "invalid_request", "There is no such request.")
    if answered.error is not None:
        return _error(400, answered.error, answered.description)
    if answered.response_code is None:
        return jsonify({})
    back = url_for("ask.come_back", request_id=request_key)
    code = urlencode({"response_code": answered.response_code})
    return jsonify(redirect_uri=f"{lent().config.base_url}{back}?{code}")


def _error(status: int, code: str, description: str) -> Response:
    told = jsonify(error=code, error_description=description)
    told.status_code = status
    return told
