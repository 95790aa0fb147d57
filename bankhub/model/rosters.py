"""Roster files that come in: how far each is, what was refused, and what was last seen of a row.

None of it is a fact about a shift or a person: those are in their own tables, with their events.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class RosterState(StrEnum):
    """Where the import of a file stands."""

    RECEIVED = "received"
    """Uploaded and looked at; nothing is taken yet."""
    RUNNING = "running"
    DONE = "done"


class RosterImport(Base, kw_only=True):
    """One roster file: what it was, and how far it is."""

    __tablename__ = "roster_import"
    __recorded__ = False
    __table_args__ = (Index("ix_roster_import_organisation", "organisation_id", "started_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    file_name: Mapped[str]
    digest: Mapped[str]
    """SHA-256 of the file and of how it is read: the same again goes on where it stopped."""
    state: Mapped[RosterState]
    rows_total: Mapped[int]
    rows_done: Mapped[int] = mapped_column(default=0)
    """Rows from the top that were taken or refused, moved on in the transaction that does it."""
    counts: Mapped[dict[str, int]] = mapped_column(Json, default_factory=dict)
    reading: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """How the file is read: `columns` (our field → heading), `covers` (units, from, to)."""
    as_at: Mapped[datetime]
    """When this content first came: sent again, it is no newer."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    by_account_id: Mapped[UUID | None] = mapped_column(default=None)


class RosterRefusal(Base, kw_only=True):
    """Why one line of a file was refused. Its cells stay in the file."""

    __tablename__ = "roster_refusal"
    __recorded__ = False

    import_id: Mapped[UUID] = mapped_column(ForeignKey("roster_import.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    because: Mapped[str]


class RosterUpload(Base, kw_only=True):
    """The bytes of a file sent through the browser, until its refused rows were handed back."""

    __tablename__ = "roster_upload"
    __recorded__ = False
    __table_args__ = (Index("ix_roster_upload_received", "received_at"),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey("roster_import.id"), primary_key=True)
    content: Mapped[bytes]
    received_at: Mapped[datetime]


class RosterRow(Base, kw_only=True):
    """What a roster last said under one reference: the same again changes nothing, also where
    someone has amended the shift here since."""

    __tablename__ = "roster_row"
    __recorded__ = False
    __table_args__ = (Index("ix_roster_row_day", "organisation_id", "day"),)

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    reference: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    """Of what the row said; empty = ask again whatever it says."""
    people: Mapped[int]
    """How many shifts were posted for it and not withdrawn since; 0 for duties and absences."""
    unit_code: Mapped[str]
    day: Mapped[date]
