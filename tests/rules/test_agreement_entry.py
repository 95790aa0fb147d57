"""What cannot be the terms of an agreement: each mistake at its field."""

import time
from datetime import date
from typing import Any

import pytest

from bankhub.model.agreement_reference import agreement_templates
from bankhub.model.agreement_terms import (
    AgreementTerms,
    Contact,
    ContactKind,
    DataCategory,
    EmployedBy,
    Instrument,
    PartyRole,
    PartyTerm,
    RechargeBasis,
    RechargeTerms,
    ScopeTerm,
    TrainingClause,
    TrainingException,
)
from bankhub.model.policies import read_values
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreement_entry import why_not_review, wrong_terms
from passport.events import canonical
from tests.rules.agreement_examples import KNOWN, NORTH, SOUTH, TERMS, TODAY, terms

NURSES = StaffGroup.NURSING_MIDWIFERY
CALL = Contact(NORTH, ContactKind.HR, "Ann Bell", "0161 496 0000")


def wrong(found: AgreementTerms, lead: str = NORTH) -> dict[str, list[str]]:
    return wrong_terms(found, KNOWN, lead=lead, today=TODAY)


def test_ordinary_terms_are_right() -> None:
    assert wrong(TERMS) == {}


def test_terms_that_use_everything_are_right() -> None:
    found = terms(
        parties=(PartyTerm(NORTH, PartyRole.HOME), PartyTerm(SOUTH, PartyRole.HOST, ("RS201",))),
        scope=(
            ScopeTerm(NURSES, (Grade.BAND_5,)),
            ScopeTerm(StaffGroup.MEDICAL_DENTAL, (Grade.CONSULTANT,)),
        ),
        recharge=RechargeTerms(
            RechargeBasis.FIXED_RATE, {"band_5": 2900, "consultant": 11000}, admin_percent=5
        ),
        review_on=date(2027, 10, 1),
        release_lead_hours=72,
        excluded_roles=("rn_adult",),
        excluded_skills=("critical_care",),
        conditions=("No lone working.",),
        employed_by=EmployedBy.LEAD_EMPLOYER,
        lead_employer_ods=SOUTH,
        dpia_reference="DPIA 12",
        training=TrainingClause("any_issuer", (TrainingException(SOUTH, "FIRE", "Own doors."),)),
    )
    assert wrong(found) == {}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"parties": (PartyTerm(NORTH),)}, "parties"),
    ({"parties": (PartyTerm(SOUTH), PartyTerm("RE3"))}, "parties"),
    ({"parties": (*TERMS.parties, PartyTerm(NORTH))}, "parties[2].ods"),
    ({"parties": (PartyTerm(NORTH), PartyTerm("ZZZ"))}, "parties[1].ods"),
    (
        {"parties": (PartyTerm(NORTH, PartyRole.HOME), PartyTerm(SOUTH, PartyRole.HOME))},
        "parties",
    ),
    (
        {"parties": (PartyTerm(NORTH, PartyRole.HOST), PartyTerm(SOUTH, PartyRole.HOST))},
        "parties",
    ),
    ({"parties": (PartyTerm(NORTH), PartyTerm(SOUTH, sites=("RN101",)))}, "parties[1].sites"),
    (
        {"parties": (PartyTerm(NORTH), PartyTerm(SOUTH, sites=("RS201", "RS201")))},
        "parties[1].sites",
    ),
    (
        {"parties": (PartyTerm(NORTH), PartyTerm(SOUTH, PartyRole.HOME, ("RS201",)))},
        "parties[1].sites",
    ),
    ({"scope": ()}, "scope"),
    ({"scope": (ScopeTerm(NURSES, ()),)}, "scope[0].grades"),
    ({"scope": (ScopeTerm(NURSES, (Grade.BAND_5, Grade.BAND_5)),)}, "scope[0].grades"),
    ({"scope": (ScopeTerm(NURSES, (Grade.CONSULTANT,)),)}, "scope[0].grades"),
    (
        {"scope": (ScopeTerm(StaffGroup.MEDICAL_DENTAL, (Grade.BAND_5,)),)},
        "scope[0].grades",
    ),
    ({"scope": (*TERMS.scope, *TERMS.scope)}, "scope[1].staff_group"),
    ({"ends_on": date(2026, 9, 30)}, "ends_on"),
    ({"ends_on": date(2028, 10, 1)}, "ends_on"),
    ({"starts_on": date(2026, 1, 1), "ends_on": date(2026, 9, 6)}, "ends_on"),
    ({"review_on": date(2026, 9, 30)}, "review_on"),
    ({"review_on": date(2028, 10, 1)}, "review_on"),
    ({"purpose": " "}, "purpose"),
    ({"purpose": "x" * 1001}, "purpose"),
    ({"lawful_basis": "a\nb"}, "lawful_basis"),
    ({"lawful_basis": "a\u202eb"}, "lawful_basis"),
    ({"data_categories": ()}, "data_categories"),
    ({"data_categories": (DataCategory.REGISTRATION,)}, "data_categories"),
    ({"data_categories": (DataCategory.IDENTITY,)}, "data_categories"),
    ({"data_categories": (*TERMS.data_categories, DataCategory.IDENTITY)}, "data_categories"),
    ({"controllers": "nobody"}, "controllers"),
    ({"recharge": RechargeTerms(RechargeBasis.FIXED_RATE)}, "recharge.rates_pence_per_hour"),
    (
        {"recharge": RechargeTerms(RechargeBasis.FIXED_RATE, {"band_5": 1, "band_6": 3000})},
        "recharge.rates_pence_per_hour",
    ),
    (
        {
            "recharge": RechargeTerms(
                RechargeBasis.FIXED_RATE, {"band_5": 2900, "band_6": 3000, "band_9": 9000}
            )
        },
        "recharge.rates_pence_per_hour",
    ),
    (
        {"recharge": RechargeTerms(RechargeBasis.BANK_RATE, {"band_5": 2900})},
        "recharge.rates_pence_per_hour",
    ),
    (
        {"recharge": RechargeTerms(RechargeBasis.BANK_RATE, threshold_hours=10)},
        "recharge.threshold_hours",
    ),
    (
        {"recharge": RechargeTerms(RechargeBasis.BANK_RATE, admin_percent=-1)},
        "recharge.admin_percent",
    ),
    (
        {"recharge": RechargeTerms(RechargeBasis.BANK_RATE, invoice_period_months=0)},
        "recharge.invoice_period_months",
    ),
    ({"recharge": RechargeTerms(RechargeBasis.BANK_RATE, dispute_days=0)}, "recharge.dispute_days"),
    ({"recharge": RechargeTerms(RechargeBasis.BANK_RATE, vat="no")}, "recharge.vat"),
    ({"instruments": ()}, "instruments"),
    ({"instruments": (Instrument.ROTATION, Instrument.ROTATION)}, "instruments"),
    ({"notice_days": -1}, "notice_days"),
    ({"wind_down_days": 181}, "wind_down_days"),
    ({"retention_days": 0}, "retention_days"),
    ({"notify_within_hours": 0}, "notify_within_hours"),
    ({"release_lead_hours": 0}, "release_lead_hours"),
    ({"excluded_roles": ("astronaut",)}, "excluded_roles"),
    ({"excluded_skills": ("flying",)}, "excluded_skills"),
    ({"conditions": ("",)}, "conditions[0]"),
    ({"conditions": ("Fine.",) * 41}, "conditions"),
    ({"employed_by": EmployedBy.LEAD_EMPLOYER}, "lead_employer_ods"),
    (
        {"employed_by": EmployedBy.LEAD_EMPLOYER, "lead_employer_ods": "RE3"},
        "lead_employer_ods",
    ),
    ({"lead_employer_ods": SOUTH}, "lead_employer_ods"),
    ({"home_warranties": ("honour",)}, "home_warranties"),
    ({"host_warranties": ("identity",)}, "host_warranties"),
    ({"indemnity": ()}, "indemnity"),
    ({"indemnity": ("cnst_host", "cnst_host")}, "indemnity"),
    ({"dpia_reference": "x\ty"}, "dpia_reference"),
    ({"contacts": (CALL, CALL)}, "contacts[1].kind"),
    ({"contacts": (Contact("RE3", ContactKind.HR, "A", "1"),)}, "contacts[0].ods"),
    ({"contacts": (Contact(NORTH, ContactKind.HR, "", "1"),)}, "contacts[0].name"),
    ({"contacts": (Contact(NORTH, ContactKind.HR, "A", ""),)}, "contacts[0].phone"),
    ({"contacts": (Contact(NORTH, ContactKind.HR, "A", "1", "a\nb"),)}, "contacts[0].email"),
    ({"training": TrainingClause("nobody")}, "training.recognise"),
    (
        {"training": TrainingClause("parties", (TrainingException("RE3", "FIRE", "x"),))},
        "training.exceptions[0].host_ods",
    ),
    (
        {"training": TrainingClause("parties", (TrainingException(SOUTH, "JUGGLING", "x"),))},
        "training.exceptions[0].subject",
    ),
    (
        {"training": TrainingClause("parties", (TrainingException(SOUTH, "FIRE", ""),))},
        "training.exceptions[0].reason",
    ),
    (
        {"training": TrainingClause("parties", (TrainingException(SOUTH, "FIRE", "x"),) * 2)},
        "training.exceptions[1].subject",
    ),
]


@pytest.mark.parametrize(
    ("change", "field"), WRONG, ids=[f"{place}-{field}" for place, (_, field) in enumerate(WRONG)]
)
def test_each_mistake_is_named_at_its_field(change: dict[str, Any], field: str) -> None:
    contacts = {"contacts": ()} if "parties" in change else {}
    assert list(wrong(terms(**contacts, **change))) == [field]


def test_whoever_leads_is_a_party() -> None:
    assert wrong(TERMS, lead="RE3") == {
        "parties": ["RE3, which leads the agreement, has to be a party"]
    }


def test_24_months_from_a_leap_day_and_none_that_nobody_lives_to_see() -> None:
    leap = terms(starts_on=date(2028, 2, 29), ends_on=date(2030, 2, 28))
    assert wrong(leap) == {}
    last = terms(starts_on=date(9999, 1, 1), ends_on=date(9999, 12, 31))
    assert "starts_on" in wrong(last)


def test_an_endless_list_is_not_looked_into() -> None:
    begun = time.perf_counter()
    many = tuple(PartyTerm(f"X{n}") for n in range(50_000))
    assert list(wrong(terms(parties=many))) == ["parties"]
    sites = (PartyTerm(NORTH), PartyTerm(SOUTH, sites=("RS201",) * 50_000))
    assert list(wrong(terms(parties=sites))) == ["parties[1].sites"]
    assert time.perf_counter() - begun < 5


def test_without_bank_shifts_a_registered_group_needs_no_registration() -> None:
    found = terms(
        instruments=(Instrument.LICENCE_TO_ATTEND,), data_categories=(DataCategory.IDENTITY,)
    )
    assert wrong(found) == {}


def test_every_party_names_somebody_for_everything_before_review() -> None:
    assert why_not_review(TERMS, {}) == []
    found = why_not_review(terms(contacts=(CALL,)), {SOUTH: "South"})
    assert len(found) == 7
    assert {one.evidence["ods"] for one in found} == {NORTH, SOUTH}
    assert all(one.cure is not None for one in found)


@pytest.mark.parametrize("code", list(agreement_templates()))
def test_a_template_needs_parties_and_days_only(code: str) -> None:
    template = agreement_templates()[code]
    filled = {
        **template.terms,
        "parties": [{"ods": NORTH, "role": "both"}, {"ods": SOUTH, "role": "both"}],
        "starts_on": "2026-10-01",
        "ends_on": "2027-09-30",
    }
    assert wrong(read_values(AgreementTerms, canonical(filled))) == {}
