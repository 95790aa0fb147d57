"""Steps on one person's credentials at the same moment, on PostgreSQL: they follow each other."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from passport.actions.signing import credential_life as life
from passport.actors import AccessRole, Actor, job
from passport.db import Database
from passport.errors import Refused
from passport.events import Event
from passport.model.credential_types import HolderRejection, Revocation, Suspension
from passport.model.credentials import Credential, CredentialCopy, CredentialState
from passport.rules.tokens.status_list import Status
from tests.support import build, issuing
from tests.support.issuing import NOW

pytestmark = pytest.mark.slow
Deed = Callable[[Session], object]
ROUNDS = 6


@dataclass
class Race:
    """A nurse with an officer, and her credentials by type."""

    database: Database
    person_id: UUID
    holder: Actor
    officer: Actor
    ids: dict[str, UUID]

    def state(self, kind: str) -> CredentialState:
        with self.database.reading() as session:
            return session.get_one(Credential, self.ids[kind]).state

    def gate(self) -> int:
        with self.database.reading() as session:
            found = sa.select(CredentialCopy.status).where(CredentialCopy.format == "gate")
            return session.scalars(found).one()

    def verbs(self) -> list[str]:
        with self.database.reading() as session:
            kinds = sa.select(Event.kind).where(Event.kind.startswith("credential."))
            return sorted(session.scalars(kinds))

    def at_once(self, *deeds: Deed) -> int:
        """Start the deeds together; how many were done."""
        ready = Barrier(len(deeds))

        def start(deed: Deed) -> bool:
            ready.wait()
            try:
                self.database.attempt(deed)
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(len(deeds)) as pool:
            return sum(pool.map(start, deeds))

    def revoke(self, kind: str) -> Deed:
        return lambda session: life.revoke(
            session, credential_id=self.ids[kind], reason=Revocation.PROVIDED_IN_ERROR,
            by=self.officer, now=NOW,
        )  # fmt: skip


def a_race(database: Database, *, collected: bool) -> Race:
    with database.transaction() as session:
        world = issuing.a_trust(session, ods_code=f"R{next(build.numbers):03}")
        nurse = issuing.a_holder(session, world)
        if collected:
            wallet, key = issuing.a_wallet(session, world, nurse)
            issuing.collected(session, world, nurse, wallet, key)
            issuing.a_gate(session, world, wallet, key)
        rows = session.query(Credential).filter_by(person_id=nurse.id)
        ids = {one.type: one.id for one in rows}
        officer = build.an_actor(world.organisation, AccessRole.HR_OFFICER, stepped_up=True)
        holder = build.an_actor(world.organisation, AccessRole.WORKER, person=nurse)
    return Race(database, nurse.id, holder, officer, ids)


@contextmanager
def without_locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The deeds as they would be if they read a credential and locked nothing."""

    def found(session: Session, credential_id: UUID) -> Credential:
        return session.get_one(Credential, credential_id)

    with monkeypatch.context() as patched:
        patched.setattr(life, "locked", found)
        yield


def taken_and_turned_down(race: Race) -> int:
    one = race.ids["training_award"]
    return race.at_once(
        lambda session: life.accept(session, credential_id=one, by=job(), now=NOW),
        lambda session: life.reject(
            session, credential_id=one, reason=HolderRejection.OTHER, by=race.holder, now=NOW
        ),
    )


def test_what_is_taken_and_turned_down_at_once_is_one_of_the_two(
    postgres_database: Database,
) -> None:
    for _ in range(ROUNDS):
        race = a_race(postgres_database, collected=False)
        assert taken_and_turned_down(race) == 1
        assert race.state("training_award") in (CredentialState.HELD, CredentialState.REJECTED)


def test_what_is_revoked_six_times_at_once_is_revoked_once(postgres_database: Database) -> None:
    race = a_race(postgres_database, collected=True)
    assert race.at_once(*[race.revoke("training_award")] * 6) == 1
    assert race.verbs() == ["credential.revoked"]


def test_mutant_without_the_locks_it_is_revoked_more_than_once(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shows that the race above looks at the control: with it off, it would fail."""
    with without_locks(monkeypatch):
        done = 0
        for _ in range(ROUNDS):
            race = a_race(postgres_database, collected=True)
            done = max(done, race.at_once(*[race.revoke("training_award")] * 6))
    assert done > 1


def gate_after_both(race: Race) -> int:
    """Identity ends while the registration is held back: the gate token has ended, whichever
    came first."""
    registration = race.ids["professional_registration"]
    by = replace(race.officer)
    race.at_once(
        race.revoke("identity"),
        lambda session: life.suspend(
            session, credential_id=registration, reason=Suspension.PHONE_LOST, by=by, now=NOW
        ),
    )
    return race.gate()


def test_two_steps_at_once_leave_what_both_mean_in_the_status_lists(
    postgres_database: Database,
) -> None:
    for _ in range(ROUNDS):
        with postgres_database.transaction() as session:
            build.an_event(session, UUID(int=1))
            session.execute(sa.delete(CredentialCopy))
        race = a_race(postgres_database, collected=True)
        assert gate_after_both(race) == Status.INVALID
