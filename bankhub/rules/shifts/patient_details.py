"""Does a free text seem to hold details of a patient?

Notes on a shift are read by many people and sent by e-mail, so nothing in them may identify a
patient (UK GDPR; the common law duty of confidentiality; Caldicott principle 3, the minimum
necessary). Found here: an NHS number (ten digits whose last is the modulus 11 check digit, as in
the NHS Data Dictionary; Scotland's CHI and Northern Ireland's H&C number have the same form), a
labelled hospital or record number, and a labelled date of birth. A name cannot be recognised and
is left to the person who writes; a number of ten digits that happens to pass the check is refused
too, which is the safe side. Booking references are passed over.
"""

import re
from enum import StrEnum

from bankhub.rules.shifts.booking_reference import without_references
from passport.errors import Cure, Reason

_TEN_DIGITS = re.compile(r"(?<!\d)(?=(\d(?:[\s.\-\u2010-\u2015]{0,3}\d){9})(?!\d))")
_RECORD_NUMBER = re.compile(
    r"\b(?:nhs|hospital|hosp|mrn|patient|pt|pas|chi|record)\b"
    r"[\s.:#\-]*(?:(?:number|num|no|id)\b[\s.:#\-]*)?[a-z]{0,3}\d{5,}",
    re.IGNORECASE,
)
_BIRTH_DATE = re.compile(
    r"\b(?:d\.?o\.?b\.?|date of birth|born)\b[\s.:\-]*(?:on\s+)?"
    r"\d{1,2}[\s./\-]+\w{1,9}[\s./\-]+\d{2}",
    re.IGNORECASE,
)


class PatientDetail(StrEnum):
    """What a text seems to hold."""

    NHS_NUMBER = "nhs_number"
    RECORD_NUMBER = "record_number"
    BIRTH_DATE = "birth_date"


_NAMES = {
    PatientDetail.NHS_NUMBER: "an NHS number",
    PatientDetail.RECORD_NUMBER: "a hospital or record number",
    PatientDetail.BIRTH_DATE: "a date of birth",
}


def patient_details_in(text: str) -> frozenset[PatientDetail]:
    """The kinds of patient detail the text seems to hold."""
    checked = without_references(text)
    found = {
        PatientDetail.NHS_NUMBER: any(map(is_nhs_number, _TEN_DIGITS.findall(checked))),
        PatientDetail.RECORD_NUMBER: _RECORD_NUMBER.search(checked) is not None,
        PatientDetail.BIRTH_DATE: _BIRTH_DATE.search(checked) is not None,
    }
    return frozenset(kind for kind, there in found.items() if there)


def why_not_write(field: str, text: str) -> list[Reason]:
    """`patient_details` for each kind found. The evidence never repeats the text."""
    return [
        Reason(
            "patient_details",
            {"field": field, "kind": kind.value},
            Cure("Take it out. The ward gives patient details in person."),
            text=f"This looks like {_NAMES[kind]}. Write nothing that identifies a patient.",
        )
        for kind in sorted(patient_details_in(text))
    ]


def is_nhs_number(text: str) -> bool:
    """Whether the ten digits in the text end in their own modulus 11 check digit."""
    digits = [int(character) for character in text if character.isdecimal()]
    if len(digits) != 10:
        return False
    weighted = sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return (11 - weighted % 11) % 11 == digits[9]
