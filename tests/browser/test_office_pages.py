"""The bank office in a real browser: accessible, reflowing, walked by key, with silent consoles."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from bankhub.actions.cascade import agency
from bankhub.model.vocabulary import RequestReason
from passport.actors import AccessRole as R
from tests.support.browsing import Seen, sideways, violations
from tests.support.databases import make_tables
from tests.support.desk import NOW, Desk, Staff, a_desk
from tests.support.desk_work import a_nurse, applied, ask, booked
from tests.support.live import serving

DESK, PHONE, SMALL = 1280, 390, 320


class World:
    """A running office with something on each page."""

    def __init__(self, desk: Desk, base: str) -> None:
        self.desk, self.base = desk, base
        self.coordinator = desk.person(R.ROTA_COORDINATOR, R.BANK_MANAGER, R.BUDGET_HOLDER)
        self.executive = desk.person(R.EXECUTIVE_ON_CALL, name="Noor Hale")
        nurse = a_nurse(desk)
        a_nurse(desk, "Tomasz", family_name="Nowak")
        self.shift = ask(desk, self.coordinator)
        self.filled = ask(desk, self.coordinator, ward=1, starts_at=NOW.replace(hour=18))
        self.booking = booked(desk, self.filled, nurse).id
        applied(desk, ask(desk, self.coordinator, instant_book=False), nurse)
        ward = desk.person(R.WARD_REQUESTER, name="Amara Quist")
        said = {"reason": RequestReason.OTHER, "reason_text": "Escort"}
        self.waiting = ask(desk, ward, hours=14, unpaid_break_minutes=0, **said)
        self.glass: UUID = desk.do(self._ask_glass)
        self.nurse = nurse[0].id

    def _ask_glass(self, session: Any) -> UUID:
        asked = agency.ask_break_glass(
            session,
            shift_id=self.shift,
            reason="one_to_one_care",
            reason_text="Everybody was rung",
            by=self.coordinator.actor,
            now=NOW,
        )
        return asked.id

    def pages(self) -> dict[str, str]:
        """Name → address of every page of the office."""
        one = f"/office/shifts/{self.shift}"
        return {
            "today": "/office/today",
            "applications": "/office/applications",
            "week": "/office/week",
            "day": f"/office/week/day?unit={self.desk.wards[0].id}&on=2026-09-17",
            "post": "/office/post",
            "session": "/office/post/session",
            "pattern": "/office/repeat/pattern",
            "copy": "/office/repeat/copy",
            "shift": one,
            "filled": f"/office/shifts/{self.filled}",
            "withdraw": f"{one}/withdraw",
            "open early": f"{one}/open-early",
            "cancel": f"/office/shifts/{self.filled}/bookings/{self.booking}/cancel",
            "amend": f"{one}/amend",
            "fill": f"{one}/fill",
            "unavailable": f"{one}/fill?show=unavailable",
            "assign": f"{one}/fill/{self.nurse}",
            "authorise": "/office/authorise",
            "agency fill": f"{one}/agency",
            "ask break-glass": f"{one}/break-glass",
            "break-glasses": "/office/break-glasses",
            "roster": "/office/roster",
        }


PAGES = (
    "today",
    "applications",
    "week",
    "day",
    "post",
    "session",
    "pattern",
    "copy",
    "shift",
    "filled",
    "withdraw",
    "open early",
    "cancel",
    "amend",
    "fill",
    "unavailable",
    "assign",
    "authorise",
    "agency fill",
    "ask break-glass",
    "break-glasses",
    "roster",
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = f"sqlite:///{tmp_path_factory.mktemp('office') / 'office.sqlite3'}"
    make_tables(url)
    desk = a_desk(url)
    with serving(desk.app) as base:
        yield World(desk, base)
    desk.database.engine.dispose()


@pytest.fixture
def see(browser: Browser, world: World) -> Iterator[Any]:
    opened: list[Seen] = []

    def start(who: Staff | None = None, **settings: Any) -> Seen:
        opened.append(Seen(browser, world.base, who or world.coordinator, **settings))
        return opened[-1]

    yield start
    for one in opened:
        one.context.close()
        assert one.said == []


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(world: World, see: Any, name: str) -> None:
    seen = see(viewport={"width": DESK, "height": 800})
    page = seen.open(world.pages()[name])
    assert page.locator("h1").count() == 1
    for width in (DESK, PHONE, SMALL):
        page.set_viewport_size({"width": width, "height": 800})
        assert sideways(page) <= 0, width
        if width != SMALL:
            assert violations(page) == [], width
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert sideways(page) <= 0


def test_every_page_was_walked(world: World) -> None:
    assert set(PAGES) == set(world.pages())


def test_the_executive_answers_on_a_phone(world: World, see: Any) -> None:
    seen = see(world.executive, viewport={"width": PHONE, "height": 844})
    page = seen.open(f"/office/break-glasses/{world.glass}/answer")
    assert violations(page) == []
    assert sideways(page) <= 0
    expect(page.get_by_role("button", name="Grant it")).to_be_visible()


def test_the_week_is_walked_by_key(world: World, see: Any) -> None:
    page = see(viewport={"width": DESK, "height": 800}).open("/office/week?on=2026-09-14")
    grid = page.get_by_role("grid")
    expect(grid).to_be_visible()
    page.locator("tbody tr").first.locator("td").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    focused = page.evaluate(
        "[document.activeElement.parentElement.rowIndex, document.activeElement.cellIndex]"
    )
    assert focused == [2, 2]
    page.keyboard.press("?")
    expect(page.locator("[data-grid-keys]")).to_have_attribute("open", "")
    page.keyboard.press("n")
    page.wait_for_url(re.compile(r"/office/post\?"))
    assert "on=2026-09-15" in page.url
    expect(page.get_by_label("Unit")).not_to_have_value("")


def test_enter_opens_a_shift_from_its_cell(world: World, see: Any) -> None:
    page = see(viewport={"width": DESK, "height": 800}).open("/office/week?on=2026-09-14")
    cell = page.locator("td", has=page.locator(".slot--open")).first
    cell.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/office/(shifts/|week/day)"))


def test_posting_by_keyboard_alone_shows_the_cost_first(world: World, see: Any) -> None:
    seen = see(viewport={"width": DESK, "height": 800})
    page = seen.open("/office/post?on=2026-09-21")
    page.get_by_label("Unit").select_option(index=1)
    page.get_by_label("Role", exact=True).select_option("rn_adult")
    assert page.get_by_label("Grade", exact=True).locator("option:not([hidden])").count() == 4
    page.get_by_label("Shift code").select_option("LD")
    expect(page.get_by_label("Post number")).to_be_hidden()
    page.get_by_label("Why is cover needed?").select_option("vacancy")
    expect(page.get_by_label("Post number")).to_be_visible()
    page.get_by_role("button", name="See the cost and check").focus()
    page.keyboard.press("Enter")
    seen.ready()
    summary = page.locator(".nhsuk-error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="A vacancy needs its post number.").press("Enter")
    expect(page.get_by_label("Post number")).to_be_focused()
    page.keyboard.type("P-1204")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Post this shift?")).to_be_visible()
    seen.ready()
    assert violations(page) == []
    expect(page.get_by_label("Cost estimate")).to_contain_text("£")
    page.get_by_role("button", name="Post it").press("Enter")
    page.wait_for_url(re.compile(r"/office/shifts/"))
    expect(page.get_by_text("is open to the own bank now")).to_be_visible()


def test_without_javascript_everything_is_there(world: World, see: Any) -> None:
    page = see(viewport={"width": DESK, "height": 800}, java_script_enabled=False).page
    page.goto(world.base + "/office/post")
    expect(page.get_by_label("Post number")).to_be_visible()
    page.goto(world.base + "/office/week?on=2026-09-14")
    page.locator("a.slot--new").first.click()
    expect(page).to_have_url(re.compile("/office/post"))
    page.goto(world.base + "/office/authorise")
    page.locator("input[name=shift]").first.check()
    page.get_by_role("button", name="Authorise those ticked").click()
    expect(page.get_by_text("1 request authorised and open")).to_be_visible()


def test_the_week_prints_without_buttons(world: World, see: Any) -> None:
    page = see(viewport={"width": DESK, "height": 800}).open("/office/week?on=2026-09-14")
    page.emulate_media(media="print")
    expect(page.locator("a.slot--new").first).to_be_hidden()
    expect(page.get_by_text("Printed")).to_be_visible()


def test_axe_does_find_a_planted_fault(world: World, see: Any) -> None:
    page = see(viewport={"width": PHONE, "height": 844}).open("/office/today")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert any("button-name" in found for found in violations(page))
