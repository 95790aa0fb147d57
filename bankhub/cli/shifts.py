"""`bankhub shifts`: shifts, and the roster files they come from."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bankhub.cli.imported import SHOWN, progress_bar
from bankhub.cli.shared import (
    acting,
    as_json,
    database,
    organisation_by_code,
    tell_problems,
    wall_clock,
)
from bankhub.imports.roster import RosterFile, Told, open_roster, refused_csv
from bankhub.imports.roster_run import Report, preview, remember_columns, remembered_columns, run
from bankhub.rules.shift_times import clock_text, london_day
from passport.db import Database


@click.group("shifts")
def group() -> None:
    """Shifts, and the roster files they come from."""


DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


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
@click.option("--units", default="", help="The file holds these units completely: A,B,C …")
@click.option("--from", "first", type=DAY, metavar="DAY", help="… from this day …")
@click.option("--to", "last", type=DAY, metavar="DAY", help="… to this one.")
@click.option(
    "--withdraw-vanished",
    is_flag=True,
    help="Withdraw shifts ahead that the roster no longer asks for; never booked ones.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--json", "json_wanted", is_flag=True, help="Print the report as JSON.")
@click.option("--as", "as_email", metavar="EMAIL", help="Act as this account, not the operator.")
@click.option(
    "--refused-out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the refused rows here: the file's own columns, then line and reason.",
)
@tell_problems
def import_command(**said: Any) -> None:
    """Take a trust's roster: vacant duties become shifts, filled ones and absences busy time.

    The columns are written down in docs/import-roster.md. A row belongs to its reference:
    repeating a file changes nothing, a changed row amends its shift. One that was interrupted
    goes on where it stopped. Exits with 1 where rows were refused.
    """
    opened, now = database(), wall_clock()
    with opened.reading() as session:
        organisation = organisation_by_code(session, said["trust"])
        by = acting(session, said["as_email"], organisation)
    dry_run, quiet = said["dry_run"], said["json_wanted"]
    told = _told(said)
    path: Path = said["file"]
    with path.open("rb") as source:
        remembered = remembered_columns(opened, by=by)
        file = open_roster(source, path.name, told=told, remembered=remembered)
        with progress_bar(file.table.rows, quiet=quiet) as step:
            if dry_run:
                report = preview(opened, file, by=by, now=now, step=step)
            else:
                _remember(opened, told, by, now)
                report = run(
                    opened,
                    file,
                    by=by,
                    now=now,
                    withdraw_vanished=said["withdraw_vanished"],
                    step=step,
                )
        if said["refused_out"]:
            with said["refused_out"].open("w", encoding="utf-8", newline="") as out:
                out.writelines(refused_csv(file, report.refused))
    _finish(file, report, organisation.ods_code, dry_run=dry_run, json_wanted=quiet)


def _told(said: dict[str, Any]) -> Told:
    pairs = [one.partition("=") for one in said["told"]]
    if not all(equals for _, equals, _ in pairs):
        raise click.UsageError("--map wants FIELD=HEADING")
    first, last = said["first"], said["last"]
    return Told(
        {field.strip(): heading.strip() for field, _, heading in pairs},
        tuple(code.strip() for code in said["units"].split(",") if code.strip()),
        first.date() if first else None,
        last.date() if last else None,
    )


def _remember(opened: Database, told: Told, by: Any, now: datetime) -> None:
    if told.columns:
        remember_columns(opened, told.columns, by=by, now=now)


def _finish(
    file: RosterFile, report: Report, trust: str, *, dry_run: bool, json_wanted: bool
) -> None:
    if json_wanted:
        as_json(_document(file, report, trust, dry_run=dry_run))
    else:
        _in_words(file, report, dry_run=dry_run)
    if report.refused:
        sys.exit(1)


def _document(
    file: RosterFile, report: Report, trust: str, *, dry_run: bool
) -> dict[str, Any]:
    return {
        "file": file.name,
        "organisation": trust,
        "encoding": file.table.encoding,
        "dry_run": dry_run,
        "import": report.import_id,
        "columns": dict(file.columns.heading_of),
        **report.counts,
        "refused_rows": [
            {"line": line, "reason": because} for line, because in report.refused.items()
        ],
        "vanished_shifts": [
            {
                "reference": shift.reference,
                "roster_reference": shift.roster_reference,
                "unit": shift.unit_code,
                "starts_at": shift.starts_at.isoformat(),
                "booked": shift.booked,
            }
            for shift in report.gone.shifts
        ],
        "vanished_duties": list(report.gone.duties),
        "notes": list(file.notes),
    }


def _in_words(file: RosterFile, report: Report, *, dry_run: bool) -> None:
    for note in file.notes:
        click.echo(note, err=True)
    _some([f"Refused, line {line}: {why}" for line, why in report.refused.items()])
    _some(
        [
            f"No longer in the roster: {shift.roster_reference} ({shift.unit_code}, "
            f"{clock_text(shift.starts_at)} on {london_day(shift.starts_at):%d %B %Y})"
            + (", booked: cancel by hand" if shift.booked else "")
            for shift in report.gone.shifts
        ]
    )
    counts = report.counts
    open_shifts = len(report.gone.open_shifts) + len(report.gone.duties)
    if open_shifts:
        click.echo(f"{open_shifts} can be taken back: --withdraw-vanished.", err=True)
    click.echo(
        f"{'Would be' if dry_run else 'Done'}: {counts['new']} new ({counts['shifts']} shifts, "
        f"{counts['retrospective']} of them started already), {counts['amended']} amended, "
        f"{counts['unchanged']} unchanged, {counts['hours_new'] + counts['hours_changed']} duties "
        f"and absences, {counts['not_on_bank']} of people not on the bank, "
        f"{counts['passed_over']} passed over, {counts['refused']} refused, of {counts['rows']} "
        f"rows; {counts['vanished']} vanished, {counts['withdrawn']} withdrawn."
    )


def _some(lines: Sequence[str]) -> None:
    for line in lines[:SHOWN]:
        click.echo(line, err=True)
    if len(lines) > SHOWN:
        click.echo(f"… and {len(lines) - SHOWN} more (see --json)", err=True)
