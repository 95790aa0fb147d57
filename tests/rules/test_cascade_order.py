"""Who sees a shift now, and that the order holds whatever the policy's numbers say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.model.cascade_policy import AgencyBan, AgencyExemptions, CascadePolicy, LeadStep
from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import AGENCY_TIERS, Grade, RequestReason, StaffGroup, Tier
from bankhub.rules.cascade.bank_before_agency import (
    CLOSED_TEXT,
    Why,
    bank_floor,
    is_open,
    opening_times,
    opens_at,
    why_not_see,
)
from tests.rules.cascade_examples import BANKS, FRAMEWORK, START, D, H, plan
from tests.support.cascade_order import check_order

LONDON = ZoneInfo("Europe/London")
STRIKES = (RequestReason.INDUSTRIAL_ACTION, RequestReason.STRIKE_BACKFILL)
CLOSED_GROUPS = (StaffGroup.ADMIN_CLERICAL, StaffGroup.ESTATES_FACILITIES)


def test_a_tier_is_seen_from_the_minute_it_opens() -> None:
    openings = plan(START - 42 * D)
    [early] = why_not_see(Tier.AGENCY_1, openings, START - 7 * D - timedelta(microseconds=1))
    assert early.code == "tier_not_open_yet"
    assert early.cure is not None
    assert early.cure.at == (START - 7 * D).isoformat()
    assert is_open(Tier.AGENCY_1, openings, START - 7 * D)
    assert not is_open(Tier.OFF_FRAMEWORK, openings, START)


@pytest.mark.parametrize("why", sorted(CLOSED_TEXT))
def test_every_closed_tier_says_which_rule_closed_it(why: Why) -> None:
    [reason] = why_not_see(Tier.PARTNER, [PlannedOpening(Tier.PARTNER, None, why)], START)
    assert (reason.code, reason.evidence["why"]) == ("tier_closed", why)
    assert reason.text == CLOSED_TEXT[why]


def test_a_tier_that_was_never_planned_is_closed() -> None:
    [reason] = why_not_see(Tier.PARTNER, [], START)
    assert reason.evidence["why"] == "never_planned"


GOOD = plan(START - 42 * D)


def _with(tier: Tier, moment: datetime | None, why: str = "policy") -> list[PlannedOpening]:
    return [PlannedOpening(tier, moment, why) if o.tier is tier else o for o in GOOD]


@pytest.mark.parametrize(
    ("openings", "codes"),
    [
        pytest.param(GOOD, [], id="the planned openings are in order"),
        pytest.param(
            _with(Tier.AGENCY_1, START - 14 * D),
            ["agency_before_bank"],
            id="an agency opens together with the partners",
        ),
        pytest.param(
            _with(Tier.AGENCY_1, START - 15 * D),
            ["agency_before_bank"],
            id="an agency opens before the partners",
        ),
        pytest.param(
            _with(Tier.OWN_FALLBACK, START - 13 * D),
            ["tiers_out_of_order"],
            id="the partners see it before the own fallback grade",
        ),
        pytest.param(
            _with(Tier.AGENCY_2, START - 8 * D),
            ["tiers_out_of_order"],
            id="the second agency tier sees it before the first",
        ),
        pytest.param(
            _with(Tier.AGENCY_2, START - 7 * D),
            [],
            id="two agency tiers may open together",
        ),
        pytest.param(
            _with(Tier.OWN_FALLBACK, START - 42 * D),
            ["own_bank_not_first"],
            id="the fallback grade opens together with the exact grade",
        ),
        pytest.param(
            _with(Tier.OWN_BANK, None),
            ["own_bank_not_first"],
            id="the own bank does not see it",
        ),
        pytest.param(
            _with(Tier.OFF_FRAMEWORK, START - 1 * D),
            ["off_framework_opened"],
            id="off-framework opens by itself",
        ),
        pytest.param(
            _with(Tier.AGENCY_3, None, "strike"),
            ["agency_open_in_strike", "agency_open_in_strike"],
            id="industrial action closed one agency tier but not the others",
        ),
        pytest.param(GOOD[:6], ["opening_missing"], id="a tier has no opening"),
    ],
)
def test_check_order(openings: list[PlannedOpening], codes: list[str]) -> None:
    assert [reason.code for reason in check_order(openings)] == codes


minutes = st.integers(-200, 3_000)
policies = st.builds(
    CascadePolicy,
    fallback_opens_days_before=st.integers(-2, 60),
    fallback_late_share_percent=st.integers(0, 150),
    partner_opens_days_before=st.none() | st.integers(-2, 60),
    agency_opens_days_before=st.integers(-2, 60),
    agency_tiers=st.integers(0, 3),
    bank_floor_minutes=st.integers(-5, 90),
    short_notice_under_hours=st.integers(0, 96),
    steps=st.lists(st.builds(LeadStep, minutes, minutes, minutes), max_size=4).map(tuple),
    agency_lock_hours=st.just(72),
    partner_in_industrial_action=st.booleans(),
    agency_needs_exemption=st.just(CLOSED_GROUPS),
    agency_bans=st.sampled_from([(), (AgencyBan((Grade.BAND_2,), "2026-01-01"),)]),
    break_glass_reasons=st.just(("one_to_one_care",)),
    break_glass_hours=st.just(24),
    break_glass_review_days=st.just(28),
)
leads = st.timedeltas(-2 * D, 70 * D) | st.timedeltas(-1 * H, 26 * H)


@settings(deadline=None)
@given(
    policy=policies,
    lead=leads,
    start=st.datetimes(datetime(2026, 10, 20), datetime(2027, 4, 5)),  # noqa: DTZ001  London
    group=st.sampled_from(StaffGroup),
    grade=st.sampled_from([Grade.BAND_2, Grade.BAND_6]),
    reason=st.sampled_from(RequestReason),
    has_fallback=st.booleans(),
)
def test_bank_before_agency_whatever_the_policy_says(
    policy: CascadePolicy,
    lead: timedelta,
    start: datetime,
    group: StaffGroup,
    grade: Grade,
    reason: RequestReason,
    has_fallback: bool,
) -> None:
    starts_at = start.replace(tzinfo=LONDON).astimezone(UTC)
    openings = opening_times(
        authorised_at=starts_at - lead,
        starts_at=starts_at,
        staff_group=group,
        grade=grade,
        reason=reason,
        has_fallback=has_fallback,
        policy=policy,
        exemptions=AgencyExemptions(),
    )
    assert [o.tier for o in openings] == list(Tier)
    assert openings[0].opens_at == starts_at - lead
    assert check_order(openings) == []
    bank = [o.opens_at for o in openings if o.tier in BANKS and o.opens_at]
    agency = [o.opens_at for o in openings if o.tier in AGENCY_TIERS and o.opens_at]
    assert all(opened >= max(bank) + bank_floor(policy) > max(bank) for opened in agency)
    assert all(o.opens_at is None or o.opens_at < starts_at for o in openings[1:])
    assert all(o.why in CLOSED_TEXT for o in openings if o.opens_at is None)
    barred = reason in STRIKES or group in CLOSED_GROUPS or lead <= timedelta(0)
    if barred or (policy.agency_bans and grade is Grade.BAND_2):
        assert agency == []
    assert opens_at(Tier.OFF_FRAMEWORK, openings) is None
    assert len(agency) <= policy.agency_tiers <= len(FRAMEWORK)
