"""How a request may be amended: by state, by time, and with whose agreement."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.request_policy import RequestFacts, RequestPolicy
from bankhub.model.vocabulary import Grade, RequestReason, ShiftState, StaffGroup
from bankhub.rules.cascade.shift_states import changed_fields, why_not_amend
from tests.rules.cascade_examples import START, D, H, M
from tests.rules.request_examples import BANK, NOW, POLICY, WARD, codes, request

S = ShiftState


def amend(
    before: RequestFacts,
    after: RequestFacts,
    now: datetime = NOW,
    agreed_by_id: UUID | None = None,
    policy: RequestPolicy = POLICY,
) -> list[str]:
    return codes(
        why_not_amend(before, after, by_id=WARD, agreed_by_id=agreed_by_id, policy=policy, now=now)
    )


CHANGES: dict[str, dict[str, Any]] = {
    "unit": {"unit_id": UUID(int=99)},
    "grade": {"grade": Grade.BAND_7},
    "skills": {"skills": frozenset({"iv_administration"})},
    "shorter": {"ends_at": START + 10 * H},
    "reason": {"reason": RequestReason.ACUITY},
    "notes": {"notes": "Bring your smartcard"},
}
AMENDABLE = [
    pytest.param(S.DRAFT, NOW, set(CHANGES), id="a draft: everything"),
    pytest.param(S.DRAFT, START + D, set(CHANGES), id="an old draft: everything"),
    pytest.param(S.SUBMITTED, START + D, set(CHANGES), id="handed in: everything"),
    pytest.param(S.OPEN, NOW, set(CHANGES), id="open: everything"),
    pytest.param(S.FILLED, NOW, {"shorter", "reason", "notes"}, id="filled: not place and grade"),
    pytest.param(S.OPEN, START, {"reason", "notes"}, id="open, started: only what explains it"),
    pytest.param(S.FILLED, START, {"reason", "notes"}, id="filled, started: only what explains it"),
    pytest.param(S.WITHDRAWN, NOW, set(), id="withdrawn: nothing"),
    pytest.param(S.REJECTED, NOW, set(), id="rejected: nothing"),
]


@pytest.mark.parametrize(("state", "now", "allowed"), AMENDABLE)
def test_what_may_be_amended(state: ShiftState, now: datetime, allowed: set[str]) -> None:
    found = {
        name: amend(request(state), request(state, **change), now)
        for name, change in CHANGES.items()
    }
    assert {name for name, reasons in found.items() if not reasons} == allowed
    assert {code for reasons in found.values() for code in reasons} <= {
        "fixed_by_now",
        "wrong_state",
    }


@pytest.mark.parametrize("state", [S.DRAFT, S.SUBMITTED, S.OPEN, S.FILLED])
def test_a_shift_never_moves_to_another_organisation(state: ShiftState) -> None:
    moved = request(state, organisation_id=UUID(int=98))
    assert amend(request(state), moved) == ["fixed_by_now"]


def test_the_state_is_never_an_amendment() -> None:
    assert changed_fields(request(S.OPEN), request(S.FILLED)) == set()


def test_changed_fields_names_them() -> None:
    after = request(staff_group=StaffGroup.HCA, notes="x", reason=RequestReason.ESCORT)
    assert changed_fields(request(), after) == {"staff_group", "notes", "reason"}


@pytest.mark.parametrize("strike", [RequestReason.INDUSTRIAL_ACTION, RequestReason.STRIKE_BACKFILL])
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(S.DRAFT, [], id="a draft may be put right"),
        pytest.param(S.SUBMITTED, [], id="the authoriser still sees it"),
        pytest.param(S.OPEN, ["strike_reason_stays"], id="open"),
        pytest.param(S.FILLED, ["strike_reason_stays"], id="filled"),
    ],
)
def test_strike_cover_is_not_renamed(
    strike: RequestReason, state: ShiftState, expected: list[str]
) -> None:
    assert amend(request(state, reason=strike), request(state)) == expected
    assert amend(request(state), request(state, reason=strike)) == []


def test_strike_cover_may_be_named_more_exactly() -> None:
    before = request(S.OPEN, reason=RequestReason.INDUSTRIAL_ACTION)
    assert amend(before, request(S.OPEN, reason=RequestReason.STRIKE_BACKFILL)) == []


@pytest.mark.parametrize(
    ("starts_at", "expected"),
    [
        pytest.param(NOW + M, [], id="a minute ahead"),
        pytest.param(NOW, ["start_in_the_past"], id="to now"),
    ],
)
def test_an_open_shift_is_not_moved_into_the_past(starts_at: datetime, expected: list[str]) -> None:
    moved = request(S.OPEN, starts_at=starts_at, ends_at=starts_at + 12 * H)
    calm = replace(POLICY, retrospective_needs_two_people=False)
    assert amend(request(S.OPEN), moved, policy=calm) == expected


DEARER = [
    pytest.param({}, {"ends_at": START + 13 * H}, True, id="longer, above the threshold"),
    pytest.param(
        {"ends_at": START + 6 * H}, {"ends_at": START + 7 * H}, False, id="longer, under it"
    ),
    pytest.param({}, {"estimate_pence": 40_000}, True, id="dearer, above the threshold"),
    pytest.param({}, {"estimate_pence": 25_000}, False, id="dearer, under it"),
    pytest.param({}, {"estimate_pence": None}, True, id="the cost is no longer known"),
    pytest.param(
        {"estimate_pence": None}, {"estimate_pence": 40_000}, False, id="the cost becomes known"
    ),
    pytest.param(
        {"estimate_pence": None}, {"estimate_pence": None, "notes": "x"}, False, id="never known"
    ),
    pytest.param(
        {"estimate_pence": 50_000}, {"estimate_pence": 40_000}, False, id="cheaper, still above"
    ),
]


@pytest.mark.parametrize("state", [S.SUBMITTED, S.OPEN, S.FILLED])
@pytest.mark.parametrize(("was", "becomes", "two"), DEARER)
def test_what_costs_more_needs_two_people_again(
    state: ShiftState, was: dict[str, Any], becomes: dict[str, Any], two: bool
) -> None:
    before, after = request(state, **was), request(state, **becomes)
    again = two and state is not S.SUBMITTED
    for agreed_by, refused in ((None, again), (WARD, again), (BANK, False)):
        found = amend(before, after, agreed_by_id=agreed_by)
        assert found == (["second_person_needed"] if refused else [])


def test_an_amendment_says_what_a_request_must_say() -> None:
    assert amend(request(S.OPEN), request(S.OPEN, notes="MRN 0045678")) == ["patient_details"]
