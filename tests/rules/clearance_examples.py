"""A nurse of one trust who would work at another, with everything that is needed: cases change
one thing at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from bankhub.model.agreement_terms import AgreementTerms, DataCategory, Instrument
from bankhub.model.clearance_policy import ClearancePolicy
from bankhub.model.clearance_values import (
    AskedClearance,
    Decision,
    Evidence,
    HeldCredential,
    HostCheck,
    Item,
    Place,
)
from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import EligibilityPolicy
from bankhub.rules.agreements.agreements_in_force import InForce, Party
from bankhub.rules.clearances import clearance
from tests.rules import work_examples as work

TODAY = date(2026, 10, 5)
HOME, HOST = Place(UUID(int=1), "RWJ", "Stockport NHS FT"), Place(UUID(int=2), "RM3", "Salford")
GROUP = StaffGroup.NURSING_MIDWIFERY
ASKED = AskedClearance(HOME, HOST, GROUP, "rn_adult", Grade.BAND_5, Instrument.BANK_ASSIGNMENT)
REQUIREMENTS = work.policy()
NUMBER = {"body": "NMC", "number": "01A2345N"}
CREDENTIALS: Mapping[str, Mapping[str, Any]] = {
    "identity": {"legal_family_name": "Moss"},
    "employment_assignment": {
        "employer_ods": "RWJ", "pay_band": "BAND_5", "assignment_status": "ACTIVE",
        "starts_on": "2020-01-06",
    },
    "professional_registration": {
        **NUMBER, "register_part": "RNA", "registration_status": "REGISTERED",
        "expiry_date": "2027-03-31",
    },
    "right_to_work_outcome": {"outcome": "UNLIMITED", "checked_by_ods": "RWJ"},
    "dbs_outcome": {
        "level": "ENHANCED_BARRED", "workforce": "ADULT", "adults_barred_checked": True,
        "issue_date": "2025-05-01",
    },
    "oh_clearance": {
        "outcome": "FIT", "placement_limits": [], "cleared_for_role_group": "CLINICAL",
    },
}  # fmt: skip


def policy(**change: Any) -> ClearancePolicy:
    """The shipped national policy, or some of it replaced."""
    shipped = national_policies(PolicyKind.CLEARANCE)[0].values
    return replace(read_values(ClearancePolicy, shipped), **change)


def award(subject: str, level: int = 2, **change: Any) -> HeldCredential:
    """A training award of the home trust's."""
    said = {
        "subject_code": subject, "level": str(level), "awarded_on": "2026-03-02",
        "awarding_organisation": "RWJ",
    }  # fmt: skip
    return HeldCredential("training_award", {**said, **change})


def passport(**change: Mapping[str, Any] | None) -> tuple[HeldCredential, ...]:
    """Everything held; a type's claims changed, or the type left out with None."""
    found = [
        HeldCredential(kind, {**said, **(change.get(kind) or {})})
        for kind, said in CREDENTIALS.items()
        if kind not in change or change[kind] is not None
    ]
    return (*found, *trained())


def trained(*without: str) -> tuple[HeldCredential, ...]:
    """An award in every subject but these."""
    needed = REQUIREMENTS.requirements.training
    return tuple(award(one.subject, one.level) for one in needed if one.subject not in without)


def suspended(kind: str) -> tuple[HeldCredential, ...]:
    """Everything held, one type held back by its issuer."""
    return tuple(replace(one, suspended=one.type == kind) for one in passport())


def ended(kind: str) -> tuple[HeldCredential, ...]:
    """Everything held, one type ended by its issuer."""
    return tuple(replace(one, ended=one.type == kind) for one in passport())


def checked(status: str = "registered", on: date = TODAY, **change: Any) -> HostCheck:
    """The host's own look."""
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    return HostCheck(at=at, status=status, **{**NUMBER, **change})


def evidence(**change: Any) -> Evidence:
    """Everything there."""
    whole = Evidence(held=passport(), host_checks=(checked(),), shown_on=TODAY)
    return replace(whole, **change)


def terms(**change: Any) -> AgreementTerms:
    """Terms between the two, everything shared and warranted."""
    said: dict[str, Any] = {
        "parties": [{"ods": "RWJ"}, {"ods": "RM3"}],
        "scope": [{"staff_group": "nursing_midwifery", "grades": ["band_5", "band_6"]}],
        "starts_on": "2026-09-01",
        "ends_on": "2027-08-31",
        "purpose": "Shared bank",
        "lawful_basis": "UK GDPR Article 6(1)(e)",
        "data_categories": [one.value for one in DataCategory],
        "recharge": {"basis": "actual_cost"},
        "home_warranties": ["identity", "right_to_work", "dbs"],
    }
    return read_values(AgreementTerms, {**said, **change})


def agreement(
    *, until_on: date | None = None, for_safety: bool = False, suspended: str = "", **change: Any
) -> InForce:
    """The agreement, in force."""
    said = terms(**change)
    parties = tuple(
        Party(one.id, one.ods, one.name, term.role, suspended=suspended == one.ods)
        for one, term in zip((HOME, HOST), said.parties, strict=True)
    )
    return InForce(
        UUID(int=7), UUID(int=8), "WSA-7", 3, "Shared bank", said, said.starts_on,
        until_on or said.ends_on, parties, for_safety,
    )  # fmt: skip


def decided(
    *,
    asked: AskedClearance = ASKED,
    under: InForce | None = None,
    by_policy: ClearancePolicy | None = None,
    requirements: EligibilityPolicy = REQUIREMENTS,
    today: date = TODAY,
    without_agreement: bool = False,
    later: Sequence[clearance.Later] = (),
    **change: Any,
) -> Decision:
    """The decision on all of it with some of it changed."""
    return clearance.decide(
        asked,
        evidence(**change),
        policy=by_policy or policy(),
        requirements=requirements,
        agreement=None if without_agreement else under or agreement(),
        today=today,
        later=later,
    )


def item(decision: Decision, code: str) -> Item:
    """One item of a decision."""
    (found,) = [one for one in decision.items if one.code == code]
    return found


def missing(decision: Decision) -> set[str]:
    """Codes of what bars a booking."""
    return {one.code for one in decision.missing()}
