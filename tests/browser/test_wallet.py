"""The built-in wallet on a phone-sized Chromium: set up, collect, go offline, show, be believed."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from passport.db import Database
from passport.rules.verdict import Outcome
from tests.support.browsing import sideways, violations
from tests.support.wallet_house import House, a_house, read_code

EXPECTED = ("status of 400", "ERR_CONNECTION_REFUSED")
"""What a browser says of a refused code, and of a server that is stopped."""


class Phone:
    """A phone whose console must stay silent."""

    def __init__(self, browser: Browser, house: House, **settings: Any) -> None:
        settings.setdefault("viewport", {"width": 390, "height": 844})
        self.house = house
        self.context = browser.new_context(device_scale_factor=3, has_touch=True, **settings)
        self.said: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(
            words in message.text for words in EXPECTED
        ):
            self.said.append(message.text)

    def open(self, address: str, view: str) -> Page:
        """The wallet at the address, once it shows that view."""
        self.page.goto(address)
        return self.at(view)

    def at(self, view: str) -> Page:
        self.page.wait_for_selector(f"html[data-ready][data-view={view}]")
        return self.page

    def collect(self) -> Page:
        """First visit, set up, everything taken: two taps."""
        self.open(self.house.link(self.house.offer()), "first")
        self.page.get_by_role("button", name="Set up on this phone").click()
        self.page.get_by_role("button", name="Add all").click()
        expect(self.page.get_by_role("heading", name="6 added")).to_be_visible()
        return self.page

    def kept(self) -> None:
        """Until the page works with no network."""
        self.page.wait_for_selector("html[data-offline]")


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    yield a_house(sqlite_database)


@pytest.fixture
def phone(browser: Browser, house: House) -> Iterator[Phone]:
    made = Phone(browser, house)
    yield made
    made.context.close()
    assert made.said == []


def test_a_nurse_collects_goes_offline_and_is_believed_at_a_door(
    phone: Phone, house: House
) -> None:
    with house.served():
        phone.collect()
        phone.kept()
        phone.page.close()
        house.publish()
    phone.page = phone.new_page()
    page = phone.open(f"{house.base}/wallet", "home")
    expect(page.get_by_text("Works without a network until")).to_be_visible()
    page.get_by_role("link", name="Show my passport").click()
    phone.at("show")
    code = page.locator("svg.code")
    expect(code).to_be_visible()
    page.screenshot(path="/tmp/h6/show.png")
    text = read_code(page, code)
    judged = house.judge(text)
    assert (judged.verdict.outcome, judged.verdict.findings) == (Outcome.GREEN, ())
    assert judged.issuer_ods == "RWJ"
    print(code.get_attribute("data-version"), code.get_attribute("data-level"), len(text))
