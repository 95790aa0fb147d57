"""Dated policy: every rate, limit, window and national rule is data with a source.

National defaults ship as `bankhub/reference/KIND.toml`; an organisation's own versions are rows
here. A version holds from a date, for an organisation and optionally one staff group, until a
later one replaces it. `read_values` turns stored values into a frozen value class and names each
wrong field.
"""

import dataclasses
import types
import typing
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
    problems: dict[str, list[str]] = {}
    built = _read(into, values, "", problems)
    if problems:
        raise Invalid("policy_values", "Some policy values cannot be used.", problems)
    return typing.cast(V, built)


def _read(kind: Any, value: Any, path: str, problems: dict[str, list[str]]) -> Any:
    origin = typing.get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, value, path, problems)
    if origin in (typing.Union, types.UnionType):
        inner = [arm for arm in typing.get_args(kind) if arm is not type(None)]
        return None if value is None else _read(inner[0], value, path, problems)
    if origin is tuple and isinstance(value, (list, tuple)):
        item = typing.get_args(kind)[0]
        return tuple(_read(item, v, f"{path}[{i}]", problems) for i, v in enumerate(value))
    if origin in (dict, Mapping) and isinstance(value, Mapping):
        key, item = typing.get_args(kind)
        return {
            _read(key, k, f"{path}.{k}", problems): _read(item, v, f"{path}.{k}", problems)
            for k, v in value.items()
        }
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if value in [member.value for member in kind]:
            return kind(value)
        problems.setdefault(path, []).append(f"must be one of {', '.join(kind)}")
        return None
    if isinstance(kind, type) and type(value) is kind:
        return value
    problems.setdefault(path, []).append(f"must be {getattr(kind, '__name__', kind)}")
    return None


def _read_dataclass(kind: Any, value: Any, path: str, problems: dict[str, list[str]]) -> Any:
    if not isinstance(value, Mapping):
        problems.setdefault(path, []).append("must be a group of values")
        return None
    hints = typing.get_type_hints(kind)
    found: dict[str, Any] = {}
    for name in value.keys() - hints.keys():
        problems.setdefault(f"{path}.{name}".strip("."), []).append("is not known")
    before = len(problems)
    for spec in dataclasses.fields(kind):
        here = f"{path}.{spec.name}".strip(".")
        if spec.name in value:
            found[spec.name] = _read(hints[spec.name], value[spec.name], here, problems)
        elif spec.default is dataclasses.MISSING and (
            spec.default_factory is dataclasses.MISSING
        ):
            problems.setdefault(here, []).append("is missing")
    return kind(**found) if len(problems) == before else None
