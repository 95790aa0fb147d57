"""Accepted by all three at the same moment, and by one side twice: accepted by three, once. Real
threads on PostgreSQL. The mutant takes the locks away and must be seen to go wrong."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.deployments import deployment_extensions, deployment_records, deployments
from bankhub.model.deployments import (
    Deployment,
    DeploymentExtension,
    DeploymentState,
    DeploymentTask,
    ExtensionState,
    LicenceAcceptance,
)
from passport.actors import Actor
from passport.db import Database
from passport.errors import Refused
from passport.events import Event
from tests.support.build import NOW
from tests.support.build_deployments import (
    Sharing,
    a_pair,
    at,
    extending,
    paper_of,
    taken_to,
)

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

S, X = DeploymentState, ExtensionState
ROUNDS = 6


def at_once(*deeds: Callable[[], Any]) -> list[Exception]:
    """What went wrong where all are done at the same moment."""
    barrier = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Exception | None:
        barrier.wait()
        try:
            deed()
        except (Refused, sa.exc.IntegrityError) as error:
            return error
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [found for found in pool.map(run, deeds) if found]


def ready(database: Database) -> tuple[Sharing, Deployment]:
    with database.transaction() as session:
        pair = a_pair(session)
        return pair, taken_to(session, pair, S.CHECKED)


def accepting(database: Database, pair: Sharing, found: Deployment, side: str) -> Callable[[], Any]:
    by = {"worker": pair.worker, "home": pair.home_hr, "host": pair.host_hr}[side]
    deed = deployments.accept_own if side == "worker" else deployments.accept

    def accept() -> None:
        with database.transaction() as session:
            deed(
                session, deployment_id=found.id, text_hash=found.licence_hash, by=by, now=NOW
            )

    return accept


def state_of(database: Database, found: Deployment) -> tuple[DeploymentState, int, int, int]:
    """Where it stands, with how many acceptances, tasks and events of the third acceptance."""
    with database.reading() as session:
        counts = [
            session.scalar(sa.select(sa.func.count()).where(condition)) or 0
            for condition in (
                LicenceAcceptance.deployment_id == found.id,
                DeploymentTask.deployment_id == found.id,
                sa.and_(Event.subject_id == found.id, Event.kind == "deployment.licensed"),
            )
        ]
        return session.get_one(Deployment, found.id).state, counts[0], counts[1], counts[2]


def all_three(database: Database) -> list[tuple[DeploymentState, int, int, int]]:
    seen = []
    for _ in range(ROUNDS):
        pair, found = ready(database)
        sides = ("worker", "home", "host")
        at_once(*(accepting(database, pair, found, side) for side in sides))
        seen.append(state_of(database, found))
    return seen


def test_all_three_accept_at_once(postgres_database: Database) -> None:
    (outcome,) = set(all_three(postgres_database))
    assert (outcome[0], outcome[1], outcome[3]) == (S.LICENSED, 3, 1)


def test_one_side_accepts_twice_at_once(postgres_database: Database) -> None:
    for _ in range(ROUNDS):
        pair, found = ready(postgres_database)
        errors = at_once(*(accepting(postgres_database, pair, found, "home") for _ in range(2)))
        assert [type(one) for one in errors] == [Refused]
        assert state_of(postgres_database, found)[:2] == (S.CHECKED, 1)


def extended(database: Database) -> tuple[Sharing, Deployment, str]:
    with database.transaction() as session:
        pair = a_pair(session)
        found = extending(session, pair, taken_to(session, pair, S.ACTIVE), X.CHECKED)
        return pair, found, paper_of(session, found).paper_hash


def going_on(
    database: Database, pair: Sharing, found: Deployment, paper_hash: str, side: str
) -> Callable[[], Any]:
    by = {"worker": pair.worker, "home": pair.home_hr, "host": pair.host_hr}[side]
    deed = deployment_extensions.accept_own if side == "worker" else deployment_extensions.accept

    def accept() -> None:
        with database.transaction() as session:
            deed(
                session, deployment_id=found.id, text_hash=paper_hash, by=by,
                now=at(found.starts_on),
            )  # fmt: skip

    return accept


def test_all_three_accept_an_extension_at_once(postgres_database: Database) -> None:
    for _ in range(ROUNDS):
        pair, found, paper_hash = extended(postgres_database)
        sides = ("worker", "home", "host")
        deeds = [going_on(postgres_database, pair, found, paper_hash, side) for side in sides]
        assert at_once(*deeds) == []
        with postgres_database.reading() as session:
            one = paper_of(session, found)
            assert one.state is X.ACCEPTED
            assert session.get_one(Deployment, found.id).ends_on == one.ends_on


def test_home_and_host_propose_a_later_day_at_once(postgres_database: Database) -> None:
    for _ in range(ROUNDS):
        with postgres_database.transaction() as session:
            pair = a_pair(session)
            found = taken_to(session, pair, S.ACTIVE)
        errors = at_once(
            *(proposing(postgres_database, found, by) for by in (pair.home_hr, pair.host_hr))
        )
        assert [type(one) for one in errors] == [Refused]
        with postgres_database.reading() as session:
            count = sa.select(sa.func.count()).where(
                DeploymentExtension.deployment_id == found.id
            )
            assert session.scalar(count) == 1


def proposing(database: Database, found: Deployment, by: Actor) -> Callable[[], Any]:
    def propose() -> None:
        with database.transaction() as session:
            deployment_extensions.propose(
                session, deployment_id=found.id, by=by, now=at(found.starts_on),
                ends_on=at(found.ends_on).date() + timedelta(days=9),
            )  # fmt: skip

    return propose


def test_an_end_at_once_and_the_last_acceptance(postgres_database: Database) -> None:
    """Whichever comes first, what has ended does not go on."""
    for _ in range(ROUNDS):
        pair, found, paper_hash = extended(postgres_database)
        for side in ("worker", "home"):
            going_on(postgres_database, pair, found, paper_hash, side)()
        at_once(
            going_on(postgres_database, pair, found, paper_hash, "host"),
            ending(postgres_database, pair, found),
        )
        with postgres_database.reading() as session:
            now = session.get_one(Deployment, found.id)
            assert (now.state, now.ends_on) == (S.TERMINATED_EARLY, found.starts_on)
            assert paper_of(session, found).closed_at is not None


def ending(database: Database, pair: Sharing, found: Deployment) -> Callable[[], Any]:
    def end() -> None:
        with database.transaction() as session:
            deployments.end(
                session, deployment_id=found.id, because="patient_safety", by=pair.home_hr,
                now=at(found.starts_on),
            )  # fmt: skip

    return end


def test_mutant_without_the_locks_an_extension_is_accepted_by_three_and_not_in_force(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        deployment_records, "locked", lambda session, one: session.get(Deployment, one)
    )
    seen = set()
    for _ in range(ROUNDS):
        pair, found, paper_hash = extended(postgres_database)
        sides = ("worker", "home", "host")
        at_once(*(going_on(postgres_database, pair, found, paper_hash, side) for side in sides))
        with postgres_database.reading() as session:
            seen.add(paper_of(session, found).state)
    assert seen != {X.ACCEPTED}


def test_mutant_without_the_locks_the_third_is_not_seen(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        deployment_records, "locked", lambda session, one: session.get(Deployment, one)
    )
    assert {one[0] for one in all_three(postgres_database)} != {S.LICENSED}
