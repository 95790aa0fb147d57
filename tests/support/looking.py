"""A browser on the small site that shows every part once: its console must stay silent."""

from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.support.browsing import arrived

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 800}


class Watched:
    """A page whose console must stay silent: no error, no refused script or style."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page = context.new_page()
        self.said: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message: Any) -> None:
        expected = "status of 404" in message.text and "/problem/404" in message.location["url"]
        if message.type in ("error", "warning") and not expected:
            self.said.append(message.text)

    def open(self, address: str) -> Page:
        self.page.goto(address)
        return arrived(self.page)

    def larger_text(self, percent: int) -> None:
        """What a reader's own browser setting does."""
        sizes = {"standard": 16 * percent // 100, "fixed": 13 * percent // 100}
        self.context.new_cdp_session(self.page).send("Page.setFontSizes", {"fontSizes": sizes})
