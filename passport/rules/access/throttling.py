"""May this be tried once more, or is it a guess too many?

Each wrong guess fills a bucket by one; the bucket leaks one each `refill`. A full bucket lets
nothing through until it has leaked. Addresses count by network where one holder has very many of
them (IPv6: /64).
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from passport.model.access_policy import Bucket


@dataclass(frozen=True, slots=True)
class Poured:
    """What a try did to the bucket."""

    allowed: bool
    level: float
    """The new level; unchanged but for the leak when not allowed."""
    wait: timedelta
    """How long until the next try is let through; zero when one is let through now."""


def pour(bucket: Bucket, level: float, updated_at: datetime, now: datetime) -> Poured:
    """Try to add one to the bucket that stood at `level` when last seen."""
    leaked = max(0.0, (now - updated_at) / bucket.refill)
    current = max(0.0, level - leaked)
    if current + 1 > bucket.capacity:
        return Poured(False, current, (current + 1 - bucket.capacity) * bucket.refill)
    return Poured(True, current + 1, timedelta(0))


def network(address: str) -> str:
    """The network that counts as one guesser; the text itself where it is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
