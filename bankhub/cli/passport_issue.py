"""`bankhub passport issue`: a trust's existing staff given passports, from checks on record."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from bankhub.actions.people import passport_jobs
from bankhub.cli.imported import SHOWN, progress_bar
from bankhub.cli.shared import (
    acting,
    as_json,
    database,
    organisation_by_code,
    settings,
    tell_problems,
    wall_clock,
)
from passport.actions.issuing import issue_batches
from passport.actions.issuing.issue_records import Sources
from passport.actors import Actor
from passport.db import Database
from passport.imports.identity_check_files import take_checks
from passport.model.credential_types import credential_types
from passport.model.credentials import IssueBatch
from passport.sealing import vault_of

WAITING, ISSUED, NOTHING = "waiting", "issued", "nothing"


@click.command("issue")
@click.option("--trust", required=True, metavar="ODS", help="Whose staff.")
@click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice(list(credential_types())),
    help="Issue these types only.",
)
@click.option("--approve", is_flag=True, help="Approve the batch once its sample is opened.")
@click.option("--as", "as_email", metavar="EMAIL", help="Act as this account.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@tell_problems
def issue(
    trust: str, types: Sequence[str], approve: bool, as_email: str | None, json_wanted: bool
) -> None:
    """Issue passports to a trust's existing staff.

    The first run goes through everybody and draws a batch. A second officer then opens the
    sample on the pages (Passports, Issue in bulk), and the batch is approved there or with
    --approve. The next run issues it. Stopped half-way, run it again: nothing is issued twice.

    Exit code 0: issued, or nothing to issue; 1: waits for the sample or the approval.
    """
    opened = database()
    with opened.reading() as session:
        by = acting(session, as_email, organisation_by_code(session, trust))
    sources = Sources(vault_of(settings()), passport_jobs.jobs_of)
    done = Run(opened, sources, by, json_wanted).go(types, approve)
    if json_wanted:
        as_json(done)
    else:
        click.echo(_in_words(done))
    if done["state"] == WAITING:
        sys.exit(1)


@click.command("checks")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--trust", required=True, metavar="ODS", help="Whose staff.")
@click.option("--as", "as_email", metavar="EMAIL", help="Act as this account.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@tell_problems
def checks(file: Path, trust: str, as_email: str | None, json_wanted: bool) -> None:
    """Put identity checks that HR made before on record, from a CSV file.

    Columns: email, or family_name and given_name; date_of_birth; checked_on. Safe to run again.
    Exit code 1 where rows were refused.
    """
    opened = database()
    with opened.reading() as session:
        by = acting(session, as_email, organisation_by_code(session, trust))
    with file.open("rb") as source:
        report = take_checks(opened, source, by=by, now=wall_clock())
    if json_wanted:
        refused = [{"line": line, "reason": why} for line, why in report.refused]
        as_json({"rows": report.rows, "taken": report.taken, "unchanged": report.unchanged,
                 "refused": refused})  # fmt: skip
    else:
        for line, why in report.refused[:SHOWN]:
            click.echo(f"Refused, line {line}: {why}", err=True)
        click.echo(
            f"{report.taken} taken, {report.unchanged} on record already, "
            f"{len(report.refused)} refused, of {report.rows} rows."
        )
    if report.refused:
        sys.exit(1)


@dataclass(frozen=True)
class Run:
    """One run of the command, over one trust."""

    database: Database
    sources: Sources
    by: Actor
    quiet: bool

    def go(self, types: Sequence[str], approve: bool) -> dict[str, Any]:
        """Draw, approve and issue, as far as it goes; what came of it."""
        with self.database.reading() as session:
            batch = issue_batches.unfinished(session, by=self.by)
        if batch is None:
            batch = self._draw(types)
        if not batch.people:
            return _told(batch, NOTHING, 0)
        if approve and batch.approved_at is None:
            self._approve(batch.id)
        return self._issue(batch.id)

    def _draw(self, types: Sequence[str]) -> IssueBatch:
        now = wall_clock()
        with self.database.reading() as session:
            steps = issue_batches.staff_count(session, by=self.by)
            with progress_bar(steps, quiet=self.quiet, label="Looking through records") as moved:
                found = issue_batches.survey(
                    session, types=types, sources=self.sources, by=self.by, now=now,
                    progress=moved,
                )  # fmt: skip
        return self.database.attempt(
            lambda session: issue_batches.begin(session, found, by=self.by, now=wall_clock())
        )

    def _approve(self, batch_id: UUID) -> None:
        self.database.attempt(
            lambda session: issue_batches.approve(
                session, batch_id=batch_id, by=self.by, now=wall_clock()
            )
        )

    def _issue(self, batch_id: UUID) -> dict[str, Any]:
        batch, issued = self._look(batch_id)
        if batch.approved_at is None:
            return _told(batch, WAITING, issued)
        with progress_bar(len(batch.people), quiet=self.quiet, label="Issuing") as moved:
            done = 0
            while batch.issued_at is None:
                portion = self.database.attempt(
                    lambda session: issue_batches.issue_portion(
                        session, batch_id=batch_id, sources=self.sources, by=self.by,
                        now=wall_clock(),
                    )
                )  # fmt: skip
                moved(portion.done - done)
                done = portion.done
                if portion.left == 0:
                    batch, issued = self._look(batch_id)
        return _told(batch, ISSUED, issued)

    def _look(self, batch_id: UUID) -> tuple[IssueBatch, int]:
        with self.database.reading() as session:
            batch = issue_batches.batch_of(session, batch_id=batch_id, by=self.by)
            return batch, issue_batches.issued_of(session, batch)


def _told(batch: IssueBatch, state: str, issued: int) -> dict[str, Any]:
    return {
        "state": state,
        "batch": batch.id,
        "people": len(batch.people),
        "exceptions": len(batch.exceptions),
        "sample": len(batch.sample),
        "sample_opened": sum(one is not None for one in batch.sample.values()),
        "approved": batch.approved_at is not None,
        "issued": issued,
    }


def _in_words(done: dict[str, Any]) -> str:
    if done["state"] == NOTHING:
        return f"Nobody can be issued anything new; {done['exceptions']} are left out."
    drawn = f"{done['people']} people, {done['exceptions']} left out."
    if done["state"] == ISSUED:
        return f"Issued {done['issued']} bundles. {drawn}"
    opened = f"{done['sample_opened']} of {done['sample']} of the sample are opened."
    return f"Drawn: {drawn} {opened} A second officer opens the rest on the pages, then approve."
