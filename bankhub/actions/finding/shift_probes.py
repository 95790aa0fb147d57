"""The SQL of finding shifts: many short probes of an index, in one statement, in order of start.

A search is a set of arms. An arm is one organisation and one thing its index knows (a class, a
role), seen through one tier. Only necessary conditions stand here: a tier of the arm is open now,
the place is free or held by an agency that can still be displaced, the start lies ahead. Whether
the worker may work a shift is asked of the rules, row by row, by whoever walks.

Each arm reads at most so many rows behind the last one, inside a window of time that grows; what
is certain of all arms is handed on in order of start. So the cost follows the rows shown, not the
number of open shifts.

PostgreSQL loops over the arms of each kind in one part of the statement; SQLite, which cannot, gets
a part for each arm.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from bankhub.model.shifts import Opening, Shift
from bankhub.model.values import BusyTime, ShiftFacts
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState, StaffGroup, Tier
from passport import batch
from passport.batch import Prepared
from passport.db import is_postgresql

FIRST_WINDOW = timedelta(days=2)
FIRST_MOST = 16
"""Rows of one arm in the first window, at most."""
FIRST_ROWS, FIRST_LEAST = 96, 4
"""Rows of all arms together in the first window; but so many of each."""
WIDER, MORE = 4, 2
"""How much the window and the rows of an arm grow from one statement to the next."""
MOST_ROWS = 512
MOST_ARMS = 64
"""In one statement: SQLite takes no more than 500 parts, and more parts cost more to prepare."""

_MAX_ID = UUID(int=2**128 - 1)
_MIN_ID = UUID(int=0)

Key = tuple[datetime, UUID]
"""Start and identifier: the order of every list of shifts."""
Row = tuple[Any, ...]
"""What the SQL of an arm gives: first which arm, then `_columns`."""


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

    rows: Iterable[Probed]
    """Read once, and made as they are read: most pages end before the last."""
    until: Key


def walk(
    session: Session,
    arms: Sequence[Arm],
    *,
    after: Key | None,
    until: datetime,
    now: datetime,
    only: Only = ANYTHING,
    busy: Sequence[BusyTime] = (),
) -> Iterator[Stretch]:
    """The arms' rows that start after `now` and before `until`, a stretch at a time.

    `busy`, by start: times in which nobody wants to start; where the walk comes to one, it goes on
    behind it.
    """
    at: Key = max(after or (now, _MAX_ID), (now, _MAX_ID))
    window = FIRST_WINDOW
    most = min(FIRST_MOST, max(FIRST_ROWS // max(len(arms), 1), FIRST_LEAST))
    while (at := _behind(busy, at))[0] < until:
        ends = min(at[0] + window, until)
        reach: Key = (ends, _MIN_ID)
        found: dict[UUID, Row] = {}
        alive = [arm for arm in arms if arm.until > at[0]]
        if not alive:
            yield Stretch((), (until, _MIN_ID))
            return
        for start in range(0, len(alive), MOST_ARMS):
            some = alive[start : start + MOST_ARMS]
            shared = {"after_at": at[0], "after_id": at[1], "most": most, "now": now}
            rows = _probe(session, some, ends, {**shared, **asdict(only)})
            reach = min(reach, _certain(rows, most, reach))
            for row in rows:
                found.setdefault(row[1], (some[row[0]], *row[1:]))
        certain = sorted((row for row in found.values() if _key(row) <= reach), key=_key)
        yield Stretch(map(_probed, certain), reach)
        at = reach
        most = min(most * MORE, MOST_ROWS)
        if reach[0] >= ends:  # else rows are dense, and arms that find none read all of a window
            window *= WIDER


def _behind(busy: Iterable[BusyTime], at: Key) -> Key:
    for one in busy:
        if one.starts_at <= at[0] < one.ends_at:
            at = (one.ends_at, _MIN_ID)
    return at


def _certain(rows: Sequence[Row], most: int, reach: Key) -> Key:
    """Up to where no arm can hold a row that was not read: the first full arm's last row."""
    read: dict[int, list[Key]] = defaultdict(list)
    for row in rows:
        read[row[0]].append(_key(row))
    return min((max(keys) for keys in read.values() if len(keys) >= most), default=reach)


def _probe(
    session: Session, arms: Sequence[Arm], ends: datetime, shared: Mapping[str, Any]
) -> Sequence[Row]:
    """Rows of these arms, each behind the place of its arm."""
    statement, values = (_looped if is_postgresql(session) else _listed)(arms, ends)
    (result,) = batch.run(session, (statement, {**shared, **values}))
    return result.rows


_PARTS = ("number", "organisation", "key", "until")
"""What the SQL of an arm is told of it; `number` is its place among the arms asked."""


def _values(number: int, arm: Arm, ends: datetime) -> tuple[Any, ...]:
    return number, arm.organisation_id, arm.key, min(ends, arm.until)


def _looped(arms: Sequence[Arm], ends: datetime) -> batch.Step:
    """For each kind one part that goes through lists of its arms."""
    told: dict[ArmKind, list[tuple[Any, ...]]] = defaultdict(list)
    for number, arm in enumerate(arms):
        told[arm.kind].append(_values(number, arm, ends))
    values = {
        f"{name}_{kind}": list(column)
        for kind, rows in told.items()
        for name, column in zip(_PARTS, zip(*rows, strict=True), strict=True)
    }
    return _loops(tuple(sorted(told))), values


def _listed(arms: Sequence[Arm], ends: datetime) -> batch.Step:
    """A part for each arm, filled up to few shapes of statement with parts that find nothing."""
    kinds = Counter(arm.kind for arm in arms)
    padded = tuple((kind, 1 << (count - 1).bit_length()) for kind, count in sorted(kinds.items()))
    slots = _slots(padded)
    values: dict[str, Any] = {}
    for number, arm in enumerate(arms):
        slot = next(slots[arm.kind])
        told = _values(number, arm, ends)
        values |= {f"{name}_{slot}": one for name, one in zip(_PARTS, told, strict=True)}
    for kind, spare in slots.items():
        nobody = Arm(kind, _MIN_ID, _MIN_ID, "" if kind in _BY_ROLE else -1, ends)
        for slot in spare:
            told = _values(-1, nobody, ends)
            values |= {f"{name}_{slot}": one for name, one in zip(_PARTS, told, strict=True)}
    return _union(padded), values


def _slots(padded: Sequence[tuple[ArmKind, int]]) -> Mapping[ArmKind, Iterator[int]]:
    first, slots = 0, {}
    for kind, count in padded:
        slots[kind] = iter(range(first, first + count))
        first += count
    return slots


_BY_ROLE = (ArmKind.ROLE, ArmKind.PARTNER_ROLE)

_OPEN: sa.ColumnElement[Any] = sa.literal_column("'open'")
_FILLED: sa.ColumnElement[Any] = sa.literal_column("'filled'")
"""Written out: only then does the planner know that the partial indexes hold all rows asked for."""


def _types(kind: ArmKind) -> tuple[sa.types.TypeEngine[Any], ...]:
    key = Shift.role.type if kind in _BY_ROLE else Shift.class_id.type
    return sa.Integer(), Shift.organisation_id.type, key, Shift.starts_at.type


@lru_cache(maxsize=64)
def _loops(kinds: tuple[ArmKind, ...]) -> Prepared:
    """For each kind: its arms as a table, and for each of them its own rows."""
    parts = []
    for kind in kinds:
        types = dict(zip(_PARTS, _types(kind), strict=True))
        lists = [sa.bindparam(f"{name}_{kind}", type_=ARRAY(one)) for name, one in types.items()]
        columns = [sa.column(name, one) for name, one in types.items()]
        arms = sa.func.unnest(*lists).table_valued(*columns).render_derived(name=f"arms_{kind}")
        found = _arm(kind, *arms.c).lateral()
        parts.append(sa.select(found).select_from(arms.join(found, sa.true())))
    return Prepared(sa.union_all(*parts))


@lru_cache(maxsize=256)
def _union(padded: tuple[tuple[ArmKind, int], ...]) -> Prepared:
    """The union of so many arms of each kind, each with its own order and limit."""
    slots = _slots(padded)
    parts = [
        _arm(
            kind,
            *(
                sa.bindparam(f"{name}_{slot}", type_=one)
                for name, one in zip(_PARTS, _types(kind), strict=True)
            ),
        )
        for kind, _ in padded
        for slot in slots[kind]
    ]
    return Prepared(sa.union_all(*(sa.select(part.subquery()) for part in parts)))


def _arm(
    kind: ArmKind,
    number: sa.ColumnElement[int],
    organisation: sa.ColumnElement[UUID],
    key: sa.ColumnElement[Any],
    until: sa.ColumnElement[datetime],
) -> sa.Select[*tuple[Any, ...]]:
    shift = aliased(Shift)
    after_at = sa.bindparam("after_at", type_=Shift.starts_at.type)
    after_id = sa.bindparam("after_id", type_=Shift.id.type)
    tiers = {
        ArmKind.FALLBACK: (Tier.OWN_FALLBACK,),
        ArmKind.ROLE: (Tier.OWN_BANK, Tier.OWN_FALLBACK),
        ArmKind.PARTNER_CLASS: (Tier.PARTNER,),
        ArmKind.PARTNER_ROLE: (Tier.PARTNER,),
    }.get(kind, (Tier.OWN_BANK,))
    return (
        sa.select(number.label("arm"), *_columns(shift))
        .where(
            shift.organisation_id == organisation,
            _indexed(kind, shift, key),
            shift.starts_at >= after_at,  # says no more, but a planner can guess how much it takes
            sa.tuple_(shift.starts_at, shift.id) > sa.tuple_(after_at, after_id),
            shift.starts_at < until,
            *(_as_asked(getattr(shift, part.name)) for part in fields(Only)),
            sa.or_(*(_is_open(shift, tier) for tier in tiers)),
        )
        .order_by(shift.starts_at, shift.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _indexed(
    kind: ArmKind, shift: type[Shift], key: sa.ColumnElement[Any]
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


def _key(row: Row) -> Key:
    return row[8], row[1]


def _probed(row: Row) -> Probed:
    facts = ShiftFacts(
        id=row[1],
        organisation_id=row[2],
        site_id=row[3],
        unit_id=row[4],
        staff_group=StaffGroup(row[5]),
        role=row[6],
        grade=Grade(row[7]),
        starts_at=row[8],
        ends_at=row[9],
        unpaid_break_minutes=row[10],
        fallback_grade=Grade(row[11]) if row[11] else None,
        skills=frozenset(row[12]),
        reason=RequestReason(row[13]),
        state=ShiftState(row[14]),
    )
    tiers = (tier for tier, is_open in zip(_SEEN_THROUGH, row[18:], strict=True) if is_open)
    return Probed(row[0], facts, frozenset(tiers), *row[15:18])
