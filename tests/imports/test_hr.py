"""A trust's personnel file: good rows are taken, bad ones handed back, two people never merged."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bankhub.imports.hr import Sending, find_columns, import_people
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.workers import BankPost
from passport.actions.people import people
from passport.actors import operator
from passport.db import Database
from passport.imports.tables import open_table
from passport.model.facts import FactKind
from passport.model.organisations import Organisation
from passport.model.people import PersonLink
from tests.support.hr_files import (
    NOW,
    a_trust,
    counts,
    events,
    hr_file,
    live_facts,
    persons,
    run,
)


@pytest.fixture
def trust(database: Database) -> Organisation:
    return a_trust(database)


def test_a_row_becomes_a_person_a_post_and_facts(database: Database, trust: Organisation) -> None:
    assert counts(run(database, trust, hr_file({}))) == (1, 0, 0, 0)
    (person,) = persons(database)
    with database.reading() as session:
        post = session.scalars(sa.select(BankPost)).one()
    assert (person.email, person.mobile) == ("ada@example.org", "+447700900123")
    assert person.date_of_birth == date(1990, 5, 17)
    assert (post.role, post.grade, post.staff_group) == (
        "rn_adult", Grade.BAND_6, StaffGroup.NURSING_MIDWIFERY,
    )
    assert post.entitlements == [["rn_adult", "band_5"], ["hca", "band_2"]]
    (entry,) = live_facts(database, FactKind.REGISTRATION)
    assert (entry.lookup, entry.value["profession"]) == ("NMC:01A2345N", "RN1")
    trained = {
        (fact.value["subject"], fact.value["level"], fact.awarded_on)
        for fact in live_facts(database, FactKind.TRAINING)
    }
    assert trained == {
        ("FIRE", 1, date(2026, 6, 1)), ("IPC", 2, date(2026, 7, 1)), ("CR", 1, date(2026, 7, 1)),
    }
    (right,) = live_facts(database, FactKind.RIGHT_TO_WORK)
    assert right.value == {
        "route": "student", "check_route": "HO_ONLINE_SHARE_CODE", "weekly_cap_hours": 20.0,
        "vacations": [["2026-12-14", "2027-01-08"]],
    }
    kinds = {kind for kind in FactKind if live_facts(database, kind)}
    assert kinds == set(FactKind) - {FactKind.PERFORMERS_LIST, FactKind.INDEMNITY}


def test_the_same_file_again_changes_nothing_and_records_nothing(
    database: Database, trust: Organisation
) -> None:
    run(database, trust, hr_file({}))
    before = events(database)
    assert counts(run(database, trust, hr_file({}))) == (0, 0, 1, 0)
    assert events(database) == before


def test_changed_values_take_the_place_of_the_old(database: Database, trust: Organisation) -> None:
    run(database, trust, hr_file({}))
    changed = {"training:FIRE": "2026-09-01", "family_name": "Bell", "grade": "7"}
    assert counts(run(database, trust, hr_file(changed))) == (0, 1, 0, 0)
    fire = [f for f in live_facts(database, FactKind.TRAINING) if f.value["subject"] == "FIRE"]
    assert [fact.awarded_on for fact in fire] == [date(2026, 9, 1)]
    assert [person.family_name for person in persons(database)] == ["Bell"]


def test_empty_cells_leave_what_is_on_record(database: Database, trust: Organisation) -> None:
    run(database, trust, hr_file({}))
    empty = {"email": "", "training:FIRE": "", "opt_out": "", "registration_number": ""}
    assert counts(run(database, trust, hr_file(empty))) == (0, 0, 1, 0)


def test_a_dry_run_tells_the_same_and_changes_nothing(
    database: Database, trust: Organisation
) -> None:
    before = events(database)
    content = hr_file({}, {"assignment_number": "20000002", "date_of_birth": "31/02/1990"})
    report = run(database, trust, content, dry_run=True)
    assert counts(report) == (1, 0, 0, 1)
    assert (persons(database), events(database)) == ([], before)


SECOND = {"assignment_number": "20000002", "registration_number": "02B2345N"}


def test_a_namesake_born_on_the_same_day_is_refused_and_nobody_is_merged(
    database: Database, trust: Organisation
) -> None:
    report = run(database, trust, hr_file({}, SECOND))
    assert counts(report) == (1, 0, 0, 1)
    assert "Nothing was merged" in report.refused[0].text
    assert len(persons(database)) == 1


def test_without_the_refusal_a_second_record_would_be_made(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "_refuse_duplicate", lambda *arguments: None)
    run(sqlite_database, a_trust(sqlite_database), hr_file({}, SECOND))
    assert len(persons(sqlite_database)) == 2


def test_somebody_may_say_that_namesakes_are_two_or_one(
    database: Database, trust: Organisation
) -> None:
    two = {**SECOND, "another_human": "yes"}
    one = {
        "assignment_number": "20000003", "same_person_as": "20000001",
        "role": "hca", "grade": "2", "staff_group": "hca", "entitlements": "",
    }  # fmt: skip
    assert counts(run(database, trust, hr_file({}, two, one))) == (3, 0, 0, 0)
    with database.reading() as session:
        whose = dict(
            session.execute(sa.select(BankPost.assignment_number, BankPost.person_id)).all()
        )
    assert whose["20000003"] == whose["20000001"] != whose["20000002"]


def test_the_same_human_at_two_trusts_is_two_records_and_only_they_are_asked(
    database: Database, trust: Organisation
) -> None:
    other = a_trust(database)
    assert counts(run(database, trust, hr_file({}))) == (1, 0, 0, 0)
    report = run(database, other, hr_file({}))
    assert (counts(report), report.notes) == ((1, 0, 0, 0), [])
    assert len({person.holder_id for person in persons(database)}) == 2
    with database.reading() as session:
        assert session.scalars(sa.select(PersonLink)).all() == []


def test_a_number_of_somebody_else_is_not_taken_and_the_rest_of_the_row_is(
    database: Database, trust: Organisation
) -> None:
    thief = {
        "assignment_number": "20000002", "family_name": "Bird", "date_of_birth": "01/01/1980",
    }  # fmt: skip
    report = run(database, trust, hr_file({}, thief))
    assert counts(report) == (2, 0, 0, 0)
    assert [(said.line, "NMC:01A2345N" in said.text) for said in report.notes] == [(3, True)]
    assert len(live_facts(database, FactKind.REGISTRATION)) == 1
    before = events(database)
    run(database, trust, hr_file({}, thief))
    assert events(database) == before


NEW = {"assignment_number": "20000009"}
REFUSED = {
    "another person's date of birth under a known number": (
        {"date_of_birth": "18/05/1990"}, "somebody of another date of birth",
    ),
    "another person's whole name under a known number": (
        {"given_name": "Bo", "family_name": "Bird"}, "somebody of another name",
    ),
    "no assignment number": ({"assignment_number": ""}, "assignment_number: is missing"),
    "no date of birth": ({**NEW, "date_of_birth": ""}, "date_of_birth: is missing"),
    "an impossible day": ({**NEW, "date_of_birth": "31/02/1990"}, "there is no day"),
    "a formula for a name": ({**NEW, "family_name": "=HYPERLINK(1)"}, "formula"),
    "a role that is none": ({**NEW, "role": "wizard"}, "wizard"),
    "a grade that is none": ({**NEW, "grade": "band 55"}, "is not a grade"),
    "a staff group of another role": (
        {**NEW, "family_name": "Bird", "staff_group": "hca"}, "belongs to",
    ),
    "an e-mail that is none": ({**NEW, "family_name": "Bird", "email": "ada"}, "not an e-mail"),
    "a number of another register": (
        {**NEW, "family_name": "Bird", "registration_number": "1234567"}, "01A2345N",
    ),
    "a training to come": (
        {**NEW, "family_name": "Bird", "training:FIRE": "2026-12-24"}, "has not come",
    ),
    "a skill that is none": ({**NEW, "family_name": "Bird", "skills": "juggling"}, "juggling"),
    "a level of DBS that is none": (
        {**NEW, "family_name": "Bird", "dbs_level": "platinum"}, "none of basic",
    ),
    "an opt-out that is neither yes nor no": (
        {**NEW, "family_name": "Bird", "opt_out": "perhaps"}, "not yes or no",
    ),
    "two hundred hours a week": (
        {**NEW, "family_name": "Bird", "main_job_hours": "200"}, "hours a week",
    ),
    "the same person as a number nobody has": (
        {**NEW, "same_person_as": "999"}, "no post has the assignment number 999",
    ),
    "the same person as somebody born on another day": (
        {**NEW, "same_person_as": "20000001", "date_of_birth": "1991-01-01"}, "date of birth",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("row", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_row_is_refused_whole_for(
    sqlite_database: Database, row: dict[str, str], said: str
) -> None:
    trust = a_trust(sqlite_database)
    run(sqlite_database, trust, hr_file({}))
    before = events(sqlite_database), len(persons(sqlite_database))
    report = run(sqlite_database, trust, hr_file(row))
    assert counts(report) == (0, 0, 0, 1), report
    assert said in report.refused[0].text
    assert (events(sqlite_database), len(persons(sqlite_database))) == before


def test_a_number_that_stands_twice_in_the_file_is_refused(
    database: Database, trust: Organisation
) -> None:
    report = run(database, trust, hr_file({}, {"family_name": "Bell"}))
    assert counts(report) == (1, 0, 0, 1)
    assert "line 2" in report.refused[0].text


def test_good_rows_stand_when_bad_ones_are_refused(database: Database, trust: Organisation) -> None:
    rows = [
        {
            "assignment_number": f"3{number:07}",
            "family_name": f"Person {chr(65 + number // 26)}{chr(65 + number % 26)}",
            "registration_number": f"{number % 100:02}A{number:04}N" if number % 7 else "wrong",
        }
        for number in range(230)
    ]
    report = run(database, trust, hr_file(*rows))
    assert counts(report) == (197, 0, 0, 33)
    assert len(persons(database)) == 197


def test_who_has_left_is_not_brought_back_by_a_file(
    database: Database, trust: Organisation
) -> None:
    run(database, trust, hr_file({}))
    with database.transaction() as session:
        people.let_go(
            session, person_id=persons(database)[0].id, by=operator(trust.id), now=NOW
        )
    report = run(database, trust, hr_file({}))
    assert "Left on 2026-10-01" in report.refused[0].text


def test_the_day_of_an_import_is_londons(database: Database, trust: Organisation) -> None:
    """A post without a start begins on the day of the import, London time."""
    late = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 00:30 on the 25th in London
    table = open_table(io.BytesIO(hr_file({}).encode()))
    sending = Sending(trust.id, operator(trust.id), late)
    columns = find_columns(database, table, sending, told={})
    import_people(database, table, columns, sending)
    with database.reading() as session:
        starts_on = session.scalars(sa.select(BankPost.starts_on)).one()
    assert starts_on == late.date() + timedelta(days=1)
