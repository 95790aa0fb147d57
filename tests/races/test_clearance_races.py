"""A clearance that is shown, lost and looked up at the same moment: one row, decided by what stands
in the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Event
from time import sleep

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import (
    clearance_bypasses,
    clearance_checks,
    clearance_supervision,
    clearances,
)
from bankhub.model.clearances import Clearance, ClearanceBypass, ClearanceState
from passport.actions.signing import credential_life
from passport.actors import operator
from passport.db import Database
from passport.errors import Refused
from passport.model.credential_types import Revocation, Suspension
from passport.model.credentials import Credential
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


@dataclass
class Contest:
    """What two people decide, what takes the ground away from it, and whether it still stands."""

    decide: Deed
    lose: Deed
    stands: Callable[[Session], bool]


def is_cleared(row: Clearance) -> Callable[[Session], bool]:
    return lambda s: s.get_one(Clearance, row.id).state is ClearanceState.CLEARED


def an_asked_bypass(session: Session, world: World) -> Contest:
    """Of an award that is too old, which home then ends."""
    row = cleared(session, world)
    first = clearing.an_officer(session, world.host)
    award = next(one.id for one in world.held if one.claims.get("subject_code") == "IPC")
    kept = session.get_one(Credential, award)
    kept.claims = {**kept.claims, "awarded_on": "2024-06-01"}
    session.flush()
    clearances.redecide(session, clearance_ids=[row.id], because="test", by=operator(), now=NOW)
    return Contest(
        lambda s: clearance_bypasses.ask_bypass(
            s, clearance_id=row.id, item="training.IPC", because="Trained on Friday.",
            until_on=NOW.date(), by=first, now=NOW,
        ),
        lambda s: credential_life.revoke(
            s, credential_id=award, reason=Revocation.PROVIDED_IN_ERROR, by=officer(world.home),
            now=NOW,
        ),
        lambda s: s.query(ClearanceBypass).one().ended_at is None,
    )  # fmt: skip


def a_granted_bypass(session: Session, world: World) -> Contest:
    found = an_asked_bypass(session, world)
    asked = found.decide(session)
    assert isinstance(asked, ClearanceBypass)
    bypass_id, second = asked.id, clearing.an_officer(session, world.host)
    found.decide = lambda s: clearance_bypasses.grant_bypass(
        s, bypass_id=bypass_id, by=second, now=NOW
    )
    found.stands = is_cleared(session.get_one(Clearance, asked.clearance_id))
    return found


def a_supervision(session: Session, world: World) -> Contest:
    row = show(session, world)
    first, second = (clearing.an_officer(session, world.host) for _ in range(2))
    clearance_checks.check_register(
        session, clearance_id=row.id, status=Status.CONDITIONS, by=first, now=NOW
    )
    asked = clearance_supervision.ask(
        session, clearance_id=row.id, grounds=clearance_supervision.NEEDED, until_on=NOW.date(),
        by=first, now=NOW,
    ).id  # fmt: skip
    return Contest(
        lambda s: clearance_supervision.grant(s, supervision_id=asked, by=second, now=NOW),
        lose(world),
        is_cleared(row),
    )


def a_supervision_against_the_register(session: Session, world: World) -> Contest:
    found = a_supervision(session, world)
    by = clearing.an_officer(session, world.host)
    row = session.query(Clearance).one()
    found.lose = lambda s: clearance_checks.check_register(
        s, clearance_id=row.id, status=Status.SUSPENDED, by=by, now=NOW
    )
    return found


Made = Callable[[Session, World], Contest]
CONTESTS: list[tuple[Made, bool]] = [
    (an_asked_bypass, True),
    (a_granted_bypass, True), (a_granted_bypass, False),
    (a_supervision, True), (a_supervision, False),
    (a_supervision_against_the_register, True), (a_supervision_against_the_register, False),
]  # fmt: skip
"""With which of the two comes first. Who asks after the loss asks about what stands then."""


def in_turn(database: Database, first: Deed, second: Deed) -> Exception | None:
    """The first has decided and is about to commit when the second begins, and commits once the
    second waits for it, or is through. What the second failed with."""
    decided, waited_for = Event(), Event()

    def held(session: Session) -> None:
        first(session)

        def pause(_: Session) -> None:
            decided.set()
            assert waited_for.wait(60)

        sa.event.listen(session, "before_commit", pause)

    def after(session: Session) -> None:
        second(session)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(database.attempt, held)
        assert decided.wait(60)
        other = pool.submit(database.attempt, after)
        while not other.done() and not somebody_waits(database):
            sleep(0.01)
        waited_for.set()
        one.result(60)
        problem = other.exception(60)
    return problem if isinstance(problem, Exception) else None


def somebody_waits(database: Database) -> bool:
    asked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND " \
        "wait_event_type = 'Lock'"  # fmt: skip
    with database.reading() as session:
        return session.execute(sa.text(asked)).first() is not None


def stands_after(database: Database, world: World, made: Made, decided_first: bool) -> bool:
    with database.transaction() as session:
        contest = made(session, world)
    deeds = (contest.decide, contest.lose) if decided_first else (contest.lose, contest.decide)
    problem = in_turn(database, *deeds)
    assert problem is None or (isinstance(problem, Refused) and not decided_first)
    with database.reading() as session:
        return contest.stands(session)


@pytest.mark.parametrize(("contest", "decided_first"), CONTESTS)
def test_what_is_lost_while_two_people_decide_is_lost(
    postgres_database: Database, world: World, contest: Made, decided_first: bool
) -> None:
    assert not stands_after(postgres_database, world, contest, decided_first)


@pytest.mark.parametrize(
    ("contest", "decided_first"), [one for one in CONTESTS if one[0] is not a_granted_bypass]
)
def test_mutant_without_locks_it_stands(
    postgres_database: Database,
    world: World,
    contest: Made,
    decided_first: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Shows that the race above looks at the control: neither the worker's lock nor the row's. Of
    a bypass that waits, its own row is a further wall."""
    monkeypatch.setattr(sa.Select, "with_for_update", lambda self, **_: self)
    assert stands_after(postgres_database, world, contest, decided_first)


@pytest.mark.parametrize("decided_first", [True, False])
def test_mutant_that_lets_no_bypass_fall(
    postgres_database: Database,
    world: World,
    decided_first: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clearance_bypasses, "fall", lambda *_, **__: None)
    assert stands_after(postgres_database, world, a_granted_bypass, decided_first)
