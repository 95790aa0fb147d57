"""The trade's clock: the wall clock, and in the demo only an offset that moves it.

Sign-ins, tokens and everything cryptographic never use it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.model.figures import ClockOffset
from passport.config import Config
from passport.errors import Forbidden, Invalid

FURTHEST = timedelta(weeks=60)


def offset(session: Session) -> timedelta:
    """How far the demo's clock was moved."""
    return timedelta(seconds=session.scalar(sa.select(ClockOffset.seconds)) or 0)


def of_deeds(
    config: Config, wall: Callable[[], datetime]
) -> Callable[[Session], datetime] | None:
    """The trade's moment inside a deed, for what follows from a deed of the wall clock; None
    outside the demo, where a deed's own moment is the trade's."""
    if not config.demo:
        return None

    def moved(session: Session) -> datetime:
        with session.no_autoflush:
            return wall() + offset(session)

    return moved


def move(session: Session, *, by: timedelta | None, config: Config) -> timedelta:
    """Move the demo's clock on, or back to the wall clock (None). Refused outside the demo."""
    if not config.demo:
        raise Forbidden("not_a_demo")
    row = session.get(ClockOffset, 1) or ClockOffset()
    moved = timedelta(0) if by is None else timedelta(seconds=row.seconds) + by
    if not timedelta(0) <= moved <= FURTHEST:
        raise Invalid("clock", fields={"step": ["the demo's clock goes forward, up to 60 weeks"]})
    row.seconds = int(moved.total_seconds())
    session.add(row)
    return moved
