"""Booking references: taken from a counter for each organisation and week, never used twice."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bankhub.model.shifts import ReferenceCounter
from bankhub.rules.shifts import booking_reference
from passport.db import is_postgresql
from passport.model.organisations import Organisation


def take(session: Session, organisation_id: UUID, day: date, count: int) -> list[str]:
    """The next `count` references of an organisation in the week of `day`.

    One statement moves the counter and tells where it stood, so two posters never get the same.
    """
    week = booking_reference.year_week(day)
    insert = (postgresql if is_postgresql(session) else sqlite).insert
    statement = insert(ReferenceCounter).values(
        organisation_id=organisation_id, year_week=week, next_number=count + 1
    )
    upsert = statement.on_conflict_do_update(
        index_elements=["organisation_id", "year_week"],
        set_={"next_number": ReferenceCounter.next_number + count},
    ).returning(ReferenceCounter.next_number)
    after = session.execute(upsert).scalar_one()
    code = session.execute(
        sa.select(Organisation.ods_code).where(Organisation.id == organisation_id)
    ).scalar_one()
    return [booking_reference.make(code, week, n) for n in range(after - count, after)]
