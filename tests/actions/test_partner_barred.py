""""Do not book" outlasts leaving: who comes back through a partner is not booked there either."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.booking import bookings, check_ins
from bankhub.actions.finding.candidates import candidates
from bankhub.actions.finding.search import find_shifts
from bankhub.model.search_values import Show
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import BookingState
from bankhub.model.workers import BankPost
from passport.db import Database
from passport.errors import Refused
from passport.model.people import Person
from tests.actions.test_partner_bookings import Shared
from tests.support import build
from tests.support.build import NOW
from tests.support.build_people import kept

HALF_AN_HOUR = timedelta(minutes=30)


def left(session: Session, post: BankPost) -> None:
    person = session.get_one(Person, post.person_id)
    person.left_at = NOW - timedelta(days=30)
    kept(session, person, post.organisation_id)


def post_ended(session: Session, post: BankPost) -> None:
    post.ends_on = NOW.date() - timedelta(days=30)
    kept(session, post, post.organisation_id)


def other_role(_session: Session, _post: BankPost) -> None:
    """Still there, as something else."""


GONE = [left, post_ended, other_role]
SCOPES = ["unit_id", "site_id", "organisation_id"]


def barred(
    shared: Shared, shift: Shift, gone: Callable[[Session, BankPost], None], scope: str
) -> None:
    """She had a post at the host, where somebody said not to book her, and is gone."""
    with shared.database.transaction() as session:
        _, own = build.a_nurse(session, shared.host, holder=shared.nurse, role="hca_band_2")
        build.a_restriction(session, own, getattr(shift, scope))
        gone(session, own)


def found(shared: Shared, show: Show) -> list[Any]:
    with shared.database.reading() as session:
        return list(find_shifts(session, by=shared.worker, now=NOW, show=show).shifts)


def offered(shared: Shared, shift: Shift) -> list[Any]:
    with shared.database.reading() as session:
        page = candidates(
            session, shift_id=shift.id, by=shared.coordinator, now=NOW, partners=True
        )
        return [one.person_id for one in page.people]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("gone", GONE)
def test_it_holds_through_the_partner(
    database: Database, gone: Callable[[Session, BankPost], None], scope: str
) -> None:
    shared = Shared(database)
    shift = shared.shift()
    assert [one.shift.id for one in found(shared, Show.BOOKABLE)] == [shift.id]
    assert offered(shared, shift) == [shared.nurse.id]
    barred(shared, shift, gone, scope)
    assert found(shared, Show.BOOKABLE) == []
    assert offered(shared, shift) == []
    (shown,) = found(shared, Show.ALL)
    assert [reason.code for reason in shown.reasons] == ["do_not_book"]
    for deed, code in ((shared.book, "do_not_book"), (shared.assign, "not_eligible")):
        with pytest.raises(Refused) as refused:
            deed(shift)
        (reason,) = refused.value.reasons
        assert (reason.code, reason.evidence) == (code, {})


def test_elsewhere_she_is_booked_as_before(database: Database) -> None:
    shared = Shared(database)
    with database.transaction() as session:
        other = build.a_unit(session, build.a_site(session, shared.host), name="Another ward")
        _, own = build.a_nurse(session, shared.host, holder=shared.nurse, role="hca_band_2")
        build.a_restriction(session, own, other.id)
        left(session, own)
    assert shared.book(shared.shift()).state is BookingState.CONFIRMED


def test_one_that_was_lifted_or_ran_out_bars_nobody(database: Database) -> None:
    shared = Shared(database)
    shift = shared.shift()
    with database.transaction() as session:
        _, own = build.a_nurse(session, shared.host, holder=shared.nurse, role="hca_band_2")
        build.a_restriction(session, own, shift.unit_id, until_at=NOW)
        build.a_restriction(session, own, shift.unit_id, from_at=NOW + timedelta(days=1))
        left(session, own)
    assert offered(shared, shift) == [shared.nurse.id]
    assert shared.book(shift).state is BookingState.CONFIRMED


def test_said_after_the_booking_it_keeps_her_from_starting(database: Database) -> None:
    shared = Shared(database)
    shift = shared.shift()
    booking_id = shared.book(shift).booking_id
    barred(shared, shift, left, "unit_id")
    with database.transaction() as session, pytest.raises(Refused) as refused:
        check_ins.check_in_own(
            session, booking_id=booking_id, by=shared.worker,
            now=shift.starts_at - HALF_AN_HOUR,
        )  # fmt: skip
    assert [reason.code for reason in refused.value.reasons] == ["do_not_book"]


def test_home_and_other_hosts_are_not_told(database: Database) -> None:
    shared = Shared(database)
    barred(shared, shared.shift(), left, "organisation_id")
    at_home = shared.shift(shared.home, openings=None)
    with database.transaction() as session:
        booked = bookings.book(session, shift_id=at_home.id, by=shared.worker, now=NOW)
    assert booked.state is BookingState.CONFIRMED
