"""Opening a tier early: who it is refused to and why, and that no chain of it turns the order."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.model.cascade_policy import AgencyExemptions, ExemptionSpan
from bankhub.model.values import PlannedOpening, ShiftFacts
from bankhub.model.vocabulary import AGENCY_TIERS, Grade, RequestReason, StaffGroup, Tier
from bankhub.rules.cascade.bank_before_agency import Why, bank_floor, opens_at
from bankhub.rules.cascade.early_opening import why_not_open_early
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
from tests.support.cascade_order import check_order, opened_early

SHIFT = shift()
RELEASED = START - 42 * D
OPENINGS = plan(RELEASED)


def ask(
    tier: Tier,
    now: datetime,
    openings: tuple[PlannedOpening, ...] = OPENINGS,
    one: ShiftFacts = SHIFT,
    because: str = "Two nurses called in sick",
) -> list[str]:
    reasons = why_not_open_early(
        tier,
        openings,
        shift=one,
        because=because,
        policy=national(one.staff_group),
        exemptions=NONE_ON_RECORD,
        now=now,
    )
    return [reason.code for reason in reasons]


def opened(*steps: tuple[Tier, datetime]) -> tuple[PlannedOpening, ...]:
    openings = OPENINGS
    for tier, now in steps:
        openings = opened_early(openings, tier, now)
    return openings


@pytest.mark.parametrize(
    ("tier", "now", "openings", "codes"),
    [
        pytest.param(
            Tier.OWN_FALLBACK,
            RELEASED + 15 * M,
            OPENINGS,
            [],
            id="the fallback grade, once the exact grade has had its quarter of an hour",
        ),
        pytest.param(
            Tier.OWN_FALLBACK,
            RELEASED + 14 * M,
            OPENINGS,
            ["bank_time_not_over"],
            id="the fallback grade a minute too soon",
        ),
        pytest.param(
            Tier.PARTNER,
            RELEASED + 1 * D,
            OPENINGS,
            ["earlier_tier_first"],
            id="partners before the own fallback grade",
        ),
        pytest.param(
            Tier.AGENCY_1,
            START - 20 * D,
            OPENINGS,
            ["earlier_tier_first"],
            id="an agency while the partners do not see it yet",
        ),
        pytest.param(
            Tier.AGENCY_1,
            RELEASED + 1 * D,
            OPENINGS,
            ["earlier_tier_first", "earlier_tier_first"],
            id="an agency while only the own bank sees it: both bank tiers are named",
        ),
        pytest.param(
            Tier.AGENCY_1,
            START - 20 * D + 14 * M,
            opened((Tier.PARTNER, START - 20 * D)),
            ["bank_time_not_over"],
            id="an agency a minute before the partners' time is over",
        ),
        pytest.param(
            Tier.AGENCY_1,
            START - 20 * D + 15 * M,
            opened((Tier.PARTNER, START - 20 * D)),
            [],
            id="an agency when own bank and partners have had their time",
        ),
        pytest.param(
            Tier.AGENCY_2,
            START - 8 * D,
            OPENINGS,
            ["earlier_tier_first"],
            id="the second agency tier before the first",
        ),
        pytest.param(
            Tier.AGENCY_1,
            START - 7 * D,
            OPENINGS,
            ["already_open"],
            id="a tier that is open",
        ),
        pytest.param(
            Tier.OFF_FRAMEWORK,
            START - 1 * D,
            OPENINGS,
            ["tier_closed"],
            id="off-framework, by nobody",
        ),
        pytest.param(
            Tier.AGENCY_3,
            START,
            opened(),
            ["shift_started", "already_open"],
            id="once the shift has started",
        ),
    ],
)
def test_early_opening(
    tier: Tier, now: datetime, openings: tuple[PlannedOpening, ...], codes: list[str]
) -> None:
    assert ask(tier, now, openings) == codes


def test_it_needs_a_written_reason() -> None:
    assert ask(Tier.OWN_FALLBACK, START - 30 * D, because="  ") == ["reason_missing"]


@pytest.mark.parametrize("reason", [RequestReason.INDUSTRIAL_ACTION, RequestReason.STRIKE_BACKFILL])
@pytest.mark.parametrize("tier", [Tier.PARTNER, *AGENCY_TIERS])
def test_nobody_opens_strike_cover(reason: RequestReason, tier: Tier) -> None:
    one = shift(reason=reason)
    openings = plan(RELEASED, one)
    assert "tier_closed" in ask(tier, START - 1 * D, openings, one)


def test_a_shift_renamed_away_from_the_strike_stays_closed_until_planned_again() -> None:
    openings = plan(RELEASED, shift(reason=RequestReason.INDUSTRIAL_ACTION))
    assert ask(Tier.AGENCY_1, START - 1 * D, openings, SHIFT) == ["tier_closed"]


def test_a_shift_that_became_strike_cover_is_closed_though_its_openings_are_older() -> None:
    one = shift(reason=RequestReason.STRIKE_BACKFILL)
    assert ask(Tier.AGENCY_1, START - 8 * D, OPENINGS, one) == ["tier_closed"]


def test_admin_stays_closed_without_and_opens_with_an_exemption() -> None:
    one = shift(staff_group=StaffGroup.ADMIN_CLERICAL, grade=Grade.BAND_4)
    span = ExemptionSpan(StaffGroup.ADMIN_CLERICAL, date(2026, 12, 1), date(2026, 12, 31))
    exempt = AgencyExemptions((span,))
    assert ask(Tier.AGENCY_1, START - 8 * D, plan(RELEASED, one), one) == ["tier_closed"]
    reasons = why_not_open_early(
        Tier.AGENCY_1,
        plan(RELEASED, one, exemptions=exempt),
        shift=one,
        because="Clinic letters",
        policy=national(),
        exemptions=exempt,
        now=START - 8 * D,
    )
    assert reasons == []


def test_a_tier_that_had_no_time_may_be_opened_once_the_banks_had_theirs() -> None:
    one = shift(fallback_grade=None)
    authorised = START - 45 * M
    openings = plan(authorised, one)
    assert [o.why for o in openings[3:6]] == [Why.SHORT_NOTICE, Why.NO_TIME, Why.NO_TIME]
    assert ask(Tier.AGENCY_2, authorised + 29 * M, openings, one) == [
        "bank_time_not_over",
        "earlier_tier_first",
    ]
    assert ask(Tier.AGENCY_2, authorised + 30 * M, openings, one) == []


def test_a_bank_tier_that_had_no_time_is_not_passed_over() -> None:
    one = shift(fallback_grade=None)
    policy = replace(national(), bank_floor_minutes=1)
    openings = plan(START - 10 * M, one, policy)
    assert openings[2].why == Why.NO_TIME
    reasons = why_not_open_early(
        Tier.AGENCY_1,
        openings,
        shift=one,
        because="No nurse on the ward",
        policy=policy,
        exemptions=NONE_ON_RECORD,
        now=START - 5 * M,
    )
    assert [(r.code, r.evidence["before"]) for r in reasons] == [("earlier_tier_first", "partner")]


def test_without_any_opening_on_record_the_own_bank_comes_first() -> None:
    assert "earlier_tier_first" in ask(Tier.PARTNER, START - 1 * D, ())


@settings(deadline=None)
@given(
    lead=st.timedeltas(10 * M, 50 * D) | st.timedeltas(10 * M, 6 * H),
    tries=st.lists(
        st.tuples(st.sampled_from(Tier), st.timedeltas(0 * M, 3 * D) | st.timedeltas(0 * M, H)),
        max_size=25,
    ),
    has_fallback=st.booleans(),
)
def test_no_chain_of_early_openings_puts_an_agency_before_a_bank(
    lead: timedelta, tries: list[tuple[Tier, timedelta]], has_fallback: bool
) -> None:
    one = SHIFT if has_fallback else shift(fallback_grade=None)
    openings, now = plan(START - lead, one), START - lead
    for tier, later in tries:
        now += later
        if not ask(tier, now, openings, one):
            openings = opened_early(openings, tier, now)
    assert check_order(openings) == []
    bank = [moment for tier in BANKS if (moment := opens_at(tier, openings))]
    agency = [moment for tier in AGENCY_TIERS if (moment := opens_at(tier, openings))]
    assert all(moment >= max(bank) + bank_floor(national()) for moment in agency)
