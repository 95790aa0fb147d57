"""Two people of one trust, of whom it holds everything that a trust can hold; and a second trust.

Every word about a person holds their own name (`Quentin`, `Ottoline`), so that a test sees at
once whose it is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.bookings import Booking, ContactAttempt
from bankhub.model.vocabulary import BookingState
from bankhub.model.workers import BankPost
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.events import Notice, record
from passport.model.accounts import Account, RoleGrant
from passport.model.credentials import PersonPhoto
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.presentations import Channel, VerdictRecord
from tests.support import build
from tests.support.access import VAULT
from tests.support.build import NOW
from tests.support.build_issued import issued
from tests.support.build_people import kept

MINE, OTHERS = "Quentin", "Ottoline"


@dataclass
class Known:
    """A trust and the two people."""

    database: Database
    trust: Organisation
    elsewhere: Organisation
    one: Person
    other: Person
    post: BankPost
    booking: Booking
    account: Account
    ig: Actor
    officer: Actor

    def leave(self, days: float = 0) -> None:
        """The one has left, so many days ago."""
        with self.database.transaction() as session:
            person = session.get_one(Person, self.one.id)
            person.left_at = NOW - timedelta(days=days)
            account = session.get_one(Account, self.account.id)
            account.closed_at = person.left_at
            build.an_event(session, self.trust.id)


def all_known(database: Database) -> Known:
    """Everything on record."""
    with database.transaction() as session:
        trust = build.an_organisation(session, name="Held NHS Trust")
        elsewhere = build.an_organisation(session, name="Elsewhere NHS Trust")
        ward = build.a_unit(session, build.a_site(session, trust))
        one, post = _someone(session, trust, MINE)
        other, other_post = _someone(session, trust, OTHERS)
        shift = build.a_shift(session, ward, starts_at=NOW - timedelta(days=30), hours=8)
        ig, officer = (
            build.an_account(session, email=f"{name}@held.example") for name in ("ig", "officer")
        )
        booking = build.a_booking(
            session, shift, one, post, state=BookingState.WORKED,
            overrides=[{"code": "rest", "because": "quiet", "by": str(officer.id)}],
        )  # fmt: skip
        build.a_booking(
            session, build.a_shift(session, ward, starts_at=NOW - timedelta(days=20), hours=8),
            other, other_post, state=BookingState.WORKED,
        )  # fmt: skip
        for name, row in issued(trust.id, one.id, other.id, MINE).items():
            if name in ("bundle_id", "credential_id", "wallet_id"):
                kept(session, row, trust.id)
        account = _surroundings(session, trust, one, shift.id, officer.id)
    return Known(
        database, trust, elsewhere, one, other, post, booking, account,
        build.an_actor(trust, AccessRole.IG_LEAD, account=ig, stepped_up=True),
        build.an_actor(trust, AccessRole.HR_OFFICER, account=officer, stepped_up=True),
    )  # fmt: skip


def _someone(session: Session, trust: Organisation, name: str) -> tuple[Person, Any]:
    person, post = build.a_nurse(
        session, trust, given_name=name, family_name=f"{name}son",
        email=f"{name.lower()}@mail.example", mobile="+44 7700 900123",
    )  # fmt: skip
    build.a_fact(
        session, person, FactKind.REGISTRATION,
        {"body": "NMC", "number": f"99{name[0]}", "status": "registered"},
    )  # fmt: skip
    return person, post


def _surroundings(
    session: Session, trust: Organisation, person: Person, shift_id: UUID, officer_id: UUID
) -> Account:
    """Account, photo, a call, a check at the door, a message, an event that says something."""
    account = build.an_account(
        session, email="quentin@home.example", display_name=f"{MINE}son", person_id=person.id
    )
    rows: list[Any] = [
        RoleGrant(
            account_id=account.id, organisation_id=trust.id, role=AccessRole.WORKER, granted_at=NOW
        ),
        ContactAttempt(
            organisation_id=trust.id, shift_id=shift_id, person_id=person.id, at=NOW,
            answer="declined", by_id=officer_id,
        ),
        VerdictRecord(
            organisation_id=trust.id, unit="Ward 7", channel=Channel.DESK, checker=f"{OTHERS}son",
            purpose="admission", holder_key=None, person_id=person.id, issuer_ods=None, at=NOW,
            received_at=NOW, offline=False, outcome="green", codes=[], kinds=["identity"],
        ),
    ]  # fmt: skip
    for row in rows:
        kept(session, row, trust.id)
    place = f"person_photo:{person.id}"
    photo = PersonPhoto(
        person_id=person.id, taken_on=NOW.date(),
        sealed_face=VAULT.seal(b"face", belongs_to=f"{place}:face"),
        sealed_photo=VAULT.seal(b"JPEG of Quentin", belongs_to=f"{place}:photo"),
    )  # fmt: skip
    session.add(photo)
    session.add(
        Notice(
            dedupe=f"told {person.id}", to_person_id=person.id, template="bankhub/x",
            context={"name": MINE}, due_at=NOW,
        )
    )  # fmt: skip
    by = build.an_actor(trust, AccessRole.HR_OFFICER)
    record(session, "fact.corrected", subject_id=person.id, by=by, now=NOW, said=f"{MINE} said")
    return account
