"""Is the local induction signed, for this place and day?

Rule in plain English. A local induction is worth nothing elsewhere: fire exits, alarms, systems
and people differ. It is signed by whoever is in charge and by the worker, in either order, each
with their own hand and within a day of each other, and counts from then for the months the host's
policy says: at the unit, the site or the whole organisation, as the policy says. Both sign the same
checklist, as it stood when the first of them signed; one that was changed in between is gone
through anew. One signature alone is none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from bankhub.model.clearance_policy import InductionRequirement, InductionScope
from bankhub.rules.london_time import add_months
from bankhub.rules.shift_times import london_day

TOGETHER = timedelta(days=1)
"""The second signature belongs to the first for so long: it is one induction."""


@dataclass(frozen=True, slots=True)
class Signed:
    """An induction with one signature or both."""

    item: str
    site_id: UUID | None
    unit_id: UUID | None
    worker_at: datetime | None
    in_charge_at: datetime | None
    valid_until: date | None
    """Set once both have signed."""
    checklist: str = "1"
    points: tuple[str, ...] = ()
    """The version that was gone through, and what stood on it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shift is."""

    site_id: UUID
    unit_id: UUID


def item_of(required: InductionRequirement) -> str:
    """The code of its item in a clearance."""
    return f"induction.{required.code}"


def scope_of(required: InductionRequirement, place: Place) -> tuple[UUID | None, UUID | None]:
    """The site and the unit for which it is signed at that place."""
    if required.scope is InductionScope.ORGANISATION:
        return None, None
    unit_id = place.unit_id if required.scope is InductionScope.UNIT else None
    return place.site_id, unit_id


def holds(one: Signed, required: InductionRequirement, place: Place, day: date) -> bool:
    """Whether this signed induction counts there on that day."""
    return (
        one.item == item_of(required)
        and (one.site_id, one.unit_id) == scope_of(required, place)
        and None not in (one.worker_at, one.in_charge_at, one.valid_until)
        and one.valid_until is not None
        and one.valid_until >= day
    )


def due(
    required: Iterable[InductionRequirement], signed: Iterable[Signed], place: Place, day: date
) -> list[InductionRequirement]:
    """The inductions that nobody, or only one of the two, has signed there."""
    known = list(signed)
    return [one for one in required if not any(holds(s, one, place, day) for s in known)]


def half_signed(one: Signed, required: InductionRequirement, place: Place, now: datetime) -> bool:
    """Whether exactly one of the two has signed it there, as it stands now and lately enough to be
    joined."""
    at = one.worker_at or one.in_charge_at
    return (
        one.item == item_of(required)
        and (one.site_id, one.unit_id) == scope_of(required, place)
        and (one.checklist, one.points) == (required.checklist, required.points)
        and (one.worker_at is None) != (one.in_charge_at is None)
        and at is not None
        and now - at <= TOGETHER
    )


def counts_until(required: InductionRequirement, now: datetime) -> date:
    """The last day on which one that is signed by both now counts."""
    return add_months(london_day(now), required.valid_months)
