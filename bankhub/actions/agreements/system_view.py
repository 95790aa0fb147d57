"""The system view: what shared staff came to, over the organisations whose figures one may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.figures.fill import organisations_asked
from bankhub.actions.figures.fill_histories import FillQuestion
from bankhub.actions.figures.fill_tables import FillTable, fill_table
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.agreements import Agreement, AgreementParty
from bankhub.model.clearances import Clearance
from bankhub.model.deployments import Deployment
from bankhub.model.fill_values import FillUnit, GroupKey
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.agreements.system_view import (
    DaysToCleared,
    SharedFill,
    TrainingAvoided,
    days_to_cleared,
    shared_fill,
    training_avoided,
)
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day, week_span
from passport.actors import Actor

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class SystemView:
    """Figures without people. None within = too few to show."""

    table: FillTable
    """The fill figures they stand on: the question, names, and from when counts are hidden."""
    agreements: Sequence[InForce]
    """In force today."""
    lines: Mapping[GroupKey, SharedFill]
    total: SharedFill
    days: DaysToCleared
    training: Sequence[TrainingAvoided]


def system_view(
    session: Session, *, question: FillQuestion, by: Actor, now: datetime
) -> SystemView:
    """What shared staff came to in some weeks, as this actor may see it.

    Raises as `fill_table` does.
    """
    demand(by, Deed.READ_SYSTEM_VIEW)
    table = fill_table(session, question=question, unit=FillUnit.SHIFTS, by=by, now=now)
    hosts = organisations_asked(session, question, by, now)
    under = table.suppressed_under
    span = week_span(question.first_week)[0], week_span(question.last_week)[1]
    return SystemView(
        table=table,
        agreements=_in_force(session, hosts, now),
        lines={key: shared_fill(row) for key, row in table.rows.items()},
        total=shared_fill(table.total),
        days=days_to_cleared(
            [*_cleared_deployments(session, hosts, span), *_cleared_alone(session, hosts, span)],
            under,
        ),
        training=training_avoided(_clearances(session, hosts, span), _lengths(), under),
    )


def _in_force(session: Session, organisations: Sequence[UUID], now: datetime) -> list[InForce]:
    """The versions in force today to which one of the organisations is a party."""
    today = london_day(now)
    ids = session.scalars(
        sa.select(Agreement.id)
        .join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
        .where(AgreementParty.organisation_id.in_(organisations))
        .distinct()
    )
    found = [one for each in ids for one in bound_versions(session, agreement_id=each)]
    return sorted((one for one in found if one.on(today)), key=lambda one: one.reference)


def _cleared_deployments(
    session: Session, hosts: Sequence[UUID], span: Span
) -> list[tuple[datetime, datetime]]:
    rows = session.execute(
        sa.select(Deployment.proposed_at, Deployment.checked_at).where(
            Deployment.host_id.in_(hosts),
            Deployment.checked_at >= span[0],
            Deployment.checked_at < span[1],
        )
    )
    return [(proposed, cleared) for proposed, cleared in rows if cleared is not None]


def _cleared_alone(
    session: Session, hosts: Sequence[UUID], span: Span
) -> list[tuple[datetime, datetime]]:
    """Clearances that no deployment rests on: for single shifts, from the first showing."""
    rows = session.execute(
        sa.select(Clearance.made_at, Clearance.cleared_at).where(
            Clearance.host_id.in_(hosts),
            Clearance.cleared_at >= span[0],
            Clearance.cleared_at < span[1],
            ~sa.exists().where(Deployment.clearance_id == Clearance.id),
        )
    )
    return [(opened, cleared) for opened, cleared in rows if cleared is not None]


def _clearances(
    session: Session, hosts: Sequence[UUID], span: Span
) -> list[tuple[UUID, UUID, list[dict[str, object]]]]:
    rows = session.execute(
        sa.select(Clearance.host_id, Clearance.holder_id, Clearance.items).where(
            Clearance.host_id.in_(hosts),
            Clearance.made_at >= span[0],
            Clearance.made_at < span[1],
        )
    )
    return [(host_id, holder_id, items) for host_id, holder_id, items in rows]


def _lengths() -> dict[str, int]:
    return {code: one.minutes for code, one in reference.training_lengths().items()}
