"""What every command shares: settings, the database, who acts, and how errors are told."""

import functools
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions import clock
from bankhub.demo import kept
from bankhub.wiring import open_database
from passport.actions.access.asking import by_email
from passport.actions.people.organisations import by_ods
from passport.actors import Actor, operator
from passport.config import BadConfig, Config
from passport.db import Database
from passport.errors import Invalid, Problem, Refused
from passport.model.organisations import Organisation

P = ParamSpec("P")
T = TypeVar("T")


def wall_clock() -> datetime:
    """The machine's time, aware UTC."""
    return datetime.now(UTC)  # noqa: TID251  a command's edge


def trade_clock(config: Config, opened: Database) -> Callable[[], datetime]:
    """The wall clock, in the demo moved as its pages are."""
    if not config.demo:
        return wall_clock

    def moved() -> datetime:
        with opened.reading() as session:
            return wall_clock() + clock.offset(session)

    return moved


def settings(*, or_demo: bool = True) -> Config:
    """Settings from the environment, or those of the demo that was made in this folder; a missing
    one is told and ends the command with 2."""
    own = kept.load() if or_demo and not os.environ.get("BANKHUB_SECRET_KEY") else {}
    context = click.get_current_context(silent=True)
    told = context.meta if context else {}
    if own and "demo_told" not in told:
        told["demo_told"] = True
        click.echo("Settings of the demo in ./instance; BANKHUB_… replace them.", err=True)
    try:
        return Config.from_env(kept.environment(own) if "base_url" in own else None)
    except BadConfig as problem:
        fail(str(problem))


def database() -> Database:
    """The database the settings name; its connections are closed with the command."""
    config = settings()
    opened = open_database(config.database_url, of_deeds=clock.of_deeds(config, wall_clock))
    click.get_current_context().call_on_close(opened.engine.dispose)
    return opened


def fail(message: str, code: int = 2) -> NoReturn:
    """Tell on standard error and end: 1 = done with refusals, 2 = could not be done."""
    click.echo(message, err=True)
    sys.exit(code)


def tell_problems(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the four errors into words and exit code 2."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Refused as problem:
            fail("\n".join(r.text or r.code for r in problem.reasons))
        except Invalid as problem:
            fields = [f"{name}: {'; '.join(said)}" for name, said in problem.fields.items()]
            fail("\n".join([problem.detail or problem.code, *fields]))
        except Problem as problem:
            fail(problem.detail or problem.code)
        except sa.exc.OperationalError:
            fail("The database cannot be reached or is not up to date: `bankhub db upgrade`.")

    return wrapped


def organisation_by_code(session: Session, ods_code: str) -> Organisation:
    """The organisation with this ODS code; ends the command with 2 where there is none."""
    found = by_ods(session, ods_code.strip().upper())
    if found is None:
        fail(f"No organisation has the ODS code {ods_code}. See `bankhub organisations import`.")
    return found


def acting(session: Session, as_email: str | None, organisation: Organisation | None) -> Actor:
    """Who acts: the account given by `--as` with its roles there, or the recorded operator."""
    here = organisation.id if organisation else None
    if as_email is None:
        return operator(here)
    actor = by_email(session, email=as_email, organisation_id=here, now=wall_clock())
    if actor is None:
        fail(f"No account has the e-mail address {as_email}.")
    if organisation is not None and actor.organisation_id is None:
        fail(f"{as_email} has no role at {organisation.ods_code}.")
    return actor


def as_json(value: Any) -> None:
    """Print `value` as one JSON document."""
    click.echo(json.dumps(value, default=str, indent=2))
