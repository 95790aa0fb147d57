"""A roster import that is cut off goes on where it stopped, as if nothing had been."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bankhub.actions.rosters import roster_files
from bankhub.imports import roster_run
from bankhub.model.hours import Hours
from bankhub.model.rosters import RosterImport, RosterRefusal, RosterState
from bankhub.model.shifts import Opening, Shift
from bankhub.wiring import open_database
from passport.db import Database
from passport.events import Event
from tests.support.build import NOW
from tests.support.rosters import DUTY, Trust, counts, roster

ROWS = 3_000
FIRST_DAY = date(2026, 9, 14)
CHILD = """
import sys
from datetime import datetime
from uuid import UUID
from bankhub.imports import roster_run
from bankhub.imports.roster import Told, open_roster
from bankhub.wiring import open_database
from passport.actors import operator

url, path, organisation, now = sys.argv[1:]
database = open_database(url)
with open(path, "rb") as source:
    file = open_roster(source, "roster.csv", told=Told())
    report = roster_run.run(
        database, file, by=operator(UUID(organisation)), now=datetime.fromisoformat(now)
    )
print(report.rows_done, report.done)
"""
"""What a server's shell runs: a process of its own, that nobody can ask to stop nicely."""


def many(rows: int) -> bytes:
    """Vacancies, duties of the nurse, and now and then a row that is refused."""
    kinds: list[dict[str, str]] = [
        {"people": "2"}, {**DUTY, "status": "leave", "start": "", "end": ""}, {}, {},
        {"grade": "band_9"},
    ]  # fmt: skip
    return roster(
        *(
            {
                **kinds[place % len(kinds)],
                "reference": f"R{place:05}",
                "date": (FIRST_DAY + timedelta(days=place // 50 % 180)).isoformat(),
            }
            for place in range(rows)
        )
    )


def start(url: str, path: Path, trust: Trust) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(path), str(trust.trust.id), NOW.isoformat()],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def rows_done(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(RosterImport.rows_done)) or 0


def what_stands(trust: Trust) -> dict[str, Any]:
    """Everything that the rows came to, but for identifiers and random salts."""
    database = trust.database
    with database.reading() as session:
        shifts = session.execute(
            sa.select(
                Shift.roster_reference, Shift.starts_at, Shift.ends_at, Shift.state, Shift.version,
                Shift.cost_estimate_pence, sa.func.count(Opening.id),
            )
            .join(Opening, Opening.shift_id == Shift.id)
            .group_by(Shift.id)
            .order_by(Shift.roster_reference)
        ).all()  # fmt: skip
        hours = session.execute(
            sa.select(Hours.reference, Hours.starts_at, Hours.kind).order_by(Hours.reference)
        ).all()
        events = Counter(session.scalars(sa.select(Event.kind)))
        numbers = sorted(session.scalars(sa.select(Shift.reference)))
        (file,) = session.scalars(sa.select(RosterImport)).all()
        refused = session.execute(
            sa.select(RosterRefusal.line, RosterRefusal.because).order_by(RosterRefusal.line)
        ).all()
    return {
        "shifts": [tuple(row) for row in shifts],
        "hours": [tuple(row) for row in hours],
        "events": events,
        "numbers": [number[-8:] for number in numbers],
        "refused": [tuple(row) for row in refused],
        "file": (file.rows_done, file.rows_total, file.counts, file.state),
    }


@pytest.fixture
def undisturbed(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Another database like the test's own, for the run that nothing cuts off."""
    if database_url.startswith("sqlite"):
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "undisturbed.sqlite3"
        path.write_bytes(template.read_bytes())
        return open_database(f"sqlite:///{path}")
    fresh: Callable[..., str] = request.getfixturevalue("fresh_postgres")
    return open_database(fresh(template=request.getfixturevalue("postgres_template")))


@pytest.mark.slow
def test_a_killed_process_leaves_nothing_half_done_and_the_next_goes_on(
    database: Database, database_url: str, undisturbed: Database, tmp_path: Path
) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(many(ROWS))
    trust = Trust(database, ods_code="X01")
    child = start(database_url, path, trust)
    deadline = time.monotonic() + 120
    while not (0 < rows_done(database) < ROWS) and child.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    done = rows_done(database)
    assert 0 < done < ROWS
    assert done % roster_run.CHUNK == 0
    second = start(database_url, path, trust)
    said, _ = second.communicate(timeout=120)
    assert said.split() == [str(ROWS), "True"]
    calm = Trust(undisturbed, ods_code="X01")
    calm.send(path.read_bytes(), by=None)
    assert counts_alike(what_stands(trust), what_stands(calm))
    undisturbed.engine.dispose()


def counts_alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Equal, told part by part where they are not."""
    for name, found in one.items():
        assert found == other[name], name
    return True


class CutOff(BaseException):
    """What ends a process between two blocks."""


def cut_off_after(rows: int) -> Callable[[int], None]:
    seen = 0

    def step(more: int) -> None:
        nonlocal seen
        seen += more
        if seen >= rows:
            raise CutOff

    return step


def test_an_import_that_was_cut_off_counts_as_one(
    database: Database, undisturbed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_run, "CHUNK", 20)
    content = many(100)
    trust, calm = Trust(database, ods_code="X01"), Trust(undisturbed, ods_code="X01")
    for rows in (1, 40, 21):
        with pytest.raises(CutOff):
            trust.send(content, step=cut_off_after(rows))
    assert [file.state for file in trust.rows(RosterImport)] == [RosterState.RUNNING]
    trust.send(content)
    calm.send(content)
    assert counts_alike(what_stands(trust), what_stands(calm))
    undisturbed.engine.dispose()


def test_without_the_watermark_rows_would_be_taken_twice(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_run, "CHUNK", 20)
    trust, content = Trust(sqlite_database), many(100)
    with pytest.raises(CutOff):
        trust.send(content, step=cut_off_after(40))
    begin = roster_files.begin

    def from_the_top(session: Any, **options: Any) -> RosterImport:
        begun = begin(session, **options)
        begun.rows_done = 0
        return begun

    monkeypatch.setattr(roster_files, "begin", from_the_top)
    with pytest.raises(IntegrityError):  # a refusal is written a second time
        trust.send(content)


def test_two_processes_that_take_the_same_file_share_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_run, "CHUNK", 20)
    trust, content = Trust(database), many(200)
    reports: list[Any] = []
    both = [threading.Thread(target=lambda: reports.append(trust.send(content))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    files = trust.rows(RosterImport)
    assert all(file.rows_done == 200 for file in files)
    assert len(trust.shifts()) == 160
    assert trust.events()["shift.posted"] == 160
    assert sum(file.counts.get("new", 0) for file in files) == 120


def test_another_mapping_or_period_makes_it_another_file(trust_of: Trust) -> None:
    plain = roster({})
    trust_of.send(plain)
    stated = roster({}, first="# units: WARD7\n# period: 2026-09-14 to 2026-09-20\n")
    assert counts(trust_of.send(stated)) == {"unchanged": 1}
    digests = {file.digest for file in trust_of.rows(RosterImport)}
    assert len(digests) == 2


@pytest.fixture
def trust_of(sqlite_database: Database) -> Trust:
    return Trust(sqlite_database)


MEMORY = """
import io, resource, sys
from uuid import UUID
from datetime import datetime
from bankhub.imports import roster_run
from bankhub.imports.roster import Told, open_roster
from bankhub.wiring import open_database
from passport.actors import operator

url, path, organisation, now = sys.argv[1:]
database = open_database(url)
with open(path, "rb") as source:
    file = open_roster(source, "roster.csv", told=Told())
    roster_run.run(
        database, file, by=operator(UUID(organisation)), now=datetime.fromisoformat(now)
    )
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
def test_twenty_thousand_rows_take_hardly_more_memory_than_two_thousand(
    sqlite_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    used = {}
    for rows in (2_000, 20_000):
        base = tmp_path / f"{rows}.sqlite3"
        base.write_bytes(sqlite_template.read_bytes())
        trust = Trust(open_database(f"sqlite:///{base}"))
        path = tmp_path / f"{rows}.csv"
        path.write_bytes(many(rows))
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, f"sqlite:///{base}", str(path),
             str(trust.trust.id), NOW.isoformat()],
            capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        used[rows] = int(done.stdout)
        with capsys.disabled():
            took = time.monotonic() - began
            sys.stdout.write(f"\n{rows} rows: {took:.1f} s, {used[rows]} MB\n")
    assert used[20_000] - used[2_000] < 60
