"""`bankhub organisations`: the bodies that employ, host and supply people."""

from pathlib import Path
from typing import Any

import click

from bankhub.cli.imported import finish, progress_bar, refusals_into
from bankhub.cli.shared import database, tell_problems, wall_clock
from bankhub.imports.ods import import_list, open_list, rounds
from passport.actors import operator
from passport.model.organisations import OrganisationKind


@click.group("organisations")
def group() -> None:
    """Organisations, their sites and units, and how they belong together."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([*(kind.value for kind in OrganisationKind), "site"]),
    help="What the file lists, where neither its name nor its columns say so.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--json", "json_wanted", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--refused-out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the refused rows here as CSV, with their line and reason.",
)
@tell_problems
def import_command(
    file: Path, kind: str | None, dry_run: bool, json_wanted: bool, refused_out: Path | None
) -> None:
    """Take a list of organisations, sites, units or memberships.

    Reads the files of the Organisation Data Service (27 columns without headings, such as
    etr.csv, epraccur.csv and ets.csv) and CSV files with headings: docs/import-organisations.md.
    Repeating it changes nothing that is already so. Exits with 1 where rows were refused.
    """
    opened: dict[str, Any]
    with file.open("rb") as source:
        table, layout = open_list(source, file.name, kind)
        with progress_bar(table.rows * rounds(layout), quiet=json_wanted) as step:
            report = import_list(
                database(),
                table,
                layout,
                by=operator(),
                now=wall_clock(),
                dry_run=dry_run,
                progress=step,
            )
    refusals_into(refused_out, table, report)
    opened = {"file": file.name, "what": layout.shape, "encoding": table.encoding}
    finish(report, opened, table.notes, dry_run=dry_run, json_wanted=json_wanted)
