"""Attacks against what refuses them, and what came of it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from passport.rules.tokens import jws, status_list, trust_list
from passport.rules.tokens.bad_token import BadToken
from tests.refusals import gate_attacks, holder_attacks, list_attacks, sd_jwt_attacks
from tests.rules import gate_examples, sd_jwt_examples
from tests.rules import status_list_examples as statuses
from tests.rules import trust_list_examples as trust

Attack = Callable[[Random], object]


@dataclass(frozen=True)
class Target:
    """One kind of token: a good one, who reads it, and the ways to tamper with it."""

    good: object
    check: Callable[[object], object]
    attacks: Mapping[str, Attack]


@dataclass
class Report:
    """What a run of attacks came to. Only `refused` is as it should be."""

    refused: int = 0
    accepted: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    most_steps: int = 0
    """Calls that the costliest token caused."""
    costliest: str = ""

    @property
    def holds(self) -> bool:
        """Whether every token was refused as declared."""
        return not self.accepted and not self.raised


def _list(text: object) -> object:
    return status_list.read_list(
        text, uri=statuses.URI, key=statuses.ISSUER, now=statuses.NOW,
        at_least=statuses.NOW - timedelta(minutes=10),
    )  # fmt: skip


def _trust(text: object) -> object:
    return trust_list.read_trust(text, root=[trust.ROOT], now=trust.NOW, at_least=12, sub=trust.SUB)


TARGETS: Mapping[str, Target] = {
    "SD-JWT": Target(
        sd_jwt_attacks.BOUND,
        sd_jwt_examples.check,
        sd_jwt_attacks.ATTACKS | holder_attacks.ATTACKS,
    ),
    "gate": Target(gate_attacks.GOOD, gate_examples.believe, gate_attacks.ATTACKS),
    "status list": Target(statuses.GOOD, _list, list_attacks.STATUS),
    "trust list": Target(trust.GOOD, _trust, list_attacks.TRUST),
}


def tokens(rounds: int, seed: int) -> Iterator[tuple[str, Target, object]]:
    """Each attack so often: its name, whom it is for, and the token."""
    for kind, target in TARGETS.items():
        for name, make in target.attacks.items():
            chance = Random(f"{seed} {kind} {name}")
            for _ in range(rounds):
                yield f"{kind}: {name}", target, make(chance)


def attack(rounds: int, seed: int) -> Report:
    """Send them all."""
    report = Report()
    for name, target, token in tokens(rounds, seed):
        send(name, target, token, report)
    return report


def send(name: str, target: Target, token: object, report: Report) -> None:
    """Send one, and count what it causes."""
    steps = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal steps
        steps += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        target.check(token)
    except BadToken:
        report.refused += 1
    except Exception as other:  # whatever it is, it was not declared
        report.raised.append(f"{name}: {other!r:.120}")
    else:
        report.accepted.append(name)
    finally:
        sys.setprofile(None)
    if steps > report.most_steps:
        report.most_steps, report.costliest = steps, name


def forget() -> None:
    """Headers that were believed once are not read again: forget them."""
    jws._header_again.cache_clear()
