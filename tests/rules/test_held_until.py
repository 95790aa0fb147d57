"""Until when papers can hold: a bound for searching that is never stricter than eligibility."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from bankhub.actions.settings.policies import PolicyBook
from bankhub.model.values import PostFacts, ShiftFacts, WorkerFacts
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.model.work_policy import (
    DbsLevel,
    DbsRequirement,
    EligibilityPolicy,
    RequirementPolicy,
    TrainingRequirement,
)
from bankhub.rules.eligibility import eligibility
from bankhub.rules.eligibility.held_until import NO_END, held_until
from bankhub.rules.london_time import add_months, at_hour
from passport.model.facts import FactKind, FactValue

TODAY = date(2026, 9, 7)
TRUST = UUID(int=1)
K = FactKind
GRADES = {
    "rn_adult": Grade.BAND_5,
    "midwife": Grade.BAND_6,
    "hca": Grade.BAND_2,
    "gp": Grade.GP,
    "biomedical_scientist": Grade.BAND_5,
}
BODIES = {"rn_adult": ("NMC", "RNA"), "midwife": ("NMC", "RM"), "gp": ("GMC", "")}


def policy_of(role: str) -> EligibilityPolicy:
    book = PolicyBook()
    group = book.eligibility(StaffGroup.HCA, TODAY).roles[role].staff_group
    return book.eligibility(group, TODAY)


def fact(kind: FactKind, until: date | None = None, **fields: Any) -> FactValue:
    names = {"awarded_on", "valid_from", "checked_by_id"}
    dates = {name: fields.pop(name) for name in names & set(fields)}
    return FactValue(kind, fields, valid_until=until, **({"checked_by_id": TRUST} | dates))


def papers(role: str, *, until: date | None = None, on: date = TODAY) -> list[FactValue]:
    """Everything the national defaults ask for the role, and the registration of a nurse."""
    policy = policy_of(role).requirements
    extra = policy.roles.get(role)
    needed = (*policy.training, *(extra.training if extra else ()))
    body, part = BODIES.get(role, ("HCPC", "BS"))
    return [
        fact(K.REGISTRATION, until, body=body, profession=part, status="registered"),
        fact(K.RIGHT_TO_WORK, until),
        fact(K.DBS, until, level="enhanced_barred", workforce="both", awarded_on=on),
        fact(K.PERFORMERS_LIST, until),
        fact(K.INDEMNITY, until),
        *(fact(K.TRAINING, subject=n.subject, level=n.level, awarded_on=on) for n in needed),
    ]


def post_for(role: str, ends_on: date | None = None) -> PostFacts:
    group = policy_of(role).roles[role].staff_group
    started = date(2020, 1, 1)
    return PostFacts(UUID(int=7), TRUST, group, role, GRADES[role], started, ends_on)


def held(
    facts: list[FactValue], role: str = "rn_adult", ends_on: date | None = None
) -> date | None:
    policy = policy_of(role)
    return held_until(post_for(role, ends_on), facts, role=role, policy=policy, today=TODAY)


def without(*kinds: FactKind) -> list[FactValue]:
    return [one for one in papers("rn_adult") if one.kind not in kinds]


MARCH = date(2027, 3, 31)
LAST_TRAINING = add_months(TODAY, 12)  # IG, IPC and resuscitation are yearly

CASES: dict[str, tuple[list[FactValue], date | None]] = {
    "with nothing that ends, the yearly training decides": (papers("rn_adult"), LAST_TRAINING),
    "registration and right to work end before the training": (
        papers("rn_adult", until=MARCH),
        MARCH,
    ),
    "no registration on record": (without(K.REGISTRATION), None),
    "a registration with another body": (
        [*without(K.REGISTRATION), fact(K.REGISTRATION, body="HCPC", status="registered")],
        None,
    ),
    "a suspended registration": (
        [*without(K.REGISTRATION), fact(K.REGISTRATION, body="NMC", status="suspended")],
        None,
    ),
    "a suspended registration beside one that stands": (
        [*papers("rn_adult"), fact(K.REGISTRATION, body="NMC", status="suspended")],
        None,
    ),
    "a registration on another part of the register": (
        [
            *without(K.REGISTRATION),
            fact(K.REGISTRATION, body="NMC", status="registered", profession="RNC"),
        ],
        None,
    ),
    "a registration whose part is not on record": (
        [*without(K.REGISTRATION), fact(K.REGISTRATION, body="NMC", status="registered")],
        LAST_TRAINING,
    ),
    "a registration that ended yesterday": (
        papers("rn_adult", until=TODAY - timedelta(days=1)),
        None,
    ),
    "a registration that ends today": (papers("rn_adult", until=TODAY), TODAY),
    "the later of two registrations counts": (
        [*papers("rn_adult", until=MARCH), *papers("rn_adult", until=date(2027, 6, 30))],
        date(2027, 6, 30),
    ),
    "one training is missing": (
        [one for one in papers("rn_adult") if one.value.get("subject") != "FIRE"],
        None,
    ),
    "one training is of too low a level": (
        [
            *(one for one in papers("rn_adult") if one.value.get("subject") != "IPC"),
            fact(K.TRAINING, subject="IPC", level=1, awarded_on=TODAY),
        ],
        None,
    ),
    "one training is out of date": (papers("rn_adult", on=date(2025, 9, 6)), None),
    "no DBS check on record": (without(K.DBS), None),
    "a DBS check of a lower level": ([*without(K.DBS), fact(K.DBS, level="standard")], None),
    "a DBS check for another workforce": (
        [*without(K.DBS), fact(K.DBS, level="enhanced_barred", workforce="child")],
        None,
    ),
    "no right to work on record": (without(K.RIGHT_TO_WORK), None),
    "a right to work the person only declared": (
        [*without(K.RIGHT_TO_WORK), fact(K.RIGHT_TO_WORK, checked_by_id=None)],
        None,
    ),
    "nothing on record": ([], None),
}


@pytest.mark.parametrize("case", CASES)
def test_the_earliest_end_is_the_bound(case: str) -> None:
    facts, expected = CASES[case]
    assert held(facts) == expected


def test_a_post_that_ends_bounds_it() -> None:
    assert held(papers("rn_adult"), ends_on=date(2026, 12, 24)) == date(2026, 12, 24)


def test_a_role_that_is_not_on_the_list_is_never_held() -> None:
    policy = policy_of("rn_adult")
    post = post_for("rn_adult")
    assert held_until(post, papers("rn_adult"), role="juggler", policy=policy, today=TODAY) is None


def test_a_midwife_may_show_one_check_for_adults_and_one_for_children() -> None:
    rest = [one for one in papers("midwife") if one.kind is not K.DBS]
    adult = fact(K.DBS, date(2027, 5, 1), level="enhanced_barred", workforce="adult")
    child = fact(K.DBS, date(2027, 4, 1), level="enhanced_barred", workforce="child")
    assert held([*rest, adult], "midwife") is None
    assert held([*rest, adult, child], "midwife") == date(2027, 4, 1)


@pytest.mark.parametrize("kind", [K.PERFORMERS_LIST, K.INDEMNITY])
def test_a_gp_needs_the_performers_list_and_indemnity(kind: FactKind) -> None:
    facts = [one for one in papers("gp") if one.kind is not kind]
    assert held(papers("gp"), "gp") == LAST_TRAINING
    assert held(facts, "gp") is None
    assert held([*facts, fact(kind, MARCH)], "gp") == MARCH


def test_an_unregulated_role_needs_no_registration() -> None:
    facts = [one for one in papers("hca") if one.kind is not K.REGISTRATION]
    assert held(facts, "hca") == LAST_TRAINING


ASKING: dict[str, tuple[dict[str, Any], date]] = {
    "a policy that asks for nothing that ends has no end": ({}, NO_END),
    "a policy that asks for new DBS checks bounds by the latest one": (
        {"dbs": DbsRequirement(DbsLevel.ENHANCED, max_age_months=36)},
        add_months(TODAY, 36),
    ),
    "a training once awarded is enough where the policy has no refresh": (
        {"training": (TrainingRequirement("FIRE"),)},
        NO_END,
    ),
}


@pytest.mark.parametrize("case", ASKING)
def test_only_what_the_policy_asks_for_counts(case: str) -> None:
    asked, expected = ASKING[case]
    policy = policy_of("rn_adult")
    wanted = RequirementPolicy(14, right_to_work=False, **asked)
    policy = EligibilityPolicy(policy.working_time, wanted, policy.roles)
    post, facts = post_for("rn_adult"), papers("rn_adult")
    assert held_until(post, facts, role="rn_adult", policy=policy, today=TODAY) == expected


DAYS = st.integers(-20, 420).map(lambda days: TODAY + timedelta(days=days))
AWARDS = st.integers(-500, 100).map(lambda days: TODAY + timedelta(days=days))


@st.composite
def some_papers(draw: st.DrawFn, role: str) -> list[FactValue]:
    """The role's papers: perhaps one lost, perhaps some there again in another form."""
    found = papers(role, until=draw(st.none() | DAYS))
    if draw(st.booleans()):
        found.pop(draw(st.integers(0, len(found) - 1)))
    again = draw(st.lists(st.sampled_from(papers(role)), max_size=4))
    return [*found, *(draw(changed(one)) for one in again)]


@st.composite
def changed(draw: st.DrawFn, one: FactValue) -> FactValue:
    value = dict(one.value)
    if one.kind is K.REGISTRATION:
        value["status"] = draw(st.sampled_from(["registered", "suspended", "conditions"]))
        value["profession"] = draw(st.sampled_from(["RNA", "RN1", "RM", "RNC", ""]))
        value["body"] = draw(st.sampled_from(["NMC", "nmc", "GMC", "HCPC"]))
    if one.kind is K.DBS:
        value["level"] = draw(st.sampled_from(["basic", "standard", "enhanced_barred", "other"]))
        value["workforce"] = draw(st.sampled_from(["adult", "child", "both", None]))
    if one.kind is K.TRAINING:
        value["level"] = draw(st.sampled_from([1, 2, 3, None]))
    return FactValue(
        one.kind,
        value,
        awarded_on=draw(st.none() | AWARDS),
        valid_from=draw(st.none() | DAYS),
        valid_until=draw(st.none() | DAYS),
        source=draw(st.sampled_from(["hr_file", "register"])),
        checked_at=datetime(2026, 9, draw(st.integers(1, 6)), tzinfo=UTC),
        checked_by_id=draw(st.sampled_from([TRUST, TRUST, None])),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[str, list[FactValue], date | None, date, int]:
    role = draw(st.sampled_from(list(GRADES)))
    ends_on = draw(st.none() | DAYS)
    day = TODAY + timedelta(days=draw(st.integers(0, 420)))
    return role, draw(some_papers(role)), ends_on, day, draw(st.integers(0, 23))


def shift_on(day: date, hour: int, role: str) -> ShiftFacts:
    starts_at = at_hour(day, hour)
    return ShiftFacts(
        id=UUID(int=9),
        organisation_id=TRUST,
        site_id=UUID(int=3),
        unit_id=UUID(int=4),
        staff_group=policy_of(role).roles[role].staff_group,
        role=role,
        grade=GRADES[role],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=12, minutes=30),
    )


@settings(max_examples=300)
@given(situations())
def test_whoever_may_work_a_day_is_held_until_that_day_at_least(
    situation: tuple[str, list[FactValue], date | None, date, int],
) -> None:
    role, facts, ends_on, day, hour = situation
    worker = WorkerFacts(
        person_id=UUID(int=5),
        date_of_birth=date(1985, 2, 2),
        posts=(post_for(role, ends_on),),
        facts=tuple(facts),
    )
    now = at_hour(TODAY) - timedelta(hours=1)
    reasons = eligibility.why_not(shift_on(day, hour, role), worker, policy_of(role), now)
    blocking = eligibility.blocking(reasons)
    target(-float(len(blocking)))
    if not blocking:
        bound = held(facts, role, ends_on)
        assert bound is not None
        assert bound >= day


def test_the_property_above_meets_people_who_may_work() -> None:
    """The ordinary papers of each role pass on an ordinary day."""
    for role in GRADES:
        worker = WorkerFacts(
            UUID(int=5), date(1985, 2, 2), (post_for(role),), tuple(papers(role))
        )
        now = at_hour(TODAY) - timedelta(hours=1)
        reasons = eligibility.why_not(shift_on(TODAY, 8, role), worker, policy_of(role), now)
        assert eligibility.blocking(reasons) == [], role
