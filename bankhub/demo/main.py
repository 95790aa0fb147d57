"""`bankhub demo`: make, seed, serve; the worker process with it; both stopped together."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import click

from bankhub.cli.shared import fail, wall_clock
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
    folder = Path("instance")
    folder.mkdir(exist_ok=True)
    kept = _settings(folder, fresh)
    url = os.environ.get("BANKHUB_DATABASE_URL") or f"sqlite:///{folder.resolve()}/demo.sqlite3"
    _seed(url, folder, kept)
    environment = {
        **os.environ,
        "BANKHUB_DEMO": "yes",
        "BANKHUB_DATABASE_URL": url,
        "BANKHUB_SECRET_KEY": kept["secret_key"],
        "BANKHUB_MASTER_KEY": kept["master_key"],
        "BANKHUB_BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
    }
    click.echo(_who_can_sign_in(port))
    _serve(environment)


def _settings(folder: Path, fresh: bool) -> dict[str, str]:
    """The demo's secrets, kept so that a second start finds the same data readable."""
    path = folder / "demo.json"
    kept = json.loads(path.read_text()) if path.is_file() else {}
    now = wall_clock().timestamp()
    old = now - kept.get("seeded", 0) > OLDEST_HOURS * 3600
    if fresh or old or not kept:
        for stale in folder.glob("demo.sqlite3*"):
            stale.unlink()
        kept = {
            "secret_key": secrets.token_hex(32),
            "master_key": secrets.token_hex(32),
            "seeded": now,
        }
        path.write_text(json.dumps(kept))
        path.chmod(0o600)
    return kept


def _seed(url: str, folder: Path, kept: dict[str, str]) -> None:
    database = open_database(url)
    migrate.upgrade(database.engine, FLOORS)
    if not is_seeded(database):
        click.echo("Seeding the demo: one integrated care system, invented people.")
        started = time.monotonic()
        seed(database, now=wall_clock(), say=click.echo)
        _catch_up(database, url, kept)
        click.echo(f"Seeded in {time.monotonic() - started:.0f} s.")
    database.engine.dispose()


def _catch_up(database: Database, url: str, kept: dict[str, str]) -> None:
    """Count the figures and number the events once, so that the worker finds little to do."""
    config = Config(
        database_url=url, secret_key=kept["secret_key"], master_key=kept["master_key"], demo=True
    )
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
