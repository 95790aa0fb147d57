"""For what a passport may be asked to be shown, and the only reader of that list.

A purpose says which credentials and claims may be asked for, what allows the asking, and how long
what was shown is kept. Nothing is asked for without one. A mistake in the file names the purpose
and what is wrong with it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from passport.frozen_values import frozen
from passport.model.credential_types import Hiding, credential_types

_FILE = "purposes.toml"
MOST_IF_HELD = 3
"""Each further one doubles the combinations that a wallet has to try."""
MOST_LINK_HOURS = 7 * 24
"""A link lies in somebody's mail for all of that time."""


@dataclass(frozen=True, slots=True)
class AskedCredential:
    """One kind of credential that may be asked for."""

    type: str
    claims: tuple[str, ...] = ()
    """Have to be shown; whatever the type never hides comes along."""
    if_held: tuple[str, ...] = ()
    """Shown where the credential has them."""
    required: bool = True
    many: bool = False
    """As many as the holder has."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One reason to ask, from a day on."""

    code: str
    title: str
    why: str
    """For the holder: what it is for."""
    basis: str
    """What allows the asking."""
    source: str
    from_on: date
    keep_hours: int
    credentials: tuple[AskedCredential, ...]
    until_on: date | None = None
    """The last day on which it may be used."""
    agreement: bool = False
    """Asked only under a workforce-sharing agreement in force, and within it."""
    link_hours: int = 0
    """How long a link is good for that is sent to somebody; 0 = it is not asked for by link."""

    @property
    def kept(self) -> timedelta:
        """How long the values that were shown are kept."""
        return timedelta(hours=self.keep_hours)

    def credential(self, name: str) -> AskedCredential | None:
        """What it may ask of that type."""
        return next((one for one in self.credentials if one.type == name), None)


@cache
def all_purposes() -> tuple[Purpose, ...]:
    """Every version of every purpose, as the file has them."""
    return read_purposes(files("passport").joinpath("reference", _FILE).read_text("utf-8"))


def purposes_on(day: date) -> Mapping[str, Purpose]:
    """Code → the version in force on that day, in the file's order."""
    found: dict[str, Purpose] = {}
    for one in all_purposes():
        earlier = found.get(one.code)
        if one.from_on <= day and (earlier is None or earlier.from_on <= one.from_on):
            found[one.code] = one
    return MappingProxyType(
        {code: one for code, one in found.items() if one.until_on is None or day <= one.until_on}
    )


def read_purposes(text: str) -> tuple[Purpose, ...]:
    """What the file says. Raises `ValueError` naming the purpose."""
    found = []
    for place, row in enumerate(tomllib.loads(text)["purpose"]):
        purpose, wrong = frozen(Purpose, row)
        if purpose is None:
            raise ValueError(f"{_FILE}: purpose {place + 1}: {wrong}")
        mistakes = list(_mistakes(purpose))
        if mistakes:
            raise ValueError(f"{_FILE}: {purpose.code}: {'; '.join(mistakes)}")
        found.append(purpose)
    return tuple(found)


def _mistakes(purpose: Purpose) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", purpose.code):
        yield "the code is lower-case letters, digits and underscores"
    if purpose.keep_hours < 1:
        yield "keep_hours is less than one"
    if not 0 <= purpose.link_hours <= MOST_LINK_HOURS:
        yield f"link_hours is not 0 to {MOST_LINK_HOURS}"
    if not any(one.required for one in purpose.credentials):
        yield "asks for nothing that has to be shown"
    types = [one.type for one in purpose.credentials]
    for name in types:
        if types.count(name) > 1:
            yield f"{name} stands twice"
    for asked in purpose.credentials:
        yield from _claim_mistakes(asked)


def _claim_mistakes(asked: AskedCredential) -> Iterator[str]:
    kind = credential_types().get(asked.type)
    if kind is None:
        yield f"{asked.type} is not a credential type"
        return
    hidden = {claim.name for claim in kind.claims if claim.sd is Hiding.ALWAYS}
    named = (*asked.claims, *asked.if_held)
    for name in named:
        if name not in hidden:
            yield f"{asked.type}.{name} is not a claim that its holder can show or leave out"
    if len(set(named)) < len(named):
        yield f"{asked.type} asks for a claim twice"
    if len(asked.if_held) > MOST_IF_HELD:
        yield f"{asked.type} has more than {MOST_IF_HELD} claims in if_held"
    mandatory = {claim.name for claim in kind.claims if claim.mandatory}
    for name in asked.claims:
        if name not in mandatory:
            yield f"{asked.type}.{name} is not on every credential: it belongs to if_held"
