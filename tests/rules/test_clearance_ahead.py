"""What a host has adopted for a later day bounds what is cleared today."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bankhub.model.clearance_policy import RoleClearance
from bankhub.model.clearance_values import Decision, ItemState
from bankhub.model.clearances import ClearanceState
from bankhub.rules.clearances.clearance import Later
from tests.rules import clearance_examples as ex
from tests.rules.clearance_examples import TODAY, decided, item, passport

MET = ItemState.MET
ASKS_MORE = Later(
    date(2027, 1, 1), ex.policy(roles={"rn_adult": RoleClearance(competences=("IV",))}),
    ex.REQUIREMENTS,
)  # fmt: skip


def later(*steps: Later, **change: Any) -> Decision:
    return decided(later=steps, **change)


def test_a_policy_that_was_adopted_for_later_bounds_what_is_cleared_today() -> None:
    found = later(ASKS_MORE)
    assert (found.state, found.until_on) == (ClearanceState.CLEARED, date(2026, 12, 31))
    told = item(found, "policy")
    assert (told.state, told.until_on) == (MET, date(2026, 12, 31))
    assert told.why == "From 1 January 2027 it also asks for: IV."
    assert later(replace(ASKS_MORE, from_on=date(2027, 3, 3))).until_on == date(2027, 3, 2)
    assert later(replace(ASKS_MORE, from_on=TODAY + timedelta(days=1))).until_on == TODAY


def test_a_policy_for_later_that_is_met_or_begins_after_the_end_changes_nothing() -> None:
    same = Later(date(2027, 1, 1), ex.policy(), ex.REQUIREMENTS)
    far = replace(ASKS_MORE, from_on=date(2027, 3, 4))
    for steps in ((same,), (far,), (same, far)):
        found = later(*steps)
        assert found == decided()


def test_the_first_policy_that_is_not_met_bounds() -> None:
    second = replace(ASKS_MORE, from_on=date(2027, 2, 1))
    assert later(ASKS_MORE, second).until_on == date(2026, 12, 31)
    assert [one.code for one in later(second, ASKS_MORE).items].count("policy") == 1


def test_a_shorter_renewal_from_later_counts_from_its_day_and_not_before() -> None:
    wanted = ex.REQUIREMENTS.requirements
    often = tuple(replace(one, refresh_months=8) for one in wanted.training)
    sooner = replace(ex.REQUIREMENTS, requirements=replace(wanted, training=often))
    found = later(Later(date(2026, 10, 20), ex.policy(), sooner))
    assert found.until_on == date(2026, 11, 2)
    assert item(found, "policy").why == "From 20 October 2026 it asks for something sooner again."
    assert later(Later(date(2026, 12, 1), ex.policy(), sooner)).until_on == date(2026, 11, 30)


def test_of_two_policies_for_later_the_earliest_end_counts() -> None:
    wanted = ex.REQUIREMENTS.requirements
    often = tuple(replace(one, refresh_months=8) for one in wanted.training)
    sooner = replace(ex.REQUIREMENTS, requirements=replace(wanted, training=often))
    first = Later(date(2026, 10, 10), ex.policy(), sooner)
    second = replace(ASKS_MORE, from_on=date(2026, 10, 20))
    assert later(first, second).until_on == date(2026, 10, 19)


def test_who_is_not_cleared_today_is_told_of_today_alone() -> None:
    found = later(ASKS_MORE, held=passport(identity=None))
    assert "policy" not in {one.code for one in found.items}
