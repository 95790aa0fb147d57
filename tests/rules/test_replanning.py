"""Planning shifts in flight anew: staff keep what they see, and no agency gains on a bank."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.model.cascade_policy import AgencyExemptions, CascadePolicy
from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import AGENCY_TIERS, RequestReason, StaffGroup, Tier
from bankhub.rules.cascade.bank_before_agency import Why, bank_floor
from bankhub.rules.cascade.replanning import planned_anew
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
from tests.rules.test_cascade_order import leads, policies
from tests.support.cascade_order import check_order, opened_early

POSTED = START - 40 * D
NATIONAL = national()


def anew(
    policy: CascadePolicy,
    now: datetime,
    *,
    current: tuple[PlannedOpening, ...] | None = None,
    posted: datetime = POSTED,
    exemptions: AgencyExemptions = NONE_ON_RECORD,
    **facts: object,
) -> dict[Tier, PlannedOpening]:
    one = shift(**facts)
    found = planned_anew(
        plan(posted, one) if current is None else current,
        shift=one,
        authorised_at=posted,
        policy=policy,
        exemptions=exemptions,
        now=now,
    )
    return {opening.tier: opening for opening in found}


def test_agency_wanted_later_waits_for_its_new_moment() -> None:
    found = anew(replace(NATIONAL, agency_opens_days_before=3), START - 10 * D)
    assert found[Tier.AGENCY_1].opens_at == START - 3 * D


def test_agency_that_is_open_closes_again_where_the_new_policy_would_not_have_it_yet() -> None:
    found = anew(replace(NATIONAL, agency_opens_days_before=3), START - 5 * D)
    assert found[Tier.AGENCY_1].opens_at == START - 3 * D


def test_agency_wanted_earlier_comes_only_after_each_bank_tier_had_its_time_from_now() -> None:
    sooner = replace(NATIONAL, partner_opens_days_before=35, agency_opens_days_before=30)
    now = START - 19 * D
    found = anew(sooner, now)
    assert found[Tier.OWN_BANK].opens_at == POSTED
    assert found[Tier.PARTNER].opens_at == now, "partners had not seen it"
    agency = found[Tier.AGENCY_1].opens_at
    assert agency is not None
    assert agency >= now + timedelta(minutes=NATIONAL.steps[0].bank_step_minutes)


def test_agency_that_is_open_waits_for_partners_whom_the_new_policy_puts_before_it() -> None:
    without = plan(POSTED, policy=replace(NATIONAL, partner_opens_days_before=None))
    now = START - 5 * D
    found = anew(NATIONAL, now, current=without)
    assert found[Tier.PARTNER].opens_at == now
    assert found[Tier.AGENCY_1].opens_at == now + timedelta(
        minutes=NATIONAL.steps[1].bank_step_minutes
    )


def test_a_tier_whose_turn_would_come_after_the_start_stays_closed() -> None:
    without = plan(POSTED, policy=replace(NATIONAL, partner_opens_days_before=None))
    found = anew(NATIONAL, START - 10 * M, current=without)
    assert (found[Tier.AGENCY_1].opens_at, found[Tier.AGENCY_1].why) == (None, Why.NO_TIME)


def test_bank_staff_go_on_seeing_what_they_see() -> None:
    later = replace(
        NATIONAL,
        fallback_opens_days_before=9,
        partner_opens_days_before=8,
        agency_opens_days_before=2,
    )
    now = START - 13 * D
    before = {opening.tier: opening for opening in plan(POSTED)}
    found = anew(later, now)
    for tier in BANKS:
        assert found[tier] == before[tier]


CLOSED = {
    "partners are dropped from the policy": (
        {"partner_opens_days_before": None}, {}, Tier.PARTNER, Why.NO_PARTNERS,
    ),
    "fewer agency tiers are used": (
        {"agency_tiers": 1}, {}, Tier.AGENCY_2, Why.TIER_NOT_USED,
    ),
    "the staff group now needs an exemption": (
        {"agency_needs_exemption": tuple(StaffGroup)}, {}, Tier.AGENCY_1, Why.NEEDS_EXEMPTION,
    ),
    "cover for a strike stays closed to agency": (
        {}, {"reason": RequestReason.INDUSTRIAL_ACTION}, Tier.AGENCY_1, Why.STRIKE,
    ),
    "off-framework never opens by itself": ({}, {}, Tier.OFF_FRAMEWORK, Why.BREAK_GLASS_ONLY),
}  # fmt: skip


@pytest.mark.parametrize(("change", "facts", "tier", "why"), CLOSED.values(), ids=CLOSED)
def test_a_rule_closes_a_tier_though_it_was_open(
    change: dict[str, object], facts: dict[str, object], tier: Tier, why: Why
) -> None:
    found = anew(replace(NATIONAL, **change), START - 2 * D, **facts)  # type: ignore[arg-type]
    assert (found[tier].opens_at, found[tier].why) == (None, why)


def test_an_agency_tier_that_somebody_opened_early_stays_open() -> None:
    now = START - 12 * D
    early = opened_early(plan(POSTED), Tier.AGENCY_1, now - 1 * D)
    assert anew(NATIONAL, now, current=early)[Tier.AGENCY_1].opens_at == now - 1 * D


NIGHTS = [
    pytest.param(datetime.fromisoformat("2026-10-24T18:30+00:00"), id="the October night"),
    pytest.param(datetime.fromisoformat("2027-03-27T19:30+00:00"), id="the March night"),
]


@pytest.mark.parametrize("starts_at", NIGHTS)
def test_windows_are_elapsed_days_on_the_clock_change_nights(starts_at: datetime) -> None:
    found = anew(
        replace(NATIONAL, agency_opens_days_before=3),
        starts_at - 10 * D,
        posted=starts_at - 40 * D,
        starts_at=starts_at,
        ends_at=starts_at + 12 * H,
    )
    assert found[Tier.AGENCY_1].opens_at == starts_at - 3 * D


@settings(deadline=None)
@given(policy=policies, lead=leads, share=st.floats(0, 1))
def test_the_same_policy_changes_nothing(
    policy: CascadePolicy, lead: timedelta, share: float
) -> None:
    posted = START - max(lead, 1 * M)
    now = posted + (START - posted) * share * 0.99
    current = plan(posted, policy=policy)
    found = planned_anew(
        current,
        shift=shift(),
        authorised_at=posted,
        policy=policy,
        exemptions=NONE_ON_RECORD,
        now=now,
    )
    assert found == current


@settings(deadline=None, max_examples=300)
@given(old=policies, new=policies, lead=leads, share=st.floats(0, 1))
def test_no_agency_gains_on_a_bank_whatever_the_policies_say(
    old: CascadePolicy, new: CascadePolicy, lead: timedelta, share: float
) -> None:
    posted = START - max(lead, 2 * M)
    now = posted + (START - posted) * share * 0.99
    current = plan(posted, policy=old)
    found = planned_anew(
        current, shift=shift(), authorised_at=posted, policy=new, exemptions=NONE_ON_RECORD, now=now
    )
    assert check_order(found) == []
    had = {opening.tier: opening.opens_at for opening in current}
    for agency in (opening for opening in found if opening.tier in AGENCY_TIERS):
        if agency.opens_at is None or agency.opens_at == had[agency.tier]:
            continue
        assert agency.opens_at >= now
        for bank in (opening for opening in found if opening.tier in BANKS):
            if bank.opens_at is not None:
                assert agency.opens_at >= bank.opens_at + bank_floor(new)
