"""The built-in wallet with a slow network or a quick hand: what comes late is said of what it was
asked about, and of yes and no one counts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from passport.db import Database
from tests.support.phone import Phone
from tests.support.wallet_house import House, a_house


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return a_house(sqlite_database)


@pytest.fixture
def phone(browser: Browser, house: House) -> Iterator[Phone]:
    made = Phone(browser, house, service_workers="block")
    yield made
    made.context.close()
    assert made.said == []


def collected(phone: Phone, house: House) -> Page:
    """The phone with everything on it."""
    page = phone.arrive(house.link(house.offer()), "first")
    page.get_by_role("button", name="Set up on this phone").click()
    add_all(page)
    house.publish()
    return page


def add_all(page: Page) -> None:
    page.get_by_role("button", name="Add all").click()
    expect(page.get_by_role("heading", name="6 added")).to_be_visible()


def hold(page: Page, address: str) -> list[Route]:
    """The next that is asked for at that address waits; what comes after it does not."""
    held: list[Route] = []
    page.route(address, lambda route: route.continue_() if held else held.append(route))
    return held


def until(page: Page, held: list[Route]) -> Route:
    while not held:
        page.wait_for_timeout(20)
    return held[0]


def settled(page: Page) -> None:
    """A while, for what must not come."""
    page.wait_for_timeout(400)


NO_MORE = "gives this phone no fresh copies any more"


def refreshing(phone: Phone, house: House, page: Page, address: str) -> Route:
    """The wallet was frozen; what it asks there to refresh itself is not yet answered."""
    house.freeze()
    phone.go("home")
    held = hold(page, address)
    page.get_by_role("button", name="Refresh").click()
    return until(page, held)


def collects_again(house: House, page: Page) -> None:
    page.goto(house.link(house.offer()))
    add_all(page)
    house.publish()


def test_an_end_that_is_told_late_does_not_end_what_was_collected_since(
    phone: Phone, house: House
) -> None:
    with house.served():
        page = collected(phone, house)
        late = refreshing(phone, house, page, "**/token")
        collects_again(house, page)
        late.continue_()
        page.evaluate("navigator.locks.request('wallet refresh', () => true)")
        phone.go("home")
        expect(page.get_by_text("Fresh copies were last fetched")).to_be_visible()
        expect(page.get_by_text(NO_MORE)).to_have_count(0)


def test_what_a_list_said_of_the_copies_before_is_not_said_of_fresh_ones(
    phone: Phone, house: House
) -> None:
    with house.served():
        page = collected(phone, house)
        late = refreshing(phone, house, page, "**/passport/status-lists/*")
        collects_again(house, page)
        late.continue_()
        settled(page)
        phone.go("home")
        expect(page.locator(".wallet-pass").get_by_text("Valid")).to_be_visible()
        expect(page.locator(".wallet-card").get_by_text("Valid")).to_have_count(5)


def test_what_is_collected_behind_another_page_appears_on_it(phone: Phone, house: House) -> None:
    with house.served():
        page = phone.arrive(house.link(house.offer()), "first")
        page.get_by_role("button", name="Set up on this phone").click()
        held = hold(page, "**/issuers/RWJ/credential")
        page.get_by_role("button", name="Add all").click()
        late = until(page, held)
        phone.go("home")
        late.continue_()
        expect(page.locator(".wallet-card")).to_have_count(5)
        expect(page.get_by_role("link", name="Show my passport")).to_be_visible()
        phone.go("collect")
        expect(page.get_by_label("Link of the offer")).to_be_visible()


_BOTH = """() => {
  for (const words of ["Show these", "Show nothing"]) {
    [...document.querySelectorAll("button")].find((one) => one.innerText === words).click();
  }
}"""


def test_no_that_is_pressed_after_yes_counts_for_nothing(phone: Phone, house: House) -> None:
    """It was shown, and the log said that it was turned down."""
    with house.served():
        collected(phone, house)
        asked = house.ask("ward_door")
        page = phone.arrive(house.request_link(asked), "present")
        expect(page.get_by_role("button", name="Show these")).to_be_visible()
        page.evaluate(_BOTH)
        expect(page.get_by_role("heading", name="Shown", exact=True)).to_be_visible()
        settled(page)
        phone.go("log")
        expect(page.get_by_text("Presented online")).to_be_visible()
        expect(page.get_by_text("Turned down")).to_have_count(0)
        assert house.answered(asked).failed_because is None


HOLD_SIGNATURES = """() => {
  const sign = crypto.subtle.sign.bind(crypto.subtle);
  window.held = [];
  crypto.subtle.sign = (...asked) => new Promise((done) => held.push(() => done(sign(...asked))));
}"""


def answers(page: Page, digits: str) -> None:
    page.get_by_label("Digits on the checker's screen").fill(digits)
    page.keyboard.press("Enter")


def test_of_digits_typed_one_after_the_other_the_last_are_named(phone: Phone, house: House) -> None:
    with house.served():
        collected(phone, house)
        page = phone.go("show")
        expect(phone.code).to_be_visible()
        page.get_by_text("The checker gives me digits").click()
        page.evaluate(HOLD_SIGNATURES)
        for place, digits in enumerate(("1111", "2222")):
            answers(page, digits)
            page.wait_for_function("place => held.length > place", arg=place)
        page.evaluate("held[1]()")
        expect(page.get_by_text("This code answers 2222")).to_be_visible()
        page.evaluate("held[0]()")
        settled(page)
        expect(page.get_by_text("This code answers 2222")).to_be_visible()
