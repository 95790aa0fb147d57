"""Facts about a person: put on record, superseded, disputed; written in one place only."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from bankhub.actions.people.papers import state_facts
from passport.actions.changes import Change
from passport.actions.people import disputes, evidence
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Invalid, NotFound
from passport.events import Event
from passport.model.facts import Fact, FactKind, FactValue
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

FIRE = FactValue(
    FactKind.TRAINING, {"subject": "FIRE", "level": 1}, awarded_on=date(2026, 6, 1)
)
PIN = FactValue(FactKind.REGISTRATION, {"body": "NMC", "number": "01A2345N"})


def officer(organisation: Organisation) -> Actor:
    return build.an_actor(organisation, AccessRole.HR_OFFICER)


@pytest.fixture
def ada(database: Database) -> tuple[Organisation, Person]:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        return trust, build.a_person(session, trust)


def state(
    database: Database,
    trust: Organisation,
    person: Person,
    *facts: FactValue,
    source: str = "hr_file",
    later: int = 0,
) -> evidence.Evidence:
    with database.transaction() as session:
        return evidence.add_facts(
            session,
            person_id=person.id,
            entries=facts,
            source=source,
            by=officer(trust),
            now=NOW + timedelta(days=later),
        )


def held(database: Database, trust: Organisation, person: Person) -> list[Fact]:
    with database.reading() as session:
        return evidence.facts_of(session, person_id=person.id, by=officer(trust))


def fact_events(database: Database, kind: str = "fact.added") -> list[Event]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Event).where(Event.kind == kind)))


Ada = tuple[Organisation, Person]


def test_facts_say_who_checked_them_and_when(database: Database, ada: Ada) -> None:
    trust, person = ada
    assert state(database, trust, person, FIRE, PIN).change is Change.CHANGED
    training, registration = held(database, trust, person)
    assert {training.checked_by_id, registration.checked_by_id} == {trust.id}
    assert registration.lookup == "NMC:01A2345N"
    assert registration.value["status"] == "registered"
    (event,) = fact_events(database)
    assert (event.subject_id, event.detail["person_id"]) == (person.id, str(person.id))


def test_the_same_facts_again_are_no_news(database: Database, ada: Ada) -> None:
    trust, person = ada
    state(database, trust, person, FIRE, PIN)
    assert state(database, trust, person, FIRE, PIN, later=1).change is Change.UNCHANGED
    assert len(fact_events(database)) == 1


def test_a_newer_fact_takes_the_place_and_the_older_stays_to_be_read(
    database: Database, ada: Ada
) -> None:
    trust, person = ada
    state(database, trust, person, FIRE)
    newer = FactValue(FIRE.kind, FIRE.value, awarded_on=date(2026, 9, 1))
    state(database, trust, person, newer, later=1)
    (now_held,) = held(database, trust, person)
    assert now_held.awarded_on == date(2026, 9, 1)
    with database.reading() as session:
        older = session.scalars(
            sa.select(Fact).where(Fact.superseded_by_id == now_held.id)
        ).one()
    assert older.awarded_on == date(2026, 6, 1)


def test_a_file_does_not_clear_a_suspension_and_the_register_does(
    database: Database, ada: Ada
) -> None:
    trust, person = ada
    suspended = FactValue(PIN.kind, {**PIN.value, "status": "suspended"})
    state(database, trust, person, suspended, source="register")
    assert state(database, trust, person, PIN, later=1).change is Change.UNCHANGED
    assert [fact.value["status"] for fact in held(database, trust, person)] == ["suspended"]
    state(database, trust, person, PIN, source="register", later=3)
    assert [fact.value["status"] for fact in held(database, trust, person)] == ["registered"]


def test_a_number_of_somebody_else_in_the_same_bank_is_not_taken_and_both_are_flagged(
    database: Database, ada: Ada
) -> None:
    trust, person = ada
    with database.transaction() as session:
        other = build.a_person(session, trust, family_name="Bird")
    state(database, trust, person, PIN)
    came_of_it = state(database, trust, other, PIN, FIRE)
    assert [reason.code for reason in came_of_it.reasons] == ["registration_disputed"]
    assert [fact.kind for fact in held(database, trust, other)] == [FactKind.TRAINING]
    with database.reading() as session:
        flagged = disputes.disputed_people(session, by=officer(trust))
    assert [(p.id, number) for p, number in flagged] == [
        (other.id, "NMC:01A2345N"), (person.id, "NMC:01A2345N"),
    ]
    state(database, trust, other, PIN, later=1)
    assert len(fact_events(database, disputes.DISPUTED)) == 2


def test_a_dispute_is_settled_by_somebody_who_looked(database: Database, ada: Ada) -> None:
    trust, person = ada
    with database.transaction() as session:
        other = build.a_person(session, trust, family_name="Bird")
    state(database, trust, person, PIN)
    state(database, trust, other, PIN)
    with database.transaction() as session:
        disputes.settle(
            session,
            person_id=person.id,
            registration="NMC:01A2345N",
            by=officer(trust),
            now=NOW + timedelta(days=1),
        )
    with database.reading() as session:
        flagged = disputes.disputed_people(session, by=officer(trust))
    assert [p.id for p, _ in flagged] == [other.id]


def test_another_trusts_person_born_on_the_same_day_may_be_the_same_human(
    database: Database, ada: Ada
) -> None:
    trust, person = ada
    with database.transaction() as session:
        elsewhere = build.an_organisation(session)
        same_birth = build.a_person(session, elsewhere)
        another_birth = build.a_person(session, elsewhere, date_of_birth=date(1971, 1, 1))
    state(database, trust, person, PIN)
    assert state(database, elsewhere, same_birth, PIN).reasons == ()
    refused = state(database, elsewhere, another_birth, PIN)
    assert [reason.code for reason in refused.reasons] == ["registration_disputed"]
    with database.reading() as session:
        here = disputes.disputed_people(session, by=officer(trust))
        there = disputes.disputed_people(session, by=officer(elsewhere))
    assert {p.organisation_id for p, _ in here} == {trust.id}
    assert {p.organisation_id for p, _ in there} == {elsewhere.id}


def test_facts_of_another_organisations_person_are_neither_read_nor_written(
    database: Database, ada: Ada
) -> None:
    _, person = ada
    with database.transaction() as session:
        elsewhere = build.an_organisation(session)
    with pytest.raises(NotFound):
        state(database, elsewhere, person, FIRE)
    with pytest.raises(NotFound):
        held(database, elsewhere, person)


def test_a_person_reads_their_own_facts(database: Database, ada: Ada) -> None:
    trust, person = ada
    state(database, trust, person, FIRE)
    with database.reading() as session:
        own = evidence.facts_of(session, person_id=person.id, by=build.as_worker(person))
    assert [fact.kind for fact in own] == [FactKind.TRAINING]


def test_what_a_person_declares_is_checked_by_nobody(database: Database, ada: Ada) -> None:
    trust, person = ada
    stated = FactValue(FactKind.MAIN_JOB, {"contracted_hours": 30.0})
    with database.transaction() as session:
        evidence.declare(session, entries=[stated], by=build.as_worker(person), now=NOW)
    (fact,) = held(database, trust, person)
    assert (fact.source, fact.checked_by_id) == ("declared", None)


def test_a_fact_is_ended_and_not_edited(database: Database, ada: Ada) -> None:
    trust, person = ada
    state(database, trust, person, FactValue(FactKind.OPT_OUT))
    (fact,) = held(database, trust, person)
    with database.transaction() as session:
        evidence.end_fact(
            session, fact_id=fact.id, ends_on=date(2026, 12, 7), by=officer(trust), now=NOW
        )
    (ended,) = held(database, trust, person)
    assert (ended.id != fact.id, ended.valid_until) == (True, date(2026, 12, 7))
    for fact_id in (fact.id, uuid4()):
        with pytest.raises(NotFound), database.transaction() as session:
            evidence.end_fact(
                session, fact_id=fact_id, ends_on=date(2026, 12, 7), by=officer(trust), now=NOW
            )


WRONG_CODES = {
    "a training subject that is none": (
        FactValue(FactKind.TRAINING, {"subject": "YOGA"}, awarded_on=date(2026, 1, 1)), "YOGA",
    ),
    "a level the subject has not": (
        FactValue(FactKind.TRAINING, {"subject": "FIRE", "level": 9}, awarded_on=date(2026, 1, 1)),
        "no level 9",
    ),
    "a skill that is none": (FactValue(FactKind.SKILL, {"code": "juggling"}), "juggling"),
    "a register that is none": (
        FactValue(FactKind.REGISTRATION, {"body": "AA", "number": "1"}), "not a register",
    ),
    "a number of another form": (
        FactValue(FactKind.REGISTRATION, {"body": "NMC", "number": "1234567"}), "01A2345N",
    ),
    "a part the register has not": (
        FactValue(
            FactKind.REGISTRATION, {"body": "NMC", "number": "01A2345N", "profession": "XX"}
        ),
        "not a part",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fact", "said"), WRONG_CODES.values(), ids=WRONG_CODES.keys())
def test_the_bank_takes_no_code_that_is_not_on_its_lists(
    sqlite_database: Database, fact: FactValue, said: str
) -> None:
    with sqlite_database.transaction() as session:
        trust = build.an_organisation(session)
        person = build.a_person(session, trust)
    with pytest.raises(Invalid) as problem, sqlite_database.transaction() as session:
        state_facts(
            session, person_id=person.id, facts=[fact], source="by_hand", by=officer(trust), now=NOW
        )
    assert said in problem.value.detail
