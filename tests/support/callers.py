"""Callers of the whole app without a browser: a visitor, and people by session and API token."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from passport.config import Config
from passport.db import Database
from tests.support.access import MASTER_KEY, SECRET_KEY
from tests.support.apps import whole_house
from tests.support.build import NOW
from tests.support.trust_keys import Key

BASE = "http://localhost"


def an_app(database: Database, **config: Any) -> Flask:
    """The whole house over `database`, with both clocks at `NOW`."""
    config.setdefault("base_url", BASE)
    settings = Config(
        database_url=database.engine.url.render_as_string(hide_password=False),
        secret_key=SECRET_KEY,
        master_key=MASTER_KEY,
        **config,
    )
    return whole_house(settings, database=database, now=lambda: NOW, real_now=lambda: NOW)


@dataclass(frozen=True)
class Caller:
    """Someone who sends requests: `key` None is a visitor."""

    app: Flask
    key: Key | None = None

    def send(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **body: Any
    ) -> TestResponse:
        """As a browser with the session's form token, or on API paths with the token alone."""
        given = dict(headers or {})
        client = self.app.test_client(use_cookies=False)
        if path.startswith("/api/"):
            if self.key:
                given.setdefault("Authorization", f"Bearer {self.key.token}")
        else:
            given.setdefault("Accept", "text/html")
            if self.key:
                given.setdefault("Cookie", f"bankhub={self.key.cookie}")
                given.setdefault("X-CSRF-Token", self.key.csrf)
        return client.open(path, method=method, headers=given, base_url=BASE, **body)


SHOWN_ANEW = re.compile(
    r'(name="(?:idempotency_key|csrf_token)" value=")[^"]*|(class="reference">)[0-9a-f]{16}'
)
"""What a page holds that differs each time it is shown."""


def seen(answer: TestResponse, *ids: str) -> tuple[int, dict[str, str], str]:
    """Everything a caller can see of an answer, with the asked-for ids blotted out."""
    text = SHOWN_ANEW.sub(r"\1\2", answer.get_data().decode("utf-8", "replace"))
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("Set-Cookie", "Date")
    }
    for one in ids:
        text = text.replace(one, "ID")
        headers = {name: value.replace(one, "ID") for name, value in headers.items()}
    return answer.status_code, headers, text


@dataclass(frozen=True)
class Route:
    """One rule of the url map with one choice of its closed converters, and one method."""

    rule: Rule
    method: str
    fixed: tuple[tuple[str, str], ...] = ()

    @property
    def arguments(self) -> list[str]:
        """Names of the identifiers in the address."""
        fixed = {name for name, _ in self.fixed}
        return sorted(name for name in self.rule.arguments if name not in fixed)

    @property
    def endpoint(self) -> str:
        """Name of the view."""
        return str(self.rule.endpoint)

    @property
    def choice(self) -> str:
        """What the closed converters stand at."""
        return " ".join(value for _, value in self.fixed)

    def path(self, **ids: str) -> str:
        """The address with these identifiers."""
        built = self.rule.build({**dict(self.fixed), **ids}, append_unknown=False)
        assert built is not None, (self.rule, ids)
        return str(built[1])

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def routes(app: Flask) -> list[Route]:
    """Every rule × method × closed choice, `static` left out."""
    found: list[Route] = []
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if rule.endpoint == "static":
            continue
        choices: list[tuple[tuple[str, str], ...]] = [()]
        for name, converter in rule._converters.items():
            if isinstance(converter, AnyConverter):
                choices = [(*c, (name, item)) for c in choices for item in sorted(converter.items)]
        found += [
            Route(rule, method, choice)
            for method in sorted(rule.methods or ())
            for choice in choices
        ]
    return found
