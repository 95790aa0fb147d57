"""What is hidden of several tables of the same shifts, so that together they give no count away?

The same shifts by trust, by staff group and by week are tables with one row of totals. A total
that one of them hides and another shows would bound what the first one hides. So the totals are
hidden alike in all of them; and every small count has a change that it shares with all the tables
at once, by which it is five or more and everything shown stays as it is: either within its own
table, with the totals as they are, or through the totals, where each of the other tables has rows
in which those totals can change too. Nothing else binds the tables to one another: whatever their
lines, some finest table fits them all.

A table of one line says what the totals say, and is shown as they are.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bankhub.rules.figures.suppression_table import Cell, Path, Steps, Table

Counts = Sequence[Sequence[int]]
Place = tuple[int, Cell]
"""Which table, and where in it."""
Way = frozenset[Place]


def hidden_together(
    tables: Sequence[Counts], under: int, worth: Sequence[Mapping[Cell, int]] = ()
) -> list[frozenset[Cell]]:
    """Cells to hide of each of these tables of counts, whose rows come to the same totals: what
    little is `worth` first, then small counts. Without it every cell is worth the same.

    With one row or one column its total says nothing new: it is shown or hidden with it.
    """
    if max(map(len, tables), default=0) <= 1:
        chosen = list(range(len(tables)))[:1]
    else:
        chosen = [place for place, one in enumerate(tables) if len(one) > 1]
    joint = _Joint([Table(tables[one], under, worth[one] if worth else {}) for one in chosen])
    joint.protect()
    joint.show_needless()
    found = dict(zip(chosen, map(frozenset, map(Table.to_hide, joint.tables)), strict=True))
    return [
        found[place] if place in found else joint.as_totals(len(one))
        for place, one in enumerate(tables)
    ]


class _Joint:
    """Tables over one row of totals."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tables
        self._steps = [Steps(one, one.hidden) for one in tables]
        self._share_totals()

    def protect(self) -> None:
        """Hide what the small counts need, the smallest count first."""
        small = list(self._small())
        for place, cell in sorted(small, key=lambda one: (self._value(one), one)):
            if not self._way(place, cell):
                self._protect(place, cell)
        if not all(self._way(place, cell) for place, cell in small):
            for place, one in enumerate(self.tables):
                self._hide(place, {cell for cell in one.cells() if one.value(cell)})

    def show_needless(self) -> None:
        """Show again what no small count needs, what is worth most first; a total in all tables
        or in none."""
        small = set(self._small())
        ways = {one: self._way(*one) for one in small}
        users: dict[Place, set[Place]] = defaultdict(set)
        for one, way in ways.items():
            for used in way:
                users[used].add(one)
        further = {self._named(one) for one in self._hidden()} - {self._named(one) for one in small}
        for place, cell in sorted(further, key=self._price, reverse=True):
            everywhere = self._everywhere(place, cell)
            for table, shown in everywhere:
                self._steps[table].close(shown)
            needed = {one for shown in everywhere for one in users[shown]}
            again = {one: self._way(*one) for one in needed}
            for table, shown in everywhere:
                if all(again.values()):
                    self.tables[table].hidden.discard(shown)
                else:
                    self._steps[table].open(shown)
            if all(again.values()):
                for one, way in again.items():
                    for used in way:
                        users[used].add(one)

    def as_totals(self, rows: int) -> frozenset[Cell]:
        """What is hidden of a table with so many lines that says what the totals say."""
        hidden = {column for row, column in self.tables[0].to_hide() if self._is_total(row)}
        return frozenset((row, column) for row in range(rows + 1) for column in hidden)

    def _is_total(self, row: int) -> bool:
        return row == self.tables[0].last_row

    def _protect(self, place: int, cell: Cell) -> None:
        """Hide the cheapest way in the count's own table; where it leads through the totals, what
        lets the other tables follow them."""
        table, before = self.tables[place], set(self.tables[place].hidden)
        table.protect(cell)
        self._open(place, table.hidden - before)
        self._share_totals()
        totals = [
            column for row, column in self._steps[place].way(cell) if row == table.last_row
        ]
        if self._way(place, cell):
            return
        for other, one in enumerate(self.tables):
            for at in totals:
                for to in totals:
                    if at != to and other != place:
                        before = set(one.hidden)
                        one.let_totals_move(at, to, table.more(cell))
                        self._open(other, one.hidden - before)
        self._share_totals()

    def _way(self, place: int, cell: Cell) -> Way:
        """Cells of all tables on a change by which the count is none of the small ones; empty =
        there is none."""
        steps, table = self._steps[place], self.tables[place]
        more, last = table.more(cell), table.last_row
        starts, ends = steps.ends_of(cell)
        if cell[0] == last:
            moves = ((at, to) for at in starts for to in ends)
            return next(filter(None, (self._follow(to, at, more) for at, to in moves)), frozenset())
        within = steps.path(starts, ends, more, but={cell[0], last})
        if within:
            return _at(place, within.closed(cell[0]))
        return self._through_totals(place, cell, more)

    def _through_totals(self, place: int, cell: Cell, more: int) -> Way:
        steps, last = self._steps[place], self.tables[place].last_row
        starts, ends = steps.ends_of(cell)
        but = {cell[0], last}
        width = self.tables[place].width()
        for at, to in ((at, to) for at in width for to in width):
            if at == to or not steps.leads(last, at, to, more):
                continue
            first = steps.path(starts, {at}, more, but=but, avoid={to})
            second = first and steps.path({to}, ends, more, but=but, avoid=first.columns)
            others = self._follow(at, to, more, without=place) if second else None
            if first and second and others is not None:
                own = Path(
                    (*first.columns, *second.columns),
                    first.cells | second.cells | {(last, at), (last, to)},
                )
                return _at(place, own.closed(cell[0])) | others
        return frozenset()

    def _follow(self, at: int, to: int, more: int, without: int | None = None) -> Way | None:
        """How each table follows a step between two totals; None = one of them cannot."""
        found: Way = frozenset()
        for place, (steps, table) in enumerate(zip(self._steps, self.tables, strict=True)):
            if place != without:
                path = steps.path({to}, {at}, more, but={table.last_row})
                if path is None:
                    return None
                found |= _at(place, path.closed(table.last_row))
        return found

    def _small(self) -> Iterator[Place]:
        """Each small count, a total once."""
        for place, table in enumerate(self.tables):
            yield from (
                (place, cell) for cell in table.small() if not place or cell[0] != table.last_row
            )

    def _hidden(self) -> Iterator[Place]:
        for place, table in enumerate(self.tables):
            yield from ((place, cell) for cell in table.hidden if not table.repeats(cell))

    def _named(self, one: Place) -> Place:
        """A total by the name it has in the first table."""
        place, (row, column) = one
        if row == self.tables[place].last_row:
            return 0, (self.tables[0].last_row, column)
        return one

    def _everywhere(self, place: int, cell: Cell) -> list[Place]:
        if cell[0] != self.tables[place].last_row:
            return [(place, cell)]
        return [(other, (one.last_row, cell[1])) for other, one in enumerate(self.tables)]

    def _share_totals(self) -> None:
        """What one hides of the totals all hide."""
        totals = {
            cell[1]
            for one in self.tables
            for cell in one.hidden
            if cell[0] == one.last_row and not one.repeats(cell)
        }
        for place, one in enumerate(self.tables):
            self._hide(place, {(one.last_row, column) for column in totals})

    def _hide(self, place: int, cells: set[Cell]) -> None:
        new = cells - self.tables[place].hidden
        self.tables[place].hide(new)
        self._open(place, new)

    def _open(self, place: int, cells: set[Cell]) -> None:
        for cell in cells:
            self._steps[place].open(cell)

    def _value(self, one: Place) -> int:
        return self.tables[one[0]].value(one[1])

    def _price(self, one: Place) -> tuple[int, Place]:
        return self.tables[one[0]].price(one[1]), one


def _at(place: int, cells: frozenset[Cell]) -> Way:
    return frozenset((place, cell) for cell in cells)
