"""How long keys live and how early they are told, as dated values with their source."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """The lives of keys, lists and tokens from a day on."""

    from_on: date
    root_life: timedelta = timedelta(days=3_650)
    signing_life: timedelta = timedelta(days=365)
    """How long a key signs."""
    told_ahead: timedelta = timedelta(hours=48)
    """A new key is published so long before it signs: twice the age of the oldest list that a
    verifier may be green with."""
    renewed_before: timedelta = timedelta(days=30)
    """The worker makes the next key so long before one stops signing, where nobody has."""
    certificate_outlives: timedelta = timedelta(days=400)
    """A certificate is good for so long after its key has stopped signing, for what it signed."""
    trust_list_life: timedelta = timedelta(days=30)
    trust_list_renewed: timedelta = timedelta(hours=12)
    status_list_renewed: timedelta = timedelta(hours=1)
    """A list is signed anew at least so often, changed or not: its age is what verifiers see."""
    status_list_size: int = 2**20
    status_list_filled: float = 0.9
    """From here on a list takes nothing more in."""
    status_list_taking: timedelta = timedelta(days=92)
    """A list takes copies in for a quarter, so that it can be retired with what is in it."""
    source: str = "BankHub default; reliability.md §4, credentials.md §5, NIST SP 800-57 5.3.6"


KEY_POLICY = KeyPolicy(from_on=date(2026, 11, 1))
"""The policy in force."""
