"""Agreements in a real browser: accessible, reflowing, by key, with silent consoles."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from passport.actors import AccessRole as R
from tests.support import agreed, build, issuing
from tests.support.access import VAULT
from tests.support.browsing import Seen, sideways, violations
from tests.support.databases import make_tables
from tests.support.desk import Desk, a_desk
from tests.support.filled import three_weeks
from tests.support.live import serving

DESK, PHONE, SMALL = 1280, 390, 320
NEW = "/agreements/new?template=trust_and_care_home"


class World:
    """A trust with an agreement in force, a draft, one in review and one to sign."""

    def __init__(self, desk: Desk, base: str) -> None:
        self.desk, self.base = desk, base
        self.manager = desk.person(R.BANK_MANAGER)
        self.analyst = desk.person(R.SYSTEM_ANALYST, name="Sian Price")
        three_weeks(desk)
        desk.do(self._agreements)

    def _agreements(self, session: Any) -> None:
        trust = self.desk.trust
        other = build.an_organisation(session, ods_code="RT5", name="Thornbury NHS Trust")
        build.a_site(session, other, name="Thornbury Hospital")
        home = build.an_organisation(session, ods_code="VM1", name="Oak House Care Home")
        self.agreed = agreed.in_force(
            session, trust, other, excluded_skills=["chemotherapy"], release_lead_hours=72
        )
        agreed.in_force(
            session, trust, home, template="trust_and_care_home", title="Oak House",
            parties=[
                {"ods": trust.ods_code, "role": "home", "sites": []},
                {"ods": home.ods_code, "role": "host", "sites": []},
            ],
        )  # fmt: skip
        self.draft = agreed.drafted(session, trust, other, title="Draft")
        self.reviewed = agreed.drafted(session, trust, other, title="In review")
        agreed.reviewed(session, self.reviewed, trust)
        self.out = agreed.drafted(session, trust, other, title="To sign")
        agreed.sent_out(session, self.out, trust)

    def pages(self) -> dict[str, str]:
        """Name → address."""
        one = f"/agreements/{self.agreed.agreement_id}"
        draft, reviewed, out = (
            (f"/agreements/{made.agreement_id}", made.version_id)
            for made in (self.draft, self.reviewed, self.out)
        )
        return {
            "list": "/agreements",
            "matrix": "/agreements/who-sees-whom?ods=RT5",
            "templates": "/agreements/new",
            "new": NEW,
            "in force": one,
            "document": f"{one}/versions/{self.agreed.version_id}/document",
            "draft": draft[0],
            "edit": f"{draft[0]}/versions/{draft[1]}/edit",
            "in review": reviewed[0],
            "review": f"{reviewed[0]}/versions/{reviewed[1]}/review",
            "out": out[0],
            "sign": f"{out[0]}/versions/{out[1]}/sign",
            "vary": f"{one}/vary",
            "accession": f"{one}/accession",
            "suspend": f"{one}/suspend",
            "notice": f"{one}/notice",
            "terminate": f"{one}/terminate",
            "system": "/system",
        }


PAGES = (
    "list", "matrix", "templates", "new", "in force", "document", "draft", "edit", "in review",
    "review", "out", "sign", "vary", "accession", "suspend", "notice", "terminate", "system",
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
        if width == PHONE:
            assert violations(page) == []
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert sideways(page) <= 0
    assert violations(page) == []


@pytest.mark.parametrize("name", ["in force", "matrix", "system"])
def test_by_night(world: World, see: Any, name: str) -> None:
    assert violations(see(color_scheme="dark").open(world.pages()[name])) == []


def test_the_matrix_names_what_is_seen_and_says_nothing_of_others(see: Any) -> None:
    page = see().open("/agreements/who-sees-whom")
    table = page.get_by_role("table", name="Whose staff see whose shifts")
    row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Oak House"))
    expect(row).to_have_count(0)
    row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Thornbury"))
    expect(row).to_contain_text("Never: Chemotherapy administration")
    expect(row).to_contain_text("From 72 hours before the start")
    page.get_by_label("ODS code").fill("VM1")
    page.get_by_role("button", name="Ask").press("Enter")
    expect(page.get_by_text("Its staff see nothing of yours.")).to_be_visible()
    expect(page.get_by_text("Your staff see these shifts of it.")).to_be_visible()


def test_a_draft_by_key_with_a_mistake_that_takes_the_focus(world: World, see: Any) -> None:
    seen = see()
    page = seen.open("/agreements")
    page.get_by_role("link", name="Draft an agreement").press("Enter")
    seen.ready()
    page.get_by_role("link", name="Trust and care home").press("Enter")
    seen.ready()
    page.locator("[id='parties[0].role']").select_option("home")
    page.locator("[id='parties[1].ods']").fill("ZZZ")
    page.get_by_role("button", name="Save the draft").press("Enter")
    seen.ready()
    summary = page.locator(".nhsuk-error-summary")
    expect(summary).to_be_focused()
    assert violations(page) == []
    summary.get_by_role("link", name=re.compile("ZZZ")).press("Enter")
    field = page.locator("[id='parties[1].ods']")
    expect(field).to_be_focused()
    field.fill("VM1")
    page.get_by_role("button", name="Save the draft").press("Enter")
    seen.ready()
    expect(page.get_by_text("Only your organisation sees a draft")).to_be_visible()


def test_signing_by_key(world: World, see: Any) -> None:
    wall = datetime.now(UTC)  # noqa: TID251  keys live by the real clock
    world.desk.do(partial(issuing.keys_for, trust=world.desk.trust, vault=VAULT, now=wall))
    seen = see()
    page = seen.open(world.pages()["out"])
    page.get_by_role("link", name="Sign for Rivermead NHS Trust").press("Enter")
    seen.ready()
    page.get_by_label("Your job title").fill("Chief nurse")
    page.get_by_label("By what authority").fill("Standing orders 4.1")
    page.get_by_label("I have read this text").press("Space")
    page.get_by_role("button", name="Sign", exact=True).press("Enter")
    seen.ready()
    expect(page.get_by_text("still to sign: Thornbury NHS Trust")).to_be_visible()
    expect(page.get_by_role("cell", name="Standing orders 4.1")).to_be_visible()


def test_without_javascript_a_review_is_recorded(world: World, see: Any) -> None:
    seen = see(java_script_enabled=False)
    seen.page.goto(world.base + world.pages()["review"])
    seen.page.get_by_label("For which area?").select_option("clinical")
    seen.page.get_by_label("Name of the reviewer").fill("Nora Quist")
    seen.page.get_by_label("Their job title").fill("Medical director")
    seen.page.get_by_label("Sent back: it has to change").check()
    seen.page.get_by_label("Comment").fill("Name the safeguarding lead.")
    seen.page.get_by_role("button", name="Record the review").click()
    expect(seen.page.get_by_text("Name the safeguarding lead.")).to_be_visible()


def test_the_document_is_printed_upright(world: World, see: Any) -> None:
    page = see().open(world.pages()["document"])
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="1. Parties")).to_be_visible()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    assert box is not None
    assert float(box[1]) < float(box[2])
