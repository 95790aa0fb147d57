"""The server's engine against the table that the browser's is held to as well."""

import pytest

from tests.support.verdict_table import Case, answer, table

CASES = table()["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['name']}")
def test_the_verdict_is_that_of_the_table(case: Case) -> None:
    assert answer(case, table()) == case["expect"]


def test_the_table_has_every_finding() -> None:
    codes = {
        finding["code"]
        for case in CASES
        if case["kind"] == "gate"
        for finding in case["expect"]["findings"]
    }
    assert len(codes) >= 30, sorted(codes)
    assert {case["expect"]["outcome"] for case in CASES if case["kind"] == "gate"} == {
        "green", "amber", "red",
    }  # fmt: skip
