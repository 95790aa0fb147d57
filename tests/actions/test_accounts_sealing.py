"""Secrets at rest: sealed to their row, readable after the master key changed, else not at all."""

import pytest

from passport.sealing import CannotUnseal, Vault, as_base64url, from_base64url, new_secret

OLD, NEW, SECRET = "11" * 32, "22" * 32, "5" * 64
ROW = "second_factor:1"


@pytest.mark.asvs("11.3.3")
def test_a_sealed_value_opens_for_its_row_only() -> None:
    vault = Vault(SECRET, NEW)
    sealed = vault.seal(b"secret", belongs_to=ROW)
    assert vault.unseal(sealed, belongs_to=ROW) == b"secret"
    with pytest.raises(CannotUnseal):
        vault.unseal(sealed, belongs_to="second_factor:2")


def test_any_changed_byte_is_noticed() -> None:
    vault = Vault(SECRET, NEW)
    sealed = vault.seal(b"secret", belongs_to=ROW)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(CannotUnseal):
            vault.unseal(bytes(changed), belongs_to=ROW)
    for length in range(len(sealed)):
        with pytest.raises(CannotUnseal):
            vault.unseal(sealed[:length], belongs_to=ROW)


@pytest.mark.asvs("11.2.2")
def test_after_a_change_of_the_master_key_old_values_open_while_it_is_kept() -> None:
    sealed = Vault(SECRET, OLD).seal(b"secret", belongs_to=ROW)
    assert Vault(SECRET, NEW, retired=[OLD]).unseal(sealed, belongs_to=ROW) == b"secret"
    with pytest.raises(CannotUnseal):
        Vault(SECRET, NEW).unseal(sealed, belongs_to=ROW)
    renewed = Vault(SECRET, NEW, retired=[OLD]).seal(b"secret", belongs_to=ROW)
    assert Vault(SECRET, NEW).unseal(renewed, belongs_to=ROW) == b"secret"


@pytest.mark.asvs("11.3.2")
def test_the_same_value_never_looks_the_same_twice() -> None:
    vault = Vault(SECRET, NEW)
    assert len({vault.seal(b"secret", belongs_to=ROW) for _ in range(100)}) == 100


def test_keyed_hashes_differ_by_key_purpose_and_value() -> None:
    one, other = Vault(SECRET, NEW), Vault("6" * 64, NEW)
    hashes = {
        one.keyed_hash("link", "a"), one.keyed_hash("link", "b"),
        one.keyed_hash("mail", "a"), other.keyed_hash("link", "a"),
    }  # fmt: skip
    assert len(hashes) == 4
    assert one.pseudonym("x", "a") == one.pseudonym("x", "a") != one.pseudonym("x", "b")


@pytest.mark.asvs("7.2.3")
@pytest.mark.asvs("6.5.3")
def test_new_secrets_hold_256_bits_and_never_repeat() -> None:
    made = {new_secret("bankhub_") for _ in range(1000)}
    assert len(made) == 1000
    assert {len(one) for one in made} == {len("bankhub_") + 43}


@pytest.mark.parametrize("text", ["!", "a", "a b", "é", "=" * 4])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_base64url(text)


def test_base64url_goes_both_ways() -> None:
    for raw in (b"", b"\x00", b"\xff\xfe\xfd", bytes(range(256))):
        assert from_base64url(as_base64url(raw)) == raw
