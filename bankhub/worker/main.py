"""`bankhub worker`: the scheduler, led by one process at a time.

On PostgreSQL a session advisory lock makes one of several workers the leader; when its session
breaks, it stops and another takes over. Jobs are safe to run twice all the same.
"""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler

from bankhub.actions import leadership
from bankhub.worker.jobs import Jobs
from bankhub.worker.registers import RegisterJobs
from bankhub.worker.sharing import SharingJobs
from passport.db import Database

log = logging.getLogger("bankhub.worker")

LOOK_SECONDS = 5


def run(jobs: Jobs, *, stop: threading.Event | None = None) -> None:
    """Lead when nobody else does, until told to stop (SIGTERM, SIGINT or `stop`)."""
    stop = stop or _on_signals()
    while not stop.is_set():
        with leading(jobs.database) as is_leader:
            if is_leader is None:
                stop.wait(LOOK_SECONDS)
                continue
            _lead(jobs, is_leader, stop)


def _lead(jobs: Jobs, still_leader: "Lease", stop: threading.Event) -> None:
    scheduler = schedule(jobs)
    scheduler.start()
    log.info("leading")
    try:
        while not stop.wait(LOOK_SECONDS):
            if not still_leader.holds():
                log.warning("the leader's session is gone: stopping the scheduler")
                return
    finally:
        scheduler.shutdown(wait=True)


def schedule(jobs: Jobs) -> Any:
    """The jobs and their ticks; one run of each at a time, missed ticks fold into one."""
    make: Any = BackgroundScheduler  # the library has no types
    scheduler = make(
        timezone="Europe/London", job_defaults={"coalesce": True, "max_instances": 1}
    )
    registers, sharing = RegisterJobs(jobs), SharingJobs(jobs)
    ticks: list[tuple[Any, str, dict[str, Any]]] = [
        (jobs.number_events, "interval", {"seconds": 2}),
        (jobs.publish, "interval", {"seconds": 2}),
        (jobs.fetch_lists, "interval", {"seconds": 60}),
        (jobs.renew_keys, "cron", {"hour": 4, "minute": 10}),
        (jobs.issue_approved, "interval", {"seconds": 5}),
        (jobs.send, "interval", {"seconds": 10}),
        (jobs.announce, "interval", {"seconds": 20}),
        (jobs.roll_up, "interval", {"seconds": 30}),
        (jobs.forget_shown, "interval", {"minutes": 10}),
        (registers.check_registers, "interval", {"minutes": 15}),
        (registers.close_registrations, "cron", {"hour": 0, "minute": 0, "second": 30}),
        (registers.warn_of_ends, "cron", {"hour": 7}),
        (sharing.keep_agreements, "interval", {"minutes": 15}),
        (sharing.keep_clearances, "cron", {"hour": 0, "minute": 1}),
        (sharing.derive_coverage, "cron", {"hour": 0, "minute": 5}),
        (sharing.keep_deployments, "interval", {"minutes": 15}),
        (sharing.remind_of_tasks, "cron", {"hour": 7, "minute": 10}),
        (sharing.accrue_recharges, "interval", {"minutes": 5}),
        (jobs.rebuild, "cron", {"hour": 2, "minute": 30}),
        (jobs.keep_retention, "cron", {"hour": 3, "minute": 50}),
        (jobs.tidy, "cron", {"hour": 3, "minute": 30}),
    ]
    for deed, trigger, tick in ticks:
        scheduler.add_job(_logged(deed), trigger, id=deed.__name__, **tick)
    return scheduler


def _logged(deed: Any) -> Any:
    """A job whose failure is logged once and tried at the next tick."""

    def run_job() -> None:
        try:
            deed()
        except Exception:
            log.exception("job %s failed", deed.__name__)

    return run_job


class Lease:
    """The leader's own session and the lock it holds."""

    def __init__(self, connection: sa.Connection | None) -> None:
        self._connection = connection

    def holds(self) -> bool:
        """Whether the session that holds the lock still lives."""
        if self._connection is None:
            return True
        return leadership.is_alive(self._connection)


@contextmanager
def leading(database: Database) -> Iterator[Lease | None]:
    """The lease, or None while another process leads. SQLite has one worker: always leads."""
    if database.engine.dialect.name != "postgresql":
        yield Lease(None)
        return
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        got = leadership.take(connection)
        yield Lease(connection) if got else None
        if got:
            leadership.give_back(connection)


def _on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
