"""Who is expected at a door: asked of the upper floor, where there is one.

The passport alone knows nobody's shifts; it then says that this was not checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from passport.actors import Actor


@dataclass(frozen=True, slots=True)
class Expected:
    """One person expected at a unit."""

    name: str
    work: str
    """What they are booked as, in words: `band 5, registered nurse`."""
    unit: str
    starts_at: datetime
    ends_at: datetime
    arrival_url: str = ""
    """Where whoever asks checks them in; empty where they may not."""


@dataclass(frozen=True, slots=True)
class UnitHere:
    """A place where a device may stand."""

    id: UUID
    name: str


class ExpectedHere(Protocol):
    """What the upper floor lends as `app.extensions["expected_here"]`. Whose names are read for
    another organisation is written down, so both that name people want a writing transaction."""

    def soon(
        self, session: Session, *, unit_id: UUID | None, by: Actor, now: datetime
    ) -> Sequence[Expected]:
        """Everybody expected at the actor's organisation between now and the next morning, by unit
        and start."""

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

    def units(self, session: Session, *, organisation_id: UUID) -> Sequence[UnitHere]:
        """The organisation's units, by name."""
