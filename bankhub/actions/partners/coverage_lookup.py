"""What agreements let partners' people see, read for one human or one shift."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.agreements import Coverage
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.workers import BookableAs
from bankhub.rules.agreements.partner_work import Covered
from passport.batch import Prepared

_COVERAGE: sa.Select[*tuple[Any, ...]] = sa.select(
    Coverage.host_id,
    Coverage.partner_id,
    Coverage.staff_group,
    Coverage.grade,
    Coverage.site_id,
    Coverage.from_on,
    Coverage.until_on,
    Coverage.lead_hours,
    Coverage.excluded_roles,
    Coverage.excluded_skills,
)
_HOMES = sa.select(BookableAs.organisation_id).where(
    BookableAs.holder_id == sa.bindparam("holder_id")
)

COVERAGE = Prepared(_COVERAGE.where(Coverage.partner_id.in_(_HOMES)))
"""What one human sees of every host, by their posts."""

COVERAGE_AT_HOST = Prepared(
    _COVERAGE.where(
        Coverage.host_id == sa.bindparam("host_id"),
        Coverage.partner_id.in_(
            _HOMES.where(
                BookableAs.role == sa.bindparam("role"), BookableAs.grade == sa.bindparam("grade")
            )
        ),
    )
)
"""What one human sees of one host's shifts, by posts that may be booked in a role at a grade."""

def covered_of(row: Sequence[Any]) -> Covered:
    """A row of the reads above as a value."""
    host, partner, group, grade, site, from_on, until_on, lead_hours, roles, skills = row
    return Covered(
        host_id=host,
        partner_id=partner,
        staff_group=StaffGroup(group),
        grade=Grade(grade),
        site_id=site,
        from_on=from_on,
        until_on=until_on,
        lead_hours=lead_hours,
        excluded_roles=frozenset(roles),
        excluded_skills=frozenset(skills),
    )


def coverage_of(session: Session, shift: ShiftFacts) -> list[Covered]:
    """Which partners' people could be let see a shift, by staff group and grade; whether each
    covers it is asked of the values."""
    rows = session.execute(
        _COVERAGE.where(
            Coverage.host_id == shift.organisation_id,
            Coverage.staff_group == shift.staff_group,
            Coverage.grade == shift.grade,
        )
    )
    return [covered_of(row) for row in rows]
