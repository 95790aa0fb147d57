"""What somebody might do to flatter the fill figures or get an agency in, and what comes of it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions import notices
from bankhub.actions.cascade import agency
from bankhub.actions.cascade.agency import Supply
from bankhub.actions.shifts import shift_changes
from bankhub.model.shifts import Opening, Shift
from bankhub.model.vocabulary import AGENCY_TIERS, RequestReason, ShiftState, Tier
from passport.actors import AccessRole, job
from passport.db import Database
from passport.errors import Refused
from passport.events import Notice
from tests.actions.test_bookings import LATER, Ward
from tests.support import build
from tests.support.build import NOW

HOUR = timedelta(hours=1)
SUPPLY = Supply(
    tier=Tier.AGENCY_1,
    agency_name="Swift Nurses",
    framework="HTE",
    rate_pence_per_hour=4000,
    worker_name="J. Bright",
)


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


def move(ward: Ward, shift: Shift, starts_at: Any) -> None:
    changes = {"starts_at": starts_at, "ends_at": starts_at + 8 * HOUR}
    with ward.database.transaction() as session:
        shift_changes.amend(
            session, shift_id=shift.id, changes=changes, by=ward.coordinator, now=LATER
        )


def test_an_unfilled_shift_is_not_moved_out_of_its_last_day_to_be_withdrawn(ward: Ward) -> None:
    shift = ward.shift(starts_at=LATER + 5 * HOUR)
    with pytest.raises(Refused) as refused:
        move(ward, shift, LATER + timedelta(days=21))
    assert codes(refused) == {"too_late_to_postpone"}
    move(ward, shift, LATER + 9 * HOUR)
    move(ward, ward.shift(starts_at=LATER + 25 * HOUR), LATER + timedelta(days=21))


def test_a_booked_shift_may_still_be_postponed_with_its_worker(ward: Ward) -> None:
    shift = ward.shift(starts_at=LATER + 5 * HOUR)
    ward.book(shift)
    move(ward, shift, LATER + timedelta(days=21))


def test_only_the_bank_office_says_that_the_need_ended(ward: Ward) -> None:
    shift = ward.shift(starts_at=LATER + 5 * HOUR)
    requester = ward.staff(AccessRole.WARD_REQUESTER)

    def withdraw(by: Any, need_ended: bool) -> None:
        with ward.database.transaction() as session:
            shift_changes.withdraw(
                session,
                shift_id=shift.id,
                because="Quiet",
                need_ended=need_ended,
                by=by,
                now=LATER,
            )

    with pytest.raises(Refused) as refused:
        withdraw(requester, need_ended=True)
    assert codes(refused) == {"need_ended_by_office"}
    withdraw(ward.coordinator, need_ended=True)
    shift = ward.shift(starts_at=LATER + 5 * HOUR)
    withdraw(requester, need_ended=False)


def amend_reason(ward: Ward, shift: Shift) -> None:
    with ward.database.transaction() as session:
        shift_changes.amend(
            session,
            shift_id=shift.id,
            changes={"reason": RequestReason.STRIKE_BACKFILL},
            by=ward.coordinator,
            now=LATER,
        )


def test_a_booked_shift_that_becomes_strike_cover_closes_to_agencies(ward: Ward) -> None:
    shift = ward.shift(openings={Tier.AGENCY_1: NOW - HOUR})
    ward.book(shift)
    amend_reason(ward, shift)
    standing = ward.rows(
        Opening,
        Opening.shift_id == shift.id,
        Opening.replaced_at.is_(None),
        Opening.tier.in_(AGENCY_TIERS),
    )
    assert {(one.opens_at, one.why) for one in standing} == {(None, "strike")}


def test_a_shift_that_an_agency_holds_does_not_become_strike_cover(ward: Ward) -> None:
    shift = ward.shift(openings={Tier.AGENCY_1: NOW - HOUR})
    with ward.database.transaction() as session:
        agency.record_fill(
            session, shift_id=shift.id, supply=SUPPLY, by=ward.coordinator, now=LATER
        )
    with pytest.raises(Refused) as refused:
        amend_reason(ward, shift)
    assert codes(refused) == {"agency_in_strike"}


@pytest.mark.parametrize("state", [ShiftState.FILLED, ShiftState.WITHDRAWN, ShiftState.OPEN])
def test_nobody_is_told_of_a_shift_that_is_not_to_be_had(ward: Ward, state: ShiftState) -> None:
    with ward.database.transaction() as session:
        build.rebuild(session)
        build.an_account(session, person_id=ward.person.holder_id, verified_at=NOW)
        build.a_shift(session, ward.unit, state=state)
    with ward.database.transaction() as session:
        notices.announce(session, by=job(), now=LATER)
        told = session.scalars(sa.select(Notice).where(Notice.template == "shifts_open")).all()
        assert bool(told) == (state is ShiftState.OPEN)
