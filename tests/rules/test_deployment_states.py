"""Where a deployment may go: every state, step and side; and what the day makes of each."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from bankhub.model.deployment_values import DeploymentFacts, Side
from bankhub.model.deployments import AcceptedBy, DeploymentState
from bankhub.rules.deployments import deployment_states as rule
from bankhub.rules.deployments.deployment_states import (
    COMING,
    RUNNING,
    Standing,
    Step,
    Turn,
    stopped,
    turn,
    why_not_step,
)

S = DeploymentState
W, H, T = Side.WORKER, Side.HOME, Side.HOST
START = date(2026, 9, 14)
END = date(2026, 12, 13)
DAY = timedelta(days=1)

MAY = {
    (S.PROPOSED, W): "agree refuse hold",
    (S.PROPOSED, H): "refuse hold",
    (S.PROPOSED, T): "refuse hold",
    (S.AGREED, W): "refuse hold",
    (S.AGREED, H): "authorise refuse hold",
    (S.AGREED, T): "refuse hold",
    (S.AUTHORISED, W): "refuse hold",
    (S.AUTHORISED, H): "refuse hold",
    (S.AUTHORISED, T): "refuse hold",
    (S.CHECKED, W): "accept refuse hold",
    (S.CHECKED, H): "accept refuse hold",
    (S.CHECKED, T): "accept refuse hold",
    (S.LICENSED, W): "refuse hold",
    (S.LICENSED, H): "refuse hold tick",
    (S.LICENSED, T): "refuse hold tick",
    (S.ACTIVE, W): "hold end stop",
    (S.ACTIVE, H): "hold extend end stop tick",
    (S.ACTIVE, T): "hold extend end stop tick feedback",
    (S.ENDING, W): "hold end stop",
    (S.ENDING, H): "hold extend end stop tick",
    (S.ENDING, T): "hold extend end stop tick feedback",
    (S.ON_HOLD, W): "stop",
    (S.ON_HOLD, H): "lift stop",
    (S.ON_HOLD, T): "stop",
    (S.RETURNED, H): "tick record",
    (S.RETURNED, T): "tick feedback",
    (S.TERMINATED_EARLY, H): "tick record",
    (S.TERMINATED_EARLY, T): "tick feedback",
}
"""State, side → all that the side may do. On hold it was active, and home put it there."""


def facts(state: S = S.ACTIVE, **change: Any) -> DeploymentFacts:
    held = {"held_from": S.ACTIVE, "because": "held_by_home"} if state is S.ON_HOLD else {}
    return DeploymentFacts(**{"state": state, "starts_on": START, "ends_on": END, **held, **change})


def may(state: S, side: Side) -> set[str]:
    return {str(step) for step in Step if not why_not_step(step, facts(state), side)}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("side", Side)
def test_each_side_in_each_state(state: S, side: Side) -> None:
    assert may(state, side) == set(MAY.get((state, side), "").split())


def wrongly() -> list[tuple[S, Side]]:
    return [
        (state, side)
        for state, side in product(S, (W, H, T))
        if may(state, side) != set(MAY.get((state, side), "").split())
    ]


def test_mutant_that_lets_any_side_lift_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "held_by", lambda _side: "held_by_home")
    assert wrongly() == [(S.ON_HOLD, W), (S.ON_HOLD, T)]


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.LIFT])
def test_mutant_of_a_step_that_everybody_may_always_is_found(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    anything = {**rule._STEPS, step: (tuple(S), tuple(Side))}
    monkeypatch.setattr(rule, "_STEPS", anything)
    assert wrongly()


def test_one_side_accepts_once() -> None:
    one = facts(S.CHECKED, accepted=frozenset({AcceptedBy.HOME}))
    assert [reason.code for reason in why_not_step(Step.ACCEPT, one, H)] == ["accepted_already"]
    assert why_not_step(Step.ACCEPT, one, T) == []


def test_what_has_not_begun_is_refused_and_not_ended() -> None:
    held = facts(S.ON_HOLD, held_from=S.AGREED)
    assert why_not_step(Step.STOP, held, H)


@pytest.mark.parametrize("state", COMING)
@pytest.mark.parametrize("given", [True, False])
def test_a_no_before_the_first_day_takes_back_what_was_given(state: S, given: bool) -> None:
    found = S.TERMINATED_EARLY if given else S.REFUSED
    assert stopped(facts(state, given=given)) is found
    assert stopped(facts(S.ON_HOLD, held_from=state, given=given)) is found
    assert turn(facts(state, given=given), stand(END + timedelta(days=1))) == Turn(
        found, "not_started_in_time"
    )


@pytest.mark.parametrize("state", RUNNING)
def test_what_runs_ends_early_whatever_was_given(state: S) -> None:
    assert stopped(facts(state, given=False)) is S.TERMINATED_EARLY


@pytest.mark.parametrize(("step", "side"), [(Step.FEEDBACK, T), (Step.RECORD, H)])
def test_nothing_is_said_of_work_that_nobody_did(step: Step, side: Side) -> None:
    assert why_not_step(step, facts(S.TERMINATED_EARLY), side) == []
    (why,) = why_not_step(step, facts(S.TERMINATED_EARLY, begun=False), side)
    assert why.code == "not_begun"


def stand(today: date = START, **change: Any) -> Standing:
    return Standing(**{"today": today, "cleared": True, **change})


ALL = frozenset(AcceptedBy)
TURNS: dict[str, tuple[DeploymentFacts, Standing, Turn | None]] = {
    "proposed waits": (facts(S.PROPOSED), stand(), None),
    "agreed waits": (facts(S.AGREED), stand(), None),
    "authorised and cleared": (facts(S.AUTHORISED), stand(), Turn(S.CHECKED)),
    "authorised and not cleared": (facts(S.AUTHORISED), stand(cleared=False), None),
    "accepted by two": (
        facts(S.CHECKED, accepted=frozenset({AcceptedBy.HOME, AcceptedBy.HOST})), stand(), None,
    ),
    "accepted by three": (facts(S.CHECKED, accepted=ALL), stand(), Turn(S.LICENSED)),
    "the first day": (facts(S.LICENSED), stand(), Turn(S.ACTIVE)),
    "the day before": (facts(S.LICENSED), stand(START - DAY), None),
    "the first day, something holds it": (
        facts(S.LICENSED, holding_tasks=frozenset({"it_access"})), stand(), None,
    ),
    "the first day, not cleared any more": (facts(S.LICENSED), stand(cleared=False), None),
    "fifteen days before the end": (facts(), stand(END - 15 * DAY), None),
    "fourteen days before the end": (facts(), stand(END - 14 * DAY), Turn(S.ENDING)),
    "no end": (facts(ends_on=None), stand(END), None),
    "the last day": (facts(S.ENDING), stand(END), None),
    "the day after": (facts(S.ENDING), stand(END + DAY), Turn(S.RETURNED)),
    "active, not cleared any more": (facts(), stand(cleared=False), None),
    "the agreement ends before": (
        facts(ends_on=None), stand(START + 20 * DAY, agreed_until=START + 30 * DAY),
        Turn(S.ENDING),
    ),
    "the agreement has ended": (
        facts(S.ENDING), stand(START + 31 * DAY, agreed_until=START + 30 * DAY),
        Turn(S.RETURNED),
    ),
    "never began": (
        facts(S.AGREED), stand(END + DAY), Turn(S.REFUSED, "not_started_in_time"),
    ),
    "a party suspended": (facts(), stand(suspended=True), Turn(S.ON_HOLD, "party_suspended")),
    "still suspended": (
        facts(S.ON_HOLD, because="party_suspended"), stand(suspended=True), None,
    ),
    "no longer suspended": (
        facts(S.ON_HOLD, because="party_suspended"), stand(), Turn(S.ACTIVE),
    ),
    "held by home": (facts(S.ON_HOLD), stand(), None),
    "held past its end": (facts(S.ON_HOLD), stand(END + DAY), Turn(S.RETURNED)),
    "held past its end, never began": (
        facts(S.ON_HOLD, held_from=S.AGREED), stand(END + DAY),
        Turn(S.REFUSED, "not_started_in_time"),
    ),
    "over, something to do": (
        facts(S.RETURNED, open_tasks=frozenset({"badge_returned"})), stand(END + DAY), None,
    ),
    "over, data still held": (facts(S.RETURNED, data_kept=True), stand(END + DAY), None),
    "over, all done": (facts(S.RETURNED), stand(END + DAY), Turn(S.CLOSED)),
    "ended early, all done": (facts(S.TERMINATED_EARLY), stand(), Turn(S.CLOSED)),
    "closed": (facts(S.CLOSED), stand(END + DAY, suspended=True), None),
    "not going ahead": (facts(S.REFUSED), stand(END + DAY, suspended=True), None),
}  # fmt: skip


@pytest.mark.parametrize(("one", "around", "expected"), TURNS.values(), ids=TURNS)
def test_the_day(one: DeploymentFacts, around: Standing, expected: Turn | None) -> None:
    assert turn(one, around) == expected


def test_every_way_comes_to_an_end() -> None:
    """No turn leads back to where it came from: the job always stops."""
    for state, cleared, suspended, today in product(
        S, (True, False), (True, False), (START - DAY, START, END, END + DAY)
    ):
        one, seen = facts(state, accepted=ALL), []
        around = stand(today, cleared=cleared, suspended=suspended)
        while found := turn(one, around):
            held = one.state if found.state is S.ON_HOLD else None
            one = replace(one, state=found.state, because=found.because, held_from=held)
            seen.append(found.state)
            assert len(seen) < 10, seen


ENDS = {
    "today": (START, START, None),
    "yesterday": (START - DAY, START, "at once"),
    "later than it is": (END, START, "not earlier"),
    "a day earlier": (END - DAY, START, None),
}


@pytest.mark.parametrize(("ends_on", "today", "said"), ENDS.values(), ids=ENDS)
def test_an_earlier_end(ends_on: date, today: date, said: str | None) -> None:
    found = rule.wrong_end(facts(), ends_on, today)
    assert (said is None) == (found is None)
    assert said is None or said in str(found)


NEXT = {
    S.PROPOSED: {W}, S.AGREED: {H}, S.AUTHORISED: {W, T}, S.CHECKED: {W, H, T}, S.ACTIVE: set(),
    S.CLOSED: set(),
}  # fmt: skip


@pytest.mark.parametrize("state", NEXT)
def test_whose_act_is_next(state: S) -> None:
    assert set(rule.waits_for(facts(state))) == NEXT[state]


def test_whose_act_is_next_once_accepted() -> None:
    some = facts(S.CHECKED, accepted=frozenset({AcceptedBy.WORKER}))
    assert set(rule.waits_for(some)) == {H, T}
    holding = facts(S.LICENSED, holding_tasks=frozenset({"smartcard"}))
    assert rule.waits_for(holding) == (T,)
    assert rule.waits_for(facts(S.LICENSED)) == ()
