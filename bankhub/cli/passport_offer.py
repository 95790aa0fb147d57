"""`bankhub passport offer`: what somebody may collect with a wallet, as a link and a code."""

import click
from sqlalchemy.orm import Session

from bankhub.cli.shared import as_json, database, fail, settings, tell_problems, wall_clock
from passport.actions.issuing import offers
from passport.actors import operator
from passport.model.credential_types import credential_types
from passport.model.people import Person
from passport.sealing import vault_of


@click.command("offer")
@click.argument("email")
@click.option("--organisation", help="ODS code of the issuer; the demo has a default.")
@click.option(
    "--credential",
    "types",
    multiple=True,
    type=click.Choice(list(credential_types())),
    help="Offer these types only; all if not given.",
)
@click.option("--by-reference", is_flag=True, help="A short link, for a QR code.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@tell_problems
def offer(
    email: str,
    organisation: str | None,
    types: tuple[str, ...],
    by_reference: bool,
    json_wanted: bool,
) -> None:
    """Offer EMAIL what they may collect with a wallet (OpenID4VCI).

    The link goes to the wallet, the code to the person: give them by different ways. Both end
    after 15 minutes and work once; the command may be run again, also for another phone.
    """
    config = settings()
    with database().transaction() as session:
        person = _person(session, email, organisation, default=config.demo)
        made = offers.make(
            session,
            person_id=person.id,
            types=types,
            with_tx_code=True,
            vault=vault_of(config),
            base=config.base_url,
            by=operator(person.organisation_id),
            now=wall_clock(),
        )
    link = made.short_link if by_reference else made.link
    if json_wanted:
        as_json({"offer": link, "tx_code": made.tx_code})
        return
    click.echo(link)
    click.echo(f"Code: {made.tx_code}, until {made.expires_at:%H:%M} UTC.", err=True)


def _person(session: Session, email: str, ods: str | None, *, default: bool) -> Person:
    found = offers.records_of(session, email)
    if not found:
        fail(f"Nobody on record has the e-mail address {email}.")
    if ods is not None:
        found = [one for one in found if one[1] == ods.strip().upper()]
        if not found:
            fail(f"{email} is not on record at {ods}.")
    elif len(found) > 1 and not default:
        fail(f"Say which: --organisation {' or '.join(ods for _, ods in found)}.")
    return found[0][0]
