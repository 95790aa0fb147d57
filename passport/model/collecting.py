"""What OpenID4VCI needs to remember between two requests of a wallet: offers, tokens, nonces."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class CredentialOffer(Base, kw_only=True):
    """An offer to collect, by a pre-authorized code that works once."""

    __tablename__ = "credential_offer"
    __recorded__ = False
    __table_args__ = (Index("ix_credential_offer_person", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    credentials: Mapped[list[str]] = mapped_column(Json)
    """Identifiers of the credentials on offer."""
    code_hash: Mapped[str] = mapped_column(unique=True)
    tx_code_hash: Mapped[str | None] = mapped_column(default=None)
    tries: Mapped[int] = mapped_column(default=0)
    """Wrong transaction codes so far."""
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    dead_at: Mapped[datetime | None] = mapped_column(default=None)


class CollectingToken(Base, kw_only=True):
    """An access token with which a wallet collects."""

    __tablename__ = "collecting_token"
    __recorded__ = False
    __table_args__ = (Index("ix_collecting_token_wallet", "wallet_id"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"))
    credentials: Mapped[list[str]] = mapped_column(Json)
    """Identifiers of the credentials it may collect."""
    client_id: Mapped[str | None] = mapped_column(default=None)
    """What the wallet called itself when it asked for the token: its proofs may repeat it."""
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class Collection(Base, kw_only=True):
    """One credential response, for the wallet's notification about it."""

    __tablename__ = "collection"
    __recorded__ = False

    notification_id: Mapped[str] = mapped_column(primary_key=True)
    wallet_id: Mapped[UUID] = mapped_column(ForeignKey("wallet.id"))
    credential_id: Mapped[UUID] = mapped_column(ForeignKey("credential.id"))
    at: Mapped[datetime]
    told: Mapped[str | None] = mapped_column(default=None)
    """The event the wallet told."""


class OneTimeValue(Base, kw_only=True):
    """A nonce given out, by its hash: taken once, and only before its time is over."""

    __tablename__ = "one_time_value"
    __recorded__ = False
    __table_args__ = (Index("ix_one_time_value_expiry", "expires_at"),)

    value_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)

