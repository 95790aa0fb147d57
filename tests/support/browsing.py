"""A real browser of somebody signed in, whose console must stay silent; and what axe finds."""

from typing import Any, Protocol

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    },
    "resultTypes": ["violations"],  # every rule still runs; what it passes is not written down
}
AXE_SCRIPT = Axe().axe_script
STOPPED = (
    "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE",
    "ERR_SOCKET_NOT_CONNECTED", "ERR_CONNECTION_CLOSED", "ERR_CONNECTION_ABORTED",
)  # fmt: skip
"""What a browser says of a server that has stopped, or stops while it is asked."""
EXPECTED = ("status of 422", "status of 409")
"""What a browser says of an answer that is a form with mistakes."""


class SignedIn(Protocol):
    """Somebody with a session."""

    token: str


class Seen:
    """One browser; `said` gathers errors, warnings and refused scripts or styles."""

    def __init__(self, browser: Browser, base: str, who: SignedIn, **settings: Any) -> None:
        self.base = base
        self.context = browser.new_context(**settings)
        self.context.add_cookies([{"name": "bankhub", "value": who.token, "url": base}])
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(
            words in message.text for words in EXPECTED
        ):
            self.said.append(message.text)

    def open(self, address: str) -> Page:
        """The page at the address, once its scripts have run."""
        self.page.goto(self.base + address)
        return self.ready()

    def ready(self) -> Page:
        """The page that came, once its scripts have run; never one that was ready before."""
        return arrived(self.page)


def arrived(page: Page) -> Page:
    """The next document of the page, once its scripts have run: one that was waited for is marked,
    so that it is not taken for the one that it leads to."""
    page.wait_for_selector("html[data-ready]:not([data-seen])")
    page.evaluate("document.documentElement.dataset.seen = '1'")
    return page


def violations(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """What axe finds, one line each; a page that was looked at before has axe in it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {**AXE, "rules": {rule: {"enabled": False} for rule in without}}
    found = page.evaluate("options => axe.run(options).then(done => done.violations)", options)
    return [f"{rule['id']}: {node['html'][:140]}" for rule in found for node in rule["nodes"]]


def sideways(page: Page) -> int:
    """How many pixels the page can be scrolled to the side."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
