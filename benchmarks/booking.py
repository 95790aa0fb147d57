"""Booking through HTTP, against the same writes by pgbench and against ORM units of work."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from uuid import uuid4

import sqlalchemy as sa

from benchmarks import booking_data, load, pgbench
from benchmarks.cluster import Cluster
from benchmarks.copies import SHIFT, uid_of
from benchmarks.processor import spent
from benchmarks.report import Line, percentile
from benchmarks.servers import Served, serving
from passport.db import connect

CONNECTIONS = 16


@dataclass(frozen=True)
class Size:
    """How much is made and for how long it runs."""

    nurses: int
    seconds: int
    rounds: int
    by_sql: int = 6000
    by_http: int = 1500
    """Bookings set aside for each second of a contender."""

    @property
    def shifts(self) -> int:
        """Enough for every contender of every round."""
        return (self.by_sql + 3 * self.by_http) * (self.seconds + 1) * (self.rounds + 1)


FULL = Size(nurses=12_000, seconds=4, rounds=5)
SMOKE = Size(nurses=400, seconds=1, rounds=1, by_sql=3000, by_http=300)


@dataclass
class Run:
    """What one contender came to, round by round."""

    rates: list[float] = field(default_factory=list)
    """Bookings a second."""
    costs: list[float] = field(default_factory=list)
    """Processor seconds for one booking: client, server and database."""
    waits: list[float] = field(default_factory=list)


class Contest:
    """The contenders over one database, run in turn."""

    def __init__(self, cluster: Cluster, url: str, size: Size) -> None:
        self.cluster, self.url, self.size = cluster, url, size
        self.script = pgbench.script(size.nurses, organisation(url))
        self.runs: dict[str, Run] = defaultdict(Run)
        self._next = 0

    def by_sql(self) -> Run:
        """The four statements by pgbench."""
        base, seconds = self._take(self.size.by_sql).start, self.size.seconds
        before = spent([self.cluster.pid])
        rate = pgbench.run(
            self.cluster.program_folder, self.url, self.script, base=base, seconds=seconds
        )
        cost = (spent([self.cluster.pid]) - before) / (rate * seconds)
        return Run([rate], [cost])

    def by_http(self, served: Served, path: str, *, keyed: bool) -> Run:
        """Requests to an application server."""
        sent = requests(self._take(self.size.by_http), self.size.nurses, path, keyed=keyed)
        families = [self.cluster.pid, served.pid]
        before = spent(families)
        outcome = load.run(
            served.port, sent, connections=CONNECTIONS, seconds=self.size.seconds
        )
        cost = (spent(families) - before) / max(1, len(outcome.latencies))
        assert set(outcome.statuses) == {201}, (path, outcome.strange)
        return Run([outcome.rate], [cost], outcome.latencies)

    def note(self, name: str, run: Run) -> None:
        """Keep what a round came to."""
        held = self.runs[name]
        held.rates += run.rates
        held.costs += run.costs
        held.waits += run.waits

    def _take(self, each_second: int) -> range:
        """Numbers of shifts that nobody has used."""
        count = each_second * (self.size.seconds + 1)
        taken = range(self._next, self._next + count)
        self._next += count
        assert self._next <= self.size.shifts, "more bookings than shifts were made"
        return taken


def measure(cluster: Cluster, size: Size, say: Callable[[str], None]) -> list[Line]:
    """Make the bank, run all contenders in turn, and compare them."""
    url = cluster.database("booking")
    say(f"booking: {size.nurses:,} nurses, {size.shifts:,} shifts")
    now = datetime.now(UTC)  # noqa: TID251
    booking_data.fill(url, nurses=size.nurses, shifts=size.shifts, now=now)
    contest = Contest(cluster, url, size)
    with (
        serving("bankhub.app:from_env()", url) as real,
        serving("benchmarks.orm_booking:app()", url) as orm,
    ):
        contenders: dict[str, Callable[[], Run]] = {
            "pgbench": contest.by_sql,
            "HTTP": lambda: contest.by_http(real, "bookings", keyed=False),
            "HTTP with key": lambda: contest.by_http(real, "bookings", keyed=True),
            "ORM": lambda: contest.by_http(orm, "orm-bookings", keyed=False),
        }
        for turn in range(size.rounds + 1):  # the first one warms up and is not counted
            found = {name: run() for name, run in contenders.items()}
            shown = (
                f"{name} {run.rates[0]:,.0f}/s at {run.costs[0] * 1000:.2f} ms"
                for name, run in found.items()
            )
            say("  " + ", ".join(shown))
            if turn:
                for name, run in found.items():
                    contest.note(name, run)
    cluster.drop("booking")
    return lines(contest.runs)


def requests(numbers: range, nurses: int, path: str, *, keyed: bool) -> Iterator[bytes]:
    """Each nurse books the next shift of theirs."""
    for number in numbers:
        token = f"{booking_data.TOKEN}{number % nurses}"
        key = (f"Idempotency-Key: {uuid4()}",) if keyed else ()
        where = f"/api/v1/shifts/{uid_of(SHIFT, number)}/{path}"
        yield load.request("POST", where, token, b"{}", key)


def organisation(url: str) -> str:
    """The one organisation there is."""
    engine = connect(url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT id FROM organisation")).scalar_one()
    engine.dispose()
    return str(found)


def lines(runs: dict[str, Run]) -> list[Line]:
    """Each comparison twice: as bookings a second, and as processor time for one booking."""
    pairs = [
        ("Booking over HTTP", "HTTP", "pgbench", 0.20, 0.30),
        ("Booking over HTTP, Idempotency-Key", "HTTP with key", "pgbench", 0.20, 0.30),
        ("Booking over HTTP", "HTTP", "ORM", 1.5, 2.5),
    ]
    return [
        line
        for what, name, against, goal, stretch in pairs
        for line in (
            _by_rate(what, runs[name], against, runs[against], goal, stretch),
            _by_cost(what, runs[name], against, runs[against], goal, stretch),
        )
    ]


def _by_rate(
    what: str, ours: Run, against: str, theirs: Run, goal: float, stretch: float
) -> Line:
    half, most = (percentile(ours.waits, percent) * 1000 for percent in (50, 95))
    return Line(
        f"{what}: throughput",
        f"{median(ours.rates):,.0f}/s, p50 {half:.0f} ms, p95 {most:.0f} ms",
        f"{against} {median(theirs.rates):,.0f}/s",
        median(a / b for a, b in zip(ours.rates, theirs.rates, strict=True)),
        goal=goal,
        stretch=stretch,
    )


def _by_cost(
    what: str, ours: Run, against: str, theirs: Run, goal: float, stretch: float
) -> Line:
    return Line(
        f"{what}: processor time",
        f"{median(ours.costs) * 1000:.2f} ms for each",
        f"{against} {median(theirs.costs) * 1000:.2f} ms",
        median(b / a for a, b in zip(ours.costs, theirs.costs, strict=True)),
        goal=goal,
        stretch=stretch,
    )
