"""Parts of a register, DBS certificates and gradings: what a paper has to say to be enough."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bankhub.model.clearance_policy import RoleClearance
from bankhub.model.clearance_values import HeldCredential, ItemState
from bankhub.model.clearances import ClearanceState
from bankhub.model.reference import roles
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import DbsLevel, DbsRequirement, Workforce
from passport.model.facts import FactKind, FactValue
from tests.rules import clearance_examples as ex
from tests.rules import work_examples as work
from tests.rules.clearance_examples import agreement, decided, item, missing, passport

PARTS = {
    "RNA": True,
    "Registered Nurse – Adult": True,
    "RNA: Adult nurse, level 1": True,
    "Nurse: adult": True,
    "Registered Midwife; Registered Nurse - Adult": True,
    "RN1": True,
    "Registered Nurse - Mental health": False,
    "Nurse: children": False,
    "Registered Midwife": False,
    "Nursing associate": False,
    "": False,
}


@pytest.mark.parametrize("part", PARTS)
def test_the_part_of_the_register_in_whatever_words(part: str) -> None:
    held = passport(professional_registration={"register_part": part})
    assert missing(decided(held=held)) == (set() if PARTS[part] else {"registration"})


OF_A_ROLE = {
    "Registered Nurse - Mental health": "rn_mental_health",
    "Nurse: learning disabilities": "rn_learning_disability",
    "Registered Nurse - Child": "rn_child",
    "Nurse: children": "rn_child",
    "Registered Midwife": "midwife",
    "Midwifery": "midwife",
    "Nurse: health visiting": "health_visitor",
    "Health Visitor": "health_visitor",
    "HV": "health_visitor",
    "rn1": "rn_adult",
    "Nursing associate": "nursing_associate",
}


@pytest.mark.parametrize("part", OF_A_ROLE)
def test_a_part_qualifies_for_its_own_role_and_no_other(part: str) -> None:
    held = passport(professional_registration={"register_part": part})
    needs = replace(ex.REQUIREMENTS, roles=roles())
    for role in sorted({*OF_A_ROLE.values()}):
        asked = replace(ex.ASKED, role=role)
        found = missing(decided(asked=asked, held=held, requirements=needs))
        assert ("registration" in found) is (OF_A_ROLE[part] != role), role


def test_of_the_hcpc_the_number_says_the_profession() -> None:
    needs = replace(ex.REQUIREMENTS, roles=roles())
    said = {"body": "HCPC", "number": "PH123456", "register_part": None}
    look = ex.checked(body="HCPC", number="PH123456")
    for role, fits in (("physiotherapist", True), ("paramedic", False)):
        found = decided(
            asked=replace(ex.ASKED, role=role), requirements=needs, host_checks=(look,),
            held=passport(professional_registration=said),
        )  # fmt: skip
        assert ("registration" not in missing(found)) is fits


def certificates(*said: dict[str, Any]) -> tuple[HeldCredential, ...]:
    """Everything held, with these certificates in place of the usual one."""
    others = (one for one in passport() if one.type != "dbs_outcome")
    return (*others, *(HeldCredential("dbs_outcome", one) for one in said))


def lacks(required: DbsRequirement, *said: dict[str, Any]) -> set[str]:
    """What of the two items a passport with these certificates lacks."""
    wanted = replace(ex.REQUIREMENTS.requirements, dbs=required)
    found = decided(
        requirements=replace(ex.REQUIREMENTS, requirements=wanted), held=certificates(*said)
    )
    return {"dbs", "barred_list"} & missing(found)


STANDARD = {"level": "STANDARD", "workforce": "ADULT", "issue_date": "2024-10-05"}
ENHANCED = {**STANDARD, "level": "ENHANCED"}
BOTH = {**STANDARD, "level": "ENHANCED_BARRED", "workforce": "CHILD_AND_ADULT"}
BASIC = {"level": "BASIC", "issue_date": "2024-10-05"}
DBS: dict[str, tuple[DbsRequirement, tuple[dict[str, Any], ...], set[str]]] = {
    "the level asked for": (DbsRequirement(DbsLevel.STANDARD), (STANDARD,), set()),
    "a higher level": (DbsRequirement(DbsLevel.STANDARD), (ENHANCED,), set()),
    "a lower level": (DbsRequirement(DbsLevel.ENHANCED), (STANDARD,), {"dbs"}),
    "basic for nobody in particular": (DbsRequirement(DbsLevel.BASIC), (BASIC,), set()),
    "basic for adults": (DbsRequirement(DbsLevel.BASIC, Workforce.ADULT), (BASIC,), {"dbs"}),
    "for both where adults are asked for": (
        DbsRequirement(DbsLevel.ENHANCED, Workforce.ADULT), (BOTH,), set(),
    ),
    "old to the day": (DbsRequirement(DbsLevel.STANDARD, None, 24), (STANDARD,), set()),
    "a month too old": (DbsRequirement(DbsLevel.STANDARD, None, 23), (STANDARD,), {"dbs"}),
    "of no known day": (
        DbsRequirement(DbsLevel.STANDARD, None, 24), ({"level": "STANDARD"},), {"dbs"},
    ),
    "a new one of too low a level beside an old one": (
        DbsRequirement(DbsLevel.ENHANCED, None, 12),
        (ENHANCED, {**STANDARD, "issue_date": "2026-09-01"}), {"dbs"},
    ),
    "no list checked": (
        DbsRequirement(DbsLevel.ENHANCED_BARRED, Workforce.ADULT), (BOTH,), {"barred_list"},
    ),
    "one list of two": (
        DbsRequirement(DbsLevel.ENHANCED_BARRED, Workforce.BOTH),
        ({**BOTH, "adults_barred_checked": True},), {"barred_list"},
    ),
    "both lists": (
        DbsRequirement(DbsLevel.ENHANCED_BARRED, Workforce.BOTH),
        ({**BOTH, "adults_barred_checked": True, "childrens_barred_checked": True},), set(),
    ),
    "an old certificate with its list": (
        DbsRequirement(DbsLevel.ENHANCED_BARRED, Workforce.ADULT, 12),
        ({**BOTH, "adults_barred_checked": True},), {"dbs"},
    ),
    "nothing": (DbsRequirement(DbsLevel.BASIC), (), {"dbs"}),
}  # fmt: skip


@pytest.mark.parametrize("case", DBS)
def test_a_certificate_of_the_level_workforce_and_age(case: str) -> None:
    required, said, lost = DBS[case]
    assert lacks(required, *said) == lost


def test_until_the_first_of_two_certificates_ends() -> None:
    wanted = replace(
        ex.REQUIREMENTS.requirements, dbs=DbsRequirement(DbsLevel.ENHANCED, Workforce.BOTH, 36)
    )
    adult = {**ENHANCED, "issue_date": "2024-01-10"}
    child = {**ENHANCED, "workforce": "CHILD", "issue_date": "2025-01-10"}
    found = decided(
        requirements=replace(ex.REQUIREMENTS, requirements=wanted), held=certificates(adult, child)
    )
    assert item(found, "dbs").until_on == date(2027, 1, 10)


def test_a_role_without_a_check_asks_for_none() -> None:
    wanted = replace(ex.REQUIREMENTS.requirements, dbs=None, right_to_work=False)
    found = decided(
        requirements=replace(ex.REQUIREMENTS, requirements=wanted), held=certificates()
    )
    codes = {one.code for one in found.items}
    assert codes.isdisjoint({"dbs", "barred_list", "right_to_work"})


SOON, LATER = date(2026, 11, 30), date(2026, 12, 31)
HERS = agreement(employed_by="second_post")


def right(kind: FactKind = FactKind.RIGHT_TO_WORK, **change: Any) -> FactValue:
    return FactValue(kind, **{"checked_by_id": ex.HOST.id, **change})


def test_the_employers_own_check_of_the_right_to_work_bounds() -> None:
    def until(*facts: FactValue) -> date | None:
        return item(decided(under=HERS, employer_facts=facts), "right_to_work").until_on

    assert until(right()) is None
    assert until(right(valid_until=SOON)) == SOON
    assert until(right(valid_until=SOON), right(valid_until=LATER)) == LATER


def test_no_other_fact_and_none_that_nobody_checked_is_a_right_to_work() -> None:
    for fact in (right(FactKind.INDEMNITY), right(FactKind.TRAINING), right(checked_by_id=None)):
        assert missing(decided(under=HERS, employer_facts=(fact,))) == {"right_to_work"}


def test_the_longest_right_to_work_on_the_passport_counts() -> None:
    others = tuple(one for one in passport() if one.type != "right_to_work_outcome")
    rights = tuple(
        HeldCredential("right_to_work_outcome", {"valid_until": day.isoformat()})
        for day in (SOON, LATER)
    )
    assert item(decided(held=(*others, *rights)), "right_to_work").until_on == LATER


def test_a_competence_counts_until_its_review_and_without_one_for_good() -> None:
    asks = ex.policy(roles={"rn_adult": RoleClearance(competences=("IV",))})
    for review, until in ((None, None), (SOON.isoformat(), SOON)):
        said = {"code": "IV", "supervision_level": "INDEPENDENT", "review_by": review}
        held = (*passport(), HeldCredential("competence", said))
        found = item(decided(held=held, by_policy=asks), "competence.IV")
        assert (found.state, found.until_on) == (ItemState.MET, until)


def test_a_limit_on_exposure_prone_work_bars_no_other() -> None:
    limits = ["NO_EXPOSURE_PRONE_PROCEDURES"]
    held = passport(oh_clearance={"placement_limits": limits})
    assert decided(held=held).state is ClearanceState.CLEARED


def test_what_a_gp_is_listed_for_bounds() -> None:
    doctors = work.policy(StaffGroup.MEDICAL_DENTAL)
    gp = replace(ex.ASKED, role="gp", staff_group=StaffGroup.MEDICAL_DENTAL, grade=Grade.GP)
    under = agreement(scope=[{"staff_group": "medical_dental", "grades": ["gp"]}])
    for until in (None, SOON):
        said = {"status": "included", "region": "England"}
        facts = (right(FactKind.PERFORMERS_LIST, value=said, valid_until=until),)
        found = decided(asked=gp, requirements=doctors, under=under, employer_facts=facts)
        listed = item(found, "performers_list")
        assert (listed.state, listed.until_on) == (ItemState.MET, until)


def test_items_go_by_their_titles() -> None:
    titles = {one.code: one.title for one in decided().items}
    assert titles["identity"] == "Identity"
    assert titles["employment"] == f"Employment at {ex.HOME.name}"


def employed(*posts: dict[str, Any]) -> tuple[HeldCredential, ...]:
    """Everything held, with other posts than the usual one."""
    usual = ex.CREDENTIALS["employment_assignment"]
    others = tuple(one for one in passport() if one.type != "employment_assignment")
    return (*others, *(HeldCredential("employment_assignment", {**usual, **one}) for one in posts))


def test_of_two_posts_the_one_that_lasts_longer_counts() -> None:
    held = employed({"ends_on": SOON.isoformat()}, {"ends_on": LATER.isoformat()})
    assert item(decided(held=held), "employment").until_on == LATER


def test_a_post_of_no_known_beginning_has_begun() -> None:
    assert missing(decided(held=employed({"starts_on": None}))) == set()


def test_of_two_rights_to_work_the_one_without_an_end_counts() -> None:
    facts = (right(valid_until=SOON), right())
    found = item(decided(under=HERS, employer_facts=facts), "right_to_work")
    assert (found.state, found.until_on) == (ItemState.MET, None)


def test_a_band_and_a_doctors_grade_are_not_compared() -> None:
    under = agreement(scope=[{"staff_group": "nursing_midwifery", "grades": ["fy1", "band_5"]}])
    found = decided(asked=replace(ex.ASKED, grade=Grade.FY1), under=under)
    assert "employment" not in missing(found)


@pytest.mark.parametrize("level", ["OBSERVE", "SUPERVISED", "INDEPENDENT", "CAN_TEACH", None])
def test_a_competence_is_of_somebody_who_works_alone(level: str | None) -> None:
    asks = ex.policy(roles={"rn_adult": RoleClearance(competences=("IV",))})
    said = {"code": "IV", "supervision_level": level}
    held = (*passport(), HeldCredential("competence", said))
    lacks = set() if level in ("INDEPENDENT", "CAN_TEACH") else {"competence.IV"}
    assert missing(decided(held=held, by_policy=asks)) == lacks


def test_a_competence_that_the_agreement_does_not_share_is_for_the_two_organisations() -> None:
    asks = ex.policy(roles={"rn_adult": RoleClearance(competences=("IV",))})
    kept = [one for one in ex.terms().data_categories if one != "competence"]
    found = decided(under=agreement(data_categories=kept), by_policy=asks)
    assert item(found, "competence.IV").act.startswith("Vary the agreement")
    shared = item(decided(by_policy=asks), "competence.IV")
    assert shared.act == "Collect the competence from your employer into your passport"


def test_what_is_not_there_is_named_in_its_act() -> None:
    found = item(decided(held=passport(identity=None), under=agreement(home_warranties=[])),
                 "identity")  # fmt: skip
    assert found.act == "Collect identity from your employer into your passport"
