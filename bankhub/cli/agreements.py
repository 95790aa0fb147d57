"""`bankhub agreement`: agreements on the command line, and signatures checked with no server."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from bankhub.actions.agreements import agreement_signing, agreement_views, who_sees_whom
from bankhub.cli.passport import FILE, FILE_OR_DASH, moment_of, read_text, trust_of
from bankhub.cli.shared import (
    acting,
    as_json,
    database,
    fail,
    organisation_by_code,
    tell_problems,
    wall_clock,
)
from bankhub.rules.agreements.agreement_signature import CheckedFile, check_file
from passport.actors import Actor
from passport.errors import NotFound

ORGANISATION = click.option("--organisation", "ods", required=True, metavar="ODS", help="A party.")
AS = click.option("--as", "as_email", metavar="EMAIL", help="Act as this account.")
JSON = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
VERSION = click.option("--version", type=int, help="Default: the newest that went out.")


@click.group("agreement")
def group() -> None:
    """Workforce-sharing agreements: list, read, hand out, verify."""


@group.command("list")
@ORGANISATION
@AS
@JSON
@tell_problems
def listed(ods: str, as_email: str | None, json_wanted: bool) -> None:
    """The agreements of an organisation, the newest first."""
    with database().reading() as session:
        by = _who(session, ods, as_email)
        rows = agreement_views.listed(session, by=by, now=wall_clock())
    if json_wanted:
        as_json(
            [
                {
                    "reference": one.agreement.reference, "title": one.agreement.title,
                    "state": one.state.value, "version": one.number,
                    "parties": list(one.parties), "suspended": list(one.suspended),
                    "from_on": one.from_on, "until_on": one.until_on,
                }
                for one in rows
            ]
        )  # fmt: skip
        return
    for one in rows:
        about = one.agreement
        until = f" until {one.until_on}" if one.until_on else ""
        click.echo(f"{about.reference} v{one.number}  {one.state.value}{until}  {about.title}")
        click.echo(f"    {', '.join(one.parties)}")
        if one.suspended:
            click.echo(f"    suspended: {', '.join(one.suspended)}")
    if not rows:
        click.echo("No agreement.")


@group.command("matrix")
@ORGANISATION
@AS
@JSON
@tell_problems
def matrix(ods: str, as_email: str | None, json_wanted: bool) -> None:
    """Who can see whose shifts today, under the agreements of an organisation."""
    with database().reading() as session:
        by = _who(session, ods, as_email)
        found = who_sees_whom.matrix(session, by=by, now=wall_clock())
    if json_wanted:
        as_json(
            [
                {
                    "home": one.home_ods, "host": one.host_ods, "agreement": one.named,
                    "scope": [[group, list(grades)] for group, grades in one.scope],
                    "sites": list(one.sites), "until_on": one.until_on,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    for one in found:
        scope = "; ".join(f"{group.value} {', '.join(grades)}" for group, grades in one.scope)
        click.echo(f"{one.home_ods} sees {one.host_ods} until {one.until_on} ({one.named})")
        click.echo(f"    {scope}")
    if not found:
        click.echo("Nobody sees anybody's shifts.")


@group.command("text")
@click.argument("reference")
@ORGANISATION
@VERSION
@AS
@tell_problems
def text(reference: str, ods: str, version: int | None, as_email: str | None) -> None:
    """Print the text of a version."""
    with database().reading() as session:
        by = _who(session, ods, as_email)
        found = _version(session, reference, version, by)
        click.echo(agreement_views.document(session, version_id=found, by=by))


@group.command("export")
@click.argument("reference")
@ORGANISATION
@VERSION
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: print.")
@AS
@tell_problems
def export(
    reference: str, ods: str, version: int | None, output: Path | None, as_email: str | None
) -> None:
    """Hand out the text of a version with every signature, as a file for `verify`."""
    with database().reading() as session:
        by = _who(session, ods, as_email)
        found = _version(session, reference, version, by)
        file = agreement_signing.exported(session, version_id=found, by=by)
    if output is None:
        as_json(file)
        return
    output.write_text(json.dumps(file, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"{output}: {file['agreement']} version {file['version']}.")


@group.command("verify")
@click.argument("file", type=FILE_OR_DASH, metavar="FILE|-")
@click.option("--trust-list", type=FILE, required=True, help="The signed trust list.")
@click.option("--root", type=FILE, multiple=True, required=True, help="PEM of who signs the list.")
@click.option("--at", help="The moment to judge at (ISO, with offset); now if not given.")
@JSON
@tell_problems
def verify(
    file: Path, trust_list: Path, root: Sequence[Path], at: str | None, json_wanted: bool
) -> None:
    """Say whether every party signed exactly this text, with no server and no network.

    FILE is what `agreement export` wrote. Exit code 0: signed by all; 1: not; 2: not asked rightly.
    """
    now = moment_of(at)
    trust = trust_of(trust_list, root, now)
    content = _json(read_text(file))
    if trust is None:
        fail("A trust list is needed.")
    checked = check_file(content, trust, now=now)
    if json_wanted:
        as_json(told(checked))
    else:
        click.echo("\n".join(_lines(checked)))
    sys.exit(0 if checked.good else 1)


def told(checked: CheckedFile) -> dict[str, Any]:
    """What came of checking a file, as JSON."""
    return {
        "good": checked.good,
        "problems": list(checked.problems),
        "signatures": [
            {
                "good": one.problem is None, "problem": one.problem, "issuer": one.issuer,
                "ods": one.said.ods if one.said else None,
                "name": one.said.name if one.said else None,
                "job_title": one.said.job_title if one.said else None,
                "authority": one.said.authority if one.said else None,
                "at": one.said.at if one.said else None,
            }
            for one in checked.signatures
        ],
    }  # fmt: skip


def _lines(checked: CheckedFile) -> list[str]:
    lines = ["Signed by every party." if checked.good else "NOT signed by every party."]
    for one in checked.signatures:
        if one.said is None:
            lines.append(f"  A signature that cannot be read: {_words(one.problem)}.")
            continue
        said = one.said
        verdict = "good" if one.problem is None else f"NOT good: {_words(one.problem)}"
        lines.append(
            f"  {one.issuer or said.ods} ({said.ods}): {said.name}, {said.job_title}, under"
            f" {said.authority}, {said.at:%Y-%m-%d %H:%M} UTC: {verdict}."
        )
    return lines + [f"  {_words(problem).capitalize()}." for problem in checked.problems]


def _words(code: str | None) -> str:
    return (code or "").replace("_", " ")


def _json(content: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        fail("That is no file of `agreement export`.")
    return found


def _who(session: Session, ods: str, as_email: str | None) -> Actor:
    return acting(session, as_email, organisation_by_code(session, ods))


def _version(session: Session, reference: str, number: int | None, by: Actor) -> Any:
    rows = agreement_views.listed(session, by=by, now=wall_clock())
    row = next((one for one in rows if one.agreement.reference == reference.upper()), None)
    if row is None:
        fail(f"No agreement {reference} of this organisation.")
    view = agreement_views.one(
        session, agreement_id=row.agreement.id, by=by, now=wall_clock()
    )
    for one in view.versions:
        if one.version.number == number or (number is None and one.version.text is not None):
            return one.version.id
    if number is None and view.versions:
        return view.versions[0].version.id
    raise NotFound
