"""What the bank office's pages say beside its shifts: figures of the day, gaps with who sees them,
applications, break-glasses, and the names behind what is on record."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.partners.booked_names import note_names
from bankhub.actions.permission import demand
from bankhub.actions.rosters.roster_files import import_of
from bankhub.actions.shifts.shift_lists import (
    MOST_ROWS,
    ListedShift,
    ListFilters,
    list_shifts,
    open_tiers,
)
from bankhub.model.bookings import Booking, BreakGlass, ContactAttempt
from bankhub.model.rosters import RosterUpload
from bankhub.model.shifts import Opening, Shift, ShiftCode
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import BookingState, ShiftState, Tier
from bankhub.rules.london_time import at_hour
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london, london_day
from bankhub.rules.shifts import booking_reference
from passport.actors import Actor
from passport.errors import NotFound
from passport.events import Notice
from passport.model.accounts import Account
from passport.model.people import Person

MOST_IN_A_WEEK = 4000
"""Shifts of one week that a grid is made of; a larger organisation looks at one site."""
TOLD = ("booking_confirmed", "booking_cancelled", "application_declined")
"""Letters about a booking; each is known by its name and the booking."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many things wait, now."""

    open_tonight: int
    open_next_day: int
    """Starting within the next 24 hours."""
    to_authorise: int
    applications: int
    break_glasses_asked: int
    reviews_due: int
    """Granted break-glasses not yet reviewed."""
    reviews_late: int
    """Of those, past the day they were due."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An open shift, and how far its search is."""

    listed: ListedShift
    seen_by: Tier | None
    """The furthest tier that sees it now."""
    coming: tuple[Tier, datetime] | None
    """The tier that sees it next, and when."""
    applied: int
    called: int
    """How many people were rung about it."""


@dataclass(frozen=True, slots=True)
class Application:
    """Somebody waits for an answer."""

    booking: Booking
    name: str
    listed: ListedShift


@dataclass(frozen=True, slots=True)
class Asked:
    """A break-glass with its shift and the names on record."""

    glass: BreakGlass
    listed: ListedShift
    asked_by: str
    granted_by: str


def tonight(now: datetime) -> tuple[datetime, datetime]:
    """From this evening, or now if that is later, to 06:00: when a night shift starts."""
    here = london(now)
    day = here.date() if here.time() >= time(6) else here.date() - timedelta(days=1)
    return max(now, at_hour(day, 18)), at_hour(day + timedelta(days=1), 6)


def figures(session: Session, *, by: Actor, now: datetime) -> Figures:
    """The figures at the head of the day's page."""
    demand(by, Deed.READ_SHIFTS)
    evening, morning = tonight(now)
    own = Shift.organisation_id == by.organisation_id
    open_now = sa.and_(Shift.state == ShiftState.OPEN, Shift.starts_at > now)
    glasses = _glass_counts(session, by, now)
    return Figures(
        _count(session, own, open_now, Shift.starts_at >= evening, Shift.starts_at < morning),
        _count(session, own, open_now, Shift.starts_at < now + timedelta(days=1)),
        _count(session, own, Shift.state == ShiftState.SUBMITTED),
        session.scalar(sa.select(sa.func.count()).select_from(_applied(by, now).subquery())) or 0,
        *glasses,
    )


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    found = session.scalar(sa.select(sa.func.count()).select_from(Shift).where(*conditions))
    return found or 0


def _glass_counts(session: Session, by: Actor, now: datetime) -> tuple[int, int, int]:
    waiting = sa.and_(
        BreakGlass.granted_at.is_(None), BreakGlass.refused_at.is_(None), Shift.starts_at > now
    )
    due = sa.and_(BreakGlass.granted_at.is_not(None), BreakGlass.reviewed_at.is_(None))
    late = sa.and_(due, BreakGlass.review_due_on < london_day(now))
    row = session.execute(
        sa.select(*(sa.func.count(sa.case((kind, 1))) for kind in (waiting, due, late)))
        .select_from(BreakGlass)
        .join(Shift, Shift.id == BreakGlass.shift_id)
        .where(BreakGlass.organisation_id == by.organisation_id)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def gaps(
    session: Session,
    *,
    filters: ListFilters,
    after: tuple[datetime, UUID] | None,
    limit: int,
    by: Actor,
    now: datetime,
) -> list[Gap]:
    """Open shifts by start, each with who sees it now, who is next, and who answered."""
    rows = list_shifts(session, filters=filters, after=after, limit=limit, by=by)
    ids = [row.shift.id for row in rows]
    seen = open_tiers(session, shift_ids=ids, now=now, by=by)
    coming = _next_openings(session, ids, now)
    applied = _tally(session, Booking.shift_id, ids, Booking.state == BookingState.APPLIED)
    called = _tally(session, ContactAttempt.shift_id, ids, sa.true())
    return [
        Gap(
            row,
            seen.get(row.shift.id),
            coming.get(row.shift.id),
            applied.get(row.shift.id, 0),
            called.get(row.shift.id, 0),
        )
        for row in rows
    ]


def _next_openings(
    session: Session, shift_ids: Sequence[UUID], now: datetime
) -> dict[UUID, tuple[Tier, datetime]]:
    rows = session.execute(
        sa.select(Opening.shift_id, Opening.tier, Opening.opens_at)
        .where(
            Opening.shift_id.in_(shift_ids),
            Opening.replaced_at.is_(None),
            Opening.opens_at > now,
        )
        .order_by(Opening.opens_at.desc())
    )
    return {shift_id: (tier, opens_at) for shift_id, tier, opens_at in rows if opens_at}


def _tally(
    session: Session,
    of: sa.orm.InstrumentedAttribute[UUID],
    shift_ids: Sequence[UUID],
    condition: sa.ColumnElement[bool],
) -> dict[UUID, int]:
    rows = session.execute(
        sa.select(of, sa.func.count()).where(of.in_(shift_ids), condition).group_by(of)
    )
    return {shift_id: count for shift_id, count in rows}


def by_reference(session: Session, *, text: str, by: Actor) -> UUID | None:
    """The organisation's shift with this booking reference, however it is spaced or cased."""
    demand(by, Deed.READ_SHIFTS)
    return session.scalar(
        sa.select(Shift.id).where(
            Shift.reference == booking_reference.normalise(text),
            Shift.organisation_id == by.organisation_id,
        )
    )


def week_shifts(
    session: Session, *, filters: ListFilters, by: Actor, named_at: datetime | None = None
) -> list[ListedShift]:
    """All shifts between two moments, up to `MOST_IN_A_WEEK`; `named_at`: with the names of who
    is booked, read at that moment."""
    found: list[ListedShift] = []
    after: tuple[datetime, UUID] | None = None
    while len(found) < MOST_IN_A_WEEK:
        rows = list_shifts(
            session, filters=filters, after=after, limit=MOST_ROWS, by=by, named_at=named_at
        )
        found += rows
        if len(rows) < MOST_ROWS:
            break
        after = (rows[-1].shift.starts_at, rows[-1].shift.id)
    return found


def applications(session: Session, *, by: Actor, now: datetime) -> list[Application]:
    """Who has applied and waits, the soonest shift first. The name of a partner's person is a
    look that is written down: to be called in a writing transaction."""
    demand(by, Deed.READ_SHIFTS)
    rows = session.execute(_applied(by, now).order_by(Shift.starts_at, Booking.made_at)).all()
    partners = (one[0] for one in rows if one[0].tier is Tier.PARTNER)
    note_names(session, [one.person_id for one in partners], by=by, now=now)
    return [
        Application(booking, name, ListedShift(shift, unit, site, None, None))
        for booking, name, shift, unit, site in rows
    ]


def _applied(by: Actor, now: datetime) -> sa.Select[Booking, str, Shift, Unit, Site]:
    return (
        sa.select(Booking, Person.given_name + " " + Person.family_name, Shift, Unit, Site)
        .join(Shift, Shift.id == Booking.shift_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.organisation_id == by.organisation_id,
            Booking.state == BookingState.APPLIED,
            Shift.state == ShiftState.OPEN,
            Shift.starts_at > now,
        )
    )


def break_glasses(session: Session, *, by: Actor) -> list[Asked]:
    """Every break-glass of the organisation, the latest first."""
    demand(by, Deed.READ_SHIFTS)
    rows = session.execute(
        sa.select(BreakGlass, Shift, Unit, Site)
        .join(Shift, Shift.id == BreakGlass.shift_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(Site, Site.id == Shift.site_id)
        .where(BreakGlass.organisation_id == by.organisation_id)
        .order_by(BreakGlass.asked_at.desc())
        .limit(MOST_ROWS)
    ).all()
    people = {who for row in rows for who in (row[0].asked_by_id, row[0].granted_by_id) if who}
    names = account_names(session, people)
    return [
        Asked(
            glass,
            ListedShift(shift, unit, site, None, None),
            names.get(glass.asked_by_id, ""),
            names.get(glass.granted_by_id, ""),
        )
        for glass, shift, unit, site in rows
    ]


def break_glass(session: Session, *, break_glass_id: UUID, by: Actor) -> Asked:
    """One of the organisation's break-glasses; `NotFound` for any other."""
    found = [one for one in break_glasses(session, by=by) if one.glass.id == break_glass_id]
    if not found:
        raise NotFound
    return found[0]


def account_names(session: Session, ids: Iterable[UUID]) -> Mapping[UUID | None, str]:
    """The names of those who acted, for the history of the organisation's own shifts."""
    rows = session.execute(
        sa.select(Account.id, Account.display_name, Account.email).where(Account.id.in_(set(ids)))
    )
    return {account_id: name or email for account_id, name, email in rows}


def letters(session: Session, *, booking_ids: Collection[UUID]) -> dict[tuple[str, UUID], Notice]:
    """Which letters about these bookings were written, by template and booking."""
    named = {
        f"{template}:{booking}": (template, booking) for booking in booking_ids for template in TOLD
    }
    rows = session.scalars(sa.select(Notice).where(Notice.dedupe.in_(list(named))))
    return {named[row.dedupe]: row for row in rows}


@dataclass(frozen=True, slots=True)
class PostingChoices:
    """What a request can name: the organisation's units and its own shift codes."""

    units: Sequence[tuple[Unit, Site]]
    codes: Sequence[ShiftCode]


def posting_choices(session: Session, *, deed: Deed, by: Actor, on: date) -> PostingChoices:
    """For whoever may do `deed` (post or amend): units open on a day, and shift codes."""
    demand(by, deed)
    rows = session.execute(
        sa.select(Unit, Site)
        .join(Site, Site.id == Unit.site_id)
        .where(
            Unit.organisation_id == by.organisation_id,
            sa.or_(Unit.closed_on.is_(None), Unit.closed_on > on),
        )
        .order_by(Site.name, Unit.name)
    )
    codes = session.scalars(
        sa.select(ShiftCode)
        .where(ShiftCode.organisation_id == by.organisation_id)
        .order_by(ShiftCode.starts, ShiftCode.code)
    )
    return PostingChoices([(unit, site) for unit, site in rows], codes.all())


def roster_is_kept(session: Session, *, import_id: UUID, by: Actor) -> bool:
    """Whether the bytes of a roster file of the organisation are still here."""
    file = import_of(session, import_id=import_id, by=by)
    kept = sa.exists().where(RosterUpload.import_id == file.id)
    return bool(session.scalar(sa.select(kept)))
