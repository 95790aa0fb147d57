"""What a host keeps of a partner's person: in its own file, erased by itself, gone in time."""

import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from bankhub.actions.governance import retention, subject_requests
from bankhub.model.clearances import Clearance, ClearanceState, HostRegisterCheck
from passport.actors import AccessRole, Actor, job
from passport.db import Database
from passport.errors import NotFound, Refused
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build, sharing
from tests.support.access import VAULT
from tests.support.build import NOW
from tests.support.build_people import kept

DAYS = 17
ITEM = {"code": "dbs", "title": "DBS", "state": "met"}


@dataclass
class Pair:
    """A nurse of one trust with two clearances at another, which looked at the register itself."""

    database: Database
    home: Organisation
    host: Organisation
    nurse: Person
    first: UUID
    second: UUID

    def lead(self, of: Organisation) -> Actor:
        return build.an_actor(of, AccessRole.IG_LEAD, stepped_up=True)

    def end(self, clearance_id: UUID) -> None:
        with self.database.transaction() as session:
            one = session.get_one(Clearance, clearance_id)
            one.state, one.ended_at, one.until_on = ClearanceState.ENDED, NOW, None
            build.an_event(session, self.host.id)

    def run(self, days: float) -> int:
        now = NOW + timedelta(days=days)
        with self.database.transaction() as session:
            return retention.keep(session, by=job(), now=now).get("host_copies", 0)

    def left(self) -> tuple[list[Any], int]:
        """Items of the first clearance, and how many looks at the register are kept."""
        with self.database.reading() as session:
            looks = session.scalar(sa.select(sa.func.count()).select_from(HostRegisterCheck))
            return session.get_one(Clearance, self.first).items, looks or 0


@pytest.fixture
def pair(database: Database) -> Pair:
    with database.transaction() as session:
        home = build.an_organisation(session, name="Home Trust")
        host = build.an_organisation(session, name="Host Trust")
        agreement = sharing.an_agreement(session, home, host, retention_days=DAYS)
        nurse = build.a_nurse(session, home, given_name="Quentin")[0]
        first, second = (
            sharing.a_clearance(session, agreement, nurse, host, role=role, items=[ITEM])
            for role in ("rn_adult", "rn_child")
        )
        look = HostRegisterCheck(
            host_id=host.id, person_id=nurse.id, body="NMC", number="99Q", at=NOW,
            status="registered", source="by_hand",
        )  # fmt: skip
        kept(session, look, host.id)
    return Pair(database, home, host, nurse, first.id, second.id)


def file_of(pair: Pair, by: Actor) -> dict[str, Any]:
    with pair.database.transaction() as session:
        content = subject_requests.export(
            session, person_id=pair.nurse.id, vault=VAULT, by=by, now=NOW
        )
    archive = zipfile.ZipFile(io.BytesIO(content))
    read = json.loads(archive.read("subject-file.json"))
    return {one["table"]: one["rows"] for one in read["tables"]}


def test_each_side_answers_for_what_it_holds(pair: Pair) -> None:
    host, home = file_of(pair, pair.lead(pair.host)), file_of(pair, pair.lead(pair.home))
    assert set(host) == {"clearance", "host_register_check", "person_look"}
    assert host["clearance"][0]["items"] == [ITEM]
    assert {"person", "fact", "bank_post"} <= set(home)
    assert not {"clearance", "host_register_check"} & set(home)
    with pair.database.transaction() as session:
        third = build.an_organisation(session, name="Third Trust")
    with pytest.raises(NotFound):
        file_of(pair, pair.lead(third))


def test_details_go_as_many_days_after_the_end_as_the_agreement_says(pair: Pair) -> None:
    pair.end(pair.first)
    assert pair.run(DAYS - 0.01) == 0
    assert pair.left() == ([ITEM], 1)
    assert pair.run(DAYS) == 1
    assert pair.left() == ([], 1), "the other clearance is open: the look at the register stays"
    pair.end(pair.second)
    assert pair.run(DAYS) == 1
    assert pair.left() == ([], 0)
    assert pair.run(DAYS) == 0


def test_a_host_erases_its_own_rows_and_nothing_of_the_home(pair: Pair) -> None:
    lead = pair.lead(pair.host)
    officer = replace(
        build.an_actor(pair.host, AccessRole.HR_OFFICER, stepped_up=True), account_id=pair.nurse.id
    )
    with pair.database.transaction() as session, pytest.raises(Refused) as refused:
        subject_requests.ask_erasure(session, person_id=pair.nurse.id, by=lead, now=NOW)
    assert [one.code for one in refused.value.reasons] == ["still_cleared"]
    pair.end(pair.first)
    pair.end(pair.second)
    with pair.database.transaction() as session:
        asked = subject_requests.ask_erasure(session, person_id=pair.nurse.id, by=lead, now=NOW)
    with pair.database.transaction() as session:
        subject_requests.agree_erasure(session, request_id=asked.id, by=officer, now=NOW)
    assert pair.left() == ([], 0)
    with pair.database.reading() as session:
        assert session.get_one(Person, pair.nurse.id).given_name == "Quentin"
    assert len(file_of(pair, pair.lead(pair.home))["fact"]) > 5
