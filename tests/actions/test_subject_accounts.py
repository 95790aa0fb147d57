"""Accounts of people who are on no record: coordinators and officers have a file and are erased
like anybody, and what they did stays provable."""

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.governance import subject_requests, subject_search
from passport.actions import audit
from passport.actions.access import accounts
from passport.actions.people import subject_rows
from passport.actors import AccessRole, Actor
from passport.db import Base, Database
from passport.errors import NotFound, Refused
from passport.events import Event, record
from passport.model.accounts import Account, Delegation, FactorKind, RoleGrant, SecondFactor, SignIn
from passport.model.looks import PersonLook
from passport.model.organisations import Organisation
from tests.support import build
from tests.support.access import VAULT
from tests.support.build import NOW
from tests.support.build_people import kept

NAME = "Clementine Shaw"
MAIL = "clementine@held.example"
KEY = "22" * 32


@dataclass
class Office:
    """A trust and its coordinator, who is on no record; another trust; who may see and agree."""

    database: Database
    trust: Organisation
    elsewhere: Organisation
    account_id: UUID
    coordinator: Actor
    ig: Actor
    officer: Actor

    def leave(self) -> None:
        with self.database.transaction() as session:
            accounts.leave(session, account_id=self.account_id, by=self.officer, now=NOW)


@pytest.fixture
def office(database: Database) -> Office:
    with database.transaction() as session:
        trust = build.an_organisation(session, name="Held NHS Trust")
        elsewhere = build.an_organisation(session, name="Elsewhere NHS Trust")
        one = build.an_account(session, email=MAIL, display_name=NAME)
        grant(session, one, trust)
        kept(session, factor(one), trust.id)
        session.add(a_session(one, trust))
        coordinator = build.an_actor(trust, AccessRole.ROTA_COORDINATOR, account=one)
        for day in (0, 1):
            record(
                session, "shift.posted", subject_id=trust.id, by=coordinator,
                now=NOW + timedelta(days=day), organisation_id=trust.id,
            )  # fmt: skip
        record(
            session, "account.renamed", subject_id=one.id, by=coordinator, now=NOW,
            organisation_id=trust.id, name=NAME,
        )  # fmt: skip
        nurse, _ = build.a_nurse(session, elsewhere, given_name="Ottoline")
        kept(session, look(nurse.id, trust, one), trust.id)
        ig, officer = (
            build.an_actor(trust, role, account=build.an_account(session), stepped_up=True)
            for role in (AccessRole.IG_LEAD, AccessRole.HR_OFFICER)
        )
        ids = (one.id, coordinator, ig, officer)
    return Office(database, trust, elsewhere, *ids)


def grant(session: Session, account: Account, where: Organisation) -> None:
    role = RoleGrant(
        account_id=account.id, organisation_id=where.id, role=AccessRole.ROTA_COORDINATOR,
        granted_at=NOW,
    )  # fmt: skip
    kept(session, role, where.id)


def factor(account: Account) -> SecondFactor:
    return SecondFactor(
        account_id=account.id, kind=FactorKind.TOTP, name="Clementine's phone", created_at=NOW
    )


def a_session(account: Account, where: Organisation) -> SignIn:
    return SignIn(
        token_hash="h", account_id=account.id, organisation_id=where.id, csrf="c", created_at=NOW,
        seen_at=NOW, expires_at=NOW, device="Firefox on Clementine's laptop",
    )  # fmt: skip


def look(person_id: UUID, where: Organisation, account: Account) -> PersonLook:
    return PersonLook(
        person_id=person_id, organisation_id=where.id, by_id=account.id, on_day=NOW.date(),
        at=NOW, what="candidate", basis="WSA-1 v1",
    )  # fmt: skip


def exported(office: Office, by: Actor | None = None) -> dict[str, Any]:
    with office.database.transaction() as session:
        content = subject_requests.export(
            session, person_id=office.account_id, vault=VAULT, by=by or office.ig, now=NOW
        )
    return read(content)


def read(content: bytes) -> dict[str, Any]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    page = archive.read("subject-file.html").decode()
    found: dict[str, Any] = json.loads(archive.read("subject-file.json"))
    return {**found, "page": page}


def test_the_file_holds_the_account_and_counts_what_was_done(office: Office) -> None:
    file = exported(office)
    tables = {one["table"]: one["rows"] for one in file["tables"]}
    assert set(tables) == {"account", "role_grant", "second_factor", "sign_in"}
    assert (file["about"], tables["account"][0]["email"]) == (NAME, MAIL)
    assert {one["what"]: one["times"] for one in file["done"]} == {
        "account.renamed": 1, "shift.posted": 2,
    }  # fmt: skip
    assert file["done"][1]["last"] == (NOW + timedelta(days=1)).isoformat()
    assert [(one["what"], one["times"]) for one in file["looked"]] == [("candidate", 1)]
    assert "shift.posted" in file["page"]
    assert "Ottoline" not in file["page"] + json.dumps(file)


def test_they_are_found_by_any_name_or_address(office: Office) -> None:
    with office.database.transaction() as session:
        for words in ("shaw", "Clem", "clementine@held", "Clementine Shaw"):
            (found,) = subject_search.find_people(session, words=words, by=office.ig, now=NOW)
            assert (found.id, found.is_account) == (office.account_id, True)
        assert subject_search.find_people(session, words="law", by=office.ig, now=NOW) == []


def test_another_organisation_neither_finds_nor_reads_them(office: Office) -> None:
    stranger = build.an_actor(office.elsewhere, AccessRole.IG_LEAD, stepped_up=True)
    with pytest.raises(NotFound):
        exported(office, by=stranger)
    with office.database.transaction() as session:
        assert not subject_search.find_people(session, words="shaw", by=stranger, now=NOW)


def test_each_organisation_gives_out_its_own(office: Office) -> None:
    """Somebody with an office at two: what was done at one is not in the file of the other."""
    with office.database.transaction() as session:
        account = session.get_one(Account, office.account_id)
        grant(session, account, office.elsewhere)
        build.an_event(session, office.elsewhere.id)
    there = build.an_actor(office.elsewhere, AccessRole.IG_LEAD, stepped_up=True)
    file = exported(office, by=there)
    assert file["done"] == file["looked"] == []
    assert len(next(one for one in file["tables"] if one["table"] == "role_grant")["rows"]) == 1
    assert "sign_in" not in {one["table"] for one in file["tables"]}


def test_who_is_on_record_is_found_once_and_their_deeds_are_in_that_file(office: Office) -> None:
    with office.database.transaction() as session:
        person = build.a_person(session, office.trust, given_name="Clem", family_name="Shaw")
        session.get_one(Account, office.account_id).person_id = person.holder_id
        build.an_event(session, office.trust.id)
        found = subject_search.find_people(session, words="shaw", by=office.ig, now=NOW)
        assert [one.id for one in found] == [person.id]
        file = subject_requests.overview(session, person_id=person.id, by=office.ig, now=NOW)
        assert {one.what for one in file.done} == {"account.renamed", "shift.posted"}
    with pytest.raises(NotFound):
        exported(office)


def test_a_lent_second_person_has_a_file_where_they_are_lent(office: Office) -> None:
    with office.database.transaction() as session:
        lent = Delegation(
            organisation_id=office.elsewhere.id, account_id=office.account_id,
            role=AccessRole.BANK_MANAGER, from_on=NOW.date(), until_on=NOW.date(), made_at=NOW,
        )  # fmt: skip
        kept(session, lent, office.elsewhere.id)
    there = build.an_actor(office.elsewhere, AccessRole.IG_LEAD, stepped_up=True)
    assert "delegation" in {one["table"] for one in exported(office, by=there)["tables"]}


def test_the_account_takes_its_own_file_and_no_record(office: Office) -> None:
    with office.database.transaction() as session:
        person = build.a_person(session, office.trust, given_name="Clem")
        session.get_one(Account, office.account_id).person_id = person.holder_id
        build.an_event(session, office.trust.id)
        seen = subject_requests.own_overview(session, by=office.coordinator, now=NOW)
        file = read(subject_requests.own_export(session, by=office.coordinator, now=NOW))
        assert session.scalar(sa.select(Event.id).where(Event.kind == "subject.exported"))
    assert {one["table"] for one in file["tables"]} == set(seen.counts)
    assert {"account", "sign_in"} < set(seen.counts)
    assert "person" not in seen.counts


def erased(office: Office) -> Any:
    with office.database.transaction() as session:
        asked = subject_requests.ask_erasure(
            session, person_id=office.account_id, by=office.ig, now=NOW
        )
        request_id = asked.id
        (waits,) = subject_requests.listed(session, by=office.ig, now=NOW)
        one = subject_requests.one_request(session, request_id=request_id, by=office.ig, now=NOW)
        assert (waits.name, one.name) == (NAME, NAME)
    with office.database.transaction() as session:
        return subject_requests.agree_erasure(
            session, request_id=request_id, by=office.officer, now=NOW
        )


def test_nobody_in_office_is_erased(office: Office) -> None:
    with pytest.raises(Refused, match="still_here"):
        erased(office)


def everything(database: Database) -> str:
    with database.reading() as session:
        return "\n".join(
            repr((table.name, *row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(sa.select(table))
        )


def findings(office: Office) -> list[str]:
    with office.database.transaction() as session:
        audit.sequence(session, master_key=KEY)
    with office.database.reading() as session:
        return [one.what for one in audit.verify(session, master_key=KEY).findings]


def test_who_left_is_erased_and_what_they_did_stays_provable(office: Office) -> None:
    office.leave()
    assert findings(office) == []
    done = erased(office)
    left = everything(office.database)
    assert "Clementine" not in left
    assert "clementine" not in left
    assert done.outcome["blanked"] == {"account": 1}
    assert done.outcome["deleted"]["second_factor"] == 1
    assert done.outcome["because"]["role_grant"] == "accountability"
    with office.database.reading() as session:
        mine = sa.select(Event).where(Event.kind == "shift.posted")
        posted = session.scalars(mine).all()
        assert [one.by_account_id for one in posted] == [office.account_id] * 2
        assert all(one.salt for one in posted)
        assert session.scalar(sa.select(Event.salt).where(Event.kind == "account.renamed")) is None
    assert findings(office) == []


def test_an_account_in_use_elsewhere_keeps_its_name(office: Office) -> None:
    with office.database.transaction() as session:
        grant(session, session.get_one(Account, office.account_id), office.elsewhere)
    office.leave()
    assert erased(office).outcome["because"]["account"] == "others"
    with office.database.reading() as session:
        assert session.get_one(Account, office.account_id).display_name == NAME


def test_mutant_without_the_office_any_account_could_be_read(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shows that the stranger above is stopped by that control alone."""
    monkeypatch.setattr(subject_rows, "in_office", lambda _here: (sa.true(),))
    stranger = build.an_actor(office.elsewhere, AccessRole.IG_LEAD, stepped_up=True)
    assert exported(office, by=stranger)["about"] == NAME
