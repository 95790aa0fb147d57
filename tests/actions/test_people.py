"""People on an organisation's record: added, corrected, found, leaving; nobody else's are seen."""

from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from passport.actions.changes import Change
from passport.actions.people import people
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event
from passport.model.accounts import RoleGrant, SignIn
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.access import NOW, enter

ADA: people.PersonFields = {
    "given_name": "Ada",
    "family_name": "Okafor",
    "date_of_birth": date(1990, 5, 17),
    "email": " Ada.Okafor@Example.org ",
    "mobile": "07700 900123",
}


def officer(organisation: Organisation | UUID) -> Actor:
    return build.an_actor(organisation, AccessRole.HR_OFFICER)


@pytest.fixture
def trust(database: Database) -> Organisation:
    with database.transaction() as session:
        return build.an_organisation(session)


def add(
    database: Database, by: Actor, fields: people.PersonFields = ADA, **options: bool
) -> Person:
    assert by.organisation_id
    with database.transaction() as session:
        return people.add_person(
            session, organisation_id=by.organisation_id, fields=fields, by=by, now=NOW, **options
        )


def kinds(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Event.kind).where(~Event.kind.startswith("test."))))


def test_a_person_is_added_tidied_and_stands_for_themselves(
    database: Database, trust: Organisation
) -> None:
    person = add(database, officer(trust))
    assert (person.email, person.mobile) == ("ada.okafor@example.org", "+447700900123")
    assert person.holder_id == person.id
    assert kinds(database) == ["person.added"]


def test_the_event_of_a_correction_names_fields_and_never_what_stood_in_them(
    database: Database, trust: Organisation
) -> None:
    person = add(database, officer(trust))
    with database.transaction() as session:
        change = people.correct_person(
            session,
            person_id=person.id,
            fields={"family_name": "Okafor-Bell", "given_name": "Ada"},
            by=officer(trust),
            now=NOW,
        )
    with database.reading() as session:
        event = session.scalars(sa.select(Event).where(Event.kind == "person.corrected")).one()
    assert change is Change.CHANGED
    assert event.detail == {"fields": ["family_name"]}


def test_a_correction_that_changes_nothing_records_nothing(
    database: Database, trust: Organisation
) -> None:
    person = add(database, officer(trust))
    with database.transaction() as session:
        change = people.correct_person(
            session, person_id=person.id, fields=ADA, by=officer(trust), now=NOW
        )
    assert change is Change.UNCHANGED
    assert kinds(database) == ["person.added"]


WRONG: dict[str, tuple[people.PersonFields, str]] = {
    "no family name": ({**ADA, "family_name": "  "}, "family_name"),
    "born tomorrow": ({**ADA, "date_of_birth": date(2026, 11, 23)}, "date_of_birth"),
    "a child": ({**ADA, "date_of_birth": date(2014, 1, 1)}, "date_of_birth"),
    "born in another century": ({**ADA, "date_of_birth": date(1890, 1, 1)}, "date_of_birth"),
    "an address that is none": ({**ADA, "email": "ada at example"}, "email"),
    "a number that is none": ({**ADA, "mobile": "ring the ward"}, "mobile"),
    "a name without end": ({**ADA, "given_name": "A" * 101}, "given_name"),
}


@pytest.mark.parametrize(("fields", "field"), WRONG.values(), ids=WRONG.keys())
def test_nobody_can_be(
    sqlite_database: Database, fields: people.PersonFields, field: str
) -> None:
    with sqlite_database.transaction() as session:
        trust = build.an_organisation(session)
    with pytest.raises(Invalid) as problem:
        add(sqlite_database, officer(trust), fields)
    assert list(problem.value.fields) == [field]


def test_one_name_is_enough(database: Database, trust: Organisation) -> None:
    only: people.PersonFields = {"family_name": "Suharto", "date_of_birth": date(1985, 1, 1)}
    assert add(database, officer(trust), only).given_name == ""


def test_a_namesake_born_on_the_same_day_is_refused_until_somebody_says_they_are_two(
    database: Database, trust: Organisation
) -> None:
    add(database, officer(trust))
    namesake: people.PersonFields = {**ADA, "family_name": "OKAFOR", "given_name": "Áda"}
    with pytest.raises(Refused) as problem:
        add(database, officer(trust), namesake)
    assert problem.value.code == "possible_duplicate"
    assert add(database, officer(trust), namesake, another_human=True)


def test_the_same_human_at_another_trust_is_a_record_of_its_own_and_nothing_is_said(
    database: Database, trust: Organisation
) -> None:
    first = add(database, officer(trust))
    with database.transaction() as session:
        other = build.an_organisation(session)
    second = add(database, officer(other))
    assert first.holder_id != second.holder_id


def test_another_organisations_person_is_as_unknown_as_nobody(
    database: Database, trust: Organisation
) -> None:
    person = add(database, officer(trust))
    with database.transaction() as session:
        stranger = officer(build.an_organisation(session))
    for person_id in (person.id, uuid4()):
        with pytest.raises(NotFound) as problem, database.transaction() as session:
            people.correct_person(
                session, person_id=person_id, fields={"given_name": "X"}, by=stranger, now=NOW
            )
        assert problem.value.code == "not_found"
        with pytest.raises(NotFound), database.transaction() as session:
            people.let_go(session, person_id=person_id, by=stranger, now=NOW)
    with pytest.raises(NotFound), database.transaction() as session:
        people.add_person(session, organisation_id=trust.id, fields=ADA, by=stranger, now=NOW)
    with database.reading() as session:
        assert people.people(session, by=stranger) == []


def test_without_the_scope_another_organisations_person_would_be_corrected(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_database.transaction() as session:
        trust, other = build.an_organisation(session), build.an_organisation(session)
    person = add(sqlite_database, officer(trust))
    monkeypatch.setattr(people, "within", lambda by, organisation_id: organisation_id)
    with sqlite_database.transaction() as session:
        change = people.correct_person(
            session, person_id=person.id, fields={"given_name": "X"}, by=officer(other), now=NOW
        )
    assert change is Change.CHANGED


def test_a_ward_may_not_add_people(database: Database, trust: Organisation) -> None:
    with pytest.raises(Forbidden):
        add(database, build.an_actor(trust, AccessRole.WARD_REQUESTER))


def test_people_are_listed_by_name_page_by_page(database: Database, trust: Organisation) -> None:
    by = officer(trust)
    for day, family in enumerate(("Abel", "Bird", "Bishop", "Cole"), start=1):
        add(database, by, {"given_name": "Xu", "family_name": family,
                           "date_of_birth": date(1990, 1, day)})  # fmt: skip
    with database.reading() as session:
        first = people.people(session, by=by, limit=3)
        last = first[-1]
        rest = people.people(
            session, by=by, after=(last.family_name, last.given_name, last.id)
        )
        found = people.people(session, by=by, name="bi")
        nothing = people.people(session, by=by, name="%")
    assert [p.family_name for p in (*first, *rest)] == ["Abel", "Bird", "Bishop", "Cole"]
    assert [p.family_name for p in found] == ["Bird", "Bishop"]
    assert nothing == []


def test_whoever_leaves_is_shut_out_at_once_and_is_not_listed(
    database: Database, trust: Organisation
) -> None:
    person = add(database, officer(trust))
    account_id = enter(database, trust, "ada.okafor@example.org", AccessRole.WORKER)
    with database.transaction() as session:
        assert people.let_go(session, person_id=person.id, by=officer(trust), now=NOW)
    with database.reading() as session:
        assert people.people(session, by=officer(trust)) == []
        grants = session.scalars(
            sa.select(RoleGrant).where(RoleGrant.account_id == account_id)
        ).all()
        open_sessions = session.scalars(
            sa.select(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
        ).all()
    assert [grant.ended_at for grant in grants] == [NOW]
    assert open_sessions == []


def test_who_returns_is_taken_back(database: Database, trust: Organisation) -> None:
    person = add(database, officer(trust))
    for deed in (people.let_go, people.take_back):
        with database.transaction() as session:
            assert deed(session, person_id=person.id, by=officer(trust), now=NOW) is Change.CHANGED
        with database.transaction() as session:
            again = deed(session, person_id=person.id, by=officer(trust), now=NOW)
        assert again is Change.UNCHANGED
    assert kinds(database) == ["person.added", "person.left", "person.returned"]
