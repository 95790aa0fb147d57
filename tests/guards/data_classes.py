"""Compares the catalogue of what is held with the declared tables."""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from passport.model.data_classes import Catalogue, TableData


def differences(found: Catalogue, tables: Iterable[sa.Table]) -> list[str]:
    """Where a table or column is not in the catalogue, or the catalogue names what is not."""
    known = {table.name: table for table in tables}
    return [
        *(f"{name} is not classed" for name in sorted(set(known) - set(found))),
        *(f"{name} is no table" for name in sorted(set(found) - set(known))),
        *(
            wrong
            for name, entry in found.items()
            if name in known
            for wrong in _of(entry, known[name])
        ),
    ]


def _of(entry: TableData, table: sa.Table) -> Iterator[str]:
    real = {column.name for column in table.columns}
    for name in sorted(real - set(entry.columns)):
        yield f"{table.name}.{name} is not classed"
    for name in sorted(set(entry.columns) - real):
        yield f"{table.name}.{name} is no column"
    for path in (*entry.held_by, entry.person, entry.account):
        if path and path.split(".")[0].split("<")[0] not in real:
            yield f"{table.name}: {path} leads nowhere"


def silent_on_people(found: Catalogue, tables: Iterable[sa.Table]) -> list[str]:
    """Tables that refer to a person and are not said to be about one."""
    return [
        table.name
        for table in tables
        if any(_is_person(column) for column in table.columns)
        and not found[table.name].is_about_people
    ]


def _is_person(column: sa.Column[Any]) -> bool:
    keys = {key.column.table.name for key in column.foreign_keys}
    return column.name == "person_id" or "person" in keys
