"""`bankhub fill-rate` and `bankhub audit`: figures and their proof."""

from datetime import date, datetime, timedelta
from typing import Any

import click

from bankhub.actions.figures import fill
from bankhub.actions.figures.fill_histories import FillQuestion
from bankhub.cli.shared import (
    as_json,
    database,
    fail,
    organisation_by_code,
    settings,
    tell_problems,
    wall_clock,
)
from bankhub.model.fill_values import Dimension, FillFigures, FillUnit
from bankhub.rules.figures.fill_rate import rates
from bankhub.rules.shift_times import week_of
from passport.actions import audit
from passport.actors import operator

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("fill-rate")
@click.option("--trust", "ods_code", help="ODS code; all organisations where not given.")
@click.option("--from", "first", type=DAY, help="A day of the first week (default: 8 weeks ago).")
@click.option("--to", "last", type=DAY, help="A day of the last week (default: this week).")
@click.option(
    "--by",
    "dimension",
    type=click.Choice([one.value for one in Dimension]),
    default=Dimension.WEEK.value,
)
@click.option(
    "--unit",
    type=click.Choice([one.value for one in FillUnit]),
    default=FillUnit.HOURS.value,
)
@click.option("--json", "in_json", is_flag=True)
@tell_problems
def fill_rate(
    ods_code: str | None,
    first: datetime | None,
    last: datetime | None,
    dimension: str,
    unit: str,
    in_json: bool,
) -> None:
    """How temporary demand was filled, in shifts or hours, by London week or another grouping."""
    now = wall_clock()
    with database().reading() as session:
        place = organisation_by_code(session, ods_code) if ods_code else None
        question = FillQuestion(
            first_week=_monday(first, week_of(now) - timedelta(weeks=8)),
            last_week=_monday(last, week_of(now)),
            by=(Dimension(dimension),),
        )
        by = operator(place.id if place else None)
        answer = fill.fill_figures(session, question=question, by=by, now=now)
    rows = [_row(str(key[0]), figures, unit) for key, figures in answer.groups.items()]
    rows.append(_row("total", answer.total, unit))
    if in_json:
        as_json({"unit": unit, "by": dimension, "as_of": answer.as_of, "rows": rows})
        return
    click.echo(f"temp_fill_rate in {unit}, as of {answer.as_of:%Y-%m-%d %H:%M} UTC")
    for row in rows:
        click.echo(
            f"{row['group']:<38} requested {row['requested']:>7}  filled {row['filled']:>7}"
            f"  {_percent(row['temp_fill_rate'])}  bank {_percent(row['bank_fill_rate'])}"
        )


def _monday(given: datetime | None, otherwise: date) -> date:
    if given is None:
        return otherwise
    day = given.date()
    return day - timedelta(days=day.weekday())


def _row(group: str, figures: FillFigures, unit: str) -> dict[str, Any]:
    found = rates(figures, FillUnit(unit))
    asked, unfilled = figures.booked.requested, figures.booked.unfilled
    filled = asked - unfilled
    in_shifts = unit == FillUnit.SHIFTS
    return {
        "group": group,
        "requested": asked.shifts if in_shifts else round(asked.minutes / 60),
        "filled": filled.shifts if in_shifts else round(filled.minutes / 60),
        "temp_fill_rate": found.temp_fill_rate,
        "bank_fill_rate": found.bank_fill_rate,
    }


def _percent(share: float | None) -> str:
    return "    –" if share is None else f"{100 * share:5.1f}%"


@click.group("audit")
def audit_group() -> None:
    """The audit log."""


@audit_group.command("verify")
@click.option("--json", "in_json", is_flag=True)
@tell_problems
def verify(in_json: bool) -> None:
    """Check every event, number and signed checkpoint; exit 1 where something was altered."""
    config = settings()
    with database().reading() as session:
        found = audit.verify(session, master_key=config.master_key)
    if in_json:
        as_json(
            {
                "leaves": found.leaves,
                "waiting": found.waiting,
                "findings": [{"number": f.number, "what": f.what} for f in found.findings],
            }
        )
    if found.findings:
        fail("\n".join(f"{f.number}: {f.what}" for f in found.findings), code=1)
    if not in_json:
        click.echo(f"{found.leaves} events verified, {found.waiting} wait for a number.")
