"""What a shift pays: bank.md's test vectors, both clock-change nights, and what always holds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.model.pay_policy import (
    BreakPolicy,
    PayScheme,
    RateBasis,
    RateTable,
    RateValue,
    TimeType,
)
from bankhub.model.vocabulary import Grade
from bankhub.rules.pay.pay_estimate import time_types
from bankhub.rules.shift_times import Span
from tests.rules.pay_examples import (
    AFC,
    CHRISTMAS,
    CORE,
    ENTRY_2025,
    MARCH_NIGHT,
    MEDICAL,
    NIGHT,
    OCTOBER_NIGHT,
    PLAIN,
    SATURDAY_NIGHT,
    SUNDAY,
    UNSOCIAL,
    doctor,
    paid,
    pay,
    span,
)

# start, end (London) → stretches in minutes, breaks included
SECTION_2: dict[str, tuple[str, str, tuple[tuple[TimeType, int], ...]]] = {
    "Tuesday long day: nothing unsocial": (
        "2026-10-06T07:30",
        "2026-10-06T20:00",
        ((PLAIN, 750),),
    ),
    "Tuesday late: only the hour and a half after 20:00": (
        "2026-10-06T13:30",
        "2026-10-06T21:30",
        ((PLAIN, 390), (NIGHT, 90)),
    ),
    "Tuesday twilight, exactly half at night: only that half": (
        "2026-10-06T16:00",
        "2026-10-07T00:00",
        ((PLAIN, 240), (NIGHT, 240)),
    ),
    "a minute more than half: all of it": (
        "2026-10-06T16:01",
        "2026-10-07T00:00",
        ((NIGHT, 479),),
    ),
    "Tuesday 17:00 to 01:00, five of eight: all of it": (
        "2026-10-06T17:00",
        "2026-10-07T01:00",
        ((NIGHT, 480),),
    ),
    "Tuesday night: all of it": ("2026-10-06T19:30", "2026-10-07T08:00", ((NIGHT, 750),)),
    "early start: the hour before 06:00 only": (
        "2026-10-06T05:00",
        "2026-10-06T13:00",
        ((NIGHT, 60), (PLAIN, 420)),
    ),
    "Friday night into Saturday: all of it": (
        "2026-10-09T19:30",
        "2026-10-10T08:00",
        ((NIGHT, 750),),
    ),
    "Saturday day": ("2026-10-10T07:30", "2026-10-10T20:00", ((NIGHT, 750),)),
    "Saturday night: 4.5 hours, then 8 at the Sunday rate": (
        "2026-10-17T19:30",
        "2026-10-18T08:00",
        ((NIGHT, 270), (SUNDAY, 480)),
    ),
    "Sunday day": ("2026-10-18T07:30", "2026-10-18T20:00", ((SUNDAY, 750),)),
    "Sunday night: 4.5 hours Sunday, the rest by majority, 06:00 to 08:00 too": (
        "2026-10-18T19:30",
        "2026-10-19T08:00",
        ((SUNDAY, 270), (NIGHT, 480)),
    ),
    "the October night: the hour that repeats is at the Sunday rate": (
        "2026-10-24T19:30",
        "2026-10-25T08:00",
        ((NIGHT, 270), (SUNDAY, 540)),
    ),
    "the March night: the hour that is missing was at the Sunday rate": (
        "2027-03-27T19:30",
        "2027-03-28T08:00",
        ((NIGHT, 270), (SUNDAY, 420)),
    ),
    "Christmas Eve night: the holiday by the clock, the evening by majority": (
        "2026-12-24T19:30",
        "2026-12-25T08:00",
        ((NIGHT, 270), (SUNDAY, 480)),
    ),
    "an afternoon into a holiday: the majority is taken over the whole shift": (
        "2026-12-24T17:00",
        "2026-12-25T01:00",
        ((NIGHT, 420), (SUNDAY, 60)),
    ),
    "a substitute day, then an ordinary morning": (
        "2026-12-28T19:30",
        "2026-12-29T08:00",
        ((SUNDAY, 270), (NIGHT, 480)),
    ),
}


@pytest.mark.parametrize(("start", "end", "expected"), SECTION_2.values(), ids=SECTION_2.keys())
def test_section_2_time_types(
    start: str, end: str, expected: tuple[tuple[TimeType, int], ...]
) -> None:
    found = time_types(span(start, end), scheme=PayScheme.SECTION_2, holidays=CHRISTMAS, policy=AFC)
    assert found == expected


MEDICAL_TIME: dict[str, tuple[str, str, tuple[tuple[TimeType, int], ...]]] = {
    "standard day": ("2026-10-06T08:00", "2026-10-06T17:00", ((CORE, 540),)),
    "long day: unsocial from 19:00": (
        "2026-10-06T08:00",
        "2026-10-06T20:30",
        ((CORE, 660), (UNSOCIAL, 90)),
    ),
    "night: core from 07:00, no majority rule": (
        "2026-10-06T20:00",
        "2026-10-07T08:30",
        ((UNSOCIAL, 660), (CORE, 90)),
    ),
    "Saturday": ("2026-10-10T08:00", "2026-10-10T17:00", ((UNSOCIAL, 540),)),
    "Sunday night into Monday": (
        "2026-10-18T20:00",
        "2026-10-19T08:30",
        ((UNSOCIAL, 660), (CORE, 90)),
    ),
    "a public holiday": ("2026-12-28T08:00", "2026-12-28T17:00", ((UNSOCIAL, 540),)),
    "the October night": ("2026-10-24T20:00", "2026-10-25T08:30", ((UNSOCIAL, 810),)),
    "the March night": ("2027-03-27T20:00", "2027-03-28T08:30", ((UNSOCIAL, 690),)),
}


@pytest.mark.parametrize(
    ("start", "end", "expected"), MEDICAL_TIME.values(), ids=MEDICAL_TIME.keys()
)
def test_medical_time_types(
    start: str, end: str, expected: tuple[tuple[TimeType, int], ...]
) -> None:
    found = time_types(
        span(start, end), scheme=PayScheme.CORE_UNSOCIAL, holidays=CHRISTMAS, policy=MEDICAL
    )
    assert found == expected


MIDDLE, PRO_RATA, LOWEST = BreakPolicy
WORKED_VECTORS: dict[str, tuple[Span, BreakPolicy, RateBasis, list[int], int]] = {
    "break in the middle": (SATURDAY_NIGHT, MIDDLE, RateBasis.ANNUAL, [7939, 16028], 23967),
    "break off the lowest rate": (SATURDAY_NIGHT, LOWEST, RateBasis.ANNUAL, [6175, 18317], 24492),
    "break pro rata": (SATURDAY_NIGHT, PRO_RATA, RateBasis.ANNUAL, [7304, 16852], 24156),
    "October, break in the middle": (
        OCTOBER_NIGHT,
        MIDDLE,
        RateBasis.ANNUAL,
        [7939, 18317],
        26256,
    ),
    "March, break in the middle": (MARCH_NIGHT, MIDDLE, RateBasis.ANNUAL, [7939, 13738], 21677),
    "from the published hourly rate": (
        SATURDAY_NIGHT,
        MIDDLE,
        RateBasis.HOURLY,
        [7938, 16025],
        23963,
    ),
}


@pytest.mark.parametrize(
    ("given_span", "break_policy", "basis", "lines", "total"),
    WORKED_VECTORS.values(),
    ids=WORKED_VECTORS.keys(),
)
def test_a_band_2_saturday_night_with_an_hours_break(
    given_span: Span, break_policy: BreakPolicy, basis: RateBasis, lines: list[int], total: int
) -> None:
    policy = replace(AFC, unpaid_break=break_policy, rate_basis=basis)
    found = paid(pay(given_span, unpaid=60, policy=policy))
    assert [line.pence for line in found.lines] == lines
    assert found.total_pence == total
    assert sum(line.minutes for line in found.lines) == given_span.minutes - 60
    assert found.hourly_pence == 1251
    assert (found.illustrative, found.source) == (False, "2025/26")


def test_lines_show_the_enhanced_rate_and_whole_minutes() -> None:
    policy = replace(AFC, unpaid_break=PRO_RATA)
    found = paid(pay(SATURDAY_NIGHT, unpaid=60, policy=policy))
    assert [(line.time_type, line.minutes, line.rate_pence) for line in found.lines] == [
        ("saturday_night", 248, 1764),
        ("sunday_holiday", 442, 2290),
    ]


def test_a_break_that_takes_all_of_the_cheapest_time_goes_on_to_the_next() -> None:
    # half an hour of Saturday, then Sunday
    mixed = span("2026-10-17T23:30", "2026-10-18T07:30")
    found = paid(pay(mixed, unpaid=60, policy=replace(AFC, unpaid_break=LOWEST)))
    assert [(line.time_type, line.minutes) for line in found.lines] == [("sunday_holiday", 420)]


def test_a_break_in_the_middle_is_shared_by_the_time_types_it_lies_in() -> None:
    # 22:00 to 02:00 on Saturday: the middle hour is half Saturday, half Sunday
    found = paid(pay(span("2026-10-17T22:00", "2026-10-18T02:00"), unpaid=60))
    assert [(line.time_type, line.minutes) for line in found.lines] == [
        ("saturday_night", 90),
        ("sunday_holiday", 90),
    ]


def test_whole_minutes_on_lines_still_add_up_when_both_are_halves() -> None:
    found = paid(
        pay(
            span("2026-10-17T23:00", "2026-10-18T01:00"),
            unpaid=1,
            policy=replace(AFC, unpaid_break=PRO_RATA),
        )
    )
    assert [line.minutes for line in found.lines] == [60, 59]


@pytest.mark.parametrize("break_policy", BreakPolicy)
def test_a_break_as_long_as_the_shift_leaves_nothing_to_pay(break_policy: BreakPolicy) -> None:
    policy = replace(AFC, unpaid_break=break_policy)
    found = paid(pay(span("2026-10-06T09:00", "2026-10-06T10:00"), unpaid=90, policy=policy))
    assert (found.lines, found.total_pence) == ((), 0)


@pytest.mark.parametrize("break_policy", BreakPolicy)
def test_an_empty_span_pays_nothing(break_policy: BreakPolicy) -> None:
    policy = replace(AFC, unpaid_break=break_policy)
    found = paid(pay(span("2026-10-06T09:00", "2026-10-06T09:00"), policy=policy))
    assert (found.lines, found.total_pence) == ((), 0)


def test_rolled_up_holiday_pay_is_a_line_of_its_own() -> None:
    policy = replace(AFC, rolled_up_holiday_basis_points=1207)
    found = paid(pay(SATURDAY_NIGHT, unpaid=60, policy=policy))
    assert found.lines[-1].time_type == "holiday_pay"
    assert found.lines[-1].pence == 2893
    assert found.total_pence == 23967 + 2893


def test_half_a_penny_is_rounded_up() -> None:
    rates = RateTable(
        (RateValue(grade=Grade.BAND_2, time_type=PLAIN, pence_per_hour=1001, from_on=date.min),)
    )
    found = paid(pay(span("2026-10-06T09:00", "2026-10-06T09:30"), rates=rates))
    assert found.total_pence == 501  # 500.5


def test_a_rate_set_for_the_enhanced_time_itself_is_used() -> None:
    sunday = RateValue(
        grade=Grade.BAND_2, time_type=SUNDAY, pence_per_hour=3000, from_on=date.min, own=True
    )
    found = paid(pay(SATURDAY_NIGHT, rates=RateTable((*ENTRY_2025.rates, sunday))))
    assert [line.pence for line in found.lines] == [7939, 24000]


def test_a_doctors_long_day() -> None:
    found = paid(doctor(Grade.CORE_TRAINEE, span("2026-10-06T08:00", "2026-10-06T20:30")))
    assert [(line.time_type, line.pence) for line in found.lines] == [
        ("core", 11 * 3614),
        ("unsocial", 6506),  # 1.5 x 43.37 = 65.055
    ]
    assert found.hourly_pence == 3614
    assert found.illustrative


@pytest.mark.parametrize(
    ("minutes", "unpaid", "pence"),
    [(250, 0, 32321), (240, 0, 32321), (500, 0, 64642), (560, 60, 64642), (375, 0, 48482)],
    ids=[
        "a session has a fixed price",
        "a shorter one is paid as one session",
        "two sessions are twice the price",
        "the break between two sessions is not paid",
        "time beyond whole sessions is paid in part",
    ],
)
def test_a_gp_is_paid_by_the_session(minutes: int, unpaid: int, pence: int) -> None:
    start = datetime(2026, 10, 6, 7, 30, tzinfo=UTC)
    found = paid(doctor(Grade.GP, Span(start, start + timedelta(minutes=minutes)), unpaid))
    assert [(line.time_type, line.minutes) for line in found.lines] == [
        ("session", minutes - unpaid)
    ]
    assert found.total_pence == pence
    assert found.hourly_pence == 7757


def test_a_gp_session_over_the_clock_change_has_the_same_price() -> None:
    night = span("2026-10-25T00:00", "2026-10-25T03:10")
    assert night.minutes == 250
    assert paid(doctor(Grade.GP, night)).total_pence == 32321


STARTS = st.integers(0, 400 * 24 * 4).map(
    lambda quarters: datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=15 * quarters)
)


@settings(deadline=None)
@given(STARTS, st.integers(1, 23 * 60), st.integers(0, 120), st.sampled_from(BreakPolicy))
def test_paid_minutes_are_the_elapsed_minutes_less_the_break(
    starts_at: datetime, minutes: int, unpaid: int, break_policy: BreakPolicy
) -> None:
    given_span = Span(starts_at, starts_at + timedelta(minutes=minutes))
    for scheme in (PayScheme.SECTION_2, PayScheme.CORE_UNSOCIAL):
        stretches = time_types(given_span, scheme=scheme, holidays=CHRISTMAS, policy=AFC)
        assert sum(length for _, length in stretches) == minutes
    found = paid(pay(given_span, unpaid=unpaid, policy=replace(AFC, unpaid_break=break_policy)))
    assert sum(line.minutes for line in found.lines) == max(0, minutes - unpaid)
    assert all(line.pence >= 0 and line.minutes >= 0 for line in found.lines)


@settings(deadline=None)
@given(STARTS, st.integers(61, 23 * 60))
def test_a_break_off_the_cheapest_time_never_pays_less(starts_at: datetime, minutes: int) -> None:
    given_span = Span(starts_at, starts_at + timedelta(minutes=minutes))
    middle, pro_rata, lowest = (
        paid(pay(given_span, unpaid=60, policy=replace(AFC, unpaid_break=each))).total_pence
        for each in BreakPolicy
    )
    # three lines at most, each rounded
    assert lowest >= max(middle, pro_rata) - 3
