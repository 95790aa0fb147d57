"""One item of a clearance set aside for a time: asked by one person of the host, granted by
another; never registration, right to work or a barred list."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.clearances import ClearanceBypass
from passport.actors import Actor


def ask_bypass(
    session: Session,
    *,
    clearance_id: UUID,
    item: str,
    because: str,
    until_on: date,
    by: Actor,
    now: datetime,
) -> ClearanceBypass:
    """Ask for an item to be set aside until a day."""
    raise NotImplementedError


def grant_bypass(
    session: Session, *, bypass_id: UUID, by: Actor, now: datetime
) -> ClearanceBypass:
    """A second person grants it, and the clearance is decided again."""
    raise NotImplementedError


def refuse_bypass(
    session: Session, *, bypass_id: UUID, by: Actor, now: datetime
) -> ClearanceBypass:
    """A second person refuses it."""
    raise NotImplementedError


def end_bypass(
    session: Session, *, bypass_id: UUID, by: Actor, now: datetime
) -> ClearanceBypass:
    """Take a bypass back before its day, and decide again."""
    raise NotImplementedError
