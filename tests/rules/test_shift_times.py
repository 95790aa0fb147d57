"""London entry, display, weeks and lead, with both clock-change nights in every table."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies
from bankhub.model.request_policy import RequestPolicy
from bankhub.model.vocabulary import StaffGroup
from bankhub.rules.shift_times import (
    LeadBand,
    Occurrence,
    Span,
    clock_text,
    default_unpaid_break,
    from_london,
    hours_text,
    lead_band,
    london,
    london_day,
    span_from_london,
    week_of,
    week_span,
)
from passport.errors import Reason

FIRST, SECOND = Occurrence
OCTOBER, MARCH = date(2026, 10, 25), date(2027, 3, 28)
SATURDAY_OCTOBER, SATURDAY_MARCH = date(2026, 10, 24), date(2027, 3, 27)
VERSIONS = {v.staff_group: v for v in national_policies(PolicyKind.REQUESTING)}
POLICY = read_values(RequestPolicy, VERSIONS[None].values)
DOCTORS = read_values(RequestPolicy, VERSIONS[StaffGroup.MEDICAL_DENTAL].values)


def utc(*parts: int) -> datetime:
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "occurrence", "moment"),
    [
        pytest.param(date(2026, 7, 1), time(7, 30), None, utc(2026, 7, 1, 6, 30), id="summer"),
        pytest.param(date(2026, 12, 1), time(7, 30), None, utc(2026, 12, 1, 7, 30), id="winter"),
        pytest.param(
            OCTOBER, time(0, 59), None, utc(2026, 10, 24, 23, 59), id="October, before the hour"
        ),
        pytest.param(
            OCTOBER, time(1, 0), FIRST, utc(2026, 10, 25, 0, 0), id="October, first 01:00"
        ),
        pytest.param(
            OCTOBER, time(1, 0), SECOND, utc(2026, 10, 25, 1, 0), id="October, second 01:00"
        ),
        pytest.param(
            OCTOBER, time(1, 59), SECOND, utc(2026, 10, 25, 1, 59), id="October, second 01:59"
        ),
        pytest.param(OCTOBER, time(2, 0), None, utc(2026, 10, 25, 2, 0), id="October, after it"),
        pytest.param(
            OCTOBER, time(7, 30), FIRST, utc(2026, 10, 25, 7, 30), id="a needless answer is ignored"
        ),
        pytest.param(
            MARCH, time(0, 59), None, utc(2027, 3, 28, 0, 59), id="March, before the hour"
        ),
        pytest.param(MARCH, time(2, 0), None, utc(2027, 3, 28, 1, 0), id="March, after it"),
        pytest.param(
            date(2026, 12, 1),
            time(7, 30, fold=1, tzinfo=UTC),
            None,
            utc(2026, 12, 1, 7, 30),
            id="a zone on the entered time is not believed",
        ),
    ],
)
def test_london_entry(day: date, at: time, occurrence: Occurrence | None, moment: datetime) -> None:
    assert from_london(day, at, occurrence=occurrence) == moment


@pytest.mark.parametrize("at", [time(1, 0), time(1, 30), time(1, 59)])
def test_the_hour_that_happens_twice_is_asked_about(at: time) -> None:
    reason = from_london(OCTOBER, at)
    assert isinstance(reason, Reason)
    assert reason.code == "repeated_hour"
    first, second = (datetime.fromisoformat(reason.evidence[n]) for n in ("first", "second"))
    assert second - first == timedelta(hours=1)


@pytest.mark.parametrize("at", [time(1, 0), time(1, 30), time(1, 59)])
@pytest.mark.parametrize("occurrence", [None, *Occurrence])
def test_the_missing_hour_is_refused_whatever_is_answered(
    at: time, occurrence: Occurrence | None
) -> None:
    reason = from_london(MARCH, at, occurrence=occurrence)
    assert isinstance(reason, Reason)
    assert (reason.code, reason.evidence["time"]) == ("missing_hour", f"{at:%H:%M}")


SPANS = [
    pytest.param(date(2026, 12, 1), time(7, 30), time(20, 0), 750, id="a long day"),
    pytest.param(date(2026, 12, 1), time(19, 30), time(8, 0), 750, id="a night ends the next day"),
    pytest.param(date(2026, 12, 31), time(19, 30), time(8, 0), 750, id="a night over the new year"),
    pytest.param(SATURDAY_OCTOBER, time(19, 30), time(8, 0), 810, id="the October night, 13.5 h"),
    pytest.param(SATURDAY_MARCH, time(19, 30), time(8, 0), 690, id="the March night, 11.5 h"),
    pytest.param(OCTOBER, time(0, 30), time(8, 0), 510, id="from half past midnight in October"),
    pytest.param(MARCH, time(0, 30), time(8, 0), 390, id="from half past midnight in March"),
    pytest.param(date(2026, 12, 1), time(16, 0), time(0, 0), 480, id="a twilight to midnight"),
    pytest.param(date(2026, 12, 1), time(9, 0), time(13, 10), 250, id="a GP session"),
]


@pytest.mark.parametrize(("day", "start", "end", "minutes"), SPANS)
def test_span(day: date, start: time, end: time, minutes: int) -> None:
    span = span_from_london(day, start, end, policy=POLICY)
    assert isinstance(span, Span)
    assert span.minutes == minutes
    assert (london(span.starts_at).time(), london(span.ends_at).time()) == (start, end)
    assert london_day(span.starts_at) == day


REFUSED = [
    pytest.param(
        date(2026, 12, 1), time(7, 30), time(7, 30), None, None, ["full_day"], id="24 hours"
    ),
    pytest.param(
        SATURDAY_MARCH, time(7, 30), time(7, 30), None, None, ["full_day"], id="the March day, 23 h"
    ),
    pytest.param(
        SATURDAY_OCTOBER,
        time(7, 30),
        time(6, 30),
        None,
        None,
        ["full_day"],
        id="23 h are 24 in October",
    ),
    pytest.param(
        date(2026, 12, 1), time(7, 30), time(7, 0), None, None, ["too_long"], id="23.5 hours"
    ),
    pytest.param(
        date(2026, 12, 1), time(7, 0), time(21, 1), None, None, ["too_long"], id="14 h 1 min"
    ),
    pytest.param(
        SATURDAY_OCTOBER,
        time(19, 0),
        time(8, 1),
        None,
        None,
        ["too_long"],
        id="14 h 1 min in October",
    ),
    pytest.param(
        SATURDAY_MARCH,
        time(19, 30),
        time(1, 30),
        None,
        None,
        ["missing_hour"],
        id="ends in no hour",
    ),
    pytest.param(
        MARCH, time(1, 30), time(1, 30), None, None, ["missing_hour"], id="starts in no hour"
    ),
    pytest.param(
        MARCH, time(1, 15), time(1, 45), None, None, ["missing_hour"] * 2, id="both in no hour"
    ),
    pytest.param(
        SATURDAY_OCTOBER, time(19, 30), time(1, 30), None, None, ["repeated_hour"], id="which end"
    ),
    pytest.param(
        OCTOBER, time(1, 15), time(1, 45), None, None, ["repeated_hour"] * 2, id="which of both"
    ),
    pytest.param(
        OCTOBER, time(1, 15), time(1, 45), SECOND, FIRST, ["ends_before_start"], id="turned round"
    ),
]


@pytest.mark.parametrize(("day", "start", "end", "starts", "ends", "codes"), REFUSED)
def test_span_refused(
    day: date,
    start: time,
    end: time,
    starts: Occurrence | None,
    ends: Occurrence | None,
    codes: list[str],
) -> None:
    reasons = span_from_london(
        day, start, end, policy=POLICY, start_occurrence=starts, end_occurrence=ends
    )
    assert isinstance(reasons, list)
    assert [reason.code for reason in reasons] == codes


@pytest.mark.parametrize(
    ("start", "end", "starts", "ends", "minutes"),
    [
        pytest.param(time(1, 15), time(1, 45), FIRST, SECOND, 90, id="first to second"),
        pytest.param(time(1, 45), time(1, 15), FIRST, SECOND, 30, id="later by an earlier clock"),
        pytest.param(time(1, 30), time(1, 30), FIRST, SECOND, 60, id="the same clock time"),
        pytest.param(time(1, 15), time(1, 45), SECOND, SECOND, 30, id="both in the second"),
        pytest.param(time(1, 30), time(0, 30), FIRST, None, None, id="to the next day"),
    ],
)
def test_spans_inside_the_hour_that_happens_twice(
    start: time, end: time, starts: Occurrence, ends: Occurrence | None, minutes: int | None
) -> None:
    span = span_from_london(
        OCTOBER, start, end, policy=POLICY, start_occurrence=starts, end_occurrence=ends
    )
    assert (span.minutes if isinstance(span, Span) else None) == minutes


@settings(deadline=None)
@given(
    start=st.datetimes(datetime(2026, 10, 23), datetime(2026, 10, 26))  # noqa: DTZ001  UTC below
    | st.datetimes(datetime(2027, 3, 26), datetime(2027, 3, 29)),  # noqa: DTZ001  UTC below
    minutes=st.integers(1, 840),
)
def test_every_shift_can_be_entered_as_the_clock_shows_it(start: datetime, minutes: int) -> None:
    starts_at = start.replace(second=0, microsecond=0, tzinfo=UTC)
    ends_at = starts_at + timedelta(minutes=minutes)
    here, there = london(starts_at), london(ends_at)
    span = span_from_london(
        here.date(),
        here.time().replace(fold=0),
        there.time().replace(fold=0),
        policy=POLICY,
        start_occurrence=SECOND if here.fold else FIRST,
        end_occurrence=SECOND if there.fold else FIRST,
    )
    assert span == Span(starts_at, ends_at)


@pytest.mark.parametrize(
    ("day", "start", "end", "minutes"),
    [
        pytest.param(date(2026, 12, 1), time(7, 0), time(13, 0), 0, id="six hours, none"),
        pytest.param(date(2026, 12, 1), time(7, 0), time(13, 1), 30, id="above six hours, 30"),
        pytest.param(date(2026, 12, 1), time(7, 30), time(19, 29), 30, id="under twelve hours, 30"),
        pytest.param(date(2026, 12, 1), time(7, 30), time(19, 30), 60, id="twelve hours, 60"),
        pytest.param(SATURDAY_OCTOBER, time(19, 30), time(8, 0), 60, id="the October night, 60"),
        pytest.param(SATURDAY_MARCH, time(19, 30), time(8, 0), 60, id="the March night, 60 too"),
        pytest.param(
            SATURDAY_OCTOBER, time(20, 0), time(7, 30), 30, id="12.5 h in October are 11.5"
        ),
    ],
)
def test_default_unpaid_break(day: date, start: time, end: time, minutes: int) -> None:
    span = span_from_london(day, start, end, policy=POLICY)
    assert isinstance(span, Span)
    assert default_unpaid_break(span.starts_at, span.ends_at, POLICY) == minutes
    assert default_unpaid_break(span.starts_at, span.ends_at, DOCTORS) == 0


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        pytest.param(utc(2026, 7, 1, 6, 30), "07:30", id="summer"),
        pytest.param(utc(2026, 12, 1, 7, 30), "07:30", id="winter"),
        pytest.param(utc(2026, 10, 25, 0, 30), "01:30 BST", id="October, first"),
        pytest.param(utc(2026, 10, 25, 1, 30), "01:30 GMT", id="October, second"),
        pytest.param(utc(2026, 10, 25, 2, 0), "02:00", id="October, after it"),
        pytest.param(utc(2027, 3, 28, 0, 59), "00:59", id="March, before the hour"),
        pytest.param(utc(2027, 3, 28, 1, 0), "02:00", id="March, after it"),
    ],
)
def test_clock_text(moment: datetime, text: str) -> None:
    assert clock_text(moment) == text


@pytest.mark.parametrize(
    ("minutes", "text"), [(720, "12 h"), (750, "12 h 30 min"), (45, "0 h 45 min")]
)
def test_hours_text(minutes: int, text: str) -> None:
    assert hours_text(minutes) == text


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        pytest.param(utc(2026, 10, 25, 23, 59), date(2026, 10, 19), id="October Sunday's last"),
        pytest.param(utc(2026, 10, 26, 0, 0), date(2026, 10, 26), id="October Monday's first"),
        pytest.param(utc(2027, 3, 28, 22, 59), date(2027, 3, 22), id="March Sunday's last"),
        pytest.param(utc(2027, 3, 28, 23, 0), date(2027, 3, 29), id="March Monday's first"),
        pytest.param(utc(2026, 12, 31, 12, 0), date(2026, 12, 28), id="over the new year"),
    ],
)
def test_week_of(moment: datetime, monday: date) -> None:
    assert week_of(moment) == monday
    start, end = week_span(monday)
    assert start <= moment < end


@pytest.mark.parametrize(
    ("monday", "hours"),
    [
        pytest.param(date(2026, 10, 19), 169, id="the week the clocks go back"),
        pytest.param(date(2027, 3, 22), 167, id="the week the clocks go forward"),
        pytest.param(date(2026, 12, 7), 168, id="any other week"),
    ],
)
def test_week_span(monday: date, hours: int) -> None:
    start, end = week_span(monday)
    assert end - start == timedelta(hours=hours)
    assert week_span(monday + timedelta(days=6)) == (start, end)


MONDAY = datetime(2026, 12, 7, 7, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("lead", "band"),
    [
        pytest.param(timedelta(days=42), LeadBand.FROM_42_DAYS, id="six weeks to the minute"),
        pytest.param(timedelta(days=42) - MINUTE, LeadBand.FROM_28_DAYS, id="a minute under"),
        pytest.param(timedelta(days=28) - MINUTE, LeadBand.FROM_14_DAYS, id="under four weeks"),
        pytest.param(timedelta(days=14) - MINUTE, LeadBand.FROM_7_DAYS, id="under two weeks"),
        pytest.param(timedelta(days=7) - MINUTE, LeadBand.FROM_24_HOURS, id="under a week"),
        pytest.param(timedelta(days=1), LeadBand.FROM_24_HOURS, id="a day"),
        pytest.param(timedelta(days=1) - MINUTE, LeadBand.UNDER_24_HOURS, id="short notice"),
        pytest.param(MINUTE, LeadBand.UNDER_24_HOURS, id="a minute"),
        pytest.param(timedelta(0), LeadBand.AFTER_START, id="at the start"),
        pytest.param(-MINUTE, LeadBand.AFTER_START, id="retrospective"),
    ],
)
def test_lead_band(lead: timedelta, band: LeadBand) -> None:
    authorised = datetime(2026, 12, 7, 7, 30, tzinfo=ZoneInfo("Europe/London"))
    assert lead_band(MONDAY - lead, authorised) == band


@pytest.mark.parametrize(
    ("start", "lead", "band"),
    [
        pytest.param(
            utc(2027, 3, 28, 18, 30),
            timedelta(days=42, hours=-1),
            LeadBand.FROM_42_DAYS,
            id="six weeks by the clock over March are an hour short, and count",
        ),
        pytest.param(
            utc(2026, 10, 25, 19, 30),
            timedelta(days=42),
            LeadBand.FROM_28_DAYS,
            id="six weeks of hours over October are an hour short by the clock",
        ),
        pytest.param(
            utc(2027, 3, 28, 6, 30),
            timedelta(hours=23),
            LeadBand.UNDER_24_HOURS,
            id="a day by the clock over March is 23 hours: short notice",
        ),
        pytest.param(
            utc(2026, 10, 25, 7, 30),
            timedelta(hours=24),
            LeadBand.FROM_24_HOURS,
            id="23 hours by the clock over October are 24: not short notice",
        ),
    ],
)
def test_lead_band_over_a_clock_change(start: datetime, lead: timedelta, band: LeadBand) -> None:
    assert lead_band(start - lead, start) == band


@settings(deadline=None)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))  # noqa: DTZ001  UTC below
def test_every_moment_is_in_exactly_its_own_week(moment: datetime) -> None:
    at = moment.replace(tzinfo=UTC)
    start, end = week_span(week_of(at))
    assert start <= at < end
    assert week_of(start) == week_of(at) != week_of(end)
