"""The booking reference: its form, and every single slip caught."""

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.rules.shifts.booking_reference import (
    LAST_NUMBER,
    is_valid,
    make,
    normalise,
    without_references,
    year_week,
)

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CODES = st.sampled_from(["RJ1", "RWE", "R0A", "A81001", "VN8EH", "QWO", "RJ100", "0AB12"])
WEEKS = st.dates(date(2020, 1, 1), date(2099, 12, 31)).map(year_week)
NUMBERS = st.integers(1, LAST_NUMBER)
REFERENCES = st.builds(make, CODES, WEEKS, NUMBERS)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        pytest.param(date(2026, 10, 25), "2643", id="the Sunday the clocks go back"),
        pytest.param(date(2026, 10, 26), "2644", id="the Monday after it"),
        pytest.param(date(2027, 1, 3), "2653", id="a January day of last year's week 53"),
        pytest.param(date(2024, 12, 30), "2501", id="a December day of next year's week 1"),
    ],
)
def test_the_week_is_the_iso_week(day: date, week: str) -> None:
    assert year_week(day) == week


def test_it_reads_as_printed_on_an_invoice() -> None:
    reference = make("rj1", "2643", 123)
    assert reference == "RJ1-2643-00123" + reference[-2:]
    assert is_valid(reference)
    assert set(reference[-2:]).isdisjoint("BGILOQSUZE0123456789")


@pytest.mark.parametrize(
    ("code", "week", "number"),
    [
        pytest.param("RJ1", "2643", 0, id="no number"),
        pytest.param("RJ1", "2643", LAST_NUMBER + 1, id="a number of six digits"),
        pytest.param("RJ1", "643", 5, id="a week of three digits"),
        pytest.param("RJ1", "26433", 5, id="a week of five digits"),
        pytest.param("RJ-1", "2643", 5, id="a hyphen in the code"),
        pytest.param("", "2643", 5, id="no code"),
    ],
)
def test_what_cannot_be_a_reference_is_refused(code: str, week: str, number: int) -> None:
    with pytest.raises(ValueError, match="no reference"):
        make(code, week, number)


@pytest.mark.parametrize(
    "spoken",
    ["rj1264300123{}", " RJ1 2643 00123 {} ", "rj1–2643–00123{}", "RJ1-2643 - 00123{}"],
)
def test_spacing_dashes_and_case_do_not_matter(spoken: str) -> None:
    reference = make("RJ1", "2643", 123)
    said = spoken.format(reference[-2:].lower())
    assert is_valid(said)
    assert normalise(said) == reference


@pytest.mark.parametrize("text", ["", "hello", "RJ1-2643-00123", "12345", "RJ1-2643-0012３AA"])
def test_other_text_is_not_a_reference(text: str) -> None:
    assert not is_valid(text)
    assert normalise(text) == normalise(normalise(text))


@settings(deadline=None)
@given(REFERENCES, st.data())
def test_one_wrong_character_is_caught(reference: str, data: st.DataObject) -> None:
    places = [i for i, character in enumerate(reference) if character != "-"]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([c for c in ALPHABET if c != reference[place]]))
    assert not is_valid(reference[:place] + wrong + reference[place + 1 :])


@settings(deadline=None)
@given(REFERENCES)
def test_neighbours_or_any_two_before_the_check_letters_changed_round_are_caught(
    reference: str,
) -> None:
    bare = reference.replace("-", "")
    for first, then in combinations(range(len(bare)), 2):
        if then < len(bare) - 2 or then == first + 1:
            turned = list(bare)
            turned[first], turned[then] = turned[then], turned[first]
            assert bare[first] == bare[then] or not is_valid("".join(turned))


@settings(deadline=None)
@given(REFERENCES, st.data())
def test_one_character_too_few_or_too_many_is_caught_before_the_check_letters(
    reference: str, data: st.DataObject
) -> None:
    bare = reference.replace("-", "")
    place = data.draw(st.integers(0, len(bare) - 12))
    fewer = bare[:place] + bare[place + 1 :]
    assert fewer == bare or not is_valid(fewer) or len(fewer) < 13
    assert not is_valid("0" + bare)


@settings(deadline=None)
@given(CODES, CODES, WEEKS, WEEKS, NUMBERS, NUMBERS)
def test_different_places_weeks_or_numbers_never_share_a_reference(
    code: str, other: str, week: str, later: str, number: int, next_number: int
) -> None:
    same = (code, week, number) == (other, later, next_number)
    assert (make(code, week, number) == make(other, later, next_number)) is same


def test_references_are_taken_out_of_a_text_and_wrong_ones_stay() -> None:
    right = make("RJ1", "2643", 123)
    wrong = right[:-1] + ("A" if right[-1] != "A" else "C")
    assert without_references(f"As {right} and {wrong}.") == f"As  and {wrong}."
