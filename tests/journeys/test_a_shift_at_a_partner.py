"""A nurse of one trust at another: shown, cleared, booked, inducted, worked, recharged; blocked
the moment her registration lapses in the register file, and let in again once it is renewed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.agreements import recharges
from bankhub.actions.booking import blocked, bookings, check_ins, inductions
from bankhub.actions.clearances import clearance_checks
from bankhub.imports.clearance_registers import ClearedHere
from bankhub.model.bookings import Booking
from bankhub.model.clearance_values import ItemState, item_of
from bankhub.model.clearances import CheckIn, Clearance, ClearanceState
from bankhub.model.recharges import RechargeLine
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, Tier
from passport.actors import AccessRole, Actor, job, operator
from passport.db import Database
from passport.errors import Refused
from passport.events import Event, Notice
from passport.imports.register_files import open_register_file
from passport.imports.register_rounds import Round, take_file
from passport.model.organisations import Organisation
from passport.model.register_words import Status
from tests.support import build, clearing
from tests.support.build_people import NOW
from tests.support.registers import nmc_file

R = AccessRole
WARD_INDUCTION = "induction.ward"


@dataclass
class Month:
    """The two trusts, the nurse, and who is in charge of the ward."""

    database: Database
    world: clearing.World
    nurse: Actor
    in_charge: Actor

    def do(self, deed: Any, **said: Any) -> Any:
        with self.database.transaction() as session:
            return deed(session, **said)

    def shift(self, days: float) -> Shift:
        def make(session: Any) -> Shift:
            return build.a_shift(
                session, self.world.ward, starts_at=NOW + timedelta(days=days),
                openings={Tier.PARTNER: NOW - timedelta(hours=1)},
            )  # fmt: skip

        found: Shift = self.do(make)
        return found

    def books(self, shift: Shift, now: datetime = NOW) -> Any:
        return self.do(bookings.book, shift_id=shift.id, by=self.nurse, now=now).booking_id

    def comes(self, booking_id: Any, shift: Shift) -> CheckIn:
        found: CheckIn = self.do(
            check_ins.check_in_own, booking_id=booking_id, by=self.nurse, now=before(shift)
        )
        return found

    def register_says(self, status: str, place: Organisation, at: datetime) -> None:
        file = open_register_file(BytesIO(nmc_file({"Status": status})), "NMC", as_at=at)
        take_file(
            self.database, file,
            Round(place.id, "NMC", operator(place.id), at, file=("nmc.csv", "0"),
                  guests=ClearedHere(lambda: at)),
        )  # fmt: skip

    def one(self, table: Any) -> Any:
        with self.database.reading() as session:
            return session.scalars(sa.select(table)).one()

    def flagged(self, now: datetime) -> list[Any]:
        coordinator = build.an_actor(self.world.host, R.ROTA_COORDINATOR)
        with self.database.reading() as session:
            found = blocked.blocked_bookings(session, by=coordinator, now=now)
            return [one.booking.id for one in found]


def before(shift: Shift) -> datetime:
    return shift.starts_at - timedelta(minutes=20)


@pytest.fixture
def month(database: Database) -> Month:
    with database.transaction() as session:
        world = clearing.a_world(
            session,
            recharge={"basis": "fixed_rate", "rates_pence_per_hour": {"band_5": 2500}},
        )
        account = build.an_account(session, display_name="Sister Jones")
        in_charge = build.an_actor(world.host, R.WARD_REQUESTER, account=account)
        nurse = build.as_worker(world.nurse)
    return Month(database, world, nurse, in_charge)


def test_shown_cleared_booked_inducted_worked_and_recharged(month: Month) -> None:
    world = month.world
    shift, next_shift = month.shift(3), month.shift(8)
    with pytest.raises(Refused) as refused:
        month.books(shift)
    assert {reason.code for reason in refused.value.reasons} == {"not_cleared"}

    row = month.do(clearing.show, world=world)
    month.do(
        clearance_checks.check_register, clearance_id=row.id, status=Status.REGISTERED,
        by=clearing.officer(world.host), now=NOW,
    )  # fmt: skip
    booking_id = month.books(shift)

    came = month.comes(booking_id, shift)
    assert (came.outcome, [one["code"] for one in came.due]) == ("amber", [WARD_INDUCTION])
    for deed, by in ((inductions.sign_own, month.nurse), (inductions.sign, month.in_charge)):
        month.do(deed, booking_id=booking_id, item=WARD_INDUCTION, by=by, now=before(shift))
    clearance: Clearance = month.one(Clearance)
    states = {one.code: one.state for one in map(item_of, clearance.items)}
    assert clearance.state is ClearanceState.CLEARED
    assert states[WARD_INDUCTION] is ItemState.MET
    assert clearance.decided_because == "induction.signed"

    assert month.do(recharges.accrue, by=job(), now=shift.ends_at) == 1
    line: RechargeLine = month.one(RechargeLine)
    assert (line.minutes, line.pence) == (720, 30_000)

    second = month.books(next_shift, now=shift.ends_at)
    assert month.comes(second, next_shift).outcome == "green"


@pytest.mark.parametrize("whose", ["home", "host"])
def test_a_registration_that_lapses_blocks_at_once_and_its_renewal_lets_in_again(
    month: Month, whose: str
) -> None:
    world = month.world
    place = world.home if whose == "home" else world.host
    month.do(clearing.cleared, world=world)
    shift = month.shift(3)
    booking_id = month.books(shift)

    lapsed_at, renewed_at = NOW + timedelta(days=1), NOW + timedelta(days=2)
    month.register_says("Lapsed", place, lapsed_at)
    assert month.flagged(lapsed_at) == [booking_id]
    with pytest.raises(Refused):
        month.comes(booking_id, shift)
    told = {one.template for one in notices(month)}
    assert len(told) > 1, "the parties were told"
    assert month.one(Booking).state is BookingState.CONFIRMED

    month.register_says("Registered", place, renewed_at)
    assert month.flagged(renewed_at) == []
    assert month.comes(booking_id, shift).outcome == "amber"


def test_a_shift_in_progress_is_finished(month: Month) -> None:
    month.do(clearing.cleared, world=month.world)
    shift = month.shift(3)
    booking_id = month.books(shift)
    month.comes(booking_id, shift)
    month.register_says("Lapsed", month.world.host, shift.starts_at + timedelta(hours=1))
    assert month.one(Booking).state is BookingState.CHECKED_IN
    assert month.comes(booking_id, shift).outcome == "amber", "checked in stays checked in"
    assert month.do(recharges.accrue, by=job(), now=shift.ends_at) == 1
    kinds = {event.kind for event in events(month)}
    assert {"booking.checked_in", "recharge.accrued"} <= kinds


def notices(month: Month) -> list[Notice]:
    with month.database.reading() as session:
        return list(session.scalars(sa.select(Notice)))


def events(month: Month) -> list[Event]:
    with month.database.reading() as session:
        return list(session.scalars(sa.select(Event)))
