"""A file of identity checks from before: whose they are, and what is handed back."""

from datetime import date
from io import BytesIO

import pytest

from passport.db import Database
from passport.errors import Forbidden, Invalid
from passport.imports.identity_check_files import ChecksReport, take_checks
from passport.model.credentials import IdentityCheck
from tests.support import build, staff
from tests.support.issuing import NOW
from tests.support.staff import Hr

HEAD = "email,family_name,given_name,date_of_birth,checked_on\n"


@pytest.fixture
def hr(database: Database) -> Hr:
    with database.transaction() as session:
        office = staff.an_office(session)
        build.a_person(session, office.trust, email="ada@example.org")
        build.a_person(session, office.trust, given_name="José", family_name="Abreu-Díaz",
                       date_of_birth=date(1966, 5, 15))  # fmt: skip
        other = staff.an_office(session)
        build.a_person(session, other.trust, given_name="Mo", date_of_birth=date(1970, 1, 1))
        return office


def taken(database: Database, hr: Hr, *rows: str, head: str = HEAD) -> ChecksReport:
    text = head + "".join(f"{row}\n" for row in rows)
    return take_checks(database, BytesIO(text.encode()), by=hr.first, now=NOW)


def test_people_are_found_by_address_or_by_name_with_their_date_of_birth(
    database: Database, hr: Hr
) -> None:
    rows = (
        "Ada@example.org,,,17/05/1990,2019-04-01",
        ",ABREU DIAZ,Jose,1966-05-15,02/03/2020",
    )
    report = taken(database, hr, *rows)
    assert (report.rows, report.taken, list(report.refused)) == (2, 2, [])
    assert taken(database, hr, *rows).unchanged == 2
    with database.reading() as session:
        made = session.query(IdentityCheck).order_by(IdentityCheck.checked_on).all()
        assert [(one.route, one.checked_on.year) for one in made] == [
            ("ON_RECORD", 2019), ("ON_RECORD", 2020),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("ada@example.org,,,1990-05-18,2019-04-01", "nobody on record fits"),
        ("mo@example.org,Okafor,Mo,1970-01-01,2019-04-01", "nobody on record fits"),
        ("ada@example.org,,,1990-05-17,2030-01-01", "nobody can have been seen"),
        ("ada@example.org,,,1990-05-17,1980-01-01", "nobody can have been seen"),
        ("ada@example.org,,,1990-05-17,", "missing"),
        ("ada@example.org,,,1990-05-17,soon", "not a date"),
        ("=cmd|' /C calc'!A0,,,1990-05-17,2019-04-01", "formula"),
    ],
)
def test_a_row_that_cannot_be_right_is_handed_back(
    database: Database, hr: Hr, row: str, why: str
) -> None:
    report = taken(database, hr, row)
    assert (report.taken, len(report.refused)) == (0, 1)
    assert why in report.refused[0][1]


def test_two_people_of_one_name_and_day_are_told_apart_by_address_alone(
    database: Database, hr: Hr
) -> None:
    with database.transaction() as session:
        build.a_person(session, hr.trust, email="other@example.org")
    report = taken(database, hr, ",Okafor,Ada,1990-05-17,2019-04-01")
    assert "more than one" in report.refused[0][1]
    assert taken(database, hr, "other@example.org,,,1990-05-17,2019-04-01").taken == 1


def test_a_file_without_the_columns_or_by_somebody_else_is_refused(
    database: Database, hr: Hr
) -> None:
    with pytest.raises(Invalid, match="file_columns"):
        taken(database, hr, "x,2019-04-01", head="name,checked_on\n")
    worker = build.an_actor(hr.trust)
    with pytest.raises(Forbidden):
        take_checks(database, BytesIO(HEAD.encode()), by=worker, now=NOW)
