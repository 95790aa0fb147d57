"""Organisations by ODS code, and how they belong together over time."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, new_id


class OrganisationKind(StrEnum):
    """What an organisation is."""

    TRUST = "trust"
    ICB = "icb"
    REGION = "region"
    PCN = "pcn"
    GP_PRACTICE = "gp_practice"
    SOCIAL_CARE = "social_care"
    VOLUNTARY = "voluntary"
    AGENCY = "agency"


class MembershipKind(StrEnum):
    """How one organisation belongs to another."""

    PCN = "pcn"
    """A practice in a primary care network."""
    ICS = "ics"
    """An organisation in an integrated care system (its ICB)."""
    REGION = "region"
    SUCCESSOR = "successor"
    """`member` was succeeded by `group` (merger, split, renaming by code)."""


class Organisation(Base, kw_only=True):
    """A legal body that employs, hosts or supplies people."""

    __tablename__ = "organisation"
    __recorded__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    ods_code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[OrganisationKind]
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    opened_on: Mapped[date | None] = mapped_column(default=None)
    closed_on: Mapped[date | None] = mapped_column(default=None)


class OrganisationMembership(Base, kw_only=True):
    """A dated membership with a kind: a trust may span several ICSs, an agency has none."""

    __tablename__ = "organisation_membership"
    __recorded__ = True
    __table_args__ = (
        Index("ix_organisation_membership_member", "member_id", "kind"),
        Index("ix_organisation_membership_group", "group_id", "kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    group_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[MembershipKind]
    from_on: Mapped[date | None] = mapped_column(default=None)
    until_on: Mapped[date | None] = mapped_column(default=None)
