"""Registers in the browser: a file is looked over before it changes anything, lists tell who and
what, a class ends after a second look."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from passport.actions.registers import watching
from passport.actors import AccessRole as R
from passport.actors import job
from passport.model.accounts import Account
from passport.model.facts import Fact, FactKind
from passport.model.people import Person
from passport.model.presentations import Channel, VerdictRecord
from passport.model.register_words import Status
from tests.support import build
from tests.support.access_web import hidden_fields
from tests.support.desk import Desk, Staff, a_desk
from tests.support.registers import gmc_file, nmc_file
from tests.support.watched import PIN

START, CHECK, TAKE = "/registers/file", "/registers/file/check", "/registers/file/take"
CLASS, END = "/registers/class", "/registers/class/end"


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    desk = a_desk(sqlite_url)

    def staff(session: Any) -> None:
        person = build.a_person(session, desk.trust)
        build.a_fact(session, person, FactKind.REGISTRATION, PIN, lookup="NMC:01A2345N")

    desk.do(staff)
    return desk


@pytest.fixture
def officer(desk: Desk) -> Staff:
    return desk.person(R.HR_OFFICER)


def send(officer: Staff, content: bytes, body: str = "NMC", **said: str) -> Any:
    made_on = re.search(r'name="made_on"[^>]*value="([\d-]+)"', officer.get(START).text)
    assert made_on
    fields = {"body": body, "made_on": made_on[1], **said}
    return officer.fill(START, CHECK, file=(io.BytesIO(content), "ecs.csv"), **fields)


def status(desk: Desk) -> str:
    live = sa.select(Fact.value["status"].as_string()).where(
        Fact.kind == FactKind.REGISTRATION, Fact.superseded_by_id.is_(None)
    )
    return str(desk.do(lambda session: session.scalars(live).one()))


def test_nothing_is_changed_before_it_is_confirmed(desk: Desk, officer: Staff) -> None:
    page = send(officer, nmc_file({"Status": "Lapsed"}, {"PIN": "01A9999N"}))
    assert page.status_code == 200, page.text
    assert "Take this register file?" in page.text
    assert "Passed over: 1 row about others" in page.text
    assert status(desk) == "registered"
    taken = officer.post(TAKE, hidden_fields(page.text, TAKE))
    assert "The register file is taken" in taken.text
    assert status(desk) == "lapsed"
    overview = officer.get("/registers").text
    assert "ecs.csv" in overview
    assert "Lapsed" in officer.get("/registers/changes").text


def test_who_is_due_is_listed_until_looked_at(desk: Desk, officer: Staff) -> None:
    assert "Okafor, Ada" in officer.get("/registers/due/NMC").text
    officer.post(TAKE, hidden_fields(send(officer, nmc_file({})).text, TAKE))
    assert "Everybody was looked at" in officer.get("/registers/due/NMC").text
    assert officer.get("/registers/due/XYZ").status_code == 404


def test_what_could_not_be_taken_waits_to_be_looked_at(desk: Desk, officer: Staff) -> None:
    page = send(officer, nmc_file({"Status": "On a break"}))
    officer.post(TAKE, hidden_fields(page.text, TAKE))
    text = officer.get("/registers/mismatches").text
    assert "words that are not known here: “On a break”" in text
    officer.post(TAKE, hidden_fields(send(officer, nmc_file({})).text, TAKE))
    assert "Nothing waits" in officer.get("/registers/mismatches").text


WRONG = {
    "no file": (b"", {}, "Choose a file"),
    "a workbook": (b"PK\x03\x04" + b"0" * 40, {}, "Excel"),
    "another register's file": (gmc_file({}), {}, "This is no NMC file"),
    "no register chosen": (nmc_file({}), {"body": ""}, "Choose whose file it is"),
    "an old file": (nmc_file({}), {"made_on": "2026-01-01"}, "more than 7 days old"),
    "a day that has not come": (nmc_file({}), {"made_on": "2099-01-01"}, "has not come"),
    "no day": (nmc_file({}), {"made_on": ""}, "Enter a date"),
}


@pytest.mark.parametrize(("content", "said", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_told_in_words(
    desk: Desk, officer: Staff, content: bytes, said: dict[str, str], told: str
) -> None:
    if content:
        page = send(officer, content, **said)
    else:
        page = officer.fill(START, CHECK, body="NMC", made_on="2026-01-01")
    assert page.status_code == 422, page.text
    assert told in page.text


def test_a_class_ends_after_its_people_were_shown_and_counted(desk: Desk, officer: Staff) -> None:
    page = send(officer, nmc_file({"Status": "Temporary registration", "Expiry Date": ""}))
    officer.post(TAKE, hidden_fields(page.text, TAKE))
    said = {"body": "NMC", "status": "temporary_emergency", "on": "2024-03-31"}
    shown = officer.fill(CLASS, CLASS, **said)
    assert "1 person in it" in shown.text
    assert "Okafor, Ada" in shown.text
    kept = hidden_fields(shown.text, END)
    wrong = officer.post(END, {**kept, "people": "2"})
    assert wrong.status_code == 422
    assert "Enter 1 to confirm" in wrong.text
    assert status(desk) == "registered"
    done = officer.post(END, {**kept, "people": "1"})
    assert done.status_code == 303
    assert status(desk) == "lapsed"
    assert officer.fill(CLASS, CLASS, **{**said, "on": "soon"}).status_code == 422
    assert officer.fill(CLASS, CLASS, **{**said, "status": "lapsed"}).status_code == 422


def test_a_host_reads_whose_passport_changed_and_whom_to_ask_and_not_why(desk: Desk) -> None:
    def change(session: Any) -> None:
        home = build.an_organisation(session, name="Quayside NHS Trust")
        person = build.a_person(session, home, given_name="Cora", family_name="Bright")
        fact = build.a_fact(session, person, FactKind.REGISTRATION, {**PIN, "status": "suspended"},
                            lookup="NMC:01A2345N")  # fmt: skip
        session.add(
            VerdictRecord(
                organisation_id=desk.trust.id, channel=Channel.GATE, checker="B. Bell, nurse",
                purpose="gate", person_id=person.id, at=desk.now, received_at=desk.now,
                offline=False, outcome="green", codes=[], kinds=[],
            )
        )  # fmt: skip
        watching.tell_change(session, fact=fact, status=Status.SUSPENDED, holder_told=False,
                             by=job(), now=desk.now)  # fmt: skip

    desk.do(change)
    text = desk.person(R.VERIFIER).get("/registers/relied-on").text
    assert "Cora Bright" in text
    assert "Quayside NHS Trust" in text
    assert "uspen" not in text
    assert desk.person(R.WARD_REQUESTER).get("/registers/relied-on").status_code == 403


def test_the_person_reads_what_the_register_says_and_who_was_told(desk: Desk) -> None:
    officer = desk.person(R.HR_OFFICER)
    page = send(officer, nmc_file({"Status": "Suspended"}))
    officer.post(TAKE, hidden_fields(page.text, TAKE))
    holder = desk.person(R.WORKER)

    def own(session: Any) -> None:
        account = session.get_one(Account, holder.actor.account_id)
        account.person_id = session.scalars(sa.select(Person.holder_id)).one()
        build.an_event(session, desk.trust.id)

    desk.do(own)
    text = holder.get("/my-registrations").text
    assert "NMC 01A2345N" in text
    assert "Suspended" in text
    assert "Nobody else" in text


def test_what_ends_soon_is_listed(desk: Desk, officer: Staff) -> None:
    soon = desk.now.date() + timedelta(days=20)

    def add(session: Any) -> None:
        person = build.a_person(session, desk.trust, family_name="Bird", given_name="Ben")
        build.a_fact(session, person, FactKind.DBS, {"level": "enhanced"}, valid_until=soon)

    desk.do(add)
    text = officer.get("/registers/ending").text
    assert "Ben Bird" in text
    assert "DBS check" in text


def test_only_hr_and_the_manager_take_files(desk: Desk) -> None:
    for role in (R.AUDITOR, R.ROTA_COORDINATOR, R.VERIFIER):
        assert desk.person(role).get(START).status_code == 403
    assert desk.person(R.AUDITOR).get("/registers").status_code == 200
