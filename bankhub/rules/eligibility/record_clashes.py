"""Can two records become one person's? What of their busy time lies on top of each other.

Rule in plain English. Nobody works two shifts at once: where both records hold a live booking for
the same time the two cannot be linked until one booking is cancelled. Everything else that
overlaps (a rostered duty here and a booking there) is shown and stands: the working-time rules
count it from then on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bankhub.model.values import BusyTime
from bankhub.model.vocabulary import HoursKind


@dataclass(frozen=True, slots=True)
class Clash:
    """A stretch for which both records are busy."""

    starts_at: datetime
    ends_at: datetime
    double_booked: bool
    """Two bookings: bars the link."""


def clashes(mine: Iterable[BusyTime], theirs: Iterable[BusyTime]) -> list[Clash]:
    """Every stretch in which both are busy, by start."""
    return sorted(_overlaps(list(mine), list(theirs)), key=lambda clash: clash.starts_at)


def _overlaps(mine: list[BusyTime], theirs: list[BusyTime]) -> Iterator[Clash]:
    for one in mine:
        for other in theirs:
            starts, ends = max(one.starts_at, other.starts_at), min(one.ends_at, other.ends_at)
            if starts < ends:
                both = one.kind is other.kind is HoursKind.BOOKING
                yield Clash(starts, ends, both)
