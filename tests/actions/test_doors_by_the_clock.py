"""What follows from a deed of the wall clock is decided by the trade's, which the demo moves."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bankhub.actions import clock
from bankhub.actions.clearances import clearance_doors
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.wiring import open_database
from passport.actions.signing import credential_life
from passport.actors import job
from passport.config import Config
from passport.db import Database
from passport.model.credential_types import Suspension
from tests.support import clearing
from tests.support.build_people import NOW

LATER = timedelta(days=40)
"""More than a look at the register counts."""


def config(*, demo: bool) -> Config:
    return Config(database_url="", secret_key="5" * 64, master_key="a7" * 32, demo=demo)


def hold_and_let_go(session: Session, world: clearing.World) -> None:
    """Deeds of the wall clock."""
    for deed in (credential_life.suspend, credential_life.reinstate):
        deed(
            session, credential_id=world.of("oh_clearance"),
            reason=Suspension.NOT_CURRENTLY_AVAILABLE, by=clearing.officer(world.home), now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize("moved", [True, False])
def test_a_credential_event_clears_nobody_by_a_day_that_has_passed(
    sqlite_database: Database, *, moved: bool
) -> None:
    told = clock.of_deeds(config(demo=True), lambda: NOW)
    file = Path(str(sqlite_database.engine.url.database))
    demo = open_database(f"sqlite:///{file}", of_deeds=told)
    with demo.transaction() as session:
        world = clearing.a_world(session)
        row = clearing.cleared(session, world)
        if moved:
            clock.move(session, by=LATER, config=config(demo=True))
    if moved:
        with demo.transaction() as session:
            clearance_doors.keep(session, after=None, by=job(), now=NOW + LATER)
    with demo.transaction() as session:
        hold_and_let_go(session, world)
    with demo.reading() as session:
        found = session.get_one(Clearance, row.id)
    demo.engine.dispose()
    assert (found.state is ClearanceState.CLEARED) is not moved


def test_outside_the_demo_a_deeds_own_moment_counts() -> None:
    assert clock.of_deeds(config(demo=False), lambda: NOW) is None
