"""What people ask of those who hold their data: a copy of it, or that it be erased."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class SubjectRequestKind(StrEnum):
    """What is asked (UK GDPR Articles 15 and 17)."""

    ACCESS = "access"
    ERASURE = "erasure"


class SubjectRequest(Base, kw_only=True):
    """One request to one organisation, and what was done. No name, no value."""

    __tablename__ = "subject_request"
    __recorded__ = True
    __table_args__ = (Index("ix_subject_request_organisation", "organisation_id", "asked_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID]
    """The record, or the account of somebody without one; no foreign key, so that the request
    outlives it."""
    kind: Mapped[SubjectRequestKind]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[UUID | None] = mapped_column(default=None)
    agreed_at: Mapped[datetime | None] = mapped_column(default=None)
    agreed_by_id: Mapped[UUID | None] = mapped_column(default=None)
    """The second person, for an erasure."""
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    refused_at: Mapped[datetime | None] = mapped_column(default=None)
    refused_because: Mapped[str] = mapped_column(default="")
    outcome: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """Table → rows erased, rows kept and the law or need that keeps them."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that somebody did in their office, over and over."""

    what: str
    times: int
    first: datetime
    last: datetime
