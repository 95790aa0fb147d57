"""Checking a passport with a slow network or a quick hand: what comes late, comes twice or comes
together changes nothing of what was said."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from passport.db import Database
from tests.support.checking import Checker, outcome, records, served, sign_in
from tests.support.wallet_house import House, a_house


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return a_house(sqlite_database)


@pytest.fixture
def checker(browser: Browser, house: House) -> Iterator[Checker]:
    made = Checker(browser, house, service_workers="block")
    yield made
    made.context.close()
    assert [one for one in made.said if "Failed to load" not in one] == []


def begun(checker: Checker) -> Page:
    """The page, once its scripts have run."""
    checker.page.goto(f"{checker.house.base}/verify")
    checker.page.wait_for_selector("html[data-ready]")
    return checker.page


def held(page: Page, address: str) -> list[Route]:
    """What is asked for at that address from now on, unanswered."""
    found: list[Route] = []
    page.route(address, lambda route: found.append(route))
    return found


def until(page: Page, found: list[Route], count: int) -> None:
    while len(found) < count:
        page.wait_for_timeout(20)


def settled(page: Page) -> None:
    """A while, for what must not come."""
    page.wait_for_timeout(400)


_TWICE = """(text) => {
  document.querySelector("details:has(#typed)").open = true;
  const box = document.getElementById("typed");
  box.value = text;
  for (const repeat of [false, true]) {
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat, bubbles: true }));
  }
}"""


def test_a_key_held_down_is_one_check_and_no_copy(checker: Checker, house: House) -> None:
    """The second judgement said of the same showing that it was shown already."""
    with served(house) as nurse:
        sign_in(checker)
        page = begun(checker)
        page.evaluate(_TWICE, nurse.shows())
        page.wait_for_selector("[data-outcome]")
        settled(page)
        assert outcome(page) == "green"
        expect(page.locator("[data-waiting='0']")).to_be_visible()
        assert [one.outcome for one in records(house)] == ["green"]


def test_what_is_being_typed_stays_when_the_lists_come(checker: Checker, house: House) -> None:
    """The whole screen was drawn anew: the text went, and a camera that ran was stopped."""
    with served(house):
        page = checker.page
        slow = held(page, "**/verify/lists.json")
        page.goto(f"{house.base}/verify")
        until(page, slow, 1)
        expect(page.get_by_text("This device has no lists yet")).to_be_visible()
        page.get_by_text("Type or paste a code").click()
        page.locator("#typed").fill("SP1:HALF")
        page.get_by_role("button", name="Scan with the camera").click()
        expect(page.get_by_role("button", name="Stop the camera")).to_be_visible()
        slow[0].continue_()
        page.wait_for_selector("html[data-ready]")
        expect(page.get_by_text("This device has no lists yet")).to_have_count(0)
        expect(page.locator("#typed")).to_have_value("SP1:HALF")
        settled(page)
        expect(page.get_by_role("button", name="Stop the camera")).to_be_visible()


_BOTH = """() => {
  for (const words of ["Let in", "Turned away"]) {
    [...document.querySelectorAll("button")].find((one) => one.innerText === words).click();
  }
}"""


def test_of_two_decisions_at_once_the_first_is_shown_and_kept(
    checker: Checker, house: House
) -> None:
    with served(house) as nurse:
        sign_in(checker)
        page = begun(checker)
        checker.paste(nurse.shows())
        expect(page.locator("[data-waiting='0']")).to_be_visible()
        page.evaluate(_BOTH)
        expect(page.locator("[data-recorded]")).to_contain_text("noted for")
        settled(page)
        expect(page.locator("[data-recorded]")).to_contain_text("Let in, noted for")
        assert [one.decision for one in records(house)] == ["admitted"]


def test_what_waits_is_counted_as_it_is_now(checker: Checker, house: House) -> None:
    """A sending that failed told what had waited when it began, after a later one took it all."""
    with served(house) as nurse:
        sign_in(checker)
        page = begun(checker)
        slow = held(page, "**/verify/verdicts")
        checker.paste(nurse.shows())
        until(page, slow, 1)
        page.get_by_role("button", name="Let in", exact=True).click()
        until(page, slow, 2)
        slow[1].continue_()
        expect(page.locator("[data-recorded]")).to_have_text("Let in, noted for Verifier.")
        slow[0].abort()
        settled(page)
        expect(page.locator("[data-waiting='0']")).to_be_visible()


def test_who_checks_is_told_by_the_later_answer(checker: Checker, house: House) -> None:
    """An answer from before the sign-in came after one that knew of it."""
    with served(house):
        page = begun(checker)
        slow = held(page, "**/verify/me.json")
        page.evaluate("dispatchEvent(new Event('online'))")
        until(page, slow, 1)
        sign_in(checker)
        page.evaluate("dispatchEvent(new Event('online'))")
        until(page, slow, 2)
        slow[1].continue_()
        expect(page.locator("[data-whose=account]")).to_be_visible()
        slow[0].fulfill(json={"as": None, "csrf": ""})
        settled(page)
        expect(page.locator("[data-whose=account]")).to_be_visible()
