"""Moments and money in words. London shows; UTC counts."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from passport.web.words import (
    london_date,
    london_span,
    london_time,
    london_when,
    minutes,
    percent,
    plural,
    pounds,
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


CASES = [
    pytest.param(london_date, (utc(2026, 6, 30, 23, 30),), "Wed 1 Jul 2026", id="summer midnight"),
    pytest.param(london_date, (date(2026, 11, 24), "short"), "Tue 24 Nov", id="a day, short"),
    pytest.param(
        london_date, (date(2026, 11, 4), "long"), "Wednesday 4 November 2026", id="a day, long"
    ),
    pytest.param(london_time, (utc(2026, 7, 1, 18, 30),), "19:30", id="summer time is UTC + 1"),
    pytest.param(london_time, (utc(2026, 12, 1, 19, 30),), "19:30", id="winter time is UTC"),
    pytest.param(
        london_time,
        (utc(2026, 10, 25, 0, 30),),
        "01:30 BST",
        id="the hour that comes twice, first",
    ),
    pytest.param(
        london_time,
        (utc(2026, 10, 25, 1, 30),),
        "01:30 GMT",
        id="the hour that comes twice, again",
    ),
    pytest.param(london_time, (utc(2027, 3, 28, 1, 0),), "02:00", id="the hour that never was"),
    pytest.param(
        london_span,
        (utc(2026, 10, 24, 18, 30), utc(2026, 10, 25, 7, 30)),
        "19:30–07:30 (+1 day)",
        id="the long night of October keeps its wall clock",
    ),
    pytest.param(
        london_span,
        (utc(2027, 3, 27, 19, 30), utc(2027, 3, 28, 6, 30)),
        "19:30–07:30 (+1 day)",
        id="the short night of March keeps its wall clock",
    ),
    pytest.param(
        london_span,
        (utc(2026, 11, 24, 7), utc(2026, 11, 24, 15)),
        "07:00–15:00",
        id="a day shift has no mark",
    ),
    pytest.param(
        london_span,
        (utc(2026, 11, 24, 7), utc(2026, 11, 26, 7)),
        "07:00–07:00 (+2 days)",
        id="two days on call say so",
    ),
    pytest.param(
        london_span,
        (utc(2026, 6, 30, 21), utc(2026, 6, 30, 23)),
        "22:00–00:00 (+1 day)",
        id="London midnight ends the day, not UTC's",
    ),
    pytest.param(london_when, ("2026-11-24",), "Tue 24 Nov 2026", id="a day as ISO text"),
    pytest.param(
        london_when,
        ("2026-07-01T18:30:00+00:00",),
        "Wed 1 Jul 2026, 19:30",
        id="a moment as ISO text",
    ),
    pytest.param(pounds, (123456,), "£1,234.56", id="thousands are set apart"),
    pytest.param(pounds, (-500,), "−£5.00", id="a debt has its sign before the pound"),
    pytest.param(pounds, (0,), "£0.00", id="nothing"),
    pytest.param(pounds, (Decimal("150.5"),), "£1.50", id="a half penny goes to the even one"),
    pytest.param(minutes, (690,), "11 h 30 min", id="hours and minutes"),
    pytest.param(minutes, (480,), "8 h", id="whole hours"),
    pytest.param(minutes, (45,), "45 min", id="less than an hour"),
    pytest.param(minutes, (0,), "0 min", id="no time"),
    pytest.param(minutes, (-90,), "−1 h 30 min", id="less than nothing"),
    pytest.param(minutes, (60000,), "1,000 h", id="a thousand hours"),
    pytest.param(plural, (1, "shift"), "1 shift", id="one"),
    pytest.param(plural, (0, "shift"), "0 shifts", id="none is many"),
    pytest.param(plural, (1204, "person", "people"), "1,204 people", id="irregular"),
    pytest.param(percent, (723, 1000), "72.3%", id="one decimal"),
    pytest.param(percent, (1, 8), "12.5%", id="exact"),
    pytest.param(percent, (5, 0), "–", id="of nothing"),
]


@pytest.mark.parametrize(("say", "given", "words"), CASES)
def test_words(say: Callable[..., str], given: tuple[Any, ...], words: str) -> None:
    assert say(*given) == words


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        london_time(datetime(2026, 11, 24, 7))  # noqa: DTZ001
