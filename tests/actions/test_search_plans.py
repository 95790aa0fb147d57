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

from bankhub.actions.candidates import candidates
from bankhub.actions.search import find_shifts
from bankhub.actions.work_classes import class_of
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.search_values import Show
from bankhub.model.shifts import Opening, Shift
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
    ids = [new_id() for _ in range(PEOPLE)]
    posts = [new_id() for _ in range(PEOPLE)]
    nursing = StaffGroup.NURSING_MIDWIFERY
    session.execute(
        sa.insert(Person),
        [
            {
                "id": one,
                "organisation_id": trust.id,
                "holder_id": one,
                "given_name": "Ada",
                "family_name": str(number),
                "date_of_birth": date(1990, 1, 1),
                "created_at": NOW,
            }
            for number, one in enumerate(ids)
        ],
    )
    session.execute(
        sa.insert(BankPost),
        [
            {
                "id": post,
                "organisation_id": trust.id,
                "person_id": one,
                "assignment_number": f"9{number:07}",
                "staff_group": nursing,
                "role": "rn_adult",
                "grade": GRADES[number % 3],
                "starts_on": date(2024, 1, 1),
                "entitlements": [],
            }
            for number, (one, post) in enumerate(zip(ids, posts, strict=True))
        ],
    )
    session.execute(
        sa.insert(BookableAs),
        [
            {
                "bank_post_id": post,
                "role": "rn_adult",
                "grade": GRADES[number % 3],
                "organisation_id": trust.id,
                "person_id": one,
                "holder_id": one,
                "exact": True,
                "valid_until": date(2027, 1, 1) + timedelta(days=number % 300),
            }
            for number, (one, post) in enumerate(zip(ids, posts, strict=True))
        ],
    )
    build.an_event(session, trust.id)
    return ids


def worked(
    session: Session, trust: Organisation, ids: list[UUID], shift_ids: list[UUID]
) -> None:
    """Five past bookings each."""
    bookings: list[dict[str, Any]] = []
    hours: list[dict[str, Any]] = []
    for number, one in enumerate(ids):
        for week in range(1, 6):
            starts = NOW - timedelta(days=7 * week, hours=number % 100)
            booking_id = new_id()
            bookings.append(
                {
                    "id": booking_id,
                    "shift_id": shift_ids[len(bookings)],
                    "organisation_id": trust.id,
                    "person_id": one,
                    "holder_id": one,
                    "tier": Tier.OWN_BANK,
                    "grade": Grade.BAND_5,
                    "state": BookingState.DECLINED,
                    "starts_at": starts,
                    "ends_at": starts + timedelta(hours=8),
                    "made_at": starts,
                    "overrides": [],
                }
            )
            hours.append(
                {
                    "id": new_id(),
                    "person_id": one,
                    "holder_id": one,
                    "kind": HoursKind.BOOKING,
                    "starts_at": starts,
                    "ends_at": starts + timedelta(hours=8),
                    "rest_until": starts + timedelta(hours=19),
                    "minutes": 480,
                    "booking_id": booking_id,
                    "source": "booking",
                    "as_at": starts,
                }
            )
    session.execute(sa.insert(Booking), bookings)
    session.execute(sa.insert(Hours), hours)


def shifts(session: Session, trust: Organisation) -> list[UUID]:
    nursing = StaffGroup.NURSING_MIDWIFERY
    site = build.a_site(session, trust)
    units = [build.a_unit(session, site) for _ in range(UNITS)]
    classes = {one: class_of(session, nursing, "rn_adult", one, []) for one in GRADES}
    rows: list[dict[str, Any]] = []
    for number in range(SHIFTS):
        grade = GRADES[number % 3]
        fallback = GRADES[number % 3 - 1] if number % 3 else None
        starts = NOW + timedelta(minutes=7 * number - 20_000)
        unit = units[number % UNITS]
        rows.append(
            {
                "id": new_id(),
                "organisation_id": unit.organisation_id,
                "site_id": unit.site_id,
                "unit_id": unit.id,
                "reference": f"P-{number}",
                "staff_group": nursing,
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
        )
    session.execute(sa.insert(Shift), rows)
    session.execute(
        sa.insert(Opening),
        [
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
        ],
    )
    return [row["id"] for row in rows]


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
