"""A deployment goes on past its last day: proposed, agreed by the person, authorised at home, and
accepted by three. The rule is `rules.deployments.deployment_extensions`; what an extension does by
itself is in `deployment_turns`."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from bankhub.actions.deployments.deployment_moves import add_acceptance, move_extension
from bankhub.actions.deployments.deployment_records import (
    deployment_of,
    facts_of,
    open_extension,
    own_deployment,
)
from bankhub.actions.deployments.deployment_turns import advance
from bankhub.actions.deployments.deployments import agreements_between, refuse_past, roles_held
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.deployment_values import DeploymentWish, Side
from bankhub.model.deployments import Deployment, DeploymentExtension, ExtensionState
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.deployments.deployment_entry import Proposed, agreement_for, wrong_wish
from bankhub.rules.deployments.deployment_extensions import why_not_extend, wrong_new_end
from bankhub.rules.deployments.deployment_states import Step, why_not_step
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actors import Actor
from passport.errors import Invalid, Reason, Refused
from passport.model.organisations import Organisation
from passport.model.people import Person

X = ExtensionState


def propose(
    session: Session, *, deployment_id: UUID, ends_on: date, by: Actor, now: datetime
) -> Deployment:
    """Home or host proposes a later last day. Raises `Invalid` where that day cannot be, `Refused`
    where no agreement permits it or the person cannot go on."""
    demand(by, Deed.PROPOSE_DEPLOYMENT)
    found, side = deployment_of(session, deployment_id, by, lock=True)
    advance(session, found, by=by, now=now)
    facts = facts_of(session, found)
    if reasons := why_not_step(Step.EXTEND, facts, side):
        raise Refused(reasons)
    if wrong := wrong_new_end(facts, ends_on, reference.instruments()[found.instrument]):
        raise Invalid("deployment_extension", fields={"ends_on": [wrong]})
    ends_before = found.ends_on
    if ends_before is None:
        raise ValueError("only what has a last day is extended")
    under = _agreement(session, found, ends_before, ends_on, london_day(now))
    made = DeploymentExtension(
        deployment_id=found.id,
        version_id=under.version_id,
        ends_before=ends_before,
        ends_on=ends_on,
        state=X.PROPOSED,
        proposed_at=now,
        proposed_by_id=by.account_id,
    )
    session.add(made)
    move_extension(session, found, made, X.PROPOSED, by=by, now=now)
    return found


def _agreement(
    session: Session, found: Deployment, ends_before: date, ends_on: date, today: date
) -> InForce:
    """The version in force on the first added day; of the agreement it runs under if that has
    one."""
    person = session.get_one(Person, found.person_id)
    home = session.get_one(Organisation, found.home_id)
    first = ends_before + timedelta(days=1)
    wish = DeploymentWish(
        instrument=found.instrument, role=found.role, grade=found.grade, duties=found.duties,
        starts_on=first, ends_on=ends_on, sponsored=found.sponsored,
    )  # fmt: skip
    held = roles_held(session, person, first)
    who = Proposed(home.id, home.kind, found.host_id, held, found.site_id)
    wrong = wrong_wish(
        wish, who, instruments=reference.instruments(), roles=reference.roles(), today=today
    )
    if wrong:
        said = [one for messages in wrong.values() for one in messages]
        raise Refused([Reason("cannot_go_on", text=one) for one in said])
    bound = agreements_between(session, home.id, found.host_id)
    now_under = {one.version_id: one.agreement_id for one in bound}.get(found.version_id)
    own = [one for one in bound if one.agreement_id == now_under]
    role = reference.roles()[found.role]
    under = agreement_for(wish, who, role, own)
    if isinstance(under, list):
        under = agreement_for(wish, who, role, bound)
    if isinstance(under, list):
        raise Refused(under)
    refuse_past(session, under, home.id, found.host_id, ends_on)
    return under


def agree(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The person agrees to stay longer. Nobody can do it for them."""
    found, one = _own_to_do(session, deployment_id, Step.AGREE, by, now)
    move_extension(session, found, one, X.AGREED, by=by, now=now)
    return found


def authorise(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The home organisation, or a returner's sponsor, authorises the longer stay."""
    found, one, _ = _to_do(session, deployment_id, Step.AUTHORISE, by, now)
    one.authorised_by_id = by.account_id
    move_extension(session, found, one, X.AUTHORISED, by=by, now=now)
    return advance(session, found, by=by, now=now)


def accept(
    session: Session, *, deployment_id: UUID, text_hash: str, by: Actor, now: datetime
) -> Deployment:
    """Accept the paper of the extension for the actor's organisation."""
    found, one, side = _to_do(session, deployment_id, Step.ACCEPT, by, now)
    add_acceptance(session, found, side, text_hash, of=one.paper_hash, by=by, now=now)
    return advance(session, found, by=by, now=now)


def accept_own(
    session: Session, *, deployment_id: UUID, text_hash: str, by: Actor, now: datetime
) -> Deployment:
    """The person accepts the paper of the extension."""
    found, one = _own_to_do(session, deployment_id, Step.ACCEPT, by, now)
    add_acceptance(session, found, Side.WORKER, text_hash, of=one.paper_hash, by=by, now=now)
    return advance(session, found, by=by, now=now)


def refuse(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """Home or host: the last day stays as it is."""
    found, one, _ = _to_do(session, deployment_id, Step.REFUSE, by, now)
    move_extension(session, found, one, X.REFUSED, by=by, now=now)
    return found


def decline(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The person does not stay longer, and need not say why."""
    found, one = _own_to_do(session, deployment_id, Step.REFUSE, by, now)
    move_extension(session, found, one, X.REFUSED, by=by, now=now)
    return found


def _to_do(
    session: Session, deployment_id: UUID, step: Step, by: Actor, now: datetime
) -> tuple[Deployment, DeploymentExtension, Side]:
    demand(by, Deed.RUN_DEPLOYMENT)
    found, side = deployment_of(session, deployment_id, by, lock=True)
    return found, _open(session, found, step, side, by, now), side


def _own_to_do(
    session: Session, deployment_id: UUID, step: Step, by: Actor, now: datetime
) -> tuple[Deployment, DeploymentExtension]:
    demand(by, Deed.OWN_DEPLOYMENT)
    found = own_deployment(session, deployment_id, by, lock=True)
    return found, _open(session, found, step, Side.WORKER, by, now)


def _open(
    session: Session, found: Deployment, step: Step, side: Side, by: Actor, now: datetime
) -> DeploymentExtension:
    """The open extension, once what the day does has been done: after the last day it is late."""
    advance(session, found, by=by, now=now)
    if reasons := why_not_extend(step, facts_of(session, found), side):
        raise Refused(reasons)
    one = open_extension(session, found)
    if one is None:
        raise ValueError("an extension that its facts show and its row does not")
    return one
