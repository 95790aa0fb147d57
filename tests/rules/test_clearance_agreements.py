"""What a clearance owes to the agreement: whom it covers, what it shares, recognises, warrants."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.agreement_terms import DataCategory, Instrument, PartyRole
from bankhub.model.clearance_values import Doer, ItemState
from bankhub.model.clearances import ClearanceState
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import TrainingRequirement
from bankhub.rules.agreements.agreements_in_force import InForce, Party
from passport.model.facts import FactKind, FactValue
from tests.rules import clearance_examples as ex
from tests.rules import work_examples as work
from tests.rules.clearance_examples import ASKED, agreement, decided, item, missing, passport

MET = ItemState.MET


def shares(*left_out: DataCategory) -> list[str]:
    return [one.value for one in DataCategory if one not in left_out]


AGREEMENTS: Mapping[str, tuple[dict[str, Any], str]] = {
    "before its first day": ({"starts_on": "2026-10-06"}, "not in force"),
    "another staff group": (
        {"scope": [{"staff_group": "hca", "grades": ["band_5"]}]}, "staff group",
    ),
    "another grade": (
        {"scope": [{"staff_group": "nursing_midwifery", "grades": ["band_6"]}]}, "grade",
    ),
    "the role left out": ({"excluded_roles": ["rn_adult"]}, "leaves this role out"),
    "another instrument": ({"instruments": ["secondment"]}, "instrument"),
    "host suspended": ({"suspended": "RM3"}, "suspended"),
    "home suspended": ({"suspended": "RWJ"}, "suspended"),
    "home may not be home": (
        {"parties": [{"ods": "RWJ", "role": "host"}, {"ods": "RM3"}]}, "suspended",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", AGREEMENTS)
def test_without_an_agreement_nothing_is_read(case: str) -> None:
    change, words = AGREEMENTS[case]

    found = decided(under=agreement(**change))

    assert found.state is ClearanceState.NOT_CLEARED
    assert [one.code for one in found.items] == ["agreement"]
    assert words in found.items[0].why
    assert [one.code for one in decided(without_agreement=True).items] == ["agreement"]


def test_in_force_from_its_first_day() -> None:
    under = agreement(starts_on=ex.TODAY.isoformat())
    assert decided(under=under).state is ClearanceState.CLEARED


@pytest.mark.parametrize(
    ("today", "for_safety", "cleared"),
    [
        (date(2026, 10, 5), False, True),
        (date(2026, 10, 6), False, True),
        (date(2026, 11, 2), False, True),
        (date(2026, 11, 3), False, False),
        (date(2026, 10, 5), True, True),
        (date(2026, 10, 6), True, False),
    ],
)
def test_a_clearance_stands_while_bookings_are_honoured(
    today: date, for_safety: bool, cleared: bool
) -> None:
    ended = agreement(until_on=date(2026, 10, 5), for_safety=for_safety)

    found = decided(under=ended, today=today, host_checks=(ex.checked(on=today),))

    assert (found.state is ClearanceState.CLEARED) is cleared
    honoured = date(2026, 10, 5) if for_safety else date(2026, 11, 2)
    assert found.until_on == (honoured if cleared else None)
    if today == date(2026, 10, 5):
        assert found.bookable_until == date(2026, 10, 5)


@pytest.mark.parametrize(
    ("left_out", "lost"),
    [
        (DataCategory.IDENTITY, {"identity"}),
        (DataCategory.ASSIGNMENT, {"employment"}),
        (DataCategory.REGISTRATION, {"registration"}),
        (DataCategory.RTW_OUTCOME, set()),
        (DataCategory.DBS_OUTCOME, {"dbs", "barred_list"}),
        (DataCategory.OH_OUTCOME, {"occupational_health"}),
    ],
)
def test_what_the_agreement_does_not_share_does_not_count(
    left_out: DataCategory, lost: set[str]
) -> None:
    found = decided(under=agreement(data_categories=shares(left_out)))

    assert missing(found) == lost
    assert all(item(found, code).clause == "" for code in lost)
    assert all("does not share" in item(found, code).why for code in lost)


def test_each_item_names_the_clause_that_permits_it() -> None:
    found = decided()
    clauses = [one.clause for one in found.items if one.code in ("identity", "registration", "dbs")]
    assert all(clauses)
    assert len(set(clauses)) == 3


def test_training_that_is_not_shared_does_not_count() -> None:
    found = decided(under=agreement(data_categories=shares(DataCategory.TRAINING)))
    assert all(code.startswith("training.") for code in missing(found))
    assert len(missing(found)) == len(ex.REQUIREMENTS.requirements.training)


def test_a_home_that_does_not_share_restrictions_tells_none() -> None:
    silent = agreement(data_categories=shares(DataCategory.RESTRICTION_FLAG))
    assert decided(under=silent, held_back=True).state is ClearanceState.CLEARED


TRAINING: Mapping[str, tuple[dict[str, Any], bool]] = {
    "in time to the day": ({"awarded_on": "2025-10-05"}, True),
    "a day too old": ({"awarded_on": "2025-10-04"}, False),
    "awarded today": ({"awarded_on": "2026-10-05"}, True),
    "not awarded yet": ({"awarded_on": "2026-10-06"}, False),
    "too low a level": ({"level": "1"}, False),
    "a higher level": ({"level": "3"}, True),
    "of a stranger": ({"awarding_organisation": "R0A"}, False),
    "of the host": ({"awarding_organisation": "RM3"}, True),
}


@pytest.mark.parametrize("case", TRAINING)
def test_an_award_counts_by_the_hosts_refresh_period(case: str) -> None:
    change, enough = TRAINING[case]
    others = tuple(one for one in passport() if one.claims.get("subject_code") != "IPC")

    found = decided(held=(*others, ex.award("IPC", **change)))

    assert missing(found) == (set() if enough else {"training.IPC"})


def test_awards_of_everybody_on_the_trust_list_where_the_agreement_says_so() -> None:
    others = tuple(one for one in passport() if one.claims.get("subject_code") != "IPC")
    strange = (*others, ex.award("IPC", awarding_organisation="R0A"))
    anybody = agreement(training={"recognise": "any_issuer"})
    assert missing(decided(held=strange)) == {"training.IPC"}
    assert missing(decided(held=strange, under=anybody)) == set()


def test_a_host_may_want_its_own_award_where_the_agreement_says_why() -> None:
    own = {"exceptions": [{"host_ods": "RM3", "subject": "FIRE", "reason": "New building."}]}
    under = agreement(training=own)
    here = FactValue(
        FactKind.TRAINING, {"subject": "FIRE", "level": 1}, awarded_on=date(2026, 9, 1),
        checked_by_id=ex.HOST.id,
    )  # fmt: skip
    declared = replace(here, checked_by_id=None)
    elsewhere = agreement(
        training={"exceptions": [{"host_ods": "R0A", "subject": "FIRE", "reason": "Theirs."}]}
    )

    lacking = decided(under=under)
    assert missing(lacking) == {"training.FIRE"}
    assert "New building." in item(lacking, "training.FIRE").why
    assert missing(decided(under=under, host_facts=(here,))) == set()
    assert missing(decided(under=under, host_facts=(declared,))) == {"training.FIRE"}
    shown = (*passport(), ex.award("FIRE", awarding_organisation="RM3"))
    assert missing(decided(under=under, held=shown)) == set()
    assert missing(decided(under=elsewhere)) == set()


@pytest.mark.parametrize(
    ("employed_by", "lead", "facts", "met"),
    [
        ("home", "", (), True),
        ("second_post", "", (), False),
        ("second_post", "", (None,), True),
        ("second_post", "", (date(2026, 10, 5),), True),
        ("second_post", "", (date(2026, 10, 4),), False),
        ("lead_employer", "RWJ", (), True),
        ("lead_employer", "RM3", (), False),
        ("lead_employer", "RM3", (None,), True),
        ("lead_employer", "R0A", (), False),
    ],
)
def test_the_right_to_work_is_checked_by_whoever_employs(
    employed_by: str, lead: str, facts: tuple[date | None, ...], met: bool
) -> None:
    under = agreement(employed_by=employed_by, lead_employer_ods=lead)
    rights = tuple(
        FactValue(FactKind.RIGHT_TO_WORK, valid_until=until, checked_by_id=ex.HOST.id)
        for until in facts
    )
    found = decided(under=under, employer_facts=rights)
    assert (item(found, "right_to_work").state is MET) is met


def test_the_right_to_work_rests_on_a_warranty_and_on_nothing_less() -> None:
    found = decided(under=agreement(home_warranties=["identity"]))
    assert missing(found) == {"right_to_work"}


def test_every_instrument_of_the_agreement_will_do() -> None:
    under = agreement(instruments=["secondment", "licence_to_attend"])
    on_licence = replace(ASKED, instrument=Instrument.LICENCE_TO_ATTEND)
    assert decided(asked=on_licence, under=under).state is ClearanceState.CLEARED
    assert decided(under=under).state is ClearanceState.NOT_CLEARED


def test_what_home_says_of_the_right_to_work_is_nothing_to_another_employer() -> None:
    under = agreement(employed_by="second_post")
    found = item(decided(under=under, held=ex.suspended("right_to_work_outcome")), "right_to_work")
    assert (found.by, found.clause) == (Doer.HOST, "")
    assert "Whoever becomes the employer" in found.why


def test_the_right_to_work_names_its_clause_where_it_is_shared() -> None:
    assert item(decided(), "right_to_work").clause
    silent = agreement(
        data_categories=shares(DataCategory.RTW_OUTCOME), home_warranties=["identity"]
    )
    found = item(decided(under=silent), "right_to_work")
    assert (found.clause, "does not warrant" in found.why) == ("", True)


DOCTORS = work.policy(StaffGroup.MEDICAL_DENTAL)
GP = replace(ASKED, role="gp", staff_group=StaffGroup.MEDICAL_DENTAL, grade=Grade.GP)
GPS: dict[str, Any] = {"scope": [{"staff_group": "medical_dental", "grades": ["gp"]}]}


def for_gp(*facts: FactValue, **terms: Any) -> set[str]:
    """What of the two lists a GP lacks."""
    found = decided(
        asked=GP, requirements=DOCTORS, under=agreement(**GPS, **terms), employer_facts=facts
    )
    return {"performers_list", "indemnity"} & missing(found)


def test_a_gp_is_on_the_performers_list_and_indemnified() -> None:
    listed = FactValue(FactKind.PERFORMERS_LIST, {"number": "1"}, checked_by_id=ex.HOST.id)
    covered = FactValue(FactKind.INDEMNITY, {"scheme": "CNSGP"}, checked_by_id=ex.HOST.id)
    over = replace(covered, valid_until=date(2026, 10, 4))
    declared = replace(listed, checked_by_id=None)

    assert for_gp() == {"performers_list", "indemnity"}
    assert for_gp(listed, covered) == set()
    assert for_gp(listed, over) == {"indemnity"}
    assert for_gp(declared, covered) == {"performers_list"}
    assert for_gp(home_warranties=["registration_and_qualifications"]) == {"indemnity"}
    assert for_gp(indemnity=["cnsgp"]) == {"performers_list"}


def test_an_award_that_is_enough_once_has_no_end_and_no_level_is_no_word() -> None:
    once = replace(
        ex.REQUIREMENTS.requirements,
        training=(TrainingRequirement("FIRE"), TrainingRequirement("IPC", 12, 2)),
    )
    wanted = replace(ex.REQUIREMENTS, requirements=once)
    old = (*(one for one in ex.passport() if one.type != "training_award"),
           ex.award("FIRE", 1, awarded_on="1999-01-01"))  # fmt: skip

    found = decided(requirements=wanted, held=old)

    fire, ipc = item(found, "training.FIRE"), item(found, "training.IPC")
    assert (fire.state, fire.until_on) == (MET, None)
    assert (fire.title, ipc.title) == (
        "Fire safety", "Infection prevention and control, level 2",
    )  # fmt: skip
    assert ipc.why == "No award that counts here."


OWN_AWARDS: Mapping[str, tuple[dict[str, Any], bool]] = {
    "the subject at the level": ({}, True),
    "a higher level": ({"value": {"subject": "IPC", "level": 3}}, True),
    "another subject": ({"value": {"subject": "FIRE", "level": 2}}, False),
    "too low a level": ({"value": {"subject": "IPC", "level": 1}}, False),
    "another kind of fact": ({"kind": FactKind.SKILL}, False),
    "declared": ({"checked_by_id": None}, False),
    "of no known day": ({"awarded_on": None}, False),
    "out of date": ({"awarded_on": date(2025, 10, 4)}, False),
}


@pytest.mark.parametrize("case", OWN_AWARDS)
def test_the_hosts_own_record_of_an_award(case: str) -> None:
    change, enough = OWN_AWARDS[case]
    fact = FactValue(
        FactKind.TRAINING, {"subject": "IPC", "level": 2}, awarded_on=date(2026, 3, 1),
        checked_by_id=ex.HOST.id,
    )  # fmt: skip
    held = tuple(one for one in passport() if one.claims.get("subject_code") != "IPC")
    found = decided(held=held, host_facts=(replace(fact, **change),))
    assert missing(found) == (set() if enough else {"training.IPC"})


@pytest.mark.parametrize(
    ("subject", "level", "by", "enough"),
    [
        ("IPC", 2, "RM3", True), ("IPC", 1, "RM3", False), ("FIRE", 2, "RM3", False),
        ("IPC", 2, "RWJ", False),
    ],
)  # fmt: skip
def test_the_hosts_own_award_on_the_passport(
    subject: str, level: int, by: str, *, enough: bool
) -> None:
    own = {"exceptions": [{"host_ods": "RM3", "subject": "IPC", "reason": "Ours."}]}
    held = (*passport(), ex.award(subject, level, awarding_organisation=by))
    found = decided(under=agreement(training=own), held=held)
    assert missing(found) == (set() if enough else {"training.IPC"})


def succeeded(by: str, of: str, **change: Any) -> InForce:
    """The agreement after a party's code became another's, with the one that follows in it."""
    found = agreement(**change)
    follower = Party(ex.HOST.id if of == "RM3" else UUID(int=9), by, "After", PartyRole.BOTH,
                     took_over=(of,))  # fmt: skip
    return replace(found, parties=(*(p for p in found.parties if p.ods != of), follower))


def test_an_award_of_a_successor_is_an_award_of_a_party() -> None:
    (wanted, *_) = ex.REQUIREMENTS.requirements.training
    theirs = ex.award(wanted.subject, wanted.level, awarding_organisation="RNEW")
    held = tuple(
        theirs if one.claims.get("subject_code") == wanted.subject else one for one in passport()
    )
    home = Party(ex.HOME.id, "RWJ", ex.HOME.name, PartyRole.BOTH)
    merged = succeeded("RNEW", "RWJ")
    both = replace(merged, parties=(home, *merged.parties))

    assert item(decided(held=held, under=both), f"training.{wanted.subject}").state is MET
    assert missing(decided(held=held)) == {f"training.{wanted.subject}"}


def test_an_exception_is_the_successor_host_s_too() -> None:
    (wanted, *_) = ex.REQUIREMENTS.requirements.training
    clause = {
        "training": {
            "recognise": "parties",
            "exceptions": [{"host_ods": "RM3", "subject": wanted.subject, "reason": "Own doors."}],
        }
    }
    asked = replace(ASKED, host=replace(ex.HOST, ods="RNEW"))
    merged = succeeded("RNEW", "RM3", **clause)

    assert f"training.{wanted.subject}" in missing(decided(asked=asked, under=merged))
    assert missing(decided(asked=asked, under=succeeded("RNEW", "RM3"))) == set()
