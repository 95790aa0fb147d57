"""Derived figures and the demo's clock."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.vocabulary import StaffGroup
from passport.db import Base, Json


class FillWeek(Base, kw_only=True):
    """Fill of one organisation, London week and staff group. Derived; a rebuild gives the same."""

    __tablename__ = "fill_week"
    __recorded__ = False
    __table_args__ = (Index("ix_fill_week_week", "week", "staff_group"),)

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    staff_group: Mapped[StaffGroup] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    """Counts and minutes by bucket, as `rules.figures.fill_rate` adds them up."""
    as_of: Mapped[datetime]


class DirtyWeek(Base, kw_only=True):
    """A week whose figures an event made stale; recomputed by the worker."""

    __tablename__ = "dirty_week"
    __recorded__ = False

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class Watermark(Base, kw_only=True):
    """How far a job has read."""

    __tablename__ = "watermark"
    __recorded__ = False

    job: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class ClockOffset(Base, kw_only=True):
    """How far the demo's clock was moved. Written only by the demo, refused elsewhere."""

    __tablename__ = "clock_offset"
    __recorded__ = False

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    seconds: Mapped[int] = mapped_column(default=0)
