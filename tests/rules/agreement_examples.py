"""Terms as values, and what is on record for them."""

from dataclasses import replace
from datetime import date
from typing import Any

from bankhub.model import reference
from bankhub.model.agreement_reference import clauses
from bankhub.model.agreement_terms import (
    AgreementTerms,
    Contact,
    ContactKind,
    DataCategory,
    PartyTerm,
    RechargeBasis,
    RechargeTerms,
    ScopeTerm,
)
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreement_document import Heading, Names
from bankhub.rules.agreements.agreement_entry import Known

TODAY = date(2026, 9, 7)
NORTH, SOUTH = "RN1", "RS2"
HEADING = Heading("WSA-7", 3, "Shared bank")
KNOWN = Known(
    organisations={NORTH: "North", SOUTH: "South", "RE3": "East"},
    sites={NORTH: ["RN101"], SOUTH: ["RS201", "RS202"]},
    roles=reference.roles().keys(),
    skills=reference.skills().keys(),
    subjects=reference.training_subjects().keys(),
    clauses={kind: its.keys() for kind, its in clauses().items()},
)
NAMES = Names(
    organisations=KNOWN.organisations,
    sites={(SOUTH, "RS201"): "South General"},
    roles={code: one.title for code, one in reference.roles().items()},
    skills={code: one.title for code, one in reference.skills().items()},
    subjects={code: one.title for code, one in reference.training_subjects().items()},
    clauses=clauses(),
)
TERMS = AgreementTerms(
    parties=(PartyTerm(NORTH), PartyTerm(SOUTH)),
    scope=(ScopeTerm(StaffGroup.NURSING_MIDWIFERY, (Grade.BAND_5, Grade.BAND_6)),),
    starts_on=date(2026, 10, 1),
    ends_on=date(2028, 9, 30),
    purpose="To fill shifts.",
    lawful_basis="Public task.",
    data_categories=(DataCategory.IDENTITY, DataCategory.REGISTRATION, DataCategory.TRAINING),
    recharge=RechargeTerms(RechargeBasis.ACTUAL_COST),
    home_warranties=("identity",),
    host_warranties=("local_induction",),
    indemnity=("cnst_host",),
    contacts=tuple(
        Contact(ods, kind, f"{kind} desk", "0161 496 0000")
        for ods in (NORTH, SOUTH)
        for kind in ContactKind
    ),
)


def terms(**changes: Any) -> AgreementTerms:
    """Those terms, with changes."""
    return replace(TERMS, **changes)
