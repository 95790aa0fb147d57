"""Is this an e-mail address that mail can be sent to?

Deliberately loose: only a link that was followed proves an address. Addresses are kept in lower
case, because mail systems of the health service do not tell two spellings apart.
"""

import re

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
LONGEST = 254


def tidy_email(typed: str) -> str:
    """Without blanks around it, in lower case."""
    return typed.strip().lower()


def why_not_email(address: str) -> str | None:
    """What is wrong with a tidied address, in a sentence; None = nothing."""
    if len(address) <= LONGEST and _ADDRESS.fullmatch(address):
        return None
    return "Enter an e-mail address like name@example.org."
