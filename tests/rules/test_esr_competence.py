"""ESR's words for a competence: taken apart, and which subject each is."""

from datetime import date

import pytest

from bankhub.model.reference import esr_competences, esr_outside, training_subjects
from bankhub.rules.eligibility.esr_competence import (
    NotACompetence,
    Subject,
    award_counted_back,
    read_competence,
    subject_of,
)


def subject(text: str) -> Subject:
    return subject_of(read_competence(text), esr_competences(), esr_outside())


def test_the_example_of_the_national_passport_is_taken_apart() -> None:
    said = read_competence(
        "NHS|CSTF|Resuscitation - Level 2 - Adult Basic Life Support - 1 Year|"
    )
    assert (said.name, said.level, said.renewal_months) == ("Resuscitation", 2, 12)
    assert said.title == "Resuscitation Adult Basic Life Support"


KNOWN = {
    "NHS|CSTF|Fire Safety - 2 Years|": ("FIRE", 1, "CSTF"),
    "NHS|CSTF|Fire Safety - 1 Year|": ("FIRE", 1, "CSTF"),
    "NHS|CSTF|Fire Safety": ("FIRE", 1, "CSTF"),
    "nhs|cstf| infection  prevention & control - Level 2 - 1 Year |": ("IPC", 2, "CSTF"),
    "NHS|CSTF|Equality Diversity and Human Rights - 3 Years|": ("EDHR", 1, "CSTF"),
    "NHS|CSTF|Moving and Handling - Level 2 - 2 Years|": ("MH", 2, "CSTF"),
    "NHS|CSTF|Safeguarding Children - Level 3 - 3 Years|": ("SGC", 3, "CSTF"),
    "NHS|CSTF|Resuscitation - Level 1 - 1 Year|": ("RESUS", 1, "CSTF"),
    "NHS|CSTF|Resuscitation - Level 2 - Adult Basic Life Support - 1 Year|": (
        "RESUS_ADULT", 2, "CSTF",
    ),
    "NHS|CSTF|Resuscitation - Level 3 - Paediatric Immediate Life Support - 1 Year|": (
        "RESUS_CHILD", 3, "CSTF",
    ),
    "NHS|CSTF|Preventing Radicalisation - Basic Prevent Awareness - 3 Years|": ("PREV", 1, "CSTF"),
    "NHS|CSTF|Preventing Radicalisation - Prevent Awareness - 3 Years|": ("PREV", 2, "CSTF"),
    "NHS|MAND|Oliver McGowan Mandatory Training on Learning Disability and Autism - Tier 2 - "
    "3 Years|": ("OMMT", 2, "MAND"),
    "NHS|CSTF|Dementia Awareness - No Renewal|": ("NHS_DEMENTIA", 1, "MAND"),
    "457|LOCAL|Clinical Risk (PAR) - 3 Years|": ("LOCAL_457_CLINICAL_RISK_PAR", 1, "LOCAL"),
    "457|LOCAL|Fire Safety - 1 Year|": ("LOCAL_457_FIRE_SAFETY", 1, "LOCAL"),
    "457|CSTF|Fire Safety - 1 Year|": ("LOCAL_457_FIRE_SAFETY", 1, "LOCAL"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "found"), KNOWN.items())
def test_which_subject_it_is(text: str, found: tuple[str, int, str]) -> None:
    one = subject(text)
    assert (one.code, one.level, one.framework) == found
    assert one.listed is (one.code in training_subjects())


def test_what_esr_files_under_cstf_and_is_not_is_said() -> None:
    assert "no core skills subject" in subject("NHS|CSTF|Dementia Awareness|").note
    assert subject("NHS|MAND|Dementia Awareness|").note == ""


WRONG = {
    "no bars": ("Fire Safety - 2 Years", "is not OWNER"),
    "too many bars": ("NHS|CSTF|Fire|Safety|", "is not OWNER"),
    "nothing": ("", "is not OWNER"),
    "an owner that is none": ("A01|CSTF|Fire Safety|", "neither NHS nor"),
    "a national subject nobody listed": ("NHS|CSTF|Juggling - 1 Year|", "none of the core skills"),
    "a part that is not the whole": (
        "NHS|MAND|Oliver McGowan Mandatory Training - Tier 1 - eLearning - 3 Years|",
        "not known to be the whole",
    ),
    "a part is missing": ("NHS|CSTF|Preventing Radicalisation - 3 Years|", "not known to be"),
    "two levels": ("NHS|CSTF|Safeguarding Adults - Level 1 - Level 2|", "two levels"),
    "a level the part does not have": (
        "NHS|CSTF|Resuscitation - Level 3 - Adult Basic Life Support - 1 Year|", "is level 2",
    ),
    "resuscitation of a level without whom": (
        "NHS|CSTF|Resuscitation - Level 2 - 1 Year|", "is level 1",
    ),
    "a level of none": ("NHS|CSTF|Safeguarding Adults - Level 0|", "not known to be"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_taken(text: str, said: str) -> None:
    with pytest.raises(NotACompetence, match=said):
        subject(text)


def test_long_local_titles_stay_apart() -> None:
    title = "Management of the deteriorating patient on a respiratory ward part"
    one, other = (subject(f"457|LOCAL|{title} {part}|").code for part in "AB")
    assert one != other
    assert {len(one), len(other)} == {40}


def test_every_subject_on_our_list_is_known_to_the_names() -> None:
    subjects = training_subjects()
    assert {one.subject for one in esr_competences()} == set(subjects)
    for one in esr_competences():
        levels = {level.level for level in subjects[one.subject].levels}
        assert {one.level or one.only_level or 1} <= levels | {1}


def test_an_award_is_counted_back_from_its_expiry() -> None:
    assert award_counted_back(date(2028, 11, 30), 24) == date(2026, 11, 30)
    assert award_counted_back(date(2028, 2, 29), 12) == date(2027, 2, 28)
