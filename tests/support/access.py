"""What tests of accounts and sign-in share: a vault, people who have entered, apps that make codes.

The cost of password hashes is the real one: these tests are few enough.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import sqlalchemy as sa

from passport.actions.access import accounts, asking, factors, second_factor, sign_in
from passport.actions.access.asking import Asking
from passport.actions.access.sessions import Opened, Proof
from passport.actors import AccessRole, Actor, operator
from passport.db import Database
from passport.events import Event, Notice
from passport.model.organisations import Organisation
from passport.sealing import Vault, hash_secret
from tests.support import build

NOW = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)
PASSWORD = "kettle orbit mustard"
OTHER_PASSWORD = "plinth goose torque"
SECRET_KEY, MASTER_KEY = "5" * 64, "a7" * 32
VAULT = Vault(SECRET_KEY, MASTER_KEY)
HOME = "198.51.100.7"


def later(**parts: float) -> datetime:
    """`NOW` and a while."""
    return NOW + timedelta(**parts)


def trust(database: Database, name: str = "Rivermead NHS Trust") -> Organisation:
    """An organisation of that name."""
    with database.transaction() as session:
        return build.an_organisation(session, name=name)


def lasting_proof(now: datetime) -> Proof:
    """A second factor that was given just now, and counts as that to the end of a slow run: who is
    signed in once for many tests is not asked for it again in the middle of one."""
    return Proof(second_factor_at=now, stepped_up_at=now + timedelta(hours=2))


def enter(
    database: Database,
    organisation: Organisation,
    email: str,
    *roles: AccessRole,
    password: str = PASSWORD,
    now: datetime = NOW,
) -> UUID:
    """Someone whom the operator invited in these roles, and who has set a password."""
    by = operator(organisation.id)
    with database.transaction() as session:
        for role in roles:
            invited = accounts.invite(session, email=email, role=role, vault=VAULT, by=by, now=now)
    if invited.token is not None:
        with database.transaction() as session:
            accounts.accept(
                session,
                token=invited.token,
                display_name=email.partition("@")[0].title(),
                new_password=password,
                vault=VAULT,
                now=now,
            )
    return invited.account_id


def with_password(
    database: Database,
    email: str,
    *,
    password: str = PASSWORD,
    address: str = HOME,
    own_device: bool = False,
    now: datetime = NOW,
) -> Opened | None:
    """Sign in with a password the way a face does; None where it is wrong."""
    with database.transaction() as session:
        attempt = sign_in.begin(session, email=email, address=address, vault=VAULT, now=now)
    right = attempt.is_right(password)
    with database.transaction() as session:
        if not right:
            sign_in.fail(session, attempt=attempt, now=now)
            return None
        return sign_in.enter(
            session,
            attempt=attempt,
            password=password,
            device="Firefox on Linux",
            own_device=own_device,
            now=now,
        )


def who(database: Database, opened: Opened, *, now: datetime = NOW, demo: bool = False) -> Asking:
    """Who holds the session; fails where it is dead."""
    found = if_alive(database, opened, now=now, demo=demo)
    assert found is not None, "the session is dead"
    return found


def if_alive(
    database: Database, opened: Opened, *, now: datetime = NOW, demo: bool = False
) -> Asking | None:
    """Who holds the session; None where it is dead."""
    with database.reading() as session:
        return asking.by_session(session, token_hash=hash_secret(opened.token), demo=demo, now=now)


@dataclass
class App:
    """An authenticator app."""

    secret: str
    factor_id: UUID
    codes: tuple[str, ...] = ()

    def code(self, now: datetime) -> str:
        """What it shows at that moment."""
        return pyotp.TOTP(self.secret).at(now)


def enrol(database: Database, opened: Opened, *, now: datetime = NOW) -> tuple[App, Opened]:
    """Set up an authenticator app; returns it and the session that follows."""
    asking_now = who(database, opened, now=now)
    with database.transaction() as session:
        started = factors.start_totp(session, vault=VAULT, by=asking_now.actor, now=now)
    app = App(started.secret, started.factor_id)
    with database.transaction() as session:
        enrolled = factors.confirm_totp(
            session,
            factor_id=started.factor_id,
            code=app.code(now),
            session_hash=asking_now.session_hash,
            vault=VAULT,
            by=asking_now.actor,
            now=now,
        )
    app.codes = enrolled.recovery_codes
    return app, enrolled.opened


def give(database: Database, opened: Opened, code: str, now: datetime = NOW) -> Opened | None:
    """Give a code as second factor; None where it is wrong."""
    asking_now = who(database, opened, now=now)
    with database.transaction() as session:
        return second_factor.give_code(
            session, session_hash=asking_now.session_hash, code=code, vault=VAULT, now=now
        )


def manager(
    database: Database, organisation: Organisation, email: str = "manager@rivermead.example.org"
) -> tuple[Actor, App]:
    """A bank manager who has just given the second factor, and their app."""
    enter(database, organisation, email, AccessRole.BANK_MANAGER)
    opened = with_password(database, email)
    assert opened is not None
    app, opened = enrol(database, opened)
    return who(database, opened).actor, app


def notices(database: Database) -> list[tuple[str, dict[str, object]]]:
    """Template and context of every notice, in order."""
    with database.reading() as session:
        rows = session.scalars(sa.select(Notice).order_by(Notice.id))
        return [(row.template, row.context) for row in rows]


def events(database: Database, kind: str = "") -> list[Event]:
    """Every event, or those of one kind, in order."""
    with database.reading() as session:
        found = sa.select(Event).order_by(Event.id)
        return list(session.scalars(found.where(Event.kind == kind) if kind else found))
