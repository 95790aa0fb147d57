"""Credentials: what an organisation decided to assert of a person, and each signed copy of it.

The decision is a `Credential`, on record before any signature exists. A wallet that collects it
gets one or more copies, each bound to one key and with an own place in a status list.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class CredentialState(StrEnum):
    """Where a credential stands (passport.md §3.2)."""

    OFFERED = "offered"
    """Decided, waiting for its holder."""
    HELD = "held"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    """Turned down by the holder, with a reason; the issuer looks into it."""
    RESOLVED = "resolved"
    """The issuer looked into a rejection."""
    WITHDRAWN = "withdrawn"
    """Taken back before the holder accepted it."""
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    """A newer one stands in its place."""


LIVE = (CredentialState.OFFERED, CredentialState.HELD, CredentialState.SUSPENDED)
"""States in which a credential may still be relied on, now or later."""


class IssueBatch(Base, kw_only=True):
    """Existing staff given credentials in one act, from checks already on record.

    One officer approves; a second opens a drawn sample; only then is anything decided.
    """

    __tablename__ = "issue_batch"
    __recorded__ = True
    __table_args__ = (Index("ix_issue_batch_organisation", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    types: Mapped[list[str]] = mapped_column(Json)
    people: Mapped[list[str]] = mapped_column(Json)
    """Identifiers of those taken in."""
    exceptions: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """Person → why they go to the per-person page instead."""
    sample: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """Person → who opened them and when; None = not yet."""
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    approved_by_id: Mapped[UUID | None] = mapped_column(default=None)
    issued_at: Mapped[datetime | None] = mapped_column(default=None)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)
    stopped_because: Mapped[str | None] = mapped_column(default=None)


class Bundle(Base, kw_only=True):
    """Credentials decided for one person in one act; the holder takes them in one."""

    __tablename__ = "bundle"
    __recorded__ = True
    __table_args__ = (Index("ix_bundle_person", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("issue_batch.id"), default=None)
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[UUID | None] = mapped_column(default=None)


class Credential(Base, kw_only=True):
    """One decision: this organisation asserts these claims of this person."""

    __tablename__ = "credential"
    __recorded__ = True
    __table_args__ = (
        Index("ix_credential_person", "person_id", "type"),
        Index("ix_credential_bundle", "bundle_id"),
        Index("ix_credential_state", "organisation_id", "state"),
        Index("ix_credential_fact", "fact_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    bundle_id: Mapped[UUID] = mapped_column(ForeignKey("bundle.id"))
    type: Mapped[str]
    """Name of a credential type, e.g. `training_award`."""
    version: Mapped[int]
    claims: Mapped[dict[str, Any]] = mapped_column(Json)
    """All that is asserted, provenance included, as `rules.credentials.credential_claims` checked
    it."""
    fact_id: Mapped[UUID | None] = mapped_column(ForeignKey("fact.id"), default=None)
    """The evidence it was made from, where that is one fact."""
    supersedes_id: Mapped[UUID | None] = mapped_column(default=None)
    state: Mapped[CredentialState] = mapped_column(default=CredentialState.OFFERED)
    reason: Mapped[str | None] = mapped_column(default=None)
    """Code of why it is rejected, withdrawn, suspended or revoked."""
    decided_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    changed_at: Mapped[datetime]
    """When it came into its state."""
    valid_until: Mapped[datetime | None] = mapped_column(default=None)
    """`exp`, for the few types that end by themselves."""


class Wallet(Base, kw_only=True):
    """A wallet that collected from here. A lost phone is one wallet frozen."""

    __tablename__ = "wallet"
    __recorded__ = True
    __table_args__ = (Index("ix_wallet_person", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Whose credentials it collected."""
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    label: Mapped[str]
    """What the holder knows it by: `BankHub on Android`, or the maker's name."""
    refresh_hash: Mapped[str | None] = mapped_column(unique=True, default=None)
    """Of the token with which it comes back for fresh copies; changed at each use."""
    refresh_before_hash: Mapped[str | None] = mapped_column(default=None)
    """Of the one before: it counts until the newer one is used, as that answer may be lost."""
    gate_key: Mapped[str | None] = mapped_column(default=None)
    """Thumbprint of the key that its gate tokens are bound to."""
    enrolled_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None] = mapped_column(default=None)
    frozen_because: Mapped[str | None] = mapped_column(default=None)


class CopyFormat(StrEnum):
    """What a copy is written as."""

    SD_JWT = "dc+sd-jwt"
    GATE = "gate"


class CredentialCopy(Base, kw_only=True):
    """One signed copy, bound to one key. The text itself is not kept."""

    __tablename__ = "credential_copy"
    __recorded__ = True
    __table_args__ = (
        Index("ix_credential_copy_credential", "credential_id"),
        Index("ix_credential_copy_wallet", "wallet_id"),
        Index("ix_credential_copy_holder_key", "holder_key"),
        Index("uq_credential_copy_place", "list_id", "idx", unique=True),
        Index(
            "uq_credential_copy_gate",
            "wallet_id",
            unique=True,
            postgresql_where=text("format = 'gate'"),
            sqlite_where=text("format = 'gate'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    credential_id: Mapped[UUID | None] = mapped_column(ForeignKey("credential.id"), default=None)
    """None for a gate token, which is of the whole wallet."""
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"))
    format: Mapped[CopyFormat]
    holder_key: Mapped[str]
    """Thumbprint of the holder's key it is bound to."""
    list_id: Mapped[UUID] = mapped_column(ForeignKey("status_list.id"))
    idx: Mapped[int]
    signed_with: Mapped[str]
    """`kid` of the issuer's key."""
    signed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    status: Mapped[int] = mapped_column(default=0)
    """What its status list says of it: 0 valid, 1 revoked, 2 suspended."""


class StatusListRow(Base, kw_only=True):
    """A published status list of one organisation; its entries are the copies that point to it."""

    __tablename__ = "status_list"
    __recorded__ = False
    __table_args__ = (Index("ix_status_list_owner", "organisation_id", "retired_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    """Stands in its address."""
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    size: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    """How many places have been given away; none is given twice."""
    changes: Mapped[int] = mapped_column(default=1)
    """Counts up with each change of a status in it."""
    published: Mapped[int] = mapped_column(default=0)
    """The `changes` that the token tells."""
    token: Mapped[str | None] = mapped_column(default=None)
    signed_at: Mapped[datetime | None] = mapped_column(default=None)
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None] = mapped_column(default=None)
    """From here on no place in it is given away."""


class PersonPhoto(Base, kw_only=True):
    """The face that an officer compared with the person, small enough for a QR code."""

    __tablename__ = "person_photo"
    __recorded__ = True

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed_face: Mapped[bytes] = mapped_column(LargeBinary)
    """A lossy WebP of at most 700 bytes, sealed."""
    sealed_photo: Mapped[bytes] = mapped_column(LargeBinary)
    """A JPEG for credentials and the desk, sealed."""
    taken_on: Mapped[date]
    checked_by_id: Mapped[UUID | None] = mapped_column(default=None)


class IdentityCheck(Base, kw_only=True):
    """A new check of who somebody is: one officer saw them, a second agreed."""

    __tablename__ = "identity_check"
    __recorded__ = True
    __table_args__ = (Index("ix_identity_check_person", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    route: Mapped[str]
    """`FACE_TO_FACE`, `IDSP`, `NHS_CREDENTIAL` or `ON_RECORD` (a check that HR made before)."""
    documents: Mapped[list[str]] = mapped_column(Json)
    """Kinds of documents seen, never their numbers."""
    gpg45_profile: Mapped[str | None] = mapped_column(default=None)
    checked_on: Mapped[date]
    checked_by: Mapped[str]
    """The identity service provider, or the ODS code of the employer that saw the person."""
    first_at: Mapped[datetime]
    first_by_id: Mapped[UUID | None] = mapped_column(default=None)
    second_at: Mapped[datetime | None] = mapped_column(default=None)
    second_by_id: Mapped[UUID | None] = mapped_column(default=None)
    refused_at: Mapped[datetime | None] = mapped_column(default=None)
    refused_because: Mapped[str | None] = mapped_column(default=None)
