"""May this person of a partner work here, until when, and what is missing?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.clearance_policy import OhGroup, OhRequirement, RoleClearance
from bankhub.model.clearance_values import (
    Bypass,
    Doer,
    HeldCredential,
    ItemState,
    SignedInduction,
    Timing,
    item_json,
    item_of,
)
from bankhub.model.clearances import ClearanceState
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import DbsLevel, DbsRequirement
from bankhub.rules.clearances.clearance import NEVER_BYPASSED, may_bypass
from tests.rules import clearance_examples as ex
from tests.rules.clearance_examples import ASKED, TODAY, agreement, decided, item, missing, passport

MET, DUE = ItemState.MET, ItemState.DUE


def test_cleared_until_the_first_thing_ends_with_the_induction_still_due() -> None:
    found = decided()

    assert found.state is ClearanceState.CLEARED
    assert found.until_on == date(2027, 3, 2)
    assert found.bookable_until == date(2027, 3, 2)
    assert [one.code for one in found.due()] == ["induction.ward"]
    assert item(found, "registration").until_on == date(2027, 3, 31)
    assert item(found, "agreement").until_on == date(2027, 8, 31)
    assert {one.state for one in found.items} == {MET, DUE}


@pytest.mark.parametrize("code", sorted(one.code for one in decided().items))
def test_an_item_is_kept_and_read_again(code: str) -> None:
    assert item_of(item_json(item(decided(), code))) == item(decided(), code)


def test_no_item_holds_what_the_passport_said() -> None:
    said = str([item_json(one) for one in decided().items])
    for secret in ("01A2345N", "Moss", "2025-05-01", "2026-03-02", "FIT"):
        assert secret not in said


LOSES: Mapping[str, tuple[dict[str, Any], str, Doer]] = {
    "no identity": ({"held": passport(identity=None)}, "identity", Doer.WORKER),
    "identity held back": ({"held": ex.suspended("identity")}, "identity", Doer.HOME),
    "no employment": ({"held": passport(employment_assignment=None)}, "employment", Doer.WORKER),
    "employment ended": (
        {"held": passport(employment_assignment={"assignment_status": "ENDED"})},
        "employment", Doer.WORKER,
    ),
    "employment over": (
        {"held": passport(employment_assignment={"ends_on": "2026-10-04"})},
        "employment", Doer.WORKER,
    ),
    "employment to begin": (
        {"held": passport(employment_assignment={"starts_on": "2026-10-06"})},
        "employment", Doer.WORKER,
    ),
    "employed by somebody else": (
        {"held": passport(employment_assignment={"employer_ods": "R0A"})},
        "employment", Doer.WORKER,
    ),
    "employed at a lower band": (
        {"held": passport(employment_assignment={"pay_band": "BAND_4"})},
        "employment", Doer.HOST,
    ),
    "no registration": (
        {"held": passport(professional_registration=None)}, "registration", Doer.WORKER,
    ),
    "registration held back": (
        {"held": ex.suspended("professional_registration")}, "registration", Doer.HOME,
    ),
    "registration of another part": (
        {"held": passport(professional_registration={"register_part": "RNMH"})},
        "registration", Doer.WORKER,
    ),
    "registration with another body": (
        {"held": passport(professional_registration={"body": "HCPC"})},
        "registration", Doer.WORKER,
    ),
    "registration over": (
        {"held": passport(professional_registration={"expiry_date": "2026-10-04"})},
        "registration", Doer.WORKER,
    ),
    "registration with conditions": (
        {"held": passport(professional_registration={"registration_status": "CONDITIONS"})},
        "registration", Doer.HOME,
    ),
    "not looked up here": ({"host_checks": ()}, "registration", Doer.HOST),
    "another number looked up here": (
        {"host_checks": (ex.checked(number="99Z9999Z"),)}, "registration", Doer.HOST,
    ),
    "looked up too long ago": (
        {"host_checks": (ex.checked(on=date(2026, 9, 3)),)}, "registration", Doer.HOST,
    ),
    "lapsed on the register": ({"host_checks": (ex.checked("lapsed"),)}, "registration", Doer.HOST),
    "lapsed when last looked up": (
        {"host_checks": (ex.checked(on=date(2026, 10, 1)), ex.checked("lapsed"))},
        "registration", Doer.HOST,
    ),
    "unknown on the register": (
        {"host_checks": (ex.checked("unknown"),)}, "registration", Doer.HOST,
    ),
    "over on the register": (
        {"host_checks": (ex.checked(valid_until=date(2026, 10, 4)),)}, "registration", Doer.HOST,
    ),
    "right to work ended": (
        {"held": ex.ended("right_to_work_outcome")}, "right_to_work", Doer.WORKER,
    ),
    "identity ended": ({"held": ex.ended("identity")}, "identity", Doer.WORKER),
    "right to work held back": (
        {"held": ex.suspended("right_to_work_outcome")}, "right_to_work", Doer.HOME,
    ),
    "right to work over": (
        {"held": passport(right_to_work_outcome={"valid_until": "2026-10-04"})},
        "right_to_work", Doer.WORKER,
    ),
    "barred list of children only": (
        {"held": passport(dbs_outcome={
            "adults_barred_checked": None, "childrens_barred_checked": True})},
        "barred_list", Doer.HOME,
    ),
    "DBS for children": (
        {"held": passport(dbs_outcome={"workforce": "CHILD"})}, "dbs", Doer.HOME,
    ),
    "OH not yet": (
        {"held": passport(oh_clearance={"outcome": "NOT_YET"})},
        "occupational_health", Doer.WORKER,
    ),
    "OH for no patients": (
        {"held": passport(oh_clearance={"cleared_for_role_group": "NO_PATIENT_CONTACT"})},
        "occupational_health", Doer.WORKER,
    ),
    "OH wants to be asked": (
        {"held": passport(oh_clearance={"placement_limits": ["ASK_OCCUPATIONAL_HEALTH_FIRST"]})},
        "occupational_health", Doer.WORKER,
    ),
    "OH to be reviewed": (
        {"held": passport(oh_clearance={"review_by": "2026-10-04"})},
        "occupational_health", Doer.WORKER,
    ),
    "held back at home": ({"held_back": True}, "availability", Doer.HOME),
    "shown too long ago": ({"shown_on": date(2025, 10, 4)}, "passport_shown", Doer.WORKER),
}  # fmt: skip


@pytest.mark.parametrize("case", LOSES)
def test_one_thing_that_is_missing_bars_with_its_act(case: str) -> None:
    change, code, by = LOSES[case]

    found = decided(**change)

    assert (found.state, found.until_on) == (ClearanceState.NOT_CLEARED, None)
    assert missing(found) == {code}
    assert item(found, code).act
    assert item(found, code).by is by


def test_nobody_outside_is_told_why_something_is_held_back() -> None:
    reasons = {
        item(decided(held=ex.suspended(kind)), code).why
        for kind, code in (
            ("identity", "identity"), ("professional_registration", "registration"),
            ("right_to_work_outcome", "right_to_work"),
        )
    }  # fmt: skip
    reasons.add(item(decided(held_back=True), "availability").why)
    assert reasons == {"Not currently available."}


KEEPS: Mapping[str, dict[str, Any]] = {
    "no outcome of the check of the right to work": {
        "held": passport(right_to_work_outcome=None)
    },
    "a higher band": {"held": passport(employment_assignment={"pay_band": "BAND_6"})},
    "a local grade": {"held": passport(employment_assignment={"pay_band": "LOCAL"})},
    "a grade of another kind": {"held": passport(employment_assignment={"pay_band": "FY1"})},
    "employment from the day": {
        "held": passport(employment_assignment={"starts_on": "2026-10-05"})
    },
    "no end of the registration": {"held": passport(professional_registration={"expiry_date": ""})},
    "registered to the day": {
        "held": passport(professional_registration={"expiry_date": "2026-10-05"})
    },
    "on the register to the day": {"host_checks": (ex.checked(valid_until=TODAY),)},
    "right to work to the day": {
        "held": passport(right_to_work_outcome={"valid_until": "2026-10-05"})
    },
    "fit to the day": {"held": passport(oh_clearance={"review_by": "2026-10-05"})},
    "employment to the day": {"held": passport(employment_assignment={"ends_on": "2026-10-05"})},
    "a caution": {"host_checks": (ex.checked("caution"),)},
    "looked up 31 days ago": {"host_checks": (ex.checked(on=date(2026, 9, 4)),)},
    "registered again": {
        "host_checks": (ex.checked("lapsed", on=date(2026, 10, 1)), ex.checked())
    },
    "fit with adjustments": {"held": passport(oh_clearance={"outcome": "FIT_WITH_ADJUSTMENTS"})},
    "shown a year ago": {"shown_on": date(2025, 10, 5)},
}


@pytest.mark.parametrize("case", KEEPS)
def test_what_is_still_enough(case: str) -> None:
    assert decided(**KEEPS[case]).state is ClearanceState.CLEARED


UNTIL = {
    "employment": ({"held": passport(employment_assignment={"ends_on": "2026-12-24"})}, 24),
    "registration on the passport": (
        {"held": passport(professional_registration={"expiry_date": "2026-12-25"})}, 25,
    ),
    "registration on the register": (
        {"host_checks": (ex.checked(valid_until=date(2026, 12, 26)),)}, 26,
    ),
    "right to work": (
        {"held": passport(right_to_work_outcome={"valid_until": "2026-12-27"})}, 27,
    ),
    "occupational health": ({"held": passport(oh_clearance={"review_by": "2026-12-28"})}, 28),
    "showing": ({"shown_on": date(2025, 12, 29)}, 29),
}  # fmt: skip


def test_a_host_may_want_it_shown_once() -> None:
    once = ex.policy(show_again_months=None)
    found = decided(by_policy=once, shown_on=date(2020, 1, 1))
    assert found.state is ClearanceState.CLEARED
    assert "passport_shown" not in {one.code for one in found.items}


@pytest.mark.parametrize("case", UNTIL)
def test_cleared_until_the_first_end(case: str) -> None:
    change, day = UNTIL[case]
    assert decided(**change).until_on == date(2026, 12, day)


def test_a_subject_may_be_done_at_arrival() -> None:
    held = tuple(one for one in passport() if one.claims.get("subject_code") != "FIRE")
    at_arrival = ex.policy(training_at_arrival=("FIRE",))

    found = decided(held=held, by_policy=at_arrival)

    assert found.state is ClearanceState.CLEARED
    assert (item(found, "training.FIRE").state, item(found, "training.FIRE").timing) == (
        DUE, Timing.AT_ARRIVAL,
    )  # fmt: skip


def test_two_certificates_cover_both_workforces() -> None:
    midwife = replace(ASKED, role="midwife")
    adult, child = (
        HeldCredential(
            "dbs_outcome",
            {"level": "ENHANCED_BARRED", "workforce": workforce, "issue_date": "2025-05-01",
             name: True},
        )
        for workforce, name in (
            ("ADULT", "adults_barred_checked"), ("CHILD", "childrens_barred_checked"),
        )
    )  # fmt: skip
    held = tuple(one for one in passport() if one.type != "dbs_outcome")

    def lacks(*certificates: HeldCredential) -> bool:
        found = decided(asked=midwife, held=(*held, *certificates))
        return bool({"dbs", "barred_list"} & missing(found))

    assert lacks(adult)
    assert lacks(child)
    assert not lacks(adult, child)


def test_exposure_prone_procedures_need_their_clearance() -> None:
    epp = ex.policy(oh=OhRequirement(OhGroup.CLINICAL_EPP))
    cleared = {"cleared_for_role_group": "CLINICAL_EPP", "epp_clearance": "EPP_CLEARED"}
    limited = {**cleared, "placement_limits": ["NO_EXPOSURE_PRONE_PROCEDURES"]}

    def met(said: Mapping[str, Any]) -> bool:
        found = decided(by_policy=epp, held=passport(oh_clearance=said))
        return item(found, "occupational_health").state is MET

    for_role = ex.policy(roles={"rn_adult": RoleClearance(oh=OhRequirement(OhGroup.CLINICAL_EPP))})
    assert missing(decided(by_policy=for_role)) == {"occupational_health"}
    assert met(cleared)
    assert not met({**cleared, "epp_clearance": "NON_EPP_ONLY"})
    assert not met({})
    assert not met(limited)


def test_a_role_may_ask_for_more() -> None:
    own = RoleClearance(competences=("IV",))
    asks = ex.policy(roles={"rn_adult": own})
    said = {"code": "IV", "supervision_level": "INDEPENDENT", "review_by": "2026-10-05"}

    def lacks(**change: Any) -> set[str]:
        held = (*passport(), HeldCredential("competence", {**said, **change}))
        return missing(decided(by_policy=asks, held=held))

    assert lacks() == set()
    assert lacks(supervision_level="SUPERVISED") == {"competence.IV"}
    assert lacks(review_by="2026-10-04") == {"competence.IV"}
    assert lacks(code="NG") == {"competence.IV"}


def test_a_role_without_a_register_asks_for_none() -> None:
    hca = replace(
        ASKED, role="hca", staff_group=StaffGroup.HCA, grade=Grade.BAND_2
    )
    under = agreement(scope=[{"staff_group": "hca", "grades": ["band_2"]}])
    found = decided(asked=hca, under=under, held=passport(professional_registration=None))
    assert "registration" not in {one.code for one in found.items}
    assert item(found, "employment").state is MET


def test_inductions_are_due_until_both_signed_and_while_they_last() -> None:
    def state(until: date | None) -> ItemState:
        signed = SignedInduction("induction.ward", until, unit_id=UUID(int=5), place="Ward 7")
        found = decided(inductions=(signed,))
        assert found.state is ClearanceState.CLEARED
        return item(found, "induction.ward").state

    assert state(date(2026, 10, 5)) is MET
    assert state(date(2026, 10, 4)) is DUE
    assert state(None) is MET


@pytest.mark.parametrize("until", [date(2026, 10, 5), date(2026, 10, 20)])
def test_a_bypass_clears_for_its_days_and_no_longer(until: date) -> None:
    held = passport(dbs_outcome={"issue_date": "2015-05-01", "level": "ENHANCED"})
    found = decided(held=held, bypasses=(Bypass("training.IPC", until),))
    assert item(found, "training.IPC").state is MET

    lacking = tuple(one for one in passport() if one.claims.get("subject_code") != "IPC")
    found = decided(held=lacking, bypasses=(Bypass("training.IPC", until),))
    assert (found.state, found.until_on) == (ClearanceState.CLEARED, until)
    assert item(found, "training.IPC").state is ItemState.BYPASSED
    over = decided(held=lacking, bypasses=(Bypass("training.IPC", date(2026, 10, 4)),))
    assert missing(over) == {"training.IPC"}


@pytest.mark.parametrize(
    "case", [case for case, (_, code, _) in LOSES.items() if code in NEVER_BYPASSED]
)
def test_what_is_never_bypassed(case: str) -> None:
    change, code, _ = LOSES[case]
    found = decided(**change, bypasses=(Bypass(code, date(2026, 12, 31)),))
    assert missing(found) == {code}
    assert not may_bypass(item(found, code))


def test_the_longest_of_several_credentials_counts() -> None:
    held = (
        *passport(professional_registration={"expiry_date": "2026-12-01"}),
        HeldCredential(
            "professional_registration",
            {**ex.CREDENTIALS["professional_registration"], "expiry_date": "2027-02-01"},
        ),
    )
    assert item(decided(held=held), "registration").until_on == date(2027, 2, 1)


def test_a_credential_that_ended_by_itself_does_not_count() -> None:
    held = tuple(
        replace(one, valid_until=date(2026, 10, 4)) if one.type == "identity" else one
        for one in passport()
    )
    assert missing(decided(held=held)) == {"identity"}


def test_a_look_counts_from_its_london_day() -> None:
    late = replace(ex.checked(), at=datetime(2026, 9, 3, 23, 30, tzinfo=UTC))
    assert decided(host_checks=(late,), today=TODAY).state is ClearanceState.CLEARED


@pytest.mark.parametrize("kind", ["dbs_outcome", "oh_clearance"])
def test_what_the_home_organisation_holds_back_is_not_set_aside(kind: str) -> None:
    """A hold says nothing of why: two people of the host cannot know what they would set aside."""
    code = {"dbs_outcome": "dbs", "oh_clearance": "occupational_health"}[kind]
    aside = (Bypass(code, TODAY),)
    plain = replace(ex.REQUIREMENTS.requirements, dbs=DbsRequirement(level=DbsLevel.ENHANCED))
    needs = replace(ex.REQUIREMENTS, requirements=plain)
    old = decided(held=passport(**{kind: None}), bypasses=aside, requirements=needs)
    assert item(old, code).state is ItemState.BYPASSED
    found = decided(held=ex.suspended(kind), bypasses=aside, requirements=needs)
    assert missing(found) == {code}
    assert not may_bypass(item(found, code))
