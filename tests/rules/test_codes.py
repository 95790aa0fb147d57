"""Codes of authenticator apps and recovery codes."""

import secrets
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from passport.rules.access import recovery_codes, totp

NOW = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


MOMENTS = {
    "this step's code": (0, True),
    "the step before": (-30, True),
    "two steps before": (-60, False),
    "the next step's, of a phone that runs fast": (30, False),
}


@pytest.mark.asvs("6.5.5")
@pytest.mark.parametrize(("seconds", "taken"), MOMENTS.values(), ids=MOMENTS.keys())
def test_which_codes_are_taken(seconds: int, taken: bool) -> None:
    code = code_at(NOW + timedelta(seconds=seconds))
    assert (totp.matching_step(SECRET, code, NOW, None) is not None) is taken


@pytest.mark.asvs("6.5.1")
def test_a_used_code_and_every_earlier_one_never_works_again() -> None:
    now_code, earlier = code_at(NOW), code_at(NOW - timedelta(seconds=30))
    used = totp.matching_step(SECRET, now_code, NOW, None)
    assert totp.matching_step(SECRET, now_code, NOW, used) is None
    assert totp.matching_step(SECRET, earlier, NOW, used) is None
    assert totp.matching_step(SECRET, code_at(NOW + timedelta(seconds=30)),
                              NOW + timedelta(seconds=30), used) is not None  # fmt: skip


@pytest.mark.parametrize(
    "typed", ["", "000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800", "9" * 10_000]
)
def test_anything_else_is_wrong_and_no_error(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, NOW, None) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    code = code_at(NOW)
    assert totp.matching_step(SECRET, f" {code[:3]} {code[3:]} ", NOW, None) is not None


@pytest.mark.asvs("6.5.2")
@pytest.mark.asvs("6.5.4")
def test_a_recovery_code_holds_120_bits_in_readable_letters() -> None:
    raw = secrets.token_bytes(recovery_codes.BYTES)
    code = recovery_codes.written(raw)
    letters = code.replace("-", "")
    assert len(letters) * 5 == 120
    assert set(letters) <= set(recovery_codes.ALPHABET)
    number = sum(
        recovery_codes.ALPHABET.index(letter) << (5 * place) for place, letter in enumerate(letters)
    )
    assert number.to_bytes(recovery_codes.BYTES, "big") == raw


def test_a_recovery_code_is_read_however_it_is_typed() -> None:
    code = recovery_codes.written(secrets.token_bytes(recovery_codes.BYTES))
    plain = recovery_codes.read_back(code)
    assert recovery_codes.read_back(code.lower().replace("-", " ")) == plain
    assert recovery_codes.read_back("O1iL-0") == "01110"
