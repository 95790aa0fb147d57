"""Shifts, their openings, and the patterns they come from."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.vocabulary import (
    Grade,
    RequestReason,
    ShiftState,
    StaffGroup,
    Tier,
)
from passport.db import Base, Json, new_id


class Shift(Base, kw_only=True):
    """One slot for one person. A request for three people makes three."""

    __tablename__ = "shift"
    __recorded__ = True
    __table_args__ = (
        UniqueConstraint("organisation_id", "roster_reference"),
        Index("ix_shift_organisation_start", "organisation_id", "starts_at", "state"),
        Index("ix_shift_unit_start", "unit_id", "starts_at"),
        Index(
            "ix_shift_search",
            "organisation_id",
            "class_id",
            "starts_at",
            "id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_shift_search_fallback",
            "organisation_id",
            "fallback_class_id",
            "starts_at",
            "id",
            postgresql_where=text("state = 'open' AND fallback_class_id IS NOT NULL"),
            sqlite_where=text("state = 'open' AND fallback_class_id IS NOT NULL"),
        ),
        Index(
            "ix_shift_search_displaceable",
            "organisation_id",
            "class_id",
            "starts_at",
            "id",
            postgresql_where=text("state = 'filled' AND agency_lock_at IS NOT NULL"),
            sqlite_where=text("state = 'filled' AND agency_lock_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    reference: Mapped[str] = mapped_column(unique=True)
    """Human booking reference with a check character; never reused."""
    staff_group: Mapped[StaffGroup]
    role: Mapped[str]
    grade: Mapped[Grade]
    fallback_grade: Mapped[Grade | None] = mapped_column(default=None)
    skills: Mapped[list[str]] = mapped_column(Json, default_factory=list)
    class_id: Mapped[int] = mapped_column(ForeignKey("work_class.id"))
    fallback_class_id: Mapped[int | None] = mapped_column(
        ForeignKey("work_class.id"), default=None
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    unpaid_break_minutes: Mapped[int] = mapped_column(default=0)
    shift_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[RequestReason]
    reason_text: Mapped[str] = mapped_column(default="")
    post_number: Mapped[str] = mapped_column(default="")
    review_on: Mapped[date | None] = mapped_column(default=None)
    notes: Mapped[str] = mapped_column(default="")
    """Without patient details: checked on entry."""
    details: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """GP sessions: period (am, pm, on_day), clinical_system, visits."""
    instant_book: Mapped[bool] = mapped_column(default=True)
    state: Mapped[ShiftState] = mapped_column(default=ShiftState.DRAFT)
    cost_estimate_pence: Mapped[int | None] = mapped_column(default=None)
    roster_reference: Mapped[str | None] = mapped_column(default=None)
    """The roster's own reference: repeating an import finds the same shift."""
    request_id: Mapped[UUID | None] = mapped_column(default=None)
    """Shared by the single shifts of one request for several people."""
    retrospective: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(default=None)
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    authorised_at: Mapped[datetime | None] = mapped_column(default=None)
    authorised_by_id: Mapped[UUID | None] = mapped_column(default=None)
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_because: Mapped[str] = mapped_column(default="")
    need_ended: Mapped[bool] = mapped_column(default=False)
    """The coordinator recorded that the need itself ended, not only the search."""
    agency_lock_at: Mapped[datetime | None] = mapped_column(default=None)
    """While filled by an agency: until then an eligible bank booking displaces it."""
    version: Mapped[int] = mapped_column(default=1)


class Opening(Base, kw_only=True):
    """A tier sees a shift from a moment on. A fact: replaced, never edited."""

    __tablename__ = "opening"
    __recorded__ = True
    __table_args__ = (
        Index(
            "uq_opening_current",
            "shift_id",
            "tier",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
            sqlite_where=text("replaced_at IS NULL"),
        ),
        Index(
            "ix_opening_replaced",
            "shift_id",
            "replaced_at",
            postgresql_where=text("replaced_at IS NOT NULL"),
            sqlite_where=text("replaced_at IS NOT NULL"),
        ),
        Index("ix_opening_due", "opens_at", "announced_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"))
    tier: Mapped[Tier]
    opens_at: Mapped[datetime | None]
    """None = closed; `why` says which rule closed it."""
    why: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    """None = by policy; otherwise who opened it early."""
    reason_text: Mapped[str] = mapped_column(default="")
    replaced_at: Mapped[datetime | None] = mapped_column(default=None)
    announced_at: Mapped[datetime | None] = mapped_column(default=None)


class ShiftCode(Base, kw_only=True):
    """An organisation's own name for a pattern of hours: E, L, LD, N, TW…"""

    __tablename__ = "shift_code"
    __recorded__ = True
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str]
    name: Mapped[str]
    starts: Mapped[time]
    """London wall clock."""
    ends: Mapped[time]
    """London wall clock; not after `starts` = next day."""
    unpaid_break_minutes: Mapped[int] = mapped_column(default=0)
    details: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """GP session patterns: period, clinical_system, visits."""


class ReferenceCounter(Base, kw_only=True):
    """The next number of an organisation's booking references in a week."""

    __tablename__ = "reference_counter"
    __recorded__ = False

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    year_week: Mapped[str] = mapped_column(primary_key=True)
    next_number: Mapped[int] = mapped_column(BigInteger, default=1)


class AgencyExemption(Base, kw_only=True):
    """A recorded, dated exemption that lets a closed staff group go to agency."""

    __tablename__ = "agency_exemption"
    __recorded__ = True
    __table_args__ = (Index("ix_agency_exemption_organisation", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    staff_group: Mapped[StaffGroup]
    from_on: Mapped[date]
    until_on: Mapped[date]
    reference: Mapped[str]
    """Where the approval is written down."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
