"""Passkeys in a real browser with a virtual authenticator; the pages about accounts, checked."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from passport.actors import AccessRole as R
from passport.db import Database
from passport.model.accounts import SecondFactor, SignIn
from tests.support import access
from tests.support.access_web import a_config
from tests.support.apps import ground_floor
from tests.support.browsing import arrived, sideways, violations

MANAGER = "manager@rivermead.example.org"


@dataclass
class Service:
    """The ground floor, served on loopback, with its database."""

    url: str
    database: Database


@pytest.fixture
def service(sqlite_database: Database) -> Iterator[Service]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    now = datetime.now(UTC) - timedelta(minutes=1)  # noqa: TID251  browsers have no other clock
    access.enter(sqlite_database, access.trust(sqlite_database), MANAGER, R.BANK_MANAGER, now=now)
    app = ground_floor(a_config(), database=sqlite_database)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://localhost:{server.port}"
    app.extensions["lent"] = replace(app.extensions["lent"], config=a_config(base_url=url))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Service(url, sqlite_database)
    server.shutdown()
    thread.join()


class Person:
    """A browser whose console must stay silent, with an authenticator that checks its holder."""

    def __init__(self, browser: Browser, service: Service, **settings: Any) -> None:
        self.context: BrowserContext = browser.new_context(base_url=service.url, **settings)
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message: Any) -> None:
        asked_for = "status of 4" in message.text  # a refused passkey, a wrong code
        if message.type in ("error", "warning") and not asked_for:
            self.said.append(message.text)

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return arrived(self.page)

    def plug_in(self, *, checks_holder: bool = True) -> None:
        """Give the browser a built-in authenticator."""
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        made = self.devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": checks_holder,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        self.authenticator = made["authenticatorId"]

    def checks_holder(self, does: bool) -> None:
        """Whether the authenticator recognises its holder from now on."""
        self.devtools.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.authenticator, "isUserVerified": does},
        )

    def sign_in(self) -> None:
        page = self.open("/sign-in")
        page.get_by_label("E-mail address").fill(MANAGER)
        page.get_by_label("Password", exact=True).fill(access.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        arrived(page)

    def make_passkey(self) -> None:
        page = self.page
        page.get_by_label("A name to know it by").fill("Ward laptop")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


@pytest.fixture
def person(browser: Browser, service: Service) -> Iterator[Person]:
    made = Person(browser, service)
    made.plug_in()
    yield made
    made.context.close()
    assert made.said == []


@pytest.mark.asvs("6.3.3")
def test_a_passkey_is_made_and_signs_in_alone_ever_after(person: Person, service: Service) -> None:
    person.sign_in()
    page = person.page
    expect(page).to_have_url(f"{service.url}/account/second-factor")
    person.make_passkey()
    assert page.locator("[data-codes] code").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page).to_have_url(f"{service.url}/account")
    expect(page.get_by_text("Ward laptop, since")).to_be_visible()
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{service.url}/account")
    person.open("/people-and-roles")
    expect(page.get_by_role("heading", name="People and roles")).to_be_visible()
    with service.database.reading() as session:
        assert session.scalar(sa.select(SecondFactor.sign_count)) >= 1
        proofs = session.scalars(sa.select(SignIn.second_factor_at).order_by(SignIn.created_at))
        assert list(proofs)[-1] is not None


def test_after_the_password_the_passkey_is_the_second_factor_and_the_step_up(
    person: Person, service: Service
) -> None:
    person.sign_in()
    person.make_passkey()
    person.context.clear_cookies()
    person.sign_in()
    page = person.page
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{service.url}/account")
    with service.database.transaction() as session:
        session.execute(sa.update(SignIn).values(stepped_up_at=None))
    person.open("/account/tokens")
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Make an API token")).to_be_visible()


def test_an_authenticator_that_does_not_know_its_holder_lets_nobody_in(person: Person) -> None:
    person.sign_in()
    person.make_passkey()
    person.context.clear_cookies()
    person.checks_holder(False)
    page = person.open("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("#passkey [data-trouble]")).to_contain_text("did not check that it is you")
    person.open("/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def replay(page: Page, body: str) -> int:
    """Send an answer of the authenticator once more, from the same page."""
    status: int = page.evaluate(
        """async (body) => {
          const token = document.querySelector("input[name=csrf_token]").value;
          const headers = {"Content-Type": "application/json", Accept: "application/json",
                           "X-CSRF-Token": token};
          return (await fetch("/sign-in/passkey", {method: "POST", headers, body})).status;
        }""",
        body,
    )
    return status


def test_an_answer_works_once_and_only_for_the_visitor_who_was_asked(
    person: Person, browser: Browser, service: Service
) -> None:
    person.sign_in()
    person.make_passkey()
    person.context.clear_cookies()
    page = person.open("/sign-in")
    with page.expect_request("**/sign-in/passkey") as sent:
        page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{service.url}/account")
    body = sent.value.post_data
    visitor = [c for c in person.context.cookies() if c["name"] == "bankhub-visitor"]
    thief = Person(browser, service)
    thief.open("/sign-in")
    assert replay(thief.page, body) == 422
    thief.context.clear_cookies()
    thief.context.add_cookies(visitor)
    thief.open("/sign-in")
    assert replay(thief.page, body) == 422  # even with the visitor's own cookie
    thief.context.close()


def test_without_a_browser_that_can_the_button_is_not_offered(
    browser: Browser, service: Service
) -> None:
    plain = Person(browser, service, java_script_enabled=False)
    plain.page.goto("/sign-in")
    expect(plain.page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    expect(plain.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    plain.context.close()


PATHS = (
    "/account", "/account/second-factor", "/account/password", "/account/tokens",
    "/people-and-roles", "/people-and-roles/invite", "/people-and-roles/delegate",
)  # fmt: skip


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_about_accounts_are_accessible_and_fit(
    person: Person, service: Service, width: int
) -> None:
    person.page.set_viewport_size({"width": width, "height": 800})
    person.open("/sign-in")
    check(person.page, "/sign-in")
    person.open("/forgotten")
    check(person.page, "/forgotten")
    person.sign_in()
    check(person.page, "enrolling")
    person.make_passkey()
    check(person.page, "recovery codes")
    for path in PATHS:
        person.open(path)
        check(person.page, path)
    person.open("/people-and-roles").get_by_role("link", name=MANAGER).click()
    arrived(person.page)
    check(person.page, "member")
    person.open("/account/second-factor")
    person.page.get_by_role("button", name="Set up an app").click()
    expect(person.page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    arrived(person.page)
    check(person.page, "authenticator")


def check(page: Page, where: str) -> None:
    """No violation of WCAG 2.2 AA that axe can see, and nothing to scroll sideways."""
    assert violations(page) == [], where
    assert sideways(page) <= 0, where
