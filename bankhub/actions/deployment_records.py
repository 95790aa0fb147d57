"""Deployments as the rules read them, who acts on them from which side, and each move on record."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.agreements_in_force import bound_versions
from bankhub.model.agreements import Agreement
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployment_values import DeploymentFacts, Side
from bankhub.model.deployments import (
    AcceptedBy,
    Deployment,
    DeploymentState,
    DeploymentTask,
    LicenceAcceptance,
)
from bankhub.model.reference import deployment_tasks
from bankhub.rules.agreements_in_force import InForce
from bankhub.rules.deployment_states import Standing
from bankhub.rules.shift_times import london_day
from passport.actions.telling import tell_officers, tell_person
from passport.actors import Actor
from passport.errors import NotFound
from passport.events import Tell, record
from passport.model.organisations import Organisation
from passport.model.people import Person

S = DeploymentState

DATA_DELETED = "data_deleted"
_AT = {
    S.AGREED: "agreed_at",
    S.AUTHORISED: "authorised_at",
    S.CHECKED: "checked_at",
    S.LICENSED: "licensed_at",
    S.ACTIVE: "active_at",
    S.RETURNED: "returned_at",
    S.TERMINATED_EARLY: "returned_at",
    S.CLOSED: "closed_at",
}
"""State → where the moment of reaching it first is kept."""

_TOLD: dict[S, tuple[str, str, str]] = {
    S.PROPOSED: ("Read it, and say whether you agree.", "", ""),
    S.AGREED: ("", "The person agrees: it waits to be authorised.", ""),
    S.AUTHORISED: (
        "Your organisation has authorised it. The host looks at your passport next: show it there "
        "if you have not.",
        "",
        "It is authorised and waits for a clearance that stands.",
    ),
    S.CHECKED: ("Its paper is ready: read and accept it.",) * 3,
    S.LICENSED: (
        "All three have accepted. You start on the first day.",
        "All three have accepted.",
        "All three have accepted: see what is to be done before the first day.",
    ),
    S.ACTIVE: ("It has begun.", "It has begun.", "It has begun."),
    S.ENDING: ("It ends soon.", "It ends soon.", "It ends soon: see what is to be handed back."),
    S.RETURNED: (
        "It is over. Hand badge, keys and smartcard back.",
        "It is over.",
        "It is over: end access, take back badge and card, and give feedback.",
    ),
    S.TERMINATED_EARLY: (
        "It has ended early. Sign in to read more.",
        "It has ended early.",
        "It has ended early: end access at once, and take back badge and card.",
    ),
    S.ON_HOLD: ("It is on hold. Ask whom you report to.", "It is on hold.", "It is on hold."),
    S.REFUSED: ("It will not go ahead.", "It will not go ahead.", "It will not go ahead."),
    S.CLOSED: ("It is closed. The host has deleted what it held.", "It is closed.", ""),
}
"""State → what worker, home and host are told of it; empty = nothing."""


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
    """What the rules read of several, in two round trips."""
    session.flush()
    ids = [one.id for one in deployments]
    accepted: dict[UUID, set[AcceptedBy]] = defaultdict(set)
    for one, party in session.execute(
        sa.select(LicenceAcceptance.deployment_id, LicenceAcceptance.party)
        .join(Deployment, Deployment.id == LicenceAcceptance.deployment_id)
        .where(Deployment.id.in_(ids), LicenceAcceptance.text_hash == Deployment.licence_hash)
    ):
        accepted[one].add(AcceptedBy(party))
    tasks: dict[UUID, set[str]] = defaultdict(set)
    for one, code in session.execute(
        sa.select(DeploymentTask.deployment_id, DeploymentTask.code).where(
            DeploymentTask.deployment_id.in_(ids), DeploymentTask.done_at.is_(None)
        )
    ):
        tasks[one].add(code)
    return {one.id: _facts(one, accepted[one.id], tasks[one.id]) for one in deployments}


def _facts(
    deployment: Deployment, accepted: set[AcceptedBy], open_tasks: set[str]
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
    until = _agreed_until(session, deployment, one)
    return Standing(
        today=today,
        cleared=_is_cleared(clearance_of(session, deployment), deployment, today),
        agreed_until=until,
        suspended=any(party is not None and party.suspended for party in (home, host)),
    )


def _is_cleared(clearance: Clearance | None, deployment: Deployment, today: date) -> bool:
    if clearance is None or clearance.state is not ClearanceState.CLEARED:
        return False
    needed = max(today, deployment.starts_on)
    return clearance.until_on is None or clearance.until_on >= needed


def _agreed_until(session: Session, deployment: Deployment, one: InForce) -> date:
    """The version's own last day holds for who started under it, whatever came after; notice and
    a party that leaves bring it forward."""
    agreement = session.get_one(Agreement, one.agreement_id)
    parties = (one.party(deployment.home_id), one.party(deployment.host_id))
    ends = [one.terms.ends_on, agreement.ends_on, *(p.leaves_on for p in parties if p)]
    wind_down = 0 if agreement.for_safety else one.terms.wind_down_days
    return min(day for day in ends if day is not None) + timedelta(days=wind_down)


def move(
    session: Session,
    deployment: Deployment,
    state: DeploymentState,
    *,
    because: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Put a deployment into a state, on record, and tell those whom it concerns."""
    before = deployment.state
    if state is S.ON_HOLD:
        deployment.held_from = before
    elif before is S.ON_HOLD:
        deployment.held_from = None
    deployment.state, deployment.because = state, because
    name = _AT.get(state)
    if name is not None and getattr(deployment, name) is None:
        setattr(deployment, name, now)
    session.flush()
    note(
        session,
        f"deployment.{state.value}",
        deployment,
        by=by,
        now=now,
        tell=list(_tells(session, deployment, before)),
        before=before,
        because=because,
    )


def note(
    session: Session,
    kind: str,
    deployment: Deployment,
    *,
    by: Actor,
    now: datetime,
    tell: list[Tell] | None = None,
    **detail: object,
) -> None:
    """The event of a deed on a deployment."""
    record(
        session,
        kind,
        subject_id=deployment.id,
        organisation_id=by.organisation_id or deployment.host_id,
        by=by,
        now=now,
        tell=tell or (),
        person_id=deployment.person_id,
        home=deployment.home_id,
        host=deployment.host_id,
        **detail,
    )


def names_of(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    """Organisations' names by id."""
    rows = session.execute(
        sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    )
    return {one: name for one, name in rows}


def _tells(session: Session, deployment: Deployment, before: DeploymentState) -> Iterator[Tell]:
    lifted = before is S.ON_HOLD and deployment.state not in (S.RETURNED, S.TERMINATED_EARLY)
    told = ("It goes on.",) * 3 if lifted else _TOLD[deployment.state]
    worker, home, host = told
    names = names_of(session, {deployment.home_id, deployment.host_id})
    if worker:
        yield tell_person(
            "deployment_yours",
            deployment.person_id,
            host=names[deployment.host_id],
            deployment=deployment.id,
            said=worker,
        )
    sides = (
        (deployment.home_id, deployment.host_id, home),
        (deployment.host_id, deployment.home_id, host),
    )
    for here, there, said in sides:
        if said:
            yield from tell_officers(
                session,
                "deployment_office",
                here,
                partner=names[there],
                deployment=deployment.id,
                said=said,
            )
