"""Tells the ground floor who is expected where, in the trade's words."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from bankhub.actions.booking import expected
from bankhub.actions.booking.expected import Arrival
from bankhub.rules.permissions import PERMISSIONS, Deed
from bankhub.web.trade_words import grade_name, role_title
from passport.actions.verifying.expected_here import Expected, UnitHere
from passport.actors import Actor
from passport.rules.permissions import why_not
from passport.web.access import asking


class BookedHere:
    """`passport.actions.verifying.expected_here.ExpectedHere` by the bookings of this floor."""

    def soon(
        self, session: Session, *, unit_id: UUID | None, by: Actor, now: datetime
    ) -> Sequence[Expected]:
        """Everybody booked between now and the next morning."""
        found = expected.arrivals(session, unit_id=unit_id, by=by, now=now)
        return [_told(one) for one in found]

    def of_holder(
        self,
        session: Session,
        *,
        holder_id: UUID,
        unit_id: UUID | None,
        by: Actor,
        now: datetime,
    ) -> Expected | None:
        """The booking of that human which is on now or begins next, there."""
        found = expected.arrivals(
            session, unit_id=unit_id, holder_id=holder_id, by=by, now=now
        )
        first = min(found, key=lambda one: one.starts_at, default=None)
        return _told(first) if first else None

    def units(self, session: Session, *, organisation_id: UUID) -> Sequence[UnitHere]:
        """The organisation's open units."""
        found = expected.units(session, organisation_id=organisation_id)
        return [UnitHere(id_, name) for id_, name in found]


def _told(one: Arrival) -> Expected:
    work = f"{grade_name(one.grade)}, {role_title(one.role)}"
    return Expected(one.name, work, one.unit, one.starts_at, one.ends_at, _arrival_url(one))


def _arrival_url(one: Arrival) -> str:
    """Only for whoever may check them in: a device at the door is nobody."""
    found = asking()
    if found is None or why_not(found.actor, Deed.CHECK_IN, PERMISSIONS) is not None:
        return ""
    return url_for("check_in.one", booking_id=one.booking_id)
