"""The host's own look at a professional register for somebody it does not employ."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.model.clearances import Clearance
from passport.actors import Actor
from passport.model.register_words import Status


def check_register(
    session: Session,
    *,
    clearance_id: UUID,
    status: Status,
    valid_until: date | None = None,
    source: str = "by_hand",
    by: Actor,
    now: datetime,
) -> Clearance:
    """Put down what the register says of the number on the passport, and decide again."""
    raise NotImplementedError
