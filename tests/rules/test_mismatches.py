"""Both sides of every difference between the personnel record and the evidence."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from passport.model.credentials import CredentialState
from passport.rules.issuing.issue_claims import Issuable, Made
from passport.rules.issuing.issue_plan import Standing
from passport.rules.people import mismatches

BORN = date(1990, 5, 17)
SHOWN = {
    "legal_given_names": "Ada", "legal_family_name": "Okafor", "date_of_birth": "1990-05-17",
}  # fmt: skip


def identity(given: str = "Ada", family: str = "Okafor", born: date = BORN) -> list[str]:
    return [one.code for one in mismatches.of_identity(given, family, born, SHOWN)]


def test_the_same_person_has_no_difference() -> None:
    assert identity() == []
    assert identity(family="OKAFOR") == []


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"family": "Okafor-Smith"}, ["name"]),
        ({"given": "Adaeze"}, ["name"]),
        ({"born": date(1990, 5, 7)}, ["date_of_birth"]),
        ({"family": "Shah", "born": date(1970, 1, 1)}, ["name", "date_of_birth"]),
    ],
)
def test_name_and_date_of_birth_are_compared(changes: dict[str, object], codes: list[str]) -> None:
    assert identity(**changes) == codes  # type: ignore[arg-type]


def test_both_sides_are_shown() -> None:
    (one,) = mismatches.of_identity("Ada", "Shah", BORN, SHOWN)
    assert (one.record, one.evidence) == ("Ada Shah", "Ada Okafor")
    assert one.cure


def test_a_record_that_moved_on_is_shown_with_what_changed_only() -> None:
    award = {"subject_code": "FIRE", "level": "1", "awarded_on": "2026-10-01"}
    made = Made("training_award", award)
    held = Standing(
        id=uuid4(), type="training_award", state=CredentialState.HELD,
        claims={**made.claims, "awarded_on": "2024-03-02", "last_refresh": "x"},
    )  # fmt: skip
    (one,) = mismatches.of_claims(Issuable((made,)), [held], {"training_award": "Training award"})
    assert (one.record, one.evidence) == ("awarded on 2026-10-01", "awarded on 2024-03-02")
    same = replace(held, claims={**made.claims, "last_refresh": "x"})
    assert not list(mismatches.of_claims(Issuable((made,)), [same], {}))


def test_what_a_register_a_rival_or_the_holder_said() -> None:
    other = mismatches.of_register("NMC", "01A2345N", "other_person")
    assert "another person" in other.evidence
    assert mismatches.of_dispute("NMC:01A2345N").record == "01A2345N"
    assert "not correct" in mismatches.of_rejection("Identity", "incorrect").evidence
