"""Recharge lines: what a host owes for shifts that another organisation's people worked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.agreement_terms import RechargeBasis
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.db import Base


class RechargeLine(Base, kw_only=True):
    """One cross-trust shift. Pence; minutes of work."""

    __tablename__ = "recharge_line"
    __recorded__ = True
    __table_args__ = (
        Index("ix_recharge_line_host", "host_id", "at"),
        Index("ix_recharge_line_home", "home_id", "at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    host_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    home_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"))
    """The version in force when the shift was booked."""
    basis: Mapped[RechargeBasis]
    staff_group: Mapped[StaffGroup]
    grade: Mapped[Grade]
    minutes: Mapped[int]
    pence: Mapped[int | None] = mapped_column(default=None)
    """None where nothing is owed shift by shift, or no rate is known yet."""
    admin_pence: Mapped[int] = mapped_column(default=0)
    rate_source: Mapped[str]
    """Where the rate comes from, as the printed line says it."""
    illustrative: Mapped[bool] = mapped_column(default=True)
    """No confirmed pay behind it yet."""
    at: Mapped[datetime]
    """End of the shift."""
    made_at: Mapped[datetime]
