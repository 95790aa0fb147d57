"""Finding whoever asks what an organisation holds of them: people on its record, people of partners
of whom it holds anything, and whoever holds an office there without being on record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.partners.booked_names import note_names
from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance
from bankhub.model.deployments import Deployment
from passport.actions.people.subject_rows import in_office, name_of
from passport.actions.permission import demand
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.model.accounts import Account
from passport.model.looks import PersonLook
from passport.model.people import Person
from passport.model.presentations import VerdictRecord
from passport.rules.permissions import Deed

FOUND_SHOWN = 50
READ = "subject_file"
"""What a look at somebody who asks is called in the log."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody of whom the organisation holds something."""

    id: UUID
    """Of the record; of an account where there is none."""
    name: str
    email: str | None
    is_own: bool
    """On the organisation's own record, or with an account in its offices alone."""
    left_at: datetime | None
    born: date | None = None
    """Of the organisation's own people: two of one name are told apart before a file is made."""
    is_account: bool = False


def find_people(session: Session, *, words: str, by: Actor, now: datetime) -> list[Found]:
    """Whose name or e-mail begins so: people of the organisation's own record, people of partners
    of whom it holds anything, and accounts here of whoever is on no record."""
    demand(by, Deed.SEE_SUBJECTS)
    here, wanted = own_organisation(by), " ".join(words.split())[:80].split()
    if not wanted:
        return []
    found = _people(session, wanted, here)
    note_names(session, [one.id for one in found], by=by, now=now, what=READ)
    return [*found, *_accounts(session, wanted, here)]


def _people(session: Session, wanted: Sequence[str], here: UUID) -> list[Found]:
    known: sa.CompoundSelect[Any] = sa.union(
        sa.select(Clearance.person_id).where(Clearance.host_id == here),
        sa.select(Deployment.person_id).where(
            sa.or_(Deployment.host_id == here, Deployment.home_id == here)
        ),
        sa.select(Booking.person_id).where(Booking.organisation_id == here),
        sa.select(VerdictRecord.person_id).where(VerdictRecord.organisation_id == here),
        sa.select(PersonLook.person_id).where(PersonLook.organisation_id == here),
    )
    rows = session.scalars(
        sa.select(Person)
        .where(
            sa.or_(Person.organisation_id == here, Person.id.in_(known)),
            *_begin(wanted, Person.family_name, Person.given_name, Person.email),
        )
        .order_by(Person.family_name, Person.given_name, Person.id)
        .limit(FOUND_SHOWN)
    )
    return [
        Found(
            one.id, name_of(one), one.email, one.organisation_id == here, one.left_at,
            one.date_of_birth if one.organisation_id == here and not one.is_erased else None,
        )
        for one in rows
    ]  # fmt: skip


def _accounts(session: Session, wanted: Sequence[str], here: UUID) -> list[Found]:
    last_name = sa.literal(" ").concat(Account.display_name)
    rows = session.scalars(
        sa.select(Account)
        .where(
            *in_office(here),
            *(
                sa.or_(
                    last_name.icontains(f" {one}", autoescape=True),
                    Account.email.istartswith(one, autoescape=True),
                )
                for one in wanted
            ),
        )
        .order_by(Account.display_name, Account.id)
        .limit(FOUND_SHOWN)
    )
    return [
        Found(one.id, name_of(one), one.email, True, one.closed_at, is_account=True)
        for one in rows
    ]


def _begin(wanted: Sequence[str], *columns: Any) -> Iterator[sa.ColumnElement[bool]]:
    for word in wanted:
        yield sa.or_(*(one.istartswith(word, autoescape=True) for one in columns))
