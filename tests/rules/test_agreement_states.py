"""Which step is open in which state to whom, and where an agreement stands on a day."""

from datetime import date, timedelta
from itertools import product

import pytest

from bankhub.model.agreements import AgreementState, ReviewArea, VersionState
from bankhub.rules.agreements.agreement_states import (
    UNDER_WAY,
    Looked,
    ShownState,
    Step,
    ends_with_leavers,
    shown_state,
    warning_step,
    why_not_live,
    why_not_new_version,
    why_not_out,
    why_not_review,
    why_not_step,
    why_not_terminate,
)

V, A, S = VersionState, AgreementState, ShownState
LEAD: dict[VersionState, set[Step]] = {
    V.DRAFT: {Step.EDIT, Step.SEND_TO_REVIEW, Step.ABANDON},
    V.IN_REVIEW: {Step.EDIT, Step.REVIEW, Step.SEND_OUT, Step.ABANDON},
    V.OUT_FOR_SIGNATURE: {Step.SIGN, Step.ABANDON},
    V.SIGNED: set(),
    V.SUPERSEDED: set(),
    V.ABANDONED: set(),
}
NONE = {state: set[Step]() for state in V}
OTHERS = {**NONE, V.IN_REVIEW: {Step.REVIEW}, V.OUT_FOR_SIGNATURE: {Step.SIGN}}


@pytest.mark.parametrize(("state", "is_lead"), list(product(V, (True, False))))
def test_which_steps_are_open(state: VersionState, is_lead: bool) -> None:
    open_steps = {step for step in Step if not why_not_step(step, state, is_lead=is_lead)}
    assert open_steps == (LEAD if is_lead else OTHERS)[state]


def looked(area: ReviewArea, *, lead: bool = True, off: bool = True, name: str = "") -> Looked:
    return Looked(area, lead, off, name or f"Head of {area}")


ALL = [looked(area) for area in ReviewArea]


def test_it_goes_out_when_all_areas_of_the_lead_signed_off() -> None:
    assert not why_not_out(ALL)
    for place, area in enumerate(ReviewArea):
        missing = why_not_out([*ALL[:place], *ALL[place + 1 :], looked(area, lead=False)])
        assert [(one.code, one.evidence["area"]) for one in missing] == [("review_missing", area)]


@pytest.mark.parametrize("lead", [True, False])
def test_nobody_may_have_sent_it_back(lead: bool) -> None:
    reasons = why_not_out([*ALL[1:], looked(ReviewArea.HR, lead=lead, off=False)])
    assert "sent_back" in [one.code for one in reasons]


def test_each_area_is_another_person() -> None:
    ours = [looked(ReviewArea.HR, name="Ann Bell")]
    assert why_not_review("ANN  BELL", ReviewArea.IG, ours)
    assert not why_not_review("Ann Bell", ReviewArea.HR, ours)
    assert not why_not_review("Ann Belle", ReviewArea.IG, ours)


@pytest.mark.parametrize(("state", "newest"), list(product(A, V)))
def test_when_a_new_version_may_be_drafted(state: AgreementState, newest: VersionState) -> None:
    may = state in (A.PROPOSED, A.ACTIVE) and newest not in UNDER_WAY
    assert (not why_not_new_version(state, [V.ABANDONED, newest])) is may


@pytest.mark.parametrize("state", list(A))
def test_only_what_lives_can_be_ended(state: AgreementState) -> None:
    assert (not why_not_live(state)) is (state in (A.ACTIVE, A.NOTICE_GIVEN))


@pytest.mark.parametrize(
    ("is_lead", "parties", "may"),
    [(True, 2, True), (True, 9, True), (False, 2, True), (False, 3, False)],
)
def test_who_ends_the_whole(is_lead: bool, parties: int, may: bool) -> None:
    assert (not why_not_terminate(is_lead=is_lead, parties=parties)) is may


D = date(2026, 10, 1)
LATER = D + timedelta(days=30)


@pytest.mark.parametrize(
    ("leaves", "ends"),
    [
        ([None, None], None),
        ([D, None], D),
        ([D, None, None], None),
        ([D, LATER, None], LATER),
        ([LATER, D], D),
        ([D, D, None], D),
        ([], None),
        ([D], None),
    ],
)
def test_when_fewer_than_two_are_left(leaves: list[date | None], ends: date | None) -> None:
    assert ends_with_leavers(leaves) == ends


@pytest.mark.parametrize(
    ("left", "step"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)],
)
def test_warnings_60_30_and_7_days_before(left: int, step: int | None) -> None:
    assert warning_step(left) == step


@pytest.mark.parametrize(
    ("state", "days", "shown"),
    [
        (A.ACTIVE, -1, S.SIGNED),
        (A.ACTIVE, 0, S.ACTIVE),
        (A.ACTIVE, 30, S.ACTIVE),
        (A.ACTIVE, 31, S.EXPIRED),
        (A.NOTICE_GIVEN, 0, S.NOTICE_GIVEN),
        (A.NOTICE_GIVEN, 30, S.NOTICE_GIVEN),
        (A.NOTICE_GIVEN, 31, S.TERMINATED),
        (A.TERMINATED, 0, S.TERMINATED),
        (A.EXPIRED, 31, S.EXPIRED),
        (A.WOUND_DOWN, 99, S.WOUND_DOWN),
    ],
)
def test_where_it_stands_by_the_clock(state: AgreementState, days: int, shown: ShownState) -> None:
    today = D + timedelta(days=days)
    found = shown_state(state, newest=V.SIGNED, begins=D, ends=LATER, today=today)
    assert found is shown


@pytest.mark.parametrize("newest", [V.DRAFT, V.IN_REVIEW, V.OUT_FOR_SIGNATURE, V.ABANDONED])
def test_before_all_signed_it_stands_where_its_version_does(newest: VersionState) -> None:
    found = shown_state(A.PROPOSED, newest=newest, begins=None, ends=None, today=D)
    assert found.value == newest.value
