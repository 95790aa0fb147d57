"""Verifying: what was asked, what came of it, and the devices that stand at ward doors."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class PresentationRequest(Base, kw_only=True):
    """A request to present (OpenID4VP), good for one answer."""

    __tablename__ = "presentation_request"
    __recorded__ = True
    __table_args__ = (Index("ix_presentation_request_organisation", "organisation_id", "made_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    purpose: Mapped[str]
    """Code of a purpose; it decides what may be asked for."""
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    """The DCQL query that was signed."""
    basis: Mapped[str]
    """What allows the asking: law, or an agreement and its version."""
    agreement: Mapped[str] = mapped_column(default="")
    """Reference and version of the agreement it is asked under, e.g. `WSA-7 v3`; empty = none."""
    clauses: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """Credential type → the clause of the agreement that permits asking for it."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    expires_at: Mapped[datetime]
    nonce: Mapped[str]
    state_hash: Mapped[str]
    response_mode: Mapped[str]
    """`direct_post` or `direct_post.jwt`."""
    sealed_encryption_key: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    """Private JWK for the answer alone, sealed; removed once answered."""
    encryption_kid: Mapped[str | None] = mapped_column(default=None)
    session_hash: Mapped[str | None] = mapped_column(default=None)
    """The browser that asked, where the answer has to come back into it (same device)."""
    response_code_hash: Mapped[str | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    failed_because: Mapped[str | None] = mapped_column(default=None)
    verdict: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    """What the asker reads, kept no longer than the purpose allows; then reduced to its codes."""
    forget_at: Mapped[datetime | None] = mapped_column(default=None)


class Channel(StrEnum):
    """How a passport was checked."""

    GATE = "gate"
    ONLINE = "online"
    DESK = "desk"
    API = "api"


class VerdictRecord(Base, kw_only=True):
    """Who checked whom, when, for what, with which outcome. No claim values."""

    __tablename__ = "verdict_record"
    __recorded__ = True
    __table_args__ = (
        Index("ix_verdict_record_organisation", "organisation_id", "at"),
        Index("ix_verdict_record_holder", "holder_key"),
        Index("ix_verdict_record_person", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The receiver."""
    unit: Mapped[str] = mapped_column(default="")
    channel: Mapped[Channel]
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("ward_device.id"), default=None)
    request_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("presentation_request.id"), default=None
    )
    checker: Mapped[str]
    """Name and role of who checked, as entered or signed in."""
    by_account_id: Mapped[UUID | None] = mapped_column(default=None)
    purpose: Mapped[str]
    holder_key: Mapped[str | None] = mapped_column(default=None)
    """Thumbprint of the key that showed it: how the holder's own log finds it."""
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), default=None)
    """Whose passport it was, where it was issued by this installation."""
    issuer_ods: Mapped[str | None] = mapped_column(default=None)
    at: Mapped[datetime]
    """When it was checked, by the checker's clock."""
    received_at: Mapped[datetime]
    offline: Mapped[bool]
    outcome: Mapped[str]
    """`green`, `amber` or `red`."""
    codes: Mapped[list[str]] = mapped_column(Json)
    kinds: Mapped[list[str]] = mapped_column(Json)
    """Kinds of facts that were shown."""
    decision: Mapped[str | None] = mapped_column(default=None)
    """What was done: `admitted`, `supervised`, `turned_away`."""
    decided_by: Mapped[str | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)


class WardDevice(Base, kw_only=True):
    """A tablet or phone at one unit that verifies without anybody's sign-in."""

    __tablename__ = "ward_device"
    __recorded__ = True
    __table_args__ = (Index("ix_ward_device_organisation", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    unit: Mapped[str]
    unit_id: Mapped[UUID | None] = mapped_column(default=None)
    """The upper floor's unit, where there is one."""
    code_hash: Mapped[str | None] = mapped_column(unique=True, default=None)
    """Of the one-time enrolment code, until it is used."""
    code_expires_at: Mapped[datetime | None] = mapped_column(default=None)
    token_hash: Mapped[str | None] = mapped_column(unique=True, default=None)
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    enrolled_at: Mapped[datetime | None] = mapped_column(default=None)
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class DeskPointer(Base, kw_only=True):
    """A printed QR for people without a smartphone: it proves nothing and leads an officer to the
    record, to be compared with the person."""

    __tablename__ = "desk_pointer"
    __recorded__ = True
    __table_args__ = (Index("ix_desk_pointer_person", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    code_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
