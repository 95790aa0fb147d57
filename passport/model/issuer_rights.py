"""What each kind of organisation may assert, as dated data with its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from passport.frozen_values import frozen
from passport.model.credential_types import credential_types
from passport.model.organisations import OrganisationKind

_FILE = "issuer_rights.toml"


@dataclass(frozen=True, slots=True)
class IssuerRights:
    """The rights from a day on, and where they come from."""

    from_on: date
    source: str
    illustrative: bool
    asserts: Mapping[OrganisationKind, tuple[str, ...]]

    def of(self, kind: OrganisationKind) -> frozenset[str]:
        """The credential types that an organisation of this kind is believed on."""
        return frozenset(self.asserts.get(kind, ()))


@cache
def issuer_rights() -> tuple[IssuerRights, ...]:
    """Every version, the latest first."""
    path = files("passport").joinpath("reference", _FILE)
    found = []
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["version"]:
        rights, wrong = frozen(IssuerRights, {"from_on": row.pop("from"), **row})
        if rights is None:
            raise ValueError(f"{_FILE}: {wrong}")
        unknown = {one for some in rights.asserts.values() for one in some} - set(
            credential_types()
        )
        if unknown:
            raise ValueError(f"{_FILE}: no credential types: {', '.join(sorted(unknown))}")
        found.append(rights)
    return tuple(sorted(found, key=lambda one: one.from_on, reverse=True))


def issuer_rights_on(day: date) -> IssuerRights:
    """The version in force on a day; before the first, the first."""
    versions = issuer_rights()
    return next((one for one in versions if one.from_on <= day), versions[-1])
