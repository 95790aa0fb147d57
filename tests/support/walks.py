"""Walking every route as somebody: what is sent, what comes back, and what it left behind."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from passport.db import Base, Database
from tests.support.api_examples import request_parts
from tests.support.callers import Caller, Route
from tests.support.trust_keys import Trust

PLAUSIBLE = {
    "because": "words",
    "reason_text": "words",
    "outcome": "words",
    "tier": "agency_1",
    "whose": "ward",
    "reason": "patient_safety",
    "role": "worker",
    "code": "000000",
    "agency_name": "Agency",
    "framework": "RM6281",
    "rate_pence_per_hour": "48.50",
    "worker_name": "Temp",
    "agreed_how": "phone",
    "answer": "no_answer",
    "item": "induction.ward",
    "decision": "admitted",
}
"""Fields that bring a form past its own checks, so that what is asked for is looked up."""

ASKED_FOR = {"kind": "fill"}
"""The same for addresses with a query."""

FORGETTABLE = {"throttle", "idempotency_key", "sign_in"}
"""Technical tables that a refused request may change."""


def parts(document: dict[str, Any], route: Route) -> dict[str, Any]:
    """What to send with the route's method: a plausible form, or the API's own example."""
    rule = str(route.rule)
    if not rule.startswith("/api/v1/"):
        return {"query_string": ASKED_FOR} | ({"data": PLAUSIBLE} if route.method == "POST" else {})
    method = {"HEAD": "GET"}.get(route.method, route.method)
    return request_parts(document, rule, method) if method in ("GET", "POST") else {}


@dataclass(frozen=True)
class Ask:
    """One request of a walk: the address's identifiers, by name."""

    route: Route
    ids: tuple[tuple[str, str], ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The identifiers alone."""
        return tuple(value for _, value in self.ids)

    @property
    def path(self) -> str:
        """The address."""
        return self.route.path(**dict(self.ids))

    def send(self, caller: Caller, document: dict[str, Any], **other: Any) -> TestResponse:
        """Send it; `other`: in place of what is plausible."""
        return caller.send(
            self.route.method, self.path, **{**parts(document, self.route), **other}
        )


PUBLISHED = {"code": ["ward_door"], "body": ["NMC"]}
"""What stands in addresses and is nobody's own: codes of purposes and of registers."""


def asks(route: Route, trust: Trust, *, most: int = 100) -> Iterator[Ask]:
    """The route for each thing of the trust, at most so many; several kinds in step."""
    held = [trust.things.get(name, PUBLISHED.get(name, ()))[-most:] for name in route.arguments]
    for number in range(max((len(every) for every in held), default=1)):
        ids = [every[number % len(every)] for every in held]
        yield Ask(route, tuple(zip(route.arguments, ids, strict=True)))


def document_of(app: Flask) -> dict[str, Any]:
    """The API's own description."""
    found: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return found


def print_of(database: Database, *, without: Collection[str] = ()) -> str:
    """A fingerprint of every row that matters, but for some tables."""
    found = hashlib.sha256()
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in (*FORGETTABLE, *without):
                rows = session.execute(sa.select(table).order_by(*table.primary_key.columns))
                found.update(repr((table.name, rows.all())).encode())
    return found.hexdigest()
