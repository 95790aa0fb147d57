"""Keys that sign: made here, sealed at rest, each for one purpose, and what is believed of others.

A private key never leaves its row unsealed. The public half, the certificate and the moments
between which a key is good are what a trust list tells.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class KeyPurpose(StrEnum):
    """What a key may sign."""

    ROOT = "root"
    """The installation's authority: certificates, nothing else."""
    TRUST_LIST = "trust_list"
    """The installation's trust list."""
    ISSUER = "issuer"
    """An organisation's credentials, gate tokens, status lists and issuer metadata."""
    REQUEST = "request"
    """An organisation's requests to present (OpenID4VP)."""


class SigningKey(Base, kw_only=True):
    """A P-256 key of the installation (no organisation) or of one organisation."""

    __tablename__ = "signing_key"
    __recorded__ = True
    __table_args__ = (Index("ix_signing_key_owner", "organisation_id", "purpose"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisation.id"), default=None
    )
    purpose: Mapped[KeyPurpose]
    kid: Mapped[str] = mapped_column(unique=True)
    """JWK thumbprint (RFC 7638)."""
    jwk: Mapped[dict[str, Any]] = mapped_column(Json)
    """The public half."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The private half (PKCS#8, DER), sealed to owner, kid and purpose."""
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    """DER: self-signed for the root, else a leaf under it."""
    not_before: Mapped[datetime]
    """From here on it signs. Published earlier, so that verifiers know it by then."""
    not_after: Mapped[datetime]
    """From here on what it signs is not believed any more."""
    revoked_from: Mapped[datetime | None] = mapped_column(default=None)
    """Compromised: nothing dated from here on is believed."""
    made_at: Mapped[datetime]


class PublishedTrustList(Base, kw_only=True):
    """Each version of the installation's own signed trust list; the highest is the one served."""

    __tablename__ = "published_trust_list"
    __recorded__ = False

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str]
    digest: Mapped[str]
    """Of what it says without version and times: a new version only where that changed."""
    signed_at: Mapped[datetime]


class TrustedList(Base, kw_only=True):
    """Another installation's trust list, believed because an operator brought its root."""

    __tablename__ = "trusted_list"
    __recorded__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    sub: Mapped[str] = mapped_column(unique=True)
    """Address of the list."""
    root_pem: Mapped[str]
    token: Mapped[str]
    version: Mapped[int]
    """The highest ever seen: an older list is a roll-back."""
    fetched_at: Mapped[datetime]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None] = mapped_column(default=None)


class FetchedStatusList(Base, kw_only=True):
    """Another installation's status list as it was last fetched, handed on to this one's devices
    so that no verifier tells an issuer whom it is looking at."""

    __tablename__ = "fetched_status_list"
    __recorded__ = False

    uri: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]
    issued_at: Mapped[datetime]
    """`iat` of the newest list ever seen there: an older one is a roll-back."""
    fetched_at: Mapped[datetime]
