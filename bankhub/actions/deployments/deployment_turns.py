"""What a deployment does by itself: with the day, a clearance, the third acceptance, a leaver.

Entering a state does what belongs to it: the text is frozen when the checks are met, tasks of the
way there are made when all three accepted, those of the way back when it is over.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearances
from bankhub.actions.clearances.clearances import EndReason
from bankhub.actions.deployments.deployment_moves import move, move_extension, names_of, note
from bankhub.actions.deployments.deployment_records import (
    DATA_DELETED,
    clearance_of,
    facts_of,
    is_cleared,
    locked,
    open_extension,
    permitted_until,
    standing_of,
    version_of,
)
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.agreement_terms import RechargeBasis
from bankhub.model.bookings import Booking
from bankhub.model.clearances import Clearance
from bankhub.model.deployment_values import Leg, Side, TaskReference
from bankhub.model.deployments import (
    Deployment,
    DeploymentExtension,
    DeploymentState,
    DeploymentTask,
    ExtensionState,
)
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import LIVE_BOOKING
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.deployments.deployment_extensions import extension_turn
from bankhub.rules.deployments.deployment_states import LIVE, OVER, RUNNING, last_day, stopped, turn
from bankhub.rules.deployments.licence_text import Licence, extension_text, hash_of, licence_text
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.events import Event
from passport.model.people import Person

S = DeploymentState

LEFT_HOME = "left_home"


def keep(session: Session, *, by: Actor, now: datetime) -> int:
    """Take every deployment where the day takes it, and delete what is due; how many changed.
    May run twice."""
    demand(by, Deed.KEEP_AGREEMENTS)
    ids = session.scalars(
        sa.select(Deployment.id)
        .where(Deployment.state.in_([*LIVE, *OVER]))
        .order_by(Deployment.holder_id, Deployment.id)
    ).all()
    changed = 0
    for deployment_id in ids:
        one = locked(session, deployment_id)
        if one is None:
            continue
        before = (one.state, one.delete_on)
        deleted = _delete_due(session, one, by, now)
        advance(session, one, by=by, now=now)
        changed += deleted or before != (one.state, one.delete_on)
    return changed


def advance(session: Session, deployment: Deployment, *, by: Actor, now: datetime) -> Deployment:
    """Go as far as the day and what is on record take it, doing what belongs to each state."""
    _enter(session, deployment, now)
    while found := turn(facts_of(session, deployment), standing_of(session, deployment, now)):
        move(session, deployment, found.state, because=found.because, by=by, now=now)
        _enter(session, deployment, now)
    if _extend(session, deployment, by, now):
        return advance(session, deployment, by=by, now=now)
    return deployment


def _extend(session: Session, deployment: Deployment, by: Actor, now: datetime) -> bool:
    """Take an open extension as far as it goes; whether the last day is a later one now."""
    one = open_extension(session, deployment)
    if one is None or deployment.state not in RUNNING:
        return False
    while (facts := facts_of(session, deployment).extension) is not None:
        first = one.ends_before + timedelta(days=1)
        state = extension_turn(
            facts,
            cleared=is_cleared(session, deployment, max(first, london_day(now))),
            permitted=_is_permitted(session, deployment, one),
        )
        if state is None:
            return False
        if state is ExtensionState.CHECKED:
            one.paper = _extension_paper(session, deployment, one)
            one.paper_hash = hash_of(one.paper)
        elif state is ExtensionState.ACCEPTED:
            deployment.ends_on, deployment.version_id = one.ends_on, one.version_id
            deployment.state, deployment.because = S.ACTIVE, ""
        move_extension(session, deployment, one, state, by=by, now=now)
    return True


def _is_permitted(
    session: Session, deployment: Deployment, one: DeploymentExtension
) -> bool:
    """Whether the agreement still reaches to the later last day, with both parties in good
    standing."""
    (under,) = bound_versions(session, version_id=one.version_id)
    home_id, host_id = deployment.home_id, deployment.host_id
    until = permitted_until(session, under, home_id, host_id)
    return under.pair(home_id, host_id) is not None and one.ends_on <= until


def _extension_paper(
    session: Session, deployment: Deployment, one: DeploymentExtension
) -> str:
    (under,) = bound_versions(session, version_id=one.version_id)
    before = session.scalar(
        sa.select(DeploymentExtension.paper_hash)
        .where(
            DeploymentExtension.deployment_id == deployment.id,
            DeploymentExtension.state == ExtensionState.ACCEPTED,
        )
        .order_by(DeploymentExtension.closed_at.desc())
        .limit(1)
    )
    return extension_text(
        replace(_licence(session, deployment, under), ends_on=one.ends_on),
        ends_before=one.ends_before,
        paper_hash=before or deployment.licence_hash,
    )


def on_clearance(session: Session, event: Event, by: Actor, now: datetime) -> None:
    """A host decided a clearance: what waited for it goes on. Called by `clearance.decided`."""
    clearance = session.get(Clearance, event.subject_id)
    if clearance is None:
        return
    waiting = session.scalars(
        sa.select(Deployment)
        .where(
            Deployment.person_id == clearance.person_id,
            Deployment.host_id == clearance.host_id,
            Deployment.state.in_([S.AUTHORISED, S.LICENSED, *RUNNING]),
        )
        .order_by(Deployment.id)
        .with_for_update()
    ).all()
    for one in waiting:
        advance(session, one, by=by, now=now)


def on_left(session: Session, event: Event, by: Actor, now: datetime) -> None:
    """Somebody left their home organisation, or a returner their sponsor: what runs has ended,
    what was to come does not. Called by `person.left`."""
    rows = session.scalars(
        sa.select(Deployment)
        .where(Deployment.person_id == event.subject_id, Deployment.state.in_(LIVE))
        .order_by(Deployment.id)
        .with_for_update()
    ).all()
    for one in rows:
        state = stopped(facts_of(session, one))
        move(session, one, state, because=LEFT_HOME, by=by, now=now)
        _enter(session, one, now)


def _enter(session: Session, deployment: Deployment, now: datetime) -> None:
    """What belongs to the state it is in; nothing where that was done."""
    if deployment.state is S.CHECKED and not deployment.licence_text:
        clearance = clearance_of(session, deployment)
        deployment.clearance_id = clearance.id if clearance else None
        deployment.licence_text = _text(session, deployment)
        deployment.licence_hash = hash_of(deployment.licence_text)
    elif deployment.state is S.LICENSED:
        _make_tasks(session, deployment, Leg.ONBOARDING, deployment.starts_on, now)
    elif deployment.state is S.REFUSED:
        _drop_tasks(session, deployment)
    elif deployment.state in OVER and deployment.delete_on is None:
        last = _last_day(session, deployment, now)
        if deployment.active_at is not None:
            deployment.ends_on = last
        days = version_of(session, deployment).terms.retention_days
        deployment.delete_on = last + timedelta(days=days)
        _drop_tasks(session, deployment)
        _make_tasks(session, deployment, Leg.RETURN, last, now)


def _last_day(session: Session, deployment: Deployment, now: datetime) -> date:
    today = london_day(now)
    until = standing_of(session, deployment, now).agreed_until
    last = last_day(facts_of(session, deployment), until)
    return min(last, today) if last else today


def _text(session: Session, deployment: Deployment) -> str:
    return licence_text(_licence(session, deployment, version_of(session, deployment)))


def _licence(session: Session, deployment: Deployment, under: InForce) -> Licence:
    names = names_of(session, {deployment.home_id, deployment.host_id})
    person = session.get_one(Person, deployment.person_id)
    site = session.get(Site, deployment.site_id) if deployment.site_id else None
    unit = session.get(Unit, deployment.unit_id) if deployment.unit_id else None
    role = reference.roles()[deployment.role]
    return Licence(
        instrument=reference.instruments()[deployment.instrument],
        terms=under.terms,
        agreement=under.named,
        agreement_title=under.title,
        worker=f"{person.given_name} {person.family_name}".strip(),
        home=names[deployment.home_id],
        host=names[deployment.host_id],
        sponsored=deployment.sponsored,
        role=role.title,
        grade=deployment.grade.value.replace("_", " "),
        place=", ".join(place.name for place in (unit, site) if place),
        duties=deployment.duties,
        supervision=deployment.supervision,
        starts_on=deployment.starts_on,
        ends_on=deployment.ends_on,
    )


def _make_tasks(
    session: Session, deployment: Deployment, leg: Leg, first: date, now: datetime
) -> None:
    there = set(
        session.scalars(
            sa.select(DeploymentTask.code).where(DeploymentTask.deployment_id == deployment.id)
        )
    )
    at_once = deployment.state is S.TERMINATED_EARLY
    for task in _tasks_of(session, deployment, leg, there):
        if task.code in there:
            continue
        due = first + timedelta(days=0 if task.undoes and at_once else task.days)
        row = DeploymentTask(
            deployment_id=deployment.id,
            organisation_id=(
                deployment.home_id if task.by is Side.HOME else deployment.host_id
            ),
            code=task.code,
            leg=leg.value,
            due_on=deployment.delete_on if task.code == DATA_DELETED else due,
        )
        if task.code in _done_before(deployment):
            row.done_at = now
        session.add(row)
    session.flush()


def _done_before(deployment: Deployment) -> set[str]:
    """Tasks of the way back that were done while it ran, or that are none."""
    if not deployment.feedback.get("given_on"):
        return set()
    none_gained = not deployment.feedback.get("competences")
    return {"feedback", "competence_recorded"} if none_gained else {"feedback"}


def _tasks_of(
    session: Session, deployment: Deployment, leg: Leg, there: set[str]
) -> Sequence[TaskReference]:
    """Those of the instrument; settling a recharge only where there is one, and of who never came
    only what takes back what was given."""
    came = leg is Leg.ONBOARDING or deployment.active_at is not None
    free = version_of(session, deployment).terms.recharge.basis is RechargeBasis.NONE_RECIPROCAL
    return [
        task
        for task in reference.deployment_tasks().values()
        if task.leg is leg
        and (not task.instruments or deployment.instrument in task.instruments)
        and not (task.recharged and free)
        and (came or task.code == DATA_DELETED or task.undoes in there)
    ]


def _drop_tasks(session: Session, deployment: Deployment) -> None:
    """What was still to be done before the start is not to be done any more."""
    session.execute(
        sa.delete(DeploymentTask).where(
            DeploymentTask.deployment_id == deployment.id,
            DeploymentTask.leg == Leg.ONBOARDING.value,
            DeploymentTask.done_at.is_(None),
        )
    )


def _delete_due(session: Session, deployment: Deployment, by: Actor, now: datetime) -> bool:
    """On its day the host's decision on the person goes, unless they still work there."""
    if deployment.state not in OVER or deployment.delete_on is None:
        return False
    if london_day(now) < deployment.delete_on:
        return False
    task = session.scalar(
        sa.select(DeploymentTask).where(
            DeploymentTask.deployment_id == deployment.id, DeploymentTask.code == DATA_DELETED
        )
    )
    if task is None or task.done_at is not None:
        return False
    task.done_at = now
    deployment.supervision = ""
    clearance = clearance_of(session, deployment)
    gone = clearance is not None and not _still_needed(session, deployment, clearance, now)
    if clearance is not None and gone:
        clearances.close(session, clearance, EndReason.NO_LONGER_NEEDED, by, now)
        clearance.items = []
    note(
        session, "deployment.data_deleted", deployment, by=by, now=now,
        clearance=clearance.id if clearance and gone else None,
    )  # fmt: skip
    return True


def _still_needed(
    session: Session, deployment: Deployment, clearance: Clearance, now: datetime
) -> bool:
    """Another deployment or a booking ahead at that host rests on it, or it was opened for other
    work than this."""
    another = sa.exists().where(
        Deployment.id != deployment.id,
        Deployment.person_id == deployment.person_id,
        Deployment.host_id == deployment.host_id,
        Deployment.state.in_(LIVE),
    )
    booked = sa.exists().where(
        Booking.holder_id == clearance.holder_id,
        Booking.organisation_id == clearance.host_id,
        Booking.state.in_(LIVE_BOOKING),
        Booking.ends_at > now,
    )
    other_work = clearance.instrument is not deployment.instrument
    return other_work or bool(session.scalar(sa.select(sa.or_(another, booked))))
