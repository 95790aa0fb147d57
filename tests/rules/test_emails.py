"""What counts as an e-mail address."""

import pytest

from passport.rules.access.emails import tidy_email, why_not_email

ADDRESSES = {
    "plain": ("ada@example.org", True),
    "in capitals, with blanks around": ("  Ada.Okafor@NHS.net ", True),
    "with a plus": ("ada+bank@example.org", True),
    "with an apostrophe": ("o'neill@example.org", True),
    "a name outside the Latin alphabet": ("ада@example.org", True),
    "no at sign": ("ada.example.org", False),
    "two at signs": ("ada@home@example.org", False),
    "no name": ("@example.org", False),
    "no host": ("ada@", False),
    "a host without a dot": ("ada@localhost", False),
    "a blank inside": ("ada okafor@example.org", False),
    "a line break, to add a header": ("ada@example.org\nbcc: x@example.org", False),
    "a NUL character": ("a\x00da@example.org", False),
    "two addresses": ("ada@example.org,eve@example.org", False),
    "with a display name": ("Ada <ada@example.org>", False),
    "very long": ("a@" + "x." * 150 + "org", False),
}


@pytest.mark.parametrize(("typed", "right"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_addresses(typed: str, right: bool) -> None:
    assert (why_not_email(tidy_email(typed)) is None) is right
