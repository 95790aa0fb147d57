"""What an organisation does with personal data on the platform, and the risks of sharing staff."""

from dataclasses import dataclass
from functools import cache

from bankhub.model.policies import read_values
from bankhub.model.reference import read_file


@dataclass(frozen=True, slots=True)
class Activity:
    """One entry of the record of processing."""

    code: str
    title: str
    purpose: str
    basis: str
    subjects: str
    recipients: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk to people, what the platform does about it, and what is left to the parties."""

    title: str
    does: str
    left: str


@dataclass(frozen=True, slots=True)
class Processing:
    """The whole file."""

    security: str
    transfers: str
    activity: tuple[Activity, ...]
    risk: tuple[Risk, ...]


@cache
def processing() -> Processing:
    """As the file has it."""
    return read_values(Processing, read_file("processing"))
