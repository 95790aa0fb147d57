"""What must be proven on the date of a shift, by the policy of whose shift it is."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import (
    DbsLevel,
    DbsRequirement,
    EligibilityPolicy,
    TrainingRequirement,
    Workforce,
)
from bankhub.rules.london_time import add_months, age_on
from passport.model.facts import FactKind, FactValue
from tests.rules.work_examples import (
    DAY,
    DBS,
    MONDAY,
    NIGHT,
    NOW,
    OCTOBER,
    RIGHT_TO_WORK,
    asked,
    codes,
    fact,
    found,
    policy,
    post,
    proofs,
    registration,
    shift,
    worker,
)

EARLIER, LATER = NOW - timedelta(days=30), NOW + timedelta(minutes=1)
LOOKED: dict[str, Any] = {"checked_at": LATER, "source": "register"}
REGISTRATIONS: list[tuple[str, list[FactValue], set[str]]] = [
    ("registered in the right part", [registration()], set()),
    ("the other form of the part's code", [registration(profession="RN1")], set()),
    ("the body in another spelling", [registration(body="nmc")], set()),
    ("no registration", [], {"registration_missing"}),
    ("only declared by the person", [registration(checked_by_id=None)], {"registration_missing"}),
    ("another body", [registration(body="HCPC", number="PH1")], {"registration_missing"}),
    ("another part", [registration(profession="RM")], {"registration_missing"}),
    (
        "two registrations, one of them in the right part",
        [registration(profession="RM"), registration()],
        set(),
    ),
    ("valid on its last day", [registration(valid_until=MONDAY)], set()),
    (
        "ended the day before",
        [registration(valid_until=MONDAY - DAY)],
        {"registration_not_in_force"},
    ),
    ("recorded as lapsed", [registration("lapsed")], {"registration_not_in_force"}),
    ("in words nobody knows", [registration("pending")], {"registration_not_in_force"}),
    (
        "begins the day after",
        [registration(valid_from=MONDAY + DAY)],
        {"registration_not_in_force"},
    ),
    (
        "an old record beside a renewed one",
        [registration(valid_until=MONDAY - DAY), registration(valid_until=MONDAY + DAY)],
        set(),
    ),
    ("suspended", [registration("suspended")], {"registration_suspended"}),
    ("removed", [registration("removed")], {"registration_removed"}),
    ("conditions of practice", [registration("conditions")], {"registration_conditions"}),
    (
        "suspended here, registered by an older file elsewhere",
        [registration("suspended"), registration(checked_at=EARLIER, source="hr_file")],
        {"registration_suspended"},
    ),
    (
        "suspended here, registered by a later file elsewhere",
        [registration("suspended"), registration(checked_at=LATER, source="hr_file")],
        {"registration_suspended"},
    ),
    (
        "suspended once, cleared by a later look at the register",
        [registration("suspended"), registration(checked_at=LATER, source="register")],
        set(),
    ),
    (
        "suspended, and another number stands on the register",
        [registration("suspended"), registration(number="01A2346N", **LOOKED)],
        {"registration_suspended"},
    ),
    (
        "suspended after the last look at the register",
        [registration("suspended"), registration(checked_at=EARLIER, source="register")],
        {"registration_suspended"},
    ),
    (
        "suspended at a moment nobody recorded",
        [registration("suspended", checked_at=None), registration(source="register")],
        {"registration_suspended"},
    ),
    (
        "suspended, and the look at the register has no moment",
        [registration("suspended"), registration(source="register", checked_at=None)],
        {"registration_suspended"},
    ),
    (
        "a part nobody recorded",
        [registration(profession=None)],
        {"registration_part_not_known"},
    ),
    (
        "a part nobody recorded, and ended",
        [registration(profession=None, valid_until=MONDAY - DAY)],
        {"registration_not_in_force"},
    ),
    (
        "a part nobody recorded beside an entry that is known",
        [registration(profession=None), registration()],
        set(),
    ),
]


@pytest.mark.parametrize(("facts", "expected"), [case[1:] for case in REGISTRATIONS],
                         ids=[case[0] for case in REGISTRATIONS])  # fmt: skip
def test_registration_on_the_date_of_the_shift(facts: list[FactValue], expected: set[str]) -> None:
    who = worker(*facts, without=[FactKind.REGISTRATION])
    assert codes(asked(shift(), who)) == expected


def test_a_registration_that_ends_at_midnight_does_not_cover_the_night() -> None:
    who = worker(registration(valid_until=OCTOBER), without=[FactKind.REGISTRATION])
    assert codes(asked(shift(OCTOBER, NIGHT), who)) == {"registration_not_in_force"}
    assert asked(shift(OCTOBER, "11:30-00:00"), who) == []


def test_a_registration_that_begins_later_says_when() -> None:
    late = registration(valid_from=MONDAY + DAY)
    reasons = asked(shift(), worker(late, without=[FactKind.REGISTRATION]))
    cure = found(reasons, "registration_not_in_force").cure
    assert cure is not None
    assert cure.at == (MONDAY + DAY).isoformat()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("PH123456", set(), id="the prefix of an HCPC number is the profession"),
        pytest.param("RA123456", {"registration_missing"}, id="a radiographer is no physio"),
    ],
)
def test_the_number_tells_the_profession(number: str, expected: set[str]) -> None:
    ahp = StaffGroup.AHP_STT
    who = worker(
        posts=(post(role="physiotherapist", staff_group=ahp),),
        facts=(
            registration(body="HCPC", number=number, profession=None),
            *proofs("physiotherapist", ahp),
        ),
    )
    assert codes(asked(shift(role="physiotherapist", staff_group=ahp), who)) == expected


def _needing(*items: TrainingRequirement) -> EligibilityPolicy:
    return replace(policy(), requirements=replace(policy().requirements, training=items))


def _award(subject: str = "FIRE", level: int | None = 1, on: date | None = MONDAY) -> FactValue:
    return fact(FactKind.TRAINING, {"subject": subject, "level": level}, awarded_on=on)


YEARLY = TrainingRequirement("FIRE", 12)
LEVEL_2 = TrainingRequirement("SGA", 36, level=2)
TRAININGS: list[tuple[str, TrainingRequirement, list[FactValue], set[str]]] = [
    ("done in time", YEARLY, [_award()], set()),
    ("never done", YEARLY, [], {"training_missing"}),
    ("another subject", YEARLY, [_award("IG")], {"training_missing"}),
    ("done a year ago to the day", YEARLY, [_award(on=date(2025, 10, 5))], set()),
    ("done a year and a day ago", YEARLY, [_award(on=date(2025, 10, 4))], {"training_out_of_date"}),
    (
        "a printed expiry is not asked",
        YEARLY,
        [replace(_award(on=date(2026, 1, 1)), valid_until=date(2026, 2, 1))],
        set(),
    ),
    (
        "a printed expiry does not lengthen it",
        YEARLY,
        [replace(_award(on=date(2024, 1, 1)), valid_until=date(2030, 1, 1))],
        {"training_out_of_date"},
    ),
    ("the latest award counts", YEARLY, [_award(on=date(2020, 1, 1)), _award()], set()),
    ("an award after the shift does not count", YEARLY, [_award(on=MONDAY + DAY)],
     {"training_missing"}),
    ("an award without a date does not count", YEARLY, [_award(on=None)], {"training_missing"}),
    ("an award without a level is level 1", YEARLY, [_award(level=None)], set()),
    ("a lower level is not enough", LEVEL_2, [_award("SGA", 1)], {"training_missing"}),
    ("no level is not level 2", LEVEL_2, [_award("SGA", None)], {"training_missing"}),
    ("a higher level is enough", LEVEL_2, [_award("SGA", 3)], set()),
    (
        "only declared by the person",
        YEARLY,
        [replace(_award(), checked_by_id=None)],
        {"training_missing"},
    ),
    ("once is enough where the policy says so", TrainingRequirement("FIRE"),
     [_award(on=date(2001, 1, 1))], set()),
]  # fmt: skip


@pytest.mark.parametrize(("needed", "facts", "expected"), [case[1:] for case in TRAININGS],
                         ids=[case[0] for case in TRAININGS])  # fmt: skip
def test_training_on_the_date_by_the_hosts_policy(
    needed: TrainingRequirement, facts: list[FactValue], expected: set[str]
) -> None:
    who = worker(*facts, without=[FactKind.TRAINING])
    assert codes(asked(shift(), who, _needing(needed))) == expected


def test_each_missing_subject_is_a_reason_of_its_own() -> None:
    reasons = asked(shift(), worker(without=[FactKind.TRAINING]))
    subjects = [r.evidence["subject"] for r in reasons if r.code == "training_missing"]
    assert sorted(subjects) == sorted({t.subject for t in policy().requirements.training})


def test_out_of_date_training_says_until_when_it_was_good() -> None:
    who = worker(_award(on=date(2024, 2, 29)), without=[FactKind.TRAINING])
    reason = found(asked(shift(), who, _needing(YEARLY)), "training_out_of_date")
    assert reason.evidence["good_until_on"] == "2025-02-28"
    assert "Fire safety" in reason.text


def test_a_role_may_need_a_higher_level_than_its_group() -> None:
    who = worker(
        registration(profession="RM"),
        posts=(post(role="midwife"),),
        without=[FactKind.REGISTRATION],
    )
    missing = {
        (r.evidence["subject"], r.evidence["level"])
        for r in asked(shift(role="midwife"), who)
        if r.code == "training_missing"
    }
    assert missing == {("SGC", 3), ("RESUS_NEWBORN", 2)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], {"skill_missing"}, id="a skill that is not on record"),
        pytest.param([fact(FactKind.SKILL, {"code": "renal"})], set(), id="a skill on record"),
        pytest.param(
            [fact(FactKind.SKILL, {"code": "renal"}, valid_until=MONDAY - DAY)],
            {"skill_missing"},
            id="a skill that ended before the shift",
        ),
    ],
)
def test_skills_the_shift_asks_for(facts: list[FactValue], expected: set[str]) -> None:
    assert codes(asked(shift(skills=frozenset({"renal"})), worker(*facts))) == expected


def _check(level: str, workforce: str | None = "adult", **dates: Any) -> FactValue:
    return fact(FactKind.DBS, {"level": level, "workforce": workforce}, **dates)


ENHANCED = DbsRequirement(DbsLevel.ENHANCED_BARRED, Workforce.ADULT)
BOTH = DbsRequirement(DbsLevel.ENHANCED_BARRED, Workforce.BOTH)
RECENT = DbsRequirement(DbsLevel.BASIC, max_age_months=36)
CHECKS: list[tuple[str, DbsRequirement | None, list[FactValue], set[str]]] = [
    ("the right level and workforce", ENHANCED, [_check("enhanced_barred")], set()),
    ("no check needed", None, [], set()),
    ("no check", ENHANCED, [], {"dbs_missing"}),
    ("a check that was withdrawn", ENHANCED,
     [_check("enhanced_barred", valid_until=MONDAY - DAY)], {"dbs_missing"}),
    ("a level too low", ENHANCED, [_check("enhanced")], {"dbs_level_too_low"}),
    ("a level nobody knows", ENHANCED, [_check("gold")], {"dbs_level_too_low"}),
    ("a higher level than needed", RECENT, [_check("enhanced", None, awarded_on=MONDAY)], set()),
    ("another workforce", ENHANCED, [_check("enhanced_barred", "child")], {"dbs_other_workforce"}),
    ("a check for both covers one", ENHANCED, [_check("enhanced_barred", "both")], set()),
    ("one does not cover both", BOTH, [_check("enhanced_barred")], {"dbs_other_workforce"}),
    ("two certificates cover both", BOTH,
     [_check("enhanced_barred"), _check("enhanced_barred", "child")], set()),
    ("two certificates, one of them too low", BOTH,
     [_check("enhanced_barred"), _check("basic", "child")], {"dbs_other_workforce"}),
    ("as old as the bank allows", RECENT,
     [_check("basic", None, awarded_on=date(2023, 10, 5))], set()),
    ("older than the bank allows", RECENT,
     [_check("basic", None, awarded_on=date(2023, 10, 4))], {"dbs_too_old"}),
    ("of an age nobody recorded", RECENT, [_check("basic", None)], {"dbs_too_old"}),
]  # fmt: skip


@pytest.mark.parametrize(("needed", "facts", "expected"), [case[1:] for case in CHECKS],
                         ids=[case[0] for case in CHECKS])  # fmt: skip
def test_dbs_level_workforce_and_age(
    needed: DbsRequirement | None, facts: list[FactValue], expected: set[str]
) -> None:
    rules = replace(policy(), requirements=replace(policy().requirements, dbs=needed))
    assert codes(asked(shift(), worker(*facts, without=[FactKind.DBS]), rules)) == expected


def _right(**dates: Any) -> FactValue:
    return fact(FactKind.RIGHT_TO_WORK, {"route": "limited"}, **dates)


RIGHTS: list[tuple[str, str, list[FactValue], set[str]]] = [
    ("on record without an end", NIGHT, [RIGHT_TO_WORK], set()),
    ("not on record", NIGHT, [], {"right_to_work_missing"}),
    ("only declared", NIGHT, [replace(RIGHT_TO_WORK, checked_by_id=None)],
     {"right_to_work_missing"}),
    ("ends before the shift", NIGHT, [_right(valid_until=MONDAY - DAY)], {"right_to_work_ends"}),
    ("ends at midnight in the middle of the night", NIGHT, [_right(valid_until=MONDAY)],
     {"right_to_work_ends"}),
    ("ends on the day on which the night ends", NIGHT, [_right(valid_until=MONDAY + DAY)], set()),
    ("ends on the day of a shift by day", "07:30-20:00", [_right(valid_until=MONDAY)], set()),
    ("begins after the shift", NIGHT, [_right(valid_from=MONDAY + 2 * DAY)],
     {"right_to_work_missing"}),
]  # fmt: skip


@pytest.mark.parametrize(("clocks", "facts", "expected"), [case[1:] for case in RIGHTS],
                         ids=[case[0] for case in RIGHTS])  # fmt: skip
def test_right_to_work_to_the_end_of_the_shift(
    clocks: str, facts: list[FactValue], expected: set[str]
) -> None:
    who = worker(*facts, without=[FactKind.RIGHT_TO_WORK])
    assert codes(asked(shift(MONDAY, clocks), who)) == expected


def test_a_bank_that_does_not_ask_for_the_right_to_work_is_not_told_of_it() -> None:
    rules = replace(policy(), requirements=replace(policy().requirements, right_to_work=False))
    assert asked(shift(), worker(without=[FactKind.RIGHT_TO_WORK]), rules) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], {"performers_list_missing", "indemnity_missing"}, id="neither on record"),
        pytest.param(
            [fact(FactKind.PERFORMERS_LIST), fact(FactKind.INDEMNITY)], set(), id="both on record"
        ),
        pytest.param(
            [
                fact(FactKind.PERFORMERS_LIST, valid_until=MONDAY - DAY),
                fact(FactKind.INDEMNITY, valid_until=MONDAY - DAY),
            ],
            {"performers_list_ended", "indemnity_ended"},
            id="both ended the day before",
        ),
        pytest.param(
            [fact(FactKind.PERFORMERS_LIST, valid_from=MONDAY + DAY), fact(FactKind.INDEMNITY)],
            {"performers_list_missing"},
            id="an entry that begins later",
        ),
    ],
)
def test_a_gp_is_on_the_performers_list_and_indemnified(
    facts: list[FactValue], expected: set[str]
) -> None:
    medical = StaffGroup.MEDICAL_DENTAL
    who = worker(
        posts=(post(role="gp", grade=Grade.GP, staff_group=medical),),
        facts=(
            registration(body="GMC", number="1234567", profession=None),
            *proofs("gp", medical),
            *facts,
        ),
    )
    session = shift(MONDAY, "08:30-12:40", role="gp", grade=Grade.GP, staff_group=medical)
    assert codes(asked(session, who)) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        pytest.param(date(2025, 8, 31), 6, date(2026, 2, 28), id="no 31 February"),
        pytest.param(date(2024, 2, 29), 12, date(2025, 2, 28), id="from a leap day"),
        pytest.param(date(2025, 11, 30), 1, date(2025, 12, 30), id="into December"),
        pytest.param(date(2025, 12, 31), 36, date(2028, 12, 31), id="three years"),
    ],
)
def test_months_are_added_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_a_person_is_of_age_on_the_birthday() -> None:
    assert age_on(date(2026, 10, 5), date(2008, 10, 5)) == 18
    assert age_on(date(2026, 10, 4), date(2008, 10, 5)) == 17
    assert age_on(date(2026, 2, 28), date(2008, 2, 29)) == 17


def test_dbs_of_the_shipped_policy_covers_the_usual_nurse() -> None:
    assert asked(shift(), worker(_check("enhanced_barred"), without=[FactKind.DBS])) == []
    assert DBS.value["workforce"] == "both"
