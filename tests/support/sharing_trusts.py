"""Two trusts that share staff, served live: a nurse with a wallet, and the other's desk.

    with sharing_trusts(database) as sharing:
        phone = collected(browser, sharing.house)
        desk = Seen(browser, sharing.house.base, sharing.officer)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from bankhub.model.vocabulary import Tier
from passport.actions.access.sessions import open_session
from passport.actors import AccessRole
from passport.db import Database
from passport.model.accounts import RoleGrant
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.sealing import vault_of
from tests.support import build
from tests.support.access import lasting_proof
from tests.support.access_web import a_config
from tests.support.apps import whole_house
from tests.support.build_people import kept
from tests.support.checking import publish_trust
from tests.support.phone import Phone
from tests.support.showing_desk import Pair, make_keys, two_that_share
from tests.support.wallet_house import House, now

R = AccessRole


@dataclass
class SomeoneSignedIn:
    """A session."""

    token: str
    account_id: UUID


@dataclass
class Sharing:
    """Two trusts, served, and who is signed in."""

    house: House
    pair: Pair
    officer: SomeoneSignedIn
    second: SomeoneSignedIn
    """The bank manager: a second person."""
    nurse: SomeoneSignedIn


def signed_in(
    session: Session,
    at: Organisation,
    *roles: AccessRole,
    person: Person | None = None,
    name: str = "Olu Adeyemi",
) -> SomeoneSignedIn:
    """A session of somebody with those roles who has just given the second factor."""
    account = build.an_account(
        session, display_name=name, verified_at=now(),
        person_id=person.holder_id if person else None,
    )  # fmt: skip
    for role in roles:
        grant = RoleGrant(
            account_id=account.id, organisation_id=at.id, role=role, granted_at=now()
        )
        kept(session, grant, at.id)
    opened = open_session(
        session, account_id=account.id, organisation_id=at.id, device="Test", own_device=False,
        now=now(), proof=lasting_proof(now()),
    )  # fmt: skip
    return SomeoneSignedIn(opened.token, account.id)


@contextmanager
def sharing_trusts(database: Database, **terms: Any) -> Iterator[Sharing]:
    """Served until the block ends, with one shift of the host that partners see."""
    config, moment = a_config(), now()
    app = whole_house(config, database=database)
    vault = vault_of(config)
    with database.transaction() as session:
        before = moment - timedelta(minutes=2)
        pair = two_that_share(session, vault=vault, base="", now=before, **terms)
        site = build.a_site(session, pair.host, name="Birch General")
        ward = build.a_unit(session, site, name="Ward B3")
        build.a_shift(
            session, ward, starts_at=moment.replace(hour=8, minute=0) + timedelta(days=3),
            hours=12, openings={Tier.PARTNER: moment - timedelta(hours=1)},
            authorised_at=moment - timedelta(hours=2),
        )  # fmt: skip
        officer = signed_in(session, pair.host, R.HR_OFFICER)
        second = signed_in(session, pair.host, R.BANK_MANAGER, name="Carys Bevan")
        nurse = signed_in(session, pair.home, R.WORKER, person=pair.nurse)
    house = House(app, database, pair.home.id, pair.nurse.id)
    with house.served():
        with database.transaction() as session:
            make_keys(session, [pair.host], vault=vault, base=house.base, now=now())
        publish_trust(house)
        yield Sharing(house, pair, officer, second, nurse)


def collected(browser: Browser, house: House) -> Phone:
    """Her phone, with everything on it."""
    phone = Phone(browser, house)
    phone.arrive(house.link(house.offer()), "first")
    phone.page.get_by_role("button", name="Set up on this phone").click()
    phone.page.get_by_role("button", name="Add all").click()
    expect(phone.page.get_by_role("heading", name=" added")).to_be_visible(timeout=60_000)
    house.publish()
    return phone
