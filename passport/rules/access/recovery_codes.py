"""How is a recovery code written, and how is it read back from what a person typed?

24 letters and digits of Crockford's base 32 (no I, L, O, U) in groups of four: 120 random bits,
so that a plain keyed hash keeps them (OWASP ASVS 5.0 6.5.2).
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BYTES = 15
_GROUP = 4
_MISREAD = str.maketrans("ILO", "110")


def written(raw: bytes) -> str:
    """The code for 15 random bytes, e.g. `7K2M-…`."""
    number = int.from_bytes(raw, "big")
    letters = [ALPHABET[(number >> shift) & 31] for shift in range(0, 8 * BYTES, 5)]
    groups = ["".join(letters[i : i + _GROUP]) for i in range(0, len(letters), _GROUP)]
    return "-".join(groups)


def read_back(typed: str) -> str:
    """What was meant: any case, any blanks and dashes, I and L for 1, O for 0."""
    kept = "".join(letter for letter in typed.upper() if letter.isalnum())
    return kept.translate(_MISREAD)
