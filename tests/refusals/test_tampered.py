"""Ten thousand tampered tokens: none is believed, none does worse than be refused.

`BANKHUB_SEED` makes others than the usual ones.
"""

import os
import tracemalloc
from random import Random

import pytest

from tests.refusals import engine
from tests.refusals.engine import TARGETS, Report, Target

SEED = int(os.environ.get("BANKHUB_SEED", "20261122"))
COUNT = 10_000
LEAST_ATTACKS = 36
MOST_STEPS = 20_000
"""Calls that one token may cause, of Python and of C: a few milliseconds."""
MOST_BYTES = 40 * 1024 * 1024
"""Memory that one token may take while it is read: a status list may inflate to 8 MB."""


def test_the_attacks_are_many_and_of_every_kind() -> None:
    for kind in ("SD-JWT", "gate"):
        assert len(TARGETS[kind].attacks) >= LEAST_ATTACKS
    assert sum(len(target.attacks) for target in TARGETS.values()) >= 4 * LEAST_ATTACKS


@pytest.mark.parametrize("kind", TARGETS)
def test_what_was_not_tampered_with_is_believed(kind: str) -> None:
    report = Report()
    engine.send(kind, TARGETS[kind], TARGETS[kind].good, report)
    assert report.accepted == [kind]


@pytest.mark.slow
def test_none_of_ten_thousand_tampered_tokens_is_believed() -> None:
    attacks = sum(len(target.attacks) for target in TARGETS.values())
    rounds = -(-COUNT // attacks)
    report = engine.attack(rounds, SEED)
    assert report.accepted == []
    assert report.raised == []
    assert report.refused == rounds * attacks >= COUNT
    assert report.most_steps <= MOST_STEPS, report.costliest


@pytest.mark.slow
def test_no_tampered_token_takes_much_memory() -> None:
    for name, target, token in engine.tokens(3, SEED):
        tracemalloc.start()
        try:
            engine.send(name, target, token, Report())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak <= MOST_BYTES, name


def test_what_is_found_is_told() -> None:
    """The engine itself: a reader that believes, and one that breaks down, are found out."""
    report = Report()
    engine.send("believes", Target("", lambda _token: None, {}), "x", report)
    engine.send("breaks", Target("", lambda token: token[9], {}), "x", report)  # type: ignore[index]
    assert report.accepted == ["believes"]
    assert report.raised == ["breaks: IndexError('string index out of range')"]
    assert not report.holds


def test_a_seed_makes_the_same_tokens_again() -> None:
    """But for their signatures, which are new each time."""
    attack = TARGETS["gate"].attacks["hostile_cbor"]
    first, again, other = (Random(seed) for seed in (1, 1, 2))
    made = [[attack(chance) for _ in range(20)] for chance in (first, again, other)]
    assert made[0] == made[1] != made[2]
