"""The retention schedule at work: what has outlived its time is deleted, leavers are reduced to a
summary and erased at the age the schedule says, and hosts let go of partners' people.

Safe to run twice, and in portions: each call does at most so much and says what it did.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.governance.subject_requests import CATALOGUE, hindrances
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.model.clearances import (
    Clearance,
    ClearanceBypass,
    ClearanceState,
    ClearanceSupervision,
    HostRegisterCheck,
)
from passport.actions.people import retention_acts, subject_erasing
from passport.actions.people.subject_rows import Subject, held
from passport.actions.permission import demand
from passport.actions.signing import credential_life
from passport.actors import Actor
from passport.events import Event, record
from passport.london import london_day
from passport.model.credential_types import Revocation
from passport.model.data_classes import DataClass
from passport.model.people import Person
from passport.model.retention import Act, RetentionRule, Schedule, schedule_on
from passport.rules.permissions import Deed

PORTION = 200
REDUCED, ERASED = "person.reduced", "person.erased"
"""Kinds of event that say it was done, so that it is done once."""
_SCHEDULE = UUID("00000000-0000-7000-8000-726574656e74")
"""What events of the schedule itself are about."""


def keep(session: Session, *, by: Actor, now: datetime) -> Mapping[str, int]:
    """Do what is due, a portion of each; deed or table → how many. Empty = nothing is left."""
    demand(by, Deed.FORGET)
    schedule = schedule_on(london_day(now))
    leavers = schedule["staff_record"]
    done = {
        "reduced": _reduce_leavers(session, leavers, by, now),
        "erased": _erase_aged(session, leavers, by, now),
        "host_copies": _let_go_at_hosts(session, by, now),
    }
    for act in _acts(schedule):
        done[act.table] = done.get(act.table, 0) + _apply(session, act, by, now)
    return {name: count for name, count in done.items() if count}


def _acts(schedule: Schedule) -> Iterator[Act]:
    for rule in schedule.values():
        yield from rule.acts


def _apply(session: Session, act: Act, by: Actor, now: datetime) -> int:
    count = retention_acts.apply(session, act, now=now, portion=PORTION)
    if count:
        record(
            session, "retention.applied", subject_id=_SCHEDULE, by=by, now=now, table=act.table,
            rows=count,
        )  # fmt: skip
    return count


def _leavers(kind: str, *which: sa.ColumnElement[bool]) -> sa.Select[UUID]:
    """People who left, of whom the log does not say since that it was done."""
    done = sa.exists().where(
        Event.subject_id == Person.id, Event.kind.in_((kind, ERASED)), Event.at >= Person.left_at
    )
    return (
        sa.select(Person.id)
        .where(Person.left_at.is_not(None), ~done, *which)
        .order_by(Person.left_at, Person.id)
        .limit(PORTION)
    )


def _reduce_leavers(session: Session, rule: RetentionRule, by: Actor, now: datetime) -> int:
    due = _leavers(REDUCED, Person.left_at <= now - timedelta(days=rule.days))
    sparing = (DataClass.IDENTITY,)
    return sum(
        _end_record(session, person_id, REDUCED, sparing, by, now)
        for person_id in session.scalars(due).all()
    )


def _erase_aged(session: Session, rule: RetentionRule, by: Actor, now: datetime) -> int:
    today = london_day(now)
    due = _leavers(
        ERASED,
        Person.left_at <= now - timedelta(days=rule.days),
        Person.date_of_birth <= _years_before(today, rule.age),
    )
    return sum(
        _end_record(session, person_id, ERASED, (), by, now)
        for person_id in session.scalars(due).all()
    )


def _years_before(day: date, years: int) -> date:
    """The same day so many years ago; 29 February stands for 28."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap else day.day)


def _end_record(
    session: Session,
    person_id: UUID,
    kind: str,
    sparing: tuple[DataClass, ...],
    by: Actor,
    now: datetime,
) -> bool:
    person = session.get_one(Person, person_id, with_for_update=True)
    subject, here = Subject(person, person.organisation_id), person.organisation_id
    if person.left_at is None or hindrances(session, subject, now):
        return False
    why = Revocation.NO_LONGER_VALID
    actor = replace(by, organisation_id=here)
    credential_life.end_all(session, person_id=person_id, why=why, by=actor, now=now)
    session.flush()
    subject_erasing.erase(session, subject, held(session, subject, CATALOGUE), sparing=sparing)
    record(session, kind, subject_id=person_id, organisation_id=here, by=by, now=now)
    return True


def _let_go_at_hosts(session: Session, by: Actor, now: datetime) -> int:
    """Clearances that ended so many days ago as their agreement says lose their details, and the
    host's own looks at registers go with the last of them."""
    ended = (
        Clearance.state == ClearanceState.ENDED,
        Clearance.ended_at.is_not(None),
        sa.cast(Clearance.items, sa.String) != "[]",
    )
    versions = session.scalars(sa.select(Clearance.version_id).where(*ended).distinct()).all()
    over = [
        sa.and_(Clearance.version_id == one, Clearance.ended_at <= now - timedelta(days=days))
        for one, days in _retention_days(session, versions).items()
    ]
    due = session.scalars(
        sa.select(Clearance)
        .where(*ended, sa.or_(sa.false(), *over))
        .order_by(Clearance.ended_at)
        .limit(PORTION)
        .with_for_update()
    ).all()
    for one in due:
        _let_go(session, one, by, now)
    return len(due)


def _retention_days(session: Session, version_ids: Sequence[UUID]) -> dict[UUID, int]:
    return {
        one: bound_versions(session, version_id=one)[0].terms.retention_days
        for one in version_ids
    }


def _let_go(session: Session, one: Clearance, by: Actor, now: datetime) -> None:
    one.items, one.verdict_id = [], None
    bypasses = sa.update(ClearanceBypass).where(ClearanceBypass.clearance_id == one.id)
    session.execute(bypasses.values(because="", item=""))
    session.execute(
        sa.delete(ClearanceSupervision).where(ClearanceSupervision.clearance_id == one.id)
    )
    open_ones = sa.exists().where(
        Clearance.host_id == one.host_id, Clearance.person_id == one.person_id,
        Clearance.state != ClearanceState.ENDED,
    )  # fmt: skip
    session.execute(
        sa.delete(HostRegisterCheck)
        .where(
            HostRegisterCheck.host_id == one.host_id,
            HostRegisterCheck.person_id == one.person_id,
            ~open_ones,
        )
        .execution_options(synchronize_session=False)
    )
    record(
        session, "clearance.let_go", subject_id=one.id, organisation_id=one.host_id, by=by, now=now
    )
