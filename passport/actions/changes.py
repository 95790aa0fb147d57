"""What came of putting values into a row: the same values again change nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Change(StrEnum):
    """What a deed that may be repeated did."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def set_fields(row: object, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what differs; returns field → [before, after], empty where nothing did."""
    changed: dict[str, list[Any]] = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            setattr(row, name, value)
            changed[name] = [before, value]
    return changed
