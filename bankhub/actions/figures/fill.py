"""How was it filled? The figures, and whose may be read by whom.

Weeks, staff groups and trusts come from the weekly roll-up (`actions.figures.fill_weeks`); what is
finer, or has changed since, is counted straight from the shifts. These are the exact figures;
what a reader is shown of them, and under what names, is in `actions.figures.fill_tables`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import add
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.figures.fill_histories import FillQuestion, counted
from bankhub.actions.figures.fill_weeks import weeks_not_rolled_up
from bankhub.actions.permission import demand
from bankhub.model.figures import FillWeek
from bankhub.model.fill_values import (
    Dimension,
    FillFigures,
    GroupKey,
)
from bankhub.model.sites import Site, Unit
from bankhub.rules.figures.fill_rate import add_up, roll_up
from bankhub.rules.permissions import Deed, sees_small_counts
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import Forbidden, Invalid, NotFound
from passport.model.organisations import (
    MembershipKind,
    Organisation,
    OrganisationKind,
    OrganisationMembership,
)

MOST_WEEKS = 106


@dataclass(frozen=True, slots=True)
class FillAnswer:
    """Figures by group and their sum."""

    groups: dict[GroupKey, FillFigures]
    total: FillFigures
    as_of: datetime


def fill_figures(
    session: Session, *, question: FillQuestion, by: Actor, now: datetime
) -> FillAnswer:
    """The exact figures of the actor's organisation, or of the members of its system or region.

    Raises `Invalid` for weeks that cannot be meant, `NotFound` for a trust, site or unit outside
    the scope, `Forbidden` for an analyst (`fill_table` is for everybody).
    """
    demand(by, Deed.READ_FIGURES)
    if not sees_small_counts(by):
        raise Forbidden
    return answer(session, question, organisations_asked(session, question, by, now), now)


def scope(session: Session, *, by: Actor, on: date) -> list[UUID]:
    """Organisations whose figures the actor may read: its own, or the members of its PCN, ICS or
    region on a day."""
    if by.organisation_id is None:
        return list(session.scalars(sa.select(Unit.organisation_id).distinct()))
    kind = session.scalar(sa.select(Organisation.kind).where(Organisation.id == by.organisation_id))
    own = [by.organisation_id]
    membership = _MEMBERS.get(kind) if kind else None
    if membership is None:
        return own
    belongs = OrganisationMembership
    members = session.scalars(
        sa.select(belongs.member_id).where(
            belongs.group_id == by.organisation_id,
            belongs.kind == membership,
            sa.or_(belongs.from_on.is_(None), belongs.from_on <= on),
            sa.or_(belongs.until_on.is_(None), belongs.until_on >= on),
        )
    )
    return own + list(members)


_MEMBERS: Mapping[OrganisationKind, MembershipKind] = {
    OrganisationKind.ICB: MembershipKind.ICS,
    OrganisationKind.REGION: MembershipKind.REGION,
    OrganisationKind.PCN: MembershipKind.PCN,
}


def organisations_asked(
    session: Session, question: FillQuestion, by: Actor, now: datetime
) -> list[UUID]:
    """Whose shifts are counted. Raises `NotFound` and `Invalid` for what cannot be asked."""
    allowed = scope(session, by=by, on=london_day(now))
    if question.trust_id is not None:
        if question.trust_id not in allowed:
            raise NotFound
        allowed = [question.trust_id]
    refuse_wrong(session, question, allowed)
    return allowed


def refuse_wrong(session: Session, question: FillQuestion, organisations: Sequence[UUID]) -> None:
    """Raise `Invalid` for weeks that cannot be meant, `NotFound` for another's site or unit."""
    if question.weeks < 1:
        raise Invalid("fill", fields={"last_week": ["end in the same week or a later one"]})
    if question.weeks > MOST_WEEKS:
        raise Invalid("fill", fields={"last_week": [f"ask for {MOST_WEEKS} weeks at most"]})
    for place, wanted in ((Site, question.site_id), (Unit, question.unit_id)):
        if wanted is not None:
            owner = session.scalar(sa.select(place.organisation_id).where(place.id == wanted))
            if owner not in organisations:
                raise NotFound


def answer(
    session: Session, question: FillQuestion, organisations: Sequence[UUID], now: datetime
) -> FillAnswer:
    """The exact figures of these organisations, whoever asks."""
    afresh = weeks_not_rolled_up(session, organisations, now) if question.is_rolled_up else None
    if afresh is None:
        shifts = list(counted(session, question, organisations, now))
        return FillAnswer(roll_up(shifts, question.by), add_up(shifts), now)
    groups: dict[GroupKey, FillFigures] = defaultdict(FillFigures)
    for key, figures in _stored(session, question, organisations, afresh):
        groups[key] += figures
    for organisation, week in afresh:
        if question.first_week <= week <= question.last_week:
            alone = replace(question, first_week=week, last_week=week)
            for key, figures in roll_up(
                counted(session, alone, [organisation], now), question.by
            ).items():
                groups[key] += figures
    return FillAnswer(dict(groups), _total(groups.values()), now)


def _stored(
    session: Session,
    question: FillQuestion,
    organisations: Sequence[UUID],
    but: set[tuple[UUID, date]],
) -> Iterable[tuple[GroupKey, FillFigures]]:
    query = sa.select(
        FillWeek.organisation_id, FillWeek.week, FillWeek.staff_group, FillWeek.figures
    ).where(
        FillWeek.organisation_id.in_(organisations),
        FillWeek.week.between(question.first_week, question.last_week),
    )
    if question.staff_group is not None:
        query = query.where(FillWeek.staff_group == question.staff_group)
    for organisation, week, staff_group, figures in session.execute(query):
        if (organisation, week) not in but:
            values: dict[Dimension, UUID | str | date] = {
                Dimension.TRUST: organisation,
                Dimension.WEEK: week,
                Dimension.STAFF_GROUP: staff_group,
            }
            key = tuple(values[dimension] for dimension in question.by)
            yield key, FillFigures.of_values(figures)


def _total(figures: Iterable[FillFigures]) -> FillFigures:
    return reduce(add, figures, FillFigures())
