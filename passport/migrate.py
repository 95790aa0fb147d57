"""Bringing a database up to date, floor by floor: the ground floor's history never depends on
the upper floor's."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from passport.asset_files import asset_folder
from passport.db import Base


def tables_of(floor: str) -> frozenset[str]:
    """Names of the tables whose classes live on that floor."""
    return frozenset(
        mapper.class_.__tablename__
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.split(".")[0] == floor
    )


def upgrade(engine: sa.Engine, floors: Iterable[str]) -> None:
    """Apply what is missing, in the order of `floors`."""
    for floor in floors:
        with engine.begin() as connection:
            command.upgrade(_settings(floor, connection), "head")


def draft(engine: sa.Engine, floor: str, message: str, number: str) -> None:
    """Write a new revision file from the difference between tables and database (developers)."""
    with engine.begin() as connection:
        command.revision(
            _settings(floor, connection), message=message, autogenerate=True, rev_id=number
        )


def differences(engine: sa.Engine, floor: str) -> list[object]:
    """What the database lacks or has too much against the floor's tables; empty = up to date."""
    tables = tables_of(floor)

    def ours(item: object, name: str | None, kind: str, *_rest: object) -> bool:
        if kind == "table":
            return name in tables
        table = getattr(item, "table", None)
        return table is None or table.name in tables

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True}
        )
        return list(compare_metadata(context, Base.metadata))


def _settings(floor: str, connection: sa.Connection) -> AlembicConfig:
    folder = asset_folder("migrations")
    config = AlembicConfig()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("version_locations", str(folder / floor / "versions"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(
        floor=floor, tables=tables_of(floor), metadata=Base.metadata, connection=connection
    )
    return config


def is_behind(engine: sa.Engine, floor: str) -> bool:
    """Whether migrations of the floor have not been applied yet."""
    with engine.connect() as connection:
        settings = _settings(floor, connection)
        context = MigrationContext.configure(
            connection, opts={"version_table": f"alembic_version_{floor}"}
        )
        newest = ScriptDirectory.from_config(settings).get_current_head()
        return context.get_current_revision() != newest
