"""Who of another organisation looked at a person's record: a log that the person reads."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, new_id


class PersonLook(Base, kw_only=True):
    """Somebody read something of a person on behalf of an organisation whose record it is not.
    The same look by the same account is one row a day."""

    __tablename__ = "person_look"
    __recorded__ = True
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "by_id", "on_day", "what"),
        Index("ix_person_look_person", "person_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Who looked."""
    by_id: Mapped[UUID | None] = mapped_column(default=None)
    on_day: Mapped[date]
    at: Mapped[datetime]
    what: Mapped[str]
    """What was read: `candidate`, `clearance`, `deployment`, …"""
    basis: Mapped[str]
    """What allows it, e.g. `WSA-7 v3, clause 6`."""
