"""Taking the place: one conditional UPDATE, then the booking, its hours, event and notice.

All in one round trip. Whoever loses the race is told so; the unique index on live places and the
exclusion of overlapping times stand behind the UPDATE.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.looking import SeenShift, taken
from bankhub.model.bookings import Booking
from bankhub.model.hours import Hours
from bankhub.model.shifts import Shift
from bankhub.model.vocabulary import (
    LIVE_BOOKING,
    BookingState,
    HoursKind,
    ShiftState,
)
from bankhub.rules.eligibility.disclosure import office_code
from bankhub.rules.shift_times import london_day
from passport import batch
from passport.actors import Actor
from passport.batch import Prepared
from passport.db import new_id
from passport.errors import Refused
from passport.events import Tell

_TAKE_PLACE = Prepared(
    sa.update(Shift)
    .where(
        Shift.id == sa.bindparam("shift_id"),
        Shift.version == sa.bindparam("seen_version"),
        sa.or_(
            Shift.state == ShiftState.OPEN,
            sa.and_(
                Shift.state == ShiftState.FILLED,
                Shift.agency_lock_at > sa.bindparam("at", type_=Shift.agency_lock_at.type),
            ),
        ),
    )
    .values(state=ShiftState.FILLED, agency_lock_at=None, version=Shift.version + 1),
    changes="shift",
)
_DISPLACE = Prepared(
    sa.update(Booking)
    .where(
        Booking.shift_id == sa.bindparam("place"),
        Booking.holder_id.is_(None),
        Booking.state.in_([sa.literal_column(f"'{state.value}'") for state in LIVE_BOOKING]),
    )
    .values(
        state=BookingState.DISPLACED,
        ended_at=sa.bindparam("at"),
        ended_by_id=sa.bindparam("by_id"),
        displaced_by_id=sa.bindparam("new_id"),
    ),
    changes="booking",
)
_BOOKING_COLUMNS = (
    "id",
    "shift_id",
    "organisation_id",
    "person_id",
    "holder_id",
    "bank_post_id",
    "tier",
    "grade",
    "state",
    "starts_at",
    "ends_at",
    "made_at",
    "made_by_id",
    "confirmed_at",
    "agreed_how",
    "ended_because",
    "need_ended",
    "overrides",
    "pay_estimate_pence",
)
INSERT_BOOKING = batch.insert(Booking, *_BOOKING_COLUMNS)
_CONFIRMED_AS = (
    "person_id",
    "bank_post_id",
    "tier",
    "grade",
    "state",
    "starts_at",
    "ends_at",
    "confirmed_at",
    "overrides",
    "pay_estimate_pence",
)
"""What is found anew when an application is accepted: the shift may have changed since."""
_CONFIRM = Prepared(
    sa.update(Booking)
    .where(
        Booking.id == sa.bindparam("application_id"),
        Booking.state == sa.literal_column(f"'{BookingState.APPLIED.value}'"),
    )
    .values({name: sa.bindparam(f"new_{name}") for name in _CONFIRMED_AS}),
    changes="booking",
)
_HOURS = batch.insert(
    Hours,
    "id",
    "person_id",
    "holder_id",
    "kind",
    "starts_at",
    "ends_at",
    "rest_until",
    "minutes",
    "all_day",
    "booking_id",
    "source",
    "as_at",
)


def confirm(
    session: Session,
    seen: SeenShift,
    booking: dict[str, Any],
    application_id: UUID | None,
    by: Actor,
    now: datetime,
) -> None:
    """Take the place and write the booking, or confirm the application while it still waits.
    Raises `Refused` (`taken`) for whoever comes too late."""
    booking_id = application_id or booking["id"]
    steps = _place_steps(seen, booking, application_id, by, now)
    booked = len(steps) - 1
    steps.append((_HOURS, _hours_values(seen, booking, booking_id, now)))
    steps += batch.recording(
        session,
        "booking.made",
        subject_id=seen.facts.id,
        by=by,
        now=now,
        organisation_id=seen.facts.organisation_id,
        tell=[tell("booking_confirmed", booking_id, booking["person_id"])],
        booking_id=booking_id,
        tier=booking["tier"],
        starts_at=seen.facts.starts_at,
        overrides=[office_code(one["code"]) for one in booking["overrides"]],
        displaced=seen.facts.state is ShiftState.FILLED,
    )
    try:
        results = batch.run(session, *steps)
    except sa.exc.IntegrityError as error:
        raise Refused([taken()]) from error
    if results[0].count != 1 or results[booked].count != 1:
        raise Refused([taken()])


def _place_steps(
    seen: SeenShift,
    booking: dict[str, Any],
    application_id: UUID | None,
    by: Actor,
    now: datetime,
) -> list[batch.Step]:
    """The place first: its UPDATE is conditional, and everything else hangs on it. The booking
    last."""
    booking_id, facts = application_id or booking["id"], seen.facts
    steps: list[batch.Step] = [
        (_TAKE_PLACE, {"shift_id": facts.id, "seen_version": seen.version, "at": now})
    ]
    if facts.state is ShiftState.FILLED:
        away = {"place": facts.id, "at": now, "by_id": by.account_id, "new_id": booking_id}
        steps.append((_DISPLACE, away))
    if application_id is None:
        steps.append((INSERT_BOOKING, booking))
    else:
        fresh = {f"new_{name}": booking[name] for name in _CONFIRMED_AS}
        steps.append((_CONFIRM, {"application_id": application_id, **fresh}))
    return steps


def _hours_values(
    seen: SeenShift, booking: Mapping[str, Any], booking_id: UUID, now: datetime
) -> dict[str, Any]:
    facts = seen.facts
    policy = seen.policies.eligibility(facts.staff_group, london_day(facts.starts_at))
    rest = timedelta(minutes=policy.working_time.rest.daily_rest_minutes)
    return {
        "id": new_id(),
        "person_id": booking["person_id"],
        "holder_id": booking["holder_id"],
        "kind": HoursKind.BOOKING,
        "starts_at": facts.starts_at,
        "ends_at": facts.ends_at,
        "rest_until": facts.ends_at + rest,
        "minutes": facts.minutes,
        "all_day": False,
        "booking_id": booking_id,
        "source": "booking",
        "as_at": now,
    }


def tell(template: str, booking_id: UUID, person_id: UUID | None) -> Tell:
    return Tell(
        template,
        dedupe=f"{template}:{booking_id}",
        person_id=person_id,
        context={"booking_id": booking_id},
    )
