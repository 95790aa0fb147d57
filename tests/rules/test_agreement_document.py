"""The document says every term, and nothing else can make a clause of it."""

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankhub.model.agreement_terms import (
    CREDENTIAL_CATEGORY,
    AgreementTerms,
    Contact,
    ContactKind,
    DataCategory,
    EmployedBy,
    Instrument,
    LegalForm,
    PartyRole,
    PartyTerm,
    RechargeBasis,
    RechargeTerms,
    ScopeTerm,
    TrainingClause,
    TrainingException,
)
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreement_document import (
    KEPT,
    Heading,
    acceding,
    clause_of,
    document,
    sections_of,
)
from bankhub.rules.agreements.agreement_entry import one_line
from tests.rules.agreement_examples import HEADING, NAMES, NORTH, SOUTH, TERMS, terms

TEXT = document(TERMS, HEADING, NAMES)
FIXED = RechargeTerms(RechargeBasis.FIXED_RATE, {"band_5": 2900})

CHANGED: dict[str, list[Any]] = {
    "parties": [
        (PartyTerm(NORTH), PartyTerm("RE3")),
        (PartyTerm(NORTH), PartyTerm(SOUTH, PartyRole.HOST)),
        (PartyTerm(NORTH), PartyTerm(SOUTH, sites=("RS201",))),
    ],
    "scope": [
        (ScopeTerm(StaffGroup.HCA, (Grade.BAND_5, Grade.BAND_6)),),
        (ScopeTerm(StaffGroup.NURSING_MIDWIFERY, (Grade.BAND_5,)),),
    ],
    "starts_on": [date(2026, 10, 2)],
    "ends_on": [date(2028, 9, 29)],
    "purpose": ["Another."],
    "lawful_basis": ["Another."],
    "data_categories": [(*TERMS.data_categories, DataCategory.DBS_OUTCOME)],
    "recharge": [
        RechargeTerms(RechargeBasis.BANK_RATE),
        FIXED,
        replace(FIXED, rates_pence_per_hour={"band_5": 2905}),
        RechargeTerms(RechargeBasis.NONE_RECIPROCAL),
        RechargeTerms(RechargeBasis.NONE_RECIPROCAL, threshold_hours=200),
        replace(TERMS.recharge, admin_percent=3),
        replace(TERMS.recharge, invoice_period_months=3),
        replace(TERMS.recharge, dispute_days=31),
        replace(TERMS.recharge, vat="exempt"),
    ],
    "legal_form": [LegalForm.DEED],
    "instruments": [(Instrument.ROTATION,), (*TERMS.instruments, Instrument.SECONDMENT)],
    "review_on": [date(2027, 1, 1)],
    "notice_days": [91],
    "wind_down_days": [29],
    "release_lead_hours": [72],
    "excluded_roles": [("rn_adult",)],
    "excluded_skills": [("critical_care",)],
    "conditions": [("No lone working.",)],
    "retention_days": [31],
    "controllers": ["joint"],
    "dpia_reference": ["DPIA 12"],
    "employed_by": [EmployedBy.SECOND_POST],
    "lead_employer_ods": [],
    "home_warranties": [(), ("identity", "dbs")],
    "host_warranties": [()],
    "notify_within_hours": [25],
    "indemnity": [("cnsgp",)],
    "contacts": [(), (Contact(NORTH, ContactKind.HR, "Ann", "0161", "a@example.org"),)],
    "training": [
        TrainingClause("any_issuer"),
        TrainingClause("parties", (TrainingException(SOUTH, "FIRE", "Own doors."),)),
    ],
}


def test_every_term_is_tried() -> None:
    assert set(CHANGED) == {one.name for one in fields(AgreementTerms)}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in CHANGED.items() for value in values]
)
def test_whoever_changes_a_term_changes_the_text(name: str, value: Any) -> None:
    assert document(terms(**{name: value}), HEADING, NAMES) != TEXT


def test_the_lead_employer_is_named() -> None:
    led = {"employed_by": EmployedBy.LEAD_EMPLOYER}
    texts = {
        document(terms(lead_employer_ods=one, **led), HEADING, NAMES) for one in (NORTH, SOUTH)
    }
    assert len(texts) == 2


@pytest.mark.parametrize(
    "heading",
    [
        replace(HEADING, reference="WSA-8"), replace(HEADING, number=4),
        replace(HEADING, title="Other"), replace(HEADING, change_note="Rates."),
        replace(HEADING, acceding=("RE3",)), replace(HEADING, lead="RE3"),
    ],
)  # fmt: skip
def test_so_does_whoever_changes_what_it_is(heading: Heading) -> None:
    assert document(TERMS, heading, NAMES) != TEXT


def test_clauses_are_numbered_and_read_back() -> None:
    opening, sections = sections_of(TEXT)
    assert opening.startswith("Shared bank\nWorkforce-sharing agreement WSA-7, version 3.")
    assert [one.number for one in sections] == [str(number) for number in range(1, 14)]
    for section in sections:
        numbers = [number for number, _ in section.paragraphs]
        assert numbers == [f"{section.number}.{place + 1}" for place in range(len(numbers))]
        assert numbers


@pytest.mark.parametrize("category", list(DataCategory))
def test_a_category_has_the_clause_that_is_printed(category: DataCategory) -> None:
    found = terms(data_categories=(DataCategory.TRAINING, category, DataCategory.IDENTITY))
    _, sections = sections_of(document(found, HEADING, NAMES))
    clauses = dict(sections[4].paragraphs)
    number = clause_of(found, category)
    title = NAMES.clauses[next(k for k in NAMES.clauses if k == "data_category")][category].title
    assert clauses[number].startswith(f"{title} may be asked for")


@pytest.mark.parametrize("category", list(DataCategory))
def test_what_is_not_printed_has_no_clause(category: DataCategory) -> None:
    without = tuple(one for one in DataCategory if one is not category)
    assert clause_of(terms(data_categories=without), category) == ""


def test_every_credential_that_may_be_asked_for_has_a_category_in_words() -> None:
    kinds = NAMES.clauses[next(k for k in NAMES.clauses if k == "data_category")]
    assert set(CREDENTIAL_CATEGORY.values()) <= set(kinds) == set(DataCategory)


def test_what_the_software_does_not_do_is_marked() -> None:
    _, sections = sections_of(document(terms(conditions=("No lone working.",)), HEADING, NAMES))
    marked = {one.title for one in sections if all(KEPT in text for _, text in one.paragraphs)}
    assert marked == {
        "What is warranted", "Who answers for what", "Whom to ring",
        "What the parties further keep",
    }  # fmt: skip
    free = {one.title for one in sections if not any(KEPT in text for _, text in one.paragraphs)}
    assert free == {
        "Parties", "Term", "Who may work elsewhere", "Which shifts", "Training",
        "Suspending and ending",
    }  # fmt: skip


@given(st.text(max_size=60))
def test_no_text_of_a_party_makes_a_clause(text: str) -> None:
    """What entry lets through is one line; the document has the same clauses with it."""
    if one_line(text):
        return
    said = terms(purpose=text, conditions=(text, "5.9 Sickness may be asked for."))
    _, plain = sections_of(document(terms(conditions=("a", "b")), HEADING, NAMES))
    _, with_it = sections_of(document(said, replace(HEADING, title=text), NAMES))
    assert [[n for n, _ in one.paragraphs] for one in with_it] == [
        [n for n, _ in one.paragraphs] for one in plain
    ]


def test_a_party_that_joins_and_nothing_else_is_an_accession() -> None:
    joined = terms(
        parties=(*TERMS.parties, PartyTerm("RE3")),
        contacts=(*TERMS.contacts, Contact("RE3", ContactKind.HR, "Ann", "0161")),
        starts_on=TERMS.starts_on + timedelta(days=30),
    )
    assert acceding(joined, TERMS) == ("RE3",)
    assert acceding(joined, None) == ()
    assert acceding(TERMS, TERMS) == ()
    assert acceding(replace(joined, notice_days=1), TERMS) == ()
    assert "Deed of accession" in document(joined, replace(HEADING, acceding=("RE3",)), NAMES)
