"""Which step may a credential take from where it stands (passport.md 3.2)?

Rule in plain English. Before its holder took it a credential may be taken back, or turned down by
the holder; afterwards it may be held back for a time, ended, or give way to a newer one. What has
ended stays ended. A credential held back for two reasons is held back until neither holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from passport.errors import Reason
from passport.model.credential_types import Suspension
from passport.model.credentials import LIVE, CredentialState

S = CredentialState
OF_REGISTERS = frozenset({Suspension.REGISTER_ENTRY_CHANGED, Suspension.SUSPECT_NO_LONGER_VALID})
"""What whoever watches registers may hold a credential back for, and let go again."""


class Step(StrEnum):
    """What can happen to a credential; the value is the verb of its event."""

    ACCEPT = "accepted"
    REJECT = "rejected"
    RESOLVE = "resolved"
    WITHDRAW = "withdrawn"
    SUSPEND = "suspended"
    REINSTATE = "reinstated"
    REVOKE = "revoked"
    SUPERSEDE = "superseded"
    REFRESH = "refreshed"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The states a step leads from, where to, and the sentence for everybody else."""

    since: tuple[CredentialState, ...]
    to: CredentialState | None
    refused: str


_STEPS: Mapping[Step, Allowed] = {
    Step.ACCEPT: Allowed((S.OFFERED, S.HELD), S.HELD, "This credential is no longer on offer."),
    Step.REJECT: Allowed(
        (S.OFFERED,), S.REJECTED, "Only a credential that waits for you can be turned down."
    ),
    Step.RESOLVE: Allowed((S.REJECTED,), S.RESOLVED, "The holder did not turn this one down."),
    Step.WITHDRAW: Allowed(
        (S.OFFERED,),
        S.WITHDRAWN,
        "Only what its holder has not accepted yet can be withdrawn. Revoke it instead.",
    ),
    Step.SUSPEND: Allowed(LIVE, S.SUSPENDED, "This credential has ended already."),
    Step.REINSTATE: Allowed((S.SUSPENDED,), None, "This credential is not suspended."),
    Step.REVOKE: Allowed(
        (S.HELD, S.SUSPENDED),
        S.REVOKED,
        "Only an accepted credential that still stands can be revoked.",
    ),
    Step.SUPERSEDE: Allowed(LIVE, S.SUPERSEDED, "This credential has ended already."),
    Step.REFRESH: Allowed(LIVE, None, "This credential has ended already."),
}


def why_not(step: Step, state: CredentialState) -> list[Reason]:
    """Why a credential in this state cannot take the step; empty = it can."""
    allowed = _STEPS[step]
    if state in allowed.since:
        return []
    return [Reason(f"not_{step}", {"state": state.value}, text=allowed.refused)]


def after(
    step: Step, state: CredentialState, *, accepted: bool, held_back: bool
) -> CredentialState:
    """The state a step leads to. What is let go again is where it was before."""
    to = _STEPS[step].to
    if to is not None:
        return to
    if step is Step.REFRESH or held_back:
        return state
    return S.HELD if accepted else S.OFFERED


def suspensions(state: CredentialState, reason: str | None) -> frozenset[Suspension]:
    """Why a credential is held back, from the reason on its row."""
    if state is not S.SUSPENDED:
        return frozenset()
    return frozenset(Suspension(code) for code in (reason or "").split())


def reason_of(standing: Iterable[Suspension]) -> str | None:
    """The reason on the row of a credential that is held back for all of these."""
    return " ".join(sorted(standing)) or None
