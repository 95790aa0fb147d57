"""People whom a personnel office puts on record, by its pages."""

from typing import Any

import sqlalchemy as sa

from tests.support import build
from tests.support.desk import Desk, Staff

ADA = {
    "given_name": "Ada",
    "family_name": "Okafor",
    "date_of_birth-day": "17",
    "date_of_birth-month": "5",
    "date_of_birth-year": "1990",
    "email": "Ada@Example.org",
    "mobile": "07700 900123",
}
POST = {
    "assignment_number": "20000001",
    "role": "rn_adult",
    "grade": "band_6",
    "also_role_1": "rn_adult",
    "also_grade_1": "band_5",
    "starts_on": "2026-09-01",
}


def rows(desk: Desk, table: Any) -> list[Any]:
    """Everything in a table, the oldest first."""
    return desk.do(lambda session: list(session.scalars(sa.select(table).order_by(table.id))))


def a_nurse(desk: Desk, **fields: Any) -> str:
    """Somebody on record; their page's address."""
    person, _ = desk.do(lambda session: build.a_nurse(session, desk.trust, **fields))
    return f"/people/{person.id}"


def ada(officer: Staff, **changes: str) -> str:
    """Ada put on record by hand; her page's address."""
    added = officer.fill("/people/new", **{**ADA, **changes})
    assert added.status_code == 303, added.text
    return added.location
