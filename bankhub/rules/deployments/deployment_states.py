"""Where may a deployment go from here, and by whose act?

Rule in plain English. A deployment is proposed by the home organisation, or by a host at which the
person showed their passport. The person agrees for themselves; then the home organisation
authorises it (or the sponsor of a returner); then the host's clearance has to stand; then worker,
home and host each accept exactly the same text; then what holds the start is done, the first day
comes, and it is active. Each of the three may say no before it is active, put it on hold (only the
side that held it lets it go on) or end it early: on a day to come it still ends properly, at once
it is over. Two weeks before its last day it is ending; after it, it is over and the way back runs:
access ended, badge and card returned, feedback, competence put on record, data deleted on its day.
Only when all of that is done is it closed (passport.md §3.3). A no before the first day goes that
way too where access, card or badge had been given, so that they are taken back; else it just ends
there. The last day is its own, or that of the agreement it started under with the days of winding
down, whichever comes first; where a party is suspended it is on hold until the suspension is
lifted. While it runs, home or host may propose a later last day (`deployment_extensions`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bankhub.model.deployment_values import DeploymentFacts, ExtensionFacts, Side
from bankhub.model.deployments import AcceptedBy, DeploymentState, ExtensionState
from passport.errors import Cure, Reason

S = DeploymentState

COMING = (S.PROPOSED, S.AGREED, S.AUTHORISED, S.CHECKED, S.LICENSED)
RUNNING = (S.ACTIVE, S.ENDING)
OVER = (S.RETURNED, S.TERMINATED_EARLY)
"""The way back runs."""
LIVE = (*COMING, *RUNNING, S.ON_HOLD)
DONE = (S.CLOSED, S.REFUSED)
ENDING_DAYS = 14
PARTY_SUSPENDED = "party_suspended"


class Step(StrEnum):
    """What one side does to a deployment."""

    AGREE = "agree"
    AUTHORISE = "authorise"
    ACCEPT = "accept"
    """The licence, or what the instrument's contract is called."""
    REFUSE = "refuse"
    HOLD = "hold"
    LIFT = "lift"
    EXTEND = "extend"
    """Propose a later last day."""
    END = "end"
    """On a day to come."""
    STOP = "stop"
    """At once."""
    TICK = "tick"
    FEEDBACK = "feedback"
    RECORD = "record"
    """Take the competence that was gained over, or say that there is none."""


_ALL = (Side.WORKER, Side.HOME, Side.HOST)
_STEPS: Mapping[Step, tuple[tuple[S, ...], tuple[Side, ...]]] = {
    Step.AGREE: ((S.PROPOSED,), (Side.WORKER,)),
    Step.AUTHORISE: ((S.AGREED,), (Side.HOME,)),
    Step.ACCEPT: ((S.CHECKED,), _ALL),
    Step.REFUSE: (COMING, _ALL),
    Step.HOLD: ((*COMING, *RUNNING), _ALL),
    Step.LIFT: ((S.ON_HOLD,), _ALL),
    Step.EXTEND: (RUNNING, (Side.HOME, Side.HOST)),
    Step.END: (RUNNING, _ALL),
    Step.STOP: ((*RUNNING, S.ON_HOLD), _ALL),
    Step.TICK: ((S.LICENSED, *RUNNING, *OVER), (Side.HOME, Side.HOST)),
    Step.FEEDBACK: ((*RUNNING, *OVER), (Side.HOST,)),
    Step.RECORD: (OVER, (Side.HOME,)),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the clock, or what was found out, takes a deployment."""

    state: DeploymentState
    because: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands around a deployment today."""

    today: date
    cleared: bool
    """The host's clearance stands today, or on the first day where that is to come."""
    agreed_until: date | None = None
    """Last day that the agreement honours; None = it ends later than anything here."""
    suspended: bool = False
    """One of the two parties is suspended."""


def held_by(side: Side) -> str:
    """The code under which a side puts a deployment on hold."""
    return f"held_by_{side.value}"


def why_not_step(step: Step, facts: DeploymentFacts, side: Side) -> list[Reason]:
    """Why that side cannot do that now; an empty list = it can."""
    states, sides = _STEPS[step]
    if side not in sides:
        return [Reason("not_your_part", {"step": step}, text="This is for somebody else to do.")]
    if facts.state not in states:
        return [_not_now(step, facts.state)]
    if step in (Step.FEEDBACK, Step.RECORD) and not facts.begun:
        return [Reason("not_begun", {"step": step}, text="They never came.")]
    if step is Step.ACCEPT and AcceptedBy(side) in facts.accepted:
        return [Reason("accepted_already", text="This side has accepted it already.")]
    if step is Step.LIFT and facts.because != held_by(side):
        return [
            Reason(
                "held_by_another",
                {"because": facts.because},
                Cure("Ask the side that put it on hold"),
                text="Somebody else put this on hold, and only they let it go on.",
            )
        ]
    if step is Step.EXTEND:
        return _why_not_extended(facts)
    if step is Step.STOP and facts.state is S.ON_HOLD and facts.held_from not in RUNNING:
        return [_not_now(step, facts.state)]
    return []


def _why_not_extended(facts: DeploymentFacts) -> list[Reason]:
    if facts.ends_on is None:
        text = "It has no last day of its own: it ends with the agreement."
        return [Reason("no_last_day", text=text)]
    if facts.extension is not None:
        text = "A later last day is proposed already."
        return [Reason("extension_open", cure=Cure("Decide on that one first"), text=text)]
    return []


def _not_now(step: Step, state: S) -> Reason:
    return Reason(
        "not_in_this_state",
        {"state": state.value, "step": step.value},
        Cure("Look at the deployment again: it has moved on"),
        text=f"A deployment that is {said(state)} cannot be changed so.",
    )


def said(state: S) -> str:
    """A state in a sentence."""
    return _SAID.get(state) or state.value


_SAID = {
    S.AGREED: "agreed by the person",
    S.AUTHORISED: "authorised by the home organisation",
    S.CHECKED: "checked by the host",
    S.RETURNED: "over",
    S.ON_HOLD: "on hold",
    S.TERMINATED_EARLY: "ended early",
}


def steps_of(facts: DeploymentFacts, side: Side) -> tuple[Step, ...]:
    """What that side can do now."""
    return tuple(step for step in Step if not why_not_step(step, facts, side))


def wrong_end(facts: DeploymentFacts, ends_on: date, today: date) -> str | None:
    """What is wrong with an earlier last day; None = nothing."""
    if ends_on < today:
        return "Choose today or a day to come; to end it at once, say so."
    if facts.ends_on is not None and ends_on >= facts.ends_on:
        return "That is not earlier than the last day on record."
    return None


def accepted_by_all(accepted: Collection[AcceptedBy]) -> bool:
    """Whether worker, home and host have accepted."""
    return set(accepted) == set(AcceptedBy)


def turn(facts: DeploymentFacts, stand: Standing) -> Turn | None:
    """Where the deployment goes by itself; None = it stays."""
    if facts.state in OVER:
        return Turn(S.CLOSED) if not (facts.open_tasks or facts.data_kept) else None
    if facts.state not in LIVE:
        return None
    if _is_past(facts, stand):
        return _run_out(facts)
    if facts.state is S.ON_HOLD:
        lifted = facts.because == PARTY_SUSPENDED and not stand.suspended and facts.held_from
        return Turn(facts.held_from) if lifted and facts.held_from else None
    if stand.suspended:
        return Turn(S.ON_HOLD, PARTY_SUSPENDED)
    return _onward(facts, stand)


def _onward(facts: DeploymentFacts, stand: Standing) -> Turn | None:
    if facts.state is S.AUTHORISED and stand.cleared:
        return Turn(S.CHECKED)
    if facts.state is S.CHECKED and accepted_by_all(facts.accepted):
        return Turn(S.LICENSED)
    if facts.state is S.LICENSED and not facts.holding_tasks and stand.cleared:
        return Turn(S.ACTIVE) if stand.today >= facts.starts_on else None
    last = last_day(facts, stand.agreed_until)
    if facts.state is S.ACTIVE and last is not None:
        near = stand.today >= last - timedelta(days=ENDING_DAYS)
        return Turn(S.ENDING) if near else None
    return None


def last_day(facts: DeploymentFacts, agreed_until: date | None) -> date | None:
    """The earlier of its own last day and the last that the agreement honours."""
    ends = [day for day in (facts.ends_on, agreed_until) if day is not None]
    return min(ends) if ends else None


def _is_past(facts: DeploymentFacts, stand: Standing) -> bool:
    last = last_day(facts, stand.agreed_until)
    return last is not None and stand.today > last


def _run_out(facts: DeploymentFacts) -> Turn:
    if _runs(facts):
        return Turn(S.RETURNED)
    return Turn(stopped(facts), "not_started_in_time")


def stopped(facts: DeploymentFacts) -> S:
    """Where it goes when somebody says no, or leaves: what was given is taken back."""
    return S.TERMINATED_EARLY if _runs(facts) or facts.given else S.REFUSED


def _runs(facts: DeploymentFacts) -> bool:
    return facts.state in RUNNING or facts.held_from in RUNNING


def waits_for(facts: DeploymentFacts) -> tuple[Side, ...]:
    """Whose act is next, where it is somebody's and not a day's."""
    if facts.state is S.CHECKED:
        return tuple(Side(one) for one in AcceptedBy if one not in facts.accepted)
    if facts.state is S.LICENSED:
        return (Side.HOST,) if facts.holding_tasks else ()
    if facts.state in RUNNING and facts.extension is not None:
        return _next_of(facts.extension)
    return _NEXT.get(facts.state, ())


def _next_of(extension: ExtensionFacts) -> tuple[Side, ...]:
    if extension.state is ExtensionState.CHECKED:
        return tuple(Side(one) for one in AcceptedBy if one not in extension.accepted)
    return _NEXT.get(S(extension.state), ())


_NEXT: Mapping[S, tuple[Side, ...]] = {
    S.PROPOSED: (Side.WORKER,),
    S.AGREED: (Side.HOME,),
    S.AUTHORISED: (Side.WORKER, Side.HOST),
}
