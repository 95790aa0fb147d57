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
The protection covers a table with its totals, and the tables by trust, by staff group and by week
of the same weeks together. It does not cover differences to tables of other weeks, nor to finer
ones: of one trust alone, of single units, or grouped by several things at once.

Source: disclosure control usual for NHS workforce counts (primary and secondary suppression).
The search for further cells is the classical one on the graph of rows and columns; what turns out
to be needless in the end, as later cells did its work, is shown again.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from itertools import product
from operator import add
from typing import Any

from bankhub.model.fill_values import Amount, FillFigures, GroupKey, ShownFigures, ShownTable
from bankhub.rules.figures.joint_suppression import hidden_together
from bankhub.rules.figures.suppression_table import Cell

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
    (shown,) = suppress_together([figures], under)
    return shown


def suppress_together(
    groupings: Sequence[Mapping[GroupKey, FillFigures]], under: int
) -> list[ShownTable]:
    """The same for the same shifts grouped in several ways, of which all may be seen."""
    tables = [
        [*figures.values(), reduce(add, figures.values(), FillFigures())] for figures in groupings
    ]
    hidden = hidden_together(
        [[[_count(_part(one, name)) for name in _PARTITION] for one in every[:-1]]
         for every in tables],
        under,
        [_worth(every, under) for every in tables],
    )  # fmt: skip
    beside = {
        name: hidden_together(
            [[[_count(_part(one, name))] for one in every[:-1]] for every in tables], under
        )
        for name in _BESIDE
    }
    return [
        ShownTable(
            rows=dict(zip(figures, shown[:-1], strict=True)), total=shown[-1], under=under
        )
        for place, (figures, every) in enumerate(zip(groupings, tables, strict=True))
        if (shown := _shown(every, hidden[place], {n: beside[n][place] for n in _BESIDE}))
    ]


def _shown(
    every: Sequence[FillFigures],
    hidden: Collection[Cell],
    beside: Mapping[str, Collection[Cell]],
) -> list[ShownFigures]:
    shown = []
    for row, one in enumerate(every):
        cells: dict[str, Any] = {
            name: None if (row, column) in hidden else _part(one, name)
            for column, name in enumerate((*_PARTITION, "requested"))
        }
        for name in _BESIDE:
            cells[name] = None if (row, 0) in beside[name] else _part(one, name)
        shown.append(ShownFigures(**cells))
    return shown


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


def _part(figures: FillFigures, name: str) -> Amount | int:
    if name == "went_unfilled":
        return figures.booked.unfilled - figures.still_open
    home = figures.booked if hasattr(figures.booked, name) else figures
    part: Amount | int = getattr(home, name)
    return part


def _count(part: Amount | int) -> int:
    return part if isinstance(part, int) else part.shifts
