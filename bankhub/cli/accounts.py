"""`bankhub account` and `bankhub token`: people in, and programs in."""

import click

from bankhub.actions.permission import SCOPES
from bankhub.cli.shared import (
    database,
    fail,
    organisation_by_code,
    settings,
    tell_problems,
    wall_clock,
)
from passport.actions.access import accounts, asking, tokens
from passport.actors import AccessRole, operator
from passport.sealing import vault_of


@click.group("account")
def group() -> None:
    """Accounts of people."""


@group.command("create")
@click.argument("email")
@click.option("--organisation", required=True, help="ODS code.")
@click.option(
    "--role",
    "role_names",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in AccessRole]),
)
@tell_problems
def create(email: str, organisation: str, role_names: tuple[str, ...]) -> None:
    """Let EMAIL in, in one or more roles of an organisation; print the one-time link."""
    config = settings()
    vault = vault_of(config)
    with database().transaction() as session:
        place = organisation_by_code(session, organisation)
        first, *more = (AccessRole(name) for name in role_names)
        invited = accounts.invite(
            session,
            email=email,
            role=first,
            more_roles=more,
            vault=vault,
            by=operator(place.id),
            now=wall_clock(),
        )
    if invited.token is None:
        click.echo(f"{email} has an account already and now holds the role.")
    else:
        click.echo(f"{config.base_url}/invitation/{invited.token}")


@click.command("token")
@click.argument("email")
@click.option("--organisation", help="ODS code; needed where the account has several.")
@click.option("--name", default="command line", help="What the token is called.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Limit it.")
@click.option("--days", type=int, default=30, show_default=True)
@tell_problems
def token(
    email: str, organisation: str | None, name: str, scopes: tuple[str, ...], days: int
) -> None:
    """Print an API token for EMAIL. It is shown once."""
    now = wall_clock()
    with database().transaction() as session:
        place = organisation_by_code(session, organisation) if organisation else None
        found = asking.by_email(
            session, email=email, organisation_id=place.id if place else None, now=now
        )
        if found is None or found.account_id is None:
            fail(f"No account has the e-mail {email}.")
        if found.organisation_id is None:
            fail("Say for which organisation: --organisation ODS.")
        made = tokens.make_for(
            session,
            account_id=found.account_id,
            name=name,
            scopes=scopes or None,
            by=operator(found.organisation_id),
            now=now,
            days=days,
        )
    click.echo(made)
