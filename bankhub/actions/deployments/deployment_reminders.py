"""What is overdue when a deployment is over is reminded, once a day, until it is done.

Access that is not ended and a badge that is still out are a risk at the host, and for whoever let
the person go there: the organisation whose task it is hears of it, and the home organisation of
what the host has not done.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.deployments.deployment_moves import names_of
from bankhub.actions.permission import demand
from bankhub.model.deployment_values import Leg
from bankhub.model.deployments import Deployment, DeploymentTask
from bankhub.model.reference import deployment_tasks
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.telling import tell_officers, write_once
from passport.actors import AccessRole, Actor
from passport.events import Tell

OVERDUE = "deployment_overdue"
MOST_NAMED = 20
"""So many tasks are named in each part of a letter; of more it says how many there are."""


@dataclass(frozen=True, slots=True)
class _Late:
    """What is past its day, as one organisation sees it."""

    own: list[dict[str, Any]] = field(default_factory=list)
    """For it to do."""
    partners: list[dict[str, Any]] = field(default_factory=list)
    """For hosts of its people to do."""


def remind(session: Session, *, by: Actor, now: datetime) -> int:
    """Write today's letters about tasks that are past their day, one to each who has to know, of
    all of them; how many. May run twice."""
    demand(by, Deed.KEEP_AGREEMENTS)
    letters = [
        letter
        for organisation_id, late in _late(session, now).items()
        for letter in _letters(session, organisation_id, late, now)
    ]
    return len(write_once(session, letters, now))


def _late(session: Session, now: datetime) -> dict[UUID, _Late]:
    rows = session.execute(
        sa.select(DeploymentTask, Deployment)
        .join(Deployment, Deployment.id == DeploymentTask.deployment_id)
        .where(
            DeploymentTask.leg == Leg.RETURN.value,
            DeploymentTask.done_at.is_(None),
            DeploymentTask.due_on < london_day(now),
        )
        .order_by(DeploymentTask.due_on, DeploymentTask.id)
    ).all()
    names = names_of(session, {id for _, one in rows for id in (one.home_id, one.host_id)})
    found: dict[UUID, _Late] = defaultdict(_Late)
    for task, one in rows:
        is_homes = task.organisation_id == one.home_id
        named = {
            "title": deployment_tasks()[task.code].title, "due_on": task.due_on,
            "deployment": one.id,
        }  # fmt: skip
        partner = names[one.host_id if is_homes else one.home_id]
        found[task.organisation_id].own.append({**named, "partner": partner})
        if not is_homes:
            found[one.home_id].partners.append({**named, "partner": names[one.host_id]})
    return found


def _letters(
    session: Session, organisation_id: UUID, late: _Late, now: datetime
) -> Iterator[Tell]:
    """To who ticks tasks off; of partners' tasks to HR alone, who let the people go. No letter
    says whom it is about."""
    told: set[UUID | None] = set()
    for role, partners in (
        (AccessRole.HR_OFFICER, late.partners), (AccessRole.BANK_MANAGER, [])
    ):
        if not (late.own or partners):
            continue
        context = {"own": _part(late.own), "partners": _part(partners)}
        for letter in tell_officers(session, OVERDUE, organisation_id, role, **context):
            if letter.account_id not in told:
                told.add(letter.account_id)
                once = f"{OVERDUE}:{organisation_id}:{letter.account_id}:{london_day(now)}"
                yield replace(letter, dedupe=once)


def _part(tasks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(tasks), "tasks": tasks[:MOST_NAMED]}
