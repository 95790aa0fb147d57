"""An agreement that ends at midnight with a night shift running, on the nights when the clocks
change: what was begun is finished, what was confirmed is honoured, nothing further begins."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bankhub.actions.agreements import agreement_keeping
from bankhub.model.agreements import Agreement, AgreementState
from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState
from bankhub.rules.london_time import london
from passport.actors import job
from passport.db import Database
from passport.errors import NotFound, Refused
from tests.actions.test_partner_arrivals import HALF_AN_HOUR, Arriving, codes

AUTUMN = (datetime(2026, 10, 24, 19, tzinfo=UTC), datetime(2026, 10, 25, 8, tzinfo=UTC))
SPRING = (datetime(2027, 3, 27, 20, tzinfo=UTC), datetime(2027, 3, 28, 7, tzinfo=UTC))
NIGHTS = pytest.mark.parametrize("night", [AUTUMN, SPRING], ids=["autumn", "spring"])
Night = tuple[datetime, datetime]


class LastNight(Arriving):
    """A night that the nurse booked begins on the agreement's last day."""

    def __init__(self, database: Database, night: Night, **terms: Any) -> None:
        self.night = night
        super().__init__(database, ends_on=night[0].date().isoformat(), **terms)

    def shift(self, where: Any = None, **fields: Any) -> Shift:
        starts_at, ends_at = self.night
        return super().shift(where, **{"starts_at": starts_at, "ends_at": ends_at, **fields})

    def midnight(self) -> datetime:
        """The worker comes round a minute after the last day."""
        last = london(self.night[0]).date()
        now = london_midnight(last + timedelta(days=1)) + timedelta(minutes=1)
        with self.database.transaction() as session:
            agreement_keeping.keep(session, by=job(), now=now)
            agreement = session.get_one(Agreement, self.wsa.agreement_id)
            assert agreement.state is AgreementState.EXPIRED
        return now

    def state(self) -> BookingState:
        with self.database.reading() as session:
            return session.get_one(Booking, self.booking_id).state


def london_midnight(day: date) -> datetime:
    guess = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return guess - (london(guess).utcoffset() or timedelta())


@NIGHTS
def test_the_nights_are_thirteen_and_eleven_hours(night: Night) -> None:
    clock = [london(one).strftime("%H:%M") for one in night]
    assert clock == ["20:00", "08:00"]
    assert night[1] - night[0] == timedelta(hours=13 if night is AUTUMN else 11)


@NIGHTS
def test_a_shift_that_began_is_finished(database: Database, night: Night) -> None:
    here = LastNight(database, night, wind_down_days=1)
    assert here.comes().outcome == "amber"
    here.midnight()
    assert here.state() is BookingState.CHECKED_IN
    here.worker_signs(now=night[1] - HALF_AN_HOUR)


@NIGHTS
def test_whoever_comes_late_after_midnight_is_honoured(database: Database, night: Night) -> None:
    here = LastNight(database, night, wind_down_days=1)
    now, last = here.midnight(), london(night[1]).date()
    with database.reading() as session:
        row = session.get_one(Clearance, here.clearance.id)
        (agreed,) = [one for one in row.items if one["code"] == "agreement"]
    assert (agreed["state"], agreed["until_on"]) == ("met", last.isoformat())
    here.now_cleared(state=ClearanceState.CLEARED, until_on=last)  # as with the papers on a phone
    assert here.comes(now=now).outcome == "amber"


@NIGHTS
def test_no_shift_of_the_next_day_is_open(database: Database, night: Night) -> None:
    here = LastNight(database, night)
    last = london(night[0]).date()
    starts_at = london_midnight(last + timedelta(days=1))
    for at in (starts_at, night[1]):
        with pytest.raises(NotFound):
            here.book(here.shift(starts_at=at, ends_at=at + timedelta(hours=8)))


@NIGHTS
def test_without_a_wind_down_a_shift_has_to_end_by_midnight(
    database: Database, night: Night
) -> None:
    here = LastNight(database, night, wind_down_days=0)
    last = london(night[0]).date()
    with pytest.raises(Refused) as refused:
        here.comes()
    assert "not_cleared" in codes(refused)
    here.now_cleared(until_on=last)
    with pytest.raises(Refused) as at_booking:
        here.book(here.shift())
    assert "clearance_ends" in codes(at_booking)


@NIGHTS
def test_one_that_ends_at_midnight_is_worked_whole(database: Database, night: Night) -> None:
    ends_at = london_midnight(london(night[0]).date() + timedelta(days=1))
    here = LastNight(database, (ends_at - timedelta(hours=6), ends_at), wind_down_days=0)
    here.now_cleared(until_on=london(night[0]).date())
    assert here.comes().outcome == "amber"
