"""What a worker asks for when they look for shifts, and what they get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from bankhub.model.values import PayEstimate, ShiftFacts
from bankhub.model.vocabulary import BookingState, Grade, Tier
from passport.errors import Reason


class Show(StrEnum):
    """Which shifts a worker wants to see."""

    BOOKABLE = "bookable"
    IN_REACH = "in_reach"
    """Also those of partners that nothing but a clearance stands before."""
    ALL = "all"
    """Also those of their roles that they cannot book, with every reason."""


class Filter(StrEnum):
    """What can hide a shift from a list; each can be undone alone."""

    SITE = "site"
    UNIT = "unit"
    ROLE = "role"
    CODE = "code"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFilters:
    """What the worker asks for; None = anything."""

    from_on: date | None = None
    """First London day of the start."""
    until_on: date | None = None
    """Last London day of the start."""
    site_id: UUID | None = None
    unit_id: UUID | None = None
    role: str | None = None
    shift_code: str | None = None
    near_site_id: UUID | None = None
    """Distances are measured from here, in a straight line."""
    within_km: float | None = None
    """Only with `near_site_id`. A site whose place is not known is not hidden by it."""

    @property
    def narrow(self) -> bool:
        """Whether anything but the days is asked for."""
        asked = (self.site_id, self.unit_id, self.role, self.shift_code, self.within_km)
        return any(part is not None for part in asked)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shift is worked, in the organisation's own names."""

    unit_id: UUID
    unit_name: str
    unit_phone: str
    site_id: UUID
    site_name: str
    organisation_id: UUID
    organisation_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundShift:
    """A shift as one worker sees it."""

    shift: ShiftFacts
    reference: str
    shift_code: str
    notes: str
    place: Place
    tier: Tier
    """Through which the worker sees it."""
    grade: Grade
    """At which the worker would be booked; the shift's own where they cannot be."""
    bookable: bool
    reasons: tuple[Reason, ...]
    """Why not; and notes on what was not checked, which stand beside a bookable shift too."""
    instant_book: bool
    """False: the worker applies and the unit chooses."""
    displaces_agency: bool = False
    """An agency worker holds it, whom a bank booking displaces until the lock."""
    own_booking: BookingState | None = None
    """What the worker's own application or booking for it is."""
    distance_km: float | None = None
    """In a straight line from the site the worker named; of a partner's shift, where none was
    named, from the nearest site of the home organisation."""
    is_cleared: bool = True
    """Nothing about the host's clearance stands in the way; always so in the own bank."""
    due_at_arrival: tuple[str, ...] = ()
    """What the host asks for at arrival, which bars no booking."""
    pay: PayEstimate | None = None
    """None where the organisation has not set a rate."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Shifts by start, and what to say where there are few or none."""

    shifts: tuple[FoundShift, ...]
    after: str | None
    """Cursor of the next page; None = there is nothing further."""
    searched_until: datetime
    """Every shift that fits and starts before this moment was looked at."""
    hidden: Mapping[Filter, int] = field(default_factory=dict)
    """Where the list ends here: how many of the shifts looked at each filter alone keeps from it.
    A full page does not count them."""
