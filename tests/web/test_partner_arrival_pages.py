"""A partner's nurse at the ward, on pages: amber, two hands, blocked, and the recharge after."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bankhub.actions.agreements import recharges
from bankhub.actions.booking import bookings
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import Tier
from passport.actors import AccessRole as R
from passport.actors import job
from passport.model.accounts import Account
from passport.model.organisations import Organisation
from passport.model.people import Person
from tests.support import build, sharing
from tests.support.build_people import kept
from tests.support.desk import Desk, Staff, a_desk

FIXED = {"basis": "fixed_rate", "rates_pence_per_hour": {"band_5": 2000}, "admin_percent": 5}


@dataclass
class Shared:
    """A host's desk, and somebody of a partner who booked there and comes in half an hour."""

    desk: Desk
    home: Organisation
    nurse: Staff
    ward: Staff
    booking_id: Any
    shift: Shift
    clearance: Clearance

    @property
    def own(self) -> str:
        return f"/my/bookings/{self.booking_id}/check-in"

    @property
    def here(self) -> str:
        return f"/office/arrivals/{self.booking_id}"

    def not_cleared(self) -> None:
        def end(session: Any) -> None:
            row = session.get_one(Clearance, self.clearance.id)
            row.state, row.until_on = ClearanceState.NOT_CLEARED, None
            kept(session, row, self.desk.trust.id)

        self.desk.do(end)


@pytest.fixture
def shared(sqlite_url: str) -> Shared:
    desk = a_desk(sqlite_url)

    def make(session: Any) -> Any:
        home = build.an_organisation(session, name="Home NHS Trust")
        person, _post = build.a_nurse(session, home, given_name="Ama", family_name="Osei")
        wsa = sharing.an_agreement(session, home, desk.trust, recharge=FIXED)
        clearance = sharing.a_clearance(session, wsa, person, desk.trust)
        shift = build.a_shift(
            session, desk.wards[0], starts_at=desk.now + timedelta(days=2),
            openings={Tier.PARTNER: desk.now - timedelta(hours=1)},
        )  # fmt: skip
        return home, person, clearance, shift

    home, person, clearance, shift = desk.do(make)
    nurse = desk.person(R.WORKER, at=home)

    def book(session: Any) -> Any:
        account = session.get_one(Account, nurse.actor.account_id)
        account.person_id = person.id
        kept(session, account, home.id)
        by = build.as_worker(session.get_one(Person, person.id), account=account)
        return bookings.book(session, shift_id=shift.id, by=by, now=desk.now).booking_id

    booking_id = desk.do(book)
    desk.move(days=2, hours=-0.5)
    ward = desk.person(R.WARD_REQUESTER, name="Sister Jones")
    return Shared(desk, home, nurse, ward, booking_id, shift, clearance)


def test_amber_with_the_induction_that_both_sign(shared: Shared) -> None:
    page = shared.nurse.get(shared.own).text
    assert "Local induction to the unit" in page
    assert "You may start" in page
    assert shared.nurse.fill(shared.own).status_code == 303
    page = shared.nurse.get(shared.own).text
    assert "Fire: alarm points" in page
    assert "Fire: alarm points" in shared.ward.get(shared.here).text
    assert "You are checked in" in page
    assert "Go through it together, then both sign" in page
    signed = shared.nurse.fill(shared.own, f"/my/bookings/{shared.booking_id}/induction")
    assert signed.status_code == 303
    page = shared.nurse.get(shared.own).text
    assert "Whoever is in charge has still to sign" in page
    assert "I was inducted: sign" not in page

    listed = shared.ward.get("/office/arrivals/").text
    assert "Home NHS Trust" in listed
    assert "Whoever is in charge has still to sign" in listed
    assert shared.ward.fill(shared.here, f"{shared.here}/induction").status_code == 303
    page = shared.ward.get(shared.here).text
    assert "Signed by both: it counts until 9 September 2027." in page
    assert "Nothing is due" in page
    assert "Nothing is due" in shared.nurse.get(shared.own).text


def test_a_booking_leads_on_to_what_it_rests_on(shared: Shared) -> None:
    office = shared.desk.person(R.ROTA_COORDINATOR)
    clearance = f'href="/clearances/{shared.clearance.id}"'
    shift = f"/office/shifts/{shared.shift.id}"
    for path in (shared.here, shift):
        page = office.get(path).text
        assert clearance in page
        agreement = re.search(r'Cleared under <a href="(/agreements/[^"]+)"', page)
        assert agreement
        assert office.get(agreement[1]).status_code == 200
    assert office.get(f"/clearances/{shared.clearance.id}").status_code == 200
    assert f'href="{shift}"' in office.get(shared.here).text

    ward = shared.ward.get(shared.here).text
    assert "Cleared under WSA-" in ward
    assert clearance not in ward
    assert 'href="/agreements' not in ward


def test_in_charge_first_and_the_worker_after(shared: Shared) -> None:
    assert shared.ward.fill(shared.here, f"{shared.here}/induction").status_code == 303
    assert "The worker has still to sign" in shared.ward.get(shared.here).text
    signed = shared.nurse.fill(shared.own, f"/my/bookings/{shared.booking_id}/induction")
    assert signed.status_code == 303
    assert "Signed by both" in shared.nurse.get(shared.own).text


def test_whoever_lost_the_clearance_is_stopped_and_the_office_sees_it(shared: Shared) -> None:
    coordinator = shared.desk.person(R.ROTA_COORDINATOR)
    assert "Booked, not cleared" not in coordinator.get("/office/today").text
    shared.not_cleared()
    assert "Why you cannot start" in shared.nurse.get(shared.own).text
    listed = shared.ward.get("/office/arrivals/").text
    assert "Not cleared" in listed
    assert f"{shared.here}/check-in" not in listed
    page = shared.ward.get(shared.here).text
    assert "Why they may not start" in page
    assert "They are here" not in page
    assert "Booked, not cleared" in coordinator.get("/office/today").text
    flagged = coordinator.get("/office/arrivals/blocked").text
    assert shared.shift.reference in flagged
    assert "Home NHS Trust" in flagged
    assert "Cancel and open again" in flagged
    assert "Osei" not in flagged


def test_each_side_reads_what_is_owed_for_the_shift(shared: Shared) -> None:
    shared.nurse.fill(shared.own)
    shared.desk.move(days=1)
    shared.desk.do(lambda session: recharges.accrue(session, by=job(), now=shared.desk.now))
    host = shared.desk.person(R.BANK_MANAGER)
    home = shared.desk.person(R.BANK_MANAGER, at=shared.home)
    page = host.get("/recharges/?month=2026-09").text
    assert "Home NHS Trust" in page
    assert "£252.00" in page
    assert "None of our people worked at a partner" in page
    assert "Osei" not in page
    assert "Nobody of a partner worked here" in home.get("/recharges/").text
    assert "Nobody of a partner worked here" in host.get("/recharges/?month=2026-08").text
    file = home.get("/recharges/lines.csv?month=2026-09")
    assert file.mimetype == "text/csv"
    line = file.text.splitlines()[1].replace('"', "").split(",")
    assert line[:3] == ["owed to us", "2026-09-09T21:30:00+00:00", shared.shift.reference]
    assert line[9:12] == ["720", "24000", "1200"]


@pytest.mark.parametrize("month", ["", "nonsense", "2026-13", "0001-01", "9999-12", "2026-09-01"])
def test_an_odd_month_is_this_one(shared: Shared, month: str) -> None:
    found = shared.desk.person(R.BANK_MANAGER).get(f"/recharges/?month={month}")
    assert "Recharges, September 2026" in found.text


def test_a_name_in_the_file_is_no_formula(shared: Shared) -> None:
    shared.nurse.fill(shared.own)
    shared.desk.move(days=1)

    def rename(session: Any) -> None:
        row = session.get_one(Organisation, shared.home.id)
        row.name = "=HYPERLINK(1)"
        kept(session, row, shared.home.id)
        recharges.accrue(session, by=job(), now=shared.desk.now)

    shared.desk.do(rename)
    file = shared.desk.person(R.BANK_MANAGER).get("/recharges/lines.csv?month=2026-09").text
    assert "\"'=HYPERLINK(1)\"" in file


def test_the_nurse_reads_who_read_her_name_and_on_what_ground(shared: Shared) -> None:
    assert "Nobody of another organisation has" in shared.nurse.get("/my-passport").text
    for _ in range(2):
        shared.ward.get("/office/arrivals/")
        shared.desk.person(R.ROTA_COORDINATOR).get(f"/office/shifts/{shared.shift.id}")
    page = shared.nurse.get("/my-passport").text
    assert page.count("your name, beside a shift there") == 1
    assert "WSA-" in page
