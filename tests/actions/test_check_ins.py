"""Check-in of the own bank's people: when, by whom, what is asked again, and what is written."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.booking import arrivals, bookings, cancellations, check_ins
from bankhub.actions.booking.bookings import Override
from bankhub.model.bookings import Booking
from bankhub.model.clearances import CheckIn
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState, ShiftState, Tier
from passport.actors import AccessRole, Actor
from passport.db import Database, new_id
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event
from passport.model.facts import Fact, FactKind
from tests.actions.test_bookings import LATER, Ward
from tests.support import build
from tests.support.build import NOW
from tests.support.build_people import kept

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def booked(ward: Ward, **fields: Any) -> tuple[Any, Shift]:
    """A shift that the nurse booked; its id and the shift."""
    shift = ward.shift(**fields)
    return ward.book(shift).booking_id, shift


def by_ward(ward: Ward, booking_id: Any, shift: Shift, by: Actor | None = None) -> CheckIn:
    with ward.database.transaction() as session:
        return check_ins.check_in(
            session,
            booking_id=booking_id,
            by=by or ward.staff(AccessRole.WARD_REQUESTER),
            now=shift.starts_at - HALF_AN_HOUR,
        )


def by_themselves(ward: Ward, booking_id: Any, shift: Shift, by: Actor | None = None) -> CheckIn:
    with ward.database.transaction() as session:
        return check_ins.check_in_own(
            session, booking_id=booking_id, by=by or ward.nurse, now=shift.starts_at - HALF_AN_HOUR
        )


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


def has_lost(ward: Ward, kind: FactKind) -> None:
    """The nurse's facts of a kind come to an end the day after booking."""
    with ward.database.transaction() as session:
        facts = session.scalars(
            sa.select(Fact).where(Fact.person_id == ward.person.id, Fact.kind == kind)
        )
        for fact in facts.all():
            fact.valid_until = NOW.date()
            fact.awarded_on = fact.awarded_on and fact.awarded_on.replace(year=2020)
            kept(session, fact, ward.trust.id)


@pytest.mark.parametrize("own", [True, False], ids=["by themselves", "by the ward"])
def test_somebody_with_everything_is_checked_in_green(ward: Ward, own: bool) -> None:
    booking_id, shift = booked(ward)
    found = (by_themselves if own else by_ward)(ward, booking_id, shift)
    (row,) = ward.rows(Booking)
    (event,) = ward.rows(Event, Event.kind == "booking.checked_in")
    assert (found.outcome, found.due, found.by_worker) == ("green", [], own)
    assert row.state is BookingState.CHECKED_IN
    assert event.subject_id == shift.id
    assert event.detail["outcome"] == "green"


def test_checking_in_twice_is_once_and_the_first_stands(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    by_themselves(ward, booking_id, shift)
    assert by_ward(ward, booking_id, shift).by_worker
    assert len(ward.rows(Event, Event.kind == "booking.checked_in")) == 1


LOST = [
    (FactKind.REGISTRATION, "registration_not_in_force"),
    (FactKind.RIGHT_TO_WORK, "right_to_work_ends"),
    (FactKind.DBS, "dbs_missing"),
    (FactKind.TRAINING, "training_out_of_date"),
]


@pytest.mark.parametrize(("kind", "code"), LOST, ids=[kind.value for kind, _ in LOST])
def test_what_ended_since_the_booking_keeps_them_from_starting(
    ward: Ward, kind: FactKind, code: str
) -> None:
    booking_id, shift = booked(ward)
    has_lost(ward, kind)
    with pytest.raises(Refused) as refused:
        by_themselves(ward, booking_id, shift)
    assert code in codes(refused)
    assert ward.rows(CheckIn) == []


@pytest.mark.parametrize("own", [True, False], ids=["by themselves", "by the ward"])
def test_a_refusal_is_on_record_by_what_the_office_may_read(ward: Ward, own: bool) -> None:
    booking_id, shift = booked(ward)
    has_lost(ward, FactKind.RIGHT_TO_WORK)
    has_lost(ward, FactKind.DBS)
    with pytest.raises(Refused) as refused:
        (by_themselves if own else by_ward)(ward, booking_id, shift)
    assert refused.value.note is not None
    with ward.database.transaction() as session:
        refused.value.note(session)
    (event,) = ward.rows(Event, Event.kind == "booking.check_in_refused")
    assert (event.subject_id, event.organisation_id) == (shift.id, ward.trust.id)
    assert event.detail == {
        "booking_id": str(booking_id),
        "by_worker": own,
        "codes": ["dbs_missing", "right_to_work_not_covered"],
    }


def test_the_ward_reads_no_more_than_a_ward_may(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    has_lost(ward, FactKind.RIGHT_TO_WORK)
    with pytest.raises(Refused) as refused:
        by_ward(ward, booking_id, shift)
    assert codes(refused) == {"not_eligible"}
    assert not any(reason.evidence for reason in refused.value.reasons)


def test_a_restriction_made_since_keeps_them_from_starting(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    with ward.database.transaction() as session:
        build.a_restriction(session, ward.post, ward.unit.id)
    with pytest.raises(Refused) as refused:
        by_themselves(ward, booking_id, shift)
    assert codes(refused) == {"do_not_book"}


def test_hours_taken_on_since_do_not(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    with ward.database.transaction() as session:
        build.busy_hours(session, ward.person, shift.starts_at - timedelta(hours=10), hours=9)
    assert by_themselves(ward, booking_id, shift).outcome == "green"


def test_what_was_lifted_at_booking_stays_lifted(ward: Ward) -> None:
    has_lost(ward, FactKind.TRAINING)
    shift = ward.shift()
    with ward.database.transaction() as session:
        made = bookings.assign(
            session, shift_id=shift.id, person_id=ward.person.id, agreed_how="phone",
            overrides=[Override("training_out_of_date", "Booked on Monday's course")],
            by=ward.manager, now=LATER,
        )  # fmt: skip
    assert by_themselves(ward, made.booking_id, shift).outcome == "green"


@pytest.mark.parametrize(
    ("hours", "code"), [(-1.1, "too_early"), (12.6, "shift_over")], ids=["too early", "too late"]
)
def test_not_before_it_opens_nor_after_the_end(ward: Ward, hours: float, code: str) -> None:
    booking_id, shift = booked(ward)
    with ward.database.transaction() as session, pytest.raises(Refused) as refused:
        check_ins.check_in_own(
            session, booking_id=booking_id, by=ward.nurse,
            now=shift.starts_at + timedelta(hours=hours),
        )  # fmt: skip
    assert codes(refused) == {code}


def test_a_cancelled_booking_is_not_checked_in(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    with ward.database.transaction() as session:
        cancellations.cancel_for_worker(
            session, booking_id=booking_id, because="Ill", by=ward.coordinator, now=LATER
        )
    with pytest.raises(Refused) as refused:
        by_ward(ward, booking_id, shift)
    assert codes(refused) == {"wrong_state"}


def test_nobody_checks_a_colleague_in_as_themselves_nor_another_trusts_people(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    with pytest.raises(NotFound):
        by_themselves(ward, booking_id, shift, ward.worker(new_id()))
    with pytest.raises(NotFound):
        by_themselves(ward, booking_id, shift, ward.worker(None))
    stranger = Actor(new_id(), new_id(), frozenset({AccessRole.WARD_REQUESTER}))
    with pytest.raises(NotFound):
        by_ward(ward, booking_id, shift, stranger)


@pytest.mark.parametrize("role", [AccessRole.WORKER, AccessRole.HR_OFFICER, AccessRole.AUDITOR])
def test_only_ward_and_office_check_others_in(ward: Ward, role: AccessRole) -> None:
    booking_id, shift = booked(ward)
    with pytest.raises(Forbidden):
        by_ward(ward, booking_id, shift, ward.staff(role))


def test_an_agencys_worker_is_checked_in_by_the_ward(ward: Ward) -> None:
    shift = ward.shift(state=ShiftState.FILLED)
    row = Booking(
        shift_id=shift.id, organisation_id=ward.trust.id, tier=Tier.AGENCY_1, grade=shift.grade,
        state=BookingState.CONFIRMED, starts_at=shift.starts_at, ends_at=shift.ends_at,
        made_at=NOW,
    )  # fmt: skip
    with ward.database.transaction() as session:
        kept(session, row, ward.trust.id)
    assert by_ward(ward, row.id, shift).outcome == "green"


def test_the_wards_list_tells_who_comes_and_who_is_here(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    ward.shift(starts_at=shift.starts_at + timedelta(days=3))
    by = ward.staff(AccessRole.WARD_REQUESTER)
    at = shift.starts_at - HALF_AN_HOUR
    with ward.database.reading() as session:
        (before,) = arrivals.arrivals(session, by=by, now=at)
        assert arrivals.arrivals(session, unit_id=new_id(), by=by, now=at) == []
        assert arrivals.arrivals(session, by=by, now=shift.ends_at) == []
        assert arrivals.own_check_ins(session, by=ward.nurse, now=at) == {booking_id: None}
    assert (before.checked_in, before.bank, before.blocked) == (None, "", False)
    by_themselves(ward, booking_id, shift)
    with ward.database.reading() as session:
        (after,) = arrivals.arrivals(session, by=by, now=at)
        assert arrivals.own_check_ins(session, by=ward.nurse, now=at) == {booking_id: at}
    assert after.checked_in is not None
    assert not after.may_be_checked_in


def test_one_arrival_says_why_they_may_not_start(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    has_lost(ward, FactKind.REGISTRATION)
    at = shift.starts_at - HALF_AN_HOUR
    with ward.database.reading() as session:
        office = arrivals.arrival(session, booking_id=booking_id, by=ward.coordinator, now=at)
        own = arrivals.own_arrival(session, booking_id=booking_id, by=ward.nurse, now=at)
        with pytest.raises(NotFound):
            arrivals.arrival(session, booking_id=new_id(), by=ward.coordinator, now=at)
    assert [reason.code for reason in office.stopped] == ["registration_not_in_force"]
    assert [reason.code for reason in own.stopped] == ["registration_not_in_force"]


def lifts(ward: Ward, booking_id: Any, shift: Shift, by: Actor, because: str = "Course") -> CheckIn:
    with ward.database.transaction() as session:
        return check_ins.lift_and_check_in(
            session, booking_id=booking_id, because=because, by=by,
            now=shift.starts_at - HALF_AN_HOUR,
        )  # fmt: skip


def test_a_manager_lifts_what_came_up_since_and_it_is_on_record(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    has_lost(ward, FactKind.TRAINING)
    assert lifts(ward, booking_id, shift, ward.manager).outcome == "green"
    (row,) = ward.rows(Booking)
    assert {one["because"] for one in row.overrides} == {"Course"}
    assert {one["code"] for one in row.overrides} == {"training_out_of_date"}
    (event,) = ward.rows(Event, Event.kind == "booking.checked_in")
    assert set(event.detail["overrides"]) == {"training_out_of_date"}


@pytest.mark.parametrize("kind", [FactKind.REGISTRATION, FactKind.RIGHT_TO_WORK, FactKind.DBS])
def test_what_the_law_asks_for_is_lifted_by_nobody(ward: Ward, kind: FactKind) -> None:
    booking_id, shift = booked(ward)
    has_lost(ward, kind)
    has_lost(ward, FactKind.TRAINING)
    with pytest.raises(Refused):
        lifts(ward, booking_id, shift, ward.manager)
    (row,) = ward.rows(Booking)
    assert row.overrides == []


def test_who_lifts_says_why_may_do_so_and_is_somebody_else(ward: Ward) -> None:
    booking_id, shift = booked(ward)
    has_lost(ward, FactKind.TRAINING)
    with pytest.raises(Invalid):
        lifts(ward, booking_id, shift, ward.manager, because=" ")
    for role in (AccessRole.ROTA_COORDINATOR, AccessRole.WARD_REQUESTER):
        with pytest.raises(Forbidden):
            lifts(ward, booking_id, shift, ward.staff(role))
    with pytest.raises(Refused) as refused:
        lifts(ward, booking_id, shift, replace(ward.manager, person_id=ward.person.holder_id))
    assert codes(refused) == {"own_booking"}
    with pytest.raises(NotFound):
        lifts(ward, booking_id, shift, replace(ward.manager, organisation_id=new_id()))
