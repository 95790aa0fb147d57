"""What may happen to a shift in which state, and what two people must agree on."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bankhub.model.policies import PolicyKind
from bankhub.model.reference import national_policies
from bankhub.model.vocabulary import RequestReason, ShiftState
from bankhub.rules.cascade.shift_states import (
    STEPS,
    Step,
    is_retrospective,
    is_unfilled,
    needs_two_people,
    why_not_authorise,
    why_not_describe,
    why_not_reject,
    why_not_step,
    why_not_submit,
    why_not_withdraw,
)
from bankhub.rules.permissions import PERMISSIONS
from tests.rules.cascade_examples import START, D, H, M, shift
from tests.rules.request_examples import MATRON, NOW, POLICIES, POLICY, WARD, codes, request

S = ShiftState
TABLE = {
    S.DRAFT: {Step.SUBMIT: S.SUBMITTED, Step.WITHDRAW: S.WITHDRAWN, Step.AMEND: None},
    S.SUBMITTED: {
        Step.AUTHORISE: S.OPEN,
        Step.REJECT: S.REJECTED,
        Step.WITHDRAW: S.WITHDRAWN,
        Step.AMEND: None,
    },
    S.REJECTED: {},
    S.OPEN: {Step.FILL: S.FILLED, Step.WITHDRAW: S.WITHDRAWN, Step.AMEND: None},
    S.FILLED: {Step.REOPEN: S.OPEN, Step.AMEND: None},
    S.WITHDRAWN: {},
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("step", Step)
def test_every_state_and_step(state: ShiftState, step: Step) -> None:
    allowed = step in TABLE[state]
    assert codes(why_not_step(step, state)) == ([] if allowed else ["wrong_state"])
    assert not allowed or STEPS[step].after == TABLE[state][step]


def test_every_step_names_who_may_take_it() -> None:
    assert all(rule.deeds and set(rule.deeds) <= PERMISSIONS.keys() for rule in STEPS.values())


@pytest.mark.parametrize(
    ("state", "now", "unfilled"),
    [
        pytest.param(S.OPEN, START, True, id="open at its start"),
        pytest.param(S.OPEN, START - M, False, id="open and still ahead"),
        pytest.param(S.FILLED, START, False, id="filled"),
        pytest.param(S.WITHDRAWN, START, False, id="withdrawn"),
    ],
)
def test_unfilled_is_derived(state: ShiftState, now: datetime, unfilled: bool) -> None:
    assert is_unfilled(shift(state=state), now) is unfilled


TWO_PEOPLE = [
    pytest.param({}, {}, False, id="under both thresholds"),
    pytest.param({"estimate_pence": 30_000}, {}, False, id="at the threshold of cost"),
    pytest.param({"estimate_pence": 30_001}, {}, True, id="a penny above"),
    pytest.param({"unpaid_break_minutes": 30}, {}, False, id="at the threshold of hours"),
    pytest.param({"unpaid_break_minutes": 29}, {}, True, id="a minute above"),
    pytest.param({"estimate_pence": None}, {}, True, id="cost not known"),
    pytest.param(
        {"estimate_pence": None},
        {"unknown_cost_needs_two_people": False},
        False,
        id="cost not known, and the policy lets it pass",
    ),
    pytest.param({"created_at": START}, {}, True, id="asked for at its start"),
    pytest.param({"created_at": START - M}, {}, False, id="asked for a minute before"),
    pytest.param(
        {"created_at": START + D},
        {"retrospective_needs_two_people": False},
        False,
        id="retrospective, and the policy lets it pass",
    ),
    pytest.param(
        {"estimate_pence": 0}, {"two_people_above_pence": 0}, True, id="threshold 0 pence"
    ),
    pytest.param(
        {"estimate_pence": 0}, {"two_people_above_minutes": 0}, True, id="threshold 0 minutes"
    ),
]


@pytest.mark.parametrize(("asked", "rules", "two"), TWO_PEOPLE)
def test_two_people(asked: dict[str, Any], rules: dict[str, Any], two: bool) -> None:
    one, policy = request(**asked), replace(POLICY, **rules)
    assert needs_two_people(one, policy) is two
    for person, refused in ((WARD, two), (None, two), (MATRON, False)):
        found = codes(why_not_authorise(one, authoriser_id=person, policy=policy, now=NOW))
        assert found == (["second_person_needed"] if refused else [])


@pytest.mark.parametrize(
    ("start", "minutes", "two"),
    [
        pytest.param(
            datetime(2026, 10, 24, 19, 30, tzinfo=ZoneInfo("Europe/London")),
            750,
            True,
            id="the October night is an hour longer, and above",
        ),
        pytest.param(
            datetime(2027, 3, 27, 19, 30, tzinfo=ZoneInfo("Europe/London")),
            630,
            False,
            id="the March night is an hour shorter, and under",
        ),
    ],
)
def test_the_threshold_counts_elapsed_hours(start: datetime, minutes: int, two: bool) -> None:
    starts_at = start.astimezone(UTC)
    ends_at = (start + timedelta(hours=12.5)).astimezone(UTC)  # 08:00 on the clock
    one = request(starts_at=starts_at, ends_at=ends_at, created_at=starts_at - D)
    assert one.shift.minutes == minutes
    assert needs_two_people(one, POLICY) is two


def test_a_request_nobody_on_record_made_is_authorised_by_somebody_on_record() -> None:
    dear = request(estimate_pence=90_000, requested_by_id=None)
    assert why_not_authorise(dear, authoriser_id=MATRON, policy=POLICY, now=NOW) == []
    assert codes(why_not_authorise(dear, authoriser_id=None, policy=POLICY, now=NOW)) == [
        "second_person_needed"
    ]


DESCRIBED = [
    pytest.param({}, [], id="sickness needs nothing more"),
    pytest.param({"reason": RequestReason.VACANCY}, ["post_number_missing"], id="vacancy"),
    pytest.param(
        {"reason": RequestReason.VACANCY, "post_number": " "},
        ["post_number_missing"],
        id="vacancy with a blank post number",
    ),
    pytest.param(
        {"reason": RequestReason.VACANCY, "post_number": "1234"}, [], id="vacancy with a post"
    ),
    pytest.param({"reason": RequestReason.OTHER}, ["reason_text_missing"], id="other"),
    pytest.param(
        {"reason": RequestReason.OTHER, "reason_text": "Flood"}, [], id="other with words"
    ),
    pytest.param(
        {"reason": RequestReason.ENHANCED_CARE}, ["review_date_missing"], id="enhanced care"
    ),
    pytest.param(
        {"reason": RequestReason.ENHANCED_CARE, "review_on": date(2026, 12, 2)},
        [],
        id="enhanced care reviewed today",
    ),
    pytest.param(
        {"review_on": date(2026, 12, 1)}, ["review_date_past"], id="a review of yesterday"
    ),
    pytest.param({"notes": "See 943 476 5919"}, ["patient_details"], id="a patient in the notes"),
    pytest.param(
        {"reason_text": "For 943 476 5919"}, ["patient_details"], id="a patient in the reason"
    ),
    pytest.param(
        {"ends_at": START}, ["ends_before_start", "break_too_long"], id="ends as it starts"
    ),
    pytest.param(
        {"starts_at": NOW + 731 * D, "ends_at": NOW + 731 * D + 8 * H}, [], id="two years ahead"
    ),
    pytest.param(
        {"starts_at": NOW + 731 * D + M, "ends_at": NOW + 731 * D + 8 * H},
        ["too_far_ahead"],
        id="further ahead than anybody asks",
    ),
    pytest.param({"ends_at": START + 14 * H}, [], id="as long as allowed"),
    pytest.param({"ends_at": START + 14 * H + M}, ["too_long"], id="longer than allowed"),
    pytest.param({"unpaid_break_minutes": 720}, ["break_too_long"], id="nothing but break"),
    pytest.param({"unpaid_break_minutes": -1}, ["break_too_long"], id="a break below 0"),
    pytest.param(
        {"reason": RequestReason.VACANCY, "notes": "NHS 9434765919", "unpaid_break_minutes": 900},
        ["post_number_missing", "break_too_long", "patient_details", "patient_details"],
        id="everything wrong is said at once",
    ),
]


@pytest.mark.parametrize(("asked", "expected"), DESCRIBED)
def test_what_a_request_must_say(asked: dict[str, Any], expected: list[str]) -> None:
    draft, handed_in = request(S.DRAFT, **asked), request(S.SUBMITTED, **asked)
    assert codes(why_not_describe(draft, policy=POLICY, now=NOW)) == expected
    assert codes(why_not_submit(draft, policy=POLICY, now=NOW)) == expected
    calm = replace(POLICY, two_people_above_minutes=10_000)
    assert codes(why_not_authorise(handed_in, authoriser_id=WARD, policy=calm, now=NOW)) == expected


def test_a_shift_is_handed_in_and_authorised_once() -> None:
    assert codes(why_not_submit(request(S.OPEN), policy=POLICY, now=NOW)) == ["wrong_state"]
    found = why_not_authorise(request(S.OPEN), authoriser_id=MATRON, policy=POLICY, now=NOW)
    assert codes(found) == ["wrong_state"]


def test_a_retrospective_request_is_flagged_not_refused() -> None:
    late = request(S.DRAFT, created_at=START + H)
    assert is_retrospective(late)
    assert why_not_submit(late, policy=POLICY, now=START + H) == []


@pytest.mark.parametrize(
    ("state", "because", "expected"),
    [
        pytest.param(S.SUBMITTED, "Covered by the next ward", [], id="with words"),
        pytest.param(S.SUBMITTED, " ", ["reason_missing"], id="without words"),
        pytest.param(S.OPEN, "Too dear", ["wrong_state"], id="once authorised"),
        pytest.param(S.SUBMITTED, "For 943 476 5919", ["patient_details"], id="naming a patient"),
    ],
)
def test_turning_a_request_down(state: ShiftState, because: str, expected: list[str]) -> None:
    assert codes(why_not_reject(request(state), because=because)) == expected


@pytest.mark.parametrize(
    ("state", "now", "because", "expected"),
    [
        pytest.param(S.DRAFT, NOW, "Entered twice", [], id="a draft"),
        pytest.param(S.DRAFT, START + D, "Entered twice", [], id="a draft of yesterday"),
        pytest.param(S.SUBMITTED, NOW, "Entered twice", [], id="handed in"),
        pytest.param(S.OPEN, START - M, "Patient moved on", [], id="open, a minute before"),
        pytest.param(S.OPEN, START, "No need", ["shift_started"], id="open, at its start"),
        pytest.param(
            S.SUBMITTED, START, "No need", ["shift_started"], id="handed in, at its start"
        ),
        pytest.param(S.OPEN, NOW, "", ["reason_missing"], id="without a reason"),
        pytest.param(
            S.FILLED, NOW, "No need", ["wrong_state", "booking_stands"], id="somebody is booked"
        ),
        pytest.param(S.WITHDRAWN, NOW, "Again", ["wrong_state"], id="twice"),
    ],
)
def test_withdrawing(state: ShiftState, now: datetime, because: str, expected: list[str]) -> None:
    assert codes(why_not_withdraw(request(state), because=because, now=now)) == expected


def test_the_shipped_defaults_are_marked_unconfirmed_and_name_their_source() -> None:
    versions = national_policies(PolicyKind.REQUESTING)
    assert all(version.illustrative and version.source for version in versions)
    assert all(policy.worker_cancel_notice_hours == 12 for policy in POLICIES.values())
