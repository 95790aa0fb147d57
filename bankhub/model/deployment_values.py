"""Frozen values of deployments: instruments and tasks as they ship, and what the rules read."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bankhub.model.agreement_terms import Instrument
from bankhub.model.deployments import AcceptedBy, DeploymentState, ExtensionState
from bankhub.model.vocabulary import Grade


class Side(StrEnum):
    """From which side somebody acts on a deployment."""

    WORKER = "worker"
    HOME = "home"
    """The employer; of a returner the sponsor."""
    HOST = "host"
    CLOCK = "clock"
    """The daily job, and what follows from an event."""


class Leg(StrEnum):
    """When a task is done: on the way there, or on the way back."""

    ONBOARDING = "onboarding"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class InstrumentReference:
    """One way of working at a host: what it carries, and what it needs."""

    code: Instrument
    title: str
    contract: str
    """What the three accept is called."""
    duties: str
    """What it is for, and what it does not carry."""
    employer: str
    """Who employs while it runs, in words."""
    pays: str
    runs_checks: str
    source: str
    end_needed: bool = True
    most_months: int | None = None
    needs_employer: bool = False
    """Not for a returner, whose sponsor does not employ them."""
    volunteers: bool = False
    """Also for somebody who gives their time."""
    illustrative: bool = True


@dataclass(frozen=True, slots=True)
class TaskReference:
    """One thing to do on the way there or back."""

    code: str
    title: str
    by: Side
    leg: Leg
    days: int
    """Due so many days from the first day (onboarding) or the last (return); before is negative."""
    holds_start: bool = False
    """The deployment does not become active before it is done."""
    instruments: tuple[Instrument, ...] = ()
    """None = all."""
    recharged: bool = False
    """Only where the agreement has the host pay something."""
    undoes: str = ""
    """Code of the task of the way there whose outcome it takes back."""
    by_itself: bool = False
    """Ticked off by what is done, never by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentWish:
    """What is proposed for a person."""

    instrument: Instrument
    role: str
    grade: Grade
    duties: str
    starts_on: date
    ends_on: date | None = None
    supervision: str = ""
    sponsored: bool = False
    """A returner, whose home is a sponsor and not an employer."""


@dataclass(frozen=True, slots=True)
class ExtensionFacts:
    """What the rules read of an extension that is not decided."""

    state: ExtensionState
    accepted: frozenset[AcceptedBy] = frozenset()


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """What the rules read of a deployment that is on record."""

    state: DeploymentState
    starts_on: date
    ends_on: date | None
    held_from: DeploymentState | None = None
    because: str = ""
    accepted: frozenset[AcceptedBy] = frozenset()
    open_tasks: frozenset[str] = frozenset()
    """Codes of tasks that are not done."""
    holding_tasks: frozenset[str] = field(default_factory=frozenset)
    """Those among them that hold the start."""
    data_kept: bool = False
    """The host still holds what it has to delete."""
    begun: bool = True
    """Somebody came: it has been active."""
    given: bool = False
    """Something was given on the way there that the host has to take back."""
    extension: ExtensionFacts | None = None
    """The one that is open."""
