"""Is this password good enough? Tables of passwords and what is said about them."""

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from passport.model.access_policy import ACCESS_POLICY
from passport.rules.access.passwords import why_refused

POLICY = ACCESS_POLICY.passwords
EMAIL = "ada.okafor@rivermead.example.org"


def codes(password: str) -> list[str]:
    return [reason.code for reason in why_refused(password, email=EMAIL, policy=POLICY)]


ACCEPTED = {
    "three words that do not belong together": "kettle orbit mustard",
    "letters only, all lower case": "plinthgoosetorque",
    "digits only, if nobody would guess them": "83015729460618",
    "not in the Latin alphabet": "зелёный трамвай ждёт",
    "with blanks at both ends": "  kettle orbit mustard  ",
    "emoji count as characters": "🦆🚲🎻🧀 kettle 🪴",
    "64 characters": "kettle orbit mustard " * 3 + "z",
    "128 characters": ("kettle orbit mustard plinth " * 5)[:128],
}


@pytest.mark.asvs("6.2.5")
@pytest.mark.asvs("6.2.9")
@pytest.mark.parametrize("password", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepts(password: str) -> None:
    assert codes(password) == []


REFUSED = {
    "eleven characters, however odd": ("q7#Vw!2xZp9", "password_too_short"),
    "129 characters": ("kettle orbit mustard plinth " * 4 + "z" * 17, "password_too_long"),
    "nothing": ("", "password_too_short"),
    "a common one with numbers after it": ("password1234", "password_easy_to_guess"),
    "a common one twice": ("passwordpassword", "password_easy_to_guess"),
    "a keyboard row": ("qwertyuiop123", "password_easy_to_guess"),
    "the alphabet": ("abcdefghijklmnop", "password_easy_to_guess"),
    "one character many times": ("a" * 40, "password_easy_to_guess"),
    "letters swapped for digits": ("p4ssw0rdp4ssw0rd", "password_easy_to_guess"),
    "the name of the service": ("bankhub-bankhub", "password_easy_to_guess"),
    "the service's name and the year": ("BankHub202620", "password_easy_to_guess"),
    "one's own address": ("ada.okafor@rivermead.example.org", "password_holds_email"),
    "one's own name from the address": ("Ada.Okafor-2026-x", "password_holds_email"),
}


@pytest.mark.asvs("6.2.1")
@pytest.mark.asvs("6.2.11")
@pytest.mark.parametrize(("password", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(password: str, code: str) -> None:
    assert code in codes(password)


@pytest.mark.asvs("6.2.4")
@pytest.mark.asvs("6.2.12")
def test_refuses_every_leaked_password_long_enough_to_be_one() -> None:
    leaked = FREQUENCY_LISTS["passwords"]
    long_enough = [word for word in leaked if len(word) >= POLICY.min_length]
    assert len(long_enough) > 200
    assert [word for word in long_enough if not codes(word)] == []


@pytest.mark.asvs("6.2.4")
def test_refuses_what_people_make_of_the_most_leaked_ones() -> None:
    """The 3,000 most used are mostly shorter than 12; people double or number them to fit."""
    words = list(FREQUENCY_LISTS["passwords"])[:3000:10]
    made = [(word * 12)[: len(word) * -(-12 // len(word))] for word in words]
    assert [word for word in made if not codes(word)] == []


def test_says_everything_that_is_wrong_at_once() -> None:
    assert codes("okafor ada.okafor" * 10) == ["password_too_long", "password_holds_email"]
