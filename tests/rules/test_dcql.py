"""Queries as they are signed, and whether what was shown answers them (OpenID4VP 1.0 §6, §7)."""

from typing import Any

import pytest

from passport.model.purposes import all_purposes, read_purposes
from passport.rules.tokens.bad_token import BadToken
from passport.rules.verifying import dcql
from passport.rules.verifying.dcql import Wanted
from tests.rules.dcql_form import mistakes

EXAMPLE = {
    "name": "Arthur Dent",
    "address": {"street_address": "42 Market Street", "locality": "Milliways"},
    "degrees": [
        {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
        {"type": "Master of Science", "university": "University of Betelgeuse"},
    ],
    "nationalities": ["British", "Betelgeusian"],
}
"""The standard's own (§7.3)."""

PATHS: list[tuple[list[Any], list[Any]]] = [
    (["name"], ["Arthur Dent"]),
    (["address", "street_address"], ["42 Market Street"]),
    (["address"], [EXAMPLE["address"]]),
    (["degrees", None, "type"], ["Bachelor of Science", "Master of Science"]),
    (["nationalities", 1], ["Betelgeusian"]),
    (["nationalities", 2], []),
    (["nationalities", None], ["British", "Betelgeusian"]),
    (["nationalities", "0"], []),
    (["name", None], []),
    (["name", 0], []),
    (["address", 0], []),
    (["degrees", None, "grade"], []),
    (["nothing"], []),
    (["__proto__"], []),
]


@pytest.mark.parametrize(("path", "selected"), PATHS)
def test_a_path_selects_what_the_standard_says(path: list[Any], selected: list[Any]) -> None:
    assert dcql.select(EXAMPLE, path) == selected


@pytest.mark.parametrize("purpose", all_purposes(), ids=lambda one: one.code)
def test_every_purpose_makes_a_query_of_the_standards_form(purpose: Any) -> None:
    wanted = [
        Wanted(one.type, ("t",), one.claims, one.if_held, one.required, one.many)
        for one in purpose.credentials
    ]
    made = dcql.query(wanted)
    assert list(mistakes(made)) == []
    required = [one.type for one in purpose.credentials if one.required]
    assert dcql.unsatisfied(made, []) == required
    assert dcql.unsatisfied(made, required) == []
    assert set(dcql.not_shown(made, required)) == {one.id for one in wanted} - set(required)


def test_claims_that_may_be_missing_are_asked_in_every_combination_the_fullest_first() -> None:
    (asked,) = dcql.query([Wanted("x", ("t",), ("a",), ("b", "c"))])["credentials"]
    assert asked["claim_sets"] == [["a", "b", "c"], ["a", "b"], ["a", "c"], ["a"]]
    assert [one["id"] for one in asked["claims"]] == ["a", "b", "c"]


def _asked(**fields: Any) -> dict[str, Any]:
    (asked,) = dcql.query([Wanted("x", ("t", "u"), **fields)])["credentials"]
    return dict(asked)


ANSWERS: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({}, {"vct": "t"}, None),
    ({}, {"vct": "u"}, None),
    ({}, {"vct": "v"}, "wrong_credential_type"),
    ({}, {}, "wrong_credential_type"),
    ({}, {"vct": "v", "aka_vcts": ["w", "t"]}, None),
    ({"claims": ("a",)}, {"vct": "t"}, "claim_not_shown"),
    ({"claims": ("a",)}, {"vct": "t", "a": None}, None),
    ({"claims": ("a",), "if_held": ("b",)}, {"vct": "t", "a": 1}, None),
    ({"claims": ("a",), "if_held": ("b",)}, {"vct": "t", "b": 1}, "claim_not_shown"),
    ({"claims": ("a",), "values": {"a": [1, "x"]}}, {"vct": "t", "a": 1}, None),
    ({"claims": ("a",), "values": {"a": [1]}}, {"vct": "t", "a": 2}, "wrong_value"),
    ({"claims": ("a",), "values": {"a": [1]}}, {"vct": "t", "a": True}, "wrong_value"),
    ({"claims": ("a",), "values": {"a": [1]}}, {"vct": "t", "a": 1.0}, "wrong_value"),
    ({"claims": ("a",), "values": {"a": ["1"]}}, {"vct": "t", "a": 1}, "wrong_value"),
]


@pytest.mark.parametrize(("wanted", "claims", "why"), ANSWERS)
def test_what_was_shown_is_held_against_the_query(
    wanted: dict[str, Any], claims: dict[str, Any], why: str | None
) -> None:
    assert dcql.why_unanswered(_asked(**wanted), claims) == why


QUERY = dcql.query([Wanted("one", ("t",)), Wanted("many", ("t",), required=False, many=True)])


@pytest.mark.parametrize(
    "vp_token",
    [
        None, [], {}, "x", {"one": "x"}, {"one": []}, {"one": [1]}, {"one": [{}]},
        {"one": ["x", "y"]}, {"other": ["x"]}, {"one": ["x"], "many": ["x"] * 64},
    ],
)  # fmt: skip
def test_an_answer_of_another_form_is_refused(vp_token: Any) -> None:
    with pytest.raises(BadToken) as refused:
        dcql.answers(QUERY, vp_token)
    assert refused.value.code == "bad_vp_token"


def test_an_answer_may_hold_several_where_several_were_asked_for() -> None:
    assert dcql.answers(QUERY, {"one": ["x"], "many": ["y", "z"]})


PURPOSE = """
[[purpose]]
code = "x"
title = "X"
why = "w"
basis = "b"
source = "s"
from_on = 2026-01-01
keep_hours = 1
[[purpose.credentials]]
type = "identity"
claims = ["legal_family_name"]
"""

MISTAKES = {
    ('type = "identity"', 'type = "diary"'): "not a credential type",
    ('"legal_family_name"', '"shoe_size"'): "shoe_size",
    ('"legal_family_name"', '"origin"'): "show or leave out",
    ('"legal_family_name"', '"photo"'): "if_held",
    ('"legal_family_name"', '"legal_family_name", "legal_family_name"'): "twice",
    ("keep_hours = 1", "keep_hours = 0"): "keep_hours",
    ('code = "x"', 'code = "X 1"'): "code",
    ("claims =", "required = false\nclaims ="): "nothing that has to be shown",
    ('basis = "b"', ""): "basis",
}


@pytest.mark.parametrize(("change", "named"), MISTAKES.items())
def test_a_mistake_in_the_purposes_is_named(change: tuple[str, str], named: str) -> None:
    assert read_purposes(PURPOSE)
    with pytest.raises(ValueError, match=named):
        read_purposes(PURPOSE.replace(*change))
