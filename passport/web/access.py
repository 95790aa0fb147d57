"""Who is asking, and how far they may go: the hook in front of every request.

Closed by default: a view answers only people who have completed their sign-in, unless it says
otherwise with one of the three marks below. A cookie or a bearer token says who; a deed's own
permission is asked by the action.
"""

import logging
from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Any, NoReturn, TypeVar

import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, g, make_response, redirect, request, url_for

from passport.actions.access import asking as find
from passport.actions.access import sessions
from passport.actions.access.asking import Asking
from passport.actions.access.sessions import Opened
from passport.actors import Actor
from passport.errors import Forbidden
from passport.hashing import TooBusy
from passport.model.access_policy import ACCESS_POLICY
from passport.rules.access.sign_in import Standing
from passport.sealing import hash_secret
from passport.web import cookies, forgery, messages, problems
from passport.web.frame import ground_frame
from passport.web.headers import register_headers
from passport.web.lent import db, lent, real_now
from passport.web.messages import say
from passport.web.places import confirm_url, entering_url, own_path, sign_in_url

log = logging.getLogger("bankhub.access")

View = TypeVar("View", bound=Callable[..., Any])

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
NOBODY_ASKS = frozenset({"static", "alive", "ready"})
"""Endpoints for which nobody is looked up: they answer without the database."""


class Open(Enum):
    """To whom a view answers."""

    COMPLETE = "people who have completed their sign-in; the default"
    ENTERING = "people with a session, however far they have come"
    ALL = "everybody"
    PROGRAMS = "everybody, and no cookie is looked at"


OPEN_ENDPOINTS = {"static": Open.ALL, "alive": Open.ALL, "ready": Open.ALL, "openapi": Open.ALL}


def open_to_all(view: View) -> View:
    """Mark a view that answers signed-out visitors too."""
    return _mark(view, Open.ALL)


def open_while_entering(view: View) -> View:
    """Mark a view that belongs to signing in: it answers people with a session only, also those
    who still owe a second factor."""
    return _mark(view, Open.ENTERING)


def open_to_programs(view: View) -> View:
    """Mark a view that other installations' programs call: cookies are not looked at, so there is
    no forged request to fear."""
    return _mark(view, Open.PROGRAMS)


def _mark(view: View, to: Open) -> View:
    view.__dict__["open_to"] = to
    return view


def asking() -> Asking | None:
    """Who is asking; None = a visitor."""
    found: Asking | None = g.get("asking")
    return found


def signed_in() -> Asking:
    """Who is asking; sends visitors to sign in."""
    return asking() or _send_to_sign_in()


def current_actor() -> Actor:
    """The actor who is asking; sends visitors to sign in."""
    return signed_in().actor


def require_step_up(view: View) -> View:
    """Mark a page whose deeds want a fresh second factor: it is asked for before the page is
    shown, so that nothing typed is lost."""

    @wraps(view)
    def confirmed_first(*args: Any, **kwargs: Any) -> Any:
        if not current_actor().stepped_up:
            abort(redirect(confirm_url(own_path()), 303))
        return view(*args, **kwargs)

    return confirmed_first  # type: ignore[return-value]


def start_session(response: Response, opened: Opened) -> Response:
    """Give the browser its new session; an own device keeps it after the browser is closed."""
    lasting = int(ACCESS_POLICY.own_device.absolute.total_seconds()) if opened.own_device else None
    cookies.give(response, cookies.SESSION, opened.token, seconds=lasting)
    return response


def end_session(response: Response) -> Response:
    """Take the session's cookie away."""
    cookies.take(response, cookies.SESSION)
    return response


def csrf_token() -> str:
    """The token that the forms of this page carry."""
    found = asking()
    return found.csrf if found and found.csrf else forgery.visitor_token()


def register_access(app: Flask) -> None:
    """Put the hook in front of every request of `app`."""
    app.extensions["csrf_token"] = csrf_token
    app.extensions["shell"] = lambda: ground_frame(asking())
    app.before_request(_ask)
    app.after_request(forgery.remember_visitor)
    app.after_request(messages.carry_messages)
    register_headers(app)

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> Response:
        if error.code == "step_up_needed" and not problems.wants_json():
            return make_response(redirect(confirm_url(own_path()), 303))
        return problems.answer(problems.body_of(error))

    @app.errorhandler(TooBusy)
    def busy(_error: TooBusy) -> Response:
        return problems.answer(problems.problem_body(503, "busy"), {"Retry-After": "5"})


def _ask() -> None:
    if request.endpoint in NOBODY_ASKS:
        return
    _refuse_plain_http_from_afar()
    open_to = _open_to()
    if open_to is Open.PROGRAMS:
        _refuse_nul_in_the_address()
        return
    bearer = _bearer()
    g.asking = _by_token(bearer) if bearer is not None else _by_cookie()
    if request.routing_exception is not None:
        return
    if open_to is not Open.ALL:
        _admit(signed_in(), open_to)
    if bearer is None and request.method not in forgery.SAFE_METHODS:
        found = asking()
        forgery.check(found.csrf if found else "")
    _refuse_nul()


def _refuse_plain_http_from_afar() -> None:
    """Without https, cookies and passwords are for this machine's own browser only; also ends
    requests that reach loopback under a foreign name (DNS rebinding)."""
    name = request.host.rsplit(":", 1)[0] if ":" in request.host else request.host
    host = request.host if request.host == "[::1]" else name
    if not lent().config.https and host not in LOOPBACK:
        body = problems.problem_body(
            400, "plain_http", "Without https this answers at http://localhost and 127.0.0.1 only."
        )
        abort(problems.answer(body))


def _refuse_nul() -> None:
    """No text of ours holds a NUL character, and PostgreSQL stores none."""
    _refuse_nul_in_the_address()
    if request.is_json:
        found = b"\\u0000" in request.get_data()
    else:
        found = any("\0" in text for values in request.form.listvalues() for text in values)
    if found:
        _nul()


def _refuse_nul_in_the_address() -> None:
    """A body of a program's request is for whoever knows its form and size to look at."""
    sent = (request.path, *(text for values in request.args.listvalues() for text in values))
    if any("\0" in text for text in sent):
        _nul()


def _nul() -> NoReturn:
    body = problems.problem_body(400, "nul_character", "The text holds a character 0.")
    abort(problems.answer(body))


def _open_to() -> Open:
    endpoint = request.endpoint or ""
    view = current_app.view_functions.get(endpoint)
    marked: Open = getattr(view, "open_to", OPEN_ENDPOINTS.get(endpoint, Open.COMPLETE))
    return marked


def _bearer() -> str | None:
    """The API token that was sent; on pages none counts."""
    if not request.path.startswith("/api/"):
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _by_token(token: str) -> Asking:
    with db().glance() as session:
        found = find.by_token(session, token_hash=hash_secret(token), now=real_now())
    if found is None:
        body = problems.problem_body(401, "token_not_valid", "The token is not or no longer valid.")
        abort(problems.answer(body, {"WWW-Authenticate": 'Bearer error="invalid_token"'}))
    return found


def _by_cookie() -> Asking | None:
    token = cookies.read(cookies.SESSION)
    if not token:
        return None
    now = real_now()
    with db().glance() as session:
        found = find.by_session(
            session, token_hash=hash_secret(token), demo=lent().config.demo, now=now
        )
    if found and found.seen_at and now - found.seen_at >= sessions.TOUCHED_EVERY:
        _touch(found)
    return found


def _touch(found: Asking) -> None:
    try:
        with db().transaction() as session:
            sessions.touch(session, found.session_hash, real_now())
    except sa.exc.OperationalError:
        log.warning("the last use of a session was not noted: the database was busy")


def _admit(found: Asking, open_to: Open) -> None:
    if open_to is Open.ENTERING:
        return
    if found.standing is not Standing.COMPLETE:
        if problems.wants_json():
            body = problems.problem_body(403, found.standing.value, "Complete your sign-in first.")
            abort(problems.answer(body))
        abort(redirect(entering_url(found.standing, own_path()), 303))
    if found.place is None and found.places and not problems.wants_json():
        abort(redirect(url_for("account.choose_place", next=own_path()), 303))


def _send_to_sign_in() -> NoReturn:
    if problems.wants_json():
        body = problems.problem_body(401, "sign_in_needed", "Sign in, or send an API token.")
        abort(problems.answer(body, {"WWW-Authenticate": "Bearer"}))
    if request.method not in forgery.SAFE_METHODS:
        say("You were not signed in, so it was not done. Sign in, then send it again.", "warn")
    response = make_response(redirect(sign_in_url(own_path()), 303))
    if cookies.read(cookies.SESSION):
        end_session(response)
    abort(response)
