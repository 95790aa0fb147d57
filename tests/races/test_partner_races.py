"""Races between a booking at a partner and what takes it away: threads on PostgreSQL.

Whatever the order, nobody is booked behind the back of whoever ended the grounds for it: a booking
that stands is one that the decision named, so that all three parties were told. Beside each race
stands its mutant: booking without the worker's lock, which must be seen to go wrong.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_ends
from bankhub.actions.booking import bookings, taking
from bankhub.actions.clearances import clearances
from bankhub.actions.finding import looking
from bankhub.model.agreements import Agreement
from bankhub.model.bookings import Booking
from bankhub.model.vocabulary import LIVE_BOOKING, Tier
from passport.actors import AccessRole
from passport.batch import Prepared
from passport.db import Database
from passport.errors import NotFound, Refused
from passport.events import Event
from passport.model.people import Person
from tests.support import build, sharing
from tests.support.build import NOW

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

ROUNDS, NURSES = 5, 8
LATER = NOW + timedelta(minutes=1)
DECIDED = ("clearance.decided", "clearance.ended")


class Shared:
    """Nurses of one trust who are cleared at another, with a shift for each."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            home, self.host = build.an_organisation(session), build.an_organisation(session)
            ward = build.a_unit(session, build.a_site(session, self.host))
            self.wsa = sharing.an_agreement(session, self.host, home)
            self.nurses = [build.a_nurse(session, home)[0] for _ in range(NURSES)]
            self.clearances = [
                sharing.a_clearance(session, self.wsa, one, self.host).id for one in self.nurses
            ]
            opens: dict[Tier, Any] = {Tier.PARTNER: NOW - timedelta(hours=1)}
            self.shifts = [
                build.a_shift(session, ward, openings=opens).id for _ in self.nurses
            ]
        self.manager = build.an_actor(
            self.host, AccessRole.BANK_MANAGER, AccessRole.HR_OFFICER, stepped_up=True
        )

    def deeds(self) -> list[Callable[[], Any]]:
        return [
            self._booking(shift_id, person)
            for shift_id, person in zip(self.shifts, self.nurses, strict=True)
        ]

    def _booking(self, shift_id: UUID, person: Person) -> Callable[[], Any]:
        by = build.as_worker(person)
        return self.deed(lambda s: bookings.book(s, shift_id=shift_id, by=by, now=LATER))

    def deed(self, work: Callable[[Session], Any]) -> Callable[[], Any]:
        return lambda: self.database.attempt(work)

    def suspend(self, session: Session) -> None:
        agreement_ends.suspend_party(
            session,
            agreement_id=self.wsa.agreement_id,
            organisation_id=self.host.id,
            because="An inquiry.",
            by=self.manager,
            now=LATER,
        )

    def unnoticed(self) -> set[str]:
        """Bookings that stand and that no decision named."""
        with self.database.reading() as session:
            live = session.scalars(sa.select(Booking.id).where(Booking.state.in_(LIVE_BOOKING)))
            events = session.scalars(sa.select(Event.detail).where(Event.kind.in_(DECIDED)))
            named = {one for d in events for one in d.get("blocked", d.get("bookings"))}
            return {str(one) for one in live} - named


def at_once(deeds: list[Callable[[], Any]]) -> None:
    barrier = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            deed()
        except (Refused, NotFound):
            return

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(run, deeds))


@dataclass
class Moment:
    seconds: float = 0.1


@pytest.fixture(autouse=True)
def between_asking_and_taking(monkeypatch: pytest.MonkeyPatch) -> Moment:
    straight, moment = taking.confirm, Moment()

    def later(session: Any, *args: Any) -> None:
        session.execute(sa.select(sa.func.pg_sleep(moment.seconds)))
        straight(session, *args)

    monkeypatch.setattr(bookings, "confirm", later)
    return moment


@pytest.fixture
def no_worker_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    free = Prepared(sa.select(Person.id).where(Person.id == sa.bindparam("holder_id")))
    monkeypatch.setattr(looking, "LOCK_WORKER", free)


def suspended_while_booking(database: Database) -> set[str]:
    shared = Shared(database)
    at_once([*shared.deeds(), shared.deed(shared.suspend)])
    with database.reading() as session:
        assert session.get_one(Agreement, shared.wsa.agreement_id)
    return shared.unnoticed()


def lost_while_booking(database: Database) -> set[str]:
    shared = Shared(database)
    ending = [
        shared.deed(
            lambda session, one=one: clearances.end(  # type: ignore[misc]
                session,
                clearance_id=one,
                because=clearances.EndReason.HOST_DECIDED,
                by=shared.manager,
                now=LATER,
            )
        )
        for one in shared.clearances
    ]
    at_once([*shared.deeds(), *ending])
    return shared.unnoticed()


RACES = {
    "a party is suspended": suspended_while_booking,
    "the clearance is lost": lost_while_booking,
}


@pytest.mark.parametrize("race", RACES)
def test_who_books_while_it_ends_is_refused_or_told(postgres_database: Database, race: str) -> None:
    for _ in range(ROUNDS):
        assert RACES[race](postgres_database) == set()


@pytest.mark.parametrize("race", RACES)
def test_mutant_without_the_workers_lock_somebody_is_booked_unnoticed(
    postgres_database: Database,
    no_worker_lock: None,
    between_asking_and_taking: Moment,
    race: str,
) -> None:
    for _ in range(ROUNDS):
        if RACES[race](postgres_database):
            return
        between_asking_and_taking.seconds *= 2  # what takes it away is slow on a busy machine
    pytest.fail("nobody was booked unnoticed")
