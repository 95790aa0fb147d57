"""Deployments as the rules read them, and who acts on them from which side."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.model.agreements import Agreement
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployment_values import DeploymentFacts, ExtensionFacts, Side
from bankhub.model.deployments import (
    AcceptedBy,
    Deployment,
    DeploymentExtension,
    DeploymentState,
    DeploymentTask,
    LicenceAcceptance,
)
from bankhub.model.reference import deployment_tasks
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.deployments.deployment_states import Standing
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import NotFound
from passport.model.people import Person

S = DeploymentState

DATA_DELETED = "data_deleted"


def deployment_of(
    session: Session, deployment_id: UUID, by: Actor, *, lock: bool = False
) -> tuple[Deployment, Side]:
    """A deployment with which the actor's organisation has to do, and from which side. Raises
    `NotFound` for any other."""
    found = locked(session, deployment_id) if lock else session.get(Deployment, deployment_id)
    if found is not None and by.organisation_id == found.home_id:
        return found, Side.HOME
    if found is not None and by.organisation_id == found.host_id:
        return found, Side.HOST
    raise NotFound


def own_deployment(
    session: Session, deployment_id: UUID, by: Actor, *, lock: bool = False
) -> Deployment:
    """A deployment of the signed-in person. Raises `NotFound` for anybody else's."""
    found = locked(session, deployment_id) if lock else session.get(Deployment, deployment_id)
    if found is None or by.person_id is None or found.holder_id != by.person_id:
        raise NotFound
    return found


def locked(session: Session, deployment_id: UUID) -> Deployment | None:
    """The deployment under its person's lock and its own, in the order in which a clearance that
    is decided takes them."""
    holder_id = session.scalar(
        sa.select(Deployment.holder_id).where(Deployment.id == deployment_id)
    )
    session.execute(
        sa.select(Person.id).where(Person.id == holder_id).with_for_update(key_share=True)
    )
    return session.scalar(
        sa.select(Deployment)
        .where(Deployment.id == deployment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def facts_of(session: Session, deployment: Deployment) -> DeploymentFacts:
    """What the rules read of it."""
    return facts_by_id(session, [deployment])[deployment.id]


def facts_by_id(
    session: Session, deployments: Sequence[Deployment]
) -> dict[UUID, DeploymentFacts]:
    """What the rules read of several, in three round trips."""
    session.flush()
    ids = [one.id for one in deployments]
    accepted: dict[tuple[UUID, str], set[AcceptedBy]] = defaultdict(set)
    for one, text_hash, party in session.execute(
        sa.select(
            LicenceAcceptance.deployment_id, LicenceAcceptance.text_hash, LicenceAcceptance.party
        ).where(LicenceAcceptance.deployment_id.in_(ids))
    ):
        accepted[one, text_hash].add(AcceptedBy(party))
    tasks: dict[tuple[UUID, bool], set[str]] = defaultdict(set)
    for one, code, done_at in session.execute(
        sa.select(
            DeploymentTask.deployment_id, DeploymentTask.code, DeploymentTask.done_at
        ).where(DeploymentTask.deployment_id.in_(ids))
    ):
        tasks[one, done_at is None].add(code)
    extensions = {
        one.deployment_id: ExtensionFacts(
            one.state, frozenset(accepted[one.deployment_id, one.paper_hash])
        )
        for one in session.scalars(
            sa.select(DeploymentExtension).where(
                DeploymentExtension.deployment_id.in_(ids), DeploymentExtension.closed_at.is_(None)
            )
        )
    }
    return {
        one.id: _facts(
            one,
            accepted[one.id, one.licence_hash],
            tasks[one.id, True],
            tasks[one.id, False],
            extensions.get(one.id),
        )
        for one in deployments
    }


def _facts(
    deployment: Deployment,
    accepted: set[AcceptedBy],
    open_tasks: set[str],
    done_tasks: set[str],
    extension: ExtensionFacts | None,
) -> DeploymentFacts:
    known = deployment_tasks()
    return DeploymentFacts(
        state=deployment.state,
        starts_on=deployment.starts_on,
        ends_on=deployment.ends_on,
        held_from=deployment.held_from,
        because=deployment.because,
        accepted=frozenset(accepted),
        open_tasks=frozenset(open_tasks),
        holding_tasks=frozenset(
            code for code in open_tasks if code in known and known[code].holds_start
        ),
        data_kept=DATA_DELETED in open_tasks,
        begun=deployment.active_at is not None,
        given=any(task.undoes in done_tasks for task in known.values()),
        extension=extension,
    )


def open_extension(session: Session, deployment: Deployment) -> DeploymentExtension | None:
    """The extension of it that is not decided."""
    return session.scalar(
        sa.select(DeploymentExtension).where(
            DeploymentExtension.deployment_id == deployment.id,
            DeploymentExtension.closed_at.is_(None),
        )
    )


def version_of(session: Session, deployment: Deployment) -> InForce:
    """The agreement version under which it started."""
    (found,) = bound_versions(session, version_id=deployment.version_id)
    return found


def clearance_of(session: Session, deployment: Deployment) -> Clearance | None:
    """The person's open clearance at the host for this work."""
    return session.scalar(
        sa.select(Clearance).where(
            Clearance.host_id == deployment.host_id,
            Clearance.person_id == deployment.person_id,
            Clearance.role == deployment.role,
            Clearance.grade == deployment.grade,
            Clearance.state != ClearanceState.ENDED,
        )
    )


def standing_of(session: Session, deployment: Deployment, now: datetime) -> Standing:
    """What stands around it today: the clearance, and the agreement it started under."""
    today = london_day(now)
    one = version_of(session, deployment)
    home, host = one.party(deployment.home_id), one.party(deployment.host_id)
    wind_down = timedelta(days=0 if one.for_safety else one.terms.wind_down_days)
    agreed = permitted_until(session, one, deployment.home_id, deployment.host_id)
    return Standing(
        today=today,
        cleared=is_cleared(session, deployment, max(today, deployment.starts_on)),
        agreed_until=agreed + wind_down,
        suspended=any(party is not None and party.suspended for party in (home, host)),
    )


def is_cleared(session: Session, deployment: Deployment, on: date) -> bool:
    """Whether the host's clearance for this work stands, and on that day to come."""
    clearance = clearance_of(session, deployment)
    if clearance is None or clearance.state is not ClearanceState.CLEARED:
        return False
    return clearance.until_on is None or clearance.until_on >= on


def permitted_until(session: Session, one: InForce, home_id: UUID, host_id: UUID) -> date:
    """The version's own last day holds for who started under it, whatever came after; notice and
    a party that leaves bring it forward."""
    agreement = session.get_one(Agreement, one.agreement_id)
    parties = (one.party(home_id), one.party(host_id))
    ends = [one.terms.ends_on, agreement.ends_on, *(p.leaves_on for p in parties if p)]
    return min(day for day in ends if day is not None)
