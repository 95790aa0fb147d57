"""Looks at a professional register: what was found, where, and how the next one is due."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class RegisterRun(Base, kw_only=True):
    """One register file taken in, or one round of questions to a register service."""

    __tablename__ = "register_run"
    __recorded__ = True
    __table_args__ = (Index("ix_register_run_organisation", "organisation_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    body: Mapped[str]
    """Code of the register, e.g. `NMC`."""
    source: Mapped[str]
    """`register` (a service asked) or `register_file`."""
    at: Mapped[datetime]
    file_name: Mapped[str | None] = mapped_column(default=None)
    file_digest: Mapped[str | None] = mapped_column(default=None)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)


class RegisterCheck(Base, kw_only=True):
    """What a register said of one number at a moment."""

    __tablename__ = "register_check"
    __recorded__ = True
    __table_args__ = (
        Index("ix_register_check_person", "person_id", "at"),
        Index("ix_register_check_run", "run_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("register_run.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str]
    number: Mapped[str]
    at: Mapped[datetime]
    status: Mapped[str]
    """Of the closed vocabulary (passport.md §2.5), lower case; `unknown` where nobody answered."""
    found: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """Register part, restrictions, annotations, expiry: what the register publishes."""
    because: Mapped[str | None] = mapped_column(default=None)
    """Why it is not taken as this person's: `other_person`, `slow`, `down`, `not_understood`."""
