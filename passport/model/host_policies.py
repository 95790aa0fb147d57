"""How old a check may be at one organisation, where it wants less than the default."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from passport.db import Base, Json, new_id


class HostPolicy(Base, kw_only=True):
    """Limits from a day on, in hours. They may only tighten the default of their day."""

    __tablename__ = "host_policy"
    __recorded__ = True
    __table_args__ = (UniqueConstraint("organisation_id", "from_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    from_on: Mapped[date]
    status_list_green: Mapped[int]
    status_list_amber: Mapped[int]
    training_record: Mapped[int]
    register_check: Mapped[dict[str, int]] = mapped_column(Json)
    """By source; a source that is not named keeps the default."""
    contact: Mapped[str] = mapped_column(default="")
    """Whom to ring there about a passport, e.g. `Bank office, 0161 496 0000`."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
