"""What is owed once a partner's person has worked a shift: one line, by the agreement, for both."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.agreements import recharges
from bankhub.model.agreement_terms import RechargeBasis
from bankhub.model.bookings import Booking
from bankhub.model.recharges import RechargeLine
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, Tier
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.london_time import at_hour
from bankhub.rules.pay.recharge import Price, Worked
from bankhub.rules.shift_times import london
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


def uncovered(here: Arriving, how_many: int) -> None:
    """Later shifts, worked by somebody whose home is in no agreement."""
    with here.database.transaction() as session:
        elsewhere = build.an_organisation(session)
        person, post = build.a_nurse(session, elsewhere)
        for number in range(how_many):
            shift = build.a_shift(
                session, here.wards[here.host.id], starts_at=here.at + timedelta(hours=number + 1),
                hours=1,
            )  # fmt: skip
            build.a_booking(
                session, shift, person, post, tier=Tier.PARTNER, state=BookingState.WORKED
            )


def test_shifts_that_no_agreement_covers_never_stand_before_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recharges, "PORTION", 2)
    here = Arriving(database, **FIXED)
    here.comes()
    uncovered(here, 5)
    later = here.taken.ends_at + timedelta(days=2)
    assert accrued(here, later) == 1
    assert accrued(here, later) == 0


def test_a_host_that_is_the_lead_employer_owes_itself_nothing(database: Database) -> None:
    here = Arriving(database)
    with database.transaction() as session:
        wsa = sharing.an_agreement(
            session, here.home, here.host, employed_by="lead_employer",
            lead_employer_ods=here.host.ods_code, **FIXED,
        )  # fmt: skip
        clearance = session.merge(here.clearance)
        clearance.version_id = wsa.version_id
        kept(session, clearance, here.host.id)
    here.comes()
    accrued(here)
    (line,) = here.rows(RechargeLine)
    assert (line.home_id, line.pence, line.admin_pence) == (here.home.id, None, 0)
    assert line.rate_source.startswith("The host is the lead employer")


NIGHTS = {
    "clocks go back": (datetime(2026, 10, 24, 18, 30, tzinfo=UTC), 13, 750),
    "clocks go forward": (datetime(2027, 3, 27, 19, 30, tzinfo=UTC), 11, 630),
    "an ordinary night": (datetime(2026, 10, 10, 18, 30, tzinfo=UTC), 12, 690),
}


@pytest.mark.parametrize("night", NIGHTS)
def test_a_night_is_as_long_as_it_was(database: Database, night: str) -> None:
    """19:30 to 07:30 on London clocks, less half an hour of unpaid break."""
    starts_at, hours, minutes = NIGHTS[night]
    here = Arriving(database, taken={"starts_at": starts_at, "hours": hours}, **FIXED)
    assert f"{london(here.taken.ends_at):%H:%M}" == "07:30"
    here.comes()
    accrued(here)
    (line,) = here.rows(RechargeLine)
    assert (line.minutes, line.pence) == (minutes, minutes * 2000 // 60)


def test_a_shift_that_ends_at_midnight_is_of_the_month_that_ends(database: Database) -> None:
    last = datetime(2026, 9, 30, 15, tzinfo=UTC)
    here = Arriving(database, taken={"starts_at": last, "hours": 8}, **FIXED)
    here.comes()
    accrued(here)
    by = build.an_actor(here.host, R.BANK_MANAGER)
    with database.reading() as session:
        months = [
            len(recharges.lines(session, first=first, before=before, by=by))
            for first, before in (
                (at_hour(date(2026, 9, 1)), at_hour(date(2026, 10, 1))),
                (at_hour(date(2026, 10, 1)), at_hour(date(2026, 11, 1))),
            )
        ]
    assert months == [1, 0]


def test_lines_come_by_pages_and_each_once(here: Arriving) -> None:
    with here.database.transaction() as session:
        for number in range(5):
            shift = build.a_shift(
                session, here.wards[here.host.id], starts_at=here.at + timedelta(days=number + 2)
            )
            booking = build.a_booking(
                session, shift, session.merge(here.nurse), session.merge(here.post),
                tier=Tier.PARTNER, state=BookingState.WORKED,
            )  # fmt: skip
            session.add(a_line(here, booking, here.at + timedelta(days=number // 2)))
        build.an_event(session, here.host.id)
    by, span = build.an_actor(here.home, R.BANK_MANAGER), timedelta(days=40)
    found: list[Any] = []
    with here.database.reading() as session:
        while page := recharges.lines(
            session, first=here.at - span, before=here.at + span, by=by, limit=3,
            after=(found[-1].at, found[-1].booking_id) if found else None,
        ):  # fmt: skip
            found += [one.line for one in page]
    assert len({one.booking_id for one in found}) == len(found) == 5
    assert found == sorted(found, key=lambda one: one.at)


def a_line(here: Arriving, booking: Booking, at: datetime) -> RechargeLine:
    return RechargeLine(
        booking_id=booking.id, host_id=here.host.id, home_id=here.home.id,
        version_id=here.wsa.version_id, basis=RechargeBasis.ACTUAL_COST,
        staff_group=here.taken.staff_group, grade=booking.grade, minutes=60, rate_source="Test",
        at=at, made_at=here.at,
    )  # fmt: skip
