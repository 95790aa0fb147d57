"""Requests and a policy that the tests of a shift's states share."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from bankhub.model.policies import PolicyKind, read_values
from bankhub.model.reference import national_policies
from bankhub.model.request_policy import RequestFacts, RequestPolicy
from bankhub.model.vocabulary import ShiftState
from passport.errors import Reason
from tests.rules.cascade_examples import START, D, shift

S = ShiftState
NOW = START - 5 * D
WARD, MATRON, BANK = UUID(int=21), UUID(int=22), UUID(int=23)
POLICIES = {
    version.staff_group: read_values(RequestPolicy, version.values)
    for version in national_policies(PolicyKind.REQUESTING)
}
POLICY = replace(POLICIES[None], two_people_above_pence=30_000, two_people_above_minutes=690)
IN_REQUEST = ("requested_by_id", "created_at", "estimate_pence", "reason_text", "post_number")


def request(state: ShiftState = S.SUBMITTED, **change: Any) -> RequestFacts:
    """A request by the ward, under both thresholds."""
    own = {k: change.pop(k) for k in (*IN_REQUEST, "review_on", "notes") if k in change}
    facts: dict[str, Any] = {
        "requested_by_id": WARD,
        "created_at": START - 6 * D,
        "estimate_pence": 20_000,
    }
    return RequestFacts(shift=shift(state=state, **change), **{**facts, **own})


def codes(reasons: list[Reason]) -> list[str]:
    assert all(reason.text for reason in reasons)
    return [reason.code for reason in reasons]
