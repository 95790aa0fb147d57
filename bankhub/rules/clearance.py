"""May this person of a partner work here, until when, and what is missing?"""

from datetime import date

from bankhub.model.clearance_policy import ClearancePolicy
from bankhub.model.clearance_values import (
    AskedClearance,
    Decision,
    Doer,
    Evidence,
    HeldCredential,
    Item,
    ItemState,
    Timing,
    bookable_until,
)
from bankhub.model.work_policy import EligibilityPolicy
from bankhub.rules.agreements_in_force import InForce

__all__ = [
    "NEVER_BYPASSED",
    "Decision",
    "Doer",
    "HeldCredential",
    "Item",
    "ItemState",
    "Timing",
    "bookable_until",
    "decide",
]

NEVER_BYPASSED = frozenset(
    {"agreement", "employment", "identity", "registration", "right_to_work", "barred_list"}
)


def decide(
    asked: AskedClearance,
    evidence: Evidence,
    *,
    policy: ClearancePolicy,
    requirements: EligibilityPolicy,
    agreement: InForce | None,
    today: date,
) -> Decision:
    """The decision, with every item that the host's policy asks for."""
    raise NotImplementedError
