"""How is a booking quoted over the phone, and is a quoted reference free of slips?

A reference reads `RJ1-2643-00123KT`: the ODS code of the organisation, the ISO year and week in
which the shift was entered, a number of five digits that never repeats in that week, and two check
letters. Agencies quote it on timesheets and invoices, so one wrong character is always caught, and
so are two neighbours changed round, or any two characters before the check letters.

Two letters, because one cannot do it: an ODS code may hold any of 36 characters, and a letter of
the safe alphabet tells only 16 apart. The alphabet leaves out letters mistaken for digits or for
each other (B G I L O Q S U Z), and E so that fewer words come out. The check number is a sum of
the characters' values, weighted by position, modulo the prime 251 (the largest below 16 x 16): no
difference of two values or of two weights is a multiple of it.
"""

import re
from datetime import date

_LETTERS = "ACDFHJKMNPRTVWXY"
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PRIME = 251
_ROOT = 6
"""A primitive root of the prime: its powers are different weights for 250 positions."""
_SHAPE = re.compile(rf"([A-Z0-9]{{2,12}})([0-9]{{4}})([0-9]{{5}})([{_LETTERS}]{{2}})")
_NOISE = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_PRINTED = re.compile(rf"\b[A-Z0-9]{{2,12}}-[0-9]{{4}}-[0-9]{{5}}[{_LETTERS}]{{2}}\b")
LAST_NUMBER = 99_999


def year_week(day: date) -> str:
    """ISO year and week as `2643`. `day` is a London day."""
    return f"{day:%G%V}"[2:]


def make(organisation_code: str, week: str, number: int) -> str:
    """The reference of the `number`-th shift an organisation entered in a week.

    `week` as `year_week` gives it; `number` from 1 to `LAST_NUMBER`, each used once. Raises
    `ValueError` on anything else: it would not come back from `normalise`.
    """
    body = f"{organisation_code.upper()}{week}{number:05d}"
    found = _SHAPE.fullmatch(body + _check_letters(body)) if 0 < number <= LAST_NUMBER else None
    if found is None or found[1] != organisation_code.upper():
        raise ValueError(f"no reference for {organisation_code!r}, {week!r}, {number}")
    return _hyphenate(found)


def is_valid(text: str) -> bool:
    """Whether this is a reference without a slip, however it is spaced, dashed or cased."""
    found = _SHAPE.fullmatch(_bare(text))
    return found is not None and _check_letters("".join(found.groups()[:3])) == found[4]


def normalise(text: str) -> str:
    """The reference as printed: upper case, hyphens in place. Text of another shape comes back
    upper-cased without spaces and dashes; `is_valid` says whether the check letters agree."""
    bare = _bare(text)
    found = _SHAPE.fullmatch(bare)
    return _hyphenate(found) if found else bare


def without_references(text: str) -> str:
    """The text with every valid reference in it, written as printed, taken out."""
    return _PRINTED.sub(lambda found: "" if is_valid(found[0]) else found[0], text)


def _bare(text: str) -> str:
    return _NOISE.sub("", text).upper()


def _hyphenate(found: re.Match[str]) -> str:
    organisation, week, number, letters = found.groups()
    return f"{organisation}-{week}-{number}{letters}"


def _check_letters(body: str) -> str:
    total = sum(
        (_CHARACTERS.find(character) + 1) * pow(_ROOT, place, _PRIME)
        for place, character in enumerate(reversed(body), start=1)
    )
    high, low = divmod(total % _PRIME, len(_LETTERS))
    return _LETTERS[high] + _LETTERS[low]
