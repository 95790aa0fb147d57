"""`bankhub db`: the schema."""

import click

from bankhub.cli.shared import database, fail, tell_problems
from bankhub.wiring import FLOORS
from passport import migrate


@click.group("db")
def group() -> None:
    """Bring the database up to date, or check that it is."""


@group.command("upgrade")
@tell_problems
def upgrade() -> None:
    """Apply every migration that is missing, both floors."""
    migrate.upgrade(database().engine, FLOORS)
    click.echo("The database is up to date.")


@group.command("check")
@tell_problems
def check() -> None:
    """Compare the database with the tables the code expects; exit 1 where they differ."""
    found = [str(d) for floor in FLOORS for d in migrate.differences(database().engine, floor)]
    if found:
        fail("\n".join(["The database differs from the code:", *found]), code=1)
    click.echo("The database has exactly the tables the code expects.")


@group.command("draft", hidden=True)
@click.argument("floor", type=click.Choice(["passport", "bankhub"]))
@click.argument("number")
@click.argument("message")
def draft(floor: str, number: str, message: str) -> None:
    """Write a revision file from the difference (developers)."""
    migrate.draft(database().engine, floor, message, number)
