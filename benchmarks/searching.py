"""Searching over HTTP while the number of open shifts grows and the people stay the same.

Two questions: a nurse asks what they may book, a coordinator asks who could work a shift. Each is
asked at every size, one at a time and in turn, so that what else the machine does falls on all
sizes alike. At the largest size the nurse's question is also put as one plain SQL join; that is
timed in the database alone, without the application around it.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import cycle, islice
from statistics import median
from typing import Any
from urllib.parse import quote

from bankhub.model.vocabulary import Tier
from benchmarks import load, naive_search, searching_data
from benchmarks.cluster import Cluster
from benchmarks.copies import PERSON, uid_of
from benchmarks.report import Line, percentile
from benchmarks.searching_data import Bank
from benchmarks.searching_templates import TOKEN
from benchmarks.searching_templates import Size as DataSize
from benchmarks.servers import PROCESSES, THREADS, Served, serving
from passport.web.cookies import SESSION


@dataclass(frozen=True)
class Size:
    """How many open shifts, how many people, and for how long."""

    shifts: Sequence[int]
    trusts: int
    posts: int
    """At the trust that is asked about."""
    seconds: float
    rounds: int
    naive: int
    """Runs of the plain join in each round."""
    compared: int
    """Nurses whose list has to be the plain join's, of each database."""


FULL = Size(
    shifts=(10_000, 100_000, 1_000_000), trusts=40, posts=2_000, seconds=5, rounds=5, naive=2,
    compared=6,
)  # fmt: skip
SMOKE = Size(
    shifts=(200, 400, 800), trusts=4, posts=60, seconds=0.5, rounds=1, naive=1, compared=20
)

SEARCH = "A nurse's shifts to book over HTTP"
CANDIDATES = "Who could work a shift over HTTP"
NAIVE = "plain join"

WARM_CONNECTIONS = PROCESSES * THREADS
"""In the first round, so that every thread's connection has prepared its statements."""

Waits = Sequence[float]
"""Seconds, one for each answer of a round."""
Found = Mapping[tuple[str, int], Sequence[Waits]]
"""By question and number of open shifts: the rounds."""


@dataclass(frozen=True)
class Place:
    """A database of one size, and the application server over it."""

    bank: Bank
    url: str
    served: Served


def measure(cluster: Cluster, size: Size, say: Callable[[str], None]) -> list[Line]:
    """Make a database of each size, ask in turn, and compare."""
    found: dict[tuple[str, int], list[Waits]] = defaultdict(list)
    with ExitStack() as stack:
        places: dict[int, Place] = {}
        for shifts in size.shifts:
            say(f"searching: {shifts:,} open shifts, {size.posts:,} posts")
            places[shifts] = stack.enter_context(_place(cluster, size, shifts))
            compare(places[shifts], size.compared)
        for turn in range(size.rounds + 1):  # the first one warms up and is not counted
            for key, waits in _round(places, size, turn):
                say(f"  {key[0]}, {key[1]:,} shifts: {_shown([waits])}, {len(waits)} answers")
                if turn:
                    found[key].append(waits)
    for shifts in size.shifts:
        cluster.drop(_name(shifts))
    return lines(found, size.shifts)


def _name(shifts: int) -> str:
    return f"searching_{shifts}"


@contextmanager
def _place(cluster: Cluster, size: Size, shifts: int) -> Iterator[Place]:
    url = cluster.database(_name(shifts))
    bank = searching_data.fill(
        url,
        DataSize(shifts, min(size.shifts), size.trusts, size.posts),
        now=datetime.now(UTC),  # noqa: TID251
    )
    with serving("bankhub.app:from_env()", url) as served:
        yield Place(bank, url, served)


def _round(
    places: Mapping[int, Place], size: Size, turn: int
) -> Iterator[tuple[tuple[str, int], Waits]]:
    connections = 1 if turn else WARM_CONNECTIONS
    for shifts, place in places.items():
        for what, requests in (
            (SEARCH, searches(place.bank)),
            (CANDIDATES, candidate_lists(place.bank)),
        ):
            outcome = load.run(
                place.served.port, requests, connections=connections, seconds=size.seconds
            )
            assert set(outcome.statuses) == {200}, outcome.strange
            yield (what, shifts), outcome.latencies
    largest = max(places)
    nurses = islice(cycle(places[largest].bank.nurses), turn * size.naive, None)
    people = [uid_of(PERSON, number) for number in islice(nurses, size.naive)]
    yield (NAIVE, largest), [took for took, _ in naive_search.ask(places[largest].url, people)]


def compare(place: Place, nurses: int) -> None:
    """What the service finds for some nurses is what the plain join finds, in the same order; and
    partners' shifts are among it."""
    asked = place.bank.nurses[:: max(1, len(place.bank.nurses) // nurses)]
    plain = list(naive_search.ask(place.url, [uid_of(PERSON, nurse) for nurse in asked]))
    tiers = set()
    for nurse, (_, expected) in zip(asked, plain, strict=True):
        shown = _found(place.served.port, nurse, naive_search.PAGE)
        assert [one["id"] for one in shown] == [str(one) for one in expected], nurse
        tiers |= {one["tier"] for one in shown}
    assert Tier.PARTNER in tiers, tiers


def _found(port: int, nurse: int, most: int) -> list[dict[str, Any]]:
    """Their first shifts, over as many answers as the service takes for them."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    shown: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None and len(shown) < most:
        further = f"&after={quote(after)}" if after else ""
        path = f"/api/v1/me/shifts?show=bookable&limit={most - len(shown)}{further}"
        connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}{nurse}"})
        answer = json.load(connection.getresponse())
        shown += answer["shifts"]
        after = answer["after"]
    connection.close()
    return shown


def searches(bank: Bank) -> Iterator[bytes]:
    """Nurse after nurse asks for the first page of what they may book."""
    for nurse in cycle(bank.nurses):
        yield load.request("GET", "/api/v1/me/shifts?show=bookable", f"{TOKEN}{nurse}")


def candidate_lists(bank: Bank) -> Iterator[bytes]:
    """A coordinator opens the list of candidates of shift after shift: a page, by its cookie."""
    for shift in cycle(bank.shifts):
        cookie = (f"Cookie: {SESSION}={bank.cookie}",)
        yield load.request("GET", f"/office/shifts/{shift}/fill", "", headers=cookie)


def lines(found: Found, sizes: Sequence[int]) -> list[Line]:
    """How much slower the most shifts are than the fewest, and the plain join beside them."""
    most = max(sizes)
    ours, theirs = found[SEARCH, most], found[NAIVE, most]
    return [
        *(_by_size(what, found, sizes) for what in (SEARCH, CANDIDATES)),
        Line(
            f"{SEARCH}, {most:,} shifts",
            _shown(ours),
            f"{NAIVE} in the database alone: {_shown(theirs)}",
            median(_p95(b) / _p95(a) for a, b in zip(ours, theirs, strict=True)),
            goal=100,
        ),
    ]


def _by_size(what: str, found: Found, sizes: Sequence[int]) -> Line:
    fewest, most = found[what, min(sizes)], found[what, max(sizes)]
    return Line(
        f"{what}: p95 at {max(sizes):,} shifts",
        "; ".join(f"{size:,}: {_shown(found[what, size])}" for size in sizes[1:]),
        f"{min(sizes):,}: {_shown(fewest)}",
        median(_p95(b) / _p95(a) for a, b in zip(fewest, most, strict=True)),
        goal=2,
        at_most=True,
    )


def _p95(waits: Waits) -> float:
    return percentile(waits, 95)


def _shown(rounds: Sequence[Waits]) -> str:
    waits = [wait for waits in rounds for wait in waits]
    return f"p50 {percentile(waits, 50) * 1000:,.0f} ms, p95 {_p95(waits) * 1000:,.0f} ms"
