"""The terms of a workforce-sharing agreement, as data: what is printed is what is enforced.

A version's terms are stored as JSON and read into these frozen values by `read_values`. What the
software cannot enforce stands under `conditions` and is printed as such. Lists are closed; money is
pence, periods are in the unit their names say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bankhub.model.vocabulary import Grade, StaffGroup


class PartyRole(StrEnum):
    """What a party does under an agreement."""

    HOME = "home"
    """Its people work elsewhere."""
    HOST = "host"
    """People of others work here."""
    BOTH = "both"


class LegalForm(StrEnum):
    """What is signed."""

    MOU = "mou"
    """Memorandum of understanding: not binding in law between NHS bodies unless it says so."""
    AGREEMENT = "agreement"
    DEED = "deed"


class Instrument(StrEnum):
    """On what a person works at a host (passport.md §2.11 and 3.4)."""

    BANK_ASSIGNMENT = "bank_assignment"
    LICENCE_TO_ATTEND = "licence_to_attend"
    SECONDMENT = "secondment"
    HONORARY_CONTRACT = "honorary_contract"
    ROTATION = "rotation"


class DataCategory(StrEnum):
    """The closed list of what a party may ask for (passport.md §3.4). Never: bank details, equality
    data, sickness, disciplinary narrative, conviction detail, carers' data."""

    IDENTITY = "identity"
    CONTACT = "contact"
    ASSIGNMENT = "assignment"
    REGISTRATION = "registration"
    RTW_OUTCOME = "rtw_outcome"
    DBS_OUTCOME = "dbs_outcome"
    OH_OUTCOME = "oh_outcome"
    TRAINING = "training"
    COMPETENCE = "competence"
    RESTRICTION_FLAG = "restriction_flag"


CREDENTIAL_CATEGORY: Mapping[str, DataCategory] = {
    "identity": DataCategory.IDENTITY,
    "employment_assignment": DataCategory.ASSIGNMENT,
    "professional_registration": DataCategory.REGISTRATION,
    "right_to_work_outcome": DataCategory.RTW_OUTCOME,
    "dbs_outcome": DataCategory.DBS_OUTCOME,
    "oh_clearance": DataCategory.OH_OUTCOME,
    "training_award": DataCategory.TRAINING,
    "competence": DataCategory.COMPETENCE,
    "qualification": DataCategory.COMPETENCE,
    "licence_to_attend": DataCategory.ASSIGNMENT,
}
"""Credential type → the category it belongs to. A type that is not here may not be asked for under
an agreement."""


class EmployedBy(StrEnum):
    """Who employs the person for a shift at a host."""

    HOME = "home"
    """The home organisation goes on employing and paying; the host relies on its checks."""
    LEAD_EMPLOYER = "lead_employer"
    SECOND_POST = "second_post"
    """The host makes a bank post of its own: it becomes employer and checks the right to work."""


class RechargeBasis(StrEnum):
    """What the host owes the home organisation for a shift."""

    NONE_RECIPROCAL = "none_reciprocal"
    ACTUAL_COST = "actual_cost"
    FIXED_RATE = "fixed_rate"
    BANK_RATE = "bank_rate"


class ContactKind(StrEnum):
    """Whom to ring at a party, about what."""

    HR = "hr"
    IG = "ig"
    CLINICAL = "clinical"
    SAFEGUARDING = "safeguarding"


@dataclass(frozen=True, slots=True)
class PartyTerm:
    """An organisation that signs, and what it does."""

    ods: str
    role: PartyRole = PartyRole.BOTH
    sites: tuple[str, ...] = ()
    """Site codes of a host that are covered; none = all its sites."""


@dataclass(frozen=True, slots=True)
class ScopeTerm:
    """A staff group and the grades of it that may work elsewhere."""

    staff_group: StaffGroup
    grades: tuple[Grade, ...]


@dataclass(frozen=True, slots=True)
class RechargeTerms:
    """How a worked shift is recharged."""

    basis: RechargeBasis
    rates_pence_per_hour: Mapping[str, int] = field(default_factory=dict)
    """Grade → pence for an hour; for `fixed_rate`, which has to name every covered grade."""
    admin_percent: int = 0
    threshold_hours: int = 0
    """For `none_reciprocal`: hours in one direction in a period above which parties settle."""
    invoice_period_months: int = 1
    dispute_days: int = 30
    vat: str = "outside_scope"
    """`outside_scope`, `exempt` or `standard`: what the parties take it to be."""


@dataclass(frozen=True, slots=True)
class TrainingException:
    """A subject of which a host wants its own award, with the reason."""

    host_ods: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrainingClause:
    """Whose awards are recognised."""

    recognise: str = "parties"
    """`parties`: awards of every party; `any_issuer`: of everybody on the trust list."""
    exceptions: tuple[TrainingException, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to ring at a party."""

    ods: str
    kind: ContactKind
    name: str
    phone: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """Everything that the parties sign."""

    parties: tuple[PartyTerm, ...]
    scope: tuple[ScopeTerm, ...]
    starts_on: date
    ends_on: date
    """Last day, at most 24 months after the first."""
    purpose: str
    lawful_basis: str
    data_categories: tuple[DataCategory, ...]
    recharge: RechargeTerms
    legal_form: LegalForm = LegalForm.AGREEMENT
    instruments: tuple[Instrument, ...] = (Instrument.BANK_ASSIGNMENT,)
    review_on: date | None = None
    notice_days: int = 90
    wind_down_days: int = 28
    """After the last day, how long bookings that were confirmed before it are still honoured."""
    release_lead_hours: int | None = None
    """A partner sees a shift no earlier than so many hours before its start; None = whenever the
    host's cascade opens the partner tier."""
    excluded_roles: tuple[str, ...] = ()
    excluded_skills: tuple[str, ...] = ()
    """Shifts that ask for one of these are never open to partners (e.g. work with EPP)."""
    conditions: tuple[str, ...] = ()
    """What the parties keep by themselves: printed, and marked as not enforced by the software."""
    retention_days: int = 30
    """The host deletes what it holds of a person so many days after their last day there."""
    controllers: str = "independent"
    """`independent` or `joint`."""
    dpia_reference: str = ""
    employed_by: EmployedBy = EmployedBy.HOME
    lead_employer_ods: str = ""
    home_warranties: tuple[str, ...] = ()
    """What the home organisation warrants, e.g. the six employment checks: codes of
    `reference/agreement_clauses.toml`."""
    host_warranties: tuple[str, ...] = ()
    notify_within_hours: int = 24
    """A change that bears on a person's fitness to work is told within so many hours."""
    indemnity: tuple[str, ...] = ()
    """Codes of clauses on cover: who answers for what."""
    contacts: tuple[Contact, ...] = ()
    training: TrainingClause = TrainingClause()
