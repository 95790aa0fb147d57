"""What an organisation pays an hour, by date: its own rows, and the national list beneath them."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.pay_policy import RateValue, TimeType
from bankhub.model.policies import read_values
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.db import Base, new_id


class Rate(Base, kw_only=True):
    """One rate of one organisation, from a day on. Replaced by a later row, never edited."""

    __tablename__ = "rate"
    __recorded__ = True
    __table_args__ = (
        Index("ix_rate_lookup", "organisation_id", "grade", "from_on"),
        CheckConstraint("pence_per_hour > 0", name="positive"),
        CheckConstraint("until IS NULL OR until >= from_on", name="dates_in_order"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    grade: Mapped[Grade]
    time_type: Mapped[TimeType]
    pence_per_hour: Mapped[int]
    from_on: Mapped[date]
    source: Mapped[str]
    """Who decided it and where it is written down."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)
    staff_group: Mapped[StaffGroup | None] = mapped_column(default=None)
    """None = every staff group that uses the grade."""
    until: Mapped[date | None] = mapped_column(default=None)
    """Last day on which it holds; None = until a later one."""
    annual_pence: Mapped[int | None] = mapped_column(default=None)
    """The salary the hourly rate is worked from, where there is one."""
    session_pence: Mapped[int | None] = mapped_column(default=None)
    """The price of one session, for the time type `session`."""


@dataclass(frozen=True, slots=True)
class _ListedRate:
    grade: Grade
    time_type: TimeType
    pence_per_hour: int
    annual_pence: int | None = None
    session_pence: int | None = None


@dataclass(frozen=True, slots=True)
class _RateList:
    rates: tuple[_ListedRate, ...]


def listed_rates(document: Mapping[str, Any]) -> tuple[RateValue, ...]:
    """The rates of a parsed `reference/pay_rates.toml`. Raises `Invalid` naming wrong fields."""
    return tuple(
        RateValue(
            from_on=version["from"],
            staff_group=StaffGroup(version["staff_group"]) if "staff_group" in version else None,
            illustrative=version["illustrative"],
            source=version["source"],
            **dataclasses.asdict(listed),
        )
        for version in document["version"]
        for listed in read_values(_RateList, version["values"]).rates
    )
