"""The worker's part: agreements kept and coverage derived, at their ticks."""

from datetime import timedelta

import sqlalchemy as sa

from bankhub.model.agreements import Agreement, AgreementState, Coverage
from bankhub.worker.jobs import Jobs
from bankhub.worker.main import schedule
from bankhub.worker.sharing import SharingJobs
from passport.config import Config
from passport.db import Database
from tests.support import agreeing
from tests.support.access import MASTER_KEY, SECRET_KEY
from tests.support.build import NOW

CONFIG = Config(database_url="", secret_key=SECRET_KEY, master_key=MASTER_KEY)


def jobs(database: Database, days: int) -> Jobs:
    at = NOW + timedelta(days=days)
    return Jobs.over(database, CONFIG, lambda: at, lambda: at)


def test_the_worker_ends_what_is_over(database: Database) -> None:
    with database.transaction() as session:
        north, south = agreeing.a_trust(session), agreeing.a_trust(session)
        agreement = agreeing.agreed(session, north, south, ends_on="2026-09-10")
    assert SharingJobs(jobs(database, 3)).keep_agreements() == 0
    assert SharingJobs(jobs(database, 4)).keep_agreements() == 1
    assert SharingJobs(jobs(database, 4)).keep_agreements() == 0
    with database.reading() as session:
        assert session.get_one(Agreement, agreement.id).state is AgreementState.EXPIRED
        assert session.scalar(sa.select(sa.func.count()).select_from(Coverage)) == 0


def test_the_worker_derives_who_sees_whom(database: Database) -> None:
    with database.transaction() as session:
        north, south = agreeing.a_trust(session), agreeing.a_trust(session)
        agreeing.agreed(session, north, south)
        session.execute(sa.delete(Coverage))
    assert SharingJobs(jobs(database, 1)).derive_coverage() == 2


def test_both_are_on_the_worker_s_clock(sqlite_database: Database) -> None:
    ticks = {one.id for one in schedule(jobs(sqlite_database, 0)).get_jobs()}
    assert {"keep_agreements", "derive_coverage"} <= ticks
