"""Information governance on pages: a person's file, an erasure by two, the documents."""

import io
import re
import zipfile
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.notices import Letter
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.worker.mail import texts, written
from passport.actors import AccessRole as R
from passport.model.people import Person
from passport.web.words import london_date
from tests.support import build, sharing
from tests.support.access_web import a_config, hidden_fields
from tests.support.build import NOW
from tests.support.desk import Desk, Staff, a_desk

ROOT = "/information-governance"


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    path = tmp_path_factory.mktemp("information") / "desk.sqlite3"
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


def test_the_lead_finds_a_person_and_takes_their_file(desk: Desk, lead: Staff) -> None:
    person = a_leaver(desk, "Quentin")
    found = lead.get(f"{ROOT}?search=quen").text
    assert "Quentin" in found
    assert london_date(person.date_of_birth) in found
    page = f"/people/{person.id}/subject-file"
    assert "What is held" in lead.get(page).text
    answer = lead.fill(page)
    assert answer.status_code == 200
    assert answer.content_type == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert set(archive.namelist()) == {"subject-file.html", "subject-file.json"}
    assert "Quentin" in archive.read("subject-file.html").decode()
    assert "Copy of their data" in lead.get(ROOT).text


def test_one_asks_and_another_erases(desk: Desk, lead: Staff) -> None:
    person = a_leaver(desk, "Ottoline")
    asked = lead.fill(f"/people/{person.id}/subject-file", f"/people/{person.id}/erasure")
    assert asked.status_code == 303
    address = asked.location
    assert "Waits for a second person" in lead.get(address).text
    assert "Agree and erase" not in lead.get(address).text
    officer = desk.person(R.HR_OFFICER, name="Olu Adeyemi")
    assert "Agree and erase" in officer.get(address).text
    unsaid = officer.fill(address, because=" ", answer="refuse")
    assert unsaid.status_code == 422
    assert "Say why" in unsaid.text
    sent = hidden_fields(officer.get(address).text, address)
    assert officer.post(address, {**sent, "answer": "erase"}).status_code == 303
    done = officer.get(address).text
    assert "the log still verifies" in done
    assert "Ottoline" not in done
    again = officer.post(address, {**sent, "idempotency_key": "another", "answer": "erase"})
    assert again.status_code == 409
    assert "answered already" in again.text
    assert "Ottoline" not in lead.get(f"/people/{person.id}/subject-file").text


def test_who_still_works_here_is_refused_with_the_reason(desk: Desk, lead: Staff) -> None:
    person = desk.do(lambda session: build.a_nurse(session, desk.trust)[0])
    refused = lead.fill(f"/people/{person.id}/subject-file", f"/people/{person.id}/erasure")
    assert refused.status_code == 409
    assert "Record that they left first" in refused.text


def test_an_account_without_a_record_is_found_and_has_a_file(desk: Desk, lead: Staff) -> None:
    desk.person(R.ROTA_COORDINATOR, name="Clementine Shaw")
    found = lead.get(f"{ROOT}?search=shaw").text
    assert "An account; on no staff record of yours" in found
    (page,) = set(re.findall(r'href="(/people/[^"]+/subject-file)"', found))
    assert "What is held" in lead.get(page).text
    refused = lead.fill(page, page.replace("subject-file", "erasure"))
    assert refused.status_code == 409
    assert "They hold a role here" in refused.text
    answer = lead.fill(page)
    assert "Clementine" in zipfile.ZipFile(io.BytesIO(answer.data)).read(
        "subject-file.html"
    ).decode()


@pytest.mark.parametrize("role", [R.ROTA_COORDINATOR, R.VERIFIER, R.WORKER])
def test_everybody_takes_the_file_of_their_own_account(desk: Desk, role: R) -> None:
    mine = desk.person(role, name="Barnaby Rudge")
    assert "/account/data" in mine.get("/account").text
    assert "Roles: what an account may do" in mine.get("/account/data").text
    answer = mine.fill("/account/data")
    assert answer.content_type == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert "Barnaby Rudge" in archive.read("subject-file.html").decode()


def test_the_second_person_is_written_to() -> None:
    config = a_config(base_url="https://bank.example")
    letter = Letter(uuid4(), "hr@example.org", "erasure_asked", {"request": "R1"})
    said = written(letter, config, texts()).get_content()
    assert f"{config.base_url}{ROOT}/requests/R1" in said
    assert "{{" not in said


DOCUMENTS = ("data-flows", "record-of-processing", "retention", "tables")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_is_a_page(name: str, lead: Staff) -> None:
    answer = lead.get(f"{ROOT}/{name}")
    assert answer.status_code == 200
    assert "<h1>" in answer.text


def test_documents_of_an_agreement(desk: Desk, lead: Staff) -> None:
    def make(session: Session) -> InForce:
        other = build.an_organisation(session, name="South Trust")
        return sharing.an_agreement(session, desk.trust, other)

    made: InForce = desk.do(make)
    for name, said in (("privacy-notice", "Your rights"), ("dpia", "Risks to people")):
        answer = lead.get(f"{ROOT}/{name}/{made.agreement_id}")
        assert said in answer.text
        assert "South Trust" in answer.text
    flows = lead.get(f"{ROOT}/data-flows.csv")
    assert flows.content_type == "text/csv; charset=utf-8"
    assert "South Trust" in flows.text
    record = lead.get(f"{ROOT}/record-of-processing.csv").text
    assert "Sharing staff under" in record
    ward = desk.person(R.WARD_REQUESTER)
    assert ward.get(f"{ROOT}/data-flows").status_code == 403
