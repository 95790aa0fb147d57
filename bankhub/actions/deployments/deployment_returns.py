"""Tasks of a deployment, there and back: ticked off by whose they are; feedback to the home
organisation; and the competence that was gained, which it puts on record."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.deployments.deployment_moves import note
from bankhub.actions.deployments.deployment_records import deployment_of, facts_of
from bankhub.actions.deployments.deployment_turns import advance
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.clearances import InductionSignature
from bankhub.model.deployments import Deployment, DeploymentTask
from bankhub.rules.deployments.deployment_states import Step, why_not_step
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.people import evidence
from passport.actors import Actor
from passport.errors import Invalid, Reason, Refused
from passport.events import Event
from passport.model.facts import FactKind, FactValue

SOURCE = "deployment"
"""Source of a fact that a host stated of somebody who worked there."""
FEEDBACK, COMPETENCE = "feedback", "competence_recorded"
INDUCTION = "local_induction"


def tick(
    session: Session, *, deployment_id: UUID, code: str, by: Actor, now: datetime
) -> Deployment:
    """A task of the actor's organisation is done, or needless."""
    demand(by, Deed.RUN_DEPLOYMENT)
    found, side = deployment_of(session, deployment_id, by, lock=True)
    task = _task(session, found, code)
    known = reference.deployment_tasks().get(code)
    reasons = why_not_step(Step.TICK, facts_of(session, found), side)
    if not reasons and task is None:
        raise Invalid("deployment_task", fields={"code": ["There is no such task here."]})
    if task is not None and task.organisation_id != by.organisation_id:
        reasons.append(Reason("not_your_part", text="This is for somebody else to do."))
    if known is not None and known.by_itself:
        text = "This is ticked off by what is done, not by hand."
        reasons.append(Reason("by_itself", text=text))
    if reasons:
        raise Refused(reasons)
    _tick(session, found, code, by, now)
    return advance(session, found, by=by, now=now)


def give_feedback(
    session: Session, *, deployment_id: UUID, competences: Sequence[str], by: Actor, now: datetime
) -> Deployment:
    """The host says that feedback was given, and which competences (codes of the skills) were
    gained. What was said is between the two organisations and the person, and is not kept here."""
    demand(by, Deed.RUN_DEPLOYMENT)
    found, side = deployment_of(session, deployment_id, by, lock=True)
    if reasons := why_not_step(Step.FEEDBACK, facts_of(session, found), side):
        raise Refused(reasons)
    gained = sorted(set(competences))
    if unknown := [code for code in gained if code not in reference.skills()]:
        message = f"“{unknown[0][:64]}” is not on the list of skills."
        raise Invalid("deployment_feedback", fields={"competences": [message]})
    _refuse_if_recorded(session, found)
    found.feedback = {"given_on": london_day(now).isoformat(), "competences": gained}
    note(session, "deployment.feedback_given", found, by=by, now=now, competences=gained)
    _tick(session, found, FEEDBACK, by, now)
    settled = _task(session, found, COMPETENCE)
    if not gained:
        _tick(session, found, COMPETENCE, by, now)
    elif settled is not None:
        settled.done_at = settled.done_by_id = None
    return advance(session, found, by=by, now=now)


def _refuse_if_recorded(session: Session, deployment: Deployment) -> None:
    task = _task(session, deployment, COMPETENCE)
    if task is not None and task.done_at is not None and deployment.feedback.get("competences"):
        text = "The home organisation has put the competence on record already."
        raise Refused([Reason("recorded_already", text=text)])


def record_competence(
    session: Session, *, deployment_id: UUID, take: Sequence[str], by: Actor, now: datetime
) -> Deployment:
    """The home organisation puts what it believes of it on its own record, as facts that it
    vouches for; an empty list puts nothing on record and settles it."""
    demand(by, Deed.RUN_DEPLOYMENT)
    found, side = deployment_of(session, deployment_id, by, lock=True)
    facts = facts_of(session, found)
    reasons = why_not_step(Step.RECORD, facts, side)
    if not reasons and not found.feedback.get("given_on"):
        reasons = [Reason("no_feedback", text="The host has not given feedback yet.")]
    if not reasons and COMPETENCE not in facts.open_tasks:
        reasons = [Reason("recorded_already", text="This is on record already.")]
    if reasons:
        raise Refused(reasons)
    gained = found.feedback.get("competences", [])
    if foreign := sorted(set(take) - set(gained)):
        message = f"The host did not state “{foreign[0][:64]}”."
        raise Invalid("deployment_competence", fields={"take": [message]})
    if take:
        evidence.add_facts(
            session,
            person_id=found.person_id,
            entries=[
                FactValue(FactKind.SKILL, {"code": code}, awarded_on=found.ends_on)
                for code in sorted(set(take))
            ],
            source=SOURCE,
            by=by,
            now=now,
        )
    _tick(session, found, COMPETENCE, by, now)
    return advance(session, found, by=by, now=now)


def on_induction(session: Session, event: Event, by: Actor, now: datetime) -> None:
    """A local induction that both have signed ticks the task of whoever is deployed there. Called
    by `induction.signed`."""
    signed = session.get(InductionSignature, event.subject_id)
    if signed is None or signed.valid_until is None:
        return
    rows = session.scalars(
        sa.select(Deployment)
        .join(DeploymentTask, DeploymentTask.deployment_id == Deployment.id)
        .where(
            Deployment.holder_id == signed.holder_id,
            Deployment.host_id == signed.host_id,
            DeploymentTask.code == INDUCTION,
            DeploymentTask.done_at.is_(None),
        )
        .order_by(Deployment.id)
        .with_for_update()
    ).all()
    for one in rows:
        _tick(session, one, INDUCTION, by, now)


def _task(session: Session, deployment: Deployment, code: str) -> DeploymentTask | None:
    return session.scalar(
        sa.select(DeploymentTask).where(
            DeploymentTask.deployment_id == deployment.id, DeploymentTask.code == code
        )
    )


def _tick(
    session: Session, deployment: Deployment, code: str, by: Actor, now: datetime
) -> None:
    task = _task(session, deployment, code)
    if task is None or task.done_at is not None:
        return
    task.done_at, task.done_by_id = now, by.account_id
    session.flush()
    note(session, "deployment.task_done", deployment, by=by, now=now, task=code)
