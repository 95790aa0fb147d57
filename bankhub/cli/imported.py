"""How every import command shows its progress and tells what came of it."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bankhub.cli.shared import as_json
from bankhub.imports.batches import Report, Said
from passport.imports.tables import Table, csv_lines

SHOWN = 20
"""Refused rows told on the screen; all of them are in the JSON and in the file of refusals."""


@contextmanager
def progress_bar(
    steps: int, *, quiet: bool, label: str = "Importing"
) -> Iterator[Callable[..., None]]:
    """A bar on standard error, so that standard output stays for the answer. What is handed out
    moves it by one, or by as many as it is told."""
    with click.progressbar(
        length=steps, label=label, file=sys.stderr, hidden=quiet, update_min_steps=25
    ) as bar:
        yield lambda rows=1: bar.update(rows)


def refusals_into(path: Path | None, table: Table, report: Report) -> None:
    """Write the refused rows with the file's own columns, then line and reason, safe to open."""
    if path is None:
        return
    width = len(table.headings) or max((len(said.cells) for said in report.refused), default=0)
    headings = table.headings or tuple(f"column {place}" for place in range(1, width + 1))
    rows = (
        (*(*said.cells, *[""] * width)[:width], said.line, said.text) for said in report.refused
    )
    with path.open("w", encoding="utf-8", newline="") as out:
        out.writelines(
            csv_lines(
                [*headings, "refused_line", "refused_because"], rows, delimiter=table.delimiter
            )
        )


def finish(
    report: Report,
    about: Mapping[str, Any],
    notes: Sequence[str],
    *,
    dry_run: bool,
    json_wanted: bool,
) -> None:
    """Tell what came of it and end with 1 where rows were refused."""
    if json_wanted:
        as_json(_document(report, about, notes, dry_run))
    else:
        _in_words(report, notes, dry_run)
    if report.refused:
        sys.exit(1)


def _document(
    report: Report, about: Mapping[str, Any], notes: Sequence[str], dry_run: bool
) -> dict[str, Any]:
    counts = {k: v for k, v in asdict(report).items() if isinstance(v, int)}
    return {
        **about,
        "dry_run": dry_run,
        **counts,
        "refused": [{"line": said.line, "reason": said.text} for said in report.refused],
        "notes": [*notes, *[{"line": said.line, "note": said.text} for said in report.notes]],
    }


def _in_words(report: Report, notes: Sequence[str], dry_run: bool) -> None:
    for note in notes:
        click.echo(note, err=True)
    _tell("Refused", report.refused)
    _tell("Note", report.notes)
    done = "Would be" if dry_run else "Done"
    click.echo(
        f"{done}: {report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.links} memberships, {report.passed_over} passed over, "
        f"{len(report.refused)} refused, of {report.rows} rows."
    )


def _tell(what: str, said: Sequence[Said]) -> None:
    for one in said[:SHOWN]:
        click.echo(f"{what}, line {one.line}: {one.text}", err=True)
    if len(said) > SHOWN:
        click.echo(f"… and {len(said) - SHOWN} more (see --json)", err=True)
