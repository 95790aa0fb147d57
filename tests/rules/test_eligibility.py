"""May this person work this shift? Posts, restrictions, credentials, and all reasons at once."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.eligibility.eligibility import blocking
from bankhub.rules.eligibility.ledger import Ledger
from bankhub.rules.reason_codes import LEVELS, Code, because
from passport.errors import Level, Reason
from passport.model.facts import FactKind
from tests.rules.work_examples import (
    DAY,
    MONDAY,
    NIGHT,
    SITE,
    TRUST,
    UNIT,
    asked,
    busy,
    codes,
    fact,
    found,
    post,
    proofs,
    shift,
    worker,
)

ELSEWHERE = UUID(int=99)
B5, B6, B7 = Grade.BAND_5, Grade.BAND_6, Grade.BAND_7


def test_a_nurse_with_everything_in_order_gets_no_reason() -> None:
    assert asked(shift(), worker()) == []


def test_every_failed_rule_is_given_at_once_hard_ones_first() -> None:
    who = worker(
        without=[FactKind.REGISTRATION, FactKind.TRAINING, FactKind.DBS],
        work=[busy(MONDAY)],
        posts=(post(restricted_units=frozenset({UNIT})),),
    )
    reasons = asked(shift(), who)
    assert codes(reasons) >= {
        "do_not_book",
        "registration_missing",
        "training_missing",
        "dbs_missing",
        "overlap",
    }
    levels = [reason.level for reason in reasons]
    assert levels == sorted(levels, key=[Level.HARD, Level.SOFT, Level.NOTE].index)


def test_every_reason_has_its_level_a_sentence_and_evidence_that_is_json() -> None:
    who = worker(
        fact(FactKind.RIGHT_TO_WORK, {"route": "skilled_worker"}),
        without=[FactKind.REGISTRATION, FactKind.TRAINING, FactKind.RIGHT_TO_WORK],
        work=[busy(MONDAY), busy(MONDAY - DAY, NIGHT)],
    )
    reasons = asked(shift(skills=frozenset({"renal"})), who)
    assert len(reasons) > 10
    for reason in reasons:
        assert reason.text.endswith(".")
        assert json.loads(json.dumps(dict(reason.evidence))) == dict(reason.evidence)
        assert reason.level is LEVELS[Code(reason.code)]


POSTS: list[tuple[str, dict[str, Any], tuple[Any, ...], set[str]]] = [
    ("a post of the role and grade may be booked", {}, (post(),), set()),
    ("without any post nobody may be booked", {}, (), {"no_post"}),
    (
        "a post at another organisation does not count",
        {},
        (post(organisation_id=ELSEWHERE),),
        {"no_post"},
    ),
    (
        "a post that starts the day after does not count",
        {},
        (post(starts_on=MONDAY + DAY),),
        {"post_not_started"},
    ),
    ("a post that starts on the day counts", {}, (post(starts_on=MONDAY),), set()),
    ("a post that ended the day before", {}, (post(ends_on=MONDAY - DAY),), {"post_ended"}),
    ("a post counts on its last day", {}, (post(ends_on=MONDAY),), set()),
    (
        "a post that ends at midnight in the middle of a night does not count",
        {"clocks": NIGHT},
        (post(ends_on=MONDAY),),
        {"post_ended"},
    ),
    (
        "one of two posts in force is enough",
        {},
        (post(ends_on=MONDAY - DAY), post(id=UUID(int=11))),
        set(),
    ),
    ("another role is not enough", {}, (post(role="midwife"),), {"role_not_held"}),
    (
        "an entitlement to the role and grade is enough",
        {},
        (post(role="midwife", entitlements=frozenset({("rn_adult", B5)})),),
        set(),
    ),
    ("another grade is not enough", {}, (post(grade=B7),), {"grade_not_held"}),
    (
        "a band 6 nurse with a band 5 entitlement may be booked as band 5",
        {},
        (post(grade=B6, entitlements=frozenset({("rn_adult", B5)})),),
        set(),
    ),
    (
        "the fallback grade waits for its tier",
        {"grade": B6, "fallback_grade": B5},
        (post(),),
        {"grade_not_open_yet"},
    ),
    (
        "the fallback grade may be booked once its tier has opened",
        {"grade": B6, "fallback_grade": B5, "open": frozenset({B5, B6})},
        (post(),),
        set(),
    ),
    (
        "with no tier open the shift's own grade waits too",
        {"open": frozenset()},
        (post(),),
        {"grade_not_open_yet"},
    ),
    (
        "a restriction at the unit bars the shift",
        {},
        (post(restricted_units=frozenset({UNIT})),),
        {"do_not_book"},
    ),
    (
        "a restriction at the site bars the shift",
        {},
        (post(restricted_units=frozenset({SITE})),),
        {"do_not_book"},
    ),
    (
        "a restriction at the organisation bars the shift",
        {},
        (post(restricted_units=frozenset({TRUST})),),
        {"do_not_book"},
    ),
    (
        "a restriction at another unit does not",
        {},
        (post(restricted_units=frozenset({ELSEWHERE})),),
        set(),
    ),
    (
        "a second post is no way round a restriction on the first",
        {},
        (post(restricted_units=frozenset({UNIT}), ends_on=MONDAY - DAY), post(id=UUID(int=11))),
        {"do_not_book"},
    ),
]


@pytest.mark.parametrize(("change", "posts", "expected"), [case[1:] for case in POSTS],
                         ids=[case[0] for case in POSTS])  # fmt: skip
def test_posts_grades_and_restrictions(
    change: dict[str, Any], posts: tuple[Any, ...], expected: set[str]
) -> None:
    change = dict(change)
    grades_open = change.pop("open", None)
    one = shift(MONDAY, change.pop("clocks", "07:30-20:00"), **change)
    reasons = asked(one, worker(posts=posts), grades_open=grades_open)
    assert codes(reasons) == expected


def test_a_later_post_says_from_when_it_may_be_booked() -> None:
    reason = found(asked(shift(), worker(posts=(post(starts_on=MONDAY + DAY),))),
                   "post_not_started")  # fmt: skip
    assert reason.cure is not None
    assert reason.cure.at == (MONDAY + DAY).isoformat()


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param(-1, set(), id="a minute before the start the shift may be booked"),
        pytest.param(0, {"already_started"}, id="at its start the shift may not be booked"),
        pytest.param(60, {"already_started"}, id="nor after its start"),
    ],
)
def test_a_started_shift_cannot_be_booked(minutes: int, expected: set[str]) -> None:
    one = shift()
    now = one.starts_at + timedelta(minutes=minutes)
    assert codes(asked(one, worker(), now=now)) == expected


def test_a_role_that_is_not_on_the_list_cannot_be_checked_and_so_not_booked() -> None:
    who = worker(posts=(post(role="shaman"),))
    reasons = asked(shift(role="shaman"), who)
    assert codes(reasons) == {"role_not_known"}
    assert blocking(reasons) == reasons


def test_an_unregulated_role_needs_no_registration() -> None:
    hca = StaffGroup.HCA
    who = worker(
        posts=(post(role="hca", grade=Grade.BAND_2, staff_group=hca),),
        facts=tuple(proofs("hca", hca)),
    )
    assert asked(shift(role="hca", grade=Grade.BAND_2, staff_group=hca), who) == []


def test_a_prepared_ledger_gives_the_same_answer() -> None:
    who = worker(work=[busy(MONDAY), busy(MONDAY - DAY, NIGHT)], without=[FactKind.DBS])
    assert asked(shift(), who, ledger=Ledger(who.busy)) == asked(shift(), who)


def test_soft_reasons_can_be_lifted_one_by_one_hard_ones_never_and_notes_never_block() -> None:
    hard = because(Code.OVERLAP, "x")
    rest, week = because(Code.DAILY_REST, "x"), because(Code.WEEKLY_REST, "x")
    reasons: list[Reason] = [hard, rest, week, because(Code.NOT_CHECKED, "x")]
    assert blocking(reasons) == [hard, rest, week]
    assert blocking(reasons, ["daily_rest"]) == [hard, week]
    assert blocking(reasons, [code.value for code in Code]) == [hard]
