"""Booking, applying, assigning, cancelling: on both databases, with the rows and the events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.booking import bookings, cancellations
from bankhub.actions.booking.bookings import Override
from bankhub.actions.shifts import shift_changes
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, Grade, HoursKind, ShiftState, Tier
from passport.actors import AccessRole, Actor
from passport.db import Database, new_id
from passport.errors import NotFound, Refused
from passport.events import Event, Notice, record
from tests.support import build
from tests.support.build import NOW

LATER = NOW + timedelta(minutes=5)


class Ward:
    """A trust with one ward, one nurse and the people of its bank office."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.trust = build.an_organisation(session)
            self.site = build.a_site(session, self.trust)
            self.unit = build.a_unit(session, self.site)
            self.person, self.post = build.a_nurse(session, self.trust)
        self.nurse = self.worker(self.person.holder_id)
        self.coordinator = self.staff(AccessRole.ROTA_COORDINATOR)
        self.manager = self.staff(AccessRole.BANK_MANAGER)

    def worker(self, holder_id: Any) -> Actor:
        return Actor(
            account_id=new_id(),
            organisation_id=self.trust.id,
            roles=frozenset({AccessRole.WORKER}),
            person_id=holder_id,
        )

    def staff(self, *roles: AccessRole) -> Actor:
        return Actor(
            account_id=new_id(),
            organisation_id=self.trust.id,
            roles=frozenset(roles),
            stepped_up=True,
        )

    def shift(self, **fields: Any) -> Shift:
        with self.database.transaction() as session:
            return build.a_shift(session, self.unit, **fields)

    def book(self, shift: Shift, by: Actor | None = None, now: datetime = LATER) -> Any:
        with self.database.transaction() as session:
            return bookings.book(session, shift_id=shift.id, by=by or self.nurse, now=now)

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(table).where(*where)))


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


def test_a_nurse_books_and_the_place_the_hours_the_event_and_the_notice_are_there(
    ward: Ward,
) -> None:
    shift = ward.shift()
    booked = ward.book(shift)
    (booking,) = ward.rows(Booking)
    (hours,) = ward.rows(Hours)
    (stored,) = ward.rows(Shift)
    assert booked.state is BookingState.CONFIRMED
    assert (booking.tier, booking.grade) == (Tier.OWN_BANK, Grade.BAND_5)
    assert booking.holder_id == ward.person.holder_id
    assert stored.state is ShiftState.FILLED
    assert (hours.kind, hours.minutes, hours.booking_id) == (HoursKind.BOOKING, 720, booking.id)
    assert hours.rest_until == shift.ends_at + timedelta(hours=11)
    assert [e.subject_id for e in ward.rows(Event, Event.kind == "booking.made")] == [shift.id]
    assert [n.to_person_id for n in ward.rows(Notice)] == [ward.person.id]


def test_a_second_booking_of_the_same_place_is_told_that_it_was_taken(ward: Ward) -> None:
    shift = ward.shift()
    ward.book(shift)
    with ward.database.transaction() as session:
        other, _post = build.a_nurse(session, ward.trust)
    with pytest.raises(Refused) as refused:
        ward.book(shift, by=ward.worker(other.holder_id))
    assert codes(refused) == {"taken"}
    assert len(ward.rows(Booking)) == 1


def test_overlap_with_a_shift_at_another_trust_is_refused(ward: Ward) -> None:
    with ward.database.transaction() as session:
        elsewhere = build.an_organisation(session, name="Elsewhere NHS Trust")
        theirs_too, post = build.a_nurse(session, elsewhere, holder=ward.person)
        unit = build.a_unit(session, build.a_site(session, elsewhere))
        theirs = build.a_shift(session, unit)
        build.a_booking(session, theirs, theirs_too, post)
    with pytest.raises(Refused) as refused:
        ward.book(ward.shift())
    assert "overlap" in codes(refused)


NIGHTS = [
    pytest.param(datetime(2026, 10, 24, 18, 30, tzinfo=UTC), 810, id="the October night is 13.5 h"),
    pytest.param(datetime(2027, 3, 27, 19, 30, tzinfo=UTC), 690, id="the March night is 11.5 h"),
]


@pytest.mark.parametrize(("starts_at", "minutes"), NIGHTS)
def test_hours_of_the_clock_change_nights_are_elapsed(
    ward: Ward, starts_at: datetime, minutes: int
) -> None:
    shift = ward.shift(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        unpaid_break_minutes=0,
    )
    ward.book(shift)
    assert [row.minutes for row in ward.rows(Hours)] == [minutes]


def test_a_shift_of_a_bank_one_does_not_belong_to_is_not_found(ward: Ward) -> None:
    with ward.database.transaction() as session:
        elsewhere = build.an_organisation(session)
        unit = build.a_unit(session, build.a_site(session, elsewhere))
        theirs = build.a_shift(session, unit)
    with pytest.raises(NotFound):
        ward.book(theirs)


@pytest.mark.parametrize("state", [ShiftState.DRAFT, ShiftState.SUBMITTED, ShiftState.WITHDRAWN])
def test_a_shift_that_is_not_open_is_not_found_by_a_worker(ward: Ward, state: ShiftState) -> None:
    with pytest.raises(NotFound):
        ward.book(ward.shift(state=state))


def test_the_fallback_grade_waits_for_its_tier(ward: Ward) -> None:
    opens = NOW + timedelta(days=1)
    shift = ward.shift(
        grade=Grade.BAND_6,
        fallback_grade=Grade.BAND_5,
        openings={Tier.OWN_FALLBACK: opens},
    )
    with pytest.raises(Refused) as refused:
        ward.book(shift, now=opens - timedelta(seconds=1))
    assert "grade_not_open_yet" in codes(refused)
    assert ward.book(shift, now=opens).tier is Tier.OWN_FALLBACK


def test_an_agency_worker_is_displaced_until_the_lock_and_not_after(ward: Ward) -> None:
    shift = ward.shift()
    lock = NOW + timedelta(days=2)
    with ward.database.transaction() as session:
        held = session.get_one(Shift, shift.id)
        held.state, held.agency_lock_at = ShiftState.FILLED, lock
        session.add(
            Booking(
                shift_id=shift.id,
                organisation_id=ward.trust.id,
                tier=Tier.AGENCY_1,
                grade=shift.grade,
                state=BookingState.CONFIRMED,
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
                made_at=NOW,
            )
        )
        record(session, "test.changed", subject_id=shift.id, by=ward.manager, now=NOW)
    with pytest.raises(Refused) as refused:
        ward.book(shift, now=lock)
    assert codes(refused) == {"taken"}
    booked = ward.book(shift, now=lock - timedelta(seconds=1))
    states = {b.id: (b.state, b.displaced_by_id) for b in ward.rows(Booking)}
    assert states.pop(booked.booking_id) == (BookingState.CONFIRMED, None)
    assert list(states.values()) == [(BookingState.DISPLACED, booked.booking_id)]


def test_where_the_unit_chooses_a_worker_applies_and_the_ward_accepts(ward: Ward) -> None:
    shift = ward.shift(instant_book=False)
    applied = ward.book(shift)
    assert applied.state is BookingState.APPLIED
    assert ward.rows(Hours) == []
    with pytest.raises(Refused) as refused:
        ward.book(shift)
    assert codes(refused) == {"already_applied"}
    with ward.database.transaction() as session:
        accepted = bookings.accept(
            session, booking_id=applied.booking_id, by=ward.coordinator, now=LATER
        )
    assert accepted.booking_id == applied.booking_id
    assert [b.state for b in ward.rows(Booking)] == [BookingState.CONFIRMED]
    assert len(ward.rows(Hours)) == 1


def test_an_application_can_be_declined_and_only_once(ward: Ward) -> None:
    applied = ward.book(ward.shift(instant_book=False))
    for attempt in range(2):
        with ward.database.transaction() as session:
            if attempt:
                with pytest.raises(Refused):
                    bookings.decline(
                        session,
                        booking_id=applied.booking_id,
                        because="Filled from the ward",
                        by=ward.coordinator,
                        now=LATER,
                    )
            else:
                bookings.decline(
                    session,
                    booking_id=applied.booking_id,
                    because="Filled from the ward",
                    by=ward.coordinator,
                    now=LATER,
                )
    assert [b.state for b in ward.rows(Booking)] == [BookingState.DECLINED]


def _short_rest(ward: Ward) -> Shift:
    """A shift that starts eight hours after a duty ends: rest is soft."""
    shift = ward.shift()
    with ward.database.transaction() as session:
        before = shift.starts_at - timedelta(hours=16)
        build.busy_hours(session, ward.person, before, hours=8)
    return shift


def _assign(ward: Ward, shift: Shift, by: Actor, *overrides: Override) -> Any:
    with ward.database.transaction() as session:
        return bookings.assign(
            session,
            shift_id=shift.id,
            person_id=ward.person.id,
            agreed_how="phone",
            overrides=overrides,
            by=by,
            now=LATER,
        )


def test_a_soft_rule_is_lifted_by_a_role_that_may_with_its_reason_on_record(ward: Ward) -> None:
    shift = _short_rest(ward)
    with pytest.raises(Refused) as refused:
        _assign(ward, shift, ward.manager)
    soft = codes(refused) - {r.code for r in refused.value.reasons if r.level.value == "note"}
    lifts = [Override(code, "Nobody else", "Starts two hours late on Friday") for code in soft]
    _assign(ward, shift, ward.manager, *lifts)
    (booking,) = ward.rows(Booking)
    assert {one["code"] for one in booking.overrides} == soft
    assert booking.overrides[0]["compensatory_rest"] == "Starts two hours late on Friday"
    assert booking.agreed_how == "phone"


def test_a_hard_rule_cannot_be_lifted(ward: Ward) -> None:
    shift = ward.shift()
    with ward.database.transaction() as session:
        build.busy_hours(session, ward.person, shift.starts_at)
    with pytest.raises(Refused) as refused:
        _assign(ward, shift, ward.manager, Override("overlap", "Please"))
    assert "overlap" in codes(refused)


def test_nobody_is_assigned_across_trusts(ward: Ward) -> None:
    shift = ward.shift()
    stranger = replace(ward.coordinator, organisation_id=new_id())
    with pytest.raises(NotFound):
        _assign(ward, shift, stranger)


def test_a_worker_cancels_in_time_and_the_place_opens_again(ward: Ward) -> None:
    shift = ward.shift()
    booked = ward.book(shift)
    with ward.database.transaction() as session:
        cancellations.cancel_own(
            session, booking_id=booked.booking_id, because="Ill", by=ward.nurse, now=LATER
        )
    assert [s.state for s in ward.rows(Shift)] == [ShiftState.OPEN]
    assert ward.rows(Hours) == []
    assert ward.book(shift).state is BookingState.CONFIRMED


def test_a_worker_too_late_is_told_whom_to_ring(ward: Ward) -> None:
    shift = ward.shift()
    booked = ward.book(shift)
    late = shift.starts_at - timedelta(hours=1)
    with ward.database.transaction() as session, pytest.raises(Refused) as refused:
        cancellations.cancel_own(
            session, booking_id=booked.booking_id, because="Ill", by=ward.nurse, now=late
        )
    assert codes(refused) == {"notice_window_passed"}
    assert refused.value.reasons[0].cure is not None


def test_nobody_cancels_a_colleagues_booking(ward: Ward) -> None:
    booked = ward.book(ward.shift())
    with ward.database.transaction() as session:
        colleague, _post = build.a_nurse(session, ward.trust)
    with ward.database.transaction() as session, pytest.raises(NotFound):
        cancellations.cancel_own(
            session,
            booking_id=booked.booking_id,
            because="Mine now",
            by=ward.worker(colleague.holder_id),
            now=LATER,
        )


@pytest.mark.parametrize(
    ("need_ended", "state"),
    [
        pytest.param(True, ShiftState.WITHDRAWN, id="the need ended: withdrawn after fill"),
        pytest.param(False, ShiftState.OPEN, id="the need stands: open again"),
    ],
)
def test_a_ward_cancels_through_the_bank_and_the_worker_is_told(
    ward: Ward, need_ended: bool, state: ShiftState
) -> None:
    shift = ward.shift()
    booked = ward.book(shift)
    with ward.database.transaction() as session:
        cancellations.cancel_by_ward(
            session,
            booking_id=booked.booking_id,
            because="Ward closed",
            need_ended=need_ended,
            by=ward.coordinator,
            now=LATER,
        )
    assert [s.state for s in ward.rows(Shift)] == [state]
    assert {n.template for n in ward.rows(Notice)} == {"booking_confirmed", "booking_cancelled"}


def _move(ward: Ward, shift: Shift, hours: int) -> None:
    changes = {
        "starts_at": shift.starts_at + timedelta(hours=hours),
        "ends_at": shift.ends_at + timedelta(hours=hours),
    }
    with ward.database.transaction() as session:
        shift_changes.amend(
            session, shift_id=shift.id, changes=changes, by=ward.coordinator, now=LATER
        )


def test_moving_a_booked_shift_moves_the_booking_and_its_hours_and_tells_the_worker(
    ward: Ward,
) -> None:
    shift = ward.shift()
    ward.book(shift)
    _move(ward, shift, 1)
    moved = shift.starts_at + timedelta(hours=1)
    assert [b.starts_at for b in ward.rows(Booking)] == [moved]
    assert [h.starts_at for h in ward.rows(Hours)] == [moved]
    assert "booking_changed" in {n.template for n in ward.rows(Notice)}


def test_a_booked_shift_is_not_moved_onto_other_work_of_its_worker(ward: Ward) -> None:
    shift = ward.shift()
    ward.book(shift)
    with ward.database.transaction() as session:
        build.busy_hours(session, ward.person, shift.ends_at + timedelta(hours=12))
    with pytest.raises(Refused) as refused:
        _move(ward, shift, 14)
    assert "overlap" in codes(refused)
    assert [b.starts_at for b in ward.rows(Booking)] == [shift.starts_at]


@pytest.mark.parametrize("retrospective", [True, False])
def test_only_a_retrospective_request_is_filled_after_its_start_and_only_by_the_office(
    ward: Ward, retrospective: bool
) -> None:
    shift = ward.shift(starts_at=NOW - timedelta(hours=3), retrospective=retrospective)
    with pytest.raises(Refused):
        ward.book(shift)
    if retrospective:
        assert _assign(ward, shift, ward.coordinator).state is BookingState.CONFIRMED
    else:
        with pytest.raises(Refused) as refused:
            _assign(ward, shift, ward.coordinator)
        assert "already_started" in codes(refused)
