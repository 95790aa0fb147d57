"""A volunteer on record: a post and papers, and no way to a shift."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bankhub.actions.people import posts
from bankhub.actions.shifts import shifts
from bankhub.actions.shifts.shifts import ShiftDraft
from bankhub.model.vocabulary import Grade, RequestReason, StaffGroup
from bankhub.model.workers import BookableAs
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Refused
from tests.support import build
from tests.support.build import NOW

VOLUNTEER: posts.PostFields = {
    "staff_group": StaffGroup.ESTATES_FACILITIES,
    "role": "volunteer",
    "grade": Grade.BAND_2,
    "starts_on": NOW.date(),
}


def test_a_volunteer_has_a_post_and_is_never_found_for_a_shift(database: Database) -> None:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        person = build.a_person(session, trust)
        build.a_nurses_papers(session, person)
        by = build.an_actor(trust, AccessRole.BANK_MANAGER)
        post = posts.make_post(
            session, person_id=person.id, assignment_number="V1", fields=VOLUNTEER, by=by, now=NOW
        )
    with database.reading() as session:
        until = session.scalars(
            sa.select(BookableAs.valid_until).where(BookableAs.bank_post_id == post.id)
        ).all()
    assert until == [None]


def test_no_shift_is_posted_for_volunteers(database: Database) -> None:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        unit = build.a_unit(session, build.a_site(session, trust))
    draft = ShiftDraft(
        unit_id=unit.id,
        role="volunteer",
        grade=Grade.BAND_2,
        reason=RequestReason.VACANCY,
        starts_at=NOW + timedelta(days=3),
        ends_at=NOW + timedelta(days=3, hours=4),
    )
    by = build.an_actor(trust, AccessRole.BANK_MANAGER)
    with pytest.raises(Refused) as refused, database.transaction() as session:
        shifts.post(session, draft=draft, submit=True, by=by, now=NOW)
    assert refused.value.code == "role_of_volunteers"
