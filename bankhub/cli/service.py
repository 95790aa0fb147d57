"""`bankhub serve` and `bankhub worker`: the two processes of a running service."""

import logging
import os
import sys

import click
import sqlalchemy as sa

from bankhub.cli.shared import (
    database,
    fail,
    settings,
    tell_problems,
    trade_clock,
    wall_clock,
)
from bankhub.wiring import FLOORS
from bankhub.worker import main as worker_main
from bankhub.worker.jobs import Jobs
from passport import migrate
from passport.db import Database

SERVER = (
    "--worker-class=gthread",
    "--graceful-timeout=15",
    "--timeout=60",
    "--no-control-socket",
    "--forwarded-allow-ips=127.0.0.1",
)


@click.command("serve")
@click.option("--host", default="127.0.0.1", help="Address to listen on; a proxy stands in front.")
@click.option("--port", type=int, envvar="PORT", show_envvar=True, default=8000)
@click.option("--workers", type=int, default=2, help="Processes; about one for each core.")
@click.option("--threads", type=int, default=8, help="Threads in each process.")
@tell_problems
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages and the API with gunicorn. Behind a buffering proxy: see docs/deploy.md."""
    settings(or_demo=False)
    refuse_old_schema(database())
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        f"--bind={host}:{port}",
        f"--workers={workers}",
        f"--threads={threads}",
        *SERVER,
        "bankhub.app:from_env()",
    ]
    os.execv(sys.executable, command)  # noqa: S606  our own interpreter, no shell


@click.command("worker")
@tell_problems
def worker() -> None:
    """Run the background work: announcements, letters, figures, the audit log."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    config, opened = settings(or_demo=False), database()
    refuse_old_schema(opened)
    worker_main.run(Jobs.over(opened, config, trade_clock(config, opened), wall_clock))


def refuse_old_schema(opened: Database) -> None:
    """End with 2 where migrations are missing, saying what to run."""
    try:
        late = [floor for floor in FLOORS if migrate.is_behind(opened.engine, floor)]
    except sa.exc.OperationalError:
        fail("The database cannot be reached. Check BANKHUB_DATABASE_URL.")
    if late:
        fail("The database is not up to date. Run `bankhub db upgrade` first.")
