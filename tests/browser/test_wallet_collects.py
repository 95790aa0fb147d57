"""Setting up the built-in wallet and collecting with it: wrong input, keyboard, other phones."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from passport.db import Database
from passport.rules.verifying.verdict import Outcome
from tests.support.browsing import sideways, violations
from tests.support.phone import Phone
from tests.support.wallet_house import House, a_house

VERSION_23 = 109
"""Modules a side; the code is as wide as the phone."""


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return a_house(sqlite_database)


@pytest.fixture
def phone(browser: Browser, house: House) -> Iterator[Phone]:
    made = Phone(browser, house)
    yield made
    made.context.close()
    assert made.said == []


WRONG_OFFERS = {
    "": "Paste the link first",
    "hello": "This is not an offer",
    "openid-credential-offer://?credential_offer=%7B": "This is not an offer",
    "openid-credential-offer://?credential_offer=%7B%22credential_issuer%22%3A%22http%3A%2F%2F"
    "example.org%22%2C%22credential_configuration_ids%22%3A%5B%22x%22%5D%2C%22grants%22%3A%7B%22"
    "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code%22%3A%7B%22pre-authorized_"
    "code%22%3A%22c%22%7D%7D%7D": "an address that is not safe",
    "openid4vp://?client_id=x509_hash%3Aa&request_uri=https%3A%2F%2Flocalhost%3A65000%2Fx": (
        "cannot be reached"
    ),
}


def test_wrong_links_get_clear_words(phone: Phone, house: House) -> None:
    with house.served():
        page = phone.open("/wallet", "first")
        page.get_by_role("button", name="Set up on this phone").click()
        phone.at("home")
        for text, words in WRONG_OFFERS.items():
            phone.go("collect")
            page.get_by_label("Link of the").fill(text)
            page.get_by_role("button", name="Go on").click()
            expect(page.locator("#link-error")).to_contain_text(words)
            phone.go("home")


def test_a_wrong_code_costs_a_try_and_a_used_offer_is_over(phone: Phone, house: House) -> None:
    with house.served():
        offer = house.offer(with_tx_code=True)
        page = phone.arrive(house.link(offer), "first")
        page.get_by_role("button", name="Set up on this phone").click()
        add = page.get_by_role("button", name=re.compile("Add all|Try again"))
        for typed, words in (
            ("", "Type the code"), ("12", "The code has 6 digits"), ("abcdef", "digits only"),
            (wrong_of(offer.tx_code or ""), "the code you typed is wrong"),
        ):  # fmt: skip
            page.get_by_label("Your code").fill(typed)
            add.click()
            expect(page.get_by_role("alert")).to_contain_text(words)
        page.get_by_label("Your code").fill(offer.tx_code or "")
        add.click()
        expect(page.get_by_role("heading", name="6 added")).to_be_visible()
        phone.arrive(house.link(offer), "collect")
        page = phone.page
        page.get_by_label("Your code").fill(offer.tx_code or "")
        page.get_by_role("button", name="Add all").click()
        expect(page.get_by_role("alert")).to_contain_text("the offer was used already")


def wrong_of(code: str) -> str:
    """Another code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const { default: encodeQR } = await import("/static/vendor/qr/index.js");
  const rows = encodeQR(SEEN, "raw", { ecc: "medium", border: 4 });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1280, 720];
  const drawing = canvas.getContext("2d");
  const size = Math.floor(600 / rows.length);
  const paint = () => {
    drawing.fillStyle = "#cbb";
    drawing.fillRect(0, 0, 1280, 720);
    rows.forEach((row, y) => row.forEach((dark, x) => {
      drawing.fillStyle = dark ? "#222" : "#eee";
      drawing.fillRect(300 + x * size, 60 + y * size, size, size);
    }));
  };
  setInterval(paint, 100);
  paint();
  return canvas.captureStream(10);
};
"""
"""A camera in front of a screen that shows a code."""


def test_an_offer_is_scanned_from_another_screen(phone: Phone, house: House) -> None:
    with house.served():
        offer = house.offer(with_tx_code=True)
        phone.context.add_init_script(f"const SEEN = {json.dumps(offer.short_link)};{CAMERA}")
        page = phone.arrive(f"{house.base}/wallet", "first")
        page.get_by_role("button", name="Set up on this phone").click()
        phone.at("home")
        phone.go("collect")
        page.get_by_role("button", name="Scan a code").click()
        page.get_by_label("Your code").fill(offer.tx_code or "")
        page.get_by_role("button", name="Add all").click()
        expect(page.get_by_role("heading", name="6 added")).to_be_visible()


def test_what_is_left_out_stays_on_offer(phone: Phone, house: House) -> None:
    with house.served():
        page = phone.arrive(house.link(house.offer()), "first")
        page.get_by_role("button", name="Set up on this phone").click()
        page.get_by_label("DBS check outcome").uncheck()
        expect(page.get_by_text("What you leave out stays on offer")).to_be_visible()
        page.get_by_role("button", name="Add these").click()
        expect(page.get_by_role("heading", name="5 added")).to_be_visible()
        assert house.state("dbs_outcome") == "offered"
        assert house.state("identity") == "held"


def test_a_new_phone_is_two_taps_from_a_new_offer(
    phone: Phone, browser: Browser, house: House
) -> None:
    with house.served():
        phone.collect()
        second = Phone(browser, house)
        second.collect()  # the same two taps
        assert house.judge(second.show()).verdict.outcome is Outcome.GREEN
        again = second.arrive(house.link(house.offer()), "collect")
        again.get_by_role("button", name="Add all").click()  # on a phone that is set up, one
        expect(again.get_by_role("heading", name="6 added")).to_be_visible()
        second.go("home")
        assert again.locator(".wallet-card").count() == 5  # replaced, not doubled
        second.context.close()


def test_an_emptied_wallet_starts_anew(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
        page = phone.go("about")
        page.get_by_role("button", name="Empty this wallet").click()
        page.get_by_role("button", name="Remove everything").click()
        phone.at("first")
        expect(page.get_by_role("button", name="Set up on this phone")).to_be_visible()


def test_two_employers_passports_lie_side_by_side(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
        page = phone.arrive(house.link(house.second()), "collect")
        page.get_by_role("button", name="Add all").click()
        expect(page.get_by_role("heading", name="6 added")).to_be_visible()
        phone.go("home")
        for name in ("Stockport NHS FT", "Alder Hey NHS FT"):
            expect(page.get_by_role("heading", name=f"Issued by {name}")).to_be_visible()
        assert page.locator(".wallet-card").count() == 10
        house.publish()
        assert house.judge(phone.show()).issuer_ods == "RBS"  # the newest first
        page.get_by_role("button", name="Show the one of Stockport NHS FT").click()
        expect(page.get_by_alt_text("Face of Ada Okafor")).to_be_visible()
        assert house.judge(phone.shown()).issuer_ods == "RWJ"


def test_many_of_one_kind_are_one_line_and_folded(
    browser: Browser, sqlite_database: Database
) -> None:
    house = a_house(sqlite_database, more_awards=4)
    with house.served():
        phone = Phone(browser, house)
        page = phone.arrive(house.link(house.offer()), "first")
        page.get_by_role("button", name="Set up on this phone").click()
        expect(page.get_by_label("Training award (5)")).to_be_checked()
        page.get_by_role("button", name="Add all").click()
        expect(page.get_by_role("heading", name="10 added")).to_be_visible()
        phone.go("home")
        expect(page.get_by_text("Subject 3")).to_be_hidden()
        page.get_by_text("Training award (5)").click()
        expect(page.get_by_text("Subject 3")).to_be_visible()
        assert violations(page) == []
        phone.context.close()


IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


def test_an_iphone_is_told_to_install_first(browser: Browser, house: House) -> None:
    with house.served():
        phone = Phone(browser, house, user_agent=IPHONE)
        page = phone.arrive(house.link(house.offer()), "first")
        expect(page.get_by_role("heading", name="Install it first")).to_be_visible()
        expect(page.get_by_role("button", name="Copy the offer")).to_be_visible()
        expect(page.get_by_role("button", name="Set up on this phone")).to_have_count(0)
        phone.context.close()


def focused(page: Page) -> str:
    """What has the focus, in words."""
    text: str = page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    )
    return text.strip()


def press_to(page: Page, name: str) -> None:
    """The tab key until that is focused, and Enter."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page).startswith(name):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} cannot be reached")


def test_everything_is_reached_by_the_keyboard(phone: Phone, house: House) -> None:
    with house.served():
        page = phone.arrive(house.link(house.offer()), "first")
        press_to(page, "Set up on this phone")
        expect(page.get_by_role("button", name="Add all")).to_be_visible()
        press_to(page, "Add all")
        expect(page.get_by_role("heading", name="6 added")).to_be_visible()
        press_to(page, "Show my passport")
        phone.at("show")
        assert focused(page) == "Ada Okafor"
        press_to(page, "The checker gives me digits")
        press_to(page, "Close")
        phone.at("home")
        press_to(page, "Professional registration")
        phone.at("credential")
        assert focused(page) == "Professional registration"


@pytest.mark.parametrize("width", [320, 1280])
def test_the_wallet_is_accessible_and_fits(browser: Browser, house: House, width: int) -> None:
    with house.served():
        phone = Phone(browser, house, viewport={"width": width, "height": 844})
        page = phone.arrive(house.link(house.offer(with_tx_code=True)), "first")
        check(page, "first")
        page.get_by_role("button", name="Set up on this phone").click()
        page.get_by_role("button", name="Add all").click()
        check(page, "offer with a mistake")
        phone.context.close()
        phone = Phone(browser, house, viewport={"width": width, "height": 844})
        page = phone.collect()
        check(page, "added")
        for view in ("home", "show", "collect", "present", "log", "about"):
            phone.go(view)
            check(page, view)
        phone.go("home").get_by_role("link", name="Identity").click()
        phone.at("credential")
        check(page, "credential")
        phone.context.close()


def check(page: Page, where: str) -> None:
    """Nothing for axe to find, nothing to scroll to the side."""
    assert (where, violations(page)) == (where, [])
    assert (where, sideways(page)) == (where, 0)
