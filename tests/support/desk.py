"""A bank office to test pages on: a trust with wards and staff, its app, and who is signed in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from bankhub.model.shifts import ShiftCode
from bankhub.model.sites import Site, Unit
from passport.actions.access.sessions import open_session
from passport.actors import AccessRole, Actor
from passport.config import Config
from passport.db import Database
from passport.model.accounts import Account, RoleGrant
from passport.model.organisations import Organisation, OrganisationKind
from tests.support import build
from tests.support.access import MASTER_KEY, SECRET_KEY, lasting_proof
from tests.support.access_web import Visitor
from tests.support.apps import whole_house
from tests.support.build_people import kept
from tests.support.databases import open_hastily

NOW = build.NOW
"""Monday 7 September 2026, 10:00 on London clocks."""

CODES = (("E", "Early", 7, 15), ("LD", "Long day", 7, 19), ("N", "Night", 19, 7))


@dataclass
class Desk:
    """One organisation with its app; the trade's clock stands at `now` until it is moved."""

    app: Flask
    database: Database
    trust: Organisation
    site: Site
    wards: list[Unit]
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    @property
    def now(self) -> datetime:
        """What the trade's clock shows."""
        return self.clock[0]

    def move(self, **parts: float) -> datetime:
        """The trade's clock forward by that much."""
        self.clock[0] += timedelta(**parts)
        return self.clock[0]

    def do(self, deed: Callable[[Session], Any]) -> Any:
        """What `deed` returns, done in one transaction."""
        with self.database.transaction() as session:
            return deed(session)

    def person(
        self, *roles: AccessRole, name: str = "Rosa Blake", at: Organisation | None = None
    ) -> "Staff":
        """Somebody with these roles, signed in with a second factor given just now."""
        where = at or self.trust

        def make(session: Session) -> tuple[Account, str]:
            account = build.an_account(session, display_name=name, verified_at=NOW)
            for role in roles:
                grant = RoleGrant(
                    account_id=account.id, organisation_id=where.id, role=role, granted_at=NOW
                )
                kept(session, grant, where.id)
            now = datetime.now(UTC)  # noqa: TID251  sessions live by the real clock
            opened = open_session(
                session,
                account_id=account.id,
                organisation_id=where.id,
                device="Firefox on Linux",
                own_device=False,
                now=now,
                proof=lasting_proof(now),
            )
            return account, opened.token

        account, token = self.do(make)
        return Staff(self, account.id, where.id, frozenset(roles), token)


class Staff(Visitor):
    """A signed-in colleague, on pages or as the actor of an action."""

    def __init__(
        self,
        desk: Desk,
        account_id: UUID,
        organisation_id: UUID,
        roles: frozenset[AccessRole],
        token: str,
    ) -> None:
        super().__init__(desk, desk.app.test_client(), {})  # type: ignore[arg-type]
        self.token = token
        self.client.set_cookie("bankhub", token, domain="localhost")
        self.actor = Actor(
            account_id=account_id, organisation_id=organisation_id, roles=roles, stepped_up=True
        )


def a_desk(url: str, *, name: str = "Rivermead NHS Trust", demo: bool = False) -> Desk:
    """A trust with one site, three wards and shift codes, and the whole house over it."""
    clock = [NOW]
    config = Config(
        database_url=url,
        secret_key=SECRET_KEY,
        master_key=MASTER_KEY,
        base_url="http://localhost",
        demo=demo,
    )
    database = open_hastily(url)
    app = whole_house(config, database=database, now=lambda: clock[0])
    with database.transaction() as session:
        trust = build.an_organisation(session, ods_code="RX9", name=name)
        site = build.a_site(session, trust)
        wards = [
            build.a_unit(session, site, name=ward, phone="01632 960123")
            for ward in ("Ward 7", "Ward 8", "Emergency department")
        ]
        for code, words, starts, ends in CODES:
            row = ShiftCode(
                organisation_id=trust.id,
                code=code,
                name=words,
                starts=time(starts, 30),
                ends=time(ends, 30),
                unpaid_break_minutes=30,
            )
            kept(session, row, trust.id)
    return Desk(app, database, trust, site, wards, clock)


def a_practice(desk: Desk, name: str = "Orchard Surgery") -> tuple[Organisation, Unit]:
    """A GP practice in the same installation."""
    with desk.database.transaction() as session:
        practice = build.an_organisation(
            session, ods_code="Y12345", name=name, kind=OrganisationKind.GP_PRACTICE
        )
        site = build.a_site(session, practice, name=name)
        return practice, build.a_unit(session, site, name=name)
