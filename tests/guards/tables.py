"""Reads the declared tables and says where the conventions of the schema are broken."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from passport.db import UtcDateTime

Mappers = Iterable[Mapper[Any]]


def foreign_keys_that_look_up(mappers: Mappers) -> list[str]:
    """A table of the ground floor never refers to one of the floor above."""
    floors = {
        table: mapper.class_.__module__.split(".")[0]
        for mapper in mappers
        for table in mapper.tables
    }
    return [
        f"{table.name}.{key.parent.name} refers up to {key.column.table.name}"
        for table, floor in floors.items()
        if floor == "passport" and isinstance(table, sa.Table)
        for key in table.foreign_keys
        if floors[key.column.table] != "passport"
    ]


def silent_on_recording(mappers: Mappers) -> list[str]:
    """Each table class states itself whether its rows are recorded."""
    return [
        f"{mapper.class_.__name__} does not state __recorded__"
        for mapper in mappers
        if not isinstance(vars(mapper.class_).get("__recorded__"), bool)
    ]


def enums_by_name(mappers: Mappers) -> list[str]:
    """Enums are stored by value, in text columns: SQLAlchemy's default stores their names."""
    breaches = []
    for column in columns(mappers):
        kind = column.type
        if isinstance(kind, sa.Enum):
            wanted = [member.value for member in _members(kind)]
            if kind.native_enum or kind.enums != wanted or not wanted:
                breaches.append(f"{column} is not stored by the values of a Python enum")
    return breaches


def _members(kind: sa.Enum) -> Iterable[Enum]:
    return kind.enum_class or ()


def naive_moments(mappers: Mappers) -> list[str]:
    """Every moment is an aware UTC moment."""
    return [
        f"{column} is not a UtcDateTime"
        for column in columns(mappers)
        if isinstance(column.type, sa.DateTime)
        or (
            isinstance(column.type, sa.types.TypeDecorator)
            and isinstance(column.type.impl_instance, sa.DateTime)
            and not isinstance(column.type, UtcDateTime)
        )
    ]


def hidden_queries(mappers: Mappers) -> list[str]:
    """A relationship raises where the query did not load it, and follows a foreign key one way."""
    return [
        f"{mapper.class_.__name__}.{relation.key} loads by itself (lazy={relation.lazy!r})"
        for mapper in mappers
        for relation in mapper.relationships
        if relation.lazy != "raise"
    ]


def columns(mappers: Mappers) -> Iterable[sa.Column[Any]]:
    """Every column of every table, once."""
    for mapper in mappers:
        if isinstance(mapper.local_table, sa.Table):
            yield from mapper.local_table.columns
