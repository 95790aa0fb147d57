"""Was this request made by our own page? Two checks on everything that changes something.

The browser's own word (Sec-Fetch-Site, else Origin) must name this site, and the form must carry
the token of its session; for visitors who are not signed in, of their visitor's cookie. Requests
with a bearer token carry no cookie and need neither.
"""

import hmac
from urllib.parse import urlsplit

from flask import Response, g, request

from passport.errors import Forbidden
from passport.sealing import new_secret, vault_of
from passport.web import cookies
from passport.web.lent import lent

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SAME_SITE = frozenset({"same-origin", "none"})
"""`none`: typed by the person, which no other site can bring about."""


def check(session_token: str) -> None:
    """Raise `Forbidden` unless the request comes from our own page. `session_token` is the
    session's; empty for visitors."""
    if not _is_own_site():
        raise Forbidden("other_site", "This request came from another site.")
    expected = session_token or _visitor_token(cookies.read(cookies.VISITOR))
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not expected or not hmac.compare_digest(
        sent.encode("utf-8", "surrogatepass"), expected.encode()
    ):
        raise Forbidden(
            "form_out_of_date",
            "It had been open for too long, or you signed in anew since.",
        )


def _is_own_site() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in SAME_SITE:
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    own = urlsplit(lent().config.base_url).netloc
    return urlsplit(origin).netloc in (own, request.host)


def visitor() -> str:
    """The visitor's cookie value, made now where there is none (and set with the answer)."""
    value: str = cookies.read(cookies.VISITOR) or g.get("new_visitor", "")
    if not value:
        value = g.new_visitor = new_secret()
    return value


def visitor_token() -> str:
    """The token that a visitor's form carries."""
    return _visitor_token(visitor())


def _visitor_token(value: str) -> str:
    return vault_of(lent().config).keyed_hash("csrf", value) if value else ""


def remember_visitor(response: Response) -> Response:
    """Set the cookie of a visitor to whom a form was shown."""
    if "new_visitor" in g:
        cookies.give(response, cookies.VISITOR, g.new_visitor)
    return response
