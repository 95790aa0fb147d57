"""The manager's pages in a real browser: accessible, reflowing, by key, with silent consoles."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from bankhub.actions.settings import settings
from bankhub.actions.settings.pay import set_rate
from bankhub.model.pay_policy import TimeType
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.actors import AccessRole as R
from tests.support.browsing import Seen, sideways, violations
from tests.support.databases import make_tables
from tests.support.desk import NOW, Desk, a_desk
from tests.support.filled import three_weeks
from tests.support.live import serving

DESK, PHONE, SMALL = 1280, 390, 320
CASCADE = "/settings/policy/edit?kind=cascade&staff_group=nursing_midwifery"


class World:
    """A running bank with figures, own rates and an exemption."""

    def __init__(self, desk: Desk, base: str) -> None:
        self.desk, self.base = desk, base
        self.manager = desk.person(R.BANK_MANAGER)
        self.analyst = desk.person(R.SYSTEM_ANALYST, name="Sian Price")
        three_weeks(desk)
        desk.do(self._settings)

    def _settings(self, session: Any) -> None:
        common = {"by": self.manager.actor, "now": NOW}
        set_rate(
            session,
            staff_group=None,
            grade=Grade.BAND_5,
            time_type=TimeType.PLAIN,
            pence_per_hour=2155,
            from_on=date(2026, 10, 1),
            source="Pay board, paper 3",
            **common,
        )
        settings.exempt(
            session,
            staff_group=StaffGroup.ADMIN_CLERICAL,
            from_on=date(2026, 9, 1),
            until_on=date(2026, 9, 30),
            reference="NHS England, letter of 20 August 2026",
            **common,
        )

    def pages(self) -> dict[str, str]:
        """Name → address."""
        return {
            "fill rate": "/figures/fill-rate",
            "in hours, by unit and group": "/figures/fill-rate?unit=hours&by=unit&then=staff_group",
            "nothing found": "/figures/fill-rate?only_grade=band_9",
            "shifts counted": "/figures/shifts?number=unfilled",
            "settings": "/settings",
            "policies": "/settings/policy",
            "cascade": "/settings/policy/version?kind=cascade&staff_group=hca",
            "requirements": "/settings/policy/version?kind=requirements&staff_group=hca",
            "edit cascade": CASCADE,
            "edit working time": "/settings/policy/edit?kind=working_time&staff_group=hca",
            "edit requirements": "/settings/policy/edit?kind=requirements&staff_group=hca",
            "in flight": "/settings/policy/in-flight",
            "units": "/settings/units",
            "unit": f"/settings/units/{self.desk.wards[0].id}",
            "rates": "/settings/rates",
            "new rate": "/settings/rates/new",
            "exemptions": "/settings/agency-exemptions",
            "new exemption": "/settings/agency-exemptions/new",
            "audit": "/settings/audit",
        }


PAGES = (
    "fill rate", "in hours, by unit and group", "nothing found", "shifts counted", "settings",
    "policies", "cascade", "requirements", "edit cascade", "edit working time",
    "edit requirements", "in flight", "units", "unit", "rates", "new rate", "exemptions",
    "new exemption", "audit",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = f"sqlite:///{tmp_path_factory.mktemp('bank') / 'bank.sqlite3'}"
    make_tables(url)
    desk = a_desk(url)
    with serving(desk.app) as base:
        yield World(desk, base)
    desk.database.engine.dispose()


@pytest.fixture
def see(browser: Browser, world: World) -> Iterator[Any]:
    opened: list[Seen] = []

    def start(who: Any = None, width: int = DESK, **more: Any) -> Seen:
        size = {"width": width, "height": 800}
        opened.append(Seen(browser, world.base, who or world.manager, viewport=size, **more))
        return opened[-1]

    yield start
    for one in opened:
        one.context.close()
        assert one.said == []


def test_every_page_is_walked(world: World) -> None:
    assert set(PAGES) == set(world.pages())


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(world: World, see: Any, name: str) -> None:
    page = see().open(world.pages()[name])
    assert page.locator("h1").count() == 1
    for width in (DESK, PHONE, SMALL):
        page.set_viewport_size({"width": width, "height": 800})
        assert sideways(page) <= 0, width
        if width != SMALL:
            assert violations(page) == [], width
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert sideways(page) <= 0
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_analysts_figures_by_day_and_night(world: World, see: Any, scheme: str) -> None:
    page = see(world.analyst, color_scheme=scheme).open("/figures/fill-rate")
    expect(page.get_by_text("Counts from 1 to 4 are hidden")).to_be_visible()
    assert violations(page) == []


def test_figures_are_chosen_by_key_and_lead_to_their_shifts(world: World, see: Any) -> None:
    page = see().open("/figures/fill-rate")
    page.get_by_label("Grouped by").select_option("unit")
    page.get_by_label("Counted in").select_option("hours")
    page.get_by_role("button", name="Show figures").press("Enter")
    page.wait_for_url(re.compile("by=unit"))
    table = page.get_by_role("table", name="Temporary demand by who filled it, in hours")
    expect(table).to_contain_text("Demand filled (hours)")
    table.get_by_role("link", name="Unfilled, Ward 7").press("Enter")
    expect(page.get_by_role("heading", name="Shifts counted: unfilled")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(18)
    page.get_by_role("link", name="Back to the figures").press("Enter")
    expect(page.get_by_label("Grouped by")).to_have_value("unit")


def test_the_chart_says_in_words_what_it_draws(world: World, see: Any) -> None:
    page = see().open("/figures/fill-rate")
    chart = page.get_by_role("img").first
    expect(chart).to_have_accessible_description(re.compile("lowest 0% in the week of 7 September"))


def test_a_mistake_takes_the_focus_and_leads_to_its_field(world: World, see: Any) -> None:
    seen = see()
    page = seen.open(CASCADE)
    page.get_by_label("Least time a bank tier has every shift").fill("soon")
    page.get_by_role("button", name="See last week under this").press("Enter")
    seen.ready()
    summary = page.locator(".nhsuk-error-summary")
    expect(summary).to_be_focused()
    assert violations(page) == []
    summary.get_by_role("link", name="Enter a whole number.").press("Enter")
    expect(page.get_by_label("Least time a bank tier has every shift")).to_be_focused()


def test_a_cascade_is_previewed_and_adopted_by_key(world: World, see: Any) -> None:
    seen = see()
    page = seen.open(CASCADE)
    expect(page.get_by_role("button", name="Adopt")).to_have_count(0)
    page.get_by_label("Framework agencies open").fill("3")
    page.get_by_label("Who decided it").fill("Workforce Committee, paper 12")
    page.get_by_role("button", name="See last week under this").press("Enter")
    seen.ready()
    expect(page.get_by_role("heading", name="Last week under this version")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Adopt").press("Enter")
    seen.ready()
    expect(page.get_by_text("Shifts in flight keep their openings")).to_be_visible()
    expect(page.get_by_text("Workforce Committee, paper 12")).to_be_visible()


def test_without_javascript_figures_and_policy_work(world: World, see: Any) -> None:
    seen = see(java_script_enabled=False)
    seen.page.goto(world.base + "/figures/fill-rate")
    seen.page.get_by_label("Grouped by").select_option("site")
    seen.page.get_by_role("button", name="Show figures").click()
    expect(seen.page.get_by_role("rowheader", name="Rivermead General")).not_to_have_count(0)
    seen.page.goto(world.base + CASCADE)
    seen.page.get_by_role("button", name="See last week under this").click()
    expect(seen.page.get_by_role("heading", name="Last week under this version")).to_be_visible()


def test_a_wide_table_keeps_its_row_headings_readable(see: Any) -> None:
    page = see().open("/figures/fill-rate")
    heading = page.locator("table:has(caption:text('Notice')) tbody th").first
    assert heading.bounding_box()["height"] < 80
