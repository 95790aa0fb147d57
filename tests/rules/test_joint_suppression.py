"""Several tables of the same shifts, laid beside one another, give no small count away."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.rules.figures import joint_suppression
from bankhub.rules.figures.joint_suppression import hidden_together
from bankhub.rules.figures.suppression_table import Cell
from tests.rules.test_suppression import UNDER, Counts, hidden_cells, small_cells, with_totals

Tables = Sequence[Counts]
Hidden = Sequence[frozenset[Cell]]
Choice = Callable[[int], Sequence[int]]


def totals_that_fit(
    counts: Counts, hidden: frozenset[Cell], choice: Choice, fixed: tuple[Cell, int] | None
) -> set[tuple[int, ...]]:
    """Rows of totals of all tables that are equal to this one in everything shown, hidden counts
    being at least one; with one cell `fixed`."""
    table, found = with_totals(counts), set()
    height, width = len(counts), len(counts[0])
    places = list(product(range(height), range(width)))
    given_cell = dict([fixed]) if fixed else {}

    def options(cell: Cell) -> Sequence[int]:
        true = table[cell[0]][cell[1]]
        if cell in given_cell:
            return (given_cell[cell],)
        return [one for one in choice(true) if one > 0] if cell in hidden else (true,)

    def fits(cell: Cell, number: int) -> bool:
        wanted = given_cell.get(cell, None if cell in hidden else table[cell[0]][cell[1]])
        return number == wanted if wanted is not None else number > 0

    for numbers in product(*map(options, places)):
        at = dict(zip(places, numbers, strict=True))
        rows = [[at[row, column] for column in range(width)] for row in range(height)]
        new = with_totals(rows)
        margins = [(row, width) for row in range(height)] + [(height, c) for c in range(width + 1)]
        if all(fits(cell, new[cell[0]][cell[1]]) for cell in margins):
            found.add(tuple(new[height]))
    return found


def could_be(tables: Tables, hidden: Hidden, place: int, cell: Cell, choice: Choice) -> bool:
    """Whether whoever reads all the tables must allow for five in a hidden cell."""
    fitting = [
        totals_that_fit(counts, cells, choice, (_in(place, cell, other, tables), UNDER))
        if other == place or cell[0] == len(tables[place])
        else totals_that_fit(counts, cells, choice, None)
        for other, (counts, cells) in enumerate(zip(tables, hidden, strict=True))
    ]
    return bool(set.intersection(*fitting))


def _in(place: int, cell: Cell, other: int, tables: Tables) -> Cell:
    """A total by its place in another table."""
    return cell if other == place else (len(tables[other]), cell[1])


def anything(true: int) -> Sequence[int]:
    return range(1, true + UNDER)


def by_so_much(true: int) -> Sequence[int]:
    """Fewer to try: if a reader must allow for it by these steps, they must."""
    return range(max(1, true - 4), true + 5)


def given_away(tables: Tables, hidden: Hidden, choice: Choice) -> Iterator[tuple[int, Cell]]:
    for place, counts in enumerate(tables):
        for cell in small_cells(counts):
            if cell not in hidden[place] or not could_be(tables, hidden, place, cell, choice):
                yield place, cell


def margins(cells: Sequence[Sequence[Sequence[int]]], *shape: int) -> list[list[list[int]]]:
    """Tables by each of the dimensions; `cells`: by them all, each with its columns."""
    width = len(cells[0])
    tables = [[[0] * width for _ in range(length)] for length in shape]
    for line, keys in zip(cells, product(*map(range, shape)), strict=True):
        for table, key in zip(tables, keys, strict=True):
            for column, number in enumerate(line):
                table[key][column] += number  # type: ignore[operator]
    return tables


def of_shape(
    *shape: int, width: int = 2, most: int = 6
) -> st.SearchStrategy[list[list[list[int]]]]:
    lines = 1
    for length in shape:
        lines *= length
    number = st.sampled_from([0, 0, 1, 1, 2, 3, most])
    line = st.lists(number, min_size=width, max_size=width)
    return st.lists(line, min_size=lines, max_size=lines).map(lambda cells: margins(cells, *shape))


TWO = of_shape(2, 2)


@settings(deadline=None, max_examples=30)
@given(TWO)
def test_two_groupings_together_give_no_small_count_away(tables: Tables) -> None:
    hidden = hidden_together(tables, UNDER)
    assert list(given_away(tables, hidden, by_so_much)) == []


@settings(deadline=None, max_examples=15)
@given(of_shape(2, 2, 2))
def test_nor_do_three(tables: Tables) -> None:
    hidden = hidden_together(tables, UNDER)
    assert list(given_away(tables, hidden, by_so_much)) == []


@settings(deadline=None, max_examples=15)
@given(of_shape(3, 2, width=1) | of_shape(4, 2, 1, width=1))
def test_nor_counts_beside_the_partition(tables: Tables) -> None:
    hidden = hidden_together(tables, UNDER)
    assert list(given_away(tables, hidden, by_so_much)) == []


@settings(deadline=None, max_examples=30)
@given(of_shape(4, 3, 5, width=4, most=30))
def test_totals_are_hidden_alike_and_nought_is_shown(tables: Tables) -> None:
    hidden = hidden_together(tables, UNDER)
    totals = [
        {column for row, column in cells if row == len(counts)}
        for counts, cells in zip(tables, hidden, strict=True)
    ]
    assert totals[0] == totals[1] == totals[2]
    for counts, cells in zip(tables, hidden, strict=True):
        assert set(small_cells(counts)) <= cells
        assert all(with_totals(counts)[row][column] > 0 for row, column in cells)


APART: Tables = ([[6, 0], [10, 5]], [[12, 2], [4, 3]])
"""By trust nothing is small, so that alone it shows every total; by staff group 2 and 3 are."""


def test_alone_each_grouping_hides_enough_and_together_they_do_not() -> None:
    """What is asked for above is not so by itself: the total of five, shown by trust, says that
    both counts by staff group are small."""
    apart = [hidden_cells(counts, UNDER) for counts in APART]
    for counts, hidden in zip(APART, apart, strict=True):
        assert not list(given_away([counts], [hidden], anything))
    assert list(given_away(APART, apart, anything)) == [(1, (0, 1)), (1, (1, 1))]
    together = hidden_together(APART, UNDER)
    assert list(given_away(APART, together, by_so_much)) == []
    assert 0 < len(together[0]) <= 6


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    assert hidden_together([[[6, 0], [10, 5]], [[11, 5], [5, 0]]], UNDER) == [frozenset()] * 2
    assert hidden_together([], UNDER) == []
    assert hidden_together([[], []], UNDER) == [frozenset()] * 2


def test_a_table_of_one_line_is_shown_as_the_totals_are() -> None:
    two, one = hidden_together([[[12, 2], [4, 3]], [[16, 5]]], UNDER)
    assert {column for row, column in two if row == 2} == {column for row, column in one if not row}
    assert {column for row, column in one if not row} == {
        column for row, column in one if row == 1
    }


MUTANTS = {
    "the other tables are not asked": (
        "_follow", lambda *_, **__: frozenset({(0, (0, 0))}),
        ([[0, 2], [4, 12]], [[1, 10], [3, 4]]),
    ),
    "totals are hidden where they are": (
        "_share_totals", lambda _: None, ([[5, 3], [3, 2]], [[8, 2], [0, 3]]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_seen_through(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, instead, tables = MUTANTS[mutant]
    assert not list(given_away(tables, hidden_together(tables, UNDER), by_so_much))
    monkeypatch.setattr(joint_suppression._Joint, name, instead)
    assert list(given_away(tables, hidden_together(tables, UNDER), by_so_much))


def test_a_system_of_many_trusts_and_a_year_is_done_at_once() -> None:
    lines = [[(row * step) % 601 // 599 for step in (1, 2, 3, 5, 7, 11)] for row in range(7950)]
    tables = margins(lines, 25, 6, 53)
    hidden = hidden_together(tables, UNDER)
    for counts, cells in zip(tables, hidden, strict=True):
        assert set(small_cells(counts)) <= cells
