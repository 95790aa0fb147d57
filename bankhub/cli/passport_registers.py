"""`bankhub passport registers`: files, services and closed classes of professional registers."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from bankhub.cli.shared import (
    acting,
    as_json,
    database,
    fail,
    organisation_by_code,
    settings,
    tell_problems,
    trade_clock,
    wall_clock,
)
from bankhub.imports.clearance_registers import ClearedHere
from passport.actions.registers import register_classes
from passport.actors import operator
from passport.imports.register_files import FILES, file_made_at, open_register_file
from passport.imports.register_rounds import (
    Round,
    RoundReport,
    digest_of,
    take_file,
    take_service,
)
from passport.imports.register_service import service_of
from passport.model.register_words import Status

BODY = click.option("--body", required=True, metavar="NMC", help="Code of the register.")
TRUST = click.option("--trust", required=True, metavar="ODS", help="Whose people.")
DRY = click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
JSON = click.option("--json", "json_wanted", is_flag=True, help="Print the report as JSON.")
AS = click.option("--as", "as_email", metavar="EMAIL", help="Act as this account.")
BELIEVE = click.option(
    "--believe", is_flag=True, help="Take it also if most people would lose their standing."
)
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("registers")
def group() -> None:
    """Look at professional registers, and see to what they say."""


@group.command("take")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--body", required=True, type=click.Choice(FILES), help="Whose file it is.")
@TRUST
@click.option("--made-on", type=DAY, help="The day the regulator made it; today if not given.")
@DRY
@JSON
@AS
@BELIEVE
@tell_problems
def take(
    file: Path,
    body: str,
    trust: str,
    made_on: datetime | None,
    dry_run: bool,
    json_wanted: bool,
    as_email: str | None,
    believe: bool,
) -> None:
    """Take a register file: the GMC's download or the NMC's employer confirmations."""
    opened, now = database(), wall_clock()
    with opened.reading() as session:
        organisation = organisation_by_code(session, trust)
        by = acting(session, as_email, organisation)
    as_at = file_made_at(made_on.date() if made_on else None, now)
    with file.open("rb") as source:
        found = open_register_file(source, body, as_at=as_at)
        about = (file.name, digest_of(source))
        guests = ClearedHere(trade_clock(settings(), opened))
        round_ = Round(organisation.id, body, by, now, dry_run, about, believe, guests)
        report = take_file(opened, found, round_)
    _finish(report, dry_run=dry_run, json_wanted=json_wanted)


@group.command("check")
@BODY
@TRUST
@click.option("--everybody", is_flag=True, help="Also those who were looked at today.")
@DRY
@JSON
@AS
@BELIEVE
@tell_problems
def check(
    body: str,
    trust: str,
    everybody: bool,
    dry_run: bool,
    json_wanted: bool,
    as_email: str | None,
    believe: bool,
) -> None:
    """Ask the register service (BANKHUB_REGISTER_URL) about the people who are due."""
    config = settings()
    service = service_of(config)
    if service is None:
        fail("No register service is set: BANKHUB_REGISTER_URL and BANKHUB_REGISTER_TOKEN.")
    opened, now = database(), wall_clock()
    with opened.reading() as session:
        organisation = organisation_by_code(session, trust)
        by = acting(session, as_email, organisation)
    guests = ClearedHere(trade_clock(config, opened))
    round_ = Round(organisation.id, body.upper(), by, now, dry_run, None, believe, guests)
    report = take_service(opened, service, round_, everybody=everybody)
    _finish(report, dry_run=dry_run, json_wanted=json_wanted)


@group.command("end")
@BODY
@click.option(
    "--status",
    required=True,
    type=click.Choice([one.value for one in Status]),
    help="The class that is closed.",
)
@click.option("--on", required=True, type=DAY, help="The last day on which it holds.")
@click.option("--trust", metavar="ODS", help="Only this organisation's people.")
@click.option("--yes", is_flag=True, help="Do it; otherwise it is only told how many there are.")
@JSON
@tell_problems
def end(
    body: str, status: str, on: datetime, trust: str | None, yes: bool, json_wanted: bool
) -> None:
    """End a class of a register in one act, e.g. a temporary emergency register."""
    opened, now, day, kind = database(), wall_clock(), on.date(), Status(status)
    with opened.reading() as session:
        here = organisation_by_code(session, trust).id if trust else None
        found = register_classes.in_class(
            session, body=body.upper(), status=kind, organisation_id=here, by=operator(here),
            ending_after=day,
        )  # fmt: skip
        places = sorted({place.ods_code for _, _, place in found})
    ended = 0
    while yes and (
        some := opened.attempt(
            lambda session: register_classes.end_class(
                session, body=body.upper(), status=kind, on=day, organisation_id=here,
                by=operator(here), now=now,
            )
        )
    ):  # fmt: skip
        ended += some
    if json_wanted:
        as_json({"found": len(found), "organisations": places, "ended": ended})
        return
    where = f" at {', '.join(places)}" if places else ""
    entries = "1 entry" if len(found) == 1 else f"{len(found)} entries"
    click.echo(f"{entries} of {body.upper()} as {status.replace('_', ' ')}{where}.")
    click.echo(f"{ended} ended on {day}." if yes else "Nothing is changed. With --yes they end.")


def _finish(report: RoundReport, *, dry_run: bool, json_wanted: bool) -> None:
    if json_wanted:
        as_json({"dry_run": dry_run, "held": report.held, "counts": dict(report.counts)})
    else:
        _in_words(report.counts, dry_run)
    if report.held or report.troubled:
        raise SystemExit(1)


def _in_words(counts: Mapping[str, int], dry_run: bool) -> None:
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    click.echo(f"{'Would be' if dry_run else 'Done'}: {told or 'nobody is due'}.")
