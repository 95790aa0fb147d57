"""When each tier opens: tables of cases by lead, staff group, reason, grade and clock change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bankhub.model.cascade_policy import (
    AgencyBan,
    AgencyExemptions,
    ExemptionSpan,
    LeadStep,
)
from bankhub.model.values import PlannedOpening
from bankhub.model.vocabulary import AGENCY_TIERS, Grade, RequestReason, StaffGroup, Tier
from bankhub.rules.cascade.bank_before_agency import (
    Why,
    agency_lock_at,
    opens_at,
)
from tests.rules.cascade_examples import (
    START,
    D,
    H,
    M,
    national,
    plan,
    shift,
)

LONDON = ZoneInfo("Europe/London")
STRIKES = (RequestReason.INDUSTRIAL_ACTION, RequestReason.STRIKE_BACKFILL)
CLOSED_GROUPS = (StaffGroup.ADMIN_CLERICAL, StaffGroup.ESTATES_FACILITIES)

ON_TIME = [
    pytest.param(
        42 * D,
        [42 * D, 21 * D, 14 * D, 7 * D, 6 * D, 6 * D - 4 * H],
        id="released six weeks ahead, each tier opens at its window and agencies step down",
    ),
    pytest.param(
        21 * D + 1 * M,
        [21 * D + 1 * M, 20 * D + 1 * M, 14 * D, 7 * D, 6 * D, 6 * D - 4 * H],
        id="authorised a minute before the fallback window, the exact grade still has its day",
    ),
    pytest.param(
        20 * D,
        [20 * D, 17 * D, 14 * D, 7 * D, 6 * D, 6 * D - 4 * H],
        id="inside the fallback window, the exact grade keeps half of the time to the partners",
    ),
    pytest.param(
        10 * D,
        [10 * D, 8.5 * D, 7.5 * D, 6.5 * D, 6 * D + 8 * H, 6 * D + 4 * H],
        id="inside the partner window, half of the time to the agency window, then steps",
    ),
    pytest.param(
        5 * D,
        [5 * D, 116 * H, 112 * H, 108 * H, 104 * H, 100 * H],
        id="inside every window, four hours a step",
    ),
    pytest.param(
        24 * H,
        [24 * H, 20 * H, 19 * H, 18 * H, 17.5 * H, 17 * H],
        id="exactly a day ahead is not short notice, the steps shorten as the start comes near",
    ),
]

SHORT_NOTICE = [
    pytest.param(
        24 * H - M,
        [0, 60, 120, 180, 210, 240],
        id="under a day, the bank has an hour a step and agencies half an hour",
    ),
    pytest.param(
        12.5 * H,
        [0, 60, 90, 120, 150, 180],
        id="the step is chosen by the time left when the tier before opened",
    ),
    pytest.param(11 * H, [0, 30, 60, 90, 120, 150], id="under twelve hours, half an hour a step"),
    pytest.param(3 * H, [0, 15, 30, 45, 75, 105], id="under four hours, a quarter of an hour"),
    pytest.param(
        40 * M,
        [0, 15, 30, None, None, None],
        id="no agency where the bank's time runs to the start",
    ),
    pytest.param(15 * M, [0, None, None, None, None, None], id="only the own bank has time"),
]


@pytest.mark.parametrize(("lead", "before"), ON_TIME)
def test_windows_and_steps(lead: timedelta, before: list[timedelta]) -> None:
    openings = plan(START - lead)
    assert [o.opens_at for o in openings[:6]] == [START - left for left in before]
    assert openings[6] == PlannedOpening(Tier.OFF_FRAMEWORK, None, Why.BREAK_GLASS_ONLY)
    assert Why.SHORT_NOTICE not in {o.why for o in openings}


@pytest.mark.parametrize(("lead", "after"), SHORT_NOTICE)
def test_short_notice_compresses(lead: timedelta, after: list[int | None]) -> None:
    authorised = START - lead
    openings = plan(authorised)
    moments = [authorised + n * M if n is not None else None for n in after]
    assert [o.opens_at for o in openings[:6]] == moments
    whys = [Why.NO_TIME if n is None else Why.SHORT_NOTICE for n in after[1:]]
    assert [o.why for o in openings[1:6]] == whys


def test_at_short_notice_windows_give_way_to_the_steps() -> None:
    policy = replace(national(StaffGroup.HCA), short_notice_under_hours=6 * 24)
    openings = plan(START - 5 * D, policy=policy)
    assert opens_at(Tier.AGENCY_1, openings) == START - 5 * D + 12 * H
    later = plan(START - 5 * D, policy=replace(policy, short_notice_under_hours=5 * 24))
    assert opens_at(Tier.AGENCY_1, later) == START - 3 * D


@pytest.mark.parametrize(
    ("group", "days"),
    [
        pytest.param(StaffGroup.NURSING_MIDWIFERY, 7, id="nurses go to agency 7 days before"),
        pytest.param(StaffGroup.AHP_STT, 7, id="therapists as all staff, 7 days before"),
        pytest.param(StaffGroup.HCA, 3, id="healthcare assistants 3 days before"),
        pytest.param(StaffGroup.MEDICAL_DENTAL, 10, id="doctors 10 days before"),
    ],
)
def test_national_agency_window_by_staff_group(group: StaffGroup, days: int) -> None:
    openings = plan(START - 42 * D, shift(staff_group=group))
    assert opens_at(Tier.AGENCY_1, openings) == START - days * D


@pytest.mark.parametrize("reason", STRIKES)
@pytest.mark.parametrize("partner_sees", [False, True])
def test_industrial_action_closes_every_agency_tier(
    reason: RequestReason, partner_sees: bool
) -> None:
    policy = replace(national(), partner_in_industrial_action=partner_sees)
    openings = plan(START - 42 * D, shift(reason=reason), policy)
    assert {o.tier: o.why for o in openings if o.opens_at is None} == dict.fromkeys(
        AGENCY_TIERS if partner_sees else (Tier.PARTNER, *AGENCY_TIERS), Why.STRIKE
    )
    assert openings[0].opens_at == START - 42 * D
    assert openings[1].opens_at == START - 21 * D


@pytest.mark.parametrize("group", CLOSED_GROUPS)
@pytest.mark.parametrize(
    ("first", "last", "covered"),
    [
        pytest.param(date(2026, 12, 7), date(2026, 12, 7), True, id="covers the very day"),
        pytest.param(date(2026, 12, 8), date(2027, 3, 31), False, id="begins the day after"),
        pytest.param(date(2026, 1, 1), date(2026, 12, 6), False, id="ended the day before"),
    ],
)
def test_admin_and_estates_need_an_exemption_on_record(
    group: StaffGroup, first: date, last: date, covered: bool
) -> None:
    one = shift(staff_group=group, grade=Grade.BAND_4)
    on_record = AgencyExemptions((ExemptionSpan(group, first, last),))
    openings = plan(START - 42 * D, one, exemptions=on_record)
    closed = {o.tier for o in openings if o.why == Why.NEEDS_EXEMPTION}
    assert closed == (set() if covered else set(AGENCY_TIERS))
    assert opens_at(Tier.PARTNER, openings) == START - 14 * D


def test_an_exemption_of_estates_does_not_open_admin() -> None:
    span = ExemptionSpan(CLOSED_GROUPS[1], date(2026, 1, 1), date(2027, 1, 1))
    one = shift(staff_group=CLOSED_GROUPS[0], grade=Grade.BAND_4)
    openings = plan(START - 42 * D, one, exemptions=AgencyExemptions((span,)))
    assert opens_at(Tier.AGENCY_1, openings) is None


def test_an_exemption_does_not_lift_a_strike() -> None:
    group = CLOSED_GROUPS[0]
    span = ExemptionSpan(group, date(2026, 1, 1), date(2027, 1, 1))
    one = shift(staff_group=group, reason=STRIKES[0])
    openings = plan(START - 42 * D, one, exemptions=AgencyExemptions((span,)))
    assert {o.why for o in openings if o.tier in AGENCY_TIERS} == {Why.STRIKE}


@pytest.mark.parametrize(
    ("grade", "from_on", "until_on", "banned"),
    [
        pytest.param(Grade.BAND_2, "2026-12-07", None, True, id="band 2 on the first day"),
        pytest.param(Grade.BAND_3, "2026-04-01", "2026-12-07", True, id="band 3 on the last day"),
        pytest.param(Grade.BAND_3, "2026-12-08", None, False, id="the day before it begins"),
        pytest.param(Grade.BAND_3, "2026-04-01", "2026-12-06", False, id="the day after it ends"),
        pytest.param(Grade.BAND_4, "2026-04-01", None, False, id="band 4 is not named"),
    ],
)
def test_band_2_and_3_ban_by_the_day_of_the_shift(
    grade: Grade, from_on: str, until_on: str | None, banned: bool
) -> None:
    ban = AgencyBan((Grade.BAND_2, Grade.BAND_3), from_on, until_on)
    policy = replace(national(StaffGroup.HCA), agency_bans=(ban,))
    one = shift(staff_group=StaffGroup.HCA, grade=grade, fallback_grade=None)
    openings = plan(START - 42 * D, one, policy)
    assert (opens_at(Tier.AGENCY_1, openings) is None) is banned
    assert (openings[-1].why == Why.GRADE_BANNED) is banned


def test_the_day_of_a_ban_is_the_london_day() -> None:
    midnight_in_summer = datetime(2027, 3, 31, 23, 30, tzinfo=UTC)  # 00:30 on 1 April
    ban = AgencyBan((Grade.BAND_6,), "2027-04-01")
    openings = plan(
        midnight_in_summer - 42 * D,
        shift(starts_at=midnight_in_summer),
        replace(national(), agency_bans=(ban,)),
    )
    assert openings[-1].why == Why.GRADE_BANNED


@pytest.mark.parametrize("late", [0 * M, 1 * M, 3 * D])
def test_authorised_once_started_only_the_own_bank_opens(late: timedelta) -> None:
    openings = plan(START + late)
    assert openings[0] == PlannedOpening(Tier.OWN_BANK, START + late, Why.AUTHORISED)
    assert all(o.opens_at is None and o.why == Why.STARTED for o in openings[1:6])
    assert openings[6].why == Why.BREAK_GLASS_ONLY


def test_without_a_fallback_grade_its_tier_is_closed_and_nobody_waits_for_it() -> None:
    openings = plan(START - 3 * H, shift(fallback_grade=None))
    assert openings[1] == PlannedOpening(Tier.OWN_FALLBACK, None, Why.NO_FALLBACK_GRADE)
    assert openings[2].opens_at == START - 3 * H + 15 * M


def test_without_partner_banks_agency_still_waits_for_the_bank() -> None:
    policy = replace(national(), partner_opens_days_before=None)
    openings = plan(START - 3 * H, policy=policy)
    assert openings[2] == PlannedOpening(Tier.PARTNER, None, Why.NO_PARTNERS)
    assert openings[3].opens_at == START - 3 * H + 30 * M


def test_where_nobody_follows_the_fallback_grade_waits_half_of_the_time_to_the_start() -> None:
    policy = replace(national(), partner_opens_days_before=None, agency_tiers=0)
    openings = plan(START - 10 * D, policy=policy)
    assert openings[1].opens_at == START - 5 * D
    assert {o.why for o in openings[3:6]} == {Why.TIER_NOT_USED}


def test_a_policy_with_one_agency_tier_closes_the_others() -> None:
    openings = plan(START - 42 * D, policy=replace(national(), agency_tiers=1))
    assert [o.why for o in openings[3:6]] == [Why.POLICY, Why.TIER_NOT_USED, Why.TIER_NOT_USED]


def test_a_window_at_the_start_leaves_no_time_for_it_nor_for_those_behind() -> None:
    policy = replace(national(), partner_opens_days_before=0)
    openings = plan(START - 42 * D, policy=policy)
    assert [o.why for o in openings[2:6]] == [Why.NO_TIME] * 4


def test_a_policy_without_bank_step_still_leaves_the_bank_a_minute() -> None:
    policy = replace(national(), steps=(LeadStep(0, 0, 0),), bank_floor_minutes=0)
    openings = plan(START - 3 * H, policy=policy)
    assert [o.opens_at for o in openings[:4]] == [START - 3 * H + n * M for n in range(4)]


@pytest.mark.parametrize(
    ("authorised", "start", "step"),
    [
        pytest.param(
            datetime(2026, 10, 24, 20, 30, tzinfo=LONDON),
            datetime(2026, 10, 25, 7, 30, tzinfo=LONDON),
            60,
            id="October night: 11 hours by the clock are 12, so an hour a step",
        ),
        pytest.param(
            datetime(2027, 3, 27, 19, 30, tzinfo=LONDON),
            datetime(2027, 3, 28, 7, 30, tzinfo=LONDON),
            30,
            id="March night: 12 hours by the clock are 11, so half an hour a step",
        ),
    ],
)
def test_lead_is_elapsed_time_over_a_clock_change(
    authorised: datetime, start: datetime, step: int
) -> None:
    openings = plan(authorised, shift(starts_at=start))
    assert openings[1].opens_at == authorised.astimezone(UTC) + step * M


@pytest.mark.parametrize(
    ("start", "window"),
    [
        pytest.param(
            datetime(2026, 10, 25, 19, 30, tzinfo=LONDON),
            datetime(2026, 10, 18, 20, 30, tzinfo=LONDON),
            id="October: seven days of 24 hours, an hour later on the clock",
        ),
        pytest.param(
            datetime(2027, 3, 28, 19, 30, tzinfo=LONDON),
            datetime(2027, 3, 21, 18, 30, tzinfo=LONDON),
            id="March: seven days of 24 hours, an hour earlier on the clock",
        ),
    ],
)
def test_windows_are_elapsed_time_over_a_clock_change(start: datetime, window: datetime) -> None:
    openings = plan(start.astimezone(UTC) - 42 * D, shift(starts_at=start))
    assert opens_at(Tier.AGENCY_1, openings) == window.astimezone(UTC)


def test_agency_lock_is_elapsed_time() -> None:
    monday = datetime(2026, 10, 26, 7, 30, tzinfo=LONDON)
    assert agency_lock_at(monday, national()) == datetime(2026, 10, 23, 7, 30, tzinfo=UTC)
