"""The personnel office and the linking page in a real browser: no fault axe can see on a phone or
a desk, nothing to scroll sideways, and a file imported with scripts off."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from passport.actors import AccessRole as R
from passport.model.accounts import Account
from tests.support import build
from tests.support.browsing import arrived, sideways, violations
from tests.support.desk import Desk, Staff, a_desk
from tests.support.hr_files import hr_file
from tests.support.live import serving

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
IDA = {"given_name": "Ida", "assignment_number": "20000008"}
BAD = {"assignment_number": "20000003", "date_of_birth": "31/02/1990"}
PICTURES = os.environ.get("BANKHUB_TEST_PICTURES", "")


@dataclass
class House:
    """A running house with somebody on record, an officer and a nurse with a question to answer."""

    url: str
    officer: Staff
    nurse: Staff
    places: dict[str, str]


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    file = tmp_path_factory.mktemp("people") / "people.sqlite3"
    copyfile(sqlite_template, file)
    desk = a_desk(f"sqlite:///{file}")
    officer, nurse = desk.person(R.HR_OFFICER, R.BANK_MANAGER), desk.person(R.WORKER)
    places = desk.do(lambda session: furnish(session, desk, nurse))
    with serving(desk.app) as url:
        lent = desk.app.extensions["lent"]
        desk.app.extensions["lent"] = replace(lent, config=replace(lent.config, base_url=url))
        yield House(url, officer, nurse, places)


def furnish(session: Any, desk: Desk, nurse: Staff) -> dict[str, str]:
    """People, papers, a restriction, and a record elsewhere; addresses by name."""
    ada, post = build.a_nurse(session, desk.trust, email="ada@example.org", papers=False)
    papers = build.a_nurses_papers(session, ada)
    build.a_restriction(session, post, desk.wards[0].id)
    for number in range(6):
        build.a_nurse(session, desk.trust, family_name=f"Shah-Whittington {number}", papers=False)
    other = build.an_organisation(session, name="Hillside NHS Trust")
    build.a_nurse(session, other, email="nurse@example.org")
    account = session.get_one(Account, nurse.actor.account_id)
    account.person_id, account.email = ada.id, "nurse@example.org"
    page = f"/people/{ada.id}"
    return {
        "list": "/people",
        "nobody": "/people?search=xyz",
        "person": page,
        "new": "/people/new",
        "correct": f"{page}/correct",
        "leave": f"{page}/leave",
        "post": f"{page}/posts/{post.id}",
        "end post": f"{page}/posts/{post.id}/end",
        "restrict": f"{page}/posts/{post.id}/restrict",
        "registration": f"{page}/facts/registration",
        "right to work": f"{page}/facts/right_to_work",
        "end fact": f"{page}/facts/{papers[0].id}/end",
        "invitations": "/people/invitations",
        "letters": "/people/invitations/letters",
        "import": "/people/import",
        "records": "/my/records",
    }


class Reader:
    """A signed-in browser whose console must stay silent."""

    def __init__(self, browser: Browser, house: House, who: Staff, **settings: Any) -> None:
        self.context = browser.new_context(base_url=house.url, **settings)
        cookie = {"name": "bankhub", "value": who.token, "url": house.url}
        self.context.add_cookies([cookie])  # type: ignore[list-item]
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda m: self.said.append(m.text) if m.type == "error" else None)

    def done(self) -> None:
        self.context.close()
        assert [said for said in self.said if "status of 4" not in said] == []


def check(page: Page, name: str) -> None:
    """Nothing for axe and nothing to the side, at both sizes."""
    for size, view in SIZES.items():
        page.set_viewport_size(view)  # type: ignore[arg-type]
        page.locator("main details").evaluate_all("all => all.forEach(one => one.open = true)")
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{size}.png", full_page=True)
        assert violations(page) == [], (name, size)
        assert sideways(page) <= 0, (name, size)


def test_every_page_is_sound_on_phone_and_desk(house: House, browser: Browser) -> None:
    officer, nurse = (Reader(browser, house, who) for who in (house.officer, house.nurse))
    for name, path in house.places.items():
        reader = nurse if name == "records" else officer
        answer = reader.page.goto(path)
        assert answer is not None
        assert answer.status == 200, name
        arrived(reader.page)
        check(reader.page, name)
    nurse.page.get_by_role("link", name="Look and answer").click()
    arrived(nurse.page)
    check(nurse.page, "is this you")
    for reader in (officer, nurse):
        reader.done()


def test_a_form_with_errors_is_sound_and_keeps_what_was_typed(
    house: House, browser: Browser
) -> None:
    officer = Reader(browser, house, house.officer)
    page = officer.page
    page.goto("/people/new")
    arrived(page)
    page.get_by_label("Given name").fill("Ida")
    page.get_by_role("button", name="Put on record").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("Given name")).to_have_value("Ida")
    arrived(page)
    check(page, "new with errors")
    officer.done()


def test_a_file_is_imported_with_scripts_off(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    officer = Reader(browser, house, house.officer, java_script_enabled=False)
    page = officer.page
    file = tmp_path / "people.csv"
    file.write_text(hr_file(IDA, BAD).replace('"family_name"', '"Nachname"'), encoding="utf-8")
    page.goto("/people/import")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_label("Nachname").select_option("family_name")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Take the good rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The file is taken")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Refused rows as CSV").click()
    assert "31/02/1990" in coming.value.path().read_text(encoding="utf-8")
    officer.done()


def test_the_pages_of_an_import_are_sound(house: House, browser: Browser, tmp_path: Path) -> None:
    officer = Reader(browser, house, house.officer)
    page = officer.page
    file = tmp_path / "people.csv"
    one = {**IDA, "given_name": "Una", "registration_number": "01A2349N"}
    file.write_text(hr_file(one, BAD), encoding="utf-8")
    page.goto("/people/import")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Take this file?")).to_be_visible()
    arrived(page)
    check(page, "preview")
    page.get_by_role("button", name="Change what the columns are").click()
    expect(page.get_by_role("heading", name="What the columns are")).to_be_visible()
    arrived(page)
    check(page, "columns")
    officer.done()
