"""Patterns over weeks and last week again, by the wall clock, on both clock-change nights."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies
from bankhub.model.request_policy import RequestPolicy
from bankhub.rules.shift_times import Occurrence, Span, london, span_from_london
from bankhub.rules.shifts.patterns import (
    Pattern,
    Placed,
    Times,
    already_there,
    moved,
    place,
    spread,
    wrong_pattern,
)

VERSIONS = {v.staff_group: v for v in national_policies(PolicyKind.REQUESTING)}
POLICY = read_values(RequestPolicy, VERSIONS[None].values)
NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)
MONDAY = date(2026, 9, 14)
WEEK = timedelta(weeks=1)
NIGHT = Times(starts=time(19, 30), ends=time(8))
EARLY = Times(starts=time(7), ends=time(15))
FIRST, SECOND = Occurrence


def placed(pattern: Pattern, now: datetime = NOW) -> list[Placed]:
    return spread(pattern, policy_on=lambda _day: POLICY, now=now)


def minutes(found: list[Placed]) -> dict[date, int | None]:
    return {one.day: one.span.minutes if one.span else None for one in found}


def span(day: date, starts: time, ends: time) -> Span:
    found = span_from_london(day, starts, ends, policy=POLICY)
    assert isinstance(found, Span)
    return found


NIGHTS = {
    "over October's change the night is 13.5 hours": (
        date(2026, 10, 17), {date(2026, 10, 17): 750, date(2026, 10, 24): 810,
                             date(2026, 10, 31): 750},
    ),
    "over March's change the night is 11.5 hours": (
        date(2027, 3, 20), {date(2027, 3, 20): 750, date(2027, 3, 27): 690, date(2027, 4, 3): 750},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("first", "nights"), NIGHTS.values(), ids=NIGHTS.keys())
def test_saturday_nights_stay_on_the_clock(first: date, nights: dict[date, int]) -> None:
    found = placed(Pattern(first_week=first, weeks=3, times={5: [NIGHT]}))
    assert minutes(found) == nights
    clocks = {(london(s.starts_at).time(), london(s.ends_at).time()) for one in found
              if (s := one.span)}  # fmt: skip
    assert clocks == {(time(19, 30), time(8))}


def test_a_pattern_repeats_on_its_days_and_leaves_out_what_is_to_be_skipped() -> None:
    found = placed(
        Pattern(
            first_week=date(2026, 9, 17),
            weeks=3,
            every=2,
            times={0: [EARLY, NIGHT], 4: [EARLY]},
            skip=frozenset({date(2026, 9, 18)}),
        )
    )
    assert [(one.day, one.times.starts.hour) for one in found] == [
        (date(2026, 9, 14), 7), (date(2026, 9, 14), 19),
        (date(2026, 9, 28), 7), (date(2026, 9, 28), 19), (date(2026, 10, 2), 7),
    ]  # fmt: skip


def test_days_that_have_begun_are_refused_and_the_others_stand() -> None:
    found = placed(Pattern(first_week=date(2026, 9, 7), weeks=1, times={0: [EARLY], 1: [EARLY]}))
    assert [[reason.code for reason in one.reasons] for one in found] == [["already_started"], []]


REPEATED = date(2026, 10, 25)
TWICE: dict[str, tuple[Times, bool, int]] = {
    "a start that happens twice is the first, and marked": (
        Times(starts=time(1, 30), ends=time(8)), True, 450,
    ),
    "a start said to be the second is that, and not marked": (
        Times(starts=time(1, 30), ends=time(8), start_pass=SECOND), False, 390,
    ),
    "an end of the night before that happens twice is marked too": (
        Times(starts=time(22), ends=time(1, 30)), True, 210,
    ),
    "a night around it is not asked about": (Times(starts=time(0, 30), ends=time(8)), False, 510),
}  # fmt: skip


@pytest.mark.parametrize(("times", "marked", "lasts"), TWICE.values(), ids=TWICE.keys())
def test_the_hour_that_happens_twice(times: Times, marked: bool, lasts: int) -> None:
    day = REPEATED - timedelta(days=times.starts.hour > 12)
    found = place(day, times, policy=POLICY, now=NOW)
    assert found.span is not None
    assert (found.first_pass_taken, found.span.minutes) == (marked, lasts)


def test_the_hour_that_does_not_exist_is_refused_and_the_other_weeks_stand() -> None:
    times = Times(starts=time(1, 30), ends=time(8))
    found = placed(Pattern(first_week=date(2027, 3, 21), weeks=3, times={6: [times]}))
    assert minutes(found) == {
        date(2027, 3, 21): 390, date(2027, 3, 28): None, date(2027, 4, 4): 390,
    }  # fmt: skip
    assert [reason.code for reason in found[1].reasons] == ["missing_hour"]


WRONG = {
    "no weeks": ({"weeks": 0}, "weeks"),
    "too many weeks": ({"weeks": 27}, "weeks"),
    "a rhythm of more than four weeks": ({"every": 5}, "every"),
    "no days": ({"times": {}}, "times"),
    "a day without times": ({"times": {0: []}}, "times"),
    "an eighth day of the week": ({"times": {7: [EARLY]}}, "times"),
}


@pytest.mark.parametrize(("said", "field"), WRONG.values(), ids=WRONG.keys())
def test_a_pattern_means_nothing_with(said: dict[str, Any], field: str) -> None:
    known: dict[str, Any] = {"first_week": MONDAY, "weeks": 2, "times": {0: [EARLY]}}
    assert wrong_pattern(Pattern(**known)) == {}
    assert list(wrong_pattern(Pattern(**{**known, **said}))) == [field]


COPIES = {
    "an ordinary night": (date(2026, 9, 12), 750, 750),
    "into the October night": (date(2026, 10, 17), 750, 810),
    "out of the October night": (date(2026, 10, 24), 810, 750),
    "into the March night": (date(2027, 3, 20), 750, 690),
    "out of the March night": (date(2027, 3, 27), 690, 750),
}


@pytest.mark.parametrize(("day", "before", "after"), COPIES.values(), ids=COPIES.keys())
def test_last_week_again_moves_by_the_wall_clock(day: date, before: int, after: int) -> None:
    old = span(day, time(19, 30), time(8))
    new = moved(old, 1, policy=POLICY, now=NOW)
    assert new.span is not None
    assert (old.minutes, new.span.minutes) == (before, after)
    assert london(new.span.starts_at).replace(tzinfo=None) == (
        london(old.starts_at).replace(tzinfo=None) + WEEK
    )


def test_a_copy_into_the_hour_that_does_not_exist_is_refused() -> None:
    new = moved(span(date(2027, 3, 21), time(1, 30), time(8)), 1, policy=POLICY, now=NOW)
    assert (new.span, [reason.code for reason in new.reasons]) == (None, ["missing_hour"])


def test_a_copy_into_the_hour_that_happens_twice_takes_the_first_and_says_so() -> None:
    new = moved(span(date(2026, 10, 18), time(1, 30), time(8)), 1, policy=POLICY, now=NOW)
    assert new.span is not None
    assert (new.first_pass_taken, new.span.minutes) == (True, 450)


def test_a_copy_of_a_second_pass_is_the_plain_time_a_week_later() -> None:
    second = span_from_london(
        REPEATED, time(1, 30), time(8), policy=POLICY, start_occurrence=SECOND
    )
    assert isinstance(second, Span)
    new = moved(second, 1, policy=POLICY, now=NOW)
    assert new.span is not None
    assert (new.first_pass_taken, new.span.minutes) == (False, 390)


def test_nothing_is_copied_into_the_past() -> None:
    new = moved(span(date(2026, 8, 24), time(7), time(15)), 1, policy=POLICY, now=NOW)
    assert [reason.code for reason in new.reasons] == ["already_started"]


@given(
    st.dates(date(2026, 9, 14), date(2028, 9, 1)),
    st.integers(0, 23),
    st.integers(1, 13),
    st.integers(1, 52),
)
def test_whatever_is_copied_keeps_its_clock_times(
    day: date, hour: int, hours: int, weeks: int
) -> None:
    ends = (datetime.combine(day, time(hour)) + timedelta(hours=hours)).time()
    old = span_from_london(day, time(hour), ends, policy=POLICY)
    if not isinstance(old, Span):
        return
    new = moved(old, weeks, policy=POLICY, now=NOW).span
    if new is not None:
        clocks = [london(moment).time() for moment in (new.starts_at, new.ends_at)]
        assert clocks == [time(hour), ends]


def test_each_standing_shift_answers_for_one_wanted() -> None:
    assert already_there(["a", "a", "b"], ["a", "c"]) == [True, False, False]
    assert already_there([], ["a"]) == []
