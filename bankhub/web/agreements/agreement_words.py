"""Agreements in words for screens: states, forms, instruments, who employs, what is recharged."""

from collections.abc import Iterable, Mapping, Sequence

from bankhub.model.agreement_reference import ClauseKind, clauses
from bankhub.model.agreement_terms import (
    ContactKind,
    DataCategory,
    EmployedBy,
    Instrument,
    LegalForm,
    PartyRole,
    RechargeBasis,
)
from bankhub.model.agreements import ReviewArea, VersionState
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreement_states import ShownState
from bankhub.web.trade_words import STAFF_GROUPS, grade_name
from passport.web.words import plural

Tag = tuple[str, str, str]
"""Words, tone and mark of a tag."""

STATES: Mapping[ShownState, Tag] = {
    ShownState.DRAFT: ("Draft", "plain", "hollow"),
    ShownState.IN_REVIEW: ("In review", "warn", "half"),
    ShownState.OUT_FOR_SIGNATURE: ("Out for signature", "warn", "half"),
    ShownState.ABANDONED: ("Abandoned", "plain", "cross"),
    ShownState.SIGNED: ("Signed, not yet begun", "info", "full"),
    ShownState.ACTIVE: ("In force", "good", "full"),
    ShownState.NOTICE_GIVEN: ("Notice given", "warn", "full"),
    ShownState.EXPIRED: ("Expired", "bad", "cross"),
    ShownState.TERMINATED: ("Terminated", "bad", "cross"),
    ShownState.WOUND_DOWN: ("Wound down", "plain", "cross"),
}
VERSION_STATES: Mapping[VersionState, Tag] = {
    VersionState.DRAFT: ("Draft", "plain", "hollow"),
    VersionState.IN_REVIEW: ("In review", "warn", "half"),
    VersionState.OUT_FOR_SIGNATURE: ("Out for signature", "warn", "half"),
    VersionState.SIGNED: ("Signed by all", "good", "full"),
    VersionState.SUPERSEDED: ("Replaced by a later version", "plain", "cross"),
    VersionState.ABANDONED: ("Abandoned", "plain", "cross"),
}
LEGAL_FORMS: Mapping[LegalForm, tuple[str, str]] = {
    LegalForm.MOU: (
        "Memorandum of understanding",
        "Between NHS bodies not binding in law unless it says so",
    ),
    LegalForm.AGREEMENT: ("Agreement", "Signed under hand"),
    LegalForm.DEED: ("Deed", "Usual where a party is outside the NHS"),
}
PARTY_ROLES: Mapping[PartyRole, str] = {
    PartyRole.BOTH: "Home and host",
    PartyRole.HOME: "Home: its people work elsewhere",
    PartyRole.HOST: "Host: people of others work here",
}
INSTRUMENTS: Mapping[Instrument, str] = {
    Instrument.BANK_ASSIGNMENT: "Bank shifts",
    Instrument.LICENCE_TO_ATTEND: "Licence to attend",
    Instrument.SECONDMENT: "Secondment",
    Instrument.HONORARY_CONTRACT: "Honorary contract",
    Instrument.ROTATION: "Rotation",
}
EMPLOYERS: Mapping[EmployedBy, tuple[str, str]] = {
    EmployedBy.HOME: (
        "The home organisation",
        "It goes on employing and paying; the host relies on its checks",
    ),
    EmployedBy.LEAD_EMPLOYER: ("A lead employer", "One party employs for all"),
    EmployedBy.SECOND_POST: (
        "The host, in a second bank post",
        "It becomes employer and checks the right to work afresh",
    ),
}
BASES: Mapping[RechargeBasis, tuple[str, str]] = {
    RechargeBasis.NONE_RECIPROCAL: (
        "Nothing, in return for the same",
        "Above a threshold of hours the parties settle",
    ),
    RechargeBasis.ACTUAL_COST: ("Actual cost", "Pay and the employer's on-costs"),
    RechargeBasis.FIXED_RATE: ("A fixed rate", "For each grade"),
    RechargeBasis.BANK_RATE: ("The host's bank rate", ""),
}
VAT = {
    "outside_scope": "Outside the scope of VAT",
    "exempt": "Exempt",
    "standard": "Standard rate",
}
CONTROLLERS = {
    "independent": "Each party alone (independent controllers)",
    "joint": "The parties together (joint controllers)",
}
RECOGNISE = {
    "parties": "Awards of every party",
    "any_issuer": "Awards of every issuer on the trust list",
}
CONTACT_KINDS: Mapping[ContactKind, str] = {
    ContactKind.HR: "HR",
    ContactKind.IG: "Information governance",
    ContactKind.CLINICAL: "Clinical lead",
    ContactKind.SAFEGUARDING: "Safeguarding",
}
AREAS: Mapping[ReviewArea, str] = {
    ReviewArea.HR: "HR",
    ReviewArea.IG: "Information governance",
    ReviewArea.FINANCE: "Finance",
    ReviewArea.CLINICAL: "Clinical lead",
    ReviewArea.STAFF_SIDE: "Staff side",
}


def category_title(category: DataCategory) -> str:
    """What a data category is called, as the document prints it."""
    return clauses()[ClauseKind.DATA_CATEGORY][category].title


def grades_text(grades: Iterable[Grade]) -> str:
    """`bands 5 and 6`, `band 5, consultant`."""
    held = list(dict.fromkeys(grades))
    bands = [one.removeprefix("band_").upper() for one in held if one.startswith("band_")]
    said = [grade_name(one) for one in held if not one.startswith("band_")]
    if bands:
        said.insert(0, f"band{'s' if len(bands) > 1 else ''} {joined(bands)}")
    return ", ".join(said)


def scope_text(scope: Iterable[tuple[StaffGroup, Sequence[Grade]]]) -> list[str]:
    """Each staff group with its grades."""
    return [f"{STAFF_GROUPS[group]}: {grades_text(grades)}" for group, grades in scope]


def honoured_text(days: int) -> str:
    """What becomes of bookings beyond the last day."""
    if not days:
        return "no shift that runs beyond midnight of the last day is booked or begun"
    return f"bookings confirmed before the end are honoured for {plural(days, 'day')} after it"


def joined(words: Sequence[str]) -> str:
    """`A, B and C`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
