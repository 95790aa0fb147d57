"""Who can sign in to the demo, one for each role; for them the second factor is waived."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from passport.actions.access import accounts, roles
from passport.actions.people import organisations
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.errors import NotFound
from passport.model.people import Person

DOMAIN = "demo.bankhub.example"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account: e-mail before the @, name, organisation, roles."""

    who: str
    name: str
    code: str
    roles: tuple[R, ...]


SMALL_ORGANISATION = (
    R.WARD_REQUESTER,
    R.ROTA_COORDINATOR,
    R.BUDGET_HOLDER,
    R.BANK_MANAGER,
    R.HR_OFFICER,
)
"""A practice manager holds every office of a small organisation."""

ACCOUNTS = (
    DemoAccount("nurse", "Amara Okafor", "RWJ", (R.WORKER,)),
    DemoAccount("coordinator", "Colin Shaw", "RWJ", (R.ROTA_COORDINATOR,)),
    DemoAccount("manager", "Maya Patel", "RWJ", (R.BANK_MANAGER,)),
    DemoAccount("ward", "Wendy Clarke", "RWJ", (R.WARD_REQUESTER,)),
    DemoAccount("budget", "Ben Hughes", "RWJ", (R.BUDGET_HOLDER,)),
    DemoAccount("executive", "Edith Marsh", "RWJ", (R.EXECUTIVE_ON_CALL,)),
    DemoAccount("officer", "Olu Adeyemi", "RWJ", (R.HR_OFFICER,)),
    DemoAccount("officer2", "Ruth Bell", "RWJ", (R.HR_OFFICER,)),
    DemoAccount("employer", "Vera Novak", "R0A", (R.VERIFIER,)),
    DemoAccount("auditor", "Anwar Siddiqui", "RWJ", (R.AUDITOR,)),
    DemoAccount("ig", "Imogen Frost", "RWJ", (R.IG_LEAD,)),
    DemoAccount("agency", "Gail Turner", "RWJ", (R.AGENCY_USER,)),
    DemoAccount("analyst", "Sian Price", "QOP", (R.SYSTEM_ANALYST,)),
    DemoAccount("practice", "Priya Nair", "P88005", SMALL_ORGANISATION),
    DemoAccount("gp", "Dr George Lindqvist", "P88005", (R.WORKER,)),
    DemoAccount("coordinator.mft", "Carys Bevan", "R0A", (R.ROTA_COORDINATOR, R.BANK_MANAGER)),
    DemoAccount("officer.mft", "Dev Kaur", "R0A", (R.HR_OFFICER,)),
    DemoAccount("manager.bolton", "Bashir Khan", "RMC", (R.BANK_MANAGER,)),
    DemoAccount("carehome", "Hana Kovac", "VDEM1", SMALL_ORGANISATION),
)


def open_accounts(session: Session, *, people: dict[str, Person], now: datetime) -> None:
    """Open every account; workers stand for the given people."""
    for one in ACCOUNTS:
        place = organisations.by_ods(session, one.code)
        if place is None:
            raise NotFound
        by = operator(place.id)
        person = people.get(one.who)
        account = accounts.open_account(
            session,
            email=f"{one.who}@{DOMAIN}",
            display_name=one.name,
            by=by,
            now=now,
            person_id=person.holder_id if person else None,
            demo=True,
        )
        for role in one.roles:
            roles.grant_to(session, account, role, by=by, now=now)
