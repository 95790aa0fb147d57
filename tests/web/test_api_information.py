"""Information governance by program: who read something of me, what is held, an erasure by two."""

import io
import zipfile
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.rules.agreements.agreements_in_force import InForce
from passport.actions.access import tokens
from passport.actions.people import looks
from passport.actors import AccessRole as R
from passport.actors import operator
from passport.model.accounts import Account, IdempotencyKey, SignIn
from passport.model.people import Person
from tests.support import build, sharing
from tests.support.build import NOW
from tests.support.desk import Desk, Staff, a_desk

ROOT = "/api/v1/information-governance"


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    path = tmp_path_factory.mktemp("api-information") / "desk.sqlite3"
    copyfile(sqlite_template, path)
    return a_desk(f"sqlite:///{path}")


@pytest.fixture(scope="module")
def lead(desk: Desk) -> Staff:
    return desk.person(R.IG_LEAD, name="Imogen Frost")


def a_leaver(desk: Desk, name: str) -> Person:
    def make(session: Session) -> Person:
        return build.a_person(session, desk.trust, given_name=name, left_at=NOW)

    found: Person = desk.do(make)
    return found


def read(who: Staff, path: str) -> Any:
    answer = who.client.get(f"{ROOT}{path}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def deed(who: Staff, path: str, key: str = "", **body: Any) -> Any:
    mine = sa.select(SignIn.csrf).where(SignIn.account_id == who.actor.account_id)
    headers = {"X-CSRF-Token": who.site.do(lambda session: session.scalar(mine))}
    headers |= {"Idempotency-Key": key} if key else {}
    return who.client.post(f"{ROOT}{path}", json=body or None, headers=headers)


def test_somebody_is_found_their_file_made_and_erased_by_two(desk: Desk, lead: Staff) -> None:
    person = a_leaver(desk, "Quentin")
    (found,) = read(lead, "/people?search=quen")["people"]
    assert found == {
        "person_id": str(person.id), "name": f"Quentin {person.family_name}", "own": True,
        "account": False,
    }  # fmt: skip
    where = f"/people/{person.id}"
    assert "person" in [one["table"] for one in read(lead, f"{where}/held")["tables"]]
    made = deed(lead, f"{where}/file").get_json()
    archive = zipfile.ZipFile(io.BytesIO(b64decode(made["archive"])))
    assert "Quentin" in archive.read("subject-file.html").decode()
    asked = deed(lead, f"{where}/erasures")
    assert asked.status_code == 201
    one = f"/requests/{asked.get_json()['id']}"
    assert deed(lead, f"{one}/agree").status_code == 403
    officer = desk.person(R.HR_OFFICER, name="Olu Adeyemi")
    done = deed(officer, f"{one}/agree").get_json()
    assert done["outcome"]["blanked"]["person"] == 1
    assert "Quentin" not in str(read(lead, "/requests"))
    assert read(lead, one)["done_at"] is not None


def test_the_file_is_not_kept_for_a_retry(desk: Desk, lead: Staff) -> None:
    person = a_leaver(desk, "Ottoline")
    archive = deed(lead, f"/people/{person.id}/file", key="file").get_json()["archive"]
    again = deed(lead, f"/people/{person.id}/file", key="file")
    assert again.get_json()["reasons"][0]["code"] == "answer_not_kept"
    stored = desk.do(lambda session: list(session.scalars(sa.select(IdempotencyKey.body))))
    assert not any(archive in (one or "") for one in stored)


def test_a_refusal_says_why(desk: Desk, lead: Staff) -> None:
    person = a_leaver(desk, "Barnaby")
    one = deed(lead, f"/people/{person.id}/erasures").get_json()["id"]
    manager = desk.person(R.BANK_MANAGER, name="Mo Chair")
    assert deed(manager, f"/requests/{one}/refuse", because=" ").status_code == 422
    said = deed(manager, f"/requests/{one}/refuse", because="A claim is open.").get_json()
    assert said["refused_because"] == "A claim is open."


def test_another_organisation_reads_nothing(desk: Desk) -> None:
    person = a_leaver(desk, "Cordelia")
    other = desk.do(lambda session: build.an_organisation(session, name="Other Trust"))
    stranger = desk.person(R.IG_LEAD, at=other)
    assert stranger.client.get(f"{ROOT}/people/{person.id}/held").status_code == 404
    assert deed(stranger, f"/people/{person.id}/file").status_code == 404
    assert deed(stranger, f"/people/{person.id}/erasures").status_code == 404
    assert read(stranger, "/people?search=Cord")["people"] == []


def test_documents_of_an_agreement(desk: Desk, lead: Staff) -> None:
    def make(session: Session) -> InForce:
        other = build.an_organisation(session, name="South Trust")
        return sharing.an_agreement(session, desk.trust, other)

    made: InForce = desk.do(make)
    for name in ("privacy-notices", "impact-assessments"):
        said = read(lead, f"/{name}/{made.agreement_id}")
        assert said["agreement"] == made.named
        assert "South Trust" in str(said["parts"])
    tables = {one["table"]: one for one in read(lead, "/tables")["tables"]}
    assert tables["person"]["erasure"] == "blank"
    assert tables["shift"]["not_in_file"]


def test_a_person_reads_who_looked_and_nobody_else_does(desk: Desk) -> None:
    worker, other = desk.person(R.WORKER, name="Ada Okafor"), desk.person(R.WORKER, name="Bo Lin")

    def look(session: Session) -> None:
        nurse = build.a_nurse(session, desk.trust)[0]
        session.get_one(Account, worker.actor.account_id).person_id = nurse.id
        host = build.an_organisation(session, name="Host Trust")
        by = build.an_actor(host, R.ROTA_COORDINATOR)
        for days in (0, 1):
            looks.look_at(
                session, person_id=nurse.id, what="candidate", basis="WSA-7 v3", by=by,
                now=NOW + timedelta(days=days),
            )  # fmt: skip

    desk.do(look)
    said = worker.client.get("/api/v1/me/looks").get_json()
    assert [one["organisation"] for one in said["readings"]] == ["Host Trust"] * 2
    assert (said["readings"][0]["basis"], said["checks"]) == ("WSA-7 v3", [])
    before = {"before": said["readings"][0]["at"]}
    earlier = worker.client.get("/api/v1/me/looks", query_string=before).get_json()
    assert earlier["readings"] == said["readings"][1:]
    assert other.client.get("/api/v1/me/looks").get_json() == {"readings": [], "checks": []}


@pytest.mark.parametrize(("scope", "status"), [("figures.read", 403), ("account.own", 200)])
def test_a_program_reads_its_owners_looks_only_where_it_may(
    desk: Desk, scope: str, status: int
) -> None:
    worker = desk.person(R.WORKER)
    token = desk.do(
        lambda session: tokens.make_for(
            session, account_id=worker.actor.account_id, name="reader", scopes=[scope],
            by=operator(desk.trust.id), now=datetime.now(UTC),  # noqa: TID251  the real clock's
        )
    )  # fmt: skip
    said = desk.app.test_client(use_cookies=False).get(
        "/api/v1/me/looks", headers={"Authorization": f"Bearer {token}"}
    )
    assert said.status_code == status, said.text
