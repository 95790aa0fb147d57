"""An employer asks in a real browser: the page shows by itself what the nurse's wallet answered,
and reads the same with scripts off."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from passport.actions.access.sessions import open_session
from passport.actors import AccessRole, operator
from passport.db import Database
from passport.events import record
from passport.model.accounts import RoleGrant
from tests.support import build
from tests.support.access import lasting_proof
from tests.support.browsing import arrived, sideways, violations
from tests.support.phone import Phone
from tests.support.wallet_house import House, a_house, now

SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    made = a_house(sqlite_database)
    with made.served():
        yield made


def _verifier(house: House) -> str:
    """The token of somebody signed in who may ask."""
    with house.database.transaction() as session:
        account = build.an_account(session, display_name="Vera Novak", verified_at=now())
        grant = RoleGrant(
            account_id=account.id, organisation_id=house.organisation_id,
            role=AccessRole.VERIFIER, granted_at=now(),
        )  # fmt: skip
        session.add(grant)
        record(
            session, "test.granted", subject_id=account.id, by=operator(house.organisation_id),
            now=now(),
        )  # fmt: skip
        return open_session(
            session, account_id=account.id, organisation_id=house.organisation_id,
            device="Test", own_device=False, now=now(), proof=lasting_proof(now()),
        ).token  # fmt: skip


def _employer(browser: Browser, house: House, **settings: object) -> Page:
    context = browser.new_context(**settings)  # type: ignore[arg-type]
    context.add_cookies([{"name": "bankhub", "value": _verifier(house), "url": house.base}])
    page = context.new_page()
    page.goto(f"{house.base}/ask")
    return page


def _comes(page: Page, sign: Locator) -> None:
    """What was pressed leads to a page with that on it: accessible and reflowing."""
    expect(sign).to_be_visible()
    arrived(page)
    _look_at(page)


def _look_at(page: Page) -> None:
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (violations(page), sideways(page)) == ([], 0), page.url


def _answer(phone: Phone, house: House, page: Page) -> None:
    uri = page.locator("a[href^='openid4vp:']").get_attribute("href")
    assert uri is not None
    asked = phone.page
    asked.goto("about:blank")
    asked.goto(f"{house.base}/wallet#request={quote(uri, safe='')}")
    asked.get_by_role("button", name="Show these").click()
    expect(asked.get_by_role("heading", name="Shown", exact=True)).to_be_visible()


def test_the_page_shows_by_itself_what_was_answered(browser: Browser, house: House) -> None:
    phone = Phone(browser, house)
    phone.collect()
    page = _employer(browser, house)
    _comes(page, page.get_by_role("link", name="Work a bank shift here"))
    page.get_by_role("link", name="Work a bank shift here").click()
    _comes(page, page.get_by_role("button", name="Show a code for their phone"))
    page.get_by_role("button", name="Show a code for their phone").click()
    _comes(page, page.get_by_alt_text("Code to scan with a wallet"))
    _answer(phone, house, page)
    _comes(page, page.get_by_text("Green: everything asked for holds"))
    page.get_by_role("button", name="Admitted", exact=True).click()
    expect(page.get_by_text("Admitted, by Vera Novak")).to_be_visible()
    arrived(page)
    page.goto(f"{house.base}/ask")
    _comes(page, page.get_by_role("cell", name="Green"))
    phone.context.close()


def test_a_slow_answer_is_asked_for_once(browser: Browser, house: House) -> None:
    """Each look began the reload anew: a page that took longer than two seconds never came."""
    page = _employer(browser, house)
    page.get_by_role("link", name="Who is at the ward door").click()
    page.get_by_role("button", name="Show a code for their phone").click()
    expect(page.get_by_alt_text("Code to scan with a wallet")).to_be_visible()
    arrived(page)
    slow: list[Route] = []
    page.route(page.url, lambda route: slow.append(route))
    page.route("**/state", lambda route: route.fulfill(json={"state": "answered"}))
    while not slow:
        page.wait_for_timeout(100)
    page.wait_for_timeout(5_000)  # two more looks, if there were any
    assert len(slow) == 1
    slow[0].abort()
    page.context.close()


def test_without_scripts_the_page_is_looked_at_again(browser: Browser, house: House) -> None:
    phone = Phone(browser, house)
    phone.collect()
    page = _employer(browser, house, java_script_enabled=False)
    page.get_by_role("link", name="Who is at the ward door").click()
    page.get_by_role("button", name="Show a code for their phone").click()
    _answer(phone, house, page)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Green: everything asked for holds")).to_be_visible()
    phone.context.close()
