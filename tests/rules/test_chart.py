"""The fill chart: where its parts stand, and what it says."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.model.fill_values import Amount, FillUnit, Partition
from bankhub.model.vocabulary import FillBucket
from bankhub.rules.figures.chart import PATTERNS, WORDS, fill_chart, percent_text

SHIFTS, HOURS = FillUnit
MONDAY = date(2026, 10, 5)
WEEK = timedelta(days=7)


def partition(*shifts: int) -> Partition:
    """Shifts of 11.5 hours, bucket by bucket."""
    return Partition(*(Amount(number, number * 690) for number in shifts))


def test_a_week_is_stacked_from_the_bottom_in_the_order_of_the_cascade() -> None:
    chart = fill_chart({MONDAY: partition(50, 20, 10, 0, 20)}, SHIFTS, width=720, height=320)
    left, top, right, bottom = chart.plot
    assert [bar.bucket.value for bar in chart.bars] == [
        "own_bank",
        "partner_bank",
        "framework_agency",
        "unfilled",
    ]
    assert chart.bars[0].y + chart.bars[0].height == bottom
    assert chart.bars[-1].y == top
    for below, above in zip(chart.bars, chart.bars[1:], strict=False):
        assert above.y + above.height == pytest.approx(below.y)
    assert chart.bars[0].height == pytest.approx((bottom - top) / 2)
    assert all(left <= bar.x and bar.x + bar.width <= right for bar in chart.bars)
    assert chart.bars[0].words == "Week of 5 October 2026: own bank 50 of 100 shifts"
    assert [tick.label for tick in chart.amounts] == ["0", "20", "40", "60", "80", "100"]
    assert (chart.amounts[0].at, chart.amounts[-1].at) == (bottom, top)


def test_hours_are_minutes_on_the_axis_and_in_words() -> None:
    chart = fill_chart({MONDAY: partition(1000, 0, 0, 0, 200)}, HOURS)
    assert chart.bars[0].words == "Week of 5 October 2026: own bank 11,500 of 13,800 hours"
    assert [tick.label for tick in chart.amounts] == ["0", "5,000", "10,000", "15,000"]


def test_no_part_is_told_by_colour_alone() -> None:
    assert len(set(PATTERNS.values())) == len(FillBucket) == len(set(WORDS.values()))
    chart = fill_chart({MONDAY: partition(1, 1, 1, 1, 1)}, SHIFTS)
    assert [(bar.bucket, bar.pattern) for bar in chart.bars] == list(PATTERNS.items())
    assert [(key.bucket, key.pattern, key.words) for key in chart.legend] == [
        (FillBucket.OWN_BANK, "solid", "Own bank"),
        (FillBucket.PARTNER_BANK, "diagonal", "Partner banks"),
        (FillBucket.FRAMEWORK_AGENCY, "dots", "Framework agency"),
        (FillBucket.OFF_FRAMEWORK, "crosshatch", "Off-framework agency"),
        (FillBucket.UNFILLED, "hollow", "Unfilled"),
    ]


def test_a_week_without_demand_keeps_its_place() -> None:
    chart = fill_chart({MONDAY + 2 * WEEK: partition(5), MONDAY: partition(5)}, SHIFTS)
    assert [tick.label for tick in chart.weeks] == ["5 Oct", "12 Oct", "19 Oct"]
    assert {bar.week for bar in chart.bars} == {MONDAY, MONDAY + 2 * WEEK}


def test_narrow_screens_get_fewer_week_labels_of_the_same_bars() -> None:
    weeks = {MONDAY + place * WEEK: partition(3) for place in range(14)}
    chart = fill_chart(weeks, SHIFTS, width=320, most_week_labels=4)
    assert [tick.label for tick in chart.weeks] == ["5 Oct", "2 Nov", "30 Nov", "28 Dec"]
    assert len(chart.bars) == 14


SUMMARIES: dict[str, tuple[dict[date, Partition], FillUnit, str]] = {
    "nothing to show": ({}, SHIFTS, "No shifts were requested in these weeks."),
    "weeks without demand": (
        {MONDAY: partition(0)},
        HOURS,
        "No hours were requested in these weeks.",
    ),
    "one week": (
        {MONDAY: partition(40, 20, 10, 5, 25)},
        SHIFTS,
        "Temporary fill rate in shifts: 75% in the week of 5 October 2026.",
    ),
    "the same every week": (
        {MONDAY: partition(4, 0, 0, 0, 4), MONDAY + WEEK: partition(9, 0, 0, 0, 9)},
        SHIFTS,
        "Temporary fill rate in shifts: 50% in every week.",
    ),
    "low and high, weeks without demand left out": (
        {
            MONDAY: partition(7, 0, 0, 0, 3),
            MONDAY + WEEK: partition(0),
            MONDAY + 2 * WEEK: partition(9, 0, 0, 0, 1),
            MONDAY + 3 * WEEK: partition(8, 0, 0, 0, 2),
        },
        SHIFTS,
        "Temporary fill rate in shifts: lowest 70% in the week of 5 October 2026, "
        "highest 90% in the week of 19 October 2026.",
    ),
    "of equal weeks the first is named": (
        {
            MONDAY + WEEK: partition(1, 0, 0, 0, 1),
            MONDAY: partition(2, 0, 0, 0, 2),
            MONDAY + 2 * WEEK: partition(1),
        },
        SHIFTS,
        "Temporary fill rate in shifts: lowest 50% in the week of 5 October 2026, "
        "highest 100% in the week of 19 October 2026.",
    ),
}


@pytest.mark.parametrize(("weeks", "unit", "words"), SUMMARIES.values(), ids=SUMMARIES.keys())
def test_the_summary_gives_the_low_and_the_high_in_words(
    weeks: dict[date, Partition], unit: FillUnit, words: str
) -> None:
    assert fill_chart(weeks, unit).summary == words


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (999, 1000, "99%"),
        (1, 1000, "1%"),
        (0, 1000, "0%"),
        (1000, 1000, "100%"),
        (826, 1000, "83%"),
    ],
)
def test_all_and_nothing_are_said_only_when_true(part: int, whole: int, text: str) -> None:
    assert percent_text(part, whole) == text


@settings(deadline=None)
@given(
    st.dictionaries(
        st.integers(0, 60).map(lambda place: MONDAY + place * WEEK),
        st.lists(st.integers(0, 40_000), min_size=5, max_size=5).map(lambda n: partition(*n)),
        max_size=20,
    ),
    st.sampled_from(FillUnit),
)
def test_every_bar_is_inside_the_plot_and_as_high_as_what_was_requested(
    weeks: dict[date, Partition], unit: FillUnit
) -> None:
    chart = fill_chart(weeks, unit)
    left, top, right, bottom = chart.plot
    assert 2 <= len(chart.amounts) <= 6
    per_week: dict[date, float] = {}
    for bar in chart.bars:
        assert left <= bar.x <= bar.x + bar.width <= right
        assert top <= bar.y <= bar.y + bar.height <= bottom + 0.01
        per_week[bar.week] = per_week.get(bar.week, 0) + bar.height
    requested = {week: parts.requested.shifts for week, parts in weeks.items()}
    if per_week:
        tallest = max(requested.values())
        for week, height in per_week.items():
            share = requested[week] / tallest
            assert height == pytest.approx(share * max(per_week.values()), abs=0.06)
