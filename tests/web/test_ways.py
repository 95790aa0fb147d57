"""The way around, as each role: nothing in the navigation is closed, and one always knows where
one is."""

import re
from html import unescape
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy.orm import Session

from bankhub.web.frame import WAYS
from passport.actors import AccessRole as R
from passport.model.accounts import Account
from passport.web.frame import WAYS as GROUND_WAYS
from passport.web.templating import MOST_TABS
from tests.support import build
from tests.support.build_issued import issued
from tests.support.build_people import kept
from tests.support.desk import Desk, Staff, a_desk

LINK = re.compile(r'<li><a href="([^"]+)"( aria-current="page")?>')
HEADING = re.compile(r'<ul class="nav__headings">.*?</ul>', re.DOTALL)


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    file = tmp_path_factory.mktemp("ways") / "desk.sqlite3"
    copyfile(sqlite_template, file)
    return a_desk(f"sqlite:///{file}")


def opened(staff: Staff, path: str) -> str:
    """The page at the path."""
    answer = staff.get(path)
    assert answer.status_code == 200, path
    return answer.text


def navigation(page: str) -> str:
    """What the page has for a navigation."""
    found = re.search(r'<nav class="nav.*?</nav>', page, re.DOTALL)
    return found[0] if found else ""


def ways(page: str) -> list[tuple[str, bool]]:
    """Where its navigation leads, and whether one is there."""
    links = LINK.findall(HEADING.sub("", navigation(page)))
    return [(url, bool(current)) for url, current in links]


def a_carrier(desk: Desk, *roles: R) -> Staff:
    """Somebody with these roles whose account stands for a person."""
    staff = desk.person(*roles)

    def link(session: Session) -> None:
        person = build.a_person(session, desk.trust)
        session.get_one(Account, staff.actor.account_id).person_id = person.id

    desk.do(link)
    return staff


@pytest.mark.parametrize("role", [*R], ids=lambda role: role.value)
def test_each_way_marks_itself_alone_and_what_its_page_offers_is_open(desk: Desk, role: R) -> None:
    staff = a_carrier(desk, role)
    account = opened(staff, "/account")
    offered = dict.fromkeys(re.findall(r'class="drop__item" href="([^"]+)"', account), "the menu")
    for url, _ in ways(account):
        page = opened(staff, url)
        if navigation(page):  # the page for checks at the door stands alone
            assert [there for there, here in ways(page) if here] == [url]
        main = re.search(r"<main.*?</main>", page, re.DOTALL)
        assert main, url
        for link in re.findall(r'<a [^>]*href="(/[^"#]*)', main[0]):
            offered.setdefault(unescape(link), url)
    codes = {(where, link): staff.get(link).status_code for link, where in offered.items()}
    assert {found: code for found, code in codes.items() if code >= 400} == {}


def test_a_worker_keeps_the_tabs_at_the_thumb(desk: Desk) -> None:
    found = navigation(opened(a_carrier(desk, R.WORKER), "/account"))
    assert 'class="nav nav--tabs"' in found
    assert "nav__headings" not in found


def test_who_stands_for_nobody_is_not_led_to_a_persons_pages(desk: Desk) -> None:
    staff = desk.person(R.WORKER)
    assert ways(opened(staff, "/account")) == []
    assert staff.get("/").headers["Location"] == "/account"


def test_a_passport_that_waits_is_where_the_worker_looks(desk: Desk) -> None:
    worker = a_carrier(desk, R.WORKER)
    pages = "/my/", "/where-can-i-work"
    said = "Take 1 part of your passport"
    assert [said in worker.get(page).text for page in pages] == [False, False]

    def offer(session: Session) -> None:
        person_id = session.get_one(Account, worker.actor.account_id).person_id
        assert person_id
        made = issued(desk.trust.id, person_id, person_id, "Test")
        for name in ("bundle_id", "credential_id"):
            kept(session, made[name], desk.trust.id)

    desk.do(offer)
    assert [said in worker.get(page).text for page in pages] == [True, True]


@pytest.mark.parametrize("role", [R.BANK_MANAGER, R.HR_OFFICER, R.AUDITOR], ids=lambda r: r.value)
def test_many_ways_stand_under_few_headings(desk: Desk, role: R) -> None:
    staff = desk.person(role)
    page = opened(staff, "/account")
    headings = HEADING.search(page)
    assert headings
    assert 2 <= headings[0].count("<li>") <= 6
    assert len(ways(page)) > MOST_TABS


def test_every_way_has_words_an_icon_and_a_place_of_its_own() -> None:
    every = [*WAYS, *GROUND_WAYS]
    assert len({way.endpoint for way in every}) == len(every)
    assert len({way.text for way in every}) == len(every)
    assert all(way.section and way.icon for way in every)


def test_a_page_below_belongs_to_a_way(desk: Desk) -> None:
    manager = desk.person(R.BANK_MANAGER)
    below = {
        "/people-and-roles/invite": "/people-and-roles",
        "/office/repeat/pattern": "/office/week",
        "/office/applications": "/office/today",
        "/ward-devices": "/verify",
        "/desk": "/verify",
        "/verdicts/limits": "/verdicts",
        "/keys/rotate": "/keys",
    }
    found = {path: [url for url, here in ways(opened(manager, path)) if here] for path in below}
    assert found == {path: [here] for path, here in below.items()}
