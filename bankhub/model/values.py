"""Frozen values that rules read and return. Actions fill them from rows; rules never see a row.

Moments are aware UTC. `minutes` of work are elapsed minutes less unpaid break, so a night shift
over a clock change has 60 more or fewer of them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import ClearanceState
from bankhub.model.vocabulary import (
    Grade,
    HoursKind,
    RequestReason,
    ShiftState,
    StaffGroup,
    Tier,
)
from passport.model.facts import FactValue


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """What the rules need to know of a shift."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    unit_id: UUID
    staff_group: StaffGroup
    role: str
    """Role code of the reference list, e.g. `rn_adult`."""
    grade: Grade
    starts_at: datetime
    ends_at: datetime
    unpaid_break_minutes: int = 0
    fallback_grade: Grade | None = None
    skills: frozenset[str] = frozenset()
    reason: RequestReason = RequestReason.VACANCY
    state: ShiftState = ShiftState.OPEN
    volunteer: bool = False

    @property
    def minutes(self) -> int:
        """Working minutes: elapsed less unpaid break."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60 - (
            self.unpaid_break_minutes
        )


@dataclass(frozen=True, slots=True)
class PostFacts:
    """One bank post and what it may be booked as."""

    id: UUID
    organisation_id: UUID
    staff_group: StaffGroup
    role: str
    grade: Grade
    starts_on: date
    ends_on: date | None = None
    entitlements: frozenset[tuple[str, Grade]] = frozenset()
    """(role, grade) pairs the post may be booked as, its own included."""
    terms: str = ""
    """`doctors_2016` where the 2016 junior doctors' limits hold; `doctor_in_training` likewise
    lengthens the reference period."""
    restricted_units: frozenset[UUID] = frozenset()
    """Units, sites or the organisation this post may not be booked at ("do not book")."""


@dataclass(frozen=True, slots=True)
class BusyTime:
    """A stretch of the Hours ledger, whoever recorded it. No place and no employer."""

    starts_at: datetime
    ends_at: datetime
    minutes: int
    kind: HoursKind
    booking_id: UUID | None = None
    all_day: bool = False
    """Leave and sickness recorded by date: whole London days."""


@dataclass(frozen=True, slots=True)
class MainJob:
    """What is known of a person's main post elsewhere."""

    known_until: date | None
    """Last London day the roster on record covers; None = nothing was ever recorded."""
    as_at: datetime | None
    """When that roster was taken."""
    known_from: date | None = None
    """First London day it covers; None = as far back as need be."""
    contracted_minutes_per_week: int | None = None


@dataclass(frozen=True, slots=True)
class ClearanceValue:
    """What a host last decided of one person of a home organisation, as the rules read it."""

    home_id: UUID
    host_id: UUID
    staff_group: StaffGroup
    role: str
    grade: Grade
    state: ClearanceState
    until_on: date | None
    """Last day on which everything needed before booking holds; None where not cleared."""
    version_id: UUID
    """Version of the agreement under which it was decided."""
    named: str
    """That version as people name it, e.g. `WSA-7 v3`."""
    instrument: Instrument = Instrument.BANK_ASSIGNMENT
    missing: tuple[tuple[str, str], ...] = ()
    """Title and act of each item that is needed before booking and not met."""
    due: tuple[tuple[str, str], ...] = ()
    """Title and act of each item that stands open until arrival. Never bars a booking."""


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """What the rules need to know of a person, over all their posts and busy time."""

    person_id: UUID
    date_of_birth: date
    posts: tuple[PostFacts, ...]
    facts: tuple[FactValue, ...] = ()
    busy: tuple[BusyTime, ...] = ()
    main_job: MainJob | None = None
    """None = no main job declared (bank only)."""
    clearances: tuple[ClearanceValue, ...] = ()
    """At hosts that are not their own bank."""
    barred_from: frozenset[UUID] = frozenset()
    """Units, sites and organisations where somebody said "do not book" of a post that the person
    holds or held there; of people who come from elsewhere."""


@dataclass(frozen=True, slots=True)
class PlannedOpening:
    """When a tier opens; `opens_at` None = stays closed, and `why` says which rule closed it."""

    tier: Tier
    opens_at: datetime | None
    why: str
    """A code of `rules.cascade.bank_before_agency`, e.g. `policy`, `short_notice`, `strike`."""


@dataclass(frozen=True, slots=True)
class PayEstimate:
    """Expected gross pay of one shift before deductions. Pence, per line and in total."""

    lines: tuple["PayLine", ...]
    total_pence: int
    hourly_pence: int
    """The plain-time rate shown on the card."""
    illustrative: bool
    source: str


@dataclass(frozen=True, slots=True)
class PayLine:
    """Minutes at one rate."""

    time_type: str
    minutes: int
    rate_pence: int
    pence: int
