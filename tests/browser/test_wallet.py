"""The built-in wallet on a phone-sized Chromium: set up, collect, go offline, show, be believed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from passport.db import Database
from passport.rules.tokens import gate_token
from passport.rules.verifying.verdict import Outcome
from passport.web.passport import wallet_pages
from tests.support.phone import Phone
from tests.support.wallet_house import House, a_house, now

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


def test_a_nurse_collects_goes_offline_and_is_believed_at_a_door(
    phone: Phone, house: House
) -> None:
    phone.context.clock.install(time=now() - timedelta(minutes=1))
    with house.served():
        phone.collect()
        home = f"{house.base}/wallet"
    page = phone.arrive(home, "home")  # the server is stopped
    expect(page.get_by_text("Works without a network until")).to_be_visible()
    page.get_by_role("link", name="Show my passport").click()
    phone.at("show")
    expect(page.get_by_role("heading", name="Ada Okafor")).to_be_visible()
    expect(page.get_by_alt_text("Face of Ada Okafor")).to_be_visible()
    page.clock.pause_at(now())  # nothing happens by itself from here on
    expect(page.get_by_text("New code in 15 s")).to_be_visible()
    first = phone.shown()
    judged = house.judge(first)
    assert (judged.verdict.outcome, judged.verdict.findings) == (Outcome.GREEN, ())
    assert judged.issuer_ods == "RWJ"
    drawn = phone.code.locator("path").get_attribute("d")
    page.clock.fast_forward(14_000)
    expect(page.get_by_text("New code in 1 s")).to_be_visible()
    page.clock.fast_forward(1_000)
    expect(phone.code.locator("path")).not_to_have_attribute("d", drawn or "")
    second = phone.shown()
    assert house.judge(second).verdict.outcome is Outcome.GREEN
    between = gate_token.read(second).said.shown_at - gate_token.read(first).said.shown_at
    assert between.total_seconds() == 15


def test_the_code_is_black_on_white_and_as_wide_as_the_phone_in_the_dark_too(
    browser: Browser, house: House
) -> None:
    with house.served():
        phone = Phone(browser, house, color_scheme="dark", forced_colors="active")
        phone.collect()
        phone.go("show")
        expect(phone.code).to_have_attribute("data-version", "23")
        expect(phone.code).to_have_attribute("data-level", "M")
        box = phone.code.bounding_box()
        assert box is not None
        assert box["width"] / (VERSION_23 + 8) >= 3  # of the page's pixels, for each module
        assert house.judge(phone.shown()).verdict.outcome is Outcome.GREEN
        phone.context.close()


def test_the_key_is_given_out_to_nobody(phone: Phone, house: House) -> None:
    with house.served():
        page = phone.collect()
        told = page.evaluate(
            """async () => {
              const { phoneKey, all } = await import("/static/passport/wallet_store.js");
              const held = (await all("credentials")).flatMap((one) => one.copies);
              const pairs = [await phoneKey(), ...held.map((copy) => copy.pair)];
              const tried = (pair, format) => crypto.subtle.exportKey(format, pair.privateKey);
              return Promise.all(pairs.flatMap((pair) => ["pkcs8", "jwk"].map((format) =>
                tried(pair, format).then(() => "given out", (problem) => problem.name))));
            }"""
        )
        assert len(told) == 2 * (1 + 5 * 3)  # the phone's own, and three copies of five
        assert set(told) == {"InvalidAccessError"}


def test_a_checkers_digits_are_answered_and_go_away_again(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
    page = phone.go("show")
    page.get_by_text("The checker gives me digits").click()
    page.get_by_label("Digits on the checker's screen").fill("12")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("Type the 4 to 6 digits")).to_be_visible()
    page.get_by_label("Digits on the checker's screen").fill("482913")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This code answers 482913")).to_be_visible()
    text = phone.shown()
    assert house.judge(text, challenge="482913").verdict.outcome is Outcome.GREEN
    assert house.judge(text).verdict.outcome is Outcome.RED
    page.get_by_role("button", name="Back to the ordinary code").click()
    expect(page.get_by_text("This code answers")).to_have_count(0)
    assert house.judge(phone.shown()).verdict.outcome is Outcome.GREEN
    page.get_by_role("link", name="Close").click()
    phone.go("log")
    expect(page.get_by_text("The checker who gave the digits 482913")).to_be_visible()
    expect(page.get_by_text("Whoever scanned it")).to_be_visible()
    expect(page.get_by_text("From: Stockport NHS FT")).to_be_visible()


def of_two(phone: Phone, house: House) -> Page:
    """The phone with passports of two employers, which shows the newer."""
    phone.collect()
    page = phone.arrive(house.link(house.second()), "collect")
    page.get_by_role("button", name="Add all").click()
    expect(page.get_by_role("heading", name="6 added")).to_be_visible()
    house.publish()
    assert house.judge(phone.show()).issuer_ods == "RBS"
    return page


HOLD_SIGNATURES = """() => {
  const sign = crypto.subtle.sign.bind(crypto.subtle);
  window.held = [];
  crypto.subtle.sign = (...asked) => new Promise((done) => held.push(() => done(sign(...asked))));
}"""


def let_go(page: Page, place: int) -> None:
    """The signature asked for at that place is made, once it was asked for."""
    page.wait_for_function("place => held.length > place", arg=place)
    page.evaluate("place => held[place]()", place)


def test_a_code_signed_too_late_is_not_shown_under_another_employers_name(
    phone: Phone, house: House
) -> None:
    with house.served():
        page = of_two(phone, house)
        page.evaluate(HOLD_SIGNATURES)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the newer, again
        page.wait_for_function("held.length === 1")
        page.get_by_role("button", name="Show the one of Stockport NHS FT").click()
        let_go(page, 1)  # what the other one says
        expect(page.get_by_role("button", name="Show the one of Alder Hey NHS FT")).to_be_visible()
        expect(phone.code).to_have_count(0)  # and no longer the code of the first
        let_go(page, 2)
        assert house.judge(phone.shown()).issuer_ods == "RWJ"
        let_go(page, 0)
        page.evaluate("new Promise((done) => setTimeout(done, 300))")
        assert house.judge(phone.shown()).issuer_ods == "RWJ"


def test_digits_for_one_employers_passport_do_not_go_into_the_others(
    phone: Phone, house: House
) -> None:
    with house.served():
        page = of_two(phone, house)
        page.get_by_text("The checker gives me digits").click()
        page.get_by_label("Digits on the checker's screen").fill("482913")
        page.keyboard.press("Enter")
        expect(page.get_by_text("This code answers 482913")).to_be_visible()
        page.get_by_role("button", name="Show the one of Stockport NHS FT").click()
        expect(page.get_by_text("This code answers")).to_have_count(0)
        assert house.judge(phone.shown()).verdict.outcome is Outcome.GREEN


@pytest.mark.parametrize(("length", "drawn"), [(1_240, (23, "M")), (1_451, (25, "M")),
                                               (1_452, (22, "L")), (1_853, (25, "L"))])  # fmt: skip
def test_no_code_is_larger_than_version_25(
    phone: Phone, house: House, length: int, drawn: tuple[int, str]
) -> None:
    with house.served():
        page = phone.open("/wallet", "first")
        said = page.evaluate(
            """async (length) => {
              const { modules } = await import("/static/passport/qr_svg.js");
              const { version, level } = modules("A".repeat(length));
              return [version, level];
            }""",
            length,
        )
        assert tuple(said) == drawn


def test_after_seven_days_without_a_network_nothing_is_shown_and_it_says_why(
    phone: Phone, house: House
) -> None:
    phone.context.clock.install()
    with house.served():
        phone.collect()
    page = phone.go("home")
    page.clock.fast_forward(7 * 24 * 3600 * 1000)
    phone.go("show")
    expect(page.get_by_text("This passport has run out.")).to_be_visible()
    assert phone.code.count() == 0
    phone.go("home")
    expect(page.get_by_text("Connect the phone to the internet")).to_be_visible()


A_DAY_AGO = """async () => {
  const { all, put } = await import("/static/passport/wallet_store.js");
  for (const one of await all("issuers")) {
    await put("issuers", { ...one, refreshedAt: one.refreshedAt - 21 * 3600 * 1000 });
  }
}"""


FRESH = """async () => {
  dispatchEvent(new Event("online"));
  const { all } = await import("/static/passport/wallet_store.js");
  return (await all("issuers")).every((one) => Date.now() - one.refreshedAt < 3600 * 1000);
}"""


def test_fresh_copies_come_daily_and_a_frozen_phone_gets_none(phone: Phone, house: House) -> None:
    with house.served():
        page = phone.collect()
        phone.go("home")
        before = len(house.asked)
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(500)
        assert not any("/token" in one for one in house.asked[before:])
        page.evaluate(A_DAY_AGO)
        page.wait_for_function(FRESH, polling=100)
        page.evaluate("navigator.locks.request('wallet refresh', () => true)")  # all is done
        fresh = [one for one in house.asked[before:] if one.endswith(("/token?", "/credential?"))]
        assert [one.rpartition("/")[2] for one in fresh] == ["token?", "credential?", "credential?"]
        house.freeze()
        page.get_by_role("button", name="Refresh").click()
        expect(page.get_by_text("gives this phone no fresh copies any more")).to_be_visible()
        assert house.judge(phone.show()).verdict.outcome is Outcome.RED


def test_a_clock_that_is_wrong_is_told_before_a_checker_tells_it(
    phone: Phone, house: House
) -> None:
    phone.context.clock.install(time=now() + timedelta(minutes=3))
    with house.served():
        phone.collect()
        page = phone.go("home")
        expect(page.get_by_text("This phone's clock is 3 minutes ahead")).to_be_visible()


def test_a_suspended_registration_is_told_to_its_holder(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
        house.suspend("professional_registration")
        page = phone.go("home")
        page.get_by_role("button", name="Refresh").click()
        card = page.locator(".wallet-card", has_text="Professional registration")
        expect(card.get_by_text("Suspended")).to_be_visible()
        expect(page.locator(".wallet-pass").get_by_text("Suspended")).to_be_visible()
        card.get_by_role("link").click()
        phone.at("credential")
        expect(page.get_by_text("Its issuer holds it back for now")).to_be_visible()


def test_each_claim_stands_in_plain_words_with_who_says_so(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
    page = phone.go("home")
    page.get_by_role("link", name="Professional registration").click()
    phone.at("credential")
    for label, value in (
        ("Registration number", "01A2345N"), ("Standing on the register", "Registered"),
        ("Restrictions", "None"), ("Issued by", "Stockport NHS FT"),
        ("How it was checked", "Document and record"),
        ("Organisation that checked it", "Stockport NHS FT (RWJ)"),
    ):  # fmt: skip
        row = page.locator(".facts__row", has=page.get_by_text(label, exact=True))
        expect(row.locator("dd")).to_have_text(value)


def test_nothing_personal_stands_in_an_address(phone: Phone, house: House) -> None:
    with house.served():
        offer = house.offer()
        page = phone.arrive(house.link(offer), "first")
        assert page.url == f"{house.base}/wallet#/collect"
        page.get_by_role("button", name="Set up on this phone").click()
        page.get_by_role("button", name="Add all").click()
        expect(page.get_by_role("heading", name="6 added")).to_be_visible()
        for view in ("home", "show", "log"):
            phone.go(view)
        asked = " ".join(house.asked)
        for secret in (offer.code, "Okafor", "01A2345N", "credential_offer"):
            assert secret not in asked
        assert page.evaluate("document.cookie") == ""
        kept = phone.context.new_cdp_session(page).send("Page.getNavigationHistory")["entries"]
        assert "offer" not in " ".join(one["url"] for one in kept)


def test_a_new_version_waits_until_it_is_wanted(
    phone: Phone, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.served():
        phone.collect()
        newer = replace(wallet_pages.APP, files=(*wallet_pages.APP.files, "print.css"))
        monkeypatch.setattr(wallet_pages, "APP", newer)
        page = phone.arrive(f"{house.base}/wallet", "home")
        page.get_by_role("button", name="Use it now").click()
        expect(page.get_by_role("button", name="Use it now")).to_have_count(0)
        phone.at("home")
    page = phone.arrive(f"{house.base}/wallet", "home")  # the new one is whole, too
    expect(page.get_by_role("link", name="Show my passport")).to_be_visible()
