"""When a person confirms that two records are theirs, what is filed under them follows.

`person.linked` and `person.unlinked` call `on_linked` and `on_unlinked` in the same transaction,
with both workers locked. A booking, a stretch of busy time, a signed induction and what a post may
be booked as keep the record they were made under; only their holder changes, and changes back.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bankhub.actions.finding.standing import note_changed_people
from bankhub.model.bookings import Booking
from bankhub.model.clearances import InductionSignature
from bankhub.model.deployments import Deployment
from bankhub.model.hours import Hours
from bankhub.model.values import BusyTime
from bankhub.model.vocabulary import LIVE_BOOKING
from bankhub.model.workers import BookableAs
from bankhub.rules.eligibility import record_clashes
from bankhub.rules.eligibility.record_clashes import Clash
from passport.actions.people.linking import holders_of
from passport.actors import Actor
from passport.errors import Cure, Reason, Refused
from passport.events import Event

FILED = (Hours, Booking, BookableAs, Deployment, InductionSignature)
"""What is filed under a human; clearances follow by a door of their own."""


def clashes(session: Session, *, link_id: UUID, by: Actor, now: datetime) -> list[Clash]:
    """For which times ahead both records of a proposed link are busy; for the person alone."""
    own, other = holders_of(session, link_id=link_id, by=by)
    return record_clashes.clashes(_busy(session, own, now), _busy(session, other, now))


def on_linked(session: Session, event: Event, by: Actor, now: datetime) -> None:
    """File everything of the newly linked records under their holder.

    Raises `Refused` (`double_booked`) where a live booking of theirs overlaps one of the holder's.
    """
    people, holder_id = _people(event), UUID(event.detail["holder"])
    if reasons := _double_booked(session, people, holder_id):
        raise Refused(reasons, "Both records hold a booking for the same time.")
    _file_under(session, people, holder_id)
    note_changed_people(session, person_ids=[holder_id], now=now)


def on_unlinked(session: Session, event: Event, by: Actor, now: datetime) -> None:
    """File everything of the parted records under their own holder again."""
    _file_under(session, _people(event), UUID(event.detail["holder"]))
    note_changed_people(session, person_ids=[event.subject_id, *_people(event)], now=now)


def _people(event: Event) -> list[UUID]:
    return [UUID(text) for text in event.detail["people"]]


def _double_booked(session: Session, people: list[UUID], holder_id: UUID) -> list[Reason]:
    theirs, own = aliased(Booking), aliased(Booking)
    found = session.execute(
        sa.select(own.starts_at, own.ends_at, theirs.starts_at, theirs.ends_at)
        .join(
            theirs,
            sa.and_(own.starts_at < theirs.ends_at, theirs.starts_at < own.ends_at),
        )
        .where(
            own.holder_id == holder_id,
            own.state.in_(LIVE_BOOKING),
            theirs.person_id.in_(people),
            theirs.state.in_(LIVE_BOOKING),
        )
        .order_by(own.starts_at)
    )
    return [
        Reason(
            "double_booked",
            {"starts_at": max(a, c).isoformat(), "ends_at": min(b, d).isoformat()},
            Cure("Cancel one of the two bookings, then link the records"),
            text="Both records hold a booking for this time.",
        )
        for a, b, c, d in found
    ]


def _file_under(session: Session, people: Iterable[UUID], holder_id: UUID) -> None:
    for table in FILED:
        session.execute(
            sa.update(table)
            .where(table.person_id.in_(list(people)))
            .values(holder_id=holder_id)
            .execution_options(synchronize_session=False)
        )


def _busy(session: Session, holder_id: UUID, since: datetime) -> list[BusyTime]:
    found = session.execute(
        sa.select(
            Hours.starts_at,
            Hours.ends_at,
            Hours.minutes,
            Hours.kind,
            Hours.booking_id,
            Hours.all_day,
        )
        .where(Hours.holder_id == holder_id, Hours.ends_at > since)
        .order_by(Hours.starts_at)
    )
    return [BusyTime(*row) for row in found]
