"""The numbers behind the fill figures: dated policy, never constants."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FillPolicy:
    """What counts as late, early and too few to show (bank.md §2.3, DESIGN §4)."""

    late_withdrawal_hours: int
    """A request pulled fewer elapsed hours than this before the start was pulled late."""
    late_ward_cancellation_hours: int
    """A booking the ward undid fewer elapsed hours than this before the start was undone late."""
    released_early_days: int
    """Authorised at least this many London days ahead = released early."""
    suppress_under: int
    """Counts above nought and under this are not shown to an analyst."""
