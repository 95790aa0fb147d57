"""Leaky buckets: how many tries at once, and how long until the next."""

from datetime import UTC, datetime, timedelta

import pytest

from passport.model.access_policy import Bucket
from passport.rules.access.throttling import network, pour

NOW = datetime(2026, 10, 25, 0, 59, tzinfo=UTC)
BUCKET = Bucket(capacity=3, refill=timedelta(minutes=1))

POURS = {
    "an empty bucket takes one": (0, 0, True, 1),
    "the last place is taken": (2, 0, True, 3),
    "a full bucket takes none": (3, 0, False, 3),
    "one more after a minute": (3, 60, True, 3),
    "none a second before that": (3, 59, False, 3 - 59 / 60),
    "long left alone, it is empty": (3, 9999, True, 1),
    "across the hour that occurs twice it leaks by real time": (3, 3600, True, 1),
    "a clock that went back does not fill it": (2, -500, True, 3),
}


@pytest.mark.asvs("6.3.1")
@pytest.mark.parametrize(("level", "seconds", "allowed", "after"), POURS.values(), ids=POURS.keys())
def test_pour(level: float, seconds: int, allowed: bool, after: float) -> None:
    poured = pour(BUCKET, level, NOW, NOW + timedelta(seconds=seconds))
    assert poured.allowed is allowed
    assert poured.level == pytest.approx(after)


def test_says_how_long_to_wait_and_is_right_about_it() -> None:
    full = pour(BUCKET, 3, NOW, NOW + timedelta(seconds=20))
    assert full.wait == timedelta(seconds=40)
    assert pour(BUCKET, 3, NOW, NOW + timedelta(seconds=60)).allowed


NETWORKS = {
    "an IPv4 address stands for itself": ("203.0.113.9", "203.0.113.9"),
    "an IPv6 address for its /64": ("2001:db8:1:2:a:b:c:d", "2001:db8:1:2::/64"),
    "IPv4 written as IPv6 is that address": ("::ffff:203.0.113.9", "203.0.113.9"),
    "no address at all stands for itself": ("unix", "unix"),
}


@pytest.mark.parametrize(("address", "counted"), NETWORKS.values(), ids=NETWORKS.keys())
def test_network(address: str, counted: str) -> None:
    assert network(address) == counted
