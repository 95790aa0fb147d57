"""The Hours ledger: what a person declares, and what a roster file says of their other work.

Rows hold hours only, never a place or an employer. A deed that changes them takes the worker's
lock first, so that a booking made at the same moment sees either all of it or none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.permission import demand
from bankhub.actions.policies import policy_book
from bankhub.actions.worker_facts import LOCK_WORKER
from bankhub.model.hours import Hours, RosterKnown
from bankhub.model.vocabulary import HoursKind
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport import batch
from passport.actors import Actor
from passport.db import new_id
from passport.errors import Invalid, NotFound
from passport.events import record
from passport.model.people import Person

DECLARABLE = (HoursKind.DECLARED, HoursKind.LEAVE)
"""What a person may enter themselves."""
LONGEST = timedelta(days=60)


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
    elapsed = int((ends_at - starts_at).total_seconds()) // 60
    wrong = {
        "ends_at": elapsed <= 0 and "must be after the start",
        "starts_at": ends_at - starts_at > LONGEST and "enter at most 60 days at a time",
        "unpaid_break_minutes": not 0 <= unpaid_break_minutes < max(elapsed, 1)
        and "must be shorter than the work",
        "kind": kind not in DECLARABLE and "choose work elsewhere or leave",
    }
    fields = {name: [said] for name, said in wrong.items() if said}
    if fields:
        raise Invalid("hours", "Some fields cannot be used.", fields)
    batch.run(session, (LOCK_WORKER, {"holder_id": by.person_id}))
    row = Hours(
        person_id=by.person_id,
        holder_id=by.person_id,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        rest_until=ends_at + _daily_rest(session, by, now),
        minutes=elapsed - unpaid_break_minutes if kind is HoursKind.DECLARED else 0,
        all_day=kind is HoursKind.LEAVE,
        source="declared",
        as_at=now,
    )
    session.add(row)
    record(session, "hours.declared", subject_id=row.id, by=by, now=now, hours_kind=kind)
    return row


def remove(session: Session, *, hours_id: UUID, by: Actor, now: datetime) -> None:
    """Take back what one declared oneself; nothing else can be removed by the person."""
    demand(by, Deed.KEEP_OWN_HOURS)
    row = session.scalar(
        sa.select(Hours).where(
            Hours.id == hours_id, Hours.holder_id == by.person_id, Hours.source == "declared"
        )
    )
    if row is None:
        raise NotFound
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
    for holder in sorted(set(holders.values())):
        batch.run(session, (LOCK_WORKER, {"holder_id": holder}))
    known = _known(session, wanted, holders)
    rest = _daily_rest(session, by, now)
    counts = {"new": 0, "changed": 0, "same": 0}
    fresh: list[dict[str, Any]] = []
    for key, row in wanted.items():
        values = _values(row, rest)
        if key not in known:
            fresh.append(_fresh(row, holders[row.person_id], values, now))
            counts["new"] += 1
        elif any(getattr(known[key], name) != value for name, value in values.items()):
            for name, value in {**values, "as_at": now}.items():
                setattr(known[key], name, value)
            counts["changed"] += 1
        else:
            counts["same"] += 1
    if fresh:
        session.execute(sa.insert(Hours), fresh)
    if counts["new"] or counts["changed"]:
        record(
            session,
            "hours.rostered",
            subject_id=by.organisation_id or new_id(),
            by=by,
            now=now,
            rows=counts,
        )
    return counts


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
    demand(by, Deed.IMPORT_ROSTER)
    people = sorted(_holders(session, set(person_ids), by))
    for person_id in people:
        row = session.get(RosterKnown, person_id)
        if row is None:
            session.add(
                RosterKnown(
                    person_id=person_id, known_from=known_from, known_until=known_until, as_at=now
                )
            )
        else:
            row.known_from = min(row.known_from, known_from)
            row.known_until = max(row.known_until, known_until)
            row.as_at = now
    if people:
        record(
            session,
            "roster.known",
            subject_id=by.organisation_id or new_id(),
            by=by,
            now=now,
            people=len(people),
            known_from=known_from,
            known_until=known_until,
        )


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


def _known(
    session: Session, wanted: Mapping[tuple[UUID, str], Any], holders: Mapping[UUID, UUID]
) -> dict[tuple[UUID, str], Hours]:
    rows = session.scalars(
        sa.select(Hours).where(
            Hours.person_id.in_(holders), Hours.reference.in_({ref for _, ref in wanted})
        )
    )
    return {(row.person_id, row.reference or ""): row for row in rows}


def _values(row: RosteredTime, rest: timedelta) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "rest_until": row.ends_at + rest,
        "minutes": row.minutes,
        "all_day": row.all_day,
    }


def _fresh(
    row: RosteredTime, holder_id: UUID, values: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "person_id": row.person_id,
        "holder_id": holder_id,
        **values,
        "source": "roster_file",
        "as_at": now,
        "reference": row.reference,
    }


def _daily_rest(session: Session, by: Actor, now: datetime) -> timedelta:
    if by.organisation_id is None:
        raise NotFound
    policies = policy_book(session, by.organisation_id)
    return timedelta(minutes=policies.daily_rest_minutes(london_day(now)))
