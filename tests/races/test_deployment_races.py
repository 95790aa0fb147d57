"""Accepted by all three at the same moment, and by one side twice: accepted by three, once. Real
threads on PostgreSQL. The mutant takes the locks away and must be seen to go wrong."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions import deployment_records, deployments
from bankhub.model.deployments import (
    Deployment,
    DeploymentState,
    DeploymentTask,
    LicenceAcceptance,
)
from passport.db import Database
from passport.errors import Refused
from passport.events import Event
from tests.support.build import NOW
from tests.support.build_deployments import Sharing, a_pair, taken_to

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

S = DeploymentState
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


def test_mutant_without_the_locks_the_third_is_not_seen(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        deployment_records, "locked", lambda session, one: session.get(Deployment, one)
    )
    assert {one[0] for one in all_three(postgres_database)} != {S.LICENSED}
