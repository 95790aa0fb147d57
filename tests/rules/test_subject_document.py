"""A person's file as a page: in words that the person reads."""

from typing import Any

import pytest

from bankhub.rules.governance.subject_document import table

SAID: dict[str, tuple[str, Any, str]] = {
    "a moment, in London, in summer": (
        "starts_at", "2026-10-01T06:30:00+00:00", "1 October 2026, 07:30"
    ),
    "a moment with its fraction": (
        "made_at", "2026-11-22T18:03:58.604108+00:00", "22 November 2026, 18:03"
    ),
    "a day": ("date_of_birth", "1974-09-15", "15 September 1974"),
    "a day that is none": ("text", "2026-02-31", "2026-02-31"),
    "a moment that is none": ("text", "1999-19-39T29:59:59+00:00", "1999-19-39T29:59:59+00:00"),
    "money": ("pay_estimate_pence", 18863, "£188.63"),
    "within a detail": (
        "detail", {"at": "2026-09-15", "fee_pence": 5}, "At: 15 September 2026; Fee: £0.05"
    ),
    "identifiers of the database": (
        "detail", {"fact": "01a2046d-e005-7579-9805-7d2f28ecbcd3", "kind": "dbs", "was": None},
        "Kind: dbs",
    ),
    "a yes": ("may_call", True, "yes"),
    "a word with marks": ("name", "<b>Ó</b>", "&lt;b&gt;Ó&lt;/b&gt;"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value", "said"), SAID.values(), ids=SAID)
def test_what_stands_in_a_cell(name: str, value: Any, said: str) -> None:
    assert f"<td>{said}</td>" in table([name], [[value]])


def test_money_is_not_headed_pence() -> None:
    assert "<th scope=\"col\">Pay estimate</th>" in table(["pay_estimate_pence"], [[1]])
