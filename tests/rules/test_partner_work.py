"""A partner's person: through whose bank, by whose clearance, and what the agreement leaves out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.clearances import ClearanceState
from bankhub.model.values import ClearanceValue, PostFacts
from bankhub.model.vocabulary import Grade, StaffGroup, Tier
from bankhub.rules.agreements.partner_work import Covered, only_clearance, seen_through
from bankhub.rules.eligibility.booked_as import booked_as
from tests.rules.work_examples import (
    DAY,
    MONDAY,
    NOW,
    SITE,
    TRUST,
    UNIT,
    asked,
    codes,
    post,
    shift,
    worker,
)

ELSEWHERE, THIRD = UUID(int=99), UUID(int=98)
EVERY = frozenset({Tier.OWN_BANK, Tier.PARTNER})


def cleared(**change: Any) -> ClearanceValue:
    """Cleared at the trust for a year, as an adult nurse of band 5 of the trust elsewhere."""
    values: dict[str, Any] = {
        "home_id": ELSEWHERE,
        "host_id": TRUST,
        "staff_group": StaffGroup.NURSING_MIDWIFERY,
        "role": "rn_adult",
        "grade": Grade.BAND_5,
        "state": ClearanceState.CLEARED,
        "until_on": MONDAY + 365 * DAY,
        "version_id": UUID(int=50),
        "named": "WSA-7 v3",
        **change,
    }
    return ClearanceValue(**values)


def covered(**change: Any) -> Covered:
    """An agreement that covers such nurses at the trust."""
    values: dict[str, Any] = {
        "host_id": TRUST,
        "partner_id": ELSEWHERE,
        "staff_group": StaffGroup.NURSING_MIDWIFERY,
        "grade": Grade.BAND_5,
        "from_on": MONDAY - 365 * DAY,
        **change,
    }
    return Covered(**values)


def there(**change: Any) -> PostFacts:
    """A post at the trust elsewhere."""
    return post(**{"id": UUID(int=11), "organisation_id": ELSEWHERE, **change})


def test_posts_of_a_partner_count_only_through_its_bank() -> None:
    who = worker(posts=(post(organisation_id=ELSEWHERE),), clearances=(cleared(),))
    assert codes(asked(shift(), who)) == {"no_post"}
    assert asked(shift(), who, home_id=ELSEWHERE) == []


def test_of_a_partners_person_the_clearance_is_asked_and_not_the_papers() -> None:
    one = post(organisation_id=ELSEWHERE)
    bare = worker(posts=(one,), facts=(), clearances=(cleared(),))
    assert asked(shift(), bare, home_id=ELSEWHERE) == []
    papers = worker(posts=(one,))
    assert codes(asked(shift(), papers, home_id=ELSEWHERE)) == {"not_cleared"}


def test_what_is_missing_is_named_with_what_clears_it() -> None:
    missing = (("Fire training", "Do it"), ("Occupational health", "Ask at home"))
    one = cleared(state=ClearanceState.NOT_CLEARED, until_on=None, missing=missing)
    who = worker(posts=(post(organisation_id=ELSEWHERE),), clearances=(one,))
    reasons = asked(shift(), who, home_id=ELSEWHERE)
    assert [reason.evidence["item"] for reason in reasons] == [title for title, _ in missing]
    assert [reason.cure and reason.cure.act for reason in reasons] == ["Do it", "Ask at home"]


CLEARED: list[tuple[str, dict[str, Any], set[str]]] = [
    ("to the last day of the shift", {"until_on": MONDAY + DAY}, set()),
    ("not to the last day of the shift", {"until_on": MONDAY}, {"clearance_ends"}),
    ("no longer", {"state": ClearanceState.NOT_CLEARED}, {"not_cleared"}),
    ("at another host", {"host_id": UUID(int=77)}, {"not_cleared"}),
    ("as somebody of another home", {"home_id": UUID(int=77)}, {"not_cleared"}),
    ("in another role", {"role": "hca"}, {"not_cleared"}),
    ("at another grade", {"grade": Grade.BAND_6}, {"not_cleared"}),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CLEARED],
                         ids=[case[0] for case in CLEARED])  # fmt: skip
def test_cleared_here_in_this_work_for_the_whole_shift(
    change: dict[str, Any], expected: set[str]
) -> None:
    night = shift(MONDAY, "19:30-08:00")
    who = worker(posts=(post(organisation_id=ELSEWHERE),), clearances=(cleared(**change),))
    assert codes(asked(night, who, home_id=ELSEWHERE)) == expected


def test_skills_of_the_shift_are_looked_for_in_the_papers_at_home() -> None:
    who = worker(posts=(post(organisation_id=ELSEWHERE),), facts=(), clearances=(cleared(),))
    reasons = asked(shift(skills=frozenset({"chemo"})), who, home_id=ELSEWHERE)
    assert codes(reasons) == {"skill_missing"}


def test_a_restriction_at_the_host_holds_for_who_comes_from_elsewhere() -> None:
    here = post(restricted_units=frozenset({UNIT}), ends_on=MONDAY - DAY)
    who = worker(posts=(post(id=UUID(int=11), organisation_id=ELSEWHERE), here),
                 clearances=(cleared(),))  # fmt: skip
    assert codes(asked(shift(), who, home_id=ELSEWHERE)) == {"do_not_book"}


COVERS: list[tuple[str, dict[str, Any], bool]] = [
    ("it covers the shift", {}, True),
    ("from its first day", {"from_on": MONDAY}, True),
    ("not before", {"from_on": MONDAY + DAY}, False),
    ("to its last day", {"until_on": MONDAY}, True),
    ("not after", {"until_on": MONDAY - DAY}, False),
    ("its site", {"site_id": SITE}, True),
    ("another site", {"site_id": UUID(int=1)}, False),
    ("another host", {"host_id": THIRD}, False),
    ("another grade", {"grade": Grade.BAND_6}, False),
    ("another staff group", {"staff_group": StaffGroup.HCA}, False),
    ("a role left out", {"excluded_roles": frozenset({"rn_adult"})}, False),
    ("another role left out", {"excluded_roles": frozenset({"rn_child"})}, True),
    ("a skill left out", {"excluded_skills": frozenset({"epp"})}, False),
    ("another skill left out", {"excluded_skills": frozenset({"other"})}, True),
]


@pytest.mark.parametrize(("change", "seen"), [case[1:] for case in COVERS],
                         ids=[case[0] for case in COVERS])  # fmt: skip
def test_a_shift_is_open_to_partners_only_as_the_agreement_says(
    change: dict[str, Any], seen: bool
) -> None:
    one = shift(MONDAY, skills=frozenset({"epp"}))
    assert covered(**change).covers(one, NOW) is seen


@pytest.mark.parametrize(
    ("minutes", "seen"),
    [
        pytest.param(0, True, id="exactly so many hours before"),
        pytest.param(-1, False, id="a minute earlier"),
        pytest.param(60, True, id="later"),
    ],
)
def test_no_earlier_before_its_start_than_the_agreement_says(minutes: int, seen: bool) -> None:
    one = shift(MONDAY)
    now = one.starts_at - timedelta(hours=72) + timedelta(minutes=minutes)
    assert covered(lead_hours=72).covers(one, now) is seen


def through(
    *posts: PostFacts,
    coverage: tuple[Covered, ...] = (covered(),),
    clearances: tuple[ClearanceValue, ...] = (),
    tiers: frozenset[Tier] = EVERY,
) -> UUID | None:
    return seen_through(
        shift(MONDAY),
        posts,
        tiers_open=tiers,
        coverage=coverage,
        clearances=clearances,
        now=NOW,
    )


def test_the_hosts_own_bank_goes_first() -> None:
    assert through(post(), there(), clearances=(cleared(),)) == TRUST


def test_a_post_here_that_has_ended_or_is_of_another_role_does_not_stand_in_the_way() -> None:
    assert through(post(ends_on=MONDAY - DAY), there()) == ELSEWHERE
    assert through(post(role="hca", entitlements=frozenset()), there()) == ELSEWHERE
    assert through(post(ends_on=MONDAY - DAY)) == TRUST


def test_a_partner_needs_its_tier_an_agreement_and_a_post_in_role_and_grade() -> None:
    assert through(there()) == ELSEWHERE
    assert through(there(), tiers=frozenset({Tier.OWN_BANK})) is None
    assert through(there(), coverage=()) is None
    assert through(there(), coverage=(covered(partner_id=THIRD),)) is None
    assert through(there(grade=Grade.BAND_6, entitlements=frozenset())) is None
    assert through(there(role="hca", entitlements=frozenset())) is None
    both = frozenset({("rn_adult", Grade.BAND_5)})
    assert through(there(grade=Grade.BAND_6, entitlements=both)) == ELSEWHERE


def test_of_two_partners_the_one_at_which_they_are_cleared() -> None:
    posts = (there(), there(id=UUID(int=12), organisation_id=THIRD))
    both = (covered(), covered(partner_id=THIRD))
    assert through(*posts, coverage=both) == THIRD
    assert through(*posts, coverage=both, clearances=(cleared(),)) == ELSEWHERE


def test_booked_through_the_partner_tier_at_the_shifts_own_grade() -> None:
    one = replace(shift(MONDAY), fallback_grade=Grade.BAND_6)
    six = there(grade=Grade.BAND_6, entitlements=frozenset())
    both = frozenset({Grade.BAND_5, Grade.BAND_6})
    found = booked_as(one, worker(posts=(there(), post())), both, ELSEWHERE)
    assert found == (there(), Grade.BAND_5, Tier.PARTNER)
    assert booked_as(one, worker(posts=(six, post())), both, ELSEWHERE) is None


def test_nothing_but_the_clearance_stands_before_it() -> None:
    not_cleared = asked(shift(), worker(posts=(there(),)), home_id=ELSEWHERE)
    assert only_clearance(not_cleared)
    assert not only_clearance([])
    barred = worker(posts=(there(restricted_units=frozenset({UNIT})),))
    assert not only_clearance(asked(shift(), barred, home_id=ELSEWHERE))
