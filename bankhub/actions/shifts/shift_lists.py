"""What a bank office sees of its own shifts: lists by time and one shift with its history.

Names of the people booked are read only where they are asked for, by saying when: a partner's is a
look that is written down, so such a read runs in a writing transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.one_candidate import OFFICE
from bankhub.actions.partners.booked_names import note_names
from bankhub.actions.permission import demand
from bankhub.actions.shifts.openings import openings_of
from bankhub.actions.shifts.shift_records import own_shift
from bankhub.model.bookings import AgencyFill, Booking, BreakGlass, ContactAttempt
from bankhub.model.shifts import Opening, Shift
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import LIVE_BOOKING, ShiftState, Tier
from bankhub.rules.eligibility.disclosure import office_code
from bankhub.rules.permissions import Deed
from passport.actors import Actor, Via
from passport.events import Event
from passport.model.people import Person

MOST_ROWS = 500
CURSOR = (datetime, UUID)
"""What a cursor of the list holds: start and id of the last row."""


@dataclass(frozen=True, slots=True)
class ListedShift:
    """One of the organisation's shifts, with where it is and who is on it."""

    shift: Shift
    unit: Unit
    site: Site
    booking: Booking | None
    who: str | None
    """Name of the booked person, where it was asked for, or of the agency worker as supplied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilters:
    """Which shifts. Moments are UTC; None = any."""

    starts_from: datetime
    starts_before: datetime
    unit_id: UUID | None = None
    site_id: UUID | None = None
    states: tuple[ShiftState, ...] = ()


def list_shifts(
    session: Session,
    *,
    filters: ListFilters,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 100,
    by: Actor,
    named_at: datetime | None = None,
) -> list[ListedShift]:
    """The organisation's shifts by start, from a cursor on (start and id of the last row);
    `named_at`: with the names of who is booked, read at that moment."""
    demand(by, Deed.READ_SHIFTS)
    query = (
        _joined()
        .where(
            Shift.organisation_id == by.organisation_id,
            Shift.starts_at >= filters.starts_from,
            Shift.starts_at < filters.starts_before,
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(min(limit, MOST_ROWS))
    )
    if filters.unit_id is not None:
        query = query.where(Shift.unit_id == filters.unit_id)
    if filters.site_id is not None:
        query = query.where(Shift.site_id == filters.site_id)
    if filters.states:
        query = query.where(Shift.state.in_(filters.states))
    if after is not None:
        query = query.where(sa.tuple_(Shift.starts_at, Shift.id) > after)
    return _listed(session, query, by, named_at)


def waiting_for_authorisation(
    session: Session, *, by: Actor, limit: int = 100
) -> list[ListedShift]:
    """Submitted requests, the soonest first."""
    demand(by, Deed.READ_SHIFTS)
    return _listed(
        session,
        _joined()
        .where(Shift.organisation_id == by.organisation_id, Shift.state == ShiftState.SUBMITTED)
        .order_by(Shift.starts_at, Shift.id)
        .limit(min(limit, MOST_ROWS)),
        by,
        None,
    )


def open_tiers(
    session: Session, *, shift_ids: Sequence[UUID], now: datetime, by: Actor
) -> dict[UUID, Tier]:
    """The furthest tier that sees each of the organisation's shifts now."""
    demand(by, Deed.READ_SHIFTS)
    rows = session.execute(
        sa.select(Opening.shift_id, Opening.tier)
        .join(Shift, Shift.id == Opening.shift_id)
        .where(
            Shift.organisation_id == by.organisation_id,
            Opening.shift_id.in_(shift_ids),
            Opening.replaced_at.is_(None),
            Opening.opens_at <= now,
        )
    )
    order = {tier: place for place, tier in enumerate(Tier)}
    found: dict[UUID, Tier] = {}
    for shift_id, tier in rows:
        if shift_id not in found or order[tier] > order[found[shift_id]]:
            found[shift_id] = tier
    return found


@dataclass(frozen=True, slots=True)
class ShiftStory:
    """One shift and everything on record about it: each cell answers why."""

    listed: ListedShift
    openings: Sequence[Opening]
    """Current ones, in the order of the cascade."""
    replaced: Sequence[Opening]
    bookings: Sequence[tuple[Booking, str]]
    """Every booking and application with a name, the latest first."""
    contacts: Sequence[tuple[ContactAttempt, str]]
    break_glasses: Sequence[BreakGlass]
    agency_fills: Sequence[AgencyFill]
    events: Sequence[Event]


def shift_story(
    session: Session, *, shift_id: UUID, by: Actor, named_at: datetime | None = None
) -> ShiftStory:
    """The whole history of one of the organisation's shifts; `NotFound` for any other.
    `named_at`: with everybody's name, read at that moment."""
    demand(by, Deed.READ_SHIFTS)
    shift = own_shift(session, shift_id, by)
    listed = _listed(session, _joined().where(Shift.id == shift.id), by, named_at)
    named = Person.given_name + " " + Person.family_name
    name = sa.func.coalesce(named if named_at else sa.null(), "")
    bookings = session.execute(
        sa.select(Booking, name)
        .outerjoin(Person, Person.id == Booking.person_id)
        .where(Booking.shift_id == shift.id)
        .order_by(Booking.made_at.desc())
    ).all()
    contacts = session.execute(
        sa.select(ContactAttempt, name)
        .join(Person, Person.id == ContactAttempt.person_id)
        .where(ContactAttempt.shift_id == shift.id)
        .order_by(ContactAttempt.at.desc())
    ).all()
    if named_at:
        people = {row[0].person_id for row in (*bookings, *contacts)}
        note_names(session, people, by=by, now=named_at)
    return ShiftStory(
        listed=listed[0],
        openings=openings_of(session, shift.id),
        replaced=_replaced(session, shift.id),
        bookings=[(_as_read(session, booking, by), name) for booking, name in bookings],
        contacts=[(contact, name) for contact, name in contacts],
        break_glasses=_break_glasses(session, shift.id),
        agency_fills=_agency_fills(session, shift.id),
        events=session.scalars(
            sa.select(Event).where(Event.subject_id == shift.id).order_by(Event.at, Event.id)
        ).all(),
    )


def _as_read(session: Session, booking: Booking, by: Actor) -> Booking:
    """What was lifted for somebody is told to the bank office alone, by the codes it may read.
    The row leaves the session first: this is for reading."""
    office = by.via is Via.OPERATOR or bool(by.roles & OFFICE)
    lifted = booking.overrides if office else []
    session.expunge(booking)
    booking.overrides = [{**one, "code": office_code(one["code"])} for one in lifted]
    return booking


def _replaced(session: Session, shift_id: UUID) -> Sequence[Opening]:
    query = sa.select(Opening).where(Opening.shift_id == shift_id)
    return session.scalars(
        query.where(Opening.replaced_at.is_not(None)).order_by(Opening.replaced_at)
    ).all()


def _break_glasses(session: Session, shift_id: UUID) -> Sequence[BreakGlass]:
    query = sa.select(BreakGlass).where(BreakGlass.shift_id == shift_id)
    return session.scalars(query.order_by(BreakGlass.asked_at.desc())).all()


def _agency_fills(session: Session, shift_id: UUID) -> Sequence[AgencyFill]:
    query = sa.select(AgencyFill).join(Booking, Booking.id == AgencyFill.booking_id)
    return session.scalars(query.where(Booking.shift_id == shift_id)).all()


def _joined() -> sa.Select[Shift, Unit, Site]:
    return (
        sa.select(Shift, Unit, Site)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(Site, Site.id == Shift.site_id)
    )


def _listed(
    session: Session, query: sa.Select[Shift, Unit, Site], by: Actor, named_at: datetime | None
) -> list[ListedShift]:
    rows = session.execute(query).all()
    on = _live_bookings(session, [row[0].id for row in rows], named=named_at is not None)
    if named_at:
        partners = (one for one, _ in on.values() if one.tier is Tier.PARTNER)
        note_names(session, [one.person_id for one in partners], by=by, now=named_at)
    nobody = (None, None)
    return [ListedShift(shift, unit, site, *on.get(shift.id, nobody)) for shift, unit, site in rows]


def _live_bookings(
    session: Session, shift_ids: Sequence[UUID], *, named: bool
) -> dict[UUID, tuple[Booking, str | None]]:
    name = Person.given_name + " " + Person.family_name if named else sa.null()
    rows = session.execute(
        sa.select(Booking, name, AgencyFill.worker_name)
        .outerjoin(Person, Person.id == Booking.person_id)
        .outerjoin(AgencyFill, AgencyFill.booking_id == Booking.id)
        .where(Booking.shift_id.in_(shift_ids), Booking.state.in_(LIVE_BOOKING))
    )
    return {booking.shift_id: (booking, person or agency) for booking, person, agency in rows}
