"""Which policies may be used, what national closings add, and what a replay counts."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.cascade_policy import AgencyBan, LeadStep, PastShift
from bankhub.model.policies import PolicyKind
from bankhub.model.reference import national_policies
from bankhub.model.vocabulary import Grade, RequestReason, StaffGroup, Tier
from bankhub.rules.cascade.bank_before_agency import opens_at
from bankhub.rules.cascade.cascade_preview import (
    what_would_happen,
    why_not_use,
    with_national_closings,
)
from tests.rules.cascade_examples import NONE_ON_RECORD, START, D, H, national, shift

NATIONAL = national()
LOW_BANDS = AgencyBan((Grade.BAND_2, Grade.BAND_3), "2027-04-01", "2028-03-31")


@pytest.mark.parametrize("group", [None, *StaffGroup])
def test_the_shipped_defaults_can_be_used(group: StaffGroup | None) -> None:
    assert why_not_use(national(group), national=national(group)) == []


def test_the_shipped_defaults_are_marked_unconfirmed_and_name_their_source() -> None:
    versions = national_policies(PolicyKind.CASCADE)
    assert all(version.illustrative and version.source for version in versions)


FAULTS = [
    pytest.param({"agency_opens_days_before": 15}, "policy_windows", id="agencies before partners"),
    pytest.param(
        {"fallback_opens_days_before": 13}, "policy_windows", id="partners before the own bank"
    ),
    pytest.param({"agency_opens_days_before": 0}, "policy_windows", id="agencies at the start"),
    pytest.param({"fallback_late_share_percent": 101}, "policy_share", id="over all of the time"),
    pytest.param({"fallback_late_share_percent": -1}, "policy_share", id="less than none of it"),
    pytest.param({"bank_floor_minutes": 14}, "policy_bank_floor", id="a floor below the nation's"),
    pytest.param({"steps": ()}, "policy_steps", id="no steps"),
    pytest.param({"steps": (LeadStep(60, 30, 30),)}, "policy_steps", id="no step near the start"),
    pytest.param(
        {"steps": (LeadStep(0, 30, 30), LeadStep(0, 20, 20))}, "policy_steps", id="a lead twice"
    ),
    pytest.param(
        {"steps": (LeadStep(0, 30, 30), LeadStep(-5, 20, 20))}, "policy_steps", id="a lead below 0"
    ),
    pytest.param(
        {"steps": (LeadStep(0, 14, 30),)}, "policy_step_length", id="a bank step below the floor"
    ),
    pytest.param(
        {"steps": (LeadStep(0, 15, -1),)}, "policy_step_length", id="an agency step below 0"
    ),
    pytest.param({"short_notice_under_hours": -1}, "policy_short_notice", id="hours below 0"),
    pytest.param({"agency_tiers": 4}, "policy_agency_tiers", id="a fourth agency tier"),
    pytest.param({"agency_tiers": -1}, "policy_agency_tiers", id="fewer than no agency tiers"),
    pytest.param({"agency_lock_hours": -1}, "policy_agency_lock", id="a lock after the start"),
    pytest.param({"break_glass_hours": 0}, "policy_break_glass", id="a break-glass of no length"),
    pytest.param({"break_glass_review_days": 0}, "policy_break_glass", id="no time for a review"),
    pytest.param(
        {"agency_needs_exemption": (StaffGroup.ADMIN_CLERICAL,)},
        "policy_exemption_dropped",
        id="estates opened to agency",
    ),
    *(
        pytest.param({"agency_bans": (ban,)}, "policy_ban_dates", id=name)
        for name, ban in {
            "a ban from the first of April, the British way": AgencyBan((), "01/04/2027"),
            "a ban from a week": AgencyBan((), "2027-W13-4"),
            "a ban to a day that does not exist": AgencyBan((), "2027-01-01", "2027-02-30"),
        }.items()
    ),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS)
def test_a_faulty_policy_is_refused(fault: dict[str, Any], code: str) -> None:
    reasons = why_not_use(replace(NATIONAL, **fault), national=NATIONAL)
    assert [reason.code for reason in reasons] == [code]
    assert reasons[0].text


def test_a_policy_without_partner_banks_can_be_used() -> None:
    assert why_not_use(replace(NATIONAL, partner_opens_days_before=None), national=NATIONAL) == []


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        pytest.param((), False, id="no ban of its own"),
        pytest.param((LOW_BANDS,), True, id="the same ban"),
        pytest.param((replace(LOW_BANDS, from_on="2027-01-01"),), True, id="from earlier"),
        pytest.param((replace(LOW_BANDS, from_on="2027-04-02"),), False, id="from later"),
        pytest.param((replace(LOW_BANDS, until_on=None),), True, id="without end"),
        pytest.param((replace(LOW_BANDS, until_on="2028-03-30"),), False, id="ends earlier"),
        pytest.param((replace(LOW_BANDS, grades=(Grade.BAND_2,)),), False, id="fewer grades"),
    ],
)
def test_a_national_ban_cannot_be_dropped(own: tuple[AgencyBan, ...], kept: bool) -> None:
    nation = replace(NATIONAL, agency_bans=(LOW_BANDS,))
    codes = [r.code for r in why_not_use(replace(NATIONAL, agency_bans=own), national=nation)]
    assert codes == ([] if kept else ["policy_ban_dropped"])


def test_an_endless_national_ban_is_not_kept_by_one_that_ends() -> None:
    nation = replace(NATIONAL, agency_bans=(replace(LOW_BANDS, until_on=None),))
    own = replace(NATIONAL, agency_bans=(LOW_BANDS,))
    assert [r.code for r in why_not_use(own, national=nation)] == ["policy_ban_dropped"]


def test_national_closings_hold_over_an_older_policy_of_an_organisation() -> None:
    nation = replace(NATIONAL, agency_bans=(LOW_BANDS,), bank_floor_minutes=20)
    own = replace(
        NATIONAL, agency_needs_exemption=(StaffGroup.AHP_STT,), agency_opens_days_before=5
    )
    held = with_national_closings(own, national=nation)
    assert held.agency_needs_exemption == (
        StaffGroup.AHP_STT,
        StaffGroup.ADMIN_CLERICAL,
        StaffGroup.ESTATES_FACILITIES,
    )
    assert (held.agency_bans, held.bank_floor_minutes) == ((LOW_BANDS,), 20)
    assert held.agency_opens_days_before == 5
    assert with_national_closings(held, national=nation) == held


RELEASED = START - 42 * D
LATER = {group: replace(national(group), agency_opens_days_before=2) for group in StaffGroup}
AS_NOW = {group: national(group) for group in StaffGroup}


def past(
    filled: timedelta | None, by_bank: bool = True, number: int = 1, **change: Any
) -> PastShift:
    filled_at: datetime | None = START - filled if filled is not None else None
    return PastShift(shift(id=UUID(int=number), **change), RELEASED, filled_at, by_bank)


@pytest.mark.parametrize(
    ("one", "before_agency", "reached"),
    [
        pytest.param(past(8 * D), (True, True), (False, False), id="filled before either window"),
        pytest.param(past(7 * D), (False, True), (True, False), id="filled as agency opened"),
        pytest.param(past(3 * D), (False, True), (True, False), id="filled between the windows"),
        pytest.param(past(1 * D), (False, False), (True, True), id="filled after both windows"),
        pytest.param(past(None), (False, False), (True, True), id="never filled"),
        pytest.param(
            past(3 * D, by_bank=False), (False, False), (True, True), id="filled by an agency"
        ),
        pytest.param(
            past(1 * H, reason=RequestReason.INDUSTRIAL_ACTION),
            (True, True),
            (False, False),
            id="strike cover never reaches an agency",
        ),
    ],
)
def test_a_replayed_shift(
    one: PastShift, before_agency: tuple[bool, bool], reached: tuple[bool, bool]
) -> None:
    [seen] = what_would_happen([one], old=AS_NOW, new=LATER, exemptions=NONE_ON_RECORD).shifts
    assert (seen.filled_before_agency_old, seen.filled_before_agency_new) == before_agency
    assert (seen.reached_agency_old, seen.reached_agency_new) == reached


def test_the_totals_of_a_replay() -> None:
    preview = what_would_happen(
        [
            past(8 * D, number=1),
            past(3 * D, number=2),
            past(None, number=3),
            past(1 * H, number=4, reason=RequestReason.INDUSTRIAL_ACTION),
        ],
        old=AS_NOW,
        new=LATER,
        exemptions=NONE_ON_RECORD,
    )
    totals = preview.totals
    assert (totals.shifts, totals.changed) == (4, 3)
    assert (totals.filled_before_agency_old, totals.filled_before_agency_new) == (2, 3)
    assert (totals.reached_agency_old, totals.reached_agency_new) == (2, 1)
    assert [one.shift_id.int for one in preview.shifts] == [1, 2, 3, 4]
    assert opens_at(Tier.AGENCY_1, preview.shifts[0].new) == START - 2 * D


def test_a_replay_under_the_same_policy_changes_nothing() -> None:
    preview = what_would_happen([past(3 * D)], old=AS_NOW, new=AS_NOW, exemptions=NONE_ON_RECORD)
    assert preview.totals.changed == 0
