"""Extending a deployment: who may do what to it when, and where it goes by itself."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from bankhub.model import reference
from bankhub.model.agreement_terms import Instrument
from bankhub.model.deployment_values import DeploymentFacts, ExtensionFacts, Side
from bankhub.model.deployments import AcceptedBy, DeploymentState, ExtensionState
from bankhub.rules.deployments import deployment_extensions as rule
from bankhub.rules.deployments.deployment_extensions import (
    OPEN,
    extension_steps_of,
    extension_turn,
    why_not_extend,
    wrong_new_end,
)
from bankhub.rules.deployments.deployment_states import RUNNING, Step, waits_for, why_not_step

S, X = DeploymentState, ExtensionState
W, H, T = Side.WORKER, Side.HOME, Side.HOST
START, END = date(2026, 10, 1), date(2026, 12, 31)
ALL = frozenset(AcceptedBy)

MAY = {
    (X.PROPOSED, W): "agree refuse",
    (X.PROPOSED, H): "refuse",
    (X.PROPOSED, T): "refuse",
    (X.AGREED, W): "refuse",
    (X.AGREED, H): "authorise refuse",
    (X.AGREED, T): "refuse",
    (X.AUTHORISED, W): "refuse",
    (X.AUTHORISED, H): "refuse",
    (X.AUTHORISED, T): "refuse",
    (X.CHECKED, W): "accept refuse",
    (X.CHECKED, H): "accept refuse",
    (X.CHECKED, T): "accept refuse",
}
"""State, side → all that the side may do to the extension of what runs."""


def facts(extension: X | None, state: S = S.ACTIVE, **change: Any) -> DeploymentFacts:
    one = ExtensionFacts(extension, change.pop("accepted", frozenset())) if extension else None
    return DeploymentFacts(
        **{"state": state, "starts_on": START, "ends_on": END, "extension": one, **change}
    )


def may(extension: X, side: Side, state: S) -> set[str]:
    return {str(step) for step in extension_steps_of(facts(extension, state), side)}


def wrongly() -> list[tuple[X, Side, S]]:
    return [
        (one, side, state)
        for one, side, state in product(X, (W, H, T), S)
        if may(one, side, state)
        != set(MAY.get((one, side), "").split() if state in RUNNING else ())
    ]


def test_each_side_in_each_state() -> None:
    assert wrongly() == []


@pytest.mark.parametrize("step", list(rule._STEPS))
def test_mutant_of_a_step_that_everybody_may_always_is_found(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, "_STEPS", {**rule._STEPS, step: (tuple(X), tuple(Side))})
    assert wrongly()


def test_nothing_is_done_to_what_is_not_there() -> None:
    for step in (Step.AGREE, Step.AUTHORISE, Step.ACCEPT, Step.REFUSE):
        assert why_not_extend(step, facts(None), H if step is not Step.AGREE else W)


def test_one_side_accepts_once() -> None:
    one = facts(X.CHECKED, accepted=frozenset({AcceptedBy.HOME}))
    assert [why.code for why in why_not_extend(Step.ACCEPT, one, H)] == ["accepted_already"]
    assert why_not_extend(Step.ACCEPT, one, T) == []


@pytest.mark.parametrize("state", RUNNING)
def test_one_at_a_time_and_only_of_what_has_a_last_day(state: S) -> None:
    assert why_not_step(Step.EXTEND, facts(None, state), T) == []
    (why,) = why_not_step(Step.EXTEND, facts(X.PROPOSED, state), T)
    assert why.code == "extension_open"
    (why,) = why_not_step(Step.EXTEND, facts(None, state, ends_on=None), H)
    assert why.code == "no_last_day"


def test_the_new_last_day() -> None:
    licence = reference.instruments()[Instrument.LICENCE_TO_ATTEND]
    one = facts(None)
    assert wrong_new_end(one, END, licence)
    assert wrong_new_end(one, END - timedelta(days=1), licence)
    assert wrong_new_end(one, END + timedelta(days=1), licence) is None
    # twelve months at most, from its first day and not from the added one
    assert wrong_new_end(one, date(2027, 10, 1), licence) is None
    assert wrong_new_end(one, date(2027, 10, 2), licence)


@pytest.mark.parametrize("state", X)
@pytest.mark.parametrize("cleared", [True, False])
@pytest.mark.parametrize("permitted", [True, False])
@pytest.mark.parametrize("accepted", [ALL, ALL - {AcceptedBy.HOST}, frozenset()])
def test_where_it_goes_by_itself(
    state: X, cleared: bool, permitted: bool, accepted: frozenset[AcceptedBy]
) -> None:
    found = extension_turn(
        ExtensionFacts(state, accepted), cleared=cleared, permitted=permitted
    )
    if state is X.AUTHORISED and cleared and permitted:
        assert found is X.CHECKED
    elif state is X.CHECKED and accepted == ALL:
        assert found is X.ACCEPTED
    else:
        assert found is None


def test_whose_act_is_next() -> None:
    waits = {one: waits_for(facts(one)) for one in OPEN}
    assert waits == {
        X.PROPOSED: (W,), X.AGREED: (H,), X.AUTHORISED: (W, T), X.CHECKED: (W, H, T),
    }  # fmt: skip
    one = facts(X.CHECKED, accepted=frozenset({AcceptedBy.WORKER}))
    assert waits_for(one) == (H, T)
    assert waits_for(facts(None)) == ()
