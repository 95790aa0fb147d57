"""On PostgreSQL a search and a candidate list read their tables by index, never as a whole.

The statements are prepared once for a connection, so the plan that counts is the generic one too:
each search runs often enough to get it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.candidates import candidates
from bankhub.actions.finding.search import find_shifts
from bankhub.actions.shifts.work_classes import class_of
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.search_values import Show
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import (
    BookingState,
    Grade,
    HoursKind,
    RequestReason,
    ShiftState,
    StaffGroup,
    Tier,
)
from bankhub.model.workers import BankPost, BookableAs
from bankhub.wiring import open_database
from passport.db import Database, new_id
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build
from tests.support.build import NOW

SHIFTS = 20_000
PEOPLE = 2_000
UNITS = 100
TIMES = 8
"""Runs of each: from the sixth on PostgreSQL may use the generic plan."""
BIG = ("shift", "opening", "booking", "hours", "bookable_as")
GRADES = (Grade.BAND_5, Grade.BAND_6, Grade.BAND_7)


@dataclass
class City:
    """A large bank: one nurse and one shift of it that are asked about."""

    database: Database
    trust: Organisation
    nurse: Person
    shift_id: UUID


@pytest.fixture(scope="module")
def city(postgres_template: str, fresh_postgres: Any) -> Iterator[City]:
    database = open_database(fresh_postgres(template=postgres_template))
    with database.transaction() as session:
        trust = build.an_organisation(session)
        unit = build.a_unit(session, build.a_site(session, trust))
        nurse, _ = build.a_nurse(session, trust)
        asked = build.a_shift(session, unit)
        worked(session, trust, people(session, trust), shifts(session, trust))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql("ANALYZE")
    yield City(database, trust, nurse, asked.id)
    database.engine.dispose()


def people(session: Session, trust: Organisation) -> list[UUID]:
    rows: list[dict[str, Any]] = [
        {
            "id": one,
            "organisation_id": trust.id,
            "person_id": one,
            "holder_id": one,
            "bank_post_id": new_id(),
            "role": "rn_adult",
            "grade": GRADES[number % 3],
            "exact": True,
            "valid_until": date(2027, 1, 1) + timedelta(days=number % 300),
            "given_name": "Ada",
            "family_name": str(number),
            "date_of_birth": date(1990, 1, 1),
            "created_at": NOW,
            "assignment_number": f"9{number:07}",
            "staff_group": StaffGroup.NURSING_MIDWIFERY,
            "starts_on": date(2024, 1, 1),
            "entitlements": [],
        }
        for number, one in enumerate(new_id() for _ in range(PEOPLE))
    ]
    put(session, Person, rows)
    put(session, BankPost, [{**row, "id": row["bank_post_id"]} for row in rows])
    put(session, BookableAs, rows)
    build.an_event(session, trust.id)
    return [row["id"] for row in rows]


def put(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    """Insert of each row the columns that the table has."""
    names = {column.key for column in sa.inspect(table).columns} & rows[0].keys()
    session.execute(sa.insert(table), [{name: row[name] for name in names} for row in rows])


def worked(
    session: Session, trust: Organisation, ids: list[UUID], shift_ids: list[UUID]
) -> None:
    """Five past bookings each."""
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(ids):
        for week in range(1, 6):
            starts = NOW - timedelta(days=7 * week, hours=number % 100)
            rows.append(
                {
                    "id": new_id(),
                    "shift_id": shift_ids[len(rows)],
                    "organisation_id": trust.id,
                    "person_id": one,
                    "holder_id": one,
                    "tier": Tier.OWN_BANK,
                    "grade": Grade.BAND_5,
                    "state": BookingState.DECLINED,
                    "starts_at": starts,
                    "ends_at": starts + timedelta(hours=8),
                    "rest_until": starts + timedelta(hours=19),
                    "made_at": starts,
                    "as_at": starts,
                    "overrides": [],
                    "kind": HoursKind.BOOKING,
                    "minutes": 480,
                    "source": "booking",
                }
            )
    put(session, Booking, rows)
    put(session, Hours, [{**row, "id": new_id(), "booking_id": row["id"]} for row in rows])


def shifts(session: Session, trust: Organisation) -> list[UUID]:
    nursing = StaffGroup.NURSING_MIDWIFERY
    site = build.a_site(session, trust)
    units = [build.a_unit(session, site) for _ in range(UNITS)]
    classes = {one: class_of(session, nursing, "rn_adult", one, []) for one in GRADES}
    rows = [a_row(number, units[number % UNITS], classes) for number in range(SHIFTS)]
    put(session, Shift, rows)
    openings = [
        {
            "id": new_id(),
            "shift_id": row["id"],
            "tier": tier,
            "opens_at": NOW - timedelta(days=1),
            "why": "policy",
            "made_at": NOW,
        }
        for row in rows
        for tier in (Tier.OWN_BANK, Tier.OWN_FALLBACK)
    ]
    put(session, Opening, openings)
    return [row["id"] for row in rows]


def a_row(number: int, unit: Unit, classes: dict[Grade, int]) -> dict[str, Any]:
    grade = GRADES[number % 3]
    fallback = GRADES[number % 3 - 1] if number % 3 else None
    starts = NOW + timedelta(minutes=7 * number - 20_000)
    return {
        "id": new_id(),
        "organisation_id": unit.organisation_id,
        "site_id": unit.site_id,
        "unit_id": unit.id,
        "reference": f"P-{number}",
        "staff_group": StaffGroup.NURSING_MIDWIFERY,
        "role": "rn_adult",
        "grade": grade,
        "fallback_grade": fallback,
        "class_id": classes[grade],
        "fallback_class_id": fallback and classes[fallback],
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=8),
        "reason": RequestReason.VACANCY,
        "state": ShiftState.FILLED if number % 5 == 0 else ShiftState.OPEN,
        "created_at": NOW - timedelta(days=90),
        "skills": [],
        "details": {},
    }


READS: dict[str, Any] = {
    "what I may book": lambda s, c: find_shifts(s, by=build.as_worker(c.nurse), now=NOW),
    "everything of my role": lambda s, c: find_shifts(
        s, by=build.as_worker(c.nurse), now=NOW, show=Show.ALL
    ),
    "who can work a shift": lambda s, c: candidates(
        s, shift_id=c.shift_id, by=build.an_actor(c.trust), now=NOW
    ),
    "who cannot, and why": lambda s, c: candidates(
        s, shift_id=c.shift_id, by=build.an_actor(c.trust), now=NOW, unavailable=True
    ),
}


def read_whole(database: Database) -> dict[str, int]:
    """Rows that were read by going through a table, so far."""
    with database.reading() as session:
        found = session.execute(
            sa.text("SELECT relname, seq_tup_read FROM pg_stat_user_tables")
        )
        return {name: rows for name, rows in found if name in BIG}


@pytest.mark.slow
@pytest.mark.parametrize("case", READS)
@pytest.mark.parametrize("plans", ["auto", "force_generic_plan"])
def test_no_large_table_is_read_as_a_whole(city: City, case: str, plans: str) -> None:
    before = read_whole(city.database)
    with city.database.reading() as session:
        session.execute(sa.text(f"SET LOCAL plan_cache_mode = {plans}"))
        for _ in range(TIMES):
            READS[case](session, city)
        session.execute(sa.text("SELECT pg_stat_force_next_flush()"))
    assert read_whole(city.database) == before


@pytest.mark.slow
def test_the_guard_sees_a_table_that_is_read_as_a_whole(city: City) -> None:
    before = read_whole(city.database)
    with city.database.reading() as session:
        session.execute(sa.select(sa.func.count()).where(Shift.notes == "x")).one()
        session.execute(sa.text("SELECT pg_stat_force_next_flush()"))
    assert read_whole(city.database)["shift"] > before["shift"]
