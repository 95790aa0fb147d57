"""The letters about agreements: each is written, names what it is about, and carries its link."""

import re
from typing import Any
from uuid import uuid4

import pytest

from bankhub.actions.notices import Letter
from bankhub.worker.mail import texts, written
from passport.asset_files import asset_folder
from passport.config import Config

CONFIG = Config(database_url="", secret_key="5" * 64, master_key="a7" * 32)
ABOUT = {"agreement": str(uuid4()), "named": "WSA-7", "title": "Shared bank"}
ON = {"on": "2027-03-31"}
CONTEXTS: dict[str, dict[str, Any]] = {
    "agreement_to_review": {},
    "agreement_to_sign": {},
    "agreement_signed": {"version": 2, "starts_on": "2027-03-31"},
    "agreement_abandoned": {},
    "agreement_party_suspended": {"party": "Northern"},
    "agreement_suspension_lifted": {"party": "Northern"},
    "agreement_notice": {"party": "Northern", **ON},
    "agreement_notice_withdrawn": {"party": "Northern", "ending": True, **ON},
    "agreement_lead": {"old": "Northern", "new": "Pennine"},
    "agreement_terminated": {"for_safety": True, "because": "Unsafe staffing.", **ON},
    "agreement_succeeded": {"old": "Northern", "new": "Pennine"},
    "agreement_ends_soon": {"days": 7, **ON},
    "agreement_review_due": {"days": 7, **ON},
    "agreement_ended": {"honoured_until": "2027-03-31", **ON},
}


@pytest.mark.parametrize("template", CONTEXTS)
def test_a_letter_is_written(template: str) -> None:
    letter = Letter(uuid4(), "ada@example.org", template, {**ABOUT, **CONTEXTS[template]})
    message = written(letter, CONFIG, texts())
    said = f"{message['Subject']}\n{message.get_content()}"
    assert len(message["Subject"]) > 15
    assert "{{" not in said
    assert "{%" not in said
    assert "WSA-7" in said
    assert re.findall(r"http\S+", said) == [f"{CONFIG.base_url}/agreements/{ABOUT['agreement']}"]
    for value in CONTEXTS[template].values():
        shown = "31 Mar 2027" if value == "2027-03-31" else str(value)
        assert value is True or shown in said
    assert max(len(line) for line in said.splitlines()) <= 120


def test_ended_without_danger_says_that_bookings_are_honoured() -> None:
    context = {**ABOUT, "for_safety": False, "because": "Over.", **ON}
    letter = Letter(uuid4(), "ada@example.org", "agreement_terminated", context)
    said = written(letter, CONFIG, texts()).get_content()
    assert "honoured" in said
    assert "safety" not in said


def test_every_letter_about_agreements_is_tested() -> None:
    folder = asset_folder("templates") / "bankhub" / "notices"
    assert {path.stem for path in folder.glob("agreement_*.txt")} == set(CONTEXTS)
