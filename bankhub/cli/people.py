"""`bankhub people`: the people of an organisation's bank."""

from pathlib import Path

import click

from bankhub.cli.imported import finish, progress_bar, refusals_into
from bankhub.cli.shared import acting, database, organisation_by_code, tell_problems, wall_clock
from bankhub.imports.hr import Sending, find_columns, import_people
from passport.imports.tables import open_table


@click.group("people")
def group() -> None:
    """People, their bank posts and what is proven about them."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--trust", required=True, metavar="ODS", help="ODS code of the organisation.")
@click.option(
    "--map",
    "told",
    multiple=True,
    metavar="FIELD=HEADING",
    help="Which heading of the file is our field; remembered for this organisation.",
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
    told: tuple[str, ...],
    dry_run: bool,
    json_wanted: bool,
    as_email: str | None,
    refused_out: Path | None,
) -> None:
    """Take a trust's personnel file: names, posts, registrations, training, checks.

    The columns are written down in docs/import-people.md. Repeating it changes nothing that is
    already so; a row belongs to its assignment number, and two people are never merged. Exits
    with 1 where rows were refused.
    """
    opened, now = database(), wall_clock()
    with opened.reading() as session:
        organisation = organisation_by_code(session, trust)
        by = acting(session, as_email, organisation)
    sending = Sending(organisation.id, by, now, dry_run)
    with file.open("rb") as source:
        table = open_table(source)
        columns = find_columns(opened, table, sending, told=_mapping(told))
        with progress_bar(table.rows, quiet=json_wanted) as step:
            report = import_people(opened, table, columns, sending, progress=step)
        refusals_into(refused_out, table, report)
    about = {"file": file.name, "organisation": organisation.ods_code, "encoding": table.encoding}
    notes = list(table.notes)
    if columns.unused:
        notes.append(f"Columns nobody reads: {', '.join(columns.unused)}.")
    finish(report, about, notes, dry_run=dry_run, json_wanted=json_wanted)


def _mapping(told: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.partition("=") for one in told]
    if not all(equals for _, equals, _ in pairs):
        raise click.UsageError("--map wants FIELD=HEADING")
    return {field.strip(): heading.strip() for field, _, heading in pairs}
