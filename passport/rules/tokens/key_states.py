"""What a key is good for now: does it sign, does it wait, or is it only believed?

The newest key in force signs. One before it is still believed for what it signed. A revoked one is
believed for nothing from a moment on, whatever else is true of it.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class KeyState(StrEnum):
    """Where a key stands."""

    WAITING = "waiting"
    """Published, so that it is known by the day it begins to sign."""
    SIGNS = "signs"
    RELIEVED = "relieved"
    """A newer key signs; what this one signed is believed."""
    ENDED = "ended"
    """Past the last day on which it could sign; what it signed before is believed."""
    REVOKED = "revoked"


class Lived(Protocol):
    """A key's moments. Keys of one owner and purpose are compared with each other."""

    not_before: datetime
    not_after: datetime
    revoked_from: datetime | None
    made_at: datetime


def key_state(one: Lived, all_of_kind: Iterable[Lived], now: datetime) -> KeyState:
    """The state of one of the keys of its kind."""
    if one.revoked_from is not None:
        return KeyState.REVOKED
    if now < one.not_before:
        return KeyState.WAITING
    if now >= one.not_after:
        return KeyState.ENDED
    newer = any(
        other.revoked_from is None
        and other.not_before <= now < other.not_after
        and (other.not_before, other.made_at) > (one.not_before, one.made_at)
        for other in all_of_kind
    )
    return KeyState.RELIEVED if newer else KeyState.SIGNS
