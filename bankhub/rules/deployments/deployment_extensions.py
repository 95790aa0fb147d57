"""May a deployment go on past its last day, and by whose act?

Rule in plain English. While it runs, home or host proposes a later last day, one proposal at a
time: no later than its instrument allows from its first day, nor than the agreement that is in
force on the first added day. The person agrees; the home organisation, or a returner's sponsor,
authorises it; then the host's clearance has to stand on the first added day and the agreement has
to permit it still; then worker, home and host each accept the same paper. Only then is the later
day the last one: until then the earlier one holds, and when it has passed, or an earlier end is
put on record, what was proposed has lapsed. Each of the three may say no before that. What has no
last day of its own ends with its agreement and cannot be extended.
"""

from collections.abc import Mapping
from datetime import date

from bankhub.model.deployment_values import (
    DeploymentFacts,
    ExtensionFacts,
    InstrumentReference,
    Side,
)
from bankhub.model.deployments import AcceptedBy, ExtensionState
from bankhub.rules.deployments.deployment_states import RUNNING, Step, accepted_by_all
from bankhub.rules.london_time import add_months
from bankhub.rules.wording import said_day
from passport.errors import Cure, Reason

X = ExtensionState

OPEN = (X.PROPOSED, X.AGREED, X.AUTHORISED, X.CHECKED)

_ALL = (Side.WORKER, Side.HOME, Side.HOST)
_STEPS: Mapping[Step, tuple[tuple[X, ...], tuple[Side, ...]]] = {
    Step.AGREE: ((X.PROPOSED,), (Side.WORKER,)),
    Step.AUTHORISE: ((X.AGREED,), (Side.HOME,)),
    Step.ACCEPT: ((X.CHECKED,), _ALL),
    Step.REFUSE: (OPEN, _ALL),
}


def why_not_extend(step: Step, facts: DeploymentFacts, side: Side) -> list[Reason]:
    """Why that side cannot do that to the extension now; an empty list = it can."""
    states, sides = _STEPS[step]
    if side not in sides:
        return [Reason("not_your_part", {"step": step}, text="This is for somebody else to do.")]
    if facts.state not in RUNNING or facts.extension is None:
        text = "Nothing waits to be extended here."
        return [Reason("no_extension", {"step": step}, Cure("Look at it again"), text=text)]
    if facts.extension.state not in states:
        text = "The extension has moved on, and cannot be changed so."
        return [Reason("not_in_this_state", {"step": step}, Cure("Look at it again"), text=text)]
    if step is Step.ACCEPT and AcceptedBy(side) in facts.extension.accepted:
        return [Reason("accepted_already", text="This side has accepted it already.")]
    return []


def extension_steps_of(facts: DeploymentFacts, side: Side) -> tuple[Step, ...]:
    """What that side can do to the open extension now."""
    return tuple(step for step in _STEPS if not why_not_extend(step, facts, side))


def wrong_new_end(
    facts: DeploymentFacts, ends_on: date, instrument: InstrumentReference
) -> str | None:
    """What is wrong with a later last day; None = nothing."""
    if facts.ends_on is not None and ends_on <= facts.ends_on:
        return f"Choose a day after {said_day(facts.ends_on)}, the last day on record."
    most = instrument.most_months
    if most and ends_on > add_months(facts.starts_on, most):
        return f"{instrument.title}: {most} months at most from its first day."
    return None


def extension_turn(one: ExtensionFacts, *, cleared: bool, permitted: bool) -> X | None:
    """Where an open extension of a running deployment goes by itself; None = it stays.
    `cleared` and `permitted`: by the host and by an agreement, on its first added day."""
    if one.state is X.AUTHORISED and cleared and permitted:
        return X.CHECKED
    if one.state is X.CHECKED and accepted_by_all(one.accepted):
        return X.ACCEPTED
    return None
