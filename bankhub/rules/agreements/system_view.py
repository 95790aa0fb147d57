"""What may an integrated care board be told of shared staff?

Figures without people. Counts from one to four (dated policy) are not shown, nor what was worked
out from them. Repeat training avoided: somebody was taken on at another organisation with a subject
that the home organisation's award already proved, so the subject was not done again. Each person,
host and subject counts once, however often they were cleared; how long the session would have
taken is an illustrative length. A total over subjects is given only of the subjects that are shown,
so no hidden count follows from it. The median of the days to cleared is shown where enough people
stand behind it: from a deployment's proposal to its checks, and for somebody who comes for single
shifts from the first time the passport was shown until first cleared.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from bankhub.model.fill_values import Amount
from bankhub.rules.figures.fill_rows import FillRow

TRAINING = "training."
"""How the items of a clearance that are training subjects begin; the subject's code follows."""
MET = "met"


@dataclass(frozen=True, slots=True)
class SharedFill:
    """What partners gave to one line of the fill figures. None = not shown."""

    requested: Amount | None
    by_partners: Amount | None
    filled_share: float | None
    """Shifts filled, of those requested."""
    gained_share: float | None
    """Of those requested, the shifts that partners filled."""


def shared_fill(row: FillRow) -> SharedFill:
    """The line with and without partners, worked out from shown numbers only."""
    gained = None
    if row.requested is not None and row.partner_bank is not None and row.requested.shifts:
        gained = row.partner_bank.shifts / row.requested.shifts
    return SharedFill(
        requested=row.requested,
        by_partners=row.partner_bank,
        filled_share=row.rates.temp_fill_rate,
        gained_share=gained,
    )


@dataclass(frozen=True, slots=True)
class TrainingAvoided:
    """One subject that was not done again. None = too few to show."""

    subject: str
    people: int | None
    minutes: int | None


def training_avoided(
    cleared: Iterable[tuple[UUID, UUID, Sequence[Mapping[str, Any]]]],
    lengths: Mapping[str, int],
    under: int | None,
) -> list[TrainingAvoided]:
    """By subject, the most people first; those that are hidden last, by name. `cleared`: host,
    human, and items of each clearance; `under` None = every count is shown."""
    proven = {
        (host_id, holder_id, subject)
        for host_id, holder_id, items in cleared
        for subject in _subjects(items)
    }
    counts = Counter(subject for _, _, subject in proven)
    shown, hidden = [], []
    for subject, people in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        if under is not None and people < under:
            hidden.append(TrainingAvoided(subject, None, None))
        else:
            minutes = people * lengths.get(subject, 0)
            shown.append(TrainingAvoided(subject, people, minutes))
    return shown + sorted(hidden, key=lambda one: one.subject)


def _subjects(items: Iterable[Mapping[str, Any]]) -> set[str]:
    return {
        str(item["code"]).removeprefix(TRAINING)
        for item in items
        if str(item.get("code", "")).startswith(TRAINING) and item.get("state") == MET
    }


def minutes_avoided(subjects: Iterable[TrainingAvoided]) -> int:
    """Over the subjects that are shown."""
    return sum(one.minutes for one in subjects if one.minutes is not None)


@dataclass(frozen=True, slots=True)
class DaysToCleared:
    """From proposal, or first showing, to cleared. None = too few, or none."""

    people: int | None
    median_days: float | None


def days_to_cleared(
    moments: Sequence[tuple[datetime, datetime]], under: int | None
) -> DaysToCleared:
    """`moments`: when it began for somebody, and when they were cleared."""
    if not moments:
        return DaysToCleared(0, None)
    if under is not None and len(moments) < under:
        return DaysToCleared(None, None)
    days = median((cleared - proposed) / timedelta(days=1) for proposed, cleared in moments)
    return DaysToCleared(len(moments), round(days, 1))
