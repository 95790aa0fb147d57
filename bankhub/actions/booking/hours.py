"""The Hours ledger: what a person declares, and what a roster file says of their other work.

Rows hold hours only, never a place or an employer. A deed that changes them takes the worker's
lock first, so that a booking made at the same moment sees either all of it or none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.worker_facts import LOCK_WORKER
from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import policy_book
from bankhub.model.hours import Hours, RosterKnown
from bankhub.model.vocabulary import HoursKind
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.rules.shifts.roster_entries import Period, known_period
from passport import batch
from passport.actions.changes import set_fields
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.db import new_id
from passport.errors import Invalid, NotFound
from passport.events import record
from passport.model.people import Person

DECLARABLE = (HoursKind.DECLARED, HoursKind.LEAVE)
"""What a person may enter themselves."""
LONGEST = timedelta(days=60)
DECLARED = "declared"
"""Source of what the person entered; only such rows can they change or remove."""
ROSTER_FILE = "roster_file"
"""Source of what a roster says; only such rows follow a roster."""


@dataclass(frozen=True, slots=True)
class RosteredTime:
    """A filled duty or an absence of a roster file, for one person."""

    person_id: UUID
    kind: HoursKind
    starts_at: datetime
    ends_at: datetime
    minutes: int
    reference: str
    all_day: bool = False


def own_hours(session: Session, *, since: datetime, by: Actor) -> Sequence[Hours]:
    """The actor's own ledger from a moment on, every record of theirs."""
    demand(by, Deed.KEEP_OWN_HOURS)
    return session.scalars(
        sa.select(Hours)
        .where(Hours.holder_id == by.person_id, Hours.ends_at > since)
        .order_by(Hours.starts_at)
    ).all()


def declare(
    session: Session,
    *,
    starts_at: datetime,
    ends_at: datetime,
    unpaid_break_minutes: int = 0,
    kind: HoursKind = HoursKind.DECLARED,
    by: Actor,
    now: datetime,
) -> Hours:
    """The person enters work elsewhere, or leave. Raises `Invalid` naming what cannot be."""
    demand(by, Deed.KEEP_OWN_HOURS)
    if by.person_id is None:
        raise NotFound
    values = _declarable(starts_at, ends_at, unpaid_break_minutes, kind)
    batch.run(session, (LOCK_WORKER, {"holder_id": by.person_id}))
    row = Hours(
        person_id=by.person_id,
        holder_id=by.person_id,
        rest_until=ends_at + _daily_rest(session, by, now),
        source=DECLARED,
        as_at=now,
        **values,
    )
    session.add(row)
    record(session, "hours.declared", subject_id=row.id, by=by, now=now, hours_kind=kind)
    return row


def _declarable(
    starts_at: datetime, ends_at: datetime, unpaid_break_minutes: int, kind: HoursKind
) -> dict[str, Any]:
    """What a row holds of these words. Raises `Invalid` naming what cannot be."""
    elapsed = int((ends_at - starts_at).total_seconds()) // 60
    wrong = {
        "ends_at": elapsed <= 0 and "The end must be after the start.",
        "starts_at": ends_at - starts_at > LONGEST and "Enter at most 60 days at a time.",
        "unpaid_break_minutes": not 0 <= unpaid_break_minutes < max(elapsed, 1)
        and elapsed > 0
        and "The break must be shorter than the work.",
        "kind": kind not in DECLARABLE and "Choose work elsewhere or leave.",
    }
    fields = {name: [said] for name, said in wrong.items() if said}
    if fields:
        raise Invalid("hours", "Some fields cannot be used.", fields)
    return {
        "kind": kind,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "minutes": elapsed - unpaid_break_minutes if kind is HoursKind.DECLARED else 0,
        "all_day": kind is HoursKind.LEAVE,
    }


def declared_hours(session: Session, *, hours_id: UUID, by: Actor) -> Hours:
    """One entry of the actor's own. Raises `NotFound` for anything they did not enter."""
    demand(by, Deed.KEEP_OWN_HOURS)
    row = session.scalar(
        sa.select(Hours).where(
            Hours.id == hours_id, Hours.holder_id == by.person_id, Hours.source == DECLARED
        )
    )
    if row is None:
        raise NotFound
    return row


def change(
    session: Session,
    *,
    hours_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    unpaid_break_minutes: int = 0,
    kind: HoursKind = HoursKind.DECLARED,
    by: Actor,
    now: datetime,
) -> None:
    """The person puts right what they entered. Raises `Invalid` naming what cannot be."""
    row = declared_hours(session, hours_id=hours_id, by=by)
    values = _declarable(starts_at, ends_at, unpaid_break_minutes, kind)
    batch.run(session, (LOCK_WORKER, {"holder_id": row.holder_id}))
    values["rest_until"] = ends_at + _daily_rest(session, by, now)
    if set_fields(row, values):
        row.as_at = now
        record(session, "hours.changed", subject_id=row.id, by=by, now=now, hours_kind=kind)


def remove(session: Session, *, hours_id: UUID, by: Actor, now: datetime) -> None:
    """Take back what one declared oneself; nothing else can be removed by the person."""
    row = declared_hours(session, hours_id=hours_id, by=by)
    batch.run(session, (LOCK_WORKER, {"holder_id": row.holder_id}))
    session.delete(row)
    record(session, "hours.removed", subject_id=row.id, by=by, now=now)


def put_rostered(
    session: Session, *, rows: Iterable[RosteredTime], by: Actor, now: datetime
) -> dict[str, int]:
    """File duties and absences of a roster: new, changed and unchanged are counted.

    A row is found again by person and the roster's reference; people are those of the actor's
    organisation only, others are ignored by the caller beforehand. Workers are locked in the
    order of their ids.
    """
    demand(by, Deed.IMPORT_ROSTER)
    wanted = {(row.person_id, row.reference): row for row in rows}
    holders = _holders(session, {person for person, _ in wanted}, by)
    _lock_workers(session, holders.values())
    rest = _daily_rest(session, by, now)
    compared = _compared(session, wanted, holders, rest)
    for row, values in compared.changed:
        for name, value in {**values, "as_at": now}.items():
            setattr(row, name, value)
    if compared.fresh:
        fresh = [_fresh(row, holders[row.person_id], rest, now) for row in compared.fresh]
        batch.insert_many(session, Hours, tuple(fresh[0]), (row.values() for row in fresh))
    counts = compared.counts
    if counts["new"] or counts["changed"]:
        _told(session, "hours.rostered", by, now, rows=counts)
    return counts


def look_rostered(
    session: Session, *, rows: Iterable[RosteredTime], by: Actor, now: datetime
) -> dict[str, int]:
    """What `put_rostered` would count. Nothing is written or locked."""
    demand(by, Deed.IMPORT_ROSTER)
    wanted = {(row.person_id, row.reference): row for row in rows}
    holders = _holders(session, {person for person, _ in wanted}, by)
    return _compared(session, wanted, holders, _daily_rest(session, by, now)).counts


def release_rostered(
    session: Session, *, held_by: Mapping[str, UUID | None], by: Actor, now: datetime
) -> int:
    """Take off the ledger what the roster says of these references no more.

    `held_by` names the person whose duty or absence a reference is now; None = nobody's.
    """
    demand(by, Deed.IMPORT_ROSTER)
    found = session.execute(
        sa.select(Hours.id, Hours.person_id, Hours.holder_id, Hours.reference)
        .join(Person, Person.id == Hours.person_id)
        .where(
            Person.organisation_id == own_organisation(by),
            Hours.source == ROSTER_FILE,
            Hours.reference.in_(list(held_by)),
        )
    )
    gone = [row for row in found if held_by[row.reference or ""] != row.person_id]
    if not gone:
        return 0
    _lock_workers(session, [row.holder_id for row in gone])
    session.execute(sa.delete(Hours).where(Hours.id.in_([row.id for row in gone])))
    _told(session, "hours.released", by, now, rows=len(gone))
    return len(gone)


def roster_known(
    session: Session,
    *,
    person_ids: Iterable[UUID],
    known_from: date,
    known_until: date,
    by: Actor,
    now: datetime,
) -> None:
    """Record that the main-job roster of these people is known for a period, as at now."""
    periods = {person_id: (known_from, known_until) for person_id in person_ids}
    periods_known(session, periods=periods, as_at=now, by=by, now=now)


def periods_known(
    session: Session,
    *,
    periods: Mapping[UUID, tuple[date, date]],
    as_at: datetime,
    by: Actor,
    now: datetime,
) -> None:
    """Record for each person from which to which day the main-job roster is known, as at the
    moment the roster was taken. What is on record already is not recorded again."""
    demand(by, Deed.IMPORT_ROSTER)
    _holders(session, set(periods), by)
    found = session.scalars(sa.select(RosterKnown).where(RosterKnown.person_id.in_(periods)))
    known = {row.person_id: row for row in found}
    told = 0
    for person_id, (first, last) in sorted(periods.items()):
        row = known.get(person_id)
        if row is None:
            fresh = RosterKnown(
                person_id=person_id, known_from=first, known_until=last, as_at=as_at
            )
            session.add(fresh)
            told += 1
            continue
        told += bool(set_fields(row, _known_now(row, (first, last), as_at)))
    if told:
        first, last = min(p[0] for p in periods.values()), max(p[1] for p in periods.values())
        _told(session, "roster.known", by, now, people=told, known_from=first, known_until=last)


def _known_now(row: RosterKnown, told: Period, as_at: datetime) -> dict[str, Any]:
    """What is on record of a person's roster once this was told, too."""
    had = (row.known_from, row.known_until)
    first, last = known_period(had, told, london_day(as_at))
    if row.as_at == as_at:  # another block of the same file
        first, last = min(had[0], told[0]), max(had[1], told[1])
    newer = row.as_at if (first, last) == had and told[0] > last else max(row.as_at, as_at)
    return {"known_from": first, "known_until": last, "as_at": newer}


def _told(session: Session, kind: str, by: Actor, now: datetime, **detail: Any) -> None:
    """One event of the organisation for many people's rows: their names are none of its text."""
    record(session, kind, subject_id=own_organisation(by), by=by, now=now, **detail)


def _lock_workers(session: Session, holder_ids: Iterable[UUID]) -> None:
    """As `LOCK_WORKER`, in the order of their ids, so that two files never wait for each other."""
    session.execute(
        sa.select(Person.id)
        .where(Person.id.in_(set(holder_ids)))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    ).all()


def _holders(session: Session, people: set[UUID], by: Actor) -> dict[UUID, UUID]:
    rows = session.execute(
        sa.select(Person.id, Person.holder_id).where(
            Person.id.in_(people), Person.organisation_id == by.organisation_id
        )
    )
    found = {person_id: holder_id for person_id, holder_id in rows}
    if found.keys() != people:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class _Compared:
    """Rows of a roster beside what is on record under their references."""

    fresh: list[RosteredTime]
    changed: list[tuple[Hours, dict[str, Any]]]
    same: int

    @property
    def counts(self) -> dict[str, int]:
        return {"new": len(self.fresh), "changed": len(self.changed), "same": self.same}


def _compared(
    session: Session,
    wanted: Mapping[tuple[UUID, str], RosteredTime],
    holders: Mapping[UUID, UUID],
    rest: timedelta,
) -> _Compared:
    found = session.scalars(
        sa.select(Hours).where(
            Hours.person_id.in_(holders), Hours.reference.in_({ref for _, ref in wanted})
        )
    )
    known = {(row.person_id, row.reference or ""): row for row in found}
    compared = _Compared([], [], len(wanted.keys() & known.keys()))
    for key, row in wanted.items():
        values = _values(row, rest)
        if key not in known:
            compared.fresh.append(row)
        elif any(getattr(known[key], name) != value for name, value in values.items()):
            compared.changed.append((known[key], values))
    return replace(compared, same=compared.same - len(compared.changed))


def _values(row: RosteredTime, rest: timedelta) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "rest_until": row.ends_at + rest,
        "minutes": row.minutes,
        "all_day": row.all_day,
    }


def _fresh(row: RosteredTime, holder_id: UUID, rest: timedelta, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "person_id": row.person_id,
        "holder_id": holder_id,
        **_values(row, rest),
        "source": ROSTER_FILE,
        "as_at": now,
        "reference": row.reference,
    }


def _daily_rest(session: Session, by: Actor, now: datetime) -> timedelta:
    policies = policy_book(session, own_organisation(by))
    return timedelta(minutes=policies.daily_rest_minutes(london_day(now)))
