"""How is a small count hidden in one table so that it cannot be told?

The search for further cells to hide, on the graph of the table's rows and columns: the classical
one of statistical disclosure control. What it is for stands in `suppression`.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

Cell = tuple[int, int]
"""(row, column); the last row and the last column are the totals."""


class Table:
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
        self.last_row, self._last_column = len(rows), len(self._values[-1]) - 1
        self._one_row, self._one_column = len(rows) == 1, self._last_column == 1
        self.hidden = set(self.small()) | {
            cell for cell in self.cells() if self.repeats(cell) and self.value(cell)
        }
        self._shortest: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
        for row in range(len(self._values)):
            self._offer(row)

    def value(self, cell: Cell) -> int:
        """The count."""
        return self._values[cell[0]][cell[1]]

    def hide(self, cells: Collection[Cell]) -> None:
        """Hide these too."""
        self.hidden |= set(cells)
        for row in {row for row, _ in cells}:
            self._offer(row)

    def small(self) -> Iterator[Cell]:
        """Counts that may not be known."""
        for cell in self.cells():
            if 0 < self.value(cell) < self._under and not self.repeats(cell):
                yield cell

    def to_hide(self) -> Iterator[Cell]:
        """What is hidden; a total that only repeats its line follows it."""
        for row, column in self.cells():
            line = (0 if self._one_row else row, 0 if self._one_column else column)
            if line in self.hidden:
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
        self.hide(self._cheapest_way(starts, ends, more, row))

    def let_totals_move(self, at: int, to: int, more: int) -> None:
        """Hide the cheapest cells by which a step between two totals can be followed; none where
        it cannot."""
        self.hide(self._cheapest_way({to: 0}, {at: 0}, more, self.last_row))

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
        costs = [(reached[end][0] + cost, end) for end, cost in ends.items() if end in reached]
        if not costs:
            return set()
        _, at = min(costs)
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
        return 0 if cell in self.hidden else self.price(cell)

    def price(self, cell: Cell) -> int:
        """No number of shifts outweighs one figure more."""
        return self._worth.get(cell, 0) * self._worth_more + self.value(cell)

    def _sign(self, cell: Cell) -> int:
        return -1 if (cell[0] == self.last_row) != (cell[1] == self._last_column) else 1

    def repeats(self, cell: Cell) -> bool:
        """Whether the cell is a total of a single line, and so that line again."""
        return (self._one_row and cell[0] == self.last_row) or (
            self._one_column and cell[1] == self._last_column
        )

    def cells(self) -> Iterator[Cell]:
        return product(range(len(self._values)), range(len(self._values[0])))


class Steps:
    """The steps from column to column through cells that are hidden, and through no others."""

    def __init__(self, table: Table, hidden: Collection[Cell]) -> None:
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
        starts, ends = self.ends_of(cell)
        found = self.path(starts, ends, self._table.more(cell), but={cell[0]})
        return found.closed(cell[0]) | {cell} if found else frozenset()

    def ends_of(self, cell: Cell) -> tuple[Collection[int], Collection[int]]:
        """The columns from which a way that lets this count rise may come, and where it ends."""
        row, column = cell
        more, up = self._table.more(cell), self._table.counts_up(cell)
        others = {
            other
            for other in self._open[row] - {column}
            if self._table.can((row, other), more, up=not up)
        }
        return ({column}, others) if up else (others, {column})

    def leads(self, row: int, at: int, to: int, more: int) -> bool:
        """Whether a row has the step from one column to the other."""
        return row in self._rows[more, at, to]

    def path(
        self,
        starts: Collection[int],
        ends: Collection[int],
        more: int,
        *,
        but: Collection[int],
        avoid: Collection[int] = (),
    ) -> "Path | None":
        """A way from column to column through other rows than these; None = there is none."""
        reached = {one: Path((one,), frozenset()) for one in starts if one not in avoid}
        waiting = sorted(reached)
        for at in waiting:
            if at in ends:
                return reached[at]
            for to in self._table.width():
                rows = self._rows[more, at, to].difference(but)
                if to not in reached and to not in avoid and rows:
                    cells = reached[at].cells | {(min(rows), at), (min(rows), to)}
                    reached[to] = Path((*reached[at].columns, to), cells)
                    waiting.append(to)
        return None

    def _through(self, cell: Cell) -> Iterator[tuple[int, int, int]]:
        """Steps that need the cell: it is lowered and another raised, or the other way round."""
        row, column = cell
        for more in self._table.amounts():
            for other in self._open[row] - {column}:
                for at, to in ((column, other), (other, column)):
                    lowered = self._table.can((row, at), more, up=False)
                    if lowered and self._table.can((row, to), more, up=True):
                        yield more, at, to


@dataclass(frozen=True, slots=True)
class Path:
    """Columns one after the other, and the cells between them."""

    columns: tuple[int, ...]
    cells: frozenset[Cell]

    def closed(self, row: int) -> frozenset[Cell]:
        """With the cells of the row that closes it to a cycle."""
        return self.cells | {(row, self.columns[0]), (row, self.columns[-1])}


def _possible(costs: Mapping[int, int | None]) -> dict[int, int]:
    return {column: cost for column, cost in costs.items() if cost is not None}
