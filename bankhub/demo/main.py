"""`bankhub demo`: make, seed, serve; the worker process with it; both stopped together."""

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

from bankhub.cli.shared import fail, wall_clock
from bankhub.demo import kept
from bankhub.demo.accounts import ACCOUNTS, DOMAIN
from bankhub.demo.seed import is_seeded, seed
from bankhub.wiring import FLOORS, open_database
from bankhub.worker.jobs import Jobs
from passport import migrate
from passport.config import Config
from passport.db import Database

OLDEST_HOURS = 36
"""A demo seeded longer ago is made anew: its weeks have moved on."""


@click.command("demo")
@click.option("--port", type=int, envvar="PORT", show_envvar=True, default=8000)
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and make it anew.")
def demo(port: int, fresh: bool) -> None:
    """Serve a seeded demo on this machine, its worker process included."""
    folder = kept.FOLDER
    folder.mkdir(exist_ok=True)
    own = _settings(folder, fresh)
    file = f"sqlite:///{folder.resolve()}/demo.sqlite3"
    own["database_url"] = os.environ.get("BANKHUB_DATABASE_URL") or file
    own["base_url"] = f"http://127.0.0.1:{port}"
    kept.keep(own)
    _seed(own)
    click.echo(_who_can_sign_in(port))
    _serve({**os.environ, **kept.environment(own), "PORT": str(port)})


def _settings(folder: Path, fresh: bool) -> dict[str, Any]:
    """The demo's secrets, kept so that a second start finds the same data readable."""
    own = kept.load(folder)
    now = wall_clock().timestamp()
    old = now - own.get("seeded", 0) > OLDEST_HOURS * 3600
    if not fresh and not old:
        return own
    for stale in folder.glob("demo.sqlite3*"):
        stale.unlink()
    return {
        "secret_key": secrets.token_hex(32),
        "master_key": secrets.token_hex(32),
        "seeded": now,
    }


def _seed(own: dict[str, Any]) -> None:
    config = Config.from_env(kept.environment(own))
    database = open_database(config.database_url)
    migrate.upgrade(database.engine, FLOORS)
    if not is_seeded(database):
        click.echo("Seeding the demo: one integrated care system, invented people.")
        started = time.monotonic()
        seed(database, config, folder=kept.FOLDER, now=wall_clock(), say=click.echo)
        _catch_up(database, config)
        click.echo(f"Seeded in {time.monotonic() - started:.0f} s.")
    database.engine.dispose()


def _catch_up(database: Database, config: Config) -> None:
    """Count the figures and number the events once, so that the worker finds little to do."""
    jobs = Jobs.over(database, config, wall_clock, wall_clock)
    jobs.number_events()
    jobs.announce()
    jobs.roll_up()


def _who_can_sign_in(port: int) -> str:
    lines = [f"  {f'{one.who}@{DOMAIN}':<42} {one.name}, {one.code}" for one in ACCOUNTS]
    return "\n".join(
        [
            "",
            f"BankHub demo: http://127.0.0.1:{port} or http://localhost:{port}",
            f"Files for officer@ to take in: {kept.FOLDER / 'samples'}",
            "All people are invented. One click signs in; the second factor is waived here only.",
            *lines,
            "Stop with Ctrl-C.",
            "",
        ]
    )


def _serve(environment: dict[str, str]) -> None:
    """Run the web server and the worker until told to stop; if one ends, so does the other."""
    command = [sys.executable, "-m", "bankhub.cli.main"]
    children = [
        subprocess.Popen([*command, *words], env=environment)  # noqa: S603  our own commands
        for words in (["serve", "--workers", "1"], ["worker"])
    ]

    def stop(*_args: object) -> None:
        for child in children:
            child.send_signal(signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while all(child.poll() is None for child in children):
        time.sleep(0.3)
    stop()
    codes = [child.wait(timeout=20) for child in children]
    if any(code not in (0, -signal.SIGTERM) for code in codes):
        fail("The demo stopped because one of its processes did.", code=1)


if __name__ == "__main__":
    demo(prog_name="bankhub demo")
