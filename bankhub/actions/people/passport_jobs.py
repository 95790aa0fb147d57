"""Bank posts as the passport's employment credential says them, looked up when they are needed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model import reference
from bankhub.model.vocabulary import StaffGroup
from bankhub.model.workers import BankPost
from passport.model.people import Person
from passport.rules.issuing.issue_claims import Job

_GROUPS: Mapping[StaffGroup, str] = {
    StaffGroup.NURSING_MIDWIFERY: "NURSING_AND_MIDWIFERY_REGISTERED",
    StaffGroup.HCA: "ADDITIONAL_CLINICAL_SERVICES",
    StaffGroup.AHP_STT: "ALLIED_HEALTH_PROFESSIONALS",
    StaffGroup.MEDICAL_DENTAL: "MEDICAL_AND_DENTAL",
    StaffGroup.ADMIN_CLERICAL: "ADMINISTRATIVE_AND_CLERICAL",
    StaffGroup.ESTATES_FACILITIES: "ESTATES_AND_ANCILLARY",
}
"""Groups of reporting → staff groups of the NHS Data Dictionary."""


def jobs_of(session: Session, people: Sequence[UUID]) -> Mapping[UUID, Sequence[Job]]:
    """The bank posts of people's records with the organisation whose record it is."""
    rows = session.scalars(
        sa.select(BankPost)
        .join(Person, Person.id == BankPost.person_id)
        .where(
            BankPost.person_id.in_(people), BankPost.organisation_id == Person.organisation_id
        )
        .order_by(BankPost.starts_on, BankPost.id)
    )
    found: dict[UUID, list[Job]] = defaultdict(list)
    titles = reference.roles()
    for post in rows:
        role = titles.get(post.role)
        found[post.person_id].append(
            Job(
                number=post.assignment_number,
                staff_group=_GROUPS[post.staff_group],
                role=role.title if role else post.role,
                pay_band=post.grade.value.upper(),
                contract="BANK",
                starts_on=post.starts_on,
                ends_on=post.ends_on,
            )
        )
    return found
