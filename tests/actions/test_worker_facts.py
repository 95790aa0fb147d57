"""A worker's facts as the rules read them: what is known of the main job, over all records."""

from datetime import date, timedelta

import pytest

from bankhub.actions.finding.worker_facts import load_workers
from bankhub.model.hours import RosterKnown
from bankhub.model.values import MainJob
from passport.db import Database
from tests.support import build
from tests.support.build import NOW

MONTH = timedelta(days=28)
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
AUTUMN = (date(2026, 9, 10), date(2026, 11, 30))


@pytest.mark.parametrize("order", [(SEPTEMBER, AUTUMN), (AUTUMN, SEPTEMBER)])
def test_of_two_rosters_the_one_that_knows_less_counts(
    database: Database, order: tuple[tuple[date, date], ...]
) -> None:
    with database.transaction() as session:
        trust = build.an_organisation(session)
        person, _post = build.a_nurse(session, trust)
        again = build.a_person(session, build.an_organisation(session), holder=person)
        for record, (first, last), age in zip((person, again), order, (1, 5), strict=True):
            row = RosterKnown(
                person_id=record.id,
                known_from=first,
                known_until=last,
                as_at=NOW - timedelta(days=age),
            )
            session.add(row)
            build.an_event(session, trust.id)
    with database.reading() as session:
        loaded = load_workers(
            session,
            holder_ids=[person.holder_id],
            organisation_id=trust.id,
            starts_at=NOW,
            ends_at=NOW + MONTH,
            now=NOW,
        )
    job = loaded[person.holder_id].facts.main_job
    assert job == MainJob(date(2026, 9, 30), NOW - timedelta(days=5), date(2026, 9, 10))
