"""The letters about a clearance: who reads what, and none says why."""

from typing import Any
from uuid import uuid4

import pytest

from bankhub.actions.notices import Letter
from bankhub.worker.mail import texts, written
from passport.config import Config

CONFIG = Config(database_url="", secret_key="5" * 64, master_key="a7" * 32)
BOOKING = {
    "starts_at": "2026-10-25 00:30:00+00:00", "ends_at": "2026-10-25 08:00:00+00:00",
    "unit": "Ward 7",
}  # fmt: skip
TEMPLATES = ("clearance_changed", "clearance_changed_home", "clearance_changed_host")


def letter(template: str, **change: Any) -> tuple[str, str]:
    """Subject and text."""
    context = {
        "clearance_id": "01a2", "cleared": False, "host": "Salford", "until_on": None,
        "supervised": False, "bookings": [], **change,
    }  # fmt: skip
    message = written(Letter(uuid4(), "ada@example.org", template, context), CONFIG, texts())
    return message["Subject"], message.get_content()


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("cleared", [True, False])
def test_a_letter_is_written(template: str, *, cleared: bool) -> None:
    until = "2027-03-31" if cleared else None
    subject, text = letter(template, cleared=cleared, until_on=until, bookings=[BOOKING])
    assert "Salford" in subject
    assert ("31 Mar 2027" in text) is cleared
    assert ("not cleared" in text) is not cleared
    assert "{{" not in text
    assert CONFIG.base_url in text


@pytest.mark.parametrize("template", ["clearance_changed", "clearance_changed_host"])
def test_the_bookings_concerned_are_named_to_who_works_by_them(template: str) -> None:
    _, text = letter(template, bookings=[BOOKING])
    assert "25 Oct 2026, 01:30 BST, Ward 7" in text
    _, without = letter(template)
    assert "Ward 7" not in without


def test_the_home_is_told_how_many_and_not_where() -> None:
    _, text = letter("clearance_changed_home", bookings=[BOOKING])
    assert "concerns: 1" in text
    assert "Ward 7" not in text


@pytest.mark.parametrize("template", TEMPLATES)
def test_supervised_only_is_said_and_nothing_of_why(template: str) -> None:
    _, text = letter(template, cleared=True, supervised=True)
    assert "supervised\nonly" in text or "supervised only" in text
    _, plain = letter(template, cleared=True)
    assert "supervised" not in plain
    for word in ("condition", "undertaking", "restrict"):
        assert word not in text.lower()
