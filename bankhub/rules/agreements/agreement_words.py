"""The closed lists of an agreement in the words its document is written in."""

from collections.abc import Mapping, Sequence

from bankhub.model.agreement_terms import (
    ContactKind,
    EmployedBy,
    Instrument,
    LegalForm,
    PartyRole,
    RechargeBasis,
    RechargeTerms,
)
from bankhub.model.vocabulary import Grade, StaffGroup

STAFF_GROUPS: Mapping[StaffGroup, str] = {
    StaffGroup.NURSING_MIDWIFERY: "Nursing and midwifery",
    StaffGroup.HCA: "Healthcare assistants and support",
    StaffGroup.AHP_STT: "Allied health, scientific and technical",
    StaffGroup.MEDICAL_DENTAL: "Medical and dental",
    StaffGroup.ADMIN_CLERICAL: "Administrative and clerical",
    StaffGroup.ESTATES_FACILITIES: "Estates and facilities",
}
MEDICAL_GRADES: Mapping[Grade, str] = {
    Grade.FY1: "foundation doctor FY1",
    Grade.FY2: "foundation doctor FY2",
    Grade.CORE_TRAINEE: "core trainee CT/ST1-2",
    Grade.HIGHER_TRAINEE: "registrar ST3+",
    Grade.SAS: "specialty doctor",
    Grade.CONSULTANT: "consultant",
    Grade.GP: "GP",
}
FORMS: Mapping[LegalForm, str] = {
    LegalForm.MOU: "Memorandum of understanding",
    LegalForm.AGREEMENT: "Agreement",
    LegalForm.DEED: "Deed",
}
ROLES: Mapping[PartyRole, str] = {
    PartyRole.HOME: "home organisation: its people work at others{sites}",
    PartyRole.HOST: "host: people of others work here{sites}",
    PartyRole.BOTH: "home organisation and host: its people work at others, and people of others"
    " work here{sites}",
}
INSTRUMENTS: Mapping[Instrument, str] = {
    Instrument.BANK_ASSIGNMENT: "bank shifts that they book",
    Instrument.LICENCE_TO_ATTEND: "a licence to attend that the person and both accept",
    Instrument.SECONDMENT: "secondment",
    Instrument.HONORARY_CONTRACT: "an honorary contract",
    Instrument.ROTATION: "rotation",
}
EMPLOYERS: Mapping[EmployedBy, str] = {
    EmployedBy.HOME: "For shifts at a host the home organisation goes on employing and paying.",
    EmployedBy.LEAD_EMPLOYER: "For shifts at a host people are employed and paid by {lead}.",
    EmployedBy.SECOND_POST: "For shifts at a host the host employs and pays, in a bank post of its"
    " own, and checks the right to work afresh.",
}
CONTACTS: Mapping[ContactKind, str] = {
    ContactKind.HR: "HR",
    ContactKind.IG: "information governance",
    ContactKind.CLINICAL: "clinical matters",
    ContactKind.SAFEGUARDING: "safeguarding",
}
VAT: Mapping[str, str] = {
    "outside_scope": "outside the scope of VAT",
    "exempt": "exempt from VAT",
    "standard": "standard-rated for VAT",
}


def grade_words(grade: Grade) -> str:
    """`band 5`, `registrar ST3+`."""
    return MEDICAL_GRADES.get(grade) or grade.value.replace("_", " ")


def basis_words(recharge: RechargeTerms) -> str:
    """What the host owes for a shift, in a sentence."""
    match recharge.basis:
        case RechargeBasis.ACTUAL_COST:
            return "The host owes the home organisation what the shift cost: pay and on-costs."
        case RechargeBasis.BANK_RATE:
            return "The host owes the home organisation the rate of the host's bank for the shift."
        case RechargeBasis.FIXED_RATE:
            rates = ", ".join(
                f"{grade_words(Grade(grade))} £{pence // 100}.{pence % 100:02}"
                for grade, pence in sorted(recharge.rates_pence_per_hour.items())
            )
            return f"The host owes the home organisation for each hour: {rates}."
        case RechargeBasis.NONE_RECIPROCAL:
            if not recharge.threshold_hours:
                return "Nothing is recharged."
            return (
                f"Nothing is recharged up to {recharge.threshold_hours:,} hours in one direction in"
                " an invoice period; above that the parties settle the difference."
            )


def joined(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def counted(number: int, one: str) -> str:
    """`1 day`, `28 days`."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"
