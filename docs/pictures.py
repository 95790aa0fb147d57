"""Takes the desk and phone pictures of the README again, from a demo that is running.

    .venv/bin/python docs/pictures.py http://127.0.0.1:8000

The wallet, the verdict and the check-in are taken by hand: they need a phone at a door.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import chromium

IMAGES = Path(__file__).parent / "images"
PHONE, DESK = (390, 844), (1280, 860)


def signed_in(browser: Browser, base: str, who: str, size: tuple[int, int]) -> Page:
    """A page of somebody of the demo, by one click on the sign-in page."""
    width, height = size
    page = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", base_url=base
    ).new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name=who).first.click()
    page.wait_for_load_state()
    return page


def take(page: Page, name: str) -> None:
    """The page as it stands on the screen."""
    page.screenshot(path=IMAGES / f"{name}.png")


def nurse(browser: Browser, base: str) -> None:
    page = signed_in(browser, base, "Amara", PHONE)
    page.goto("/my/")
    take(page, "nurse-home")
    page.goto("/my/find?show=all")
    page.locator(".shift--blocked").first.scroll_into_view_if_needed()
    page.mouse.wheel(0, 200)
    page.wait_for_timeout(300)
    take(page, "nurse-why-not")


def coordinator(browser: Browser, base: str) -> None:
    page = signed_in(browser, base, "Colin Shaw", DESK)
    page.goto("/office/today")
    take(page, "coordinator-today")
    page.locator("table").get_by_role("link", name="Fill").first.click()
    page.wait_for_load_state()
    take(page, "coordinator-fill")
    page.goto("/office/week")
    take(page, "coordinator-week")


def manager(browser: Browser, base: str) -> None:
    page = signed_in(browser, base, "Maya Patel", (1280, 1180))
    page.goto("/figures/fill-rate")
    take(page, "manager-fill")
    page.set_viewport_size({"width": 1280, "height": 950})
    page.goto("/agreements/who-sees-whom")
    take(page, "manager-sharing")


def others(browser: Browser, base: str) -> None:
    page = signed_in(browser, base, "Priya Nair", DESK)
    page.goto("/office/post")
    page.get_by_role("link", name="Post a GP session").first.click()
    page.wait_for_load_state()
    take(page, "practice-session")
    page = signed_in(browser, base, "Dev Kaur", (1280, 1010))
    page.goto("/clearances")
    page.locator("main table a").first.click()
    page.wait_for_load_state()
    take(page, "clearance")


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(playwright.chromium.executable_path),
            args=chromium.SWITCHES,
        )
        for part in (nurse, coordinator, manager, others):
            part(browser, sys.argv[1])
        browser.close()


if __name__ == "__main__":
    main()
