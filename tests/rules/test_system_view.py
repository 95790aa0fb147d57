"""The system view: no small count is shown, nor follows from what is; nobody counts twice."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from bankhub.model import reference
from bankhub.model.fill_values import Amount, FillFigures, FillUnit, Partition
from bankhub.rules.agreements.system_view import (
    days_to_cleared,
    minutes_avoided,
    shared_fill,
    training_avoided,
)
from bankhub.rules.figures.fill_rows import row_of, row_of_shown
from bankhub.rules.figures.suppression import suppress
from tests.support.build_people import NOW

LENGTHS = {"FIRE": 30, "MH": 120}


def one(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))


def items(*subjects: str, state: str = "met") -> list[dict[str, Any]]:
    return [{"code": f"training.{code}", "state": state} for code in subjects]


def people(number: int, *subjects: str, host: int = 0) -> list[Any]:
    return [(one(host), one(100 + place), items(*subjects)) for place in range(number)]


def test_a_person_counts_once_for_a_host_and_again_for_another() -> None:
    twice = [*people(1, "FIRE"), *people(1, "FIRE"), *people(1, "FIRE", host=1)]
    (found,) = training_avoided(twice, LENGTHS, None)
    assert (found.people, found.minutes) == (2, 60)


@pytest.mark.parametrize("state", ["missing", "due", "bypassed"])
def test_only_what_the_award_met_was_avoided(state: str) -> None:
    assert training_avoided([(one(0), one(1), items("FIRE", state=state))], LENGTHS, None) == []


def test_other_items_are_no_training() -> None:
    dbs = [{"code": "dbs", "state": "met"}]
    assert training_avoided([(one(0), one(1), dbs)], LENGTHS, None) == []


def test_under_five_people_a_subject_is_hidden_with_its_hours() -> None:
    found = training_avoided([*people(5, "FIRE"), *people(4, "MH")], LENGTHS, 5)
    assert [(f.subject, f.people, f.minutes) for f in found] == [
        ("FIRE", 5, 150),
        ("MH", None, None),
    ]
    assert minutes_avoided(found) == 150


def test_hidden_subjects_stand_by_name_whatever_their_counts() -> None:
    """Their order would tell which is the larger."""
    orders = [
        [f.subject for f in training_avoided([*people(a, "FIRE"), *people(b, "MH")], LENGTHS, 5)]
        for a, b in ((1, 4), (4, 1))
    ]
    assert orders[0] == orders[1]


def test_a_subject_without_a_length_is_counted_at_none() -> None:
    (found,) = training_avoided(people(6, "OTHER"), LENGTHS, 5)
    assert (found.people, found.minutes) == (6, 0)


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, (0, None)), (1, (None, None)), (4, (None, None)), (5, (5, 3.0))],
)
def test_the_median_wants_enough_people(count: int, shown: tuple[Any, Any]) -> None:
    days = [(NOW, NOW + timedelta(days=1 + place)) for place in range(count)]
    found = days_to_cleared(days, 5)
    assert (found.people, found.median_days) == shown


def test_whoever_sees_every_number_sees_the_median_of_one() -> None:
    found = days_to_cleared([(NOW, NOW + timedelta(days=2))], None)
    assert (found.people, found.median_days) == (1, 2.0)


def figures(own: int, partner: int, unfilled: int) -> FillFigures:
    parts = {"own_bank": own, "partner_bank": partner, "unfilled": unfilled}
    return FillFigures(
        booked=Partition(**{name: Amount(count, count * 480) for name, count in parts.items()})
    )


def test_what_partners_gave_of_what_was_asked_for() -> None:
    found = shared_fill(row_of(figures(12, 6, 2), FillUnit.SHIFTS))
    assert found.by_partners == Amount(6, 6 * 480)
    assert (found.filled_share, found.gained_share) == (0.9, 0.3)


def test_of_a_hidden_number_nothing_is_worked_out() -> None:
    shown = suppress({("a",): figures(40, 3, 20), ("b",): figures(30, 9, 20)}, 5)
    for row in (*shown.rows.values(), shown.total):
        found = shared_fill(row_of_shown(row, FillUnit.SHIFTS))
        assert (found.by_partners is None) <= (found.gained_share is None)
    hidden = shared_fill(row_of_shown(shown.rows["a",], FillUnit.SHIFTS))
    assert hidden.by_partners is None


def test_every_subject_has_a_length_and_says_where_it_is_from() -> None:
    lengths = reference.training_lengths()
    assert set(lengths) == set(reference.training_subjects())
    for length in lengths.values():
        assert 0 < length.minutes <= 480
        assert length.source
        assert length.illustrative
