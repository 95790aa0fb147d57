"""What registers call a status, how they are watched, and the only reader of both lists."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from passport.frozen_values import frozen


class Status(StrEnum):
    """Every standing of an entry on a register that we know (passport.md §2.5)."""

    REGISTERED = "registered"
    REGISTERED_WITH_LICENCE = "registered_with_licence"
    REGISTERED_NO_LICENCE = "registered_no_licence"
    PROVISIONAL = "provisional"
    CONDITIONS = "conditions"
    INTERIM_CONDITIONS = "interim_conditions"
    UNDERTAKINGS = "undertakings"
    WARNING = "warning"
    CAUTION = "caution"
    SUSPENDED = "suspended"
    INTERIM_SUSPENDED = "interim_suspended"
    LAPSED = "lapsed"
    VOLUNTARILY_REMOVED = "voluntarily_removed"
    STRUCK_OFF = "struck_off"
    ADMIN_ERASED = "admin_erased"
    TEMPORARY_EMERGENCY = "temporary_emergency"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """How registers are watched; the file says what each number is for."""

    recheck_hours: int
    file_days: int
    relied_on_days: int
    warn_days: tuple[int, ...]
    held_share_percent: int
    held_least: int


@cache
def words_of(body: str) -> Mapping[str, Status]:
    """A register's words, plain, with the status each of them is."""
    known = _read("register_words")["words"].get(body, {})
    return MappingProxyType({plain(said): Status(status) for said, status in known.items()})


def plain(said: str) -> str:
    """Words without regard to capitals, spacing and the kind of dash."""
    return " ".join(said.replace("–", "-").casefold().split())


@cache
def _watch_versions() -> tuple[tuple[date, WatchPolicy], ...]:
    found = []
    for row in _read("register_watch")["version"]:
        about = ("from", "source", "illustrative")
        values = {name: row[name] for name in row if name not in about}
        policy, wrong = frozen(WatchPolicy, values)
        if policy is None:
            raise ValueError(f"register_watch.toml: version of {row['from']}: {wrong}")
        found.append((row["from"], policy))
    return tuple(sorted(found, key=lambda one: one[0], reverse=True))


def watch_policy(day: date) -> WatchPolicy:
    """The policy in force on a day; before the first, the first."""
    versions = _watch_versions()
    return next((policy for since, policy in versions if since <= day), versions[-1][1])


def _read(name: str) -> dict[str, Any]:
    path = files("passport").joinpath("reference", f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
