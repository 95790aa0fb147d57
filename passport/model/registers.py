"""The statutory registers of the United Kingdom, and the only reader of their list."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from passport.frozen_values import frozen

_FILE = "registers.toml"


@dataclass(frozen=True, slots=True)
class RegisterPart:
    """A part of a register, or a profession on it."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class RegisterSearch:
    """Where a regulator lets anybody search its register."""

    address: str
    as_of: date
    """The day on which the address was written down; addresses move."""
    source: str


@dataclass(frozen=True, slots=True)
class RegisterReference:
    """A statutory register: how its numbers look, and its own words for an entry's standing."""

    body: str
    title: str
    statuses: tuple[str, ...]
    source: str
    number_format: str | None = None
    """Regular expression of a whole number; None = not known."""
    example: str = ""
    parts: tuple[RegisterPart, ...] = ()
    illustrative: bool = False
    """True while the number format has not been confirmed."""
    data_dictionary: str = ""
    """The body's code in the NHS Data Dictionary; empty = it has none."""
    search: RegisterSearch | None = None
    """None = no address is known: people find it by the regulator's name."""


@cache
def registers() -> Mapping[str, RegisterReference]:
    """Body (`NMC`, `GMC`, …) → register."""
    path = files("passport").joinpath("reference", _FILE)
    found: dict[str, RegisterReference] = {}
    for place, row in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["register"]):
        register, wrong = frozen(RegisterReference, row)
        if register is None:
            raise ValueError(f"{_FILE}: register {place + 1}: {wrong}")
        if register.body in found:
            raise ValueError(f"{_FILE}: {register.body} stands twice")
        found[register.body] = register
    return MappingProxyType(found)
