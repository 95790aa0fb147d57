"""What the bank office is told when it books somebody, and what it must say itself."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.booking import bookings
from bankhub.actions.booking.bookings import Override
from bankhub.actions.shifts import shift_changes, shift_lists
from bankhub.model.bookings import Booking
from bankhub.model.vocabulary import HoursKind
from passport.actors import AccessRole, Actor
from passport.db import Database
from passport.errors import Invalid, Reason, Refused
from passport.events import Event
from passport.model.facts import FactKind
from tests.actions.test_bookings import LATER, Ward
from tests.support import build


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def assign(ward: Ward, shift: Any, by: Actor, *overrides: Override, agreed: str = "phone") -> Any:
    with ward.database.transaction() as session:
        return bookings.assign(
            session,
            shift_id=shift.id,
            person_id=ward.person.id,
            agreed_how=agreed,
            overrides=overrides,
            by=by,
            now=LATER,
        )


def a_sick_student(ward: Ward, shift: Any) -> None:
    with ward.database.transaction() as session:
        sick_from = shift.starts_at - timedelta(hours=4)
        build.busy_hours(session, ward.person, sick_from, hours=24, kind=HoursKind.SICKNESS)
        build.a_fact(
            session,
            ward.person,
            FactKind.RIGHT_TO_WORK,
            {"route": "student", "weekly_cap_hours": 1},
            valid_until=date(2027, 1, 31),
        )


def told(reasons: tuple[Reason, ...]) -> str:
    return " ".join(f"{r.code} {r.text} {dict(r.evidence)}" for r in reasons).casefold()


SECRETS = ("sick", "student", "visa")


def test_an_office_that_books_somebody_reads_no_more_than_the_office_may(ward: Ward) -> None:
    shift = ward.shift()
    a_sick_student(ward, shift)
    with pytest.raises(Refused) as refused:
        assign(ward, shift, ward.coordinator)
    assert {"absence", "hours_limit"} <= {r.code for r in refused.value.reasons}
    assert not [word for word in SECRETS if word in told(refused.value.reasons)]
    assert not any(reason.evidence for reason in refused.value.reasons)


def test_a_ward_that_accepts_an_application_reads_no_more_than_a_ward_may(ward: Ward) -> None:
    shift = ward.shift(instant_book=False)
    applied = ward.book(shift)
    a_sick_student(ward, shift)
    with ward.database.transaction() as session, pytest.raises(Refused) as refused:
        bookings.accept(
            session,
            booking_id=applied.booking_id,
            by=ward.staff(AccessRole.WARD_REQUESTER),
            now=LATER,
        )
    assert {r.code for r in refused.value.reasons} == {"not_available"}
    assert not any(reason.evidence for reason in refused.value.reasons)


def test_notes_go_to_the_office_as_it_may_read_them(ward: Ward) -> None:
    with ward.database.transaction() as session:
        build.a_fact(session, ward.person, FactKind.RIGHT_TO_WORK, {"route": "skilled_worker"})
    notes = assign(ward, ward.shift(), ward.coordinator).notes
    assert [note.code for note in notes] == ["not_checked"]
    assert not [word for word in SECRETS if word in told(notes)]


def test_the_person_reads_everything_of_their_own(ward: Ward) -> None:
    shift = ward.shift()
    a_sick_student(ward, shift)
    with pytest.raises(Refused) as refused:
        ward.book(shift)
    assert {"off_sick", "student_hours"} <= {r.code for r in refused.value.reasons}


def test_rest_is_lifted_only_with_the_compensatory_rest_named(ward: Ward) -> None:
    shift = ward.shift()
    with ward.database.transaction() as session:
        build.busy_hours(session, ward.person, shift.starts_at - timedelta(hours=16), hours=8)
    with pytest.raises(Invalid) as invalid:
        assign(ward, shift, ward.manager, Override("daily_rest", "Nobody else", "  "))
    assert "compensatory_rest" in invalid.value.fields
    assign(ward, shift, ward.manager, Override("daily_rest", "Nobody else", "Friday off"))


def test_nobody_is_booked_without_saying_how_they_agreed(ward: Ward) -> None:
    with pytest.raises(Invalid) as invalid:
        assign(ward, ward.shift(), ward.coordinator, agreed=" ")
    assert "agreed_how" in invalid.value.fields
    with ward.database.reading() as session:
        assert session.scalars(sa.select(Booking)).all() == []


def test_an_application_is_accepted_for_the_shift_as_it_is_now(ward: Ward) -> None:
    shift = ward.shift(instant_book=False)
    applied = ward.book(shift)
    moved = shift.starts_at + timedelta(days=2)
    with ward.database.transaction() as session:
        times = {"starts_at": moved, "ends_at": moved + timedelta(hours=8)}
        shift_changes.amend(
            session, shift_id=shift.id, changes=times, by=ward.coordinator, now=LATER
        )
    with ward.database.transaction() as session:
        bookings.accept(session, booking_id=applied.booking_id, by=ward.coordinator, now=LATER)
    (booking,) = ward.rows(Booking)
    assert (booking.starts_at, booking.ends_at) == (moved, moved + timedelta(hours=8))


def test_what_was_lifted_is_told_to_nobody_in_more_words_than_the_reason_was(ward: Ward) -> None:
    shift = ward.shift()
    with ward.database.transaction() as session:
        ended = shift.starts_at - timedelta(hours=20)
        build.busy_hours(
            session, ward.person, ended - timedelta(hours=24), hours=24, kind=HoursKind.SICKNESS
        )
    booked = assign(ward, shift, ward.manager, Override("sickness_return", "Back well"))

    def read(role: AccessRole) -> list[str]:
        with ward.database.reading() as session:
            story = shift_lists.shift_story(session, shift_id=shift.id, by=ward.staff(role))
            assert story.listed.booking is not None
            return [one["code"] for one in story.listed.booking.overrides]

    assert read(AccessRole.ROTA_COORDINATOR) == ["absence"]
    assert read(AccessRole.WARD_REQUESTER) == read(AccessRole.AUDITOR) == []
    (made,) = ward.rows(Event, Event.kind == "booking.made")
    assert made.detail["overrides"] == ["absence"]
    (kept,) = ward.rows(Booking, Booking.id == booked.booking_id)
    assert [one["code"] for one in kept.overrides] == ["sickness_return"]


def test_nobody_lifts_a_rule_for_themselves(ward: Ward) -> None:
    herself = replace(ward.manager, person_id=ward.person.holder_id)
    lifted = Override("daily_rest", "I am fine", "On Friday")
    with pytest.raises(Refused, match="own_booking"):
        assign(ward, ward.shift(), herself, lifted)
    assert ward.rows(Booking) == []
