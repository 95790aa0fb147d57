"""Who may start a booked shift, when, and what is due: one row for each case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from bankhub.model.clearance_policy import InductionRequirement, InductionScope
from bankhub.model.vocabulary import LIVE_BOOKING, BookingState
from bankhub.rules.booking.check_in import (
    ABOUT_CLEARANCE,
    DECIDED_AT_BOOKING,
    Due,
    outcome_of,
    stopping,
    why_not_now,
)
from bankhub.rules.booking.inductions import (
    Place,
    Signed,
    counts_until,
    due,
    half_signed,
    holds,
    scope_of,
)
from bankhub.rules.reason_codes import LEVELS, Code, because
from passport.errors import Level

STARTS = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=12.5)
HOUR = timedelta(hours=1)
BLINK = timedelta(seconds=1)

WINDOW = [
    pytest.param(BookingState.CONFIRMED, STARTS - HOUR - BLINK, "too_early", id="before it opens"),
    pytest.param(BookingState.CONFIRMED, STARTS - HOUR, None, id="as it opens"),
    pytest.param(BookingState.CONFIRMED, STARTS + 3 * HOUR, None, id="late"),
    pytest.param(BookingState.CONFIRMED, ENDS - BLINK, None, id="to the end"),
    pytest.param(BookingState.CONFIRMED, ENDS, "shift_over", id="at the end"),
    *(
        pytest.param(
            state, STARTS, None if state in LIVE_BOOKING[:2] else "wrong_state", id=state.value
        )
        for state in BookingState
    ),
]


@pytest.mark.parametrize(("state", "now", "code"), WINDOW)
def test_check_in_is_open_from_the_policys_time_to_the_end(
    state: BookingState, now: datetime, code: str | None
) -> None:
    found = why_not_now(state, STARTS, ENDS, opens_minutes=60, now=now)
    assert [reason.code for reason in found] == ([code] if code else [])


def test_too_early_says_from_when() -> None:
    (reason,) = why_not_now(
        BookingState.CONFIRMED, STARTS, ENDS, opens_minutes=45, now=STARTS - 5 * HOUR
    )
    assert reason.cure is not None
    assert reason.cure.at == (STARTS - timedelta(minutes=45)).isoformat()


@pytest.mark.parametrize("code", list(Code))
def test_every_code_either_stops_or_was_decided_at_booking_or_is_a_note(code: Code) -> None:
    stops = bool(stopping([because(code, "")], [], cleared=None))
    assert stops == (code not in DECIDED_AT_BOOKING and LEVELS[code] is not Level.NOTE)


@pytest.mark.parametrize(
    "code",
    [
        Code.REGISTRATION_SUSPENDED, Code.REGISTRATION_NOT_IN_FORCE, Code.REGISTRATION_CONDITIONS,
        Code.RIGHT_TO_WORK_ENDS, Code.DBS_MISSING, Code.TRAINING_OUT_OF_DATE, Code.DO_NOT_BOOK,
        Code.POST_ENDED, Code.SKILL_MISSING, Code.NOT_CLEARED, Code.CLEARANCE_ENDS,
    ],
)  # fmt: skip
def test_what_is_asked_again_stops(code: Code) -> None:
    assert stopping([because(code, "")], [], cleared=None)


def test_hours_and_open_tiers_are_not_asked_again() -> None:
    for code in (Code.OVERLAP, Code.AVERAGE_HOURS, Code.DAILY_REST, Code.GRADE_NOT_OPEN_YET):
        assert stopping([because(code, "")], [], cleared=None) == []


def test_a_soft_reason_that_was_lifted_stays_lifted_and_a_hard_one_never_is() -> None:
    soft, hard = because(Code.TRAINING_OUT_OF_DATE, ""), because(Code.REGISTRATION_SUSPENDED, "")
    assert stopping([soft, hard], [soft.code, hard.code], cleared=None) == [hard]


@pytest.mark.parametrize("code", sorted(ABOUT_CLEARANCE))
def test_a_booking_confirmed_in_time_is_worked_through_the_wind_down(code: Code) -> None:
    other = because(Code.DO_NOT_BOOK, "")
    assert stopping([because(code, ""), other], [], cleared=True) == [other]


def test_a_clearance_whose_agreement_is_gone_stops_whatever_else_says() -> None:
    assert [one.code for one in stopping([], [], cleared=False)] == ["not_cleared"]
    told = because(Code.CLEARANCE_ENDS, "")
    assert stopping([told], [], cleared=False) == [told]
    assert stopping([], [], cleared=True) == []


def test_amber_while_something_is_due() -> None:
    assert outcome_of([]).value == "green"
    assert outcome_of([Due("induction.ward", "Ward", "Sign", "both")]).value == "amber"


HERE = Place(UUID(int=3), UUID(int=4))
DAY = date(2026, 9, 7)
WARD = InductionRequirement("ward", "Ward induction", InductionScope.UNIT, 12)
SITE = InductionRequirement("site", "Site induction", InductionScope.SITE, 12)
TRUST = InductionRequirement("trust", "Trust induction", InductionScope.ORGANISATION, 24)


def signed(required: InductionRequirement = WARD, **fields: object) -> Signed:
    site_id, unit_id = scope_of(required, HERE)
    made = Signed(f"induction.{required.code}", site_id, unit_id, STARTS, STARTS, DAY)
    return replace(made, **fields)  # type: ignore[arg-type]


HOLDING = [
    pytest.param(WARD, signed(), HERE, True, id="both signed, last day"),
    pytest.param(WARD, signed(valid_until=DAY - timedelta(1)), HERE, False, id="ran out"),
    pytest.param(WARD, signed(worker_at=None), HERE, False, id="the worker did not sign"),
    pytest.param(WARD, signed(in_charge_at=None), HERE, False, id="nobody in charge signed"),
    pytest.param(WARD, signed(valid_until=None), HERE, False, id="without a last day"),
    pytest.param(WARD, signed(), replace(HERE, unit_id=UUID(int=5)), False, id="another ward"),
    pytest.param(SITE, signed(SITE), replace(HERE, unit_id=UUID(int=5)), True, id="same site"),
    pytest.param(SITE, signed(SITE), replace(HERE, site_id=UUID(int=5)), False, id="another site"),
    pytest.param(
        TRUST, signed(TRUST), Place(UUID(int=8), UUID(int=9)), True, id="anywhere in the trust"
    ),
    pytest.param(SITE, signed(WARD), HERE, False, id="another induction"),
]


@pytest.mark.parametrize(("required", "one", "place", "counts"), HOLDING)
def test_an_induction_counts_where_and_while_the_policy_says(
    required: InductionRequirement, one: Signed, place: Place, counts: bool
) -> None:
    assert holds(one, required, place, DAY) == counts
    assert due([required], [one], place, DAY) == ([] if counts else [required])


HALVES = [
    pytest.param(signed(worker_at=None, valid_until=None), HOUR, True, id="in charge first"),
    pytest.param(signed(in_charge_at=None, valid_until=None), HOUR, True, id="worker first"),
    pytest.param(
        signed(worker_at=None, valid_until=None), 25 * HOUR, False, id="another day's signature"
    ),
    pytest.param(signed(), HOUR, False, id="whole"),
    pytest.param(signed(worker_at=None, in_charge_at=None), HOUR, False, id="none"),
    pytest.param(
        signed(worker_at=None, unit_id=UUID(int=5)), HOUR, False, id="at another ward"
    ),
    pytest.param(
        signed(worker_at=None, checklist="2"), HOUR, False, id="of another version"
    ),
    pytest.param(
        signed(worker_at=None, points=("Fire exits",)), HOUR, False, id="something else stood on it"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "later", "joins"), HALVES)
def test_the_second_signature_joins_the_first_of_the_same_day(
    one: Signed, later: timedelta, joins: bool
) -> None:
    assert half_signed(one, WARD, HERE, STARTS + later) == joins


def test_it_counts_for_the_months_of_the_policy() -> None:
    assert counts_until(TRUST, STARTS) == date(2028, 9, 7)
