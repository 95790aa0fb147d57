"""The clearance desk in a real browser: by link, by a typed code without scripts, and an item that
two people set aside."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from passport.db import Database
from tests.support.browsing import Seen, sideways, violations
from tests.support.phone import Phone
from tests.support.sharing_trusts import Sharing, collected, sharing_trusts
from tests.support.showing_desk import WARRANTIES
from tests.support.wallet_house import now

SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})
NO_WARRANTY_OF_HEALTH = [one for one in WARRANTIES if one != "occupational_health"]


@pytest.fixture
def sharing(sqlite_database: Database) -> Iterator[Sharing]:
    with sharing_trusts(sqlite_database, home_warranties=NO_WARRANTY_OF_HEALTH) as made:
        yield made


def look_at(page: Page) -> None:
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (violations(page), sideways(page)) == ([], 0), page.url


def state(page: Page, item: str) -> str | None:
    return page.locator(f"[data-item='{item}']").get_attribute("data-state")


def cleared_by_link(desk: Seen, phone: Phone) -> None:
    """From the link to the checklist on which one item is missing."""
    page = desk.open("/clearances")
    page.get_by_role("button", name="Ask by link or code").click()
    expect(page.get_by_alt_text("Code to scan with a wallet")).to_be_visible()
    desk.ready()
    look_at(page)
    link = page.get_by_label("Link to send").input_value()
    desk.open("/clearances")  # they answer when they can
    expect(page.get_by_text("Waiting")).to_be_visible()
    phone.page.goto("about:blank")
    phone.page.goto(link)
    phone.page.get_by_role("button", name="Show these").click()
    expect(phone.page.get_by_role("heading", name="Shown", exact=True)).to_be_visible()
    desk.open("/clearances")
    expect(page.get_by_text("Answered")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="See who it is").click()
    expect(page.get_by_role("heading", name="Ada Okafor")).to_be_visible()
    desk.ready()
    look_at(page)
    page.get_by_role("button", name="Yes: clear as").click()
    expect(page.locator("[data-item=registration]")).to_be_visible()
    desk.ready()
    page.get_by_role("button", name="The register says: Registered").click()
    expect(page.locator("[data-item=registration]")).to_have_attribute("data-state", "met")
    desk.ready()
    expect(page.get_by_text("Not cleared")).to_be_visible()
    assert state(page, "occupational_health") == "missing"
    look_at(page)


def test_by_link_then_two_people_set_an_item_aside(browser: Browser, sharing: Sharing) -> None:
    base = sharing.house.base
    phone = collected(browser, sharing.house)
    desk = Seen(browser, base, sharing.officer)
    cleared_by_link(desk, phone)
    page = desk.page
    page.get_by_role("link", name="Set it aside for a time").click()
    desk.ready()
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator(".nhsuk-error-summary")).to_be_visible()
    desk.ready()
    look_at(page)
    page.get_by_label("Why they may work without it").fill("Seen by our own service on Tuesday.")
    page.get_by_label("Until when").fill(str((now() + timedelta(days=14)).date()))
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("Waiting for a second person.")).to_be_visible()
    desk.ready()
    one = page.url
    expect(page.get_by_role("button", name="Refuse")).to_be_visible()
    expect(page.get_by_role("button", name="Grant")).to_have_count(0)
    second = Seen(browser, base, sharing.second)
    other = second.open(one.removeprefix(base))
    assert state(other, "occupational_health") == "missing"
    other.get_by_role("button", name="Grant").click()
    expect(other.locator("[data-state=cleared]")).to_be_visible()
    second.ready()
    assert state(other, "occupational_health") == "bypassed"
    look_at(other)
    assert second.said == []
    assert desk.said == []
    phone.context.close()


def test_without_scripts_a_code_is_typed(browser: Browser, sharing: Sharing) -> None:
    phone = collected(browser, sharing.house)
    desk = Seen(browser, sharing.house.base, sharing.officer, java_script_enabled=False)
    page = desk.page
    page.goto(f"{sharing.house.base}/clearances")
    page.get_by_label("The text of the code").fill(phone.show())
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_role("heading", name="Ada Okafor")).to_be_visible()
    page.get_by_role("button", name="No, it is not them").click()
    expect(page.get_by_text("Turned away, and on record.")).to_be_visible()
    expect(page.get_by_text("Nobody is listed here.")).to_be_visible()
    phone.context.close()
