"""Checking a passport in a real browser: with and without network, signed in, enrolled, or neither."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from passport.db import Database
from tests.support.checking import Checker, Nurse, codes, outcome, served
from tests.support.wallet_house import House, a_house, now

SECOND = timedelta(seconds=1)


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    yield a_house(sqlite_database)


@pytest.fixture
def checker(browser: Browser, house: House) -> Iterator[Checker]:
    made = Checker(browser, house)
    yield made
    made.context.close()
    assert made.said == []


def test_a_code_is_read_by_the_camera_with_the_server_stopped(
    checker: Checker, house: House
) -> None:
    with served(house) as nurse:
        checker.open()
    page = checker.scan(nurse.shows())
    assert outcome(page) == "green"
    assert int(page.locator("html").get_attribute("data-verdict-ms") or "9999") < 1_000
    expect(page.get_by_text("Nobody is signed in here")).to_be_visible()
    print(page.locator("html").get_attribute("data-verdict-ms"))
