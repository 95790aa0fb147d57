"""One bypass, one signature, one award, one register: each counts for its own item and no other."""

from dataclasses import replace
from datetime import date

import pytest

from bankhub.model.clearance_policy import RoleClearance
from bankhub.model.clearance_values import Bypass, HeldCredential, ItemState, SignedInduction
from bankhub.model.clearances import ClearanceState
from bankhub.model.reference_values import QualifyingRegister
from bankhub.rules.clearances.clearance import NEVER_BYPASSED
from bankhub.rules.clearances.clearance_case import item_about
from tests.rules import clearance_examples as ex
from tests.rules.clearance_examples import agreement, award, decided, item, missing, passport

SOON, LATER = date(2026, 10, 10), date(2026, 10, 20)
SUBJECTS = tuple(one.subject for one in ex.REQUIREMENTS.requirements.training)


def test_a_bypass_sets_no_other_item_aside() -> None:
    first, second = SUBJECTS[:2]
    held = tuple(one for one in passport() if one.type != "training_award")
    found = decided(
        held=(*held, *ex.trained(first, second)), bypasses=(Bypass(f"training.{first}", LATER),)
    )
    assert missing(found) == {f"training.{second}"}


def test_of_two_bypasses_the_longer_counts() -> None:
    first = SUBJECTS[0]
    held = tuple(one for one in passport() if one.type != "training_award")
    code = f"training.{first}"
    found = decided(
        held=(*held, *ex.trained(first)), bypasses=(Bypass(code, LATER), Bypass(code, SOON))
    )
    assert (found.state, found.until_on) == (ClearanceState.CLEARED, LATER)


def test_the_closed_list_of_what_is_never_set_aside() -> None:
    assert {
        "agreement", "availability", "employment", "identity", "registration", "right_to_work",
        "barred_list",
    } == NEVER_BYPASSED  # fmt: skip


def test_an_induction_of_another_kind_does_not_count() -> None:
    found = decided(inductions=(SignedInduction("induction.theatre", LATER),))
    assert item(found, "induction.ward").state is ItemState.DUE


def test_of_two_signatures_the_one_that_holds_longer_counts() -> None:
    signed = (
        SignedInduction("induction.ward", LATER, place="Ward 7"),
        SignedInduction("induction.ward", SOON, place="Ward 8"),
    )
    kept = item(decided(inductions=signed), "induction.ward")
    assert (kept.until_on, kept.why) == (LATER, "Signed for Ward 7.")
    endless = SignedInduction("induction.ward", None, place="Ward 9")
    kept = item(decided(inductions=(*signed, endless)), "induction.ward")
    assert (kept.until_on, kept.why) == (None, "Signed for Ward 9.")


def test_what_is_signed_at_arrival_does_not_shorten_the_clearance() -> None:
    signed = SignedInduction("induction.ward", SOON, place="Ward 7")
    assert decided(inductions=(signed,)).until_on == decided().until_on


@pytest.mark.parametrize(("asked", "counts"), [(1, True), (2, False)])
def test_an_award_that_names_no_level_is_of_the_first(asked: int, counts: bool) -> None:
    wanted = replace(ex.REQUIREMENTS.requirements.training[0], level=asked)
    needs = replace(
        ex.REQUIREMENTS,
        requirements=replace(ex.REQUIREMENTS.requirements, training=(wanted,)),
    )
    said = {name: text for name, text in award(wanted.subject).claims.items() if name != "level"}
    held = tuple(one for one in passport() if one.type != "training_award")
    found = decided(held=(*held, HeldCredential("training_award", said)), requirements=needs)
    assert missing(found) == (set() if counts else {f"training.{wanted.subject}"})


REGISTERS = {
    "one of two registers is enough": (
        (QualifyingRegister("HCPC", ("PA",)), QualifyingRegister("NMC", ("RNA",))), True,
    ),
    "another register is not": ((QualifyingRegister("HCPC", ("PA",)),), False),
    "a register without parts takes any entry": ((QualifyingRegister("NMC", ()),), True),
    "another part is not enough": ((QualifyingRegister("NMC", ("RM",)),), False),
}  # fmt: skip


@pytest.mark.parametrize("case", REGISTERS)
def test_which_registers_qualify(case: str) -> None:
    registers, enough = REGISTERS[case]
    role = replace(ex.REQUIREMENTS.roles["rn_adult"], registers=registers)
    needs = replace(ex.REQUIREMENTS, roles={**ex.REQUIREMENTS.roles, "rn_adult": role})
    assert missing(decided(requirements=needs)) == (set() if enough else {"registration"})


def test_after_the_last_day_the_agreement_says_what_it_still_honours() -> None:
    under = agreement(until_on=date(2026, 10, 1))
    honoured = under.honoured_until(ex.HOME.id, ex.HOST.id)
    found = item(decided(under=under), "agreement")
    assert honoured is not None
    assert honoured > date(2026, 10, 1)
    assert (found.until_on, "has ended" in found.why) == (honoured, True)
    running = item(decided(), "agreement")
    assert (running.until_on, "has ended" in running.why) == (date(2027, 8, 31), False)


@pytest.mark.parametrize("newer_first", [True, False])
def test_of_two_awards_the_newer_counts(newer_first: bool) -> None:
    old = award("IPC", awarded_on="2015-01-05")
    held = (old, *passport()) if not newer_first else (*passport(), old)
    assert item(decided(held=held), "training.IPC") == item(decided(), "training.IPC")


def test_what_is_held_back_does_not_speak_for_what_is_there() -> None:
    live = passport(dbs_outcome={"level": "BASIC"})
    other = replace(next(one for one in passport() if one.type == "dbs_outcome"), suspended=True)
    alone = [one for one in decided(held=live).items if one.code != "availability"]
    beside = [one for one in decided(held=(*live, other)).items if one.code != "availability"]
    assert missing(decided(held=live))
    assert beside == alone


ABOUT: dict[str, tuple[dict[str, str], str | None]] = {
    "identity": ({}, "identity"),
    "employment_assignment": ({}, "employment"),
    "professional_registration": ({"number": "01A2345N"}, "registration"),
    "right_to_work_outcome": ({}, "right_to_work"),
    "dbs_outcome": ({"code": "7"}, "dbs"),
    "oh_clearance": ({}, "occupational_health"),
    "training_award": ({"subject_code": "FIRE", "code": "7"}, "training.FIRE"),
    "competence": ({"code": "IV", "subject_code": "FIRE"}, "competence.IV"),
    "licence_to_attend": ({}, None),
}


@pytest.mark.parametrize("kind", ABOUT)
def test_the_item_that_rests_on_a_credential(kind: str) -> None:
    """As the checklist has it: what its issuer changes ends a bypass of that item alone."""
    claims, code = ABOUT[kind]
    assert item_about(kind, claims) == code
    asks = ex.policy(roles={"rn_adult": RoleClearance(competences=("IV",))})
    listed = {one.code for one in decided(by_policy=asks).items}
    assert code is None or code in listed
