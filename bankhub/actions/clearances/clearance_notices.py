"""Who is told when a clearance changes: the person, their home organisation's HR, the host's
office; each with the bookings concerned, and none with the reason why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.bookings import Booking
from bankhub.model.clearance_values import SUPERVISED
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.shifts import Shift
from bankhub.model.sites import Unit
from bankhub.model.vocabulary import BookingState, Tier
from bankhub.rules.london_time import last_london_day
from passport.actions.telling import tell_officers, tell_person
from passport.actors import AccessRole
from passport.events import Tell
from passport.model.organisations import Organisation

_HOST_OFFICE = (AccessRole.ROTA_COORDINATOR, AccessRole.HR_OFFICER)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A confirmed booking ahead that rests on a clearance."""

    booking_id: UUID
    starts_at: datetime
    ends_at: datetime
    unit: str

    def blocked(self, state: ClearanceState, until_on: date | None) -> bool:
        """Whether it may not be worked as the clearance stands."""
        if state is not ClearanceState.CLEARED or until_on is None:
            return True
        return last_london_day(self.ends_at) > until_on


def ahead(session: Session, row: Clearance, now: datetime) -> list[Ahead]:
    """The confirmed partner bookings that rest on a clearance and have not begun. A shift in
    progress is finished whatever happens."""
    found = session.execute(
        sa.select(Booking.id, Booking.starts_at, Booking.ends_at, Unit.name)
        .join(Shift, Shift.id == Booking.shift_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .where(
            Booking.organisation_id == row.host_id,
            Booking.person_id == row.person_id,
            Booking.tier == Tier.PARTNER,
            Booking.state == BookingState.CONFIRMED,
            Booking.starts_at > now,
            Booking.grade == row.grade,
            Shift.role == row.role,
        )
        .order_by(Booking.starts_at)
    )
    return [Ahead(*one) for one in found]


def is_supervised(items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what was decided is that they may work supervised only."""
    return any(one.get("code") == SUPERVISED for one in items)


def letters(session: Session, row: Clearance, concerned: Sequence[Ahead]) -> list[Tell]:
    """The letters to all three about a clearance as it stands now."""
    context: dict[str, Any] = {
        "clearance_id": row.id,
        "cleared": row.state is ClearanceState.CLEARED,
        "supervised": is_supervised(row.items),
        "host": session.get_one(Organisation, row.host_id).name,
        "until_on": row.until_on,
        "bookings": [
            {"starts_at": one.starts_at, "ends_at": one.ends_at, "unit": one.unit}
            for one in concerned
        ],
    }
    told = [tell_person("clearance_changed", row.person_id, **context)]
    told += tell_officers(session, "clearance_changed_home", row.home_id, **context)
    for role in _HOST_OFFICE:
        told += tell_officers(session, "clearance_changed_host", row.host_id, role, **context)
    return list({(one.person_id, one.account_id, one.template): one for one in told}.values())
