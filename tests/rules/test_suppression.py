"""Small counts stay hidden, and do not follow from what is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankhub.model.fill_values import (
    Amount,
    Dimension,
    FillFigures,
    FillUnit,
    Partition,
    ShownFigures,
    ShownTable,
)
from bankhub.rules.figures import joint_suppression, suppression
from bankhub.rules.figures.fill_rate import add_up, count, roll_up
from bankhub.rules.figures.fill_rows import row_of_shown
from bankhub.rules.figures.joint_suppression import hidden_together
from bankhub.rules.figures.suppression import suppress
from bankhub.rules.figures.suppression_table import Cell
from tests.rules.fill_examples import HISTORIES, NOW, POLICY, history

UNDER = 5
Counts = Sequence[Sequence[int]]


def hidden_cells(
    counts: Counts, under: int, worth: Mapping[Cell, int] | None = None
) -> frozenset[Cell]:
    """What is hidden of one table that nobody lays beside another."""
    (hidden,) = hidden_together([counts], under, [worth or {}])
    return hidden


def with_totals(counts: Counts) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def could_be(counts: Counts, hidden: frozenset[Cell], cell: Cell, value: int) -> bool:
    """Whether a reader of the shown cells must allow for `value` in a hidden one.

    Tries every table of counts by brute force: shown cells as they are, hidden ones at least one.
    """
    table = with_totals(counts)
    height, width = len(counts), len(counts[0])

    def choices(row: int, column: int) -> range:
        true = table[row][column]
        if (row, column) == cell:
            return range(value, value + 1)
        if (row, column) in hidden:
            return range(1, true + UNDER)
        return range(true, true + 1)

    def fits(cells: Cell, number: int) -> bool:
        row, column = cells
        if cells == cell:
            return number == value
        return cells in hidden or number == table[row][column]

    def search(row: int, above: list[list[int]]) -> bool:
        if row == height:
            sums = [sum(column) for column in zip(*above, strict=True)]
            return all(fits((height, at), number) for at, number in enumerate(sums))
        return any(
            search(row + 1, [*above, [*line, sum(line)]])
            for line in product(*(choices(row, column) for column in range(width)))
            if fits((row, width), sum(line))
        )

    return search(0, [])


def small_cells(counts: Counts) -> list[Cell]:
    return [
        (row, column)
        for row, line in enumerate(with_totals(counts))
        for column, number in enumerate(line)
        if 0 < number < UNDER
    ]


KNOWN: dict[str, tuple[Counts, set[Cell]]] = {
    "nothing small, nothing hidden": ([[10, 20], [30, 40]], set()),
    "nought is shown": ([[0, 20], [30, 0]], set()),
    "five is not small": ([[5, 20], [30, 40]], set()),
    "one small count takes the cheapest rectangle with it": (
        [[3, 20, 90], [30, 40, 10], [50, 9, 80]],
        {(0, 0), (0, 1), (2, 0), (2, 1)},
    ),
    "a single row: a second cell, not the total": (
        [[3, 50, 6]],
        {(0, 0), (0, 2), (1, 0), (1, 2)},
    ),
    "a single column: a second row, not the total": (
        [[3], [50], [6]],
        {(0, 0), (2, 0), (0, 1), (2, 1)},
    ),
    "two ones that would sum to two take a third": (
        [[1, 1, 10, 200]],
        {(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)},
    ),
    "alone in its row: the total of the row goes too": (
        [[3, 0], [20, 30]],
        {(0, 0), (0, 2), (1, 0), (1, 2)},
    ),
    "cells that are hidden already are used again, not the cheaper 9": (
        [[2, 0, 7], [2, 9, 7]],
        {(0, 0), (0, 2), (1, 0), (1, 2), (2, 0), (2, 2)},
    ),
    "what later cells made needless is shown again": (
        [[3, 0], [5, 3]],
        {(0, 0), (0, 2), (1, 1), (1, 2), (2, 0), (2, 1)},
    ),
    "a single count goes with its totals": ([[3]], {(0, 0), (0, 1), (1, 0), (1, 1)}),
    "no rows": ([], set()),
}


@pytest.mark.parametrize(("counts", "hidden"), KNOWN.values(), ids=KNOWN.keys())
def test_what_is_hidden(counts: Counts, hidden: set[Cell]) -> None:
    assert hidden_cells(counts, UNDER) == hidden


def test_the_brute_force_reader_sees_through_a_single_hidden_cell() -> None:
    counts = [[3, 20], [30, 40]]
    assert not could_be(counts, frozenset({(0, 0)}), (0, 0), UNDER)
    assert not could_be([[1, 1, 10]], frozenset({(0, 0), (0, 1)}), (0, 0), 2)
    assert could_be(counts, frozenset(product((0, 1), (0, 1))), (0, 0), UNDER)


TABLES = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 4) | st.integers(0, 12), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@settings(deadline=None)
@given(TABLES)
def test_no_small_count_can_be_worked_out(counts: list[list[int]]) -> None:
    hidden = hidden_cells(counts, UNDER)
    for cell in small_cells(counts):
        assert cell in hidden
        assert could_be(counts, hidden, cell, UNDER), cell


def test_mutant_that_shows_nothing_again_hides_more(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = hidden_cells([[3, 0], [5, 3]], UNDER)
    monkeypatch.setattr(joint_suppression._Joint, "show_needless", lambda _: None)
    assert hidden_cells([[3, 0], [5, 3]], UNDER) > exact


def follows(hidden: frozenset[Cell]) -> list[Cell]:
    """Hidden cells that follow from what is shown by adding and subtracting whole lines.

    Rows and columns are points, hidden cells the lines between them: a cell has one value only
    where no other way leads from its row to its column.
    """
    return sorted(cell for cell in hidden if not joined(hidden - {cell}, cell))


def joined(hidden: frozenset[Cell], cell: Cell) -> bool:
    rows, columns, before = {cell[0]}, set[int](), -1
    while before != len(rows) + len(columns):
        before = len(rows) + len(columns)
        columns |= {column for row, column in hidden if row in rows}
        rows |= {row for row, column in hidden if column in columns}
    return cell[1] in columns


def test_the_reader_who_subtracts_finds_what_is_alone_in_its_line() -> None:
    square = frozenset(product((0, 1), (0, 1)))
    assert follows(frozenset({(0, 0)})) == [(0, 0)]
    assert len(follows(frozenset({(0, 0), (0, 1), (1, 1)}))) == 3
    assert follows(square) == []
    # two squares and a cell that joins them: each line has two unknowns, and yet it follows
    other = frozenset(product((2, 3), (2, 3)))
    assert follows(square | other | {(1, 2)}) == [(1, 2)]


WORTH = st.lists(st.integers(1, 6), min_size=16, max_size=16)


def random_worth(numbers: list[int], counts: Counts) -> dict[Cell, int]:
    cells = product(range(len(counts) + 1), range(len(counts[0]) + 1))
    return {cell: numbers[place % 16] for place, cell in enumerate(cells)}


@settings(deadline=None)
@given(TABLES, WORTH)
def test_no_hidden_count_can_be_worked_out_by_subtraction(
    counts: list[list[int]], numbers: list[int]
) -> None:
    hidden = hidden_cells(counts, UNDER, random_worth(numbers, counts))
    if sum(map(sum, counts)) and (len(counts), len(counts[0])) != (1, 1):
        assert follows(hidden) == []


@settings(deadline=None, max_examples=60)
@given(TABLES, WORTH)
def test_whatever_the_cells_are_worth_no_small_count_follows(
    counts: list[list[int]], numbers: list[int]
) -> None:
    hidden = hidden_cells(counts, UNDER, random_worth(numbers, counts))
    for cell in small_cells(counts):
        assert cell in hidden
        assert could_be(counts, hidden, cell, UNDER), cell


@pytest.mark.parametrize("controls", ["both", "totals", "none"])
def test_mutant_that_hides_only_the_small_is_seen_through(controls: str) -> None:
    """What the property asks is not so by itself: without further cells it fails at once."""
    counts = [[3, 20, 90], [30, 40, 10], [50, 9, 80]]
    hidden = {
        "both": hidden_cells(counts, UNDER),
        "totals": frozenset({(0, 0), (0, 3)}),
        "none": frozenset({(0, 0)}),
    }[controls]
    assert bool(follows(hidden)) is (controls != "both")


@settings(deadline=None)
@given(TABLES)
def test_nought_is_always_shown(counts: list[list[int]]) -> None:
    table = with_totals(counts)
    assert all(table[row][column] > 0 for row, column in hidden_cells(counts, UNDER))


def test_many_units_are_done_at_once() -> None:
    counts = [[(row * step) % 23 for step in (1, 2, 3, 5, 7, 11)] for row in range(400)]
    hidden = hidden_cells(counts, UNDER)
    assert set(small_cells(counts)) <= hidden
    assert (400, 6) not in hidden


def figures(
    own: int, partner: int, unfilled: int, still_open: int = 0, late: int = 0
) -> FillFigures:
    return FillFigures(
        booked=Partition(
            own_bank=Amount(own, own * 690),
            partner_bank=Amount(partner, partner * 690),
            unfilled=Amount(unfilled, unfilled * 690),
        ),
        still_open=Amount(still_open, still_open * 690),
        late_withdrawals=late,
    )


def shown_names(row: ShownFigures) -> set[str]:
    return {spec.name for spec in fields(row) if getattr(row, spec.name) is not None}


def test_a_table_by_unit() -> None:
    table = suppress(
        {("A",): figures(40, 3, 20), ("B",): figures(60, 30, 8), ("C",): figures(9, 12, 30)}, UNDER
    )
    everything = {spec.name for spec in fields(ShownFigures)}
    assert shown_names(table.rows["A",]) == everything - {"partner_bank", "went_unfilled"}
    assert shown_names(table.rows["B",]) == everything - {"partner_bank", "went_unfilled"}
    assert shown_names(table.rows["C",]) == everything
    assert shown_names(table.total) == everything
    assert table.rows["A",].own_bank == Amount(40, 40 * 690)
    assert table.rows["A",].requested == Amount(63, 63 * 690)
    assert table.total.own_bank == Amount(109, 109 * 690)
    assert table.total.went_unfilled == Amount(58, 58 * 690)
    assert table.under == UNDER


def test_what_is_still_open_cannot_give_away_what_went_unfilled() -> None:
    # 8 unfilled, 6 of them open: 2 went unfilled, and would follow
    table = suppress({("A",): figures(40, 0, 8, still_open=6)}, UNDER)
    row = table.rows["A",]
    assert (row.went_unfilled, row.still_open) == (None, None)
    assert row.own_bank == table.total.own_bank == Amount(40, 40 * 690)
    assert row == table.total


def test_counts_beside_the_partition_are_protected_with_their_total() -> None:
    lates = {("A",): 2, ("B",): 9, ("C",): 30, ("D",): 0}
    table = suppress({key: figures(50, 50, 50, late=late) for key, late in lates.items()}, UNDER)
    assert [row.late_withdrawals for row in table.rows.values()] == [None, None, 30, 0]
    assert table.total.late_withdrawals == 41


A_SYSTEM = {
    "Stockport": figures(668, 0, 88, still_open=1),
    "Manchester": figures(662, 27, 80, still_open=1),
    "Bolton": figures(473, 0, 46, still_open=1),
    "Tameside": figures(433, 0, 69),
}
"""As the demo has it: what is still open of a trust is small, and so is its total."""


def a_system() -> ShownTable:
    return suppress({(name,): one for name, one in A_SYSTEM.items()}, UNDER)


def test_what_partners_filled_is_not_hidden_for_what_is_still_open() -> None:
    table = a_system()
    assert table.total.partner_bank == Amount(27, 27 * 690)
    for row in (*table.rows.values(), table.total):
        assert shown_names(row) >= {"own_bank", "partner_bank", "requested"}
    assert table.rows["Stockport",].still_open is None
    line = row_of_shown(table.total, FillUnit.SHIFTS)
    assert line.unfilled == Amount(283, 283 * 690)
    assert line.rates.temp_fill_rate == pytest.approx(1 - 283 / 2546)


def test_the_fill_rate_is_kept_where_what_is_still_open_is_small_by_trust_alone() -> None:
    """Several small halves whose total is not small: their total goes with its other half."""
    more = {**A_SYSTEM, "Manchester": figures(660, 27, 81, still_open=3)}
    rows = {
        (name,): one + FillFigures(booked=Partition(framework_agency=Amount(60, 60 * 690)))
        for name, one in more.items()
    }
    table = suppress(rows, UNDER)
    for row in (*table.rows.values(), table.total):
        line = row_of_shown(row, FillUnit.SHIFTS)
        assert None not in (line.framework_agency, line.unfilled, line.rates.temp_fill_rate)


def test_mutant_that_weighs_every_count_alike_hides_the_partners(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suppression, "_worth", lambda _every, _under: {})
    assert a_system().total.partner_bank is None


def test_both_halves_of_unfilled_are_told_together_only_where_the_rest_is_shown() -> None:
    row = row_of_shown(a_system().rows["Bolton",], FillUnit.SHIFTS)
    assert (row.went_unfilled, row.still_open, row.unfilled) == (None, None, Amount(46, 46 * 690))
    alone = suppress({("A",): figures(2, 30, 8, still_open=6)}, UNDER).rows["A",]
    assert row_of_shown(alone, FillUnit.SHIFTS).unfilled is None


def test_no_groups_is_a_table_of_nothing() -> None:
    table = suppress({}, UNDER)
    assert table.rows == {}
    assert table.total.requested == Amount()


def test_figures_counted_from_shifts_are_suppressed_by_the_policys_number() -> None:
    shifts = [count(history(), POLICY, NOW)] * 4
    table = suppress(roll_up(shifts, (Dimension.UNIT,)), POLICY.suppress_under)
    assert table.total.went_unfilled is None
    more = suppress({(): add_up(shifts * 2)}, POLICY.suppress_under)
    assert more.total.went_unfilled is not None
    assert more.total.went_unfilled.shifts == 8


@settings(deadline=None)
@given(HISTORIES)
def test_no_shown_count_of_real_figures_is_small(histories: list) -> None:  # type: ignore[type-arg]
    shifts = [count(each, POLICY, NOW) for each in histories]
    table = suppress(roll_up(shifts, (Dimension.UNIT,)), UNDER)
    for row in (*table.rows.values(), table.total):
        for spec in fields(row):
            value = getattr(row, spec.name)
            number = value.shifts if isinstance(value, Amount) else value
            assert number is None or number == 0 or number >= UNDER, spec.name
        together = row_of_shown(row, FillUnit.SHIFTS).unfilled
        assert together is None or together.shifts == 0 or together.shifts >= UNDER
