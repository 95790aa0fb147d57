"""A cursor comes back as the place it was made from, or not at all."""

import base64
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankhub.actions.finding.cursors import cursor_place, cursor_text
from passport.errors import Invalid

MOMENTS = st.datetimes(timezones=st.just(UTC))
PLACES = st.tuples(MOMENTS, st.uuids(), st.integers(), st.dates(), st.text(max_size=20))
KINDS = (datetime, UUID, int, date, str)


@given(PLACES)
def test_a_place_survives_the_way_out_and_back(place: tuple[Any, ...]) -> None:
    assert cursor_place(cursor_text(place), *KINDS) == list(place)


def test_a_gap_survives_only_where_gaps_are_allowed() -> None:
    text = cursor_text([None, 3])
    assert cursor_place(text, UUID, int, gaps=True) == [None, 3]
    with pytest.raises(Invalid):
        cursor_place(text, UUID, int)


def made_up(plain: str) -> str:
    return base64.urlsafe_b64encode(plain.encode()).decode()


NOT_PLACES = {
    "nothing": "",
    "not base64": "x",
    "not ASCII": "é",
    "not JSON": made_up("not json"),
    "an object": made_up('{"a": 1}'),
    "a number": made_up("7"),
    "too few parts": cursor_text([1]),
    "too many parts": cursor_text([1, 2, 3]),
    "gaps": cursor_text([None, None]),
    "a moment without an offset": cursor_text(["2026-09-07T09:00:00", 1]),
    "not a moment": cursor_text(["tomorrow", 1]),
    "a number for a moment": cursor_text([1, 1]),
    "true for a number": cursor_text(["2026-09-07T09:00:00+00:00", True]),
    "infinity for a number": made_up('["2026-09-07T09:00:00+00:00", 1e999]'),
    "a very deep list": made_up("[" * 400),
    "a very long text": "W" * 10_000,
}


@pytest.mark.parametrize("case", NOT_PLACES)
def test_anything_else_is_refused(case: str) -> None:
    with pytest.raises(Invalid):
        cursor_place(NOT_PLACES[case], datetime, int)


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    with pytest.raises(Invalid):
        cursor_place(text, datetime, UUID, int)
