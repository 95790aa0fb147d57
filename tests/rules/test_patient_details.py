"""What in a free text is taken for a patient's details. All numbers are invented."""

import pytest

from bankhub.rules.shifts.booking_reference import make
from bankhub.rules.shifts.patient_details import (
    PatientDetail,
    is_nhs_number,
    patient_details_in,
    why_not_write,
)

NHS, RECORD, BIRTH = PatientDetail


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("9434765919", {NHS}, id="an NHS number alone"),
        pytest.param("Patient in bay 2, 943 476 5919, needs 1:1", {NHS}, id="in three groups"),
        pytest.param("no.943-476-5919", {NHS}, id="with hyphens"),
        pytest.param("943 – 476 – 5919", {NHS}, id="with spaced dashes"),
        pytest.param("943.476.5919", {NHS}, id="with full stops"),
        pytest.param("X9434765919Y", {NHS}, id="between letters"),
        pytest.param("bed 12 943 476 5919", {NHS}, id="after another number"),
        pytest.param("９４３４７６５９１９", {NHS}, id="in full-width digits"),
        pytest.param("9434765918", set(), id="ten digits with a wrong check digit"),
        pytest.param("99434765919", set(), id="eleven digits that end in one"),
        pytest.param("94347659190", set(), id="eleven digits that begin with one"),
        pytest.param("Ring 0161 496 0123 or 07700 900123", set(), id="telephone numbers"),
        pytest.param("Hosp no: A123456", {RECORD}, id="a hospital number"),
        pytest.param("MRN 0045678", {RECORD}, id="a record number"),
        pytest.param("NHS no 943476591", {RECORD}, id="an NHS number a digit short, labelled"),
        pytest.param("patient 12 in bay 4", set(), id="a bed number is not a record number"),
        pytest.param("DOB 01/02/1950", {BIRTH}, id="a date of birth in digits"),
        pytest.param("d.o.b.: 1 Feb 50", {BIRTH}, id="a date of birth in words"),
        pytest.param("born on 1-2-1950", {BIRTH}, id="born on a day"),
        pytest.param("Long day 07:30-20:00, ward 7, ext 4411", set(), id="an ordinary note"),
        pytest.param("Start 25/10/2026, bleep 2210", set(), id="a date of a shift"),
        pytest.param("", set(), id="nothing"),
        pytest.param(
            "MRN 0045678, DOB 1.2.50, 9434765919", {NHS, RECORD, BIRTH}, id="all three at once"
        ),
    ],
)
def test_patient_details(text: str, found: set[PatientDetail]) -> None:
    assert patient_details_in(text) == found


def test_a_booking_reference_is_never_taken_for_an_nhs_number() -> None:
    references = [make("RJ1", "2643", number) for number in range(1, 400)]
    assert any(is_nhs_number("".join(filter(str.isdigit, one))) for one in references)
    assert all(patient_details_in(f"Same as {one}") == set() for one in references)


def test_the_refusal_does_not_repeat_what_was_written() -> None:
    [reason] = why_not_write("notes", "For 943 476 5919")
    assert reason.code == "patient_details"
    assert reason.evidence == {"field": "notes", "kind": "nhs_number"}
    assert "943" not in reason.text


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        pytest.param("9434765919", True, id="the check digit agrees"),
        pytest.param("9434765870", True, id="a check digit of 0"),
        pytest.param("1000000010", False, id="a remainder of 1 has no check digit"),
        pytest.param("943476591", False, id="nine digits"),
    ],
)
def test_modulus_11(number: str, valid: bool) -> None:
    assert is_nhs_number(number) is valid
