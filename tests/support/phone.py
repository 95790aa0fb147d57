"""A phone with the built-in wallet, whose console must stay silent."""

from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browsing import STOPPED
from tests.support.wallet_house import House, read_code

EXPECTED = (*STOPPED, "status of 400", "status of 410", "blocked by Playwright")
"""What a browser says of a server that stops, of a refused code, of a request that is over, and
where a test wants no service worker."""


class Phone:
    """One browser of its own; `said` gathers errors, warnings and refused scripts or styles."""

    def __init__(self, browser: Browser, house: House, **settings: Any) -> None:
        settings.setdefault("viewport", {"width": 390, "height": 844})
        self.house = house
        self.context = browser.new_context(device_scale_factor=3, has_touch=True, **settings)
        self.said: list[str] = []
        self.page = self._new_page()

    def _new_page(self) -> Page:
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
        self.page.goto(self.house.base + address)
        return self.at(view)

    def at(self, view: str) -> Page:
        """The page, once it shows that view."""
        self.page.wait_for_selector(f"html[data-ready][data-view={view}]")
        return self.page

    def go(self, view: str) -> Page:
        """Another view, by its address."""
        self.page.evaluate(
            "view => { location.hash = `#/${view}` }", "" if view == "home" else view
        )
        return self.at(view)

    def arrive(self, link: str, view: str) -> Page:
        """A link is opened on the phone, beside what is there."""
        self.page.close()
        self.page = self._new_page()
        self.page.goto(link)
        return self.at(view)

    def collect(self, *, with_tx_code: bool = False) -> Page:
        """First visit, set up, everything taken."""
        offer = self.house.offer(with_tx_code=with_tx_code)
        self.arrive(self.house.link(offer), "first")
        self.page.get_by_role("button", name="Set up on this phone").click()
        if offer.tx_code:
            self.page.get_by_label("Your code").fill(offer.tx_code)
        self.page.get_by_role("button", name="Add all").click()
        expect(self.page.get_by_role("heading", name="6 added")).to_be_visible()
        self.page.wait_for_selector("html[data-offline]")
        self.house.publish()
        return self.page

    @property
    def code(self) -> Locator:
        """The code that it shows."""
        return self.page.locator("svg.code")

    def shown(self) -> str:
        """What the code says, read off its pixels."""
        expect(self.code).to_be_visible()
        return read_code(self.page)

    def show(self) -> str:
        """What the code says once it is opened."""
        self.go("show")
        return self.shown()
