"""Several workers at the same moment, on PostgreSQL: one version of a list, one place a copy."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from passport.actions.signing import status_lists
from passport.actions.trust import own_list
from passport.actors import job
from passport.db import Database
from passport.model.credentials import CopyFormat, CredentialCopy, StatusListRow
from passport.model.keys import PublishedTrustList
from tests.support import issuing
from tests.support.issuing import BASE, NOW, VAULT, WHERE

pytestmark = pytest.mark.slow


def at_once(count: int, deed: Callable[[], Any]) -> list[Any]:
    """What `count` threads come to that start together."""
    ready = Barrier(count)

    def start(_n: int) -> Any:
        ready.wait()
        return deed()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


def a_trust(database: Database) -> issuing.World:
    with database.transaction() as session:
        return issuing.a_trust(session)


def test_workers_that_publish_at_once_make_one_version(postgres_database: Database) -> None:
    a_trust(postgres_database)

    def publish() -> bool:
        return postgres_database.attempt(
            lambda session: own_list.publish(
                session, vault=VAULT, where=WHERE, by=job(), now=NOW
            )
        )

    assert sorted(at_once(6, publish)) == [False] * 5 + [True]
    with postgres_database.reading() as session:
        assert [one.version for one in session.query(PublishedTrustList)] == [1]


def test_a_status_list_is_signed_by_one_worker(postgres_database: Database) -> None:
    world = a_trust(postgres_database)
    with postgres_database.transaction() as session:
        status_lists.take_places(session, organisation_id=world.id, count=1, now=NOW)

    def publish() -> int:
        return postgres_database.attempt(
            lambda session: status_lists.publish(
                session, vault=VAULT, base=BASE, by=job(), now=NOW
            )
        )

    assert sum(at_once(6, publish)) == 1


def test_no_place_is_taken_twice(postgres_database: Database) -> None:
    """On a list that is nearly full, so that chance alone would not keep them apart."""
    world = a_trust(postgres_database)
    with postgres_database.transaction() as session:
        row = StatusListRow(organisation_id=world.id, size=64, made_at=NOW)
        session.add(row)

    def take() -> list[status_lists.Place]:
        def deed(session: Any) -> list[status_lists.Place]:
            places = status_lists.take_places(
                session, organisation_id=world.id, count=8, now=NOW
            )
            _use(session, places, world)
            return places

        return postgres_database.attempt(deed)

    taken = [place for some in at_once(6, take) for place in some]
    assert len(set(taken)) == len(taken) == 48


def _use(session: Any, places: list[status_lists.Place], world: issuing.World) -> None:
    person = issuing.build.a_person(session, world.organisation)
    (one,) = issuing.decided(session, world, person, {"identity": {}})
    wallet, _ = issuing.a_wallet(session, world, person)
    session.add_all(
        CredentialCopy(
            credential_id=one.id, wallet_id=wallet.id, format=CopyFormat.SD_JWT,
            holder_key="key", list_id=list_id, idx=idx, signed_with="kid", signed_at=NOW,
        )
        for list_id, idx in places
    )  # fmt: skip
    session.flush()
