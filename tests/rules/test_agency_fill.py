"""Who an agency may fill a shift for, and what a break-glass needs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.cascade_policy import BreakGlassFacts
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import AGENCY_TIERS, Grade, RequestReason, StaffGroup, Tier
from bankhub.rules.cascade.agency_fill import why_not_agency_fill, why_not_grant_break_glass
from tests.rules.cascade_examples import (
    BANKS,
    NONE_ON_RECORD,
    START,
    D,
    H,
    M,
    national,
    plan,
    shift,
)

SHIFT = shift()
OPENINGS = plan(START - 42 * D)
NOW = START - 6 * H
WARD, EXECUTIVE = UUID(int=11), UUID(int=12)
BREAK_GLASS = BreakGlassFacts(
    shift_id=SHIFT.id,
    reason="below_minimum_safe_staffing",
    granted_at=NOW - 1 * H,
    by_executive=True,
    expires_at=NOW + 3 * H,
    review_due_on=date(2026, 12, 14),
)


def ask(
    tier: Tier,
    now: datetime = NOW,
    openings: tuple[PlannedOpening, ...] = OPENINGS,
    one: ShiftFacts = SHIFT,
    break_glass: BreakGlassFacts | None = None,
    requester: UUID | None = WARD,
    approver: UUID | None = EXECUTIVE,
) -> list[str]:
    reasons = why_not_agency_fill(
        tier,
        openings,
        shift=one,
        break_glass=break_glass,
        requester_id=requester,
        approver_id=approver,
        policy=national(one.staff_group),
        exemptions=NONE_ON_RECORD,
        now=now,
    )
    return [reason.code for reason in reasons]


@pytest.mark.parametrize("tier", BANKS)
def test_a_bank_tier_is_not_filled_by_an_agency(tier: Tier) -> None:
    assert ask(tier) == ["not_an_agency_tier"]


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        pytest.param(START - 7 * D - M, ["tier_not_open_yet"], id="a minute before its window"),
        pytest.param(START - 7 * D, [], id="from the minute its tier opens"),
    ],
)
def test_a_framework_agency_waits_for_its_tier(now: datetime, codes: list[str]) -> None:
    assert ask(Tier.AGENCY_1, now) == codes


def test_a_break_glass_does_not_open_a_framework_tier_early() -> None:
    assert ask(Tier.AGENCY_1, START - 8 * D, break_glass=BREAK_GLASS) == ["tier_not_open_yet"]


def test_off_framework_needs_a_break_glass() -> None:
    assert ask(Tier.OFF_FRAMEWORK) == ["break_glass_needed"]
    assert ask(Tier.OFF_FRAMEWORK, break_glass=BREAK_GLASS) == []


FAULTS = [
    pytest.param({"shift_id": UUID(int=9)}, "break_glass_other_shift", id="for another shift"),
    pytest.param({"reason": "rota_gap"}, "break_glass_reason", id="reason not on the list"),
    pytest.param({"reason": ""}, "break_glass_reason", id="no reason"),
    pytest.param({"by_executive": False}, "break_glass_not_executive", id="not an executive"),
    pytest.param({"granted_at": None}, "break_glass_not_granted", id="asked for, not granted"),
    pytest.param({"granted_at": NOW + M}, "break_glass_not_granted", id="granted in the future"),
    pytest.param({"expires_at": NOW}, "break_glass_expired", id="runs out this minute"),
    pytest.param({"expires_at": None}, "break_glass_expired", id="has no end"),
    pytest.param({"expires_at": NOW + 24 * H}, "break_glass_too_long", id="holds over a day"),
    pytest.param({"review_due_on": None}, "break_glass_no_review", id="no review"),
    pytest.param(
        {"review_due_on": date(2026, 12, 6)}, "break_glass_no_review", id="review before it"
    ),
    pytest.param(
        {"review_due_on": date(2027, 1, 5)}, "break_glass_no_review", id="review too late"
    ),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS)
def test_a_faulty_break_glass_lets_nobody_in(fault: dict[str, Any], code: str) -> None:
    assert ask(Tier.OFF_FRAMEWORK, break_glass=replace(BREAK_GLASS, **fault)) == [code]


@pytest.mark.parametrize(
    ("requester", "approver"),
    [
        pytest.param(WARD, WARD, id="the one who asked granted it"),
        pytest.param(None, EXECUTIVE, id="nobody on record asked"),
        pytest.param(WARD, None, id="nobody on record granted it"),
    ],
)
def test_a_break_glass_takes_two_people(requester: UUID | None, approver: UUID | None) -> None:
    codes = ask(Tier.OFF_FRAMEWORK, break_glass=BREAK_GLASS, requester=requester, approver=approver)
    assert codes == ["break_glass_same_person"]


def test_all_faults_of_a_break_glass_come_at_once() -> None:
    broken = replace(BREAK_GLASS, reason="", by_executive=False, expires_at=NOW)
    assert len(ask(Tier.OFF_FRAMEWORK, break_glass=broken, approver=WARD)) == 4


@pytest.mark.parametrize("tier", AGENCY_TIERS)
@pytest.mark.parametrize("reason", [RequestReason.INDUSTRIAL_ACTION, RequestReason.STRIKE_BACKFILL])
@pytest.mark.parametrize(
    "openings",
    [
        pytest.param(OPENINGS, id="openings made before it was strike cover"),
        pytest.param(
            plan(START - 42 * D, shift(reason=RequestReason.INDUSTRIAL_ACTION)),
            id="openings of strike cover",
        ),
    ],
)
def test_no_agency_fills_strike_cover_break_glass_or_not(
    tier: Tier, reason: RequestReason, openings: tuple[PlannedOpening, ...]
) -> None:
    codes = ask(tier, openings=openings, one=shift(reason=reason), break_glass=BREAK_GLASS)
    assert codes == ["tier_closed"]


def test_openings_closed_by_a_strike_stay_closed_when_the_shift_is_renamed() -> None:
    openings = plan(START - 42 * D, shift(reason=RequestReason.INDUSTRIAL_ACTION))
    assert ask(Tier.AGENCY_1, openings=openings) == ["tier_closed"]
    glass = ask(Tier.OFF_FRAMEWORK, openings=openings, break_glass=BREAK_GLASS)
    assert glass == ["tier_closed"]


@pytest.mark.parametrize("tier", [Tier.AGENCY_1, Tier.OFF_FRAMEWORK])
def test_admin_is_closed_without_an_exemption_break_glass_or_not(tier: Tier) -> None:
    one = shift(staff_group=StaffGroup.ADMIN_CLERICAL, grade=Grade.BAND_4)
    openings = plan(START - 42 * D, one)
    assert ask(tier, openings=openings, one=one, break_glass=BREAK_GLASS) == ["tier_closed"]


@pytest.mark.parametrize(
    ("now", "codes"),
    [
        pytest.param(
            START - 8 * D,
            ["earlier_tier_first"] * 3 + ["break_glass_needed"],
            id="every framework tier comes first",
        ),
        pytest.param(
            START - 22 * D,
            ["earlier_tier_first"] * 5 + ["break_glass_needed"],
            id="the fallback grade and the partners come first",
        ),
    ],
)
def test_off_framework_comes_last(now: datetime, codes: list[str]) -> None:
    assert ask(Tier.OFF_FRAMEWORK, now) == codes


@pytest.mark.parametrize(
    ("waited", "codes"),
    [
        pytest.param(29 * M, ["bank_time_not_over"], id="a minute before the partners' time"),
        pytest.param(30 * M, [], id="the agency tiers had no time and hold nobody up"),
    ],
)
def test_in_an_emergency_the_bank_keeps_its_floor(waited: timedelta, codes: list[str]) -> None:
    one = shift(fallback_grade=None)
    authorised = START - 31 * M
    now = authorised + waited
    openings = tuple(
        replace(o, opens_at=None, why="no_time") if o.tier in AGENCY_TIERS[:3] else o
        for o in plan(authorised, one)
    )
    glass = replace(BREAK_GLASS, granted_at=authorised, expires_at=START)
    assert ask(Tier.OFF_FRAMEWORK, now, openings, one, glass) == codes


def test_a_shift_authorised_once_started_goes_to_no_agency() -> None:
    openings = plan(START + 1 * H)
    assert ask(Tier.AGENCY_1, START + 2 * H, openings) == ["tier_closed"]


def grant(glass: BreakGlassFacts, one: ShiftFacts = SHIFT, now: datetime = NOW) -> list[str]:
    reasons = why_not_grant_break_glass(
        glass,
        shift=one,
        requester_id=WARD,
        approver_id=EXECUTIVE,
        policy=national(one.staff_group),
        exemptions=NONE_ON_RECORD,
        now=now,
    )
    return [reason.code for reason in reasons]


@pytest.mark.parametrize(
    ("glass", "one", "now", "codes"),
    [
        pytest.param(BREAK_GLASS, SHIFT, NOW, [], id="an executive grants what a ward asked"),
        pytest.param(
            replace(BREAK_GLASS, by_executive=False),
            SHIFT,
            NOW,
            ["break_glass_not_executive"],
            id="a manager who is not on call as executive",
        ),
        pytest.param(
            BREAK_GLASS,
            shift(reason=RequestReason.STRIKE_BACKFILL),
            NOW,
            ["tier_closed"],
            id="nobody grants strike cover",
        ),
        pytest.param(
            replace(BREAK_GLASS, expires_at=START + H),
            SHIFT,
            START,
            ["shift_started"],
            id="not once the shift has started",
        ),
    ],
)
def test_granting(glass: BreakGlassFacts, one: ShiftFacts, now: datetime, codes: list[str]) -> None:
    assert grant(glass, one, now) == codes


def test_the_review_is_counted_from_the_london_day_of_the_grant() -> None:
    late_evening = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # 00:30 on 2 July
    glass = replace(
        BREAK_GLASS,
        granted_at=late_evening,
        expires_at=late_evening + H,
        review_due_on=date(2026, 7, 1),
    )
    assert ask(Tier.OFF_FRAMEWORK, late_evening, break_glass=glass)[-1] == "break_glass_no_review"
