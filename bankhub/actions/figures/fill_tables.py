"""The fill figures as a reader is shown them: exact or suppressed, with names, and with what can
be drawn by week.

A system analyst is given suppressed figures, whichever way they are asked for.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.figures.fill import FillAnswer, answer, organisations_asked, scope
from bankhub.actions.figures.fill_histories import FillQuestion
from bankhub.actions.permission import demand
from bankhub.actions.settings.policies import PolicyBook, policy_books
from bankhub.model.fill_values import Dimension, FillFigures, FillUnit, GroupKey, Partition
from bankhub.model.sites import Site, Unit
from bankhub.rules.figures.fill_rows import FillRow, row_of, row_of_shown
from bankhub.rules.figures.suppression import suppress_together
from bankhub.rules.permissions import Deed, sees_small_counts
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import Invalid
from passport.model.organisations import Organisation

MOST_GROUPS = 2000
"""Lines of one table; finer questions are asked of fewer weeks or one site."""
TOGETHER = (Dimension.TRUST, Dimension.STAFF_GROUP, Dimension.WEEK)
"""Groupings of one system's shifts that a reader may lay beside one another."""


@dataclass(frozen=True, slots=True)
class FillTable:
    """Figures as this actor may see them."""

    question: FillQuestion
    unit: FillUnit
    rows: Mapping[GroupKey, FillRow]
    total: FillRow
    names: Mapping[UUID, str]
    """What the identifiers among the keys are called."""
    weeks: Mapping[date, Partition]
    """What can be drawn by week; weeks with a suppressed count are left out."""
    suppressed_under: int | None
    """None = every number is shown."""
    as_of: datetime
    reaches_beyond: bool
    """Whether figures of other organisations than the actor's own are among them."""


def fill_table(
    session: Session,
    *,
    question: FillQuestion,
    unit: FillUnit,
    by: Actor,
    now: datetime,
    export: bool = False,
) -> FillTable:
    """The figures as the actor may see them, with names. `export`: to be taken away as a file.

    Raises as `fill_figures` does; `Invalid` also where there would be too many lines.
    """
    demand(by, Deed.EXPORT_FIGURES if export else Deed.READ_FIGURES)
    organisations = organisations_asked(session, question, by, now)
    exact = sees_small_counts(by)
    asked = _with_weeks(question) if exact else _with_others(question)
    found = answer(session, asked, organisations, now)
    groups = _merged(found.groups, len(question.by))
    if len(groups) > MOST_GROUPS:
        said = f"that makes more than {MOST_GROUPS:,} lines: ask for fewer weeks or one site"
        raise Invalid("fill", fields={"by": [said]})
    under = None if exact else _suppressed_under(session, organisations, now)
    others = [_alone(found.groups, place) for place in range(1, len(asked.by))]
    rows, total = _lines(groups, found.total, unit, under, [] if exact else others)
    return FillTable(
        question=question,
        unit=unit,
        rows=rows,
        total=total,
        names=_names(session, groups),
        weeks=_every_week(asked, found) if exact else _weeks_shown(question, rows),
        suppressed_under=under,
        as_of=found.as_of,
        reaches_beyond=any(one != by.organisation_id for one in organisations),
    )


def _lines(
    groups: Mapping[GroupKey, FillFigures],
    total: FillFigures,
    unit: FillUnit,
    under: int | None,
    others: Sequence[Mapping[GroupKey, FillFigures]],
) -> tuple[dict[GroupKey, FillRow], FillRow]:
    if under is None:
        return {key: row_of(one, unit) for key, one in groups.items()}, row_of(total, unit)
    shown, *_ = suppress_together([groups, *others], under)
    rows = {key: row_of_shown(one, unit) for key, one in shown.rows.items()}
    return rows, row_of_shown(shown.total, unit)


@dataclass(frozen=True, slots=True)
class FillChoices:
    """What the figures can be narrowed to: identifier and name."""

    trusts: Sequence[tuple[UUID, str]]
    """Empty where the actor reads one organisation only."""
    sites: Sequence[tuple[UUID, str]]
    units: Sequence[tuple[UUID, str]]
    """Of the one organisation that is read, each with its site; empty where several are."""


def fill_choices(
    session: Session, *, trust_id: UUID | None = None, by: Actor, now: datetime
) -> FillChoices:
    """What the actor can ask for, with `trust_id` already chosen or not."""
    demand(by, Deed.READ_FIGURES)
    allowed = scope(session, by=by, on=london_day(now))
    trusts = session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(
            Organisation.id.in_(allowed),
            sa.exists().where(Unit.organisation_id == Organisation.id),
        )
        .order_by(Organisation.name)
    ).all()
    one = trust_id or (trusts[0][0] if len(trusts) == 1 else None)
    sites = session.execute(
        sa.select(Site.id, Site.name)
        .where(Site.organisation_id == one, Site.organisation_id.in_(allowed))
        .order_by(Site.name)
    )
    units = session.execute(
        sa.select(Unit.id, Unit.name + ", " + Site.name)
        .join(Site, Site.id == Unit.site_id)
        .where(Unit.organisation_id == one, Unit.organisation_id.in_(allowed))
        .order_by(Unit.name, Site.name)
    )
    return FillChoices(
        trusts=[(found, name) for found, name in trusts] if len(trusts) > 1 else [],
        sites=[(found, name) for found, name in sites],
        units=[(found, name) for found, name in units],
    )


def _with_weeks(question: FillQuestion) -> FillQuestion:
    """The question with the week as last dimension, for the chart beside the table."""
    if Dimension.WEEK in question.by:
        return question
    return replace(question, by=(*question.by, Dimension.WEEK))


def _with_others(question: FillQuestion) -> FillQuestion:
    """Of the groupings that are kept from giving counts away together, the one that is asked for
    first and the others after it; any other question as it is."""
    if len(question.by) != 1 or question.by[0] not in TOGETHER or question.is_narrowed:
        return question
    return replace(question, by=tuple(dict.fromkeys((*question.by, *TOGETHER))))


def _alone(groups: Mapping[GroupKey, FillFigures], place: int) -> dict[GroupKey, FillFigures]:
    """Figures by one dimension of the key only."""
    return _merged({(key[place], *key): one for key, one in groups.items()}, 1)


def _merged(groups: Mapping[GroupKey, FillFigures], length: int) -> dict[GroupKey, FillFigures]:
    """Figures by the first dimensions of the key only."""
    merged: dict[GroupKey, FillFigures] = defaultdict(FillFigures)
    for key, figures in groups.items():
        merged[key[:length]] += figures
    return dict(merged)


def _every_week(asked: FillQuestion, found: FillAnswer) -> dict[date, Partition]:
    place = asked.by.index(Dimension.WEEK)
    weeks: dict[date, Partition] = defaultdict(Partition)
    for key, figures in found.groups.items():
        week = key[place]
        if isinstance(week, date):
            weeks[week] += figures.booked
    return dict(weeks)


def _weeks_shown(question: FillQuestion, rows: Mapping[GroupKey, FillRow]) -> dict[date, Partition]:
    """Only of a table by week: a second table beside another would give counts away."""
    if question.by != (Dimension.WEEK,):
        return {}
    return {
        week: row.partition
        for (week,), row in rows.items()
        if isinstance(week, date) and row.partition is not None
    }


def _suppressed_under(session: Session, organisations: Sequence[UUID], now: datetime) -> int:
    """The strictest of the policies of all whose figures are shown, and the national one."""
    books = [PolicyBook(), *policy_books(session, organisations).values()]
    return max(book.fill(london_day(now)).suppress_under for book in books)


def _names(session: Session, groups: Iterable[GroupKey]) -> dict[UUID, str]:
    wanted = {part for key in groups for part in key if isinstance(part, UUID)}
    if not wanted:
        return {}
    found: dict[UUID, str] = {}
    for table in (Organisation, Site, Unit):
        rows = session.execute(sa.select(table.id, table.name).where(table.id.in_(wanted)))
        found.update({row_id: name for row_id, name in rows})
    return found
