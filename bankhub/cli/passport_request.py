"""`bankhub passport request` and `verdict`: ask for a passport, and read what came of it."""

import time
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from bankhub.actions.partners.ask_limits import AgreementLimits
from bankhub.cli.shared import (
    as_json,
    database,
    fail,
    organisation_by_code,
    settings,
    tell_problems,
    wall_clock,
)
from bankhub.demo.accounts import ACCOUNTS
from passport.actions.signing import keys
from passport.actions.signing.signing import Where
from passport.actions.verifying import presented_checks, presenting
from passport.actions.verifying.presented_checks import Check, CheckState
from passport.actors import AccessRole, operator
from passport.config import Config
from passport.db import Database
from passport.model.organisations import Organisation
from passport.model.presentations import PresentationRequest
from passport.model.purposes import all_purposes
from passport.sealing import vault_of

CODES = sorted({one.code for one in all_purposes()})


@click.command("request")
@click.argument("purpose", type=click.Choice(CODES), metavar="PURPOSE")
@click.option("--organisation", "ods_code", metavar="ODS", help="Who asks.")
@click.option(
    "--response-mode", type=click.Choice(presenting.RESPONSE_MODES), default=presenting.ENCRYPTED,
    show_default=True, help="How the wallet answers.",
)  # fmt: skip
@click.option(
    "--credential", "types", multiple=True, metavar="TYPE",
    help="Ask for this type only, of those the purpose allows; may be given again.",
)  # fmt: skip
@click.option(
    "--agreement", metavar="REF",
    help='Under which it is asked, e.g. "WSA-7 v3"; without it the widest in force.',
)  # fmt: skip
@click.option(
    "--by-link", is_flag=True,
    help="To be sent to somebody: good for as long as the purpose says, not some minutes.",
)  # fmt: skip
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@tell_problems
def request(
    purpose: str,
    ods_code: str | None,
    response_mode: str,
    types: tuple[str, ...],
    agreement: str | None,
    by_link: bool,
    json_wanted: bool,
) -> None:
    """Ask for a passport for PURPOSE: prints the link for a wallet, good for one answer.

    PURPOSE decides what is asked; see `passport/reference/purposes.toml`.
    """
    config, now = settings(), wall_clock()
    vault = vault_of(config)
    where = Where(base=config.base_url, types_at=config.types_at)
    with database().transaction() as session:
        asker = _asker(session, ods_code, config)
        by = operator(asker.id)
        keys.ensure_issuer(
            session, organisation_id=asker.id, vault=vault, base=config.base_url, by=by, now=now
        )
        made = presenting.ask(
            session,
            purpose=purpose,
            limits=AgreementLimits(),
            agreement=agreement,
            only=_only(purpose, types) if types else None,
            response_mode=response_mode,
            by_link=by_link,
            vault=vault,
            where=where,
            by=by,
            now=now,
        )
    if json_wanted:
        as_json({"id": str(made.id), "uri": made.uri})
    else:
        click.echo(f"{made.uri}\nRead what comes of it: bankhub passport verdict {made.id}")


def _only(purpose: str, types: tuple[str, ...]) -> presenting.Narrowed:
    found = presenting.purpose_of(purpose, by=operator(), now=wall_clock())
    asked = {one: found.credential(one) for one in types}
    return {name: (*one.claims, *one.if_held) if one else () for name, one in asked.items()}


def _asker(session: Session, ods_code: str | None, config: Config) -> Organisation:
    """The organisation named; else the demo's employer, or the only one that has keys."""
    if ods_code is not None:
        return organisation_by_code(session, ods_code)
    if config.demo:
        employers = [one.code for one in ACCOUNTS if AccessRole.VERIFIER in one.roles]
        return organisation_by_code(session, employers[0])
    found = presenting.askers(session, by=operator())
    if len(found) != 1:
        fail("Say who asks: --organisation ODS.")
    return found[0]


@click.command("verdict")
@click.argument("request_id", metavar="ID")
@click.option("--wait", type=click.IntRange(0, 600), default=0, help="Seconds to wait for it.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@tell_problems
def verdict(request_id: str, wait: int, json_wanted: bool) -> None:
    """What came of the request ID. Exit code 0: green, or still waiting; 1: amber, red, declined
    or run out; 2: no such request."""
    opened = database()
    check = _look(opened, request_id)
    for _ in range(wait):
        if check.state is not CheckState.WAITING:
            break
        time.sleep(1)
        check = _look(opened, request_id)
    told = _told(check)
    if json_wanted:
        as_json(told)
    else:
        click.echo(_words(told))
    waits = check.state is CheckState.WAITING
    raise SystemExit(0 if waits or told["outcome"] == "green" else 1)


def _look(opened: Database, request_id: str) -> Check:
    try:
        wanted = UUID(request_id)
    except ValueError:
        fail(f"{request_id[:60]} is no request.")
    with opened.reading() as session:
        made = session.get(PresentationRequest, wanted)
        if made is None:
            fail(f"No request {request_id}.")
        by = operator(made.organisation_id)
        return presented_checks.look(session, request_id=wanted, by=by, now=wall_clock())


def _told(check: Check) -> dict[str, Any]:
    return {
        "id": str(check.id),
        "state": check.state.value,
        "error": check.failed_because,
        **presented_checks.said(check),
    }


def _words(told: dict[str, Any]) -> str:
    if told["outcome"] is None:
        because = f": {told['error']}" if told["error"] else ""
        return f"{told['state'].capitalize()}{because}"
    lines = [told["outcome"].upper(), *([told["name"]] if told["name"] else [])]
    lines += [f"  {one['detail']} {one['act']}" for one in told["reasons"]]
    lines += [f"  {one['says']}. {one['by']}" for one in told["facts"]]
    lines += [f"Checked: {', '.join(told['checked']) or 'nothing'}."]
    lines += [f"Not checked: {', '.join(told['not_checked'])}."]
    return "\n".join(lines)
