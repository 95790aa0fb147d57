"""How a worker finds shifts: what they may book, or everything of theirs with the reasons why not.

SQL takes only necessary conditions, by index, in order of start (`shift_probes`); the rules are
asked about each row before it is shown. So the list, the shift's page and booking agree.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.finding.cursors import cursor_place, cursor_text
from bankhub.actions.finding.found_shifts import Seen, distance_of, found
from bankhub.actions.finding.looking import SeenShift, look, taken
from bankhub.actions.finding.seekers import HORIZON, Seeker, seeker
from bankhub.actions.finding.shift_probes import Key, Only, Probed, Stretch, walk
from bankhub.actions.permission import demand
from bankhub.model.bookings import Booking
from bankhub.model.search_values import Filter, FoundPage, FoundShift, ShiftFilters, Show
from bankhub.model.shifts import ShiftCode
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import LIVE_BOOKING, BookingState, ShiftState
from bankhub.model.workers import BookableAs
from bankhub.rules.agreements.partner_work import only_clearance
from bankhub.rules.eligibility.eligibility import blocking
from bankhub.rules.london_time import at_hour
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.rules.shifts.shift_filters import hiding
from passport.actors import Actor
from passport.errors import NotFound, Reason

MOST_SHOWN = 100
MOST_EXAMINED = 400
"""Shifts looked at for one page. A page that ends early says how far it got."""
MOST_HIDDEN = 200
"""Shifts looked at to say what the worker's filters hide."""

NO_FILTERS = ShiftFilters()
_FIRST_ID = UUID(int=0)


def find_shifts(
    session: Session,
    *,
    filters: ShiftFilters = NO_FILTERS,
    show: Show = Show.BOOKABLE,
    after: str | None = None,
    limit: int = 20,
    by: Actor,
    now: datetime,
) -> FoundPage:
    """The next shifts by start that the worker may book, or every one of their roles.

    Only shifts of which a tier of one of the worker's banks is open now. `after` is the cursor of
    the page before; raises `Invalid` for any other text.
    """
    page = _Page(
        seeker(session, holder_id=_worker(by), now=now),
        filters,
        show,
        min(max(limit, 1), MOST_SHOWN),
        now,
    )
    begin, until = _span(filters, now)
    if after is not None:
        starts_at, shift_id = cursor_place(after, datetime, UUID)
        begin = max(begin, (starts_at, shift_id))
    arms = page.seeker.arms(show, until=until, now=now)
    only = Only(filters.site_id, filters.unit_id, filters.role, filters.shift_code)
    busy = () if show is Show.ALL else page.seeker.ledger.busy
    span: dict[str, Any] = {"after": begin, "until": until, "now": now, "busy": busy}
    last = page.fill(walk(session, arms, only=only, **span), begin)
    hidden = {}
    if not page.is_full and filters.narrow:
        hidden = page.hidden_among(walk(session, arms, **span))
    return FoundPage(
        shifts=tuple(found(session, page.seeker, page.kept, filters.near_site_id)),
        after=cursor_text(last) if page.is_full else None,
        searched_until=last[0],
        hidden=hidden,
    )


def one_shift(session: Session, *, shift_id: UUID, by: Actor, now: datetime) -> FoundShift:
    """One shift as the worker sees it, with every reason why they may not book it.

    `NotFound` where no tier of theirs is open, unless they applied or were booked on it.
    """
    holder_id = _worker(by)
    seen = look(session, shift_id)
    own = session.execute(
        sa.select(Booking.id, Booking.state)
        .where(Booking.shift_id == shift_id, Booking.holder_id == holder_id)
        .order_by(Booking.made_at.desc())
        .limit(1)
    ).first()
    who = seeker(session, holder_id=holder_id, now=now)
    if own is not None:
        who = who.without(own.id)
    shown = _as_seen(who, seen, own.state if own is not None else None, now)
    return found(session, who, [shown], None)[0]


@dataclass(frozen=True, slots=True)
class Facets:
    """What a worker's banks offer to filter by."""

    shift_codes: tuple[str, ...]
    sites: tuple[tuple[UUID, str], ...]
    """Sites with a unit that is open, by name."""


def facets(session: Session, *, by: Actor, now: datetime) -> Facets:
    """The shift codes, in the order of the day, and the sites of the worker's own banks."""
    today = london_day(now)
    homes = sa.select(BookableAs.organisation_id).where(BookableAs.holder_id == _worker(by))
    codes = session.scalars(
        sa.select(ShiftCode.code)
        .where(ShiftCode.organisation_id.in_(homes))
        .order_by(ShiftCode.starts, ShiftCode.code)
    )
    sites = session.execute(
        sa.select(Site.id, Site.name)
        .join(Unit, Unit.site_id == Site.id)
        .where(
            Site.organisation_id.in_(homes),
            sa.or_(Site.closed_on.is_(None), Site.closed_on >= today),
            sa.or_(Unit.closed_on.is_(None), Unit.closed_on >= today),
        )
        .distinct()
        .order_by(Site.name, Site.id)
    )
    return Facets(tuple(dict.fromkeys(codes)), tuple((site_id, name) for site_id, name in sites))


def _worker(by: Actor) -> UUID:
    demand(by, Deed.FIND_SHIFTS)
    if by.person_id is None:
        raise NotFound
    return by.person_id


def _span(filters: ShiftFilters, now: datetime) -> tuple[Key, datetime]:
    """Where to begin and before which start to end: London days, ahead, and not without end."""
    begin, until = now, now + HORIZON
    if filters.from_on is not None:
        begin = max(begin, at_hour(filters.from_on))
    if filters.until_on is not None:
        until = min(until, at_hour(filters.until_on + timedelta(days=1)))
    return (begin, _FIRST_ID), until


class _Page:
    """The shifts of one page, and what the worker's filters keep from it."""

    def __init__(
        self, who: Seeker, filters: ShiftFilters, show: Show, limit: int, now: datetime
    ) -> None:
        self.seeker = who
        self.kept: list[Seen] = []
        self._filters, self._show, self._limit, self._now = filters, show, limit, now
        self._examined = 0

    @property
    def is_full(self) -> bool:
        """Nothing further is taken."""
        return len(self.kept) >= self._limit or self._examined >= MOST_EXAMINED

    def fill(self, stretches: Iterator[Stretch], begin: Key) -> Key:
        """Keep what can be shown until the page is full; up to where everything was looked at."""
        last = begin
        for stretch in stretches:
            for row in stretch.rows:
                self._examined += 1
                if not self._hidden_by(row) and (seen := self._seen(row)) is not None:
                    self.kept.append(seen)
                if self.is_full:
                    return row.at
            last = stretch.until
        return last

    def hidden_among(self, stretches: Iterator[Stretch]) -> dict[Filter, int]:
        """How many of the shifts each filter keeps from the list that no other does."""
        hidden: Counter[Filter] = Counter()
        rows = (row for stretch in stretches for row in stretch.rows)
        for row in islice(rows, MOST_HIDDEN):
            hidden_by = self._hidden_by(row)
            if len(hidden_by) == 1 and self._seen(row) is not None:
                hidden.update(hidden_by)
        return dict(hidden)

    def _hidden_by(self, row: Probed) -> frozenset[Filter]:
        distance = distance_of(self.seeker, row.facts, self._filters.near_site_id)
        return hiding(row.facts, row.shift_code, distance, self._filters)

    def _seen(self, row: Probed) -> Seen | None:
        """The row as it would be shown; None where it would not."""
        facts = row.facts
        home = self.seeker.home_for(facts, row.tiers_open, self._now)
        own = self.seeker.own_bookings.get(facts.id)
        if home is None or (own is not None and self._show is not Show.ALL):
            return None
        reasons = self.seeker.why_not(facts, row.tiers_open, home, self._now)
        standing = blocking(reasons)
        bookable = own is None and not standing
        in_reach = self._show is Show.IN_REACH and only_clearance(standing)
        if not (bookable or in_reach or self._show is Show.ALL):
            return None
        return Seen(facts, row.tiers_open, home, tuple(reasons), bookable, own)


def _as_seen(
    who: Seeker, seen: SeenShift, own: BookingState | None, now: datetime
) -> Seen:
    facts = seen.facts
    tiers = seen.tiers_open(now)
    home = who.home_for(facts, tiers, now)
    is_wanted = facts.state in (ShiftState.OPEN, ShiftState.FILLED)
    if own is None and (home is None or not is_wanted):
        raise NotFound
    reasons: list[Reason] = []
    if home is not None and is_wanted:
        reasons = who.why_not(facts, tiers, home, now)
    is_free = is_wanted and seen.place_is_free(now)
    holds_it = own in LIVE_BOOKING
    if is_wanted and not is_free and not holds_it:
        reasons.append(taken())
    still_stands = holds_it or own in (BookingState.APPLIED, BookingState.OFFERED)
    bookable = home is not None and is_free and not still_stands and not blocking(reasons)
    return Seen(facts, tiers, home, tuple(reasons), bookable, own)
