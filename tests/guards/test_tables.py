"""The schema's conventions, held over every declared table and shown to fail on planted ones."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, mapped_column, relationship

import bankhub.model
import passport.model
from passport.db import Base, UtcDateTime
from tests.guards import tables
from tests.guards.tables import Mappers

GUARDS: dict[str, Callable[[Mappers], list[str]]] = {
    "foreign keys point down": tables.foreign_keys_that_look_up,
    "tables state whether they are recorded": tables.silent_on_recording,
    "enums are stored by value": tables.enums_by_name,
    "moments are aware UTC": tables.naive_moments,
    "relationships never load by themselves": tables.hidden_queries,
}


def all_mappers() -> list[Mapper[Any]]:
    """Every table class of both floors, also one that no other module imports yet."""
    for rooms in (passport.model, bankhub.model):
        for found in pkgutil.iter_modules(rooms.__path__, f"{rooms.__name__}."):
            importlib.import_module(found.name)
    return [mapper for mapper in Base.registry.mappers if _is_ours(mapper)]


def _is_ours(mapper: Mapper[Any]) -> bool:
    return mapper.class_.__module__.split(".")[0] in ("passport", "bankhub")


@pytest.mark.parametrize("guard", GUARDS)
def test_the_schema_keeps_its_conventions(guard: str) -> None:
    assert GUARDS[guard](all_mappers()) == []


def test_tables_of_both_floors_were_read() -> None:
    names = {mapper.class_.__name__ for mapper in all_mappers()}
    assert {"Person", "Fact", "Shift", "Booking"} <= names


class Colour(StrEnum):
    """Names differ from values, so storing the wrong one shows."""

    RED = "red"
    AMBER = "amber"


@pytest.fixture
def planted() -> Iterator[type[DeclarativeBase]]:
    """A base for tables that break the conventions, kept away from the project's own."""

    class Planted(DeclarativeBase):
        __recorded__: ClassVar[bool]

    yield Planted
    Planted.registry.dispose()


def breaches(guard: str, base: type[DeclarativeBase]) -> list[str]:
    return GUARDS[guard](list(base.registry.mappers))


def test_a_foreign_key_that_looks_up_is_flagged(planted: type[DeclarativeBase]) -> None:
    up = type("Booking", (planted,), {
        "__module__": "bankhub.model.planted", "__tablename__": "booking",
        "id": sa.Column(sa.Integer, primary_key=True),
    })  # fmt: skip
    type("Person", (planted,), {
        "__module__": "passport.model.planted", "__tablename__": "person",
        "id": sa.Column(sa.Integer, primary_key=True),
        "booking_id": sa.Column(sa.ForeignKey("booking.id")),
    })  # fmt: skip
    assert up.__module__ == "bankhub.model.planted"
    assert breaches("foreign keys point down", planted) == [
        "person.booking_id refers up to booking"
    ]


def test_a_table_silent_on_recording_is_flagged(planted: type[DeclarativeBase]) -> None:
    class Loud(planted):  # type: ignore[valid-type,misc]
        __tablename__ = "loud"
        __recorded__ = True
        id: Mapped[int] = mapped_column(primary_key=True)

    class Heir(Loud):
        __tablename__ = "heir"
        id: Mapped[int] = mapped_column(sa.ForeignKey("loud.id"), primary_key=True)

    assert breaches("tables state whether they are recorded", planted) == [
        "Heir does not state __recorded__"
    ]


COLUMNS: dict[str, tuple[str, Any]] = {
    "an enum stored by name": ("enums are stored by value", sa.Enum(Colour, native_enum=False)),
    "an enum type of the database's own": (
        "enums are stored by value",
        sa.Enum(Colour, values_callable=lambda kinds: [kind.value for kind in kinds]),
    ),
    "an enum of bare strings": (
        "enums are stored by value",
        sa.Enum("red", native_enum=False),
    ),
    "a moment without a zone": ("moments are aware UTC", sa.DateTime()),
    "a moment that is not ours": ("moments are aware UTC", sa.DateTime(timezone=True)),
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_planted_column_is_flagged(column: str, planted: type[DeclarativeBase]) -> None:
    guard, kind = COLUMNS[column]

    class Bad(planted):  # type: ignore[valid-type,misc]
        __tablename__ = "bad"
        id: Mapped[int] = mapped_column(primary_key=True)
        planted: Mapped[Any] = mapped_column(kind)

    assert len(breaches(guard, planted)) == 1


def test_a_utc_moment_passes(planted: type[DeclarativeBase]) -> None:
    class Good(planted):  # type: ignore[valid-type,misc]
        __tablename__ = "good"
        id: Mapped[int] = mapped_column(primary_key=True)
        at: Mapped[datetime] = mapped_column(UtcDateTime())

    assert breaches("moments are aware UTC", planted) == []


def test_a_relationship_that_loads_by_itself_is_flagged(planted: type[DeclarativeBase]) -> None:
    class Ward(planted):  # type: ignore[valid-type,misc]
        __tablename__ = "ward"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Bed(planted):  # type: ignore[valid-type,misc]
        __tablename__ = "bed"
        id: Mapped[int] = mapped_column(primary_key=True)
        ward_id: Mapped[int] = mapped_column(sa.ForeignKey("ward.id"))
        ward: Mapped[Any] = relationship(Ward)

    assert len(breaches("relationships never load by themselves", planted)) == 1
