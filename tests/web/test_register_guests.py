"""A host's register file, service and nights: whom it let in is looked after beside its own."""

import io
import re
from typing import Any

import pytest

from bankhub.actions.clearances import clearance_checks
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.worker.jobs import Jobs
from bankhub.worker.registers import RegisterJobs
from bankhub.worker.sharing import SharingJobs
from passport.actors import AccessRole as R
from passport.config import Config
from tests.support import build, clearing
from tests.support.access import MASTER_KEY, SECRET_KEY
from tests.support.access_web import hidden_fields
from tests.support.desk import Desk, a_desk
from tests.support.registers import TOKEN, a_register_service, nmc_file

START, CHECK, TAKE = "/registers/file", "/registers/file/check", "/registers/file/take"


@pytest.fixture
def desk(sqlite_url: str) -> Desk:
    return a_desk(sqlite_url)


@pytest.fixture
def shown(desk: Desk) -> Clearance:
    """Of a nurse of a partner's: her number is to be looked up."""

    def show(session: Any) -> Clearance:
        return clearing.show(session, clearing.a_world(session, host=desk.trust))

    found: Clearance = desk.do(show)
    return found


def state(desk: Desk, shown: Clearance) -> ClearanceState:
    found: ClearanceState = desk.do(lambda session: session.get_one(Clearance, shown.id).state)
    return found


def jobs(desk: Desk, **settings: Any) -> Jobs:
    config = Config(database_url="", secret_key=SECRET_KEY, master_key=MASTER_KEY, **settings)
    return Jobs.over(desk.database, config, lambda: desk.now, lambda: desk.now)


def test_an_uploaded_file_says_whom_it_found_before_it_changes_anything(
    desk: Desk, shown: Clearance
) -> None:
    officer = desk.person(R.HR_OFFICER)
    made_on = re.search(r'name="made_on"[^>]*value="([\d-]+)"', officer.get(START).text)
    assert made_on
    page = officer.fill(
        START, CHECK, file=(io.BytesIO(nmc_file({})), "ecs.csv"), body="NMC", made_on=made_on[1]
    )
    assert "Beside your own: 1 person of partners" in page.text
    assert state(desk, shown) is ClearanceState.NOT_CLEARED
    taken = officer.post(TAKE, hidden_fields(page.text, TAKE))
    assert "Beside your own: 1 person of partners" in taken.text
    assert state(desk, shown) is ClearanceState.CLEARED


def test_the_worker_asks_the_register_service(desk: Desk, shown: Clearance) -> None:
    with a_register_service() as served:
        registers = RegisterJobs(
            jobs(desk, register_url=served.url, register_token=TOKEN, register_bodies=("NMC",))
        )
        registers.check_registers()
        assert state(desk, shown) is ClearanceState.CLEARED
        asked = len(served.asked)
        registers.check_registers()
        assert len(served.asked) == asked  # nobody is due


def test_the_worker_decides_again_at_night(desk: Desk, shown: Clearance) -> None:
    def look_up(session: Any) -> None:
        clearance_checks.check_register(
            session, clearance_id=shown.id, status=clearing.Status.REGISTERED,
            by=build.an_actor(desk.trust, R.HR_OFFICER), now=desk.now,
        )  # fmt: skip

    desk.do(look_up)
    sharing = SharingJobs(jobs(desk))
    desk.move(days=31)
    assert sharing.keep_clearances() == 1
    assert state(desk, shown) is ClearanceState.CLEARED
    desk.move(days=1)
    sharing.keep_clearances()
    assert state(desk, shown) is ClearanceState.NOT_CLEARED
