"""Bookings and what is on record around them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.vocabulary import LIVE_BOOKING, BookingState, Grade, Tier
from passport.db import Base, Json, new_id

_LIVE_SQL = ", ".join(f"'{state.value}'" for state in LIVE_BOOKING)
LIVE = sa.text(f"state IN ({_LIVE_SQL})")

sa.event.listen(
    Base.metadata,
    "before_create",
    sa.DDL(  # type: ignore[no-untyped-call]
        "CREATE EXTENSION IF NOT EXISTS btree_gist"
    ).execute_if(dialect="postgresql"),
)


class Booking(Base, kw_only=True):
    """One person (or one agency worker) on one shift. Knows its shift, never the reverse."""

    __tablename__ = "booking"
    __recorded__ = True
    __table_args__ = (
        Index(
            "uq_booking_live_place",
            "shift_id",
            unique=True,
            postgresql_where=LIVE,
            sqlite_where=LIVE,
        ),
        Index("ix_booking_shift", "shift_id", "state"),
        Index("ix_booking_holder_start", "holder_id", "starts_at"),
        Index("ix_booking_organisation_start", "organisation_id", "starts_at"),
        ExcludeConstraint(
            (sa.column("holder_id"), "="),
            (sa.func.tstzrange(sa.column("starts_at"), sa.column("ends_at")), "&&"),
            where=LIVE,
            using="gist",
            name="ex_booking_worked_time",
        ).ddl_if(dialect="postgresql"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The host: whose shift it is."""
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), default=None)
    """None for an agency worker."""
    holder_id: Mapped[UUID | None] = mapped_column(default=None)
    bank_post_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_post.id"), default=None)
    tier: Mapped[Tier]
    """Through which tier it came: decides the fill bucket."""
    grade: Mapped[Grade]
    """Booked as."""
    state: Mapped[BookingState]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    agreed_how: Mapped[str] = mapped_column(default="")
    """How the worker agreed when somebody else booked: `phone`, `in_person`, `message`."""
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by_id: Mapped[UUID | None] = mapped_column(default=None)
    ended_because: Mapped[str] = mapped_column(default="")
    need_ended: Mapped[bool] = mapped_column(default=False)
    """Cancelled by the ward because the need itself ended."""
    displaced_by_id: Mapped[UUID | None] = mapped_column(default=None)
    overrides: Mapped[list[dict[str, Any]]] = mapped_column(Json, default_factory=list)
    """Soft reasons lifted: code, reason, by, compensatory rest."""
    pay_estimate_pence: Mapped[int | None] = mapped_column(default=None)


class AgencyFill(Base, kw_only=True):
    """Who supplied an agency booking, recorded by a coordinator."""

    __tablename__ = "agency_fill"
    __recorded__ = True

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    agency_name: Mapped[str]
    framework: Mapped[str]
    """Framework's name; empty = off-framework."""
    rate_pence_per_hour: Mapped[int]
    """Total charge, excluding VAT."""
    worker_name: Mapped[str]
    """As supplied by the agency."""
    break_glass_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("break_glass.id"), default=None
    )


class BreakGlass(Base, kw_only=True):
    """Leave to go off-framework: asked by one, granted by an executive who is another."""

    __tablename__ = "break_glass"
    __recorded__ = True
    __table_args__ = (Index("ix_break_glass_shift", "shift_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"))
    reason: Mapped[str]
    """From the closed list of the cascade policy."""
    reason_text: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[UUID | None] = mapped_column(default=None)
    granted_at: Mapped[datetime | None] = mapped_column(default=None)
    granted_by_id: Mapped[UUID | None] = mapped_column(default=None)
    refused_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    review_due_on: Mapped[date | None] = mapped_column(default=None)
    reviewed_at: Mapped[datetime | None] = mapped_column(default=None)
    reviewed_by_id: Mapped[UUID | None] = mapped_column(default=None)
    review_outcome: Mapped[str] = mapped_column(default="")


class ContactAttempt(Base, kw_only=True):
    """A call to a candidate about a shift: who rang whom, when, and the answer."""

    __tablename__ = "contact_attempt"
    __recorded__ = True
    __table_args__ = (Index("ix_contact_attempt_shift", "shift_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(default=None)
    answer: Mapped[str]
    """`agreed`, `declined`, `no_answer`, `call_back`."""
