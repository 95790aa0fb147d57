"""`bankhub passport trust`: other installations' trust lists that are believed here."""

from pathlib import Path

import click

from bankhub.cli.passport import FILE, FILE_OR_DASH
from bankhub.cli.shared import as_json, database, fail, settings, tell_problems, wall_clock
from passport.actions.signing.signing import Where
from passport.actions.trust import trust
from passport.actors import job, operator
from passport.fetching import CannotFetch, Fetcher
from passport.imports import foreign_lists
from passport.rules.tokens import trust_list, x509_chain

MOST = 4 * 1024 * 1024


@click.group("trust")
def group() -> None:
    """Believe what other installations issue, by their trust list and its root."""


@group.command("add")
@click.argument("source", metavar="FILE|-|URL")
@click.option("--root", type=FILE, required=True, help="PEM of the root behind the list.")
@click.option("--no-fetch", is_flag=True, help="Do not fetch its status lists now.")
@tell_problems
def add(source: str, root: Path, no_fetch: bool) -> None:
    """Believe a trust list from now on.

    Compare the root's SHA-256, which is printed, with its owner by telephone or in person: the
    network alone proves nothing of it.
    """
    config, now, db = settings(), wall_clock(), database()
    text, pem = _text(source, Fetcher.of(config)).strip(), root.read_text()
    with db.transaction() as session:
        found = trust.add(
            session, text=text, root_pem=pem, where=Where.of(config), by=operator(), now=now
        )
        click.echo(f"{found.row.sub}, version {found.row.version}: believed.")
    click.echo(f"SHA-256 of its root: {x509_chain.fingerprint(pem)}")
    click.echo(f"Issuers: {', '.join(one.ods for one in found.trust.issuers) or 'none'}")
    if found.own_already:
        listed = ", ".join(found.own_already)
        click.echo(f"Believed by this installation's own list only: {listed}", err=True)
    if not no_fetch:
        _fetch()


@group.command("list")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
@tell_problems
def list_lists(json_wanted: bool) -> None:
    """The lists that are believed."""
    with database().reading() as session:
        rows = [
            {
                "sub": row.sub,
                "version": row.version,
                "fetched_at": f"{row.fetched_at:%Y-%m-%dT%H:%M:%SZ}",
                "root": x509_chain.fingerprint(row.root_pem),
            }
            for row in trust.brought(session, by=operator())
        ]
    if json_wanted:
        as_json(rows)
        return
    for row in rows:
        click.echo(f"{row['sub']}  version {row['version']}  {row['fetched_at']}  {row['root']}")


@group.command("refresh")
@tell_problems
def refresh() -> None:
    """Fetch every believed list and its status lists now. Exits with 1 where one did not come."""
    raise SystemExit(_fetch())


@group.command("remove")
@click.argument("sub", metavar="ADDRESS")
@tell_problems
def remove(sub: str) -> None:
    """Believe the list at ADDRESS no more."""
    with database().transaction() as session:
        trust.remove(session, sub=sub, by=operator(), now=wall_clock())
    click.echo("Removed.")


def _fetch() -> int:
    with Fetcher.of(settings()) as fetcher:
        found = foreign_lists.refresh(database(), fetcher, by=job(), now=wall_clock())
    click.echo(f"Fetched: {found.trust_lists} trust lists, {found.status_lists} status lists.")
    for trouble in found.troubles:
        click.echo(trouble, err=True)
    return 1 if found.troubles else 0


def _text(source: str, fetcher: Fetcher) -> str:
    if source.startswith(("https://", "http://")):
        try:
            with fetcher:
                return fetcher.text(source, accept=f"application/{trust_list.TYP}")
        except CannotFetch as problem:
            fail(f"Not fetched: {problem}")
    path = FILE_OR_DASH.convert(source, None, click.get_current_context())
    with click.open_file(str(path), "rb") as file:
        content: bytes = file.read(MOST + 1)
    if len(content) > MOST:
        fail("The file is larger than a trust list may be.")
    return content.decode("utf-8", "replace")
