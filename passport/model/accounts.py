"""Accounts: how people sign in, what they may be where, and the technical state of that."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from passport.actors import AccessRole
from passport.db import Base, Json, new_id


class Account(Base, kw_only=True):
    """A way to sign in. One human, one account, for all organisations."""

    __tablename__ = "account"
    __recorded__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    """Lower case; verified when the one-time link was used."""
    display_name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None] = mapped_column(default=None)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), default=None)
    """The holder record of the human behind it."""
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    """Leaver: nothing of this account works any more."""
    demo: Mapped[bool] = mapped_column(default=False)
    """Seeded by the demo: the second factor is waived there and only there."""


class RoleGrant(Base, kw_only=True):
    """A role of an account in one organisation, from one moment to another."""

    __tablename__ = "role_grant"
    __recorded__ = True
    __table_args__ = (
        Index("ix_role_grant_account", "account_id"),
        Index("ix_role_grant_organisation", "organisation_id", "role"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[AccessRole]
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[UUID | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class Delegation(Base, kw_only=True):
    """A small organisation lets a named person of its PCN's or ICB's bank office be the second.

    Named and dated: it ends by itself, and whoever acts under it is recorded as themselves.
    """

    __tablename__ = "delegation"
    __recorded__ = True
    __table_args__ = (Index("ix_delegation_account", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[AccessRole]
    """The role in which the delegate may act as the second person."""
    from_on: Mapped[date]
    until_on: Mapped[date]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class FactorKind(StrEnum):
    """Kinds of second factor."""

    PASSKEY = "passkey"
    TOTP = "totp"


class SecondFactor(Base, kw_only=True):
    """A passkey or an authenticator app of an account."""

    __tablename__ = "second_factor"
    __recorded__ = True
    __table_args__ = (
        Index("ix_second_factor_account", "account_id"),
        Index("ix_second_factor_credential", "credential_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[FactorKind]
    name: Mapped[str]
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    sign_count: Mapped[int] = mapped_column(default=0)
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    """TOTP secret, sealed under the master key with this row's id as associated data."""
    last_step: Mapped[int | None] = mapped_column(default=None)
    """Last TOTP time step used: each code works once."""
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)


class RecoveryCode(Base, kw_only=True):
    """One of ten single-use codes, stored hashed."""

    __tablename__ = "recovery_code"
    __recorded__ = True
    __table_args__ = (Index("ix_recovery_code_account", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class SignIn(Base, kw_only=True):
    """A server-side session. The cookie holds a random token; only its hash is here."""

    __tablename__ = "sign_in"
    __recorded__ = False
    __table_args__ = (Index("ix_sign_in_account", "account_id"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(default=None)
    """Where the account acts now; changed on the page, never by a request field."""
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None] = mapped_column(default=None)
    stepped_up_at: Mapped[datetime | None] = mapped_column(default=None)
    own_device: Mapped[bool] = mapped_column(default=False)
    """The person said at sign-in that nobody else uses the device: the session lasts longer."""
    device: Mapped[str] = mapped_column(default="")
    """Browser and system in a few words, so that a person can tell their sessions apart."""
    challenge: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    """A pending passkey or TOTP challenge."""
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class ApiToken(Base, kw_only=True):
    """A bearer token of an account in one organisation: hashed, scoped, revocable."""

    __tablename__ = "api_token"
    __recorded__ = True
    __table_args__ = (Index("ix_api_token_account", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str] | None] = mapped_column(Json, default=None)
    """Deeds it is limited to; None = all the account's roles allow."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    INVITE = "invite"
    """Mailed to the person: following it proves the address and sets the first password."""
    HANDED = "handed"
    """Given to an organisation to pass on: following it only has an `INVITE` mailed, because
    whoever held it on the way could otherwise take the account."""
    RESET = "reset"


class OneTimeLink(Base, kw_only=True):
    """An expiring link by which a person enters or resets; stored hashed, used once."""

    __tablename__ = "one_time_link"
    __recorded__ = False

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[LinkPurpose]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class Throttle(Base, kw_only=True):
    """A leaky bucket for sign-in and other guessable things, by hashed key."""

    __tablename__ = "throttle"
    __recorded__ = False

    key: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[float]
    updated_at: Mapped[datetime]


class IdempotencyKey(Base, kw_only=True):
    """A claimed `Idempotency-Key`: same key and body, same answer; other body, 422."""

    __tablename__ = "idempotency_key"
    __recorded__ = False
    __table_args__ = (Index("ix_idempotency_key_created", "created_at"),)

    scope: Mapped[str] = mapped_column(primary_key=True)
    """Account or token that sent it."""
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    created_at: Mapped[datetime]
    status: Mapped[int | None] = mapped_column(default=None)
    body: Mapped[str | None] = mapped_column(default=None)
    headers: Mapped[dict[str, str] | None] = mapped_column(Json, default=None)
