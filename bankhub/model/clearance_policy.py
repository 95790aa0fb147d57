"""What a host asks of somebody whom another organisation employs, beside its requirements.

Training refresh periods and the DBS check a role needs stand in `RequirementPolicy`, which holds
for everybody who works there; here stands what is asked before booking and what at arrival, how
long the host's own looks count, and its local inductions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bankhub.model.clearance_values import Timing


class OhGroup(StrEnum):
    """For what occupational health clears somebody, from the least up."""

    NO_PATIENT_CONTACT = "no_patient_contact"
    PATIENT_CONTACT = "patient_contact"
    CLINICAL = "clinical"
    CLINICAL_EPP = "clinical_epp"


class InductionScope(StrEnum):
    """Where a local induction holds."""

    ORGANISATION = "organisation"
    SITE = "site"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class OhRequirement:
    """The occupational health clearance that is asked for."""

    role_group: OhGroup
    timing: Timing = Timing.BEFORE_BOOKING


@dataclass(frozen=True, slots=True)
class InductionRequirement:
    """A local induction: signed at arrival by whoever is in charge and by the worker."""

    code: str
    """Its item is `induction.CODE`."""
    title: str
    scope: InductionScope = InductionScope.UNIT
    valid_months: int = 12
    checklist: str = "1"
    """Version of the checklist that is gone through."""
    points: tuple[str, ...] = ()
    """What stands on it, in the order in which it is gone through."""


@dataclass(frozen=True, slots=True)
class RoleClearance:
    """What one role needs beyond its staff group."""

    oh: OhRequirement | None = None
    """In place of the staff group's."""
    competences: tuple[str, ...] = ()
    """Codes of competences, each assessed as independent."""


@dataclass(frozen=True, slots=True)
class ClearancePolicy:
    """What a host asks of a partner's people of one staff group."""

    register_check_days: int
    """How long the host's own look at a professional register counts."""
    show_again_months: int | None
    """After so many months the passport has to be shown again; None = never."""
    bypass_days_max: int
    identity: Timing = Timing.BEFORE_BOOKING
    dbs: Timing = Timing.BEFORE_BOOKING
    training: Timing = Timing.BEFORE_BOOKING
    training_at_arrival: tuple[str, ...] = ()
    """Subjects that may be done on the first day, whatever holds for the others."""
    oh: OhRequirement | None = None
    warranty_enough: tuple[str, ...] = ()
    """Items for which the home organisation's warranty in the agreement is enough where the
    passport does not show them."""
    inductions: tuple[InductionRequirement, ...] = ()
    supervised_days_max: int = 183
    """How long two people may let somebody with a restricted registration work supervised; 0 =
    never here."""
    roles: Mapping[str, RoleClearance] = field(default_factory=dict)
    """Role code → its own additions."""
