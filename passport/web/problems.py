"""Errors out: problem+json (RFC 9457) for the API, the same object as a page for people.

Every error of both floors passes here. A 404 says the same bytes for an unknown id and for
another organisation's; a 500 says nothing but a reference that the log also has.
"""

import json
import logging
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from passport.errors import Invalid, NotFound, Problem, Reason, Refused
from passport.web.places import own_path

log = logging.getLogger("bankhub.problems")

TITLES = {
    400: "The request could not be read",
    401: "Sign in first",
    403: "You may not do this here",
    404: "Not found",
    405: "Not possible at this address",
    409: "Not possible",
    413: "Too large",
    415: "This kind of content is not accepted here",
    422: "Something needs correcting",
    429: "Too many attempts",
    500: "Something went wrong on our side",
    503: "Busy: please try again in a moment",
}


def reason_body(reason: Reason) -> dict[str, Any]:
    """A reason as JSON: code, level, sentence, evidence, cure."""
    cure = {"act": reason.cure.act, "at": reason.cure.at} if reason.cure else None
    return {
        "code": reason.code,
        "level": reason.level.value,
        "text": reason.text,
        "evidence": dict(reason.evidence),
        "cure": cure,
    }


def problem_body(status: int, code: str, detail: str = "", **more: Any) -> dict[str, Any]:
    """The one error shape."""
    return {
        "type": f"/problems/{code}",
        "title": TITLES.get(status, HTTPStatus(status).phrase),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }


def wants_json() -> bool:
    """Whether the caller is a program: the API's paths, or no HTML accepted."""
    return request.path.startswith("/api/") or not request.accept_mimetypes.accept_html


def answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """The problem as JSON or as a page."""
    status = body["status"]
    if wants_json():
        response = make_response(json.dumps(body, default=str, sort_keys=True), status)
        response.content_type = "application/problem+json"
    else:
        page = render_template(
            "problem.html", problem=body, page_url=own_path(), reference=g.get("request_id", "")
        )
        response = make_response(page, status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def body_of(problem: Problem) -> dict[str, Any]:
    """A `Problem` as the one error shape, with all its reasons or fields."""
    if isinstance(problem, Refused):
        return problem_body(
            problem.status,
            problem.code,
            problem.detail,
            reasons=[reason_body(reason) for reason in problem.reasons],
        )
    if isinstance(problem, Invalid):
        return problem_body(problem.status, problem.code, problem.detail, fields=problem.fields)
    return problem_body(problem.status, problem.code, problem.detail)


def _from_http(error: HTTPException) -> Response:
    if error.response is not None:  # a redirect or a made-up response
        return make_response(error.response)
    status = error.code or 500
    if status == 404:
        return answer(body_of(NotFound()))
    data = getattr(error, "data", None) or {}
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() in ("allow", "retry-after", "www-authenticate")
    }
    if status == 422 and "messages" in data:
        fields = _flat(data["messages"])
        return answer(
            problem_body(422, "invalid", "Some fields cannot be used.", fields=fields), headers
        )
    detail = "" if status >= 500 else str(error.description or "")
    code = HTTPStatus(status).phrase.lower().replace(" ", "_")
    return answer(problem_body(status, code, detail), headers)


def _flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Nested marshmallow messages as `field.path` → list of sentences."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, value in messages.items():
            here = f"{path}.{key}" if path else str(key)
            found.update(_flat(value, here))
        places = ("json.", "query.", "headers.", "files.", "form.")
        return {
            next((name[len(p) :] for p in places if name.startswith(p)), name): said
            for name, said in found.items()
        }
    said = messages if isinstance(messages, list) else [messages]
    return {path: [str(message) for message in said]}


def register_problems(app: Flask) -> None:
    """Hand every error of `app` to this file."""

    @app.errorhandler(Problem)
    def known(error: Problem) -> Response:
        return answer(body_of(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return _from_http(error)

    @app.errorhandler(RecursionError)
    def too_deep(_error: RecursionError) -> Response:
        return answer(problem_body(400, "too_deep", "The JSON is nested too deeply."))

    @app.errorhandler(sa.exc.OperationalError)
    @app.errorhandler(sa.exc.TimeoutError)
    def database_away(error: Exception) -> Response:
        log.error("database unavailable: %s", type(error).__name__)
        return answer(problem_body(503, "busy"), {"Retry-After": "2"})

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        log.exception("unhandled error", exc_info=error)
        return answer(problem_body(500, "internal"))
