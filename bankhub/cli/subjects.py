"""`bankhub subject`: a person's file, and the erasure of what an organisation holds of them."""

from pathlib import Path
from uuid import UUID

import click
from sqlalchemy.orm import Session

from bankhub.actions.governance import subject_requests, subject_search
from bankhub.cli.shared import (
    acting,
    as_json,
    database,
    fail,
    organisation_by_code,
    settings,
    tell_problems,
    wall_clock,
)
from passport.actors import Actor
from passport.sealing import vault_of

ORGANISATION = click.option(
    "--organisation", "ods", required=True, metavar="ODS", help="Whose record it is."
)
AS = click.option("--as", "as_email", metavar="EMAIL", help="Act as this account.")
JSON = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")


@click.group("subject")
def group() -> None:
    """People who ask for their data, or that it be erased."""


@group.command("export")
@click.argument("person", metavar="PERSON")
@ORGANISATION
@click.option(
    "--out", required=True, help="The archive to write.",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
)  # fmt: skip
@AS
@tell_problems
def export(person: str, ods: str, out: Path, as_email: str | None) -> None:
    """Write everything held of PERSON (identifier or e-mail address) as a zip archive.

    It holds a page to read and the same as JSON; read free words before handing it over.
    """
    vault = vault_of(settings())
    with database().transaction() as session:
        by = _who(session, ods, as_email)
        person_id = _person(session, person, by)
        content = subject_requests.export(
            session, person_id=person_id, vault=vault, by=by, now=wall_clock()
        )
        out.write_bytes(content)
    click.echo(f"{out}: {len(content)} bytes")


@group.command("erase")
@click.argument("person", metavar="PERSON")
@ORGANISATION
@AS
@JSON
@tell_problems
def erase(person: str, ods: str, as_email: str | None, json_wanted: bool) -> None:
    """Ask that what is held of PERSON be erased; somebody else has to agree."""
    with database().transaction() as session:
        by = _who(session, ods, as_email)
        person_id = _person(session, person, by)
        made = subject_requests.ask_erasure(session, person_id=person_id, by=by, now=wall_clock())
        found = {"request": made.id, "person": person_id}
    if json_wanted:
        as_json(found)
    else:
        click.echo(f"Asked. Somebody else agrees with: bankhub subject agree {found['request']}")


@group.command("agree")
@click.argument("request_id", metavar="REQUEST", type=click.UUID)
@ORGANISATION
@AS
@JSON
@tell_problems
def agree(request_id: UUID, ods: str, as_email: str | None, json_wanted: bool) -> None:
    """Agree to an erasure as the second person. It is done at once and cannot be undone."""
    with database().transaction() as session:
        by = _who(session, ods, as_email)
        done = subject_requests.agree_erasure(
            session, request_id=request_id, by=by, now=wall_clock()
        )
        outcome = dict(done.outcome)
    if json_wanted:
        as_json(outcome)
        return
    for verb in ("deleted", "blanked", "kept"):
        for table, count in sorted(outcome[verb].items()):
            click.echo(f"{verb:8} {count:6} {table} {outcome['because'].get(table, '')}".rstrip())


def _who(session: Session, ods: str, as_email: str | None) -> Actor:
    return acting(session, as_email, organisation_by_code(session, ods))


def _person(session: Session, given: str, by: Actor) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        found = subject_search.find_people(session, words=given, by=by, now=wall_clock())
    exact = [one for one in found if (one.email or "") == given.strip().lower()]
    if len(exact) != 1:
        fail(f"{len(exact)} people on record have the e-mail address {given}. Name an identifier.")
    return exact[0].id
