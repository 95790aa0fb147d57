"""Cookies: one for the session, one for visitors' forms, one for the message after a deed.

Over https they are `__Host-` cookies: Secure, this host's alone, for the whole site. Plain http
is for loopback only, where no browser would keep a `__Host-` cookie; a request for any other host
is refused before it comes here (`passport.web.access`).
"""

from flask import Response, request

from passport.web.lent import lent

SESSION = "bankhub"
VISITOR = "bankhub-visitor"
SAID = "bankhub-said"


def read(name: str) -> str:
    """The cookie's value; empty where there is none."""
    return request.cookies.get(_full(name), "")


def give(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie; without `seconds` it ends with the browser's session."""
    response.set_cookie(
        _full(name),
        value,
        max_age=seconds,
        secure=lent().config.https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def take(response: Response, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(
        _full(name), path="/", secure=lent().config.https, httponly=True, samesite="Lax"
    )


def _full(name: str) -> str:
    return f"__Host-{name}" if lent().config.https else name
