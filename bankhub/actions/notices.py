"""The outbox: who is told when a tier opens, and which letters are due.

A letter is leased before it is sent, so no transaction spans the mail server, and a letter whose
sender died is taken up again when the lease ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bankhub.model.bookings import Booking
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import Grade, ShiftState, Tier
from bankhub.model.workers import BookableAs
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.db import is_postgresql, new_id
from passport.events import Notice, NoticeState, record
from passport.model.accounts import Account
from passport.model.organisations import Organisation
from passport.model.people import Person

LEASE = timedelta(minutes=2)
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""How long a failed letter waits before the next attempt; after the last it is dead."""
ANNOUNCED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Letter:
    """One leased message: where it goes, which text, and what the text needs."""

    notice_id: UUID
    address: str
    template: str
    context: Mapping[str, Any]


def announce(session: Session, *, by: Actor, now: datetime) -> int:
    """Mark the tiers that have opened since the last round and tell the people they opened to.

    Each person hears at most once a day however many shifts open. Opening itself needs nobody:
    if this never runs, people hear late and nobody gets in early. Returns how many tiers.
    """
    due = session.execute(
        sa.select(Opening.id, Opening.tier, Shift.organisation_id, Shift.role, Shift.starts_at)
        .add_columns(Shift.grade, Shift.fallback_grade, Shift.state)
        .join(Shift, Shift.id == Opening.shift_id)
        .where(
            Opening.opens_at <= now,
            Opening.announced_at.is_(None),
            Opening.replaced_at.is_(None),
        )
        .order_by(Opening.opens_at)
        .limit(ANNOUNCED_AT_ONCE)
        .with_for_update(skip_locked=True, of=Opening)
    ).all()
    if not due:
        return 0
    session.execute(
        sa.update(Opening).where(Opening.id.in_([row.id for row in due])).values(announced_at=now)
    )
    for organisation_id, role, grade in sorted(_audiences(due, now), key=str):
        _tell_audience(session, organisation_id, role, grade, now)
    record(
        session,
        "tiers.announced",
        subject_id=due[0].id,
        by=by,
        now=now,
        openings=[row.id for row in due],
    )
    return len(due)


def _audiences(due: Sequence[Any], now: datetime) -> set[tuple[UUID, str, Grade]]:
    """Organisation, role and grade of the own bank's people that the openings are for."""
    grades = {Tier.OWN_BANK: "grade", Tier.OWN_FALLBACK: "fallback_grade"}
    found = {
        (row.organisation_id, row.role, getattr(row, grades[row.tier]))
        for row in due
        if row.tier in grades and row.starts_at > now and row.state is ShiftState.OPEN
    }
    return {audience for audience in found if audience[2] is not None}


def _tell_audience(
    session: Session, organisation_id: UUID, role: str, grade: Any, now: datetime
) -> None:
    today = london_day(now)
    people = session.scalars(
        sa.select(Person.id)
        .join(BookableAs, BookableAs.person_id == Person.id)
        .join(Account, Account.person_id == Person.holder_id)
        .where(
            BookableAs.organisation_id == organisation_id,
            BookableAs.role == role,
            BookableAs.grade == grade,
            BookableAs.valid_until >= today,
            Person.left_at.is_(None),
            Person.wants_shift_mail,
            Account.closed_at.is_(None),
            Account.verified_at.is_not(None),
        )
        .distinct()
    ).all()
    if not people:
        return
    insert = (postgresql if is_postgresql(session) else sqlite).insert
    rows = [
        {
            "id": new_id(),
            "dedupe": f"shifts_open:{person_id}:{today}",
            "to_person_id": person_id,
            "template": "shifts_open",
            "context": {},
            "due_at": now,
            "state": NoticeState.NEW,
            "attempts": 0,
        }
        for person_id in people
    ]
    session.execute(insert(Notice).on_conflict_do_nothing(index_elements=["dedupe"]), rows)


def lease(session: Session, *, now: datetime, limit: int = 20) -> list[Letter]:
    """Take the next due letters; whoever holds the lease sends them."""
    due = session.scalars(
        sa.select(Notice)
        .where(Notice.state == NoticeState.NEW, Notice.due_at <= now)
        .order_by(Notice.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    letters = []
    for notice in due:
        address = _address(session, notice)
        if address is None:
            notice.state, notice.last_error = NoticeState.DEAD, "no address on record"
            continue
        notice.due_at, notice.attempts = now + LEASE, notice.attempts + 1
        context = _context(session, notice)
        letters.append(Letter(notice.id, address, notice.template, context))
    return letters


def sent(session: Session, *, notice_id: UUID, now: datetime) -> None:
    """The mail server took it. What it was about is forgotten with it."""
    notice = session.get_one(Notice, notice_id)
    notice.state, notice.sent_at, notice.context = NoticeState.SENT, now, {}


def failed(session: Session, *, notice_id: UUID, error: str, lasting: bool, now: datetime) -> None:
    """It did not go. Waits longer each time; a lasting error or the last attempt ends it."""
    notice = session.get_one(Notice, notice_id)
    notice.last_error = error[:200]
    if lasting or notice.attempts > len(WAITS):
        notice.state = NoticeState.DEAD
    else:
        notice.due_at = now + WAITS[notice.attempts - 1]


def _address(session: Session, notice: Notice) -> str | None:
    if notice.to_account_id is not None:
        return session.scalar(sa.select(Account.email).where(Account.id == notice.to_account_id))
    person = session.get(Person, notice.to_person_id) if notice.to_person_id else None
    if person is None:
        return None
    own = session.scalar(
        sa.select(Account.email).where(
            Account.person_id == person.holder_id, Account.closed_at.is_(None)
        )
    )
    return own or person.email


def _context(session: Session, notice: Notice) -> dict[str, Any]:
    """The stored context, and for a booking the shift as it is now."""
    context = dict(notice.context)
    booking_id = context.get("booking_id")
    if booking_id:
        context |= _of_booking(session, UUID(booking_id))
    return context


def _of_booking(session: Session, booking_id: UUID) -> dict[str, Any]:
    row: Sequence[Any] = session.execute(
        sa.select(
            Shift.reference,
            Shift.starts_at,
            Shift.ends_at,
            Unit.name,
            Site.name,
            Organisation.name,
            Booking.ended_because,
            Booking.pay_estimate_pence,
            Unit.phone,
        )
        .join(Shift, Shift.id == Booking.shift_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Organisation, Organisation.id == Shift.organisation_id)
        .where(Booking.id == booking_id)
    ).one()
    names = (
        "reference",
        "starts_at",
        "ends_at",
        "unit",
        "site",
        "organisation",
        "because",
        "pay_estimate_pence",
        "phone",
    )
    return dict(zip(names, row, strict=True))
