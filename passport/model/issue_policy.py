"""How existing staff are issued in bulk: dated values with their source."""

from dataclasses import dataclass
from datetime import date
from math import ceil


@dataclass(frozen=True, slots=True)
class IssuePolicy:
    """What holds for batches from a day on."""

    from_on: date
    sample_share: float = 0.02
    """Of the people in a batch, how many a second officer opens."""
    sample_least: int = 5
    sample_most: int = 60
    portion: int = 100
    """People decided in one transaction: short enough that nothing else waits for it."""
    most_on_page: int = 2_000
    """People whom a page goes through while somebody waits; more are drawn by the command."""
    types: tuple[str, ...] = (
        "identity",
        "professional_registration",
        "training_award",
        "employment_assignment",
        "dbs_outcome",
    )
    """What a batch issues where nothing else is asked for."""
    illustrative: bool = True
    source: str = (
        "BankHub default: 60 of any number, all found right, say with 95 % confidence that fewer"
        " than 1 in 20 are wrong; to be confirmed by the trust's audit"
    )

    def sample_of(self, people: int) -> int:
        """How many of so many people are drawn."""
        wanted = max(self.sample_least, ceil(self.sample_share * people))
        return min(people, wanted, self.sample_most)


ISSUE_POLICY = IssuePolicy(from_on=date(2026, 11, 1))
"""The policy in force."""
