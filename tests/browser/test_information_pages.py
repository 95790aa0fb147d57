"""Information governance in a real browser: a file made, somebody erased by two, all by key;
accessible and reflowing, also with mistakes; nothing for the wrong hands."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from bankhub.actions.governance import subject_requests
from passport.actors import AccessRole as R
from passport.model.people import Person
from tests.support import build, sharing
from tests.support.browsing import Seen, arrived, sideways, violations
from tests.support.databases import make_tables
from tests.support.desk import NOW, Desk, a_desk
from tests.support.live import serving

DESK, PHONE, SMALL = 1280, 390, 320
ROOT = "/information-governance"


class World:
    """A trust with an agreement, two leavers and a nurse; one erasure waits, one was refused."""

    def __init__(self, desk: Desk, base: str) -> None:
        self.desk, self.base = desk, base
        self.lead = desk.person(R.IG_LEAD, name="Imogen Frost")
        self.officer = desk.person(R.HR_OFFICER, name="Olu Adeyemi")
        self.ward = desk.person(R.WARD_REQUESTER, name="Amara Quist")
        desk.do(self._agreement)
        self.nurse = desk.do(lambda session: build.a_nurse(session, desk.trust)[0])
        self.waiting = self.asked(self.leaver("Wystan"))

    def _agreement(self, session: Session) -> None:
        other = build.an_organisation(session, ods_code="RT5", name="Thornbury NHS Trust")
        self.agreement = sharing.an_agreement(session, self.desk.trust, other).agreement_id

    def leaver(self, name: str) -> Person:
        """Somebody who left."""

        def make(session: Session) -> Person:
            return build.a_person(session, self.desk.trust, given_name=name, left_at=NOW)

        found: Person = self.desk.do(make)
        return found

    def asked(self, person: Person) -> str:
        """The address of a request to erase them."""
        made = self.desk.do(
            lambda session: subject_requests.ask_erasure(
                session, person_id=person.id, by=self.lead.actor, now=NOW
            ).id
        )
        return f"{ROOT}/requests/{made}"

    def pages(self) -> dict[str, str]:
        """Every page of the lead's."""
        return {
            "index": ROOT,
            "somebody found": f"{ROOT}?search=wys",
            "nobody found": f"{ROOT}?search=zzz",
            "held": f"/people/{self.nurse.id}/subject-file",
            "a request": self.waiting,
            "data flows": f"{ROOT}/data-flows",
            "record of processing": f"{ROOT}/record-of-processing",
            "retention": f"{ROOT}/retention",
            "tables": f"{ROOT}/tables",
            "privacy notice": f"{ROOT}/privacy-notice/{self.agreement}",
            "impact assessment": f"{ROOT}/dpia/{self.agreement}",
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = f"sqlite:///{tmp_path_factory.mktemp('information') / 'office.sqlite3'}"
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
        opened.append(Seen(browser, world.base, who or world.lead, viewport=size, **more))
        return opened[-1]

    yield start
    for one in opened:
        one.context.close()
        assert [said for said in one.said if "status of 403" not in said] == []


def press(page: Page, name: str) -> None:
    """Reach the button by Tab alone, and press it with Enter."""
    wanted = page.get_by_role("button", name=name)
    for _ in range(80):
        if wanted.evaluate("one => one === document.activeElement"):
            return page.keyboard.press("Enter")
        page.keyboard.press("Tab")
    raise AssertionError(f"no key leads to {name}")


@pytest.mark.parametrize("width", [DESK, PHONE, SMALL])
def test_every_page_is_sound_at_every_width(width: int, see: Any, world: World) -> None:
    seen = see(width=width)
    for name, address in world.pages().items():
        page = seen.open(address)
        assert violations(page) == [], (name, width)
        assert sideways(page) <= 0, (name, width)


def test_somebody_is_found_and_their_file_made_by_key(
    see: Any, world: World, tmp_path: Path
) -> None:
    person = world.leaver("Quentin")
    page = see().open(ROOT)
    page.get_by_label("Name or e-mail").press_sequentially("quen")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Quentin").press("Enter")
    expect(page).to_have_url(f"{world.base}/people/{person.id}/subject-file")
    arrived(page)
    with page.expect_download() as waited:
        press(page, "Make the person's file")
    archive = tmp_path / "file.zip"
    waited.value.save_as(archive)
    with zipfile.ZipFile(archive) as read:
        assert "Quentin" in read.read("subject-file.html").decode()
    page.goto(f"{world.base}{ROOT}")
    expect(page.get_by_role("table", name="Requests")).to_contain_text("Copy of their data")


def test_the_file_itself_opens_in_a_browser(see: Any, world: World, tmp_path: Path) -> None:
    person = world.leaver("Ottoline")
    page = see().open(f"/people/{person.id}/subject-file")
    with page.expect_download() as waited:
        page.get_by_role("button", name="Make the person's file").click()
    waited.value.save_as(tmp_path / "file.zip")
    with zipfile.ZipFile(tmp_path / "file.zip") as read:
        read.extract("subject-file.html", tmp_path)
    page.goto((tmp_path / "subject-file.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("holds about Ottoline")
    assert violations(page) == []


def test_the_file_can_be_made_again_from_the_same_page(see: Any, world: World) -> None:
    """The answer is a file: the page stays, and its form counted as sent for good."""
    person = world.leaver("Rosamund")
    seen = see()
    seen.context.clock.install()
    page = seen.open(f"/people/{person.id}/subject-file")
    for _ in range(2):
        with page.expect_download():
            page.get_by_role("button", name="Make the person's file").click()
        page.clock.fast_forward(5_000)


def test_two_people_erase_somebody_by_key_and_a_mistake_is_told(see: Any, world: World) -> None:
    person = world.leaver("Barnaby")
    lead = see().open(f"/people/{person.id}/subject-file")
    press(lead, "Ask for erasure")
    expect(lead.get_by_text("You asked for it: somebody else has to agree.")).to_be_visible()
    arrived(lead)
    assert lead.get_by_role("button", name="Agree and erase").count() == 0
    seen = see(world.officer, PHONE)
    page = seen.open(lead.url.removeprefix(world.base))
    press(page, "Refuse")
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    arrived(page)
    assert violations(page) == []
    assert sideways(page) <= 0
    press(page, "Agree and erase")
    expect(page.get_by_text("the log still verifies")).to_be_visible()
    arrived(page)
    assert violations(page) == []
    assert sideways(page) <= 0
    expect(page.get_by_text("Barnaby")).to_have_count(0)
    lead.goto(f"{world.base}/people/{person.id}/subject-file")
    expect(lead.get_by_text("Barnaby")).to_have_count(0)


def test_who_still_works_here_is_refused_with_the_reason(see: Any, world: World) -> None:
    page = see(width=PHONE).open(f"/people/{world.nurse.id}/subject-file")
    page.get_by_role("button", name="Ask for erasure").click()
    expect(page.get_by_role("alert")).to_contain_text("Record that they left first")
    arrived(page)
    assert violations(page) == []


def test_a_ward_reads_none_of_it(see: Any, world: World) -> None:
    page = see(world.ward).page
    for name, address in world.pages().items():
        answer = page.goto(world.base + address)
        assert answer is not None
        assert answer.status == 403, name
