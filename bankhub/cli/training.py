"""`bankhub training`: what people have learned."""

from pathlib import Path

import click

from bankhub.cli.imported import finish, progress_bar, refusals_into
from bankhub.cli.shared import acting, database, organisation_by_code, tell_problems, wall_clock
from bankhub.imports.esr import TrainingSending, import_training
from passport.imports.tables import open_table


@click.group("training")
def group() -> None:
    """Training awards."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--trust", required=True, metavar="ODS", help="ODS code of the organisation.")
@click.option(
    "--person", default="", metavar="ASSIGNMENT", help="Whose export it is; others are refused."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--json", "json_wanted", is_flag=True, help="Print the report as JSON.")
@click.option("--as", "as_email", metavar="EMAIL", help="Act as this account, not the operator.")
@click.option(
    "--refused-out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the refused rows here as CSV, with their line and reason.",
)
@tell_problems
def import_command(
    file: Path,
    trust: str,
    person: str,
    dry_run: bool,
    json_wanted: bool,
    as_email: str | None,
    refused_out: Path | None,
) -> None:
    """Take an ESR training export: a learner's own, or a team's.

    The columns are written down in docs/import-training.md. A learner's own export names no
    learner, so say --person; of a team's export each row is for the assignment number in it. The
    day of the award counts, never the expiry. Exits with 1 where rows were refused.
    """
    opened, now = database(), wall_clock()
    with opened.reading() as session:
        organisation = organisation_by_code(session, trust)
        by = acting(session, as_email, organisation)
    sending = TrainingSending(organisation.id, by, now, dry_run, person.strip().upper())
    with file.open("rb") as source:
        table = open_table(source)
        with progress_bar(table.rows, quiet=json_wanted) as step:
            report = import_training(opened, table, sending, progress=step)
        refusals_into(refused_out, table, report)
    about = {"file": file.name, "organisation": organisation.ods_code, "encoding": table.encoding}
    finish(report, about, list(table.notes), dry_run=dry_run, json_wanted=json_wanted)
