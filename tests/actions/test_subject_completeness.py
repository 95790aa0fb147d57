"""Whatever is held of somebody is in the file of somebody: no row of a table about people is in
nobody's, and of the tables that are about nobody each that may speak of somebody says why."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.governance import subject_requests
from bankhub.actions.governance.subject_requests import CATALOGUE
from bankhub.model.clearances import Clearance
from bankhub.model.deployments import Deployment
from bankhub.rules.governance import subject_document
from passport.actions.people.subject_rows import Subject, held, leads_to
from passport.actors import AccessRole, Actor
from passport.db import Base, Database, new_id
from passport.events import Notice
from passport.model.accounts import Account, RoleGrant
from passport.model.data_classes import (
    PERSONAL,
    Catalogue,
    DataClass,
    Erasure,
    TableData,
    read_catalogue,
)
from passport.model.organisations import Organisation
from passport.model.people import Person
from passport.model.subject_requests import SubjectRequest
from tests.support import build
from tests.support.access import VAULT
from tests.support.build import NOW
from tests.support.build_known import ENDED, WORD, holding, one_of_each
from tests.support.build_people import kept

Keys = dict[str, set[tuple[Any, ...]]]
Rows = Mapping[str, Mapping[str, Any]]


@pytest.fixture
def world(sqlite_database: Database) -> Database:
    """A row in every table about one person."""
    with sqlite_database.transaction() as session:
        one_of_each(session)
    return sqlite_database


def keys_of(table: sa.Table, rows: Any) -> set[tuple[Any, ...]]:
    return {tuple(row[column.name] for column in table.primary_key.columns) for row in rows}


def in_files(session: Session, catalogue: Catalogue) -> Keys:
    """Table → the rows that are in the file of anybody at any organisation."""
    found: Keys = {}
    for subject in subjects(session):
        for one in held(session, subject, catalogue):
            found.setdefault(one.table.name, set()).update(keys_of(one.table, one.rows))
    return found


def subjects(session: Session) -> Iterator[Subject]:
    organisations = session.scalars(sa.select(Organisation.id)).all()
    for person in session.scalars(sa.select(Person)).all():
        yield from (Subject(person, one) for one in organisations)


def about_somebody(session: Session, entry: TableData) -> set[tuple[Any, ...]]:
    """The rows that lead to anybody who is on record."""
    table = Base.metadata.tables[entry.table]
    people, accounts = sa.select(Person.id), Account.person_id.is_not(None)
    lead = (
        leads_to(table, entry.person, people)
        if entry.person
        else leads_to(table, entry.account, sa.select(Account.id).where(accounts))
    )
    return keys_of(table, session.execute(sa.select(table).where(lead)).mappings())


ABOUT = [name for name, entry in CATALOGUE.items() if entry.is_about_people]


def test_every_row_about_somebody_is_in_somebodys_file(world: Database) -> None:
    with world.reading() as session:
        files = in_files(session, CATALOGUE)
        there = {name: about_somebody(session, CATALOGUE[name]) for name in ABOUT}
    assert [name for name, rows in there.items() if not rows] == [], "no row to try it with"
    assert [name for name, rows in there.items() if rows - files.get(name, set())] == []


def test_mutant_a_table_that_leads_nowhere_is_found(world: Database) -> None:
    """Shows that the test above looks: what is held by another column is in nobody's file."""
    silent = {**CATALOGUE, "fact": _without_holder(CATALOGUE["fact"])}
    with world.reading() as session:
        assert about_somebody(session, CATALOGUE["fact"]) - in_files(session, silent).get(
            "fact", set()
        )


def _without_holder(entry: TableData) -> TableData:
    return read_catalogue(
        '[fact]\nabout = "x"\ncontroller = "own"\nkept = "staff_record"\nerasure = "delete"\n'
        'held_by = ["checked_by_id"]\nperson = "superseded_by_id"\n[fact.columns]\nkey = ["id"]',
        entry.floor,
    )["fact"]


def test_what_is_in_nobodys_file_says_why() -> None:
    silent = [
        name
        for name, entry in CATALOGUE.items()
        if not entry.is_about_people and entry.of(*PERSONAL) and len(entry.not_in_file) < 20
    ]
    assert silent == []


LOOSE = '[bed]\nabout = ""\ncontroller = "own"\nkept = "x"\n{}[bed.columns]\n{} = ["name"]'


@pytest.mark.parametrize("kind", PERSONAL)
def test_a_table_with_personal_data_and_no_reason_is_refused(kind: DataClass) -> None:
    with pytest.raises(ValueError, match="says why not"):
        read_catalogue(LOOSE.format("", kind.value), "bankhub")
    said = read_catalogue(LOOSE.format('not_in_file = "Beds."\n', kind.value), "bankhub")
    assert said["bed"].not_in_file == "Beds."


def test_a_reason_without_need_is_refused() -> None:
    with pytest.raises(ValueError, match="says why not"):
        read_catalogue(LOOSE.format('not_in_file = "Beds."\n', "setting"), "bankhub")




def leads_of(database: Database, rows: Rows) -> tuple[Actor, Actor]:
    """Who asks for an erasure, and who agrees."""
    with database.reading() as session:
        trust = session.get_one(Organisation, rows["organisation"]["id"])
    ig, officer = (
        build.an_actor(trust, role, stepped_up=True)
        for role in (AccessRole.IG_LEAD, AccessRole.HR_OFFICER)
    )
    return replace(ig, account_id=new_id()), replace(officer, account_id=new_id())


def erased(database: Database, rows: Rows) -> SubjectRequest:
    ig, officer = leads_of(database, rows)
    late = ENDED + timedelta(days=1)
    with database.transaction() as session:
        asked = subject_requests.ask_erasure(
            session, person_id=rows["person"]["id"], by=ig, now=late
        )
        request_id = asked.id
    with database.transaction() as session:
        return subject_requests.agree_erasure(
            session, request_id=request_id, by=officer, now=late
        )


def may_stay() -> set[str]:
    """What stays for a reason that the catalogue names, and what says where somebody worked."""
    return {
        f"{name}.{column}"
        for name, entry in CATALOGUE.items()
        for column, kind in entry.columns.items()
        if entry.erasure is Erasure.KEEP
        or entry.not_in_file
        or (entry.erasure is Erasure.BLANK and kind is DataClass.WORK)
    }


def test_an_erasure_takes_every_word_that_no_reason_keeps(database: Database) -> None:
    with database.transaction() as session:
        rows = one_of_each(session)
    before = holding(database)
    assert {name.split(".")[0] for name in before} >= {"fact", "notice", "presentation_request"}
    done = erased(database, rows)
    assert holding(database) <= may_stay()
    assert done.outcome["deleted"]["fact"] == 1
    assert done.outcome["blanked"]["presentation_request"] == 1


def test_the_file_holds_what_was_shown_while_it_is_kept(world: Database) -> None:
    with world.reading() as session:
        person_id = session.scalars(sa.select(Person.id)).one()
        rows = {"organisation": {"id": session.scalars(sa.select(Organisation.id)).one()}}
    with world.transaction() as session:
        content = subject_requests.export(
            session, person_id=person_id, vault=VAULT, by=leads_of(world, rows)[0], now=NOW
        )
    said = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("subject-file.json"))
    (shown,) = (one for one in said["tables"] if one["table"] == "presentation_request")
    assert shown["rows"][0]["verdict"] == {"said": f"{WORD} presentation_request verdict"}
    assert {one["table"] for one in said["tables"]} == set(ABOUT)


def letters_in(database: Database, rows: Rows) -> int:
    with database.reading() as session:
        person = session.get_one(Person, rows["person"]["id"])
        found = held(session, Subject(person, person.organisation_id), CATALOGUE)
        return sum(len(one.rows) for one in found if one.table.name == "notice")


def test_letters_to_the_account_are_whose_it_is(sqlite_database: Database) -> None:
    """To the account, not to the record: with a role elsewhere nobody knows whose letter it is."""
    with sqlite_database.transaction() as session:
        rows = one_of_each(session)
        account_id = rows["account"]["id"]
        session.add(
            Notice(
                dedupe="b", to_account_id=account_id, template="reset", context={}, due_at=NOW
            )
        )
    assert letters_in(sqlite_database, rows) == 2
    with sqlite_database.transaction() as session:
        elsewhere = build.an_organisation(session)
        grant = RoleGrant(
            account_id=account_id, organisation_id=elsewhere.id, role=AccessRole.WORKER,
            granted_at=NOW,
        )  # fmt: skip
        kept(session, grant, elsewhere.id)
    assert letters_in(sqlite_database, rows) == 1


def test_a_host_does_not_erase_what_home_shares_with_it(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        rows = one_of_each(session)
        host = build.an_organisation(session, name="Host NHS Trust")
        session.execute(sa.update(Deployment).values(host_id=host.id))
        session.execute(sa.update(Clearance).values(host_id=host.id))
        build.an_event(session, host.id)
    there = {**rows, "organisation": {"id": host.id}}
    done = erased(sqlite_database, there)
    assert done.outcome["because"]["deployment"] == "joint"
    assert done.outcome["blanked"] == {"clearance": 1}
    assert "deployment.supervision" in holding(sqlite_database)
    erased(sqlite_database, rows)
    assert "deployment.supervision" not in holding(sqlite_database)


def test_what_happened_says_no_identifier_and_nobody_else() -> None:
    one, other = str(new_id()), str(new_id())
    detail = {
        "request": one, "people": [one, other], "by": "Olu", "decided_by": "Olu", "what": "leave",
        "codes": ["rest"], "empty": None,
    }  # fmt: skip
    said = subject_document.Happened(NOW, "fact.corrected", detail).said
    assert said == {"what": "leave", "codes": ["rest"]}
