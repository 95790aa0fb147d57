"""Workforce-sharing agreements: versions that are signed, parties, reviews and signatures.

A version's text is frozen once it goes out for signature. What everybody may see and ask for is
derived from the versions in force (`Coverage`, ask-limits); nothing else grants it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.vocabulary import Grade, StaffGroup
from passport.db import Base, Json, new_id


class VersionState(StrEnum):
    """Where a version stands (passport.md §3.4)."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    OUT_FOR_SIGNATURE = "out_for_signature"
    SIGNED = "signed"
    """By all parties; in force from its first day."""
    SUPERSEDED = "superseded"
    """A later version was signed by all: deployments that run keep this one."""
    ABANDONED = "abandoned"
    """Never came into force."""


class AgreementState(StrEnum):
    """Where the agreement as a whole stands; expiry is by the clock and derived."""

    PROPOSED = "proposed"
    """No version was signed by all yet."""
    ACTIVE = "active"
    NOTICE_GIVEN = "notice_given"
    TERMINATED = "terminated"
    EXPIRED = "expired"
    WOUND_DOWN = "wound_down"


class Agreement(Base, kw_only=True):
    """An agreement over its versions."""

    __tablename__ = "agreement"
    __recorded__ = True
    __table_args__ = (Index("ix_agreement_lead", "lead_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    reference: Mapped[str] = mapped_column(unique=True)
    """As people name it, e.g. `WSA-7`."""
    title: Mapped[str]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The party that drafts and varies."""
    state: Mapped[AgreementState] = mapped_column(default=AgreementState.PROPOSED)
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    ends_on: Mapped[date | None] = mapped_column(default=None)
    """Last day in force where the lead or a merger ended the whole; where parties leave until one
    is left, it ends with them."""
    for_safety: Mapped[bool] = mapped_column(default=False)
    """Terminated at once for safety: bookings ahead are not honoured."""
    wound_down_at: Mapped[datetime | None] = mapped_column(default=None)


class AgreementVersion(Base, kw_only=True):
    """What is signed: terms, their text, and the hash of exactly that text."""

    __tablename__ = "agreement_version"
    __recorded__ = True
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(default=VersionState.DRAFT)
    terms: Mapped[dict[str, Any]] = mapped_column(Json)
    """`model.agreement_terms.AgreementTerms` as JSON."""
    change_note: Mapped[str] = mapped_column(default="")
    text: Mapped[str | None] = mapped_column(default=None)
    """The document as it goes out for signature."""
    text_hash: Mapped[str | None] = mapped_column(default=None)
    """SHA-256 of `text` as UTF-8, in hex."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    out_at: Mapped[datetime | None] = mapped_column(default=None)
    signed_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the last party signed."""
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class AgreementParty(Base, kw_only=True):
    """An organisation that is or was a party; its role and sites stand in the version's terms."""

    __tablename__ = "agreement_party"
    __recorded__ = True
    __table_args__ = (
        UniqueConstraint("agreement_id", "organisation_id"),
        Index("ix_agreement_party_organisation", "organisation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    joined_at: Mapped[datetime]
    """When it was named, not yet bound."""
    suspended_at: Mapped[datetime | None] = mapped_column(default=None)
    suspended_because: Mapped[str] = mapped_column(default="")
    suspended_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisation.id"), default=None
    )
    """Which organisation did: the party, or the lead of that day."""
    notice_given_at: Mapped[datetime | None] = mapped_column(default=None)
    leaves_on: Mapped[date | None] = mapped_column(default=None)
    """Last day as a party, where it gave notice or was succeeded."""
    succeeded_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisation.id"), default=None
    )


class ReviewArea(StrEnum):
    """Who looks at a draft before it is signed."""

    HR = "hr"
    IG = "ig"
    FINANCE = "finance"
    CLINICAL = "clinical"
    STAFF_SIDE = "staff_side"


class AgreementReview(Base, kw_only=True):
    """A named person of an area signed a draft off, or sent it back."""

    __tablename__ = "agreement_review"
    __recorded__ = True
    __table_args__ = (Index("ix_agreement_review_version", "version_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    area: Mapped[ReviewArea]
    name: Mapped[str]
    job_title: Mapped[str]
    signed_off: Mapped[bool]
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(default=None)
    replaced_at: Mapped[datetime | None] = mapped_column(default=None)
    """The draft was changed since, or the area looked again."""


class AgreementSignature(Base, kw_only=True):
    """One party's signature over exactly one text."""

    __tablename__ = "agreement_signature"
    __recorded__ = True
    __table_args__ = (UniqueConstraint("version_id", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str]
    job_title: Mapped[str]
    authority: Mapped[str]
    """By what they may bind the organisation, e.g. `Standing financial instructions 7.2`."""
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(default=None)
    text_hash: Mapped[str]
    kid: Mapped[str]
    token: Mapped[str]
    """JWS by the party's issuer key, to be verified with nothing but the trust list."""


class Coverage(Base, kw_only=True):
    """Derived from the agreements in force: which partner's posts may see a host's shifts, for
    which staff group and grade, where and when. Rebuilt with every change of an agreement."""

    __tablename__ = "coverage"
    __recorded__ = False
    __table_args__ = (
        Index("ix_coverage_partner", "partner_id", "from_on"),
        Index("ix_coverage_host", "host_id", "from_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    host_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    staff_group: Mapped[StaffGroup]
    grade: Mapped[Grade]
    site_id: Mapped[UUID | None] = mapped_column(default=None)
    from_on: Mapped[date]
    until_on: Mapped[date | None] = mapped_column(default=None)
    version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("agreement_version.id"), default=None
    )
    lead_hours: Mapped[int | None] = mapped_column(default=None)
    """A shift is seen no earlier than so many hours before its start."""
    excluded_roles: Mapped[list[str]] = mapped_column(Json, default_factory=list)
    excluded_skills: Mapped[list[str]] = mapped_column(Json, default_factory=list)
