"""Fill figures of many shifts: weeks and lead times, rates, and what holds for any histories."""

import json
from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import reduce
from operator import add
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.model.fill_values import (
    Amount,
    CountedShift,
    Dimension,
    FillFigures,
    FillUnit,
    Partition,
    ShiftHistory,
    Standing,
)
from bankhub.model.vocabulary import BookingState, FillBucket, Tier
from bankhub.rules.figures.fill_rate import BUCKET_OF_TIER, add_up, rates, roll_up
from bankhub.rules.shift_times import LeadBand
from tests.rules.fill_examples import (
    HISTORIES,
    D,
    H,
    booking,
    counted,
    history,
    random_history,
    shift,
)

OWN, PARTNER, FRAMEWORK, OFF, UNFILLED = FillBucket


def starting(starts_at: datetime, *, authorised_at: datetime, hours: float = 12.5) -> CountedShift:
    return counted(
        ShiftHistory(
            shift=shift(starts_at, hours), created_at=authorised_at, authorised_at=authorised_at
        )
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# start, authorised (UTC) → week, minutes, lead hours, released early, band
CLOCKS: dict[str, tuple[str, str, float, date, int, int, bool, LeadBand]] = {
    "a Sunday night belongs to the week that ends with it": (
        "2026-10-18T18:30",
        "2026-10-17T18:30",
        12.5,
        date(2026, 10, 12),
        690,
        24,
        False,
        LeadBand.FROM_24_HOURS,
    ),
    "half past midnight on a summer Monday is Sunday in UTC": (
        "2026-08-02T23:30",
        "2026-08-02T22:00",
        8,
        date(2026, 8, 3),
        420,
        1,
        False,
        LeadBand.UNDER_24_HOURS,
    ),
    "the October night has an hour more": (
        "2026-10-24T18:30",
        "2026-10-24T17:00",
        13.5,
        date(2026, 10, 19),
        750,
        1,
        False,
        LeadBand.UNDER_24_HOURS,
    ),
    "the March night has an hour less": (
        "2027-03-27T19:30",
        "2027-03-27T18:29",
        11.5,
        date(2027, 3, 22),
        630,
        1,
        False,
        LeadBand.UNDER_24_HOURS,
    ),
    "42 days on the London clock over the March change are 42, though an hour is missing": (
        "2027-04-12T06:30",
        "2027-03-01T07:30",
        12.5,
        date(2027, 4, 12),
        690,
        42 * 24 - 1,
        True,
        LeadBand.FROM_42_DAYS,
    ),
    "42 days less a minute over the October change are not 42, though they are 42 x 24 hours": (
        "2026-11-18T07:30",
        "2026-10-07T06:31",
        12.5,
        date(2026, 11, 16),
        690,
        42 * 24,
        False,
        LeadBand.FROM_28_DAYS,
    ),
}


@pytest.mark.parametrize(
    ("start", "authorised", "hours", "week", "minutes", "lead_hours", "early", "band"),
    CLOCKS.values(),
    ids=CLOCKS.keys(),
)
def test_weeks_minutes_and_lead_times_over_the_clock_changes(
    start: str,
    authorised: str,
    hours: float,
    week: date,
    minutes: int,
    lead_hours: int,
    early: bool,
    band: LeadBand,
) -> None:
    found = starting(moment(start), authorised_at=moment(authorised), hours=hours)
    assert found.week == week
    assert found.minutes == minutes
    assert found.lead_hours == lead_hours
    assert found.released_early is early
    assert found.lead_band == band


def test_a_late_withdrawal_is_measured_in_hours_that_pass() -> None:
    # Sunday 12:00 after the October change; Saturday 12:30 by the clock is 24.5 hours before.
    starts_at = moment("2026-10-25T12:00")
    pulled = ShiftHistory(
        shift=shift(starts_at),
        created_at=starts_at - 9 * D,
        authorised_at=starts_at - 9 * D,
        withdrawn_at=moment("2026-10-24T11:30"),
    )
    assert counted(pulled).standing is Standing.WITHDRAWN
    assert not counted(pulled).late_withdrawal


def test_of_two_holders_on_record_the_later_counts() -> None:
    both = history(booking(), booking(tier=Tier.PARTNER, number=2, made=-2 * D))
    assert counted(both).bucket is PARTNER
    no_moment = replace(booking(tier=Tier.AGENCY_1, number=9), made_at=None)
    assert counted(history(no_moment, booking())).bucket is OWN


def test_every_tier_has_a_bucket_and_every_bucket_a_place_in_the_partition() -> None:
    assert set(BUCKET_OF_TIER) == set(Tier)
    assert [spec.name for spec in fields(Partition)] == [bucket.value for bucket in FillBucket]


def test_rates_in_shifts_and_in_hours() -> None:
    figures = FillFigures(
        booked=Partition(
            own_bank=Amount(60, 600),
            partner_bank=Amount(10, 200),
            framework_agency=Amount(8, 100),
            off_framework=Amount(2, 100),
            unfilled=Amount(20, 1000),
        ),
        worked=Partition(own_bank=Amount(75, 900), unfilled=Amount(25, 1100)),
        released_early=Amount(40, 500),
        lead_hours=((10, 50), (30, 49), (1000, 1)),
    )
    shifts = rates(figures, FillUnit.SHIFTS)
    assert shifts.temp_fill_rate == 0.8
    assert shifts.worked_temp_fill_rate == 0.75
    assert shifts.bank_fill_rate == 0.7
    assert shifts.bank_share == 0.875
    assert shifts.released_early_share == 0.4
    assert shifts.median_lead_hours == 20
    hours = rates(figures, FillUnit.HOURS)
    assert hours.temp_fill_rate == 0.5
    assert hours.worked_temp_fill_rate == 0.45
    assert hours.bank_fill_rate == 0.4
    assert hours.bank_share == 0.8
    assert hours.released_early_share == 0.25


def test_no_demand_has_no_rate() -> None:
    nothing = rates(FillFigures(), FillUnit.SHIFTS)
    values = [getattr(nothing, spec.name) for spec in fields(nothing) if spec.name != "unit"]
    assert values == [None] * len(values)


@pytest.mark.parametrize(
    ("leads", "median"),
    [((7,), 7), ((1, 9), 5), ((1, 2, 900), 2), ((3, 3, 4, 4), 3.5), ((0, 0, 0, 8), 0)],
)
def test_the_median_is_read_from_the_histogram(leads: tuple[int, ...], median: float) -> None:
    histogram = tuple(sorted(Counter(leads).items()))
    assert rates(FillFigures(lead_hours=histogram), FillUnit.SHIFTS).median_lead_hours == median


def test_each_dimension_groups_by_its_own_value() -> None:
    one = counted(history(booking()))
    groups = roll_up([one], tuple(Dimension))
    assert list(groups) == [
        (
            UUID(int=2),
            UUID(int=3),
            UUID(int=4),
            one.staff_group,
            one.grade,
            one.reason,
            date(2026, 10, 12),
            LeadBand.FROM_42_DAYS,
        )
    ]


def counts(histories: list[ShiftHistory]) -> list[CountedShift]:
    return [counted(each) for each in histories]


@settings(deadline=None)
@given(HISTORIES)
def test_the_partition_is_exact_in_shifts_and_minutes(histories: list[ShiftHistory]) -> None:
    shifts = counts(histories)
    figures = add_up(shifts)
    requested = [each for each in shifts if each.standing is Standing.REQUESTED]
    whole = Amount(len(requested), sum(each.minutes for each in requested))
    for partition in (figures.booked, figures.worked):
        assert partition.requested == whole
        assert reduce(add, (partition.of(bucket) for bucket in FillBucket)) == whole
        assert partition.bank + partition.agency + partition.unfilled == whole
    apart = (
        sum(each.standing is Standing.NOT_AUTHORISED for each in shifts)
        + figures.retrospective.shifts
        + figures.withdrawn.shifts
        + figures.withdrawn_after_fill.shifts
    )
    assert whole.shifts + apart == len(shifts)
    assert sum(number for _, number in figures.lead_bands) == whole.shifts
    assert sum(number for _, number in figures.lead_hours) == whole.shifts


@settings(deadline=None)
@given(HISTORIES)
def test_parts_are_never_more_than_what_they_are_part_of(histories: list[ShiftHistory]) -> None:
    figures = add_up(counts(histories))
    booked, worked = figures.booked, figures.worked
    assert figures.still_open.shifts <= booked.unfilled.shifts <= worked.unfilled.shifts
    assert figures.awaiting_sign_off.shifts <= worked.bank.shifts + worked.agency.shifts
    assert figures.released_early.shifts <= booked.requested.shifts


@settings(deadline=None)
@given(HISTORIES, st.sampled_from(Dimension), st.randoms())
def test_groups_add_up_to_the_whole_in_any_order(
    histories: list[ShiftHistory], dimension: Dimension, random: Random
) -> None:
    shifts = counts(histories)
    groups = list(roll_up(shifts, (dimension,)).values())
    random.shuffle(groups)
    assert reduce(add, groups, FillFigures()) == add_up(shifts)


@settings(deadline=None)
@given(HISTORIES, st.randoms())
def test_order_does_not_matter(histories: list[ShiftHistory], random: Random) -> None:
    shifts = counts(histories)
    mixed = random.sample(shifts, len(shifts))
    assert add_up(mixed) == add_up(shifts)


@settings(deadline=None)
@given(HISTORIES)
def test_stored_figures_come_back_the_same(histories: list[ShiftHistory]) -> None:
    figures = add_up(counts(histories))
    assert FillFigures.of_values(json.loads(json.dumps(figures.as_values()))) == figures


@settings(deadline=None)
@given(random_history(), st.integers(0, 100), st.booleans())
def test_pulling_a_shift_after_its_start_never_moves_it(
    given_history: ShiftHistory, hours: int, need_ended: bool
) -> None:
    untouched = counted(replace(given_history, withdrawn_at=None))
    pulled = counted(
        replace(
            given_history,
            withdrawn_at=given_history.shift.starts_at + hours * H,
            need_ended=need_ended,
        )
    )
    assert (pulled.standing, pulled.bucket) == (untouched.standing, untouched.bucket)


@settings(deadline=None)
@given(random_history())
def test_offers_and_applications_never_count(given_history: ShiftHistory) -> None:
    extra = booking(BookingState.OFFERED, Tier.AGENCY_1, number=99)
    more = replace(given_history, bookings=(*given_history.bookings, extra))
    assert counted(more) == counted(given_history)
