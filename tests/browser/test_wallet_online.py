"""The built-in wallet answers requests to show something online (OpenID4VP 1.0)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from passport.actions.verifying.presenting import RESPONSE_MODES
from passport.actors import job
from passport.db import Database
from passport.events import record
from passport.model.presentations import PresentationRequest
from tests.support.asking import Agreements, ground
from tests.support.browsing import sideways, violations
from tests.support.phone import Phone
from tests.support.wallet_house import House, a_house


@pytest.fixture
def house(sqlite_database: Database) -> House:
    return a_house(sqlite_database)


@pytest.fixture
def phone(browser: Browser, house: House) -> Iterator[Phone]:
    made = Phone(browser, house)
    yield made
    made.context.close()
    assert made.said == []


@pytest.mark.parametrize("mode", RESPONSE_MODES)
def test_a_request_is_explained_answered_and_logged(phone: Phone, house: House, mode: str) -> None:
    with house.served():
        phone.collect()
        asked = house.ask("bank_shift", response_mode=mode)
        page = phone.arrive(house.request_link(asked), "present")
        assert page.url == f"{house.base}/wallet#/present"
        expect(page.get_by_text("asks you to show something")).to_be_visible()
        expect(page.locator(".wallet-asker")).to_have_text("Stockport NHS FT")
        expect(page.get_by_text("Work a bank shift here")).to_be_visible()
        expect(page.get_by_text("72 hours, then only")).to_be_visible()
        assert (violations(page), sideways(page)) == ([], 0)
        page.get_by_role("button", name="Show these").click()
        expect(page.get_by_role("heading", name="Shown", exact=True)).to_be_visible()
        answered = house.answered(asked)
        assert answered.failed_because is None
        assert answered.verdict is not None
        assert answered.verdict["outcome"] == "green", answered.verdict
        phone.go("log")
        expect(page.get_by_text("Presented online")).to_be_visible()
        phone.arrive(house.request_link(asked), "present")
        expect(phone.page.locator("#link-error")).to_contain_text("answered already")


_FIRST_COPIES_SHOWN = """async () => {
  const { all, put } = await import("/static/passport/wallet_store.js");
  for (const one of await all("credentials")) {
    one.copies[0].shown = 1;
    await put("credentials", one);
  }
}"""
_FRESH_COPIES = """async () => {
  const { all, put } = await import("/static/passport/wallet_store.js");
  for (const one of await all("credentials")) {
    await put("credentials", { ...one, copies: [{ ...one.copies[0], text: "fresh", shown: 0 }] });
  }
  return true;
}"""
_SHOWN = """async () => {
  const { all } = await import("/static/passport/wallet_store.js");
  return (await all("credentials")).flatMap((one) => one.copies.map((copy) => copy.shown));
}"""


def test_fresh_copies_that_come_while_a_request_is_read_do_not_stop_the_answer(
    phone: Phone, house: House
) -> None:
    """What was read is what is shown; it was counted on a copy that had been exchanged."""
    with house.served():
        page = phone.collect()
        page.evaluate(_FIRST_COPIES_SHOWN)
        asked = house.ask("bank_shift")
        page = phone.arrive(house.request_link(asked), "present")
        expect(page.get_by_role("button", name="Show these")).to_be_visible()
        page.evaluate(_FRESH_COPIES)
        page.get_by_role("button", name="Show these").click()
        expect(page.get_by_role("heading", name="Shown", exact=True)).to_be_visible()
        assert house.answered(asked).failed_because is None
        assert set(page.evaluate(_SHOWN)) == {0}


def test_what_may_be_left_out_is_not_shown(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
        asked = house.ask("bank_shift")
        page = phone.arrive(house.request_link(asked), "present")
        page.get_by_label("Given names, if you like").uncheck()
        page.get_by_label("Show: DBS check outcome").uncheck()
        page.get_by_role("button", name="Show these").click()
        expect(page.get_by_role("heading", name="Shown", exact=True)).to_be_visible()
        said = str(house.answered(asked).verdict)
        assert "Okafor" in said
        assert "Ada" not in said
        assert "ENHANCED_BARRED" not in said


def test_each_item_names_the_clause_that_permits_it(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
        asked = house.ask("bank_shift", limits=Agreements([ground(homes="RWJ")]))
        page = phone.arrive(house.request_link(asked), "present")
        expect(page.get_by_text("Permitted by WSA-7 v3, clause 6.1")).to_be_visible()
        expect(page.get_by_role("button", name="Show these")).to_be_visible()


def test_more_than_the_agreement_permits_cannot_be_shown(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
        asked = house.ask("bank_shift", limits=Agreements([ground(homes="RWJ")]))
        with house.database.transaction() as session:
            made = session.get_one(PresentationRequest, asked.id)
            made.clauses = {k: v for k, v in made.clauses.items() if k != "dbs_outcome"}
            record(session, "test.bent", subject_id=made.id, by=job(), now=made.made_at)
        page = phone.arrive(house.request_link(asked), "present")
        expect(page.get_by_text("They ask for more than WSA-7 v3 permits")).to_be_visible()
        expect(page.get_by_role("button", name="Show these")).to_have_count(0)


def test_saying_no_tells_the_asker_so(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
        asked = house.ask("ward_door")
        page = phone.arrive(house.request_link(asked), "present")
        page.get_by_role("button", name="Show nothing").click()
        phone.at("home")
        assert house.answered(asked).failed_because == "access_denied"
        phone.go("log")
        expect(page.get_by_text("Turned down")).to_be_visible()


def test_two_askers_get_different_copies(phone: Phone, house: House) -> None:
    with house.served():
        phone.collect()
        for _ in range(2):
            page = phone.arrive(house.request_link(house.ask("ward_door")), "present")
            page.get_by_role("button", name="Show these").click()
            expect(page.get_by_role("heading", name="Shown", exact=True)).to_be_visible()
        shown = page.evaluate(
            """async () => {
              const { all } = await import("/static/passport/wallet_store.js");
              return (await all("credentials")).map((one) => one.copies.map((copy) => copy.shown));
            }"""
        )
        assert sorted(map(tuple, shown)) == [(0, 0, 0), (0, 0, 0), (1, 1, 0), (1, 1, 0), (1, 1, 0)]
