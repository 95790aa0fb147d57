"""A nurse's own phone before an employer's own camera, both without a network: yes; and no, once
the employer's device has been online after the passport was held back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, expect

from passport.db import Database
from tests.support import chromium
from tests.support.checking import Checker, codes, film, outcome, publish_trust, served_again
from tests.support.phone import Phone
from tests.support.wallet_house import House, a_house


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return a_house(sqlite_database)


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """What the employer's camera sees."""
    return tmp_path / "camera.y4m"


@pytest.fixture
def checker(browser_type: BrowserType, house: House, camera: Path) -> Iterator[Checker]:
    watching = browser_type.launch(
        executable_path=chromium.executable(browser_type.executable_path),
        args=[
            *chromium.SWITCHES, "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={camera}",
        ],
    )  # fmt: skip
    made = Checker(watching, house, camera=False)
    yield made
    watching.close()
    assert made.said == []


def scanned(checker: Checker, phone: Phone, camera: Path) -> str:
    """The verdict on what the phone shows this moment; then it waits for a later code than the one
    on the picture, as each is taken once."""
    expect(phone.code).to_be_visible()
    film(phone.page.screenshot(), camera)
    drawn = phone.code.locator("path").get_attribute("d") or ""
    checker.page.get_by_role("button", name="Scan with the camera").click()
    checker.page.wait_for_selector("[data-outcome]")
    expect(phone.code.locator("path")).not_to_have_attribute("d", drawn, timeout=60_000)
    return outcome(checker.page)


def test_yes_without_a_network_and_no_once_it_was_online(
    browser: Browser, house: House, checker: Checker, camera: Path
) -> None:
    phone = Phone(browser, house)
    with house.served():
        publish_trust(house)
        phone.collect()
        base = house.base
        checker.open()
    phone.arrive(f"{base}/wallet", "home").get_by_role("link", name="Show my passport").click()
    phone.at("show")
    assert scanned(checker, phone, camera) == "green"
    expect(checker.page.locator("h1")).to_have_text("Ada Okafor")
    house.suspend("professional_registration")
    checker.again()
    assert scanned(checker, phone, camera) == "green", "nobody told the device yet"
    with served_again(house, base):
        checker.reopen()
    assert scanned(checker, phone, camera) == "red"
    assert codes(checker.page) == ["suspended"]
    assert phone.said == []
    phone.context.close()
