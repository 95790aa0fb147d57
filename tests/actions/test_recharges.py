"""What is owed once a partner's person has worked a shift: one line, by the agreement, for both."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions import recharges
from bankhub.model.recharges import RechargeLine
from bankhub.model.shifts import Shift
from bankhub.rules.agreements_in_force import InForce
from bankhub.rules.recharge import Price, Worked
from passport.actors import AccessRole, job
from passport.db import Database
from passport.errors import Forbidden
from tests.actions.test_partner_arrivals import Arriving
from tests.support import build, sharing
from tests.support.build_people import kept

R = AccessRole


@pytest.fixture
def here(database: Database) -> Arriving:
    return Arriving(database)


def accrued(here: Arriving, now: Any = None, **more: Any) -> int:
    with here.database.transaction() as session:
        return recharges.accrue(session, by=job(), now=now or here.taken.ends_at, **more)


RATES = {"band_5": 2000}
FIXED: dict[str, Any] = {
    "recharge": {"basis": "fixed_rate", "rates_pence_per_hour": RATES, "admin_percent": 5}
}


def test_a_worked_shift_makes_one_line_and_only_once(database: Database) -> None:
    here = Arriving(database, **FIXED)
    assert accrued(here) == 0, "nobody came yet"
    here.comes()
    assert accrued(here, here.taken.ends_at - timedelta(minutes=1)) == 0, "it is not over"
    assert accrued(here) == 1
    assert accrued(here) == 0
    (line,) = here.rows(RechargeLine)
    assert (line.host_id, line.home_id) == (here.host.id, here.home.id)
    assert (line.minutes, line.pence, line.admin_pence) == (720, 24_000, 1_200)
    assert line.version_id == here.wsa.version_id
    assert not line.illustrative


def test_a_shift_of_the_own_bank_is_not_recharged(here: Arriving) -> None:
    with here.database.transaction() as session:
        person, post = build.a_nurse(session, here.host)
        shift = build.a_shift(session, here.wards[here.host.id])
        build.a_booking(session, shift, person, post, state="checked_in")  # type: ignore[arg-type]
    assert accrued(here) == 0


def test_both_parties_read_the_line_and_a_third_does_not(database: Database) -> None:
    here = Arriving(database, **FIXED)
    here.comes()
    accrued(here)
    with here.database.transaction() as session:
        third = build.an_organisation(session)
    first = here.at - timedelta(days=30)
    found = {}
    for organisation in (here.host, here.home, third):
        with here.database.reading() as session:
            by = build.an_actor(organisation, R.BANK_MANAGER)
            found[organisation.id] = recharges.lines(
                session, first=first, before=first + timedelta(days=60), by=by
            )
    (host_line,), (home_line,) = found[here.host.id], found[here.home.id]
    assert (host_line.owed_to_us, host_line.other) == (False, "Home NHS Trust")
    assert (home_line.owed_to_us, home_line.other) == (True, "Host NHS Trust")
    assert home_line.total_pence == 25_200
    assert home_line.agreement == here.wsa.named
    assert found[third.id] == []


def test_reciprocal_hours_are_set_off(database: Database) -> None:
    here = Arriving(database, recharge={"basis": "none_reciprocal", "threshold_hours": 10})
    here.comes()
    accrued(here)
    with here.database.reading() as session:
        by = build.an_actor(here.home, R.BANK_MANAGER)
        (one,) = recharges.settings(session, by=by)
    assert (one.owed_by, one.balance.beyond_minutes) == ("Host NHS Trust", 120)


def test_another_source_of_rates_takes_the_place_of_estimates(here: Arriving) -> None:
    class Payroll:
        def price(
            self, session: Session, *, worked: Worked, shift: Shift, version: InForce
        ) -> Price:
            return Price(worked.minutes * 50, "Payroll of September", illustrative=False)

    here.comes()
    accrued(here, source=Payroll())
    (line,) = here.rows(RechargeLine)
    assert (line.pence, line.rate_source) == (36_000, "Payroll of September")


def test_a_lead_employer_is_owed_instead_of_home(database: Database) -> None:
    with database.transaction() as session:
        lead = build.an_organisation(session, name="Lead NHS Trust")
    here = Arriving(database)
    with database.transaction() as session:
        wsa = sharing.an_agreement(
            session, here.home, here.host, lead, employed_by="lead_employer",
            lead_employer_ods=lead.ods_code, **FIXED,
        )  # fmt: skip
        clearance = session.merge(here.clearance)
        clearance.version_id = wsa.version_id
        kept(session, clearance, here.host.id)
    here.comes()
    accrued(here)
    (line,) = here.rows(RechargeLine)
    assert (line.home_id, line.version_id) == (lead.id, wsa.version_id)


def test_only_the_job_writes_lines_and_managers_read_them(here: Arriving) -> None:
    with here.database.transaction() as session, pytest.raises(Forbidden):
        recharges.accrue(session, by=build.an_actor(here.host, R.BANK_MANAGER), now=here.at)
    with here.database.reading() as session, pytest.raises(Forbidden):
        recharges.lines(
            session, first=here.at, before=here.at, by=build.an_actor(here.host, R.WARD_REQUESTER)
        )
