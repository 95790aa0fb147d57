"""Deployments: one person at a host for a time, proposed, agreed, authorised, checked, accepted by
three, active, and brought back. The rule is `rules.deployments.deployment_states`; what goes by
itself is in `deployment_turns`, the way back in `deployment_returns`, reading in
`deployment_views`.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearances
from bankhub.actions.deployments.deployment_moves import add_acceptance, lapse, move, note
from bankhub.actions.deployments.deployment_records import (
    deployment_of,
    facts_of,
    own_deployment,
    permitted_until,
)
from bankhub.actions.deployments.deployment_turns import advance
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.permission import demand
from bankhub.model import reference
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployment_values import DeploymentWish, Side
from bankhub.model.deployments import Deployment, DeploymentState
from bankhub.model.sites import Site, Unit
from bankhub.model.workers import BankPost
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.deployments.deployment_entry import Proposed, agreement_for, wrong_wish
from bankhub.rules.deployments.deployment_states import (
    LIVE,
    Step,
    held_by,
    stopped,
    why_not_step,
    wrong_end,
)
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from bankhub.rules.shifts.patient_details import why_not_write
from bankhub.rules.wording import said_day
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import Cure, Invalid, NotFound, Reason, Refused
from passport.model.organisations import Organisation
from passport.model.people import Person

S = DeploymentState

REASONS = (
    "patient_safety", "staffing", "own_wish", "end_of_need", "other_work", "not_suitable",
    "not_said",
)  # fmt: skip
"""Why a side says no, holds or ends: a closed list, so that no narrative travels."""


def propose(
    session: Session,
    *,
    person_id: UUID,
    host_id: UUID,
    wish: DeploymentWish,
    site_id: UUID | None = None,
    unit_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Deployment:
    """Propose that a person works at a host for a time.

    The home organisation proposes its own people, a host those who showed their passport there.
    Raises `NotFound` for anybody else, `Invalid` by field, `Refused` where no agreement permits it
    or the person is deployed there already.
    """
    demand(by, Deed.PROPOSE_DEPLOYMENT)
    person = _person_in_reach(session, person_id, host_id, by)
    home = session.get_one(Organisation, person.organisation_id)
    held = roles_held(session, person, wish.starts_on)
    who = Proposed(home.id, home.kind, host_id, held, site_id)
    wrong = wrong_wish(
        wish, who, instruments=reference.instruments(), roles=reference.roles(),
        today=london_day(now),
    )  # fmt: skip
    if wrong := wrong | _wrong_place(session, host_id, site_id, unit_id):
        raise Invalid("deployment_entry", "The deployment cannot be right.", wrong)
    under = agreement_for(
        wish, who, reference.roles()[wish.role], agreements_between(session, home.id, host_id)
    )
    refused = _why_not_so(session, person, host_id, wish)
    if refused or isinstance(under, list):
        raise Refused([*(under if isinstance(under, list) else ()), *refused])
    refuse_past(session, under, home.id, host_id, wish.ends_on)
    made = _row(person, host_id, wish, under.version_id, by, now)
    made.site_id, made.unit_id = site_id, unit_id
    session.add(made)
    move(session, made, S.PROPOSED, by=by, now=now)
    return made


def refuse_past(
    session: Session, under: InForce, home_id: UUID, host_id: UUID, ends_on: date | None
) -> None:
    """Raises `Invalid` for a last day to which the agreement does not reach between the two:
    notice is given, or one of them leaves."""
    until = permitted_until(session, under, home_id, host_id)
    if ends_on is not None and ends_on > until:
        message = f"{under.named} ends on {said_day(until)}."
        raise Invalid("deployment_end", fields={"ends_on": [message]})


def _row(
    person: Person, host_id: UUID, wish: DeploymentWish, version_id: UUID, by: Actor, now: datetime
) -> Deployment:
    return Deployment(
        person_id=person.id,
        holder_id=person.holder_id,
        home_id=person.organisation_id,
        host_id=host_id,
        version_id=version_id,
        instrument=wish.instrument,
        sponsored=wish.sponsored,
        staff_group=reference.roles()[wish.role].staff_group,
        role=wish.role,
        grade=wish.grade,
        duties=wish.duties.strip(),
        supervision=wish.supervision.strip(),
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        state=S.PROPOSED,
        proposed_at=now,
        proposed_by_id=by.account_id,
    )


def _person_in_reach(session: Session, person_id: UUID, host_id: UUID, by: Actor) -> Person:
    own = own_organisation(by)
    person = session.get(Person, person_id)
    if person is None or person.organisation_id == host_id:
        raise NotFound
    if person.organisation_id == own:
        if not agreements_between(session, own, host_id):
            raise NotFound
    elif host_id != own or not _has_shown(session, person_id, own):
        raise NotFound
    if person.left_at is not None:
        raise Refused([Reason("has_left", text="This person has left the organisation.")])
    return person


def _has_shown(session: Session, person_id: UUID, host_id: UUID) -> bool:
    shown = sa.exists().where(
        Clearance.person_id == person_id,
        Clearance.host_id == host_id,
        Clearance.state != ClearanceState.ENDED,
    )
    return bool(session.scalar(sa.select(shown)))


def agreements_between(session: Session, home_id: UUID, host_id: UUID) -> list[InForce]:
    """Every version, past and to come, under which people of the one work at the other."""
    bound = bound_versions(session, organisation_id=home_id)
    return [one for one in bound if one.pair(home_id, host_id) is not None]


def roles_held(session: Session, person: Person, on: date) -> frozenset[str]:
    """Roles of the posts in force on the first day."""
    rows = session.execute(
        sa.select(BankPost.role, BankPost.entitlements).where(
            BankPost.person_id == person.id,
            BankPost.starts_on <= on,
            sa.or_(BankPost.ends_on.is_(None), BankPost.ends_on >= on),
        )
    )
    return frozenset(
        role for own, pairs in rows for role in (own, *(pair[0] for pair in pairs))
    )


def _wrong_place(
    session: Session, host_id: UUID, site_id: UUID | None, unit_id: UUID | None
) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    site = session.get(Site, site_id) if site_id else None
    if site_id is not None and (site is None or site.organisation_id != host_id):
        wrong["site_id"] = ["Choose a site of the host."]
    unit = session.get(Unit, unit_id) if unit_id else None
    if unit_id is not None and (unit is None or site is None or unit.site_id != site.id):
        wrong["unit_id"] = ["Choose a unit of that site."]
    return wrong


def _why_not_so(
    session: Session, person: Person, host_id: UUID, wish: DeploymentWish
) -> list[Reason]:
    """Because of what it says, or because there is such a deployment already."""
    written = (("duties", wish.duties), ("supervision", wish.supervision))
    said = [reason for name, text in written for reason in why_not_write(name, text)]
    session.execute(
        sa.select(Person.id).where(Person.id == person.holder_id).with_for_update(key_share=True)
    )
    there = sa.exists().where(
        Deployment.person_id == person.id,
        Deployment.host_id == host_id,
        Deployment.role == wish.role,
        Deployment.state.in_(LIVE),
    )
    if not session.scalar(sa.select(there)):
        return said
    return [
        *said,
        Reason(
            "deployed_already",
            cure=Cure("Open the deployment there is, or end it first"),
            text="There is a deployment of this person to this host in this role already.",
        )
    ]


def authorise(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The home organisation, or a returner's sponsor, authorises what the person agreed to."""
    found = _to_do(session, deployment_id, Step.AUTHORISE, by)
    found.authorised_by_id = by.account_id
    move(session, found, S.AUTHORISED, by=by, now=now)
    if found.sponsored:
        clearances.redecide(
            session, person_id=found.person_id, because="deployment.authorised", by=by, now=now
        )
    return advance(session, found, by=by, now=now)


def agree(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The person agrees to work there. Nobody can do it for them."""
    found = _own_to_do(session, deployment_id, Step.AGREE, by)
    move(session, found, S.AGREED, by=by, now=now)
    return found


def accept(
    session: Session, *, deployment_id: UUID, text_hash: str, by: Actor, now: datetime
) -> Deployment:
    """Accept the text that was read, for the actor's organisation. Raises `Refused` where that
    is not the text as it stands."""
    found = _to_do(session, deployment_id, Step.ACCEPT, by)
    side = Side.HOME if by.organisation_id == found.home_id else Side.HOST
    add_acceptance(session, found, side, text_hash, of=found.licence_hash, by=by, now=now)
    return advance(session, found, by=by, now=now)


def accept_own(
    session: Session, *, deployment_id: UUID, text_hash: str, by: Actor, now: datetime
) -> Deployment:
    """The person accepts the text that they read."""
    found = _own_to_do(session, deployment_id, Step.ACCEPT, by)
    add_acceptance(
        session, found, Side.WORKER, text_hash, of=found.licence_hash, by=by, now=now
    )
    return advance(session, found, by=by, now=now)


def refuse(
    session: Session, *, deployment_id: UUID, because: str, by: Actor, now: datetime
) -> Deployment:
    """Home or host: it will not go ahead."""
    found = _to_do(session, deployment_id, Step.REFUSE, by)
    return _stopped(session, found, _known(because), by, now)


def decline(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The person does not want it, and need not say why."""
    found = _own_to_do(session, deployment_id, Step.REFUSE, by)
    return _stopped(session, found, "own_wish", by, now)


def _stopped(
    session: Session, found: Deployment, because: str, by: Actor, now: datetime
) -> Deployment:
    state = stopped(facts_of(session, found))
    move(session, found, state, because=because, by=by, now=now)
    return advance(session, found, by=by, now=now)


def hold(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """Home or host: not for now. Why is not asked, and not told."""
    found = _to_do(session, deployment_id, Step.HOLD, by)
    side = Side.HOME if by.organisation_id == found.home_id else Side.HOST
    move(session, found, S.ON_HOLD, because=held_by(side), by=by, now=now)
    return found


def hold_own(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The person: not for now."""
    found = _own_to_do(session, deployment_id, Step.HOLD, by)
    move(session, found, S.ON_HOLD, because=held_by(Side.WORKER), by=by, now=now)
    return found


def lift(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The side that put it on hold lets it go on from where it stood."""
    return _lifted(session, _to_do(session, deployment_id, Step.LIFT, by), by, now)


def lift_own(session: Session, *, deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """The person lets go on what they put on hold."""
    return _lifted(session, _own_to_do(session, deployment_id, Step.LIFT, by), by, now)


def _lifted(session: Session, found: Deployment, by: Actor, now: datetime) -> Deployment:
    if found.held_from is None:
        raise ValueError("a deployment on hold without the state before")
    move(session, found, found.held_from, by=by, now=now)
    return advance(session, found, by=by, now=now)


def end(
    session: Session,
    *,
    deployment_id: UUID,
    because: str,
    ends_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Deployment:
    """Home or host end it early: on a day to come, or at once where none is given."""
    step = Step.STOP if ends_on is None else Step.END
    found = _to_do(session, deployment_id, step, by)
    return _ended(session, found, _known(because), ends_on, by, now)


def end_own(
    session: Session,
    *,
    deployment_id: UUID,
    ends_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Deployment:
    """The person ends it early."""
    step = Step.STOP if ends_on is None else Step.END
    found = _own_to_do(session, deployment_id, step, by)
    return _ended(session, found, "own_wish", ends_on, by, now)


def _ended(
    session: Session,
    deployment: Deployment,
    because: str,
    ends_on: date | None,
    by: Actor,
    now: datetime,
) -> Deployment:
    if ends_on is None:
        move(session, deployment, S.TERMINATED_EARLY, because=because, by=by, now=now)
    else:
        facts, today = facts_of(session, deployment), london_day(now)
        if message := wrong_end(facts, ends_on, today):
            raise Invalid("deployment_end", fields={"ends_on": [message]})
        deployment.ends_on = ends_on
        note(
            session, "deployment.shortened", deployment, by=by, now=now,
            ends_on=ends_on, because=because,
        )  # fmt: skip
        lapse(session, deployment, by=by, now=now)
        if deployment.state is not S.ENDING:
            move(session, deployment, S.ENDING, because=because, by=by, now=now)
    return advance(session, deployment, by=by, now=now)


def _known(because: str) -> str:
    if because not in REASONS:
        raise Invalid("because", fields={"because": ["Choose one of the list."]})
    return because


def _to_do(session: Session, deployment_id: UUID, step: Step, by: Actor) -> Deployment:
    demand(by, Deed.RUN_DEPLOYMENT)
    found, side = deployment_of(session, deployment_id, by, lock=True)
    _refuse(why_not_step(step, facts_of(session, found), side))
    return found


def _own_to_do(session: Session, deployment_id: UUID, step: Step, by: Actor) -> Deployment:
    demand(by, Deed.OWN_DEPLOYMENT)
    found = own_deployment(session, deployment_id, by, lock=True)
    _refuse(why_not_step(step, facts_of(session, found), Side.WORKER))
    return found


def _refuse(reasons: list[Reason]) -> None:
    if reasons:
        raise Refused(reasons)


