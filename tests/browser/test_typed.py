"""What was typed when the sign-in ran out, or the page was out of date, is there again afterwards:
for the same person alone, once, and never a code."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from passport.actors import AccessRole as R
from passport.model.accounts import Account
from tests.support import build
from tests.support.browsing import Seen
from tests.support.desk import Desk, Staff, a_desk
from tests.support.live import serving

BACK = "What you typed is back."
TYPED = {"First day": "2026-09-20", "Starts": "09:00", "Unpaid break": "25"}


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[tuple[Desk, str]]:
    made = a_desk(sqlite_url)
    with serving(made.app) as url:
        lent = made.app.extensions["lent"]
        made.app.extensions["lent"] = replace(lent, config=replace(lent.config, base_url=url))
        yield made, url


def worker(desk: Desk) -> Staff:
    staff = desk.person(R.WORKER)

    def make(session: Any) -> None:
        person, _post = build.a_nurse(session, desk.trust)
        session.get_one(Account, staff.actor.account_id).person_id = person.id

    desk.do(make)
    return staff


def typed(page: Page) -> dict[str, str]:
    return {label: page.get_by_label(label).first.input_value() for label in TYPED}


def fill(page: Page) -> None:
    page.get_by_label("Leave").check()
    for label, text in TYPED.items():
        page.get_by_label(label).first.fill(text)


def sign_in(seen: Seen, who: Staff) -> Page:
    """Stands for the sign-in: the session's cookie, and the page that it leads to."""
    seen.context.add_cookies([{"name": "bankhub", "value": who.token, "url": seen.base}])
    return seen.open("/my/hours")


@pytest.fixture
def lost(browser: Browser, desk: tuple[Desk, str]) -> Iterator[tuple[Seen, Desk, Staff]]:
    """A form that was sent after the sign-in ran out."""
    made, url = desk
    nurse = worker(made)
    seen = Seen(browser, url, nurse)
    page = seen.open("/my/hours")
    fill(page)
    seen.context.clear_cookies()
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("it was not done")).to_be_visible()
    seen.ready()
    yield seen, made, nurse
    assert seen.said == []
    seen.context.close()


def test_what_was_typed_is_back_once_after_signing_in(lost: tuple[Seen, Desk, Staff]) -> None:
    seen, _, nurse = lost
    page = sign_in(seen, nurse)
    expect(page.locator(".notice", has_text=BACK)).to_be_visible()
    assert typed(page) == TYPED
    assert page.get_by_label("Leave").is_checked()
    page.reload()
    seen.ready()
    assert typed(page) != TYPED


def test_it_is_not_shown_to_whoever_signs_in_next(lost: tuple[Seen, Desk, Staff]) -> None:
    seen, desk, nurse = lost
    page = sign_in(seen, worker(desk))
    assert typed(page) != TYPED
    page = sign_in(seen, nurse)
    assert typed(page) != TYPED, "forgotten by then"


def test_a_form_of_an_old_session_is_opened_again_with_what_was_typed(
    browser: Browser, desk: tuple[Desk, str]
) -> None:
    made, url = desk
    nurse = worker(made)
    seen = Seen(browser, url, nurse)
    page = seen.open("/my/hours")
    fill(page)
    page.locator("form", has_text="Unpaid break").locator("[name=csrf_token]").evaluate(
        "field => { field.value = 'of another session'; }"
    )
    page.get_by_role("button", name="Enter").click()
    page.get_by_role("link", name="Open the page again").click()
    expect(page.locator(".notice", has_text=BACK)).to_be_visible()
    assert typed(page) == TYPED
    seen.context.close()


def test_nothing_is_kept_of_what_went_well_nor_of_a_code(
    browser: Browser, desk: tuple[Desk, str]
) -> None:
    made, url = desk
    officer = made.person(R.HR_OFFICER)
    seen = Seen(browser, url, officer)
    page = seen.open("/clearances")
    page.get_by_text("Type or paste a code").click()
    page.get_by_label("The text of the code").fill("a live code")
    seen.context.clear_cookies()
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_text("it was not done")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    nurse = worker(made)
    page = sign_in(seen, nurse)
    fill(page)
    page.get_by_label("Last day").fill("2026-09-20")
    page.get_by_label("Ends").fill("10:00")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("Entered.")).to_be_visible()
    seen.ready()
    assert page.evaluate("sessionStorage.length") == 0
    seen.context.close()
