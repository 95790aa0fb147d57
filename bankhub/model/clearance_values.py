"""Frozen values of a clearance: what the rule reads, and what it comes to.

An item never holds a value that a passport showed: it says that something is met, missing or due,
until when, and which act of whom clears it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import ClearanceState
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.model.facts import FactValue

AGREEMENT = "agreement"
NOT_AVAILABLE = "Not currently available."
"""The home organisation holds something back, and nobody outside is told why."""
SUPERVISED = "supervision"
"""Item of somebody who may work here supervised only; of why it says nothing."""


class Timing(StrEnum):
    """When an item is needed."""

    BEFORE_BOOKING = "before_booking"
    AT_ARRIVAL = "at_arrival"
    """Never blocks a booking; unsigned it makes the check-in amber."""


class ItemState(StrEnum):
    """What an item came to."""

    MET = "met"
    MISSING = "missing"
    """Needed before booking, and not there."""
    DUE = "due"
    """To be done at arrival."""
    BYPASSED = "bypassed"
    """Set aside for a time by two people of the host."""


class Doer(StrEnum):
    """Whose act clears an item."""

    WORKER = "worker"
    HOME = "home"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing the host's policy or the agreement asks for."""

    code: str
    """`agreement`, `identity`, `employment`, `registration`, `right_to_work`, `barred_list`,
    `dbs`, `occupational_health`, `training.FIRE`, `induction.ward`, …"""
    title: str
    state: ItemState
    timing: Timing = Timing.BEFORE_BOOKING
    until_on: date | None = None
    """Last day on which it is met; None = no end known, or not met."""
    why: str = ""
    act: str = ""
    """What clears it; empty where it is met."""
    by: Doer = Doer.HOST
    clause: str = ""
    """Clause of the agreement under which the host may ask for it, e.g. `6.2`."""

    @property
    def is_open(self) -> bool:
        """Whether somebody has something to do."""
        return self.state in (ItemState.MISSING, ItemState.DUE)


@dataclass(frozen=True, slots=True)
class Decision:
    """Cleared or not, until when, and each item with what it came to."""

    state: ClearanceState
    until_on: date | None
    """Last day on which everything needed before booking holds, the agreement's wind-down
    included; None where not cleared."""
    items: tuple[Item, ...]

    def missing(self) -> tuple[Item, ...]:
        """What bars a booking."""
        return tuple(one for one in self.items if one.state is ItemState.MISSING)

    @property
    def bookable_until(self) -> date | None:
        """Last day of a shift that may still be booked: the agreement's own last day counts."""
        return bookable_until(self.until_on, self.items)

    def due(self) -> tuple[Item, ...]:
        """What is left to do at arrival."""
        return tuple(one for one in self.items if one.state is ItemState.DUE)


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """A credential of the home organisation's that its holder holds, as its issuer has it now."""

    type: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    valid_until: date | None = None
    suspended: bool = False
    """Its issuer holds it back for a time and does not say why."""
    ended: bool = False
    """Its issuer ended it. That says something only where a warranty stands beside it."""


@dataclass(frozen=True, slots=True)
class HostCheck:
    """The host's latest look at a register for a number."""

    body: str
    number: str
    at: datetime
    status: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class SignedInduction:
    """A local induction that both signed."""

    item: str
    valid_until: date | None
    site_id: UUID | None = None
    unit_id: UUID | None = None
    place: str = ""
    """Name of the unit or site; empty where it is of the whole organisation."""


@dataclass(frozen=True, slots=True)
class Bypass:
    """An item that two people of the host set aside until a day."""

    item: str
    until_on: date


@dataclass(frozen=True, slots=True)
class Supervision:
    """Two people of the host decided that a number with that standing may work supervised."""

    body: str
    number: str
    status: str
    decided_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation, as an item names it."""

    id: UUID
    ods: str
    name: str


@dataclass(frozen=True, slots=True)
class AskedClearance:
    """Who would work where, as what."""

    home: Place
    host: Place
    staff_group: StaffGroup
    role: str
    grade: Grade
    instrument: Instrument
    sponsored: bool = False
    """A returner: the home organisation sponsors them for a deployment and does not employ them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a decision is made from."""

    held: Sequence[HeldCredential] = ()
    host_facts: Sequence[FactValue] = ()
    """What the host itself has on record of the same human, by their own confirmation."""
    employer_facts: Sequence[FactValue] = ()
    """What the organisation that employs them for the work has on record, where that is not the
    home organisation."""
    host_checks: Sequence[HostCheck] = ()
    inductions: Sequence[SignedInduction] = ()
    bypasses: Sequence[Bypass] = ()
    supervisions: Sequence[Supervision] = ()
    shown_on: date | None = None
    """When the passport was last shown at the host; None = never."""
    held_back: bool = False
    """The home organisation does not let the person be booked at present."""


def bookable_until(until_on: date | None, items: Sequence[Item]) -> date | None:
    """The earlier of what holds until a day and of the agreement's last day."""
    ends = [one.until_on for one in items if one.code == AGREEMENT and one.until_on]
    return None if until_on is None else min([until_on, *ends])


def item_json(item: Item) -> dict[str, Any]:
    """An item as it is kept."""
    return {
        "code": item.code,
        "title": item.title,
        "state": item.state.value,
        "timing": item.timing.value,
        "until_on": item.until_on.isoformat() if item.until_on else None,
        "why": item.why,
        "act": item.act,
        "by": item.by.value,
        "clause": item.clause,
    }


def item_of(kept: Mapping[str, Any]) -> Item:
    """The item that was kept."""
    until_on = kept.get("until_on")
    return Item(
        code=kept["code"],
        title=kept["title"],
        state=ItemState(kept["state"]),
        timing=Timing(kept["timing"]),
        until_on=date.fromisoformat(until_on) if until_on else None,
        why=kept.get("why", ""),
        act=kept.get("act", ""),
        by=Doer(kept.get("by", Doer.HOST)),
        clause=kept.get("clause", ""),
    )
