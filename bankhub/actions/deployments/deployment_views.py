"""What pages and programs read of deployments: from the home organisation, from the host, and by
the person concerned. A host reads no name before the person agreed, unless they showed their
passport there; and each look of a host is in the log that the person reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.deployments.deployment_moves import names_of
from bankhub.actions.deployments.deployment_records import (
    clearance_of,
    deployment_of,
    facts_by_id,
    own_deployment,
    standing_of,
)
from bankhub.actions.partners.agreements_in_force import bound_versions
from bankhub.actions.partners.booked_names import note_names
from bankhub.actions.permission import demand
from bankhub.model.agreements import Agreement, AgreementVersion
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployment_values import DeploymentFacts, Side
from bankhub.model.deployments import (
    Deployment,
    DeploymentExtension,
    DeploymentState,
    DeploymentTask,
    LicenceAcceptance,
)
from bankhub.model.sites import Site, Unit
from bankhub.model.workers import BankPost
from bankhub.rules.deployments.deployment_extensions import extension_steps_of
from bankhub.rules.deployments.deployment_states import (
    DONE,
    OVER,
    Standing,
    Step,
    steps_of,
    waits_for,
)
from bankhub.rules.permissions import Deed
from bankhub.rules.shift_times import london_day
from passport.actions.people.looks import look_at
from passport.actions.tenancy import own_organisation
from passport.actors import Actor
from passport.errors import NotFound
from passport.model.people import Person

MOST_LISTED = 300
_HOST_READS = "deployment"
_MAY_BE_ASKED = "may_be_deployed"
"""What looks at somebody are called, and at those who may be proposed."""


@dataclass(frozen=True, slots=True)
class ListedDeployment:
    """A deployment in a list."""

    deployment: Deployment
    side: Side
    name: str
    """Empty where the viewer may not read it yet."""
    home: str
    host: str
    agreement: str
    """`WSA-7 v3`."""
    agreement_id: UUID
    waits_for: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class DeploymentView(ListedDeployment):
    """Everything of one deployment that its viewer may read."""

    place: str
    accepted: Sequence[LicenceAcceptance]
    tasks: Sequence[DeploymentTask]
    steps: tuple[Step, ...]
    """What the viewer's side can do now."""
    extensions: Sequence[DeploymentExtension]
    """What was to go on longer, the latest first."""
    extension_steps: tuple[Step, ...]
    """What the viewer's side can do now to the one that is open."""
    standing: Standing
    clearance: Clearance | None
    """The host's decision, for whoever may read what is missing: the host and the person."""


def listed(
    session: Session, *, by: Actor, closed: bool = False, now: datetime
) -> list[ListedDeployment]:
    """The deployments of the actor's organisation, as home and as host, by their first day. A
    host's look at those it reads by name goes into their logs, so this is a deed."""
    demand(by, Deed.READ_DEPLOYMENTS)
    here = own_organisation(by)
    states = DONE if closed else [state for state in DeploymentState if state not in DONE]
    rows = session.execute(
        _rows()
        .where(
            sa.or_(Deployment.home_id == here, Deployment.host_id == here),
            Deployment.state.in_(states),
        )
        .limit(MOST_LISTED)
    ).all()
    names = names_of(session, {one for row in rows for one in (row[0].home_id, row[0].host_id)})
    shown = _shown_here(session, here)
    facts = facts_by_id(session, [row[0] for row in rows])
    found = [
        _listed(row, Side.HOME if row[0].home_id == here else Side.HOST, names, shown, facts)
        for row in rows
    ]
    named = [one.deployment.person_id for one in found if one.side is Side.HOST and one.name]
    note_names(session, named, by=by, now=now, what=_HOST_READS)
    return found


def one(
    session: Session, *, deployment_id: UUID, by: Actor, now: datetime
) -> DeploymentView:
    """One deployment of the actor's organisation. A host's look at a named person goes into that
    person's log, so this is a deed."""
    demand(by, Deed.READ_DEPLOYMENTS)
    found, side = deployment_of(session, deployment_id, by)
    view = _view(session, found, side, now)
    if side is Side.HOST and view.name:
        look_at(
            session,
            person_id=found.person_id,
            what=_HOST_READS,
            basis=view.agreement,
            by=by,
            now=now,
        )
    return view


def own(session: Session, *, by: Actor, now: datetime) -> list[ListedDeployment]:
    """The signed-in person's deployments, those that are over last."""
    demand(by, Deed.OWN_DEPLOYMENT)
    if by.person_id is None:
        return []
    rows = session.execute(
        _rows().where(Deployment.holder_id == by.person_id).limit(MOST_LISTED)
    ).all()
    if not rows:
        return []
    names = names_of(session, {one for row in rows for one in (row[0].home_id, row[0].host_id)})
    facts = facts_by_id(session, [row[0] for row in rows])
    found = [_listed(row, Side.WORKER, names, {row[0].person_id}, facts) for row in rows]
    return sorted(found, key=lambda one: one.deployment.state in (*DONE, *OVER))


def own_one(
    session: Session, *, deployment_id: UUID, by: Actor, now: datetime
) -> DeploymentView:
    """One of the signed-in person's deployments; `NotFound` for anybody else's."""
    demand(by, Deed.OWN_DEPLOYMENT)
    found = own_deployment(session, deployment_id, by)
    return _view(session, found, Side.WORKER, now)


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who can be proposed, and where they could go."""

    person_id: UUID
    name: str
    home: str
    hosts: Sequence[tuple[UUID, str]]
    """Where, by the agreements in force or to come."""
    places: Mapping[UUID, Sequence[tuple[UUID, str]]]
    """Host → its sites."""
    role: str
    grade: str
    employed: bool
    """Holds a post at home today."""


def choice(session: Session, *, person_id: UUID, by: Actor, now: datetime) -> Choice:
    """What can be proposed for a person: of one's own, or who showed their passport here, whose
    log says so."""
    demand(by, Deed.PROPOSE_DEPLOYMENT)
    here = own_organisation(by)
    person = session.get(Person, person_id)
    if person is None or person.left_at is not None:
        raise NotFound
    shown = _open_clearance(session, person_id, here)
    if person.organisation_id != here and shown is None:
        raise NotFound
    note_names(session, [person.id], by=by, now=now, what=_MAY_BE_ASKED)
    hosts = _hosts(session, person.organisation_id, now)
    if person.organisation_id != here:
        hosts = [(one, name) for one, name in hosts if one == here]
    post = _post(session, person, london_day(now))
    role, grade = ("", "")
    if post is not None:
        role, grade = post.role, post.grade.value
    elif shown is not None:
        role, grade = shown.role, shown.grade.value
    return Choice(
        person_id=person.id,
        name=_name(person),
        home=names_of(session, {person.organisation_id})[person.organisation_id],
        hosts=hosts,
        places=_sites(session, [one for one, _ in hosts]),
        role=role,
        grade=grade,
        employed=post is not None,
    )


def partners_people(session: Session, *, by: Actor, now: datetime) -> list[tuple[UUID, str]]:
    """People of partners whom the actor's organisation may propose: those who showed their
    passport here. Their logs say so."""
    demand(by, Deed.PROPOSE_DEPLOYMENT)
    rows = session.scalars(
        sa.select(Person)
        .where(Person.id.in_(_shown_here(session, own_organisation(by))), Person.left_at.is_(None))
        .order_by(Person.family_name, Person.given_name)
        .limit(MOST_LISTED)
    ).all()
    note_names(session, [one.id for one in rows], by=by, now=now, what=_MAY_BE_ASKED)
    return [(one.id, _name(one)) for one in rows]


def _rows() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Deployment, Person, Agreement, AgreementVersion.number)
        .join(Person, Person.id == Deployment.person_id)
        .join(AgreementVersion, AgreementVersion.id == Deployment.version_id)
        .join(Agreement, Agreement.id == AgreementVersion.agreement_id)
        .order_by(Deployment.starts_on.desc(), Deployment.id)
    )


def _listed(
    row: Any,
    side: Side,
    names: Mapping[UUID, str],
    shown: set[UUID],
    facts: Mapping[UUID, DeploymentFacts],
) -> ListedDeployment:
    deployment, person, agreement, number = row
    hidden = side is Side.HOST and deployment.agreed_at is None and person.id not in shown
    return ListedDeployment(
        deployment=deployment,
        side=side,
        name="" if hidden else _name(person),
        home=names[deployment.home_id],
        host=names[deployment.host_id],
        agreement=f"{agreement.reference} v{number}",
        agreement_id=agreement.id,
        waits_for=waits_for(facts[deployment.id]),
    )


def _view(session: Session, found: Deployment, side: Side, now: datetime) -> DeploymentView:
    row = session.execute(_rows().where(Deployment.id == found.id)).one()
    names = names_of(session, {found.home_id, found.host_id})
    shown = _shown_here(session, found.host_id) if side is Side.HOST else set()
    facts = facts_by_id(session, [found])
    head = _listed(row, side, names, shown, facts)
    return DeploymentView(
        **{name: getattr(head, name) for name in ListedDeployment.__dataclass_fields__},
        place=_place(session, found),
        accepted=session.scalars(
            sa.select(LicenceAcceptance)
            .where(LicenceAcceptance.deployment_id == found.id)
            .order_by(LicenceAcceptance.at)
        ).all(),
        tasks=session.scalars(
            sa.select(DeploymentTask)
            .where(DeploymentTask.deployment_id == found.id)
            .order_by(DeploymentTask.due_on, DeploymentTask.code)
        ).all(),
        steps=steps_of(facts[found.id], side),
        extensions=session.scalars(
            sa.select(DeploymentExtension)
            .where(DeploymentExtension.deployment_id == found.id)
            .order_by(DeploymentExtension.proposed_at.desc(), DeploymentExtension.id.desc())
        ).all(),
        extension_steps=extension_steps_of(facts[found.id], side),
        standing=standing_of(session, found, now),
        clearance=None if side is Side.HOME else clearance_of(session, found),
    )


def _place(session: Session, found: Deployment) -> str:
    places = (
        session.get(Unit, found.unit_id) if found.unit_id else None,
        session.get(Site, found.site_id) if found.site_id else None,
    )
    return ", ".join(one.name for one in places if one)


def _shown_here(session: Session, host_id: UUID) -> set[UUID]:
    return set(
        session.scalars(
            sa.select(Clearance.person_id).where(
                Clearance.host_id == host_id, Clearance.state != ClearanceState.ENDED
            )
        )
    )


def _open_clearance(session: Session, person_id: UUID, host_id: UUID) -> Clearance | None:
    return session.scalars(
        sa.select(Clearance)
        .where(
            Clearance.person_id == person_id,
            Clearance.host_id == host_id,
            Clearance.state != ClearanceState.ENDED,
        )
        .order_by(Clearance.shown_at.desc())
    ).first()


def _hosts(session: Session, home_id: UUID, now: datetime) -> list[tuple[UUID, str]]:
    today = london_day(now)
    found = {
        pair.host.organisation_id: pair.host.name
        for one in bound_versions(session, organisation_id=home_id)
        for pair in one.pairs()
        if pair.home.organisation_id == home_id and pair.until_on >= today
    }
    return sorted(found.items(), key=lambda one: one[1])


def _sites(
    session: Session, host_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[tuple[UUID, str]]]:
    rows = session.scalars(
        sa.select(Site)
        .where(Site.organisation_id.in_(host_ids), Site.closed_on.is_(None))
        .order_by(Site.name)
    )
    found: dict[UUID, list[tuple[UUID, str]]] = {one: [] for one in host_ids}
    for site in rows:
        found[site.organisation_id].append((site.id, site.name))
    return found


def _post(session: Session, person: Person, today: date) -> BankPost | None:
    return session.scalars(
        sa.select(BankPost)
        .where(
            BankPost.person_id == person.id,
            sa.or_(BankPost.ends_on.is_(None), BankPost.ends_on >= today),
        )
        .order_by(BankPost.starts_on)
    ).first()


def _name(person: Person) -> str:
    return f"{person.given_name} {person.family_name}".strip()
