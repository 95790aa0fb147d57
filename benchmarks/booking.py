"""Booking through HTTP, against the same writes by pgbench and against ORM units of work."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from uuid import uuid4

import sqlalchemy as sa

from benchmarks import booking_data, load, pgbench
from benchmarks.cluster import Cluster
from benchmarks.copies import SHIFT, uid_of
from benchmarks.report import Line, percentile
from benchmarks.servers import serving
from passport.db import connect

CONNECTIONS = 16
MOST_PER_SECOND = 6000
"""Bookings set aside for each second of each contender."""


@dataclass(frozen=True)
class Size:
    """How much is made and for how long it runs."""

    nurses: int
    seconds: int
    rounds: int

    @property
    def shifts(self) -> int:
        """Enough for every contender of every round."""
        return (MOST_PER_SECOND + 3 * 1500) * (self.seconds + 1) * (self.rounds + 1)


FULL = Size(nurses=12_000, seconds=4, rounds=5)
SMOKE = Size(nurses=400, seconds=1, rounds=1)


class _Numbers:
    """Numbers of shifts not yet used."""

    def __init__(self, size: Size) -> None:
        self._next, self._end = 0, size.shifts

    def take(self, count: int) -> range:
        taken = range(self._next, self._next + count)
        self._next += count
        assert self._next <= self._end, "more bookings than shifts were made"
        return taken


def measure(cluster: Cluster, size: Size, say: Callable[[str], None]) -> list[Line]:
    """Make the bank, run all contenders in turn, and compare their medians."""
    url = cluster.database("booking")
    say(f"booking: {size.nurses:,} nurses, {size.shifts:,} shifts")
    booking_data.fill(
        url, nurses=size.nurses, shifts=size.shifts, now=datetime.now(UTC)  # noqa: TID251
    )
    organisation = _organisation(url)
    numbers = _Numbers(size)
    text = pgbench.script(size.nurses, organisation)
    rates: dict[str, list[float]] = defaultdict(list)
    waits: dict[str, list[float]] = defaultdict(list)
    with (
        serving("bankhub.app:from_env()", url) as real,
        serving("benchmarks.orm_booking:app()", url) as orm,
    ):
        contenders = {
            "http": (real, "bookings", False),
            "http with key": (real, "bookings", True),
            "orm": (orm, "orm-bookings", False),
        }
        for turn in range(size.rounds + 1):  # the first one warms up and is not counted
            base = numbers.take(MOST_PER_SECOND * (size.seconds + 1)).start
            found = {
                "pgbench": pgbench.run(
                    cluster.program_folder, url, text, base=base, seconds=size.seconds
                )
            }
            for name, (port, path, keyed) in contenders.items():
                mine = numbers.take(1500 * (size.seconds + 1))
                sent = _requests(mine, size.nurses, path, keyed=keyed)
                outcome = load.run(port, sent, connections=CONNECTIONS, seconds=size.seconds)
                assert set(outcome.statuses) == {201}, (name, outcome.strange)
                found[name] = outcome.rate
                waits[name] += outcome.latencies if turn else []
            say("  " + ", ".join(f"{name} {rate:,.0f}/s" for name, rate in found.items()))
            for name, rate in found.items():
                rates[name] += [rate] if turn else []
    cluster.drop("booking")
    return _lines(rates, waits)


def _requests(numbers: range, nurses: int, path: str, *, keyed: bool) -> Iterator[bytes]:
    for number in numbers:
        token = f"{booking_data.TOKEN}{number % nurses}"
        key = (f"Idempotency-Key: {uuid4()}",) if keyed else ()
        where = f"/api/v1/shifts/{uid_of(SHIFT, number)}/{path}"
        yield load.request("POST", where, token, b"{}", key)


def _organisation(url: str) -> str:
    engine = connect(url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT id FROM organisation")).scalar_one()
    engine.dispose()
    return str(found)


def _lines(rates: dict[str, list[float]], waits: dict[str, list[float]]) -> list[Line]:
    middle = {name: median(found) for name, found in rates.items()}

    def paired(name: str, against: str) -> float:
        """The median of the rounds' own ratios: a slow moment slows both sides of a round."""
        return median(a / b for a, b in zip(rates[name], rates[against], strict=True))

    def line(what: str, name: str, against: str, goal: float, stretch: float) -> Line:
        half, most = percentile(waits[name], 50), percentile(waits[name], 95)
        return Line(
            what,
            f"{middle[name]:,.0f}/s (p50 {half * 1000:.0f} ms, p95 {most * 1000:.0f} ms)",
            f"{against}: {middle[against]:,.0f}/s",
            paired(name, against),
            goal=goal,
            stretch=stretch,
        )

    return [
        line("Booking over HTTP, without a key", "http", "pgbench", 0.20, 0.30),
        line("Booking over HTTP, with Idempotency-Key", "http with key", "pgbench", 0.20, 0.30),
        line("Booking over HTTP", "http", "orm", 1.5, 2.5),
    ]
