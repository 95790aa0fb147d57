"""Who of another organisation looked at a person: written down once a day, read by the person."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from passport.actions.people import looks
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import NotFound
from passport.events import Event
from passport.model.looks import PersonLook
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW


@dataclass
class House:
    """A nurse of one trust, and a coordinator of another."""

    database: Database
    home: Organisation
    host: Organisation
    nurse: Person
    coordinator: Actor

    def look(self, by: Actor, *, what: str = "candidate", days: float = 0) -> None:
        now = NOW + timedelta(days=days)
        with self.database.transaction() as session:
            looks.look_at(
                session, person_id=self.nurse.id, what=what, basis="WSA-7 v3", by=by, now=now
            )

    def rows(self) -> int:
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(PersonLook)) or 0


@pytest.fixture
def house(database: Database) -> House:
    with database.transaction() as session:
        home = build.an_organisation(session, name="Home Trust")
        host = build.an_organisation(session, name="Host Trust")
        nurse = build.a_nurse(session, home)[0]
        account = build.an_account(session, email="c@host.example")
    actor = build.an_actor(host, AccessRole.ROTA_COORDINATOR, account=account)
    return House(database, home, host, nurse, actor)


def test_a_look_is_read_by_the_person_alone(house: House) -> None:
    house.look(house.coordinator)
    nurse = build.as_worker(house.nurse)
    with house.database.reading() as session:
        (read,) = looks.own_looks(session, by=nurse)
        assert looks.own_looks(session, by=house.coordinator) == []
    assert (read.organisation, read.what, read.basis) == ("Host Trust", "candidate", "WSA-7 v3")


def test_the_same_look_is_one_row_a_day(house: House) -> None:
    house.look(house.coordinator)
    house.look(house.coordinator, days=0.1)
    assert house.rows() == 1
    house.look(house.coordinator, days=1)
    house.look(house.coordinator, what="clearance")
    assert house.rows() == 3
    with house.database.reading() as session:
        kinds = session.scalars(sa.select(Event).where(Event.kind == "person.looked_at")).all()
    assert len(kinds) == 3
    assert {one.organisation_id for one in kinds} == {house.host.id}


def test_a_look_at_ones_own_record_is_none(house: House) -> None:
    house.look(build.an_actor(house.home, AccessRole.ROTA_COORDINATOR))
    assert house.rows() == 0


def test_nobody_is_looked_at_who_is_not_there(house: House) -> None:
    with house.database.transaction() as session, pytest.raises(NotFound):
        looks.look_at(
            session, person_id=uuid4(), what="x", basis="", by=house.coordinator, now=NOW
        )


def test_many_looks_at_once_are_one(house: House) -> None:
    def look(_number: int) -> None:
        house.database.attempt(
            lambda session: looks.look_at(
                session, person_id=house.nurse.id, what="candidate", basis="WSA-7 v3",
                by=house.coordinator, now=NOW,
            )
        )  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(8)))
    assert house.rows() == 1
