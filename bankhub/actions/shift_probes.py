"""The SQL of finding shifts: many short probes of an index, in one statement, in order of start.

A search is a set of arms. An arm is one organisation and one thing its index knows (a class, a
role), seen through one tier. Only necessary conditions stand here: a tier of the arm is open now,
the place is free or held by an agency that can still be displaced, the start lies ahead. Whether
the worker may work a shift is asked of the rules, row by row, by whoever walks.

Each arm reads at most so many rows behind the last one, inside a window of time that grows; what
is certain of all arms is handed on in order of start. So the cost follows the rows shown, not the
number of open shifts.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bankhub.model.shifts import Opening, Shift
from bankhub.model.values import ShiftFacts
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState, StaffGroup, Tier
from passport import batch
from passport.batch import Prepared

FIRST_WINDOW = timedelta(days=7)
FIRST_MOST = 16
"""Rows of one arm in the first window."""
GROWTH = 4
MOST_ROWS = 512
MOST_ARMS = 64
"""In one statement: SQLite takes no more than 500 parts, and more parts cost more to prepare."""

_MAX_ID = UUID(int=2**128 - 1)
_MIN_ID = UUID(int=0)

Key = tuple[datetime, UUID]
"""Start and identifier: the order of every list of shifts."""


class ArmKind(StrEnum):
    """Which index an arm reads, and through which tier."""

    CLASS = "class"
    FALLBACK = "fallback"
    DISPLACEABLE = "displaceable"
    PARTNER_CLASS = "partner_class"
    ROLE = "role"
    PARTNER_ROLE = "partner_role"


@dataclass(frozen=True, slots=True)
class Arm:
    """One probe: the shifts of one organisation in one class or role."""

    kind: ArmKind
    home_id: UUID
    """The organisation whose post makes the audience; the host itself but for partners."""
    organisation_id: UUID
    """The host: whose shifts."""
    key: int | str
    """Number of the class, or code of the role."""
    until: datetime
    """Starts from this moment on are not looked at: papers end, or the search does."""


@dataclass(frozen=True, slots=True)
class Only:
    """What every row must be, beside what its arm asks for; None = anything."""

    site_id: UUID | None = None
    unit_id: UUID | None = None
    role: str | None = None
    shift_code: str | None = None


ANYTHING = Only()


@dataclass(frozen=True, slots=True)
class Probed:
    """A row that an arm found."""

    arm: Arm
    facts: ShiftFacts
    tiers_open: frozenset[Tier]
    reference: str
    shift_code: str
    instant_book: bool

    @property
    def at(self) -> Key:
        """Its place in the list."""
        return self.facts.starts_at, self.facts.id


@dataclass(frozen=True, slots=True)
class Stretch:
    """Every row of every arm from where the walk was up to `until`, by start."""

    rows: Sequence[Probed]
    until: Key


def walk(
    session: Session,
    arms: Sequence[Arm],
    *,
    after: Key | None,
    until: datetime,
    now: datetime,
    only: Only = ANYTHING,
) -> Iterator[Stretch]:
    """The arms' rows that start after `now` and before `until`, a stretch at a time."""
    at: Key = max(after or (now, _MAX_ID), (now, _MAX_ID))
    window, most = FIRST_WINDOW, FIRST_MOST
    while at[0] < until:
        ends = min(at[0] + window, until)
        reach: Key = (ends, _MIN_ID)
        found: dict[UUID, Probed] = {}
        alive = [arm for arm in arms if arm.until > at[0]]
        if not alive:
            yield Stretch((), (until, _MIN_ID))
            return
        for start in range(0, len(alive), MOST_ARMS):
            some = alive[start : start + MOST_ARMS]
            shared = {"after_at": at[0], "after_id": at[1], "most": most, "now": now}
            rows = _probe(session, some, ends, {**shared, **asdict(only)})
            reach = min(reach, _certain(rows, some, most, reach))
            for row in rows:
                found.setdefault(row.facts.id, row)
        certain = sorted((row for row in found.values() if row.at <= reach), key=lambda r: r.at)
        yield Stretch(certain, reach)
        at = reach
        window, most = window * GROWTH, min(most * GROWTH, MOST_ROWS)


def _certain(rows: Sequence[Probed], arms: Sequence[Arm], most: int, reach: Key) -> Key:
    """Up to where no arm can hold a row that was not read: the first full arm's last row."""
    read = Counter(row.arm for row in rows)
    last: dict[Arm, Key] = {}
    for row in rows:
        last[row.arm] = max(last.get(row.arm, row.at), row.at)
    return min((last[arm] for arm in arms if read[arm] >= most), default=reach)


def _probe(
    session: Session, arms: Sequence[Arm], ends: datetime, shared: Mapping[str, Any]
) -> list[Probed]:
    ordered = sorted(arms, key=lambda arm: arm.kind)
    kinds = Counter(arm.kind for arm in ordered)
    padded = tuple((kind, _padded(count)) for kind, count in kinds.items())
    values = dict(shared)
    places: dict[int, Arm] = {}
    numbers = _numbers(padded)
    for arm in ordered:
        number = next(numbers[arm.kind])
        places[number] = arm
        values |= _arm_values(number, arm.organisation_id, arm.key, min(ends, arm.until))
    for kind, spare in numbers.items():
        nothing: int | str = "" if kind in _BY_ROLE else -1
        for number in spare:
            values |= _arm_values(number, _MIN_ID, nothing, shared["now"])
    (result,) = batch.run(session, (_statement(padded), values))
    return [_probed(places[row[0]], row[1:]) for row in result.rows]


def _padded(count: int) -> int:
    """The next power of two: few shapes of statement, each prepared once for a connection."""
    return 1 << (count - 1).bit_length()


def _numbers(padded: Sequence[tuple[ArmKind, int]]) -> Mapping[ArmKind, Iterator[int]]:
    first, numbers = 0, {}
    for kind, count in padded:
        numbers[kind] = iter(range(first, first + count))
        first += count
    return numbers


def _arm_values(
    number: int, organisation_id: UUID, key: int | str, until: datetime
) -> dict[str, Any]:
    return {
        f"organisation_{number}": organisation_id,
        f"key_{number}": key,
        f"until_{number}": until,
    }


_BY_ROLE = (ArmKind.ROLE, ArmKind.PARTNER_ROLE)

_OPEN: sa.ColumnElement[Any] = sa.literal_column("'open'")
_FILLED: sa.ColumnElement[Any] = sa.literal_column("'filled'")
"""Written out: only then does the planner know that the partial indexes hold all rows asked for."""


@lru_cache(maxsize=256)
def _statement(padded: tuple[tuple[ArmKind, int], ...]) -> Prepared:
    """The union of so many arms of each kind, each with its own order and limit."""
    numbers = _numbers(padded)
    parts = [_arm(kind, number) for kind, _ in padded for number in numbers[kind]]
    return Prepared(sa.union_all(*(sa.select(part.subquery()) for part in parts)))


def _arm(kind: ArmKind, number: int) -> sa.Select[*tuple[Any, ...]]:
    shift = aliased(Shift)
    key: sa.BindParameter[Any] = sa.bindparam(f"key_{number}")
    tiers = {
        ArmKind.FALLBACK: (Tier.OWN_FALLBACK,),
        ArmKind.ROLE: (Tier.OWN_BANK, Tier.OWN_FALLBACK),
        ArmKind.PARTNER_CLASS: (Tier.PARTNER,),
        ArmKind.PARTNER_ROLE: (Tier.PARTNER,),
    }.get(kind, (Tier.OWN_BANK,))
    return (
        sa.select(sa.literal_column(str(number)).label("arm"), *_columns(shift))
        .where(
            shift.organisation_id == sa.bindparam(f"organisation_{number}"),
            _indexed(kind, shift, key),
            sa.tuple_(shift.starts_at, shift.id)
            > sa.tuple_(
                sa.bindparam("after_at", type_=Shift.starts_at.type),
                sa.bindparam("after_id", type_=Shift.id.type),
            ),
            shift.starts_at < sa.bindparam(f"until_{number}"),
            *(_as_asked(getattr(shift, part.name)) for part in fields(Only)),
            sa.or_(*(_is_open(shift, tier) for tier in tiers)),
        )
        .order_by(shift.starts_at, shift.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _indexed(
    kind: ArmKind, shift: type[Shift], key: sa.BindParameter[Any]
) -> sa.ColumnElement[bool]:
    held_by_agency = sa.and_(
        shift.state == _FILLED,
        shift.agency_lock_at.is_not(None),
        shift.agency_lock_at > sa.bindparam("now"),
    )
    if kind in _BY_ROLE:
        free = sa.or_(shift.state == _OPEN, held_by_agency)
        return sa.and_(shift.role == key, shift.state.in_([_OPEN, _FILLED]), free)
    if kind is ArmKind.FALLBACK:
        return sa.and_(
            shift.state == _OPEN,
            shift.fallback_class_id.is_not(None),
            shift.fallback_class_id == key,
        )
    free = held_by_agency if kind is ArmKind.DISPLACEABLE else shift.state == _OPEN
    return sa.and_(free, shift.class_id == key)


def _is_open(shift: type[Shift], tier: Tier) -> sa.ColumnElement[bool]:
    """A scalar subquery and not EXISTS: that, PostgreSQL may answer from a hash of the table."""
    opens_at = sa.select(Opening.opens_at).where(
        Opening.shift_id == shift.id,
        Opening.tier == sa.literal_column(f"'{tier.value}'"),
        Opening.replaced_at.is_(None),
    )
    return sa.func.coalesce(opens_at.scalar_subquery() <= sa.bindparam("now"), sa.false())


def _as_asked(column: Any) -> sa.ColumnElement[bool]:
    asked: sa.BindParameter[Any] = sa.bindparam(column.key, type_=column.type)
    return sa.or_(asked.is_(None), column == asked)


_SEEN_THROUGH = (Tier.OWN_BANK, Tier.OWN_FALLBACK, Tier.PARTNER)


def _columns(shift: type[Shift]) -> list[Any]:
    return [
        shift.id,
        shift.organisation_id,
        shift.site_id,
        shift.unit_id,
        shift.staff_group,
        shift.role,
        shift.grade,
        shift.starts_at,
        shift.ends_at,
        shift.unpaid_break_minutes,
        shift.fallback_grade,
        shift.skills,
        shift.reason,
        shift.state,
        shift.reference,
        shift.shift_code,
        shift.instant_book,
        *(_is_open(shift, tier).label(f"open_{tier.value}") for tier in _SEEN_THROUGH),
    ]


def _probed(arm: Arm, row: Sequence[Any]) -> Probed:
    facts = ShiftFacts(
        id=row[0],
        organisation_id=row[1],
        site_id=row[2],
        unit_id=row[3],
        staff_group=StaffGroup(row[4]),
        role=row[5],
        grade=Grade(row[6]),
        starts_at=row[7],
        ends_at=row[8],
        unpaid_break_minutes=row[9],
        fallback_grade=Grade(row[10]) if row[10] else None,
        skills=frozenset(row[11]),
        reason=RequestReason(row[12]),
        state=ShiftState(row[13]),
    )
    tiers = (tier for tier, is_open in zip(_SEEN_THROUGH, row[17:], strict=True) if is_open)
    return Probed(arm, facts, frozenset(tiers), *row[14:17])
