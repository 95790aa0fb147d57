"""What rests on a party's warranty, for how long, and what never does."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bankhub.model.clearance_values import HeldCredential, ItemState
from bankhub.model.clearances import ClearanceState
from bankhub.model.work_policy import DbsLevel, DbsRequirement
from passport.model.facts import FactKind, FactValue
from tests.rules import clearance_examples as ex
from tests.rules.clearance_examples import (
    ASKED,
    TODAY,
    agreement,
    decided,
    item,
    missing,
    passport,
)

MET = ItemState.MET


def test_a_warranty_is_enough_only_where_the_policy_says_so() -> None:
    held = passport(oh_clearance=None)
    warranted = agreement(home_warranties=["right_to_work", "occupational_health"])
    strict = ex.policy(warranty_enough=())

    assert missing(decided(held=held)) == {"occupational_health"}
    assert missing(decided(held=held, under=warranted)) == set()
    assert missing(decided(held=held, under=warranted, by_policy=strict)) == {
        "occupational_health"
    }


ENHANCED = replace(
    ex.REQUIREMENTS,
    requirements=replace(
        ex.REQUIREMENTS.requirements, dbs=DbsRequirement(level=DbsLevel.ENHANCED)
    ),
)
WARRANTED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "identity": ("identity", "identity", {"held": passport(identity=None)}),
    "dbs": (
        "dbs", "dbs", {"held": passport(dbs_outcome=None), "requirements": ENHANCED},
    ),
    "training": (
        "training.IPC", "mandatory_training",
        {"held": (*(one for one in passport() if one.type != "training_award"),
                  *ex.trained("IPC"))},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WARRANTED)
def test_each_item_rests_on_the_warranty_of_its_own_clause(name: str) -> None:
    code, clause, change = WARRANTED[name]
    enough = ex.policy(warranty_enough=(name,))
    for given, state in (([clause], MET), ([], ItemState.MISSING)):
        under = agreement(home_warranties=["right_to_work", *given])
        found = item(decided(under=under, by_policy=enough, **change), code)
        assert found.state is state
    assert "Warranted by" in item(
        decided(under=agreement(home_warranties=[clause]), by_policy=enough, **change), code
    ).why


def test_a_warranty_lengthens_nothing_that_was_shown() -> None:
    soon = {"outcome": "FIT", "review_by": "2026-11-30", "cleared_for_role_group": "CLINICAL"}
    warranted = agreement(home_warranties=["right_to_work", "occupational_health"])
    found = decided(under=warranted, held=passport(oh_clearance=soon))
    assert item(found, "occupational_health").until_on == date(2026, 11, 30)


def test_occupational_health_may_say_nothing_of_limits() -> None:
    held = tuple(one for one in passport() if one.type != "oh_clearance")
    said = {"outcome": "FIT", "cleared_for_role_group": "CLINICAL", "placement_limits": None}
    found = decided(held=(*held, HeldCredential("oh_clearance", said)))
    assert item(found, "occupational_health").state is MET


@pytest.mark.parametrize(("days", "counts"), [(0, True), (-1, False)])
def test_a_credential_counts_on_its_last_day(days: int, *, counts: bool) -> None:
    last = TODAY + timedelta(days=days)
    held = tuple(
        replace(one, valid_until=last) if one.type == "identity" else one for one in passport()
    )
    assert (item(decided(held=held), "identity").state is MET) is counts


def test_a_returner_is_sponsored_and_the_host_checks_the_right_to_work() -> None:
    returner = replace(ASKED, sponsored=True)
    held = passport(employment_assignment=None)
    found = decided(asked=returner, held=held)
    assert missing(found) == {"right_to_work"}
    said = item(found, "employment")
    assert (said.state, said.title) == (MET, f"Sponsored by {ex.HOME.name}")
    right = FactValue(FactKind.RIGHT_TO_WORK, checked_by_id=ex.HOST.id)
    assert decided(asked=returner, held=held, employer_facts=(right,)).state is (
        ClearanceState.CLEARED
    )


def test_a_lead_employer_that_is_named_and_does_not_employ_is_none() -> None:
    under = agreement(employed_by="second_post", lead_employer_ods=ex.HOME.ods)
    assert missing(decided(under=under)) == {"right_to_work"}


def test_a_warranty_never_stands_in_for_a_registration_or_a_barred_list() -> None:
    loose = ex.policy(warranty_enough=("registration", "barred_list", "employment"))
    every = agreement(home_warranties=[
        "right_to_work", "dbs", "registration_and_qualifications", "identity",
    ])  # fmt: skip
    held = passport(dbs_outcome=None, professional_registration=None)
    assert {"registration", "barred_list"} <= missing(decided(
        held=held, under=every, by_policy=loose,
    ))  # fmt: skip
