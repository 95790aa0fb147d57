"""The way around in a real browser: by key, on a phone, and without script."""

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.looking import DESK, PHONE


def test_the_menu_of_a_phone_opens_without_script(site: str, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/today")
    week = page.get_by_role("link", name="Week", exact=True)
    expect(week).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(week).to_be_visible()
    week.click()
    expect(page).to_have_url(re.compile("/week$"))
    context.close()


def test_a_desk_shows_the_same_links_without_a_menu(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/today")
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Main").get_by_role("link")).to_have_count(7)
    expect(page.get_by_role("link", name="Today", exact=True)).to_have_attribute(
        "aria-current", "page"
    )


HEADINGS = ("Shifts", "Ward door", "Staff", "Partners")
EVERY_WAY = ("Today", "Week", "Post", "Arrivals", "Check", "People", "Agreements", "Deployments",
             "Recharges")  # fmt: skip


def names(page: Page) -> list[str]:
    """The words of the links that are shown in the navigation, in the order of the keyboard."""
    links = page.get_by_role("navigation", name="Main").get_by_role("link")
    return [re.sub(r"\s*\d+\s+waiting", "", text).strip() for text in links.all_inner_texts()]


def test_a_desk_shows_headings_and_what_is_under_the_current_one(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/form")
    assert names(page) == [*HEADINGS, "Agreements", "Deployments", "Recharges"]
    nav = page.get_by_role("navigation", name="Main")
    expect(nav.get_by_role("link", name="Partners")).to_have_attribute("aria-current", "true")
    expect(nav.get_by_role("link", name="Deployments")).to_have_attribute("aria-current", "page")
    expect(nav.get_by_role("list", name="Partners")).to_be_visible()
    expect(nav.get_by_role("list", name="Staff")).to_be_hidden()


def test_the_keys_walk_a_long_navigation_as_it_is_seen(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/form")
    page.get_by_role("link", name="Shifts", exact=True).focus()
    walked, boxes = [], []
    for _ in range(7):
        focused = page.locator(":focus")
        walked.append(focused.inner_text().strip())
        box = focused.bounding_box()
        assert box
        boxes.append((box["y"], box["x"]))
        page.keyboard.press("Tab")
    assert walked == [*HEADINGS, "Agreements", "Deployments", "Recharges"]
    assert boxes == sorted(boxes)


def test_a_heading_leads_to_its_first_page(site: str, watch: Any) -> None:
    page = watch(viewport=DESK).open(site + "/form")
    page.get_by_role("link", name="Shifts", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("/today$"))


def test_a_phone_lists_every_way_under_its_heading_without_script(
    site: str, browser: Browser
) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/form")
    assert names(page) == []
    page.get_by_role("button", name="Menu").press("Enter")
    expect(page.get_by_role("link", name="Week", exact=True)).to_be_visible()
    assert names(page) == list(EVERY_WAY)
    partners = page.get_by_role("list", name="Partners")
    assert [one.strip() for one in partners.get_by_role("link").all_inner_texts()] == [
        "Agreements",
        "Deployments",
        "Recharges",
    ]
    page.get_by_role("link", name="Week", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("/week$"))
    context.close()
