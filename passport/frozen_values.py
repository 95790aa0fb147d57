"""Frozen value classes from stored or shipped values, every wrong field named at once."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

V = TypeVar("V")


def frozen(into: type[V], values: Mapping[str, Any]) -> tuple[V | None, dict[str, list[str]]]:
    """The frozen dataclass `into`, and messages by field; None where there are any.

    Understands int, bool, str, date, enums, optional, tuples and mappings of those, and nested
    dataclasses. Unknown, missing and mistyped fields are named.
    """
    problems: dict[str, list[str]] = {}
    built = _read(into, values, "", problems)
    return (None if problems else typing.cast(V, built)), problems


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
    if kind is date and isinstance(value, str):
        return _day(value, path, problems)
    if isinstance(kind, type) and type(value) is kind:
        return value
    problems.setdefault(path, []).append(f"must be {getattr(kind, '__name__', kind)}")
    return None


def _day(text: str, path: str, problems: dict[str, list[str]]) -> date | None:
    """A day as JSON holds it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.setdefault(path, []).append("must be a day, as 2026-11-30")
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
