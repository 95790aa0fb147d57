"""How old a check may be for a verdict, and the only reader of the default."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from passport.frozen_values import frozen

_FILE = "freshness.toml"


@dataclass(frozen=True, slots=True)
class FreshnessPolicy:
    """Hours for which a check counts as fresh."""

    status_list_green: int
    """A status list not older than this is as good as the network."""
    status_list_amber: int
    """Beyond this nothing is confirmed."""
    training_record: int
    register_check: Mapping[str, int]
    """By source of the check; `unlisted` for any other."""

    def of_register(self, source: str) -> int:
        """Hours for which a look at a register counts, by where it came from."""
        return self.register_check.get(source, self.register_check["unlisted"])


@dataclass(frozen=True, slots=True)
class FreshnessVersion:
    """The policy from a day on, and where it comes from."""

    from_on: date
    source: str
    illustrative: bool
    policy: FreshnessPolicy


@cache
def default_freshness() -> tuple[FreshnessVersion, ...]:
    """Every version, the latest first."""
    path = files("passport").joinpath("reference", _FILE)
    found = []
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["version"]:
        values = {name: row[name] for name in row if name not in ("from", "source", "illustrative")}
        policy, wrong = frozen(FreshnessPolicy, values)
        if policy is None or "unlisted" not in policy.register_check:
            raise ValueError(f"{_FILE}: version of {row['from']}: {wrong or 'unlisted is missing'}")
        found.append(FreshnessVersion(row["from"], row["source"], row["illustrative"], policy))
    return tuple(sorted(found, key=lambda one: one.from_on, reverse=True))


def freshness_on(day: date) -> FreshnessVersion:
    """The version in force on a day; before the first, the first."""
    versions = default_freshness()
    return next((one for one in versions if one.from_on <= day), versions[-1])
