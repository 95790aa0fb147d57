"""A volunteer is on no paid shift: not by the post, not by an entitlement, not by the shift."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from bankhub.model.reference import roles
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.eligibility import eligibility, volunteers
from bankhub.rules.eligibility.post_entry import wrong_post
from tests.rules.work_examples import asked, codes, post, shift, worker

UNPAID: dict[str, Any] = {
    "role": "volunteer",
    "grade": Grade.BAND_2,
    "staff_group": StaffGroup.ESTATES_FACILITIES,
}
PAID_PAIR = ("rn_adult", Grade.BAND_5)
ENTRY: dict[str, Any] = {
    "assignment_number": "20000001",
    "pay_point": "",
    "entitlements": [],
    "terms": "",
    "starts_on": date(2026, 1, 1),
    "ends_on": None,
}
NURSE: dict[str, Any] = {
    "role": "rn_adult",
    "grade": Grade.BAND_5,
    "staff_group": StaffGroup.NURSING_MIDWIFERY,
}

ON_A_SHIFT = {
    "a nurse through a nurse's post": (shift(), worker(), False),
    "a volunteer's post entitled to a nurse's work": (
        shift(), worker(posts=(post(**UNPAID, entitlements=frozenset({PAID_PAIR})),)), True,
    ),
    "a shift for volunteers": (shift(**UNPAID), worker(posts=(post(**UNPAID),)), True),
    "a shift for volunteers, and a nurse who may volunteer": (
        shift(**UNPAID),
        worker(posts=(post(entitlements=frozenset({("volunteer", Grade.BAND_2)})),)),
        True,
    ),
    "a volunteer who is a nurse of the bank too": (
        shift(), worker(posts=(post(), post(id=UUID(int=11), **UNPAID))), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ON_A_SHIFT.values(), ids=ON_A_SHIFT)
def test_on_a_shift(case: Any) -> None:
    one, who, refused = case
    assert ("volunteers_only" in codes(asked(one, who))) is refused


def test_mutant_without_the_rule_lets_a_volunteer_work(monkeypatch: pytest.MonkeyPatch) -> None:
    one, who, _ = ON_A_SHIFT["a volunteer's post entitled to a nurse's work"]
    assert asked(one, who)
    monkeypatch.setattr(eligibility, "volunteer_reasons", lambda *_args: ())
    assert not asked(one, who)


POSTS = {
    "a volunteer's post": ({**UNPAID}, set()),
    "with a pay point": ({**UNPAID, "pay_point": "2"}, {"pay_point"}),
    "with a nurse's work": (
        {**UNPAID, "entitlements": [["rn_adult", "band_5"]]}, {"entitlements"},
    ),
    "with terms of service": ({**UNPAID, "terms": "doctors_2016"}, {"terms"}),
    "a nurse's post that may volunteer": (
        {**NURSE, "entitlements": [["volunteer", "band_2"]]}, {"entitlements"},
    ),
    "a nurse's post": ({**NURSE, "pay_point": "3"}, set()),
}  # fmt: skip


@pytest.mark.parametrize("case", POSTS.values(), ids=POSTS)
def test_a_post(case: Any) -> None:
    said, wrong = case
    assert set(wrong_post({**ENTRY, **said}, roles())) == wrong


def test_one_role_is_unpaid() -> None:
    assert [code for code in roles() if volunteers.is_voluntary(code, roles())] == ["volunteer"]
    assert not volunteers.is_voluntary("nobody_knows", roles())
