"""A browser without a browser: sends forms as pages show them, keeps cookies, moves the clock."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from passport.config import Config
from passport.db import Database
from tests.support.access import MASTER_KEY, PASSWORD, SECRET_KEY, App
from tests.support.apps import ground_floor

START = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)


def a_config(**fields: Any) -> Config:
    """Settings of a test's app: plain http on loopback unless told otherwise."""
    fields.setdefault("base_url", "http://localhost")
    return Config(database_url="", secret_key=SECRET_KEY, master_key=MASTER_KEY, **fields)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **parts: float) -> datetime:
        """Forward by that much; returns the new moment."""
        self.now += timedelta(**parts)
        return self.now


@dataclass
class Site:
    """The ground floor's app over a test's database, with its clock."""

    app: Flask
    clock: Clock
    database: Database

    def visitor(self, **environment: Any) -> "Visitor":
        """Someone with an empty browser."""
        return Visitor(self, self.app.test_client(), environment)


def a_site(database: Database, **config: Any) -> Site:
    """The app; its wall clock is one that tests move."""
    settings = a_config(**config)
    clock = Clock()
    app = ground_floor(settings, database=database, now=clock, real_now=clock)
    return Site(app, clock, database)


class Visitor:
    """Someone with a browser that sends forms as the page made them, hidden fields included."""

    def __init__(self, site: Site, client: FlaskClient, environment: dict[str, Any]) -> None:
        self.site = site
        self.client = client
        self.environment = {"base_url": site.app.extensions["lent"].config.base_url, **environment}

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page."""
        headers = {"Accept": "text/html", **more.pop("headers", {})}
        return self.client.get(path, headers=headers, buffered=True, **self.environment, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send fields as they are given: no token unless among them."""
        headers = {"Accept": "text/html", **more.pop("headers", {})}
        return self.client.post(path, data=data, headers=headers, **self.environment, **more)

    def fill(self, path: str, action: str | None = None, **fields: Any) -> TestResponse:
        """Open the page, fill the form that goes to `action` (default: the page), send it."""
        page = self.get(path)
        assert page.status_code == 200, (path, page.status_code, page.text[:2000])
        where = action or path.partition("?")[0]
        return self.post(where, {**hidden_fields(page.text, where), **fields})

    def sign_in(self, email: str, password: str = PASSWORD, **fields: Any) -> TestResponse:
        """E-mail and password on the sign-in page."""
        return self.fill("/sign-in", email=email, password=password, **fields)

    def give_code(self, app: App) -> TestResponse:
        """The next code of the app on the second-factor page; moves the clock a step on."""
        self.site.clock.move(seconds=30)
        code = app.code(self.site.clock.now)
        return self.fill("/sign-in/second-factor", code=code)

    @property
    def cookies(self) -> dict[str, str]:
        """Names and values the browser keeps."""
        return {cookie.key: cookie.value for cookie in self.client._cookies.values()}


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Hidden fields of the form on `page` that is sent to `action`."""
    for form in re.findall(r"<form\b.*?</form>", page, re.DOTALL):
        found = re.search(r'action="([^"]*)"', form)
        if found and html.unescape(found[1]).partition("?")[0] == action:
            fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
            return {name: html.unescape(value) for name, value in fields}
    raise AssertionError(f"no form to {action}")


def actions_on(page: str) -> list[str]:
    """Where the forms of a page are sent."""
    return [html.unescape(found) for found in re.findall(r'<form[^>]*action="([^"]*)"', page)]
