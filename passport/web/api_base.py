"""Declare a JSON endpoint once: path, input, answer, and the document writes itself.

The only module that imports flask-smorest: it wraps the library's untyped decorators in typed
ones and leaves the error shape to `passport.web.problems`.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import flask_smorest
import flask_smorest.blueprint
from flask import Flask, Response, jsonify
from flask_smorest.fields import Upload
from marshmallow import EXCLUDE, RAISE, Schema, fields
from sqlalchemy.orm import Session

from passport.web import idempotency
from passport.web.lent import db

Endpoint = Callable[..., Any]


class Strict(Schema):
    """Base of all request shapes: unknown fields are refused."""

    class Meta:
        unknown = RAISE


class Answer(Schema):
    """Base of all answer shapes: every field is always there, but for those in `sometimes`."""

    sometimes: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Say so in the document."""
        field_obj.required = field_name not in self.sometimes


def uploaded(**kwargs: Any) -> fields.Field[Any]:
    """A file, sent as multipart form data."""
    make: Any = Upload  # the library has no types
    made: fields.Field[Any] = make(**kwargs)
    return made


class CureShape(Answer):
    """What clears a reason."""

    act = fields.String(required=True)
    at = fields.String(allow_none=True)


class ReasonShape(Answer):
    """One failed rule, as this caller may read it; the evidence is for the person concerned."""

    sometimes = frozenset({"evidence"})

    code = fields.String(required=True)
    level = fields.String()
    text = fields.String()
    evidence = fields.Dict(keys=fields.String())
    cure = fields.Nested(CureShape, allow_none=True)


class ProblemShape(Answer):
    """RFC 9457 problem details."""

    sometimes = frozenset({"reasons", "fields_"})

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    reasons = fields.List(fields.Nested(ReasonShape))
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), data_key="fields"
    )


class _Api(flask_smorest.Api):
    """flask-smorest without its own error handlers and error shape: `problems` has them all."""

    DEFAULT_ERROR_RESPONSE_NAME: Any = None

    def _register_error_handlers(self) -> None:
        """None: every error goes to `passport.web.problems`."""


PROBLEMS: Mapping[int, str] = {
    400: "The request could not be read",
    401: "No or no longer valid sign-in or token",
    403: "Not allowed for this role or token",
    404: "Unknown, or another organisation's",
    409: "Refused, with every reason",
    413: "Too large",
    415: "Not a content type this takes",
    422: "Fields that cannot be used, or an Idempotency-Key used for another body",
    429: "Too many requests",
    503: "Busy: send it again after `Retry-After` seconds",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """A group of endpoints under `/api/v1`."""

    name: str
    description: str
    blueprint: Any = field(init=False)

    def __post_init__(self) -> None:
        make: Any = flask_smorest.blueprint.Blueprint  # the library has no types
        made = make(
            self.name, self.name, url_prefix="/api/v1", description=self.description
        )
        object.__setattr__(self, "blueprint", made)

    def read(
        self,
        path: str,
        *,
        answer: type[Schema] | Schema,
        query: type[Schema] | None = None,
        logged: bool = False,
    ) -> Callable[[Endpoint], Endpoint]:
        """A read: `view(session, values, **path)`; `values` only where a `query` is given. One that
        is `logged` writes down that it was made."""

        def declare(view: Endpoint) -> Endpoint:
            @functools.wraps(view)
            def run(*args: Any, **kwargs: Any) -> Any:
                with db().transaction() if logged else db().reading() as session:
                    return view(session, *args, **kwargs)

            self._route("GET", path, run, answer=answer, status=200, given=query, where="query")
            return view

        return declare

    def deed(
        self,
        path: str,
        *,
        answer: type[Schema] | Schema,
        body: type[Schema] | None = None,
        status: int = 201,
        where: str = "json",
        shown: bool = False,
    ) -> Callable[[Endpoint], Endpoint]:
        """A deed, done once for each `Idempotency-Key`: `view(session, values, **path)`. The answer
        of one that is `shown` holds what somebody showed, and is not kept for the same key."""
        shape = answer() if isinstance(answer, type) else answer

        def declare(view: Endpoint) -> Endpoint:
            @functools.wraps(view)
            def run(*args: Any, **kwargs: Any) -> Any:
                def work(session: Session) -> Response:
                    made = jsonify(shape.dump(view(session, *args, **kwargs)))
                    made.status_code = status
                    return made

                return (idempotency.deed_shown if shown else idempotency.deed)(work)

            self._route(
                "POST", path, run, answer=shape, status=status, given=body, where=where, keyed=True
            )
            return view

        return declare

    def steps(
        self,
        path: str,
        *,
        answer: type[Schema] | Schema,
        body: type[Schema] | None = None,
        where: str = "files",
    ) -> Callable[[Endpoint], Endpoint]:
        """A long deed that keeps its own transactions and is safe to repeat, because it goes on
        where it stopped: `view(values, **path)`."""

        def declare(view: Endpoint) -> Endpoint:
            self._route("POST", path, view, answer=answer, status=200, given=body, where=where)
            return view

        return declare

    def _route(
        self,
        method: str,
        path: str,
        view: Endpoint,
        *,
        answer: type[Schema] | Schema,
        status: int,
        given: type[Schema] | None,
        where: str,
        keyed: bool = False,
    ) -> None:
        wrapped: Any = self.blueprint.response(status, answer)(view)
        if given is not None:
            # an instance: of a class one would be made for each request
            read = self.blueprint.arguments(given(), location=where, unknown=RAISE)
            wrapped = read(wrapped)
        if keyed:
            wrapped = self.blueprint.doc(parameters=[_KEY])(wrapped)
        wrapped = self.blueprint.doc(responses=_REFUSALS)(wrapped)
        self.blueprint.route(path, methods=[method])(wrapped)


_REFUSALS = {
    str(code): {
        "description": words,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemShape"}}
        },
    }
    for code, words in PROBLEMS.items()
}
"""The same for every route, so written once: a decorator for each would copy what is said of the
route ten times, at every start and for every app."""

_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same key and body again act once and answer the same.",
}


ABOUT = """
Send a token as `Authorization: Bearer …`. It is made under *Your account* or by `bankhub token`,
acts for one organisation, and may do what its scopes and its owner's roles both allow. A deed that
wants a second factor is open to a token that names it, and answers 403 `step_up_needed` to others.

Moments are ISO 8601 with an offset, days are London days, money is whole pence. Send an
`Idempotency-Key` with every deed, and the same one when you send it again. Where a list has more,
its answer names where to go on (`after`, `before`): send that back.

What is refused is `application/problem+json` with a stable `code`; `fields` says what was typed
wrongly, `reasons` every rule that stands in the way, each with what clears it.
"""


def register_api(app: Flask, title: str, resources: list[Resource]) -> None:
    """Serve `resources` and their OpenAPI 3.1 document at `/api/openapi.json`."""
    app.config.update(
        API_TITLE=title,
        API_VERSION="1.0.0",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_JSON_PATH=None,
        OPENAPI_URL_PREFIX=None,
    )
    make: Any = _Api
    api = make(app)
    api.spec.components.schema(ProblemShape.__name__, schema=ProblemShape)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"token": []}]
    api.spec.options["info"] = {"description": ABOUT}
    for resource in resources:
        api.register_blueprint(resource.blueprint)

    @app.get("/api/openapi.json")
    def openapi() -> Response:
        return jsonify(api.spec.to_dict())
