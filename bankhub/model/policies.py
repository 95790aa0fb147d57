"""Dated policy: every rate, limit, window and national rule is data with a source.

National defaults ship as `bankhub/reference/KIND.toml`; an organisation's own versions are rows
here. A version holds from a date, for an organisation and optionally one staff group, until a
later one replaces it. `read_values` turns stored values into a frozen value class and names each
wrong field.
"""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bankhub.model.vocabulary import StaffGroup
from passport.db import Base, Json, new_id
from passport.errors import Invalid
from passport.frozen_values import frozen

V = TypeVar("V")


class PolicyKind(StrEnum):
    """What a policy decides; also the name of its national defaults file."""

    CASCADE = "cascade"
    """`model.cascade_policy.CascadePolicy`: when each tier opens."""
    WORKING_TIME = "working_time"
    """`model.work_policy.WorkingTimePolicy`: rest, averages, nights, ceilings."""
    REQUIREMENTS = "requirements"
    """`model.work_policy.RequirementPolicy`: what a role needs to have proven."""
    REQUESTING = "requesting"
    """`model.request_policy.RequestPolicy`: thresholds, breaks, notice windows."""
    PAY = "pay"
    """`model.pay_policy.PayPolicy`: time types and rounding."""
    CLEARANCE = "clearance"
    """`model.clearance_policy.ClearancePolicy`: what is asked of partners' people."""
    FILL = "fill"
    """`model.fill_policy.FillPolicy`: what counts as late, early and too few to show."""


class DatedPolicy(Base, kw_only=True):
    """One version of one policy of one organisation."""

    __tablename__ = "dated_policy"
    __recorded__ = True
    __table_args__ = (Index("ix_dated_policy_lookup", "organisation_id", "kind", "from_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=new_id)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[PolicyKind]
    staff_group: Mapped[StaffGroup | None] = mapped_column(default=None)
    from_on: Mapped[date]
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    source: Mapped[str]
    """Who decided it and where it is written down."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(default=None)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class PolicyVersion:
    """The values that hold on a day, and where they come from."""

    kind: PolicyKind
    values: Mapping[str, Any]
    from_on: date
    source: str
    illustrative: bool
    """True while a national value has not been confirmed: screens must say so."""
    staff_group: StaffGroup | None = None
    organisation_id: UUID | None = None
    """None = national default."""


def read_values(into: type[V], values: Mapping[str, Any]) -> V:
    """Build the frozen dataclass `into` from stored values.

    Understands int, bool, str, enums, optional, tuples and mappings of those, and nested
    dataclasses. Raises `Invalid` naming every unknown, missing or mistyped field at once.
    """
    built, problems = frozen(into, values)
    if built is None:
        raise Invalid("policy_values", "Some policy values cannot be used.", problems)
    return built
