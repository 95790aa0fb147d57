"""Frozen values of the reference lists that ship in `bankhub/reference`."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from bankhub.model.vocabulary import Grade, StaffGroup


@dataclass(frozen=True, slots=True)
class QualifyingRegister:
    """A register that qualifies for a role; with `parts`, only an entry in one of them does."""

    body: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleReference:
    """A role that shifts are posted for. Without `registers` it is not a regulated role."""

    code: str
    title: str
    staff_group: StaffGroup
    grades: tuple[Grade, ...]
    source: str
    registers: tuple[QualifyingRegister, ...] = ()
    """Any one of them is enough."""
    volunteer: bool = False
    """Unpaid: stands on the passport and in a deployment, never on a shift that is paid."""


@dataclass(frozen=True, slots=True)
class SubjectLevel:
    """One level of a training subject."""

    level: int
    title: str
    refresh_months: int | None = None
    """What the framework suggests; the dated policy of the host decides."""


@dataclass(frozen=True, slots=True)
class TrainingSubject:
    """A subject of the core skills framework, or statutory training beside it."""

    code: str
    title: str
    levels: tuple[SubjectLevel, ...]
    source: str
    illustrative: bool = True


@dataclass(frozen=True, slots=True)
class TrainingLength:
    """How long a session of a training subject usually takes."""

    subject: str
    minutes: int
    source: str
    illustrative: bool = True


@dataclass(frozen=True, slots=True)
class SkillReference:
    """A skill a shift may ask for."""

    code: str
    title: str


class StarterSet(StrEnum):
    """Whom a set of starter shift codes is for."""

    TRUST = "trust"
    GP_PRACTICE = "gp_practice"


@dataclass(frozen=True, slots=True)
class StarterCode:
    """A shift code an organisation may start with. London wall clock."""

    code: str
    name: str
    starts: time
    ends: time
    unpaid_break_minutes: int
    period: str = ""
    """Of a GP's session: `am`, `pm` or `on_day`."""


@dataclass(frozen=True, slots=True)
class StarterCodes:
    """The codes of one starter set."""

    which: StarterSet
    source: str
    illustrative: bool
    codes: tuple[StarterCode, ...]


@dataclass(frozen=True, slots=True)
class EsrCompetence:
    """A name that ESR gives a training subject of ours, or a part of it."""

    name: str
    subject: str
    part: str = ""
    level: int | None = None
    """The level it is, whatever ESR says."""
    only_level: int | None = None
    """The one ESR level of which this name is right."""


@dataclass(frozen=True, slots=True)
class EsrOutside:
    """National training that ESR files as core skills and that is none of their subjects."""

    name: str
    code: str
