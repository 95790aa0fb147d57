"""Sites and units: where a shift is worked. Units also carry how they book."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, new_id


class Site(Base, kw_only=True):
    """A hospital, clinic, practice or home of an organisation, by ODS site code."""

    __tablename__ = "site"
    __recorded__ = True
    __table_args__ = (
        UniqueConstraint("organisation_id", "code"),
        Index("ix_site_organisation", "organisation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str]
    name: Mapped[str]
    postcode: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    opened_on: Mapped[date | None] = mapped_column(default=None)
    closed_on: Mapped[date | None] = mapped_column(default=None)


class Unit(Base, kw_only=True):
    """A ward, department or practice team at a site."""

    __tablename__ = "unit"
    __recorded__ = True
    __table_args__ = (
        UniqueConstraint("organisation_id", "code"),
        Index("ix_unit_site", "site_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    code: Mapped[str]
    """The roster's own code for the unit, e.g. `WARD7`."""
    name: Mapped[str]
    cost_centre: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    instant_book: Mapped[bool] = mapped_column(default=True)
    """False: staff apply and the unit accepts."""
    opened_on: Mapped[date | None] = mapped_column(default=None)
    closed_on: Mapped[date | None] = mapped_column(default=None)
