"""The Hours ledger: one list of busy time per human, read across all organisations by the
working-time rules only. No place and no employer."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.vocabulary import HoursKind
from passport.db import Base, new_id


class Hours(Base, kw_only=True):
    """A stretch of busy time."""

    __tablename__ = "hours"
    __recorded__ = True
    __table_args__ = (
        Index("ix_hours_holder_start", "holder_id", "starts_at"),
        Index("ix_hours_booking", "booking_id"),
        Index("uq_hours_reference", "person_id", "reference", unique=True),
        Index(
            "ix_hours_reference",
            "reference",
            postgresql_where=text("reference IS NOT NULL"),
            sqlite_where=text("reference IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    """The record it was filed under."""
    holder_id: Mapped[UUID]
    """The human: what the rules read by."""
    kind: Mapped[HoursKind]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    rest_until: Mapped[datetime]
    """End of the daily rest after it (11 hours unless an override says otherwise)."""
    minutes: Mapped[int]
    """Working minutes: elapsed less unpaid break; 0 for leave and sickness."""
    all_day: Mapped[bool] = mapped_column(default=False)
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("booking.id"), default=None)
    source: Mapped[str]
    """`booking`, `roster_file`, `hr_file`, `declared`."""
    as_at: Mapped[datetime]
    reference: Mapped[str | None] = mapped_column(default=None)
    """The source's own reference, so that a repeated file finds the same row."""


class RosterKnown(Base, kw_only=True):
    """Until when a person's main-job roster is on record, and how old that knowledge is."""

    __tablename__ = "roster_known"
    __recorded__ = True

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    known_from: Mapped[date]
    known_until: Mapped[date]
    as_at: Mapped[datetime]
