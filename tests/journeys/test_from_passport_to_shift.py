"""A nurse of one trust shows her phone at another trust's desk, is cleared with the local induction
still due, and books there. Counted: taps and screens from the scan to the first booking."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, Locator, Page, expect

from passport.db import Database
from tests.support import chromium
from tests.support.browsing import Seen, sideways, violations
from tests.support.checking import film
from tests.support.phone import Phone
from tests.support.sharing_trusts import Sharing, collected, sharing_trusts
from tests.support.wallet_house import now

log = logging.getLogger(__name__)
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})


@dataclass
class Count:
    """Taps, and the screens they led through."""

    taps: int = 0
    screens: list[str] = field(default_factory=list)

    def at(self, page: Page) -> None:
        """A screen is looked at."""
        self.screens.append(page.title())

    def tap(self, target: Locator) -> None:
        """Somebody presses something."""
        self.taps += 1
        target.click()


@pytest.fixture
def sharing(sqlite_database: Database) -> Iterator[Sharing]:
    with sharing_trusts(sqlite_database) as made:
        yield made


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    return tmp_path / "camera.y4m"


@pytest.fixture
def watching(browser_type: BrowserType, camera: Path) -> Iterator[Browser]:
    """A browser whose camera sees that film."""
    made = browser_type.launch(
        executable_path=chromium.executable(browser_type.executable_path),
        args=[
            *chromium.SWITCHES, "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={camera}",
        ],
    )  # fmt: skip
    yield made
    made.close()


def look_at(page: Page) -> None:
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (violations(page), sideways(page)) == ([], 0), page.url


def cleared_at(desk: Seen, phone: Phone, camera: Path, count: Count) -> None:
    """From her phone's code to the checklist with nothing missing."""
    page = desk.page
    count.tap(phone.page.get_by_role("link", name="Show my passport"))
    expect(phone.code).to_be_visible()
    count.at(phone.page)
    film(phone.page.screenshot(), camera)
    count.at(page)
    count.tap(page.get_by_role("button", name="Scan with the camera"))
    expect(page.get_by_role("heading", name="Ada Okafor")).to_be_visible()
    count.at(page)
    count.tap(page.get_by_role("button", name="Yes: clear as Registered nurse (adult), band 5"))
    expect(page.locator("[data-item=registration]")).to_have_attribute("data-state", "missing")
    count.at(page)
    count.tap(page.get_by_role("button", name="The register says: Registered"))
    expect(page.locator("[data-state=cleared]")).to_be_visible()
    expect(page.locator("[data-item='induction.ward']")).to_have_attribute("data-state", "due")
    assert page.locator("[data-state=missing]").count() == 0
    count.at(page)


def booked_by(hers: Seen, count: Count) -> None:
    """From the list of shifts to the booking."""
    page = hers.open("/my/find")
    count.at(page)
    count.tap(page.get_by_role("link", name="Registered nurse (adult)").first)
    expect(page.get_by_role("button", name="Book this shift")).to_be_visible()
    count.at(page)
    count.tap(page.get_by_role("button", name="Book this shift"))
    expect(page.get_by_text("Booked. Your reference is")).to_be_visible()
    count.at(page)


def test_from_the_scan_to_the_first_booking(
    browser: Browser, watching: Browser, sharing: Sharing, camera: Path
) -> None:
    house, count = sharing.house, Count()
    phone = collected(browser, house)
    desk = Seen(watching, house.base, sharing.officer)
    look_at(desk.open("/clearances"))
    desk.page.wait_for_selector("[data-scanner]")
    phone.go("home")
    began = now()
    cleared_at(desk, phone, camera, count)
    cleared = now()
    look_at(desk.page)
    hers = Seen(browser, house.base, sharing.nurse, viewport=SIZES[0])
    again = now()
    booked_by(hers, count)
    booked = cleared - began + (now() - again)
    look_at(hers.open("/where-can-i-work"))
    expect(hers.page.get_by_text("Birch NHS Trust").first).to_be_visible()
    log.info(
        "cleared after %.1f s, booked after %.1f s, %d taps, %d screens: %s",
        (cleared - began).total_seconds(), booked.total_seconds(), count.taps,
        len(count.screens), ", ".join(count.screens),
    )  # fmt: skip
    assert cleared - began < timedelta(minutes=1)
    assert (count.taps, len(count.screens)) == (6, 8)
    assert desk.said == []
    assert hers.said == []
    phone.context.close()
    hers.context.close()
