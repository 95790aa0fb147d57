"""Which fill figures may an analyst see without working out a small count?

Counts above nought and under five (dated policy) are not shown, nor are the minutes behind them.
A hidden count must not follow from what is shown: where a row or a column has a total, hiding one
cell hides nothing. So for every small count further cells are hidden until there is another table,
equal in everything shown, in which that count is five or more. Whoever reads the table then cannot
say that the count is small, let alone what it is. Hidden are those with which the fewest figures
go: rates need counts, so what partners filled costs more than an agency's count, and least of all
costs the other half of unfilled demand where one half is small, for both together can still be
told. Between equals the smaller count goes (and so totals last).

Nought is shown, and is never used to hide another count. A reader who knows this rule knows that
a hidden count is at least one; the rule allows for that.

What is shown of a group is the partition of booked demand (unfilled split into "went unfilled"
and "still open") with its total, and five counts that stand beside it. Worked figures, medians
and shares released early are left out: next to the partition they would give single shifts away.
The protection covers one table with its totals. It does not cover differences between tables
asked for with different groupings.

Source: disclosure control usual for NHS workforce counts (primary and secondary suppression).
The search for further cells is the classical one on the graph of rows and columns; what turns out
to be needless in the end, as later cells did its work, is shown again.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from itertools import product
from operator import add
from typing import Any

from bankhub.model.fill_values import Amount, FillFigures, GroupKey, ShownFigures, ShownTable

Cell = tuple[int, int]
"""(row, column); the last row and the last column are the totals."""

_PARTITION = (
    "own_bank",
    "partner_bank",
    "framework_agency",
    "off_framework",
    "went_unfilled",
    "still_open",
)
_SPLIT = {"went_unfilled": "still_open", "still_open": "went_unfilled"}
"""The halves of unfilled demand: where one is hidden, hiding the other costs itself alone."""
_GOES_WITH = {
    "own_bank": 3,
    "partner_bank": 4,
    "framework_agency": 2,
    "off_framework": 2,
    "went_unfilled": 2,
    "still_open": 2,
    "requested": 6,
}
"""How many figures of a line are lost with a count: itself, and the rates and shares made of it.
Half of unfilled demand costs three alone and one beside the other: two, before that is known."""
_BESIDE = (
    "retrospective",
    "withdrawn",
    "withdrawn_after_fill",
    "late_withdrawals",
    "late_ward_cancellations",
)


def suppress(figures: Mapping[GroupKey, FillFigures], under: int) -> ShownTable:
    """The figures by group and in total, as an analyst may see them: None = suppressed."""
    groups = list(figures)
    total = reduce(add, figures.values(), FillFigures())
    every = [*(figures[group] for group in groups), total]
    parts = [[_count(_part(one, name)) for name in _PARTITION] for one in every[:-1]]
    hidden = hidden_cells(parts, under, _worth(every, under))
    beside = {
        name: {
            row
            for row, _ in hidden_cells([[_count(_part(one, name))] for one in every[:-1]], under)
        }
        for name in _BESIDE
    }
    shown = []
    for row, one in enumerate(every):
        cells: dict[str, Any] = {
            name: None if (row, column) in hidden else _part(one, name)
            for column, name in enumerate((*_PARTITION, "requested"))
        }
        for name in _BESIDE:
            cells[name] = None if row in beside[name] else _part(one, name)
        shown.append(ShownFigures(**cells))
    return ShownTable(rows=dict(zip(groups, shown[:-1], strict=True)), total=shown[-1], under=under)


def _worth(every: Sequence[FillFigures], under: int) -> Mapping[Cell, int]:
    """How many figures go with each count, by row and column; the last row is the total's."""
    found = {}
    for (row, one), (column, name) in product(
        enumerate(every), enumerate((*_PARTITION, "requested"))
    ):
        half = _SPLIT.get(name)
        split = half is not None and 0 < _count(_part(one, half)) < under
        found[row, column] = 1 if split else _GOES_WITH[name]
    return found


def hidden_cells(
    counts: Sequence[Sequence[int]], under: int, worth: Mapping[Cell, int] | None = None
) -> frozenset[Cell]:
    """Cells to hide of a table of counts that is shown with row, column and grand totals: what
    little is worth first, then small counts. `worth` None = every cell is worth the same.

    With one row or one column its total says nothing new: it is shown or hidden with it.
    """
    table = _Table(counts, under, worth or {})
    for cell in sorted(table.small(), key=lambda cell: (table.value(cell), cell)):
        table.protect(cell)
    table.show_needless()
    return frozenset(table.to_hide())


class _Table:
    """A table with its totals, seen as lines that each sum to nought.

    Totals enter negative, the grand total positive. Raising one entry is then balanced by a cycle
    of steps: at each row one entry is raised and one lowered, and so at each column. A cycle goes
    from column to row by an entry that is lowered, and from row to column by one that is raised.
    """

    def __init__(
        self, counts: Sequence[Sequence[int]], under: int, worth: Mapping[Cell, int]
    ) -> None:
        rows = [[*row, sum(row)] for row in counts]
        totals = [sum(column) for column in zip(*rows, strict=True)]
        self._values: list[list[int]] = [*rows, totals]
        self._under, self._worth = under, worth
        self._worth_more = totals[-1] + 1 if totals else 1
        self._last_row, self._last_column = len(rows), len(self._values[-1]) - 1
        self._one_row, self._one_column = len(rows) == 1, self._last_column == 1
        self._hidden = set(self.small()) | {
            cell for cell in self._cells() if self._repeats(cell) and self.value(cell)
        }
        self._shortest: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
        for row in range(len(self._values)):
            self._offer(row)

    def value(self, cell: Cell) -> int:
        """The count."""
        return self._values[cell[0]][cell[1]]

    def small(self) -> Iterator[Cell]:
        """Counts that may not be known."""
        for cell in self._cells():
            if 0 < self.value(cell) < self._under and not self._repeats(cell):
                yield cell

    def to_hide(self) -> Iterator[Cell]:
        """What is hidden; a total that only repeats its line follows it."""
        for row, column in self._cells():
            line = (0 if self._one_row else row, 0 if self._one_column else column)
            if line in self._hidden:
                yield row, column

    def protect(self, cell: Cell) -> None:
        """Hide the cheapest further cells that let this count be `under` or more.

        There are always some: the totals can rise with the cell.
        """
        row, column = cell
        more = self.more(cell)
        others = [other for other in range(self._last_column + 1) if other != column]
        if self._sign(cell) > 0:
            starts = {column: 0}
            ends = _possible({other: self._lower((row, other), more) for other in others})
        else:
            starts = _possible({other: self._raise((row, other), more) for other in others})
            ends = {column: 0}
        way = self._cheapest_way(starts, ends, more, row)
        self._hidden |= way
        for changed in {changed for changed, _ in way}:
            self._offer(changed)

    def show_needless(self) -> None:
        """Show again what no small count needs, what is worth most first."""
        small = set(self.small())
        steps = _Steps(self, self._hidden)
        users: dict[Cell, set[Cell]] = defaultdict(set)
        for cell in small:
            for one in steps.way(cell):
                users[one].add(cell)
        further = [one for one in self._hidden - small if not self._repeats(one)]
        for shown in sorted(further, key=lambda one: (self._price(one), one), reverse=True):
            steps.close(shown)
            again = {cell: steps.way(cell) for cell in users[shown]}
            if all(again.values()):
                self._hidden.discard(shown)
                for cell, way in again.items():
                    for one in way:
                        users[one].add(cell)
            else:
                steps.open(shown)

    def width(self) -> range:
        """The columns, that of the totals last."""
        return range(self._last_column + 1)

    def more(self, cell: Cell) -> int:
        """By how much a small count has to rise, so that it could be none."""
        return self._under - self.value(cell)

    def amounts(self) -> range:
        """By how much any small count may have to rise."""
        return range(1, self._under)

    def can(self, cell: Cell, more: int, *, up: bool) -> bool:
        """Whether the entry can be raised, or lowered, by so much."""
        return self._cost(cell, more, rises=(self._sign(cell) > 0) is up) is not None

    def counts_up(self, cell: Cell) -> bool:
        """Whether the count rises with its entry."""
        return self._sign(cell) > 0

    def _cheapest_way(
        self, starts: dict[int, int], ends: dict[int, int], more: int, but_row: int
    ) -> set[Cell]:
        """Cells on the cheapest way from one of the columns to another through other rows."""
        reached: dict[int, tuple[int, tuple[int, int] | None]] = {
            column: (cost, None) for column, cost in starts.items()
        }
        queue = [(cost, column) for column, cost in starts.items()]
        heapq.heapify(queue)
        while queue:
            cost, column = heapq.heappop(queue)
            for to in range(self._last_column + 1):
                steps = self._shortest.get((more, column, to), ())
                price, row = next((step for step in steps if step[1] != but_row), (None, 0))
                if price is None:
                    continue
                if to not in reached or cost + price < reached[to][0]:
                    reached[to] = (cost + price, (column, row))
                    heapq.heappush(queue, (cost + price, to))
        _, at = min((reached[end][0] + cost, end) for end, cost in ends.items() if end in reached)
        way = {(but_row, at)}
        while (step := reached[at][1]) is not None:
            before, row = step
            way |= {(row, before), (row, at)}
            at = before
        return way | {(but_row, at)}

    def _offer(self, row: int) -> None:
        """Put the row's steps from column to column among the two cheapest known.

        Costs only ever fall, as cells get hidden, so two are enough to have one of another row.
        """
        columns = range(self._last_column + 1)
        for more in self.amounts():
            lowered = [(column, self._lower((row, column), more)) for column in columns]
            raised = [(column, self._raise((row, column), more)) for column in columns]
            for (at, down), (to, up) in product(lowered, raised):
                if at != to and down is not None and up is not None:
                    known = self._shortest[more, at, to]
                    known[:] = sorted(
                        [*(pair for pair in known if pair[1] != row), (down + up, row)]
                    )[:2]

    def _raise(self, cell: Cell, more: int) -> int | None:
        """What it costs to raise the entry by so much; None = it cannot be."""
        return self._cost(cell, more, rises=self._sign(cell) > 0)

    def _lower(self, cell: Cell, more: int) -> int | None:
        return self._cost(cell, more, rises=self._sign(cell) < 0)

    def _cost(self, cell: Cell, more: int, *, rises: bool) -> int | None:
        """A count can always rise; it can fall if at least one is left. Nought stays."""
        value = self.value(cell)
        if not value or (not rises and value <= more):
            return None
        return 0 if cell in self._hidden else self._price(cell)

    def _price(self, cell: Cell) -> int:
        """No number of shifts outweighs one figure more."""
        return self._worth.get(cell, 0) * self._worth_more + self.value(cell)

    def _sign(self, cell: Cell) -> int:
        return -1 if (cell[0] == self._last_row) != (cell[1] == self._last_column) else 1

    def _repeats(self, cell: Cell) -> bool:
        """Whether the cell is a total of a single line, and so that line again."""
        return (self._one_row and cell[0] == self._last_row) or (
            self._one_column and cell[1] == self._last_column
        )

    def _cells(self) -> Iterator[Cell]:
        return product(range(len(self._values)), range(len(self._values[0])))


class _Steps:
    """The steps from column to column through cells that are hidden, and through no others."""

    def __init__(self, table: _Table, hidden: Collection[Cell]) -> None:
        self._table = table
        self._open: dict[int, set[int]] = defaultdict(set)
        self._rows: dict[tuple[int, int, int], set[int]] = defaultdict(set)
        for cell in hidden:
            self.open(cell)

    def open(self, cell: Cell) -> None:
        """The cell is hidden: what leads through it can be gone."""
        self._open[cell[0]].add(cell[1])
        for key in self._through(cell):
            self._rows[key].add(cell[0])

    def close(self, cell: Cell) -> None:
        """The cell is shown."""
        for key in self._through(cell):
            self._rows[key].discard(cell[0])
        self._open[cell[0]].discard(cell[1])

    def way(self, cell: Cell) -> frozenset[Cell]:
        """Cells on a way by which this count can be none of the small ones; empty = there is
        none."""
        row, column = cell
        more, up = self._table.more(cell), self._table.counts_up(cell)
        others = {
            other
            for other in self._open[row] - {column}
            if self._table.can((row, other), more, up=not up)
        }
        starts, ends = ({column}, others) if up else (others, {column})
        found = self._between(starts, ends, more, row)
        return found | {cell} if found else found

    def _between(
        self, starts: Collection[int], ends: Collection[int], more: int, but_row: int
    ) -> frozenset[Cell]:
        reached: dict[int, frozenset[Cell]] = {one: frozenset({(but_row, one)}) for one in starts}
        waiting = sorted(starts)
        for at in waiting:
            if at in ends:
                return reached[at] | {(but_row, at)}
            for to in self._table.width():
                rows = self._rows[more, at, to] - {but_row}
                if to not in reached and rows:
                    row = min(rows)
                    reached[to] = reached[at] | {(row, at), (row, to)}
                    waiting.append(to)
        return frozenset()

    def _through(self, cell: Cell) -> Iterator[tuple[int, int, int]]:
        """Steps that need the cell: it is lowered and another raised, or the other way round."""
        row, column = cell
        for more in self._table.amounts():
            for other in self._open[row] - {column}:
                for at, to in ((column, other), (other, column)):
                    lowered = self._table.can((row, at), more, up=False)
                    if lowered and self._table.can((row, to), more, up=True):
                        yield more, at, to


def _possible(costs: Mapping[int, int | None]) -> dict[int, int]:
    return {column: cost for column, cost in costs.items() if cost is not None}


def _part(figures: FillFigures, name: str) -> Amount | int:
    if name == "went_unfilled":
        return figures.booked.unfilled - figures.still_open
    home = figures.booked if hasattr(figures.booked, name) else figures
    part: Amount | int = getattr(home, name)
    return part


def _count(part: Amount | int) -> int:
    return part if isinstance(part, int) else part.shifts
