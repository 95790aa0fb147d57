"""The letters about accounts: each is written, names what it is about, and carries its link."""

import re
from uuid import uuid4

import pytest

from bankhub.actions.notices import Letter
from bankhub.worker.mail import texts, written
from passport.asset_files import asset_folder
from passport.config import Config

CONFIG = Config(database_url="", secret_key="5" * 64, master_key="a7" * 32)
AT = "2026-10-25 00:30:00+00:00"

CONTEXTS = {
    "invitation": {"organisation": "Rivermead", "token": "T0", "days": 7},
    "invitation_again": {"token": "T0", "days": 7},
    "role_added": {"organisation": "Rivermead", "token": None, "days": 7},
    "reset": {"token": "T0", "days": 7},
    "password_changed": {"at": AT},
    "factor_added": {"at": AT, "factor": "Work phone"},
    "factor_removed": {"at": AT, "factor": "Work phone"},
    "factors_cleared": {"at": AT},
    "recovery_code_used": {"at": AT},
    "new_device": {"at": AT, "device": "Firefox on Linux"},
    "token_made": {"name": "ward board", "until": AT},
    **{
        name: {}
        for name in (
            "registration_disputed", "registration_disputed_home", "registration_changed",
            "registration_changed_home", "registration_look_again", "registers_mismatch",
            "registers_held", "ends_soon_home",
        )
    },
    "ends_soon": {
        "what": "Your professional registration", "on": "2027-03-31", "act": "Renew it in time.",
    },
    "passport_changed": {"organisation": "Rivermead"},
    "passport_offered": {"organisation": "Rivermead"},
    "passport_rejected": {},
    "passport_collected": {"organisation": "Rivermead", "wallet": "Chrome on Android", "at": AT},
    "wallet_frozen": {"wallet": "Chrome on Android", "at": AT},
    "key_withdrawn": {"organisation": "Rivermead"},
    "delegation_made": {
        "organisation": "Quay", "role": "bank_manager",
        "from_on": "2026-11-22", "until_on": "2027-03-31",
    },
}  # fmt: skip


@pytest.mark.parametrize("template", CONTEXTS)
def test_a_letter_is_written(template: str) -> None:
    letter = Letter(uuid4(), "ada@example.org", template, CONTEXTS[template])
    message = written(letter, CONFIG, texts())
    text = message.get_content()
    assert len(message["Subject"]) > 15
    assert "{{" not in text
    links = re.findall(r"http\S+", text)
    assert links
    assert all(link.startswith(CONFIG.base_url) for link in links)
    if CONTEXTS[template].get("token"):
        assert any(link.endswith("/T0") for link in links)
    if "at" in CONTEXTS[template]:
        assert "01:30 BST" in text


def test_every_letter_of_this_floor_is_tested() -> None:
    folder = asset_folder("templates") / "passport" / "notices"
    assert {path.stem for path in folder.glob("*.txt")} == set(CONTEXTS)
