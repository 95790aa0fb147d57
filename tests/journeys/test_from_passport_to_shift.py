"""A nurse of one trust shows her phone at another trust's desk, is cleared with the local induction
still due, and books there. Counted: taps and screens from the scan to the first booking."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, Locator, Page, expect
from sqlalchemy.orm import Session

from bankhub.app import create_app
from bankhub.model.vocabulary import Tier
from passport.actions.sessions import Proof, open_session
from passport.actors import AccessRole
from passport.db import Database
from passport.model.accounts import RoleGrant
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.sealing import vault_of
from tests.support import build, chromium
from tests.support.access_web import a_config
from tests.support.browsing import Seen, sideways, violations
from tests.support.build_people import kept
from tests.support.checking import film, publish_trust
from tests.support.phone import Phone
from tests.support.showing_desk import Pair, make_keys, two_that_share
from tests.support.wallet_house import House, now

R = AccessRole
log = logging.getLogger(__name__)
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})


@dataclass
class SomeoneSignedIn:
    """A session."""

    token: str


@dataclass
class Sharing:
    """Two trusts, served, and who is signed in."""

    house: House
    pair: Pair
    officer: SomeoneSignedIn
    nurse: SomeoneSignedIn


@dataclass
class Count:
    """Taps, and the screens they led through."""

    taps: int = 0
    screens: list[str] = field(default_factory=list)

    def at(self, page: Page) -> None:
        """A screen is looked at."""
        self.screens.append(page.title())

    def tap(self, target: Locator) -> None:
        """Somebody presses something."""
        self.taps += 1
        target.click()


def signed_in(
    session: Session, at: Organisation, *roles: AccessRole, person: Person | None = None
) -> SomeoneSignedIn:
    account = build.an_account(
        session, display_name="Olu Adeyemi", verified_at=now(),
        person_id=person.holder_id if person else None,
    )  # fmt: skip
    for role in roles:
        grant = RoleGrant(
            account_id=account.id, organisation_id=at.id, role=role, granted_at=now()
        )
        kept(session, grant, at.id)
    opened = open_session(
        session, account_id=account.id, organisation_id=at.id, device="Test", own_device=False,
        now=now(), proof=Proof(second_factor_at=now(), stepped_up_at=now()),
    )  # fmt: skip
    return SomeoneSignedIn(opened.token)


@pytest.fixture
def sharing(sqlite_database: Database) -> Iterator[Sharing]:
    config, moment = a_config(), now()
    app = create_app(replace(config, database_url=str(sqlite_database.engine.url)))
    lent = app.extensions["lent"]
    lent.db.engine.dispose()
    app.extensions["lent"] = replace(lent, db=sqlite_database)
    vault = vault_of(config)
    with sqlite_database.transaction() as session:
        pair = two_that_share(session, vault=vault, base="", now=moment - timedelta(minutes=2))
        site = build.a_site(session, pair.host, name="Birch General")
        ward = build.a_unit(session, site, name="Ward B3")
        build.a_shift(
            session, ward, starts_at=moment.replace(hour=8, minute=0) + timedelta(days=3),
            hours=12, openings={Tier.PARTNER: moment - timedelta(hours=1)},
            authorised_at=moment - timedelta(hours=2),
        )  # fmt: skip
        officer = signed_in(session, pair.host, R.HR_OFFICER)
        nurse = signed_in(session, pair.home, R.WORKER, person=pair.nurse)
    house = House(app, sqlite_database, pair.home.id, pair.nurse.id)
    with house.served():
        with sqlite_database.transaction() as session:
            make_keys(session, [pair.host], vault=vault, base=house.base, now=now())
        publish_trust(house)
        yield Sharing(house, pair, officer, nurse)


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    return tmp_path / "camera.y4m"


@pytest.fixture
def watching(browser_type: BrowserType, camera: Path) -> Iterator[Browser]:
    """A browser whose camera sees that film."""
    made = browser_type.launch(
        executable_path=chromium.executable(browser_type.executable_path),
        args=[
            *chromium.SWITCHES, "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={camera}",
        ],
    )  # fmt: skip
    yield made
    made.close()


def collected(browser: Browser, house: House) -> Phone:
    """Her phone, with everything on it."""
    phone = Phone(browser, house)
    phone.arrive(house.link(house.offer()), "first")
    phone.page.get_by_role("button", name="Set up on this phone").click()
    phone.page.get_by_role("button", name="Add all").click()
    expect(phone.page.get_by_role("heading", name=" added")).to_be_visible(timeout=60_000)
    house.publish()
    return phone


def look_at(page: Page) -> None:
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (violations(page), sideways(page)) == ([], 0), page.url


def test_from_the_scan_to_the_first_booking(
    browser: Browser, watching: Browser, sharing: Sharing, camera: Path
) -> None:
    house, count = sharing.house, Count()
    phone = collected(browser, house)
    desk = Seen(watching, house.base, sharing.officer)
    page = desk.open("/clearances")
    page.wait_for_selector("[data-scanner]")
    look_at(page)
    phone.go("show")
    expect(phone.code).to_be_visible()
    film(phone.page.screenshot(), camera)
    began = now()
    count.at(page)
    count.tap(page.get_by_role("button", name="Scan with the camera"))
    expect(page.get_by_role("heading", name="Ada Okafor")).to_be_visible()
    count.at(page)
    count.tap(page.get_by_role("button", name="Yes: clear as Registered nurse (adult), band 5"))
    expect(page.locator("[data-item=registration]")).to_have_attribute("data-state", "missing")
    count.at(page)
    count.tap(page.get_by_role("button", name="The register says: Registered"))
    expect(page.locator("[data-state=cleared]")).to_be_visible()
    cleared = now()
    expect(page.locator("[data-item='induction.ward']")).to_have_attribute("data-state", "due")
    assert page.locator("[data-state=missing]").count() == 0
    look_at(page)
    count.at(page)
    hers = Seen(browser, house.base, sharing.nurse, viewport=SIZES[0])
    page = hers.open("/my/find")
    count.at(page)
    count.tap(page.get_by_role("link", name="Registered nurse (adult)").first)
    count.at(page)
    count.tap(page.get_by_role("button", name="Book this shift"))
    expect(page.get_by_text("Booked. Your reference is")).to_be_visible()
    count.at(page)
    booked = now()
    page = hers.open("/where-can-i-work")
    expect(page.get_by_text("Birch NHS Trust").first).to_be_visible()
    look_at(page)
    log.info(
        "cleared after %.1f s, booked after %.1f s, %d taps, %d screens: %s",
        (cleared - began).total_seconds(), (booked - began).total_seconds(), count.taps,
        len(count.screens), ", ".join(count.screens),
    )  # fmt: skip
    assert cleared - began < timedelta(minutes=1)
    assert (count.taps, len(count.screens)) == (5, 7)
    assert desk.said == hers.said == []
    phone.context.close()
    hers.context.close()
