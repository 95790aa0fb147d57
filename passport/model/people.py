"""People. A `Person` is one organisation's record of a human being; records that the person has
confirmed to be the same human share a holder.

Nothing is merged: linking two records sets `holder_id`, and unlinking sets it back. The holder is
the row that deeds lock, and hours are counted over all records of a holder.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id

NOBODY, NO_DATE = "Erased", date(1900, 1, 1)
"""What stands where a name and a date of birth have to stand, once a record is erased."""


class Person(Base, kw_only=True):
    """One organisation's record of a human being."""

    __tablename__ = "person"
    __recorded__ = True
    __table_args__ = (
        Index("ix_person_email", "email"),
        Index("ix_person_holder", "holder_id"),
        Index("ix_person_organisation", "organisation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Whose record it is."""
    holder_id: Mapped[UUID]
    """The record that stands for the human; its own id until linked."""
    given_name: Mapped[str]
    family_name: Mapped[str]
    date_of_birth: Mapped[date]
    email: Mapped[str | None] = mapped_column(default=None)
    """Lower case, as the organisation holds it; proven only when an account confirms it."""
    mobile: Mapped[str | None] = mapped_column(default=None)
    may_call: Mapped[bool] = mapped_column(default=False)
    """The person allows the bank office to ring them about open shifts."""
    wants_shift_mail: Mapped[bool] = mapped_column(default=True)
    """The person is told by e-mail, at most once a day, that shifts have opened to them."""
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_erased(self) -> bool:
        """Nobody's any more: what is kept under it must never get a name again."""
        return (self.family_name, self.date_of_birth) == (NOBODY, NO_DATE)


class LinkState(StrEnum):
    """What became of a proposal that two records are one human."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNDONE = "undone"


class PersonLink(Base, kw_only=True):
    """A proposal to the person, never to an organisation, that two records are theirs."""

    __tablename__ = "person_link"
    __recorded__ = True
    __table_args__ = (Index("uq_person_link_pair", "holder_id", "other_id", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    because: Mapped[str]
    """`email` or `registration`; each with the same date of birth."""
    state: Mapped[LinkState] = mapped_column(default=LinkState.PROPOSED)
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    moved: Mapped[dict[str, Any]] = mapped_column(Json, default_factory=dict)
    """Identifiers that the link re-filed, so that it can be undone."""
