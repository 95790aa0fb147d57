"""A clearance that is shown, lost and looked up at the same moment: one row, decided by what stands
in the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_bypasses, clearance_checks, clearances
from bankhub.model.clearances import Clearance, ClearanceBypass, ClearanceState
from passport.actions.signing import credential_life
from passport.actors import operator
from passport.db import Database
from passport.errors import Refused
from passport.model.credential_types import Revocation, Suspension
from passport.model.register_words import Status
from tests.support import clearing
from tests.support.build_people import NOW
from tests.support.clearing import World, a_world, cleared, officer, show

pytestmark = pytest.mark.postgresql
Deed = Callable[[Session], object]


@pytest.fixture
def world(postgres_database: Database) -> World:
    with postgres_database.transaction() as session:
        return a_world(session)


def at_once(database: Database, *deeds: Deed) -> list[Exception | None]:
    """All begun at the same moment; what each failed with."""
    together = Barrier(len(deeds))

    def run(deed: Deed) -> Exception | None:
        together.wait()
        try:
            database.attempt(deed)
        except Refused as problem:
            return problem
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_shown_twice_at_once_it_is_one(postgres_database: Database, world: World) -> None:
    with postgres_database.transaction() as session:
        kept = clearing.verdict(session, world.host, world.nurse).id
    shown = at_once(postgres_database, *[lambda s: show(s, world, verdict_id=kept)] * 6)
    assert shown == [None] * 6
    with postgres_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Clearance.id))) == 1


def lose(world: World) -> Deed:
    return lambda session: credential_life.suspend(
        session, credential_id=world.of("professional_registration"),
        reason=Suspension.NOT_CURRENTLY_AVAILABLE, by=officer(world.home), now=NOW,
    )  # fmt: skip


def end_employment(world: World) -> Deed:
    return lambda session: credential_life.revoke(
        session, credential_id=world.of("employment_assignment"),
        reason=Revocation.LEAVING_ORGANISATION, by=officer(world.home), now=NOW,
    )  # fmt: skip


def lost_while_looked_up(database: Database, world: World) -> ClearanceState:
    with database.transaction() as session:
        row = show(session, world)

    def look_up(session: Session) -> object:
        return clearance_checks.check_register(
            session, clearance_id=row.id, status=Status.REGISTERED, by=officer(world.host), now=NOW
        )

    again: list[Deed] = [
        lambda s: clearances.redecide(
            s, clearance_ids=[row.id], because="test", by=operator(), now=NOW
        )
    ] * 4
    at_once(database, look_up, end_employment(world), *again)
    with database.reading() as session:
        return session.get_one(Clearance, row.id).state


@pytest.mark.parametrize("attempt", range(5))
def test_what_is_lost_while_it_is_looked_up_is_lost(
    postgres_database: Database, world: World, attempt: int
) -> None:
    assert lost_while_looked_up(postgres_database, world) is ClearanceState.NOT_CLEARED


def test_lost_and_told_once(postgres_database: Database, world: World) -> None:
    with postgres_database.transaction() as session:
        row = cleared(session, world)
    at_once(postgres_database, lose(world), end_employment(world))
    with postgres_database.reading() as session:
        flips = [
            one for one in clearing.events(session, "clearance.decided")
            if one.detail["state"] == ["cleared", "not_cleared"]
        ]  # fmt: skip
        assert session.get_one(Clearance, row.id).state is ClearanceState.NOT_CLEARED
    assert len(flips) == 1


def test_a_bypass_is_granted_or_refused_and_never_both(
    postgres_database: Database, world: World
) -> None:
    with postgres_database.transaction() as session:
        row = cleared(session, world)
        first, second, third = (clearing.an_officer(session, world.host) for _ in range(3))
        award = next(one for one in world.held if one.claims.get("subject_code") == "IPC")
    with postgres_database.transaction() as session:
        credential_life.revoke(
            session, credential_id=award.id, reason=Revocation.PROVIDED_IN_ERROR,
            by=officer(world.home), now=NOW,
        )  # fmt: skip
    with postgres_database.transaction() as session:
        asked = clearance_bypasses.ask_bypass(
            session, clearance_id=row.id, item="training.IPC", because="Supervised.",
            until_on=NOW.date(), by=first, now=NOW,
        ).id  # fmt: skip

    came = at_once(
        postgres_database,
        lambda s: clearance_bypasses.grant_bypass(s, bypass_id=asked, by=second, now=NOW),
        lambda s: clearance_bypasses.refuse_bypass(s, bypass_id=asked, by=third, now=NOW),
    )

    assert sum(one is None for one in came) == 1
    with postgres_database.reading() as session:
        found = session.get_one(ClearanceBypass, asked)
        assert (found.granted_at is None) is not (found.refused_at is None)


def test_mutant_without_locks_a_loss_is_overwritten_or_the_row_doubled(
    postgres_database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shows that the first race looks at the control: without the worker's lock two are opened,
    and only the index refuses the second."""
    monkeypatch.setattr(clearances, "_lock_holders", lambda *_: None)
    with postgres_database.transaction() as session:
        kept = clearing.verdict(session, world.host, world.nurse).id
    with pytest.raises(sa.exc.IntegrityError):
        at_once(postgres_database, *[lambda s: show(s, world, verdict_id=kept)] * 6)
