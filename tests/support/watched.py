"""A trust with a nurse whose registration is watched, and what came of a look.

    trust = a_trust(database)
    trust.ask(served)               # a service of tests.support.registers
    trust.file(nmc_file({...}))     # a register file
    assert trust.status() == ("registered", "held")
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.registers import register_checks
from passport.actors import AccessRole as R
from passport.actors import Actor, job, operator
from passport.db import Database
from passport.events import Notice
from passport.imports.register_files import open_register_file
from passport.imports.register_rounds import Round, RoundReport, take_file, take_service
from passport.model.accounts import RoleGrant
from passport.model.credentials import Credential, CredentialState
from passport.model.facts import Fact, FactKind
from passport.model.register_checks import RegisterCheck
from tests.support import build, issuing
from tests.support.registers import Served

NOW = issuing.NOW
PIN = {"body": "NMC", "number": "01A2345N", "profession": "RNA", "status": "registered"}


@dataclass
class Trust:
    """A trust with one nurse: a registration from HR, and credentials in a wallet."""

    database: Database
    world: issuing.World
    nurse: UUID
    hr: UUID

    @property
    def here(self) -> Actor:
        return register_checks.acting_in(job(), self.world.id)

    def ask(self, served: Served, *, hours: int = 0, **more: Any) -> RoundReport:
        at = NOW + timedelta(hours=hours)
        round_ = Round(self.world.id, "NMC", self.here, at, **more)
        return take_service(self.database, served.client(), round_)

    def file(
        self, content: bytes, *, as_at: datetime = NOW, hours: int = 0, **more: Any
    ) -> RoundReport:
        now = NOW + timedelta(hours=hours)
        file = open_register_file(io.BytesIO(content), "NMC", as_at=as_at)
        by = more.pop("by", operator(self.world.id))
        return take_file(self.database, file, Round(self.world.id, "NMC", by, now, **more))

    def status(self) -> tuple[str, str]:
        """Of the live fact, and the state of the credential."""
        with self.database.reading() as session:
            fact = session.scalars(
                sa.select(Fact).where(
                    Fact.person_id == self.nurse, Fact.kind == FactKind.REGISTRATION,
                    Fact.superseded_by_id.is_(None),
                )
            ).one()  # fmt: skip
            return fact.value["status"], self.credential().state.value

    def credential(self) -> Credential:
        with self.database.reading() as session:
            return session.scalars(
                sa.select(Credential).where(
                    Credential.person_id == self.nurse,
                    Credential.type == "professional_registration",
                    Credential.state != CredentialState.SUPERSEDED,
                )
            ).one()

    def last_look(self) -> RegisterCheck:
        with self.database.reading() as session:
            return session.scalars(
                sa.select(RegisterCheck).order_by(RegisterCheck.at.desc(), RegisterCheck.id.desc())
            ).first()  # type: ignore[return-value]

    def letters(self) -> list[str]:
        with self.database.reading() as session:
            return sorted(session.scalars(sa.select(Notice.template)))


def hr_of(session: Session, organisation_id: UUID) -> UUID:
    account = build.an_account(session)
    session.add(
        RoleGrant(
            account_id=account.id, organisation_id=organisation_id, role=R.HR_OFFICER,
            granted_at=NOW,
        )
    )  # fmt: skip
    build.an_event(session, organisation_id)
    return account.id


def a_trust(database: Database) -> Trust:
    with database.transaction() as session:
        world = issuing.a_trust(session)
        nurse = issuing.a_holder(session, world)
        build.a_post(session, nurse)
        build.a_nurses_papers(session, nurse, without=[FactKind.REGISTRATION])
        build.a_fact(session, nurse, FactKind.REGISTRATION, PIN, lookup="NMC:01A2345N")
        wallet, key = issuing.a_wallet(session, world, nurse)
        issuing.collected(session, world, nurse, wallet, key)
        issuing.published(session)
        return Trust(database, world, nurse.id, hr_of(session, world.id))
