"""Deployments: two trusts with an agreement, a nurse of one, and offices on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.deployments import (
    deployment_extensions,
    deployment_returns,
    deployment_turns,
    deployments,
)
from bankhub.model import reference
from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployment_values import DeploymentWish
from bankhub.model.deployments import (
    AcceptedBy,
    Deployment,
    DeploymentExtension,
    DeploymentState,
    DeploymentTask,
    ExtensionState,
    LicenceAcceptance,
)
from bankhub.model.sites import Site, Unit
from bankhub.model.vocabulary import Grade, StaffGroup
from bankhub.rules.agreements.agreements_in_force import InForce
from bankhub.rules.shift_times import london_day
from passport.actors import AccessRole, Actor, job
from passport.model.accounts import Account
from passport.model.organisations import Organisation, OrganisationKind
from passport.model.people import Person
from tests.support import build, sharing
from tests.support.build_people import NOW, kept

TODAY = london_day(NOW)
S = DeploymentState
X = ExtensionState


@dataclass
class Sharing:
    """Home and host under an agreement, and a nurse of the home organisation."""

    home: Organisation
    host: Organisation
    wsa: InForce
    nurse: Person
    account: Account
    site: Site
    ward: Unit

    @property
    def home_hr(self) -> Actor:
        return build.an_actor(self.home, AccessRole.HR_OFFICER)

    @property
    def host_hr(self) -> Actor:
        return build.an_actor(self.host, AccessRole.HR_OFFICER)

    @property
    def worker(self) -> Actor:
        return build.as_worker(self.nurse, account=self.account)


def a_pair(
    session: Session, *, home_kind: OrganisationKind = OrganisationKind.TRUST, **terms: Any
) -> Sharing:
    """The two, under an agreement that names every instrument."""
    home = build.an_organisation(session, name="Quill NHS Trust", kind=home_kind)
    host = build.an_organisation(session, name="Thorn NHS Trust")
    site = build.a_site(session, host, name="Thorn General")
    ward = build.a_unit(session, site, name="Ward 3")
    terms.setdefault("instruments", [one.value for one in Instrument])
    wsa = sharing.an_agreement(session, home, host, **terms)
    nurse, _ = build.a_nurse(session, home)
    account = build.an_account(
        session, display_name="Ada Okafor", person_id=nurse.holder_id, verified_at=NOW
    )
    return Sharing(home, host, wsa, nurse, account, site, ward)


def a_wish(**change: Any) -> DeploymentWish:
    """A secondment of an adult nurse for three months, from in ten days."""
    fields: dict[str, Any] = {
        "instrument": Instrument.SECONDMENT,
        "role": "rn_adult",
        "grade": Grade.BAND_5,
        "duties": "Nurse on the acute medical unit.",
        "supervision": "Ward manager",
        "starts_on": TODAY + timedelta(days=10),
        "ends_on": TODAY + timedelta(days=100),
    }
    return DeploymentWish(**{**fields, **change})


def proposed(session: Session, pair: Sharing, **change: Any) -> Deployment:
    """Proposed by the home organisation."""
    return deployments.propose(
        session, person_id=pair.nurse.id, host_id=pair.host.id, wish=a_wish(**change),
        site_id=pair.site.id, unit_id=pair.ward.id, by=pair.home_hr, now=NOW,
    )  # fmt: skip


def cleared(session: Session, pair: Sharing, **fields: Any) -> Clearance:
    """The host's clearance of the nurse, open and in order unless told otherwise."""
    fields.setdefault("state", ClearanceState.CLEARED)
    return sharing.a_clearance(session, pair.wsa, pair.nurse, pair.host, **fields)


def taken_to(
    session: Session, pair: Sharing, state: DeploymentState, **change: Any
) -> Deployment:
    """A deployment that went the whole way to `state` by everybody's own act."""
    found = proposed(session, pair, **change)
    way = [S.AGREED, S.CHECKED, S.LICENSED, S.ACTIVE, S.RETURNED]
    for next_state in way[: way.index(state) + 1]:
        _onward(session, pair, found, next_state)
    assert found.state is state, found.state
    return found


def _onward(
    session: Session, pair: Sharing, found: Deployment, state: DeploymentState
) -> None:
    here: dict[str, Any] = {"deployment_id": found.id, "now": NOW}
    if state is S.AGREED:
        deployments.agree(session, by=pair.worker, **here)
    elif state is S.CHECKED:
        cleared(session, pair, role=found.role, grade=found.grade)
        deployments.authorise(session, by=pair.home_hr, **here)
    elif state is S.LICENSED:
        accept_all(session, pair, found)
    elif state is S.ACTIVE:
        tick_all(session, pair, found, "onboarding")
        on_day(session, found, at(found.starts_on))
    else:
        on_day(session, found, at(found.ends_on) + timedelta(days=1))


def accept_all(session: Session, pair: Sharing, found: Deployment) -> None:
    """All three accept the text as it stands."""
    here: dict[str, Any] = {
        "deployment_id": found.id, "text_hash": found.licence_hash, "now": NOW,
    }  # fmt: skip
    deployments.accept_own(session, by=pair.worker, **here)
    deployments.accept(session, by=pair.home_hr, **here)
    deployments.accept(session, by=pair.host_hr, **here)


def extending(
    session: Session, pair: Sharing, found: Deployment, state: ExtensionState, days: int = 30
) -> Deployment:
    """What runs is to go on longer: taken to `state` by everybody's own act, on its first day."""
    here: dict[str, Any] = {"deployment_id": found.id, "now": at(found.starts_on)}
    last = found.ends_on + timedelta(days=days) if found.ends_on else TODAY
    deployment_extensions.propose(session, ends_on=last, by=pair.home_hr, **here)
    if state is not X.PROPOSED:
        deployment_extensions.agree(session, by=pair.worker, **here)
    if state in (X.CHECKED, X.ACCEPTED):
        deployment_extensions.authorise(session, by=pair.home_hr, **here)
    if state is X.ACCEPTED:
        paper = {"text_hash": paper_of(session, found).paper_hash}
        deployment_extensions.accept_own(session, by=pair.worker, **here, **paper)
        deployment_extensions.accept(session, by=pair.home_hr, **here, **paper)
        deployment_extensions.accept(session, by=pair.host_hr, **here, **paper)
    assert paper_of(session, found).state is state
    return found


def paper_of(session: Session, found: Deployment) -> DeploymentExtension:
    """The latest extension of it."""
    return session.scalars(
        sa.select(DeploymentExtension)
        .where(DeploymentExtension.deployment_id == found.id)
        .order_by(DeploymentExtension.proposed_at.desc(), DeploymentExtension.id.desc())
    ).all()[0]


def tick_all(
    session: Session, pair: Sharing, found: Deployment, leg: str, now: datetime = NOW
) -> None:
    """Everything of a leg that is ticked by hand is done."""
    known = reference.deployment_tasks().values()
    for task in [one for one in known if one.leg == leg and not one.by_itself]:
        if task.instruments and found.instrument not in task.instruments:
            continue
        by = pair.home_hr if task.by == "home" else pair.host_hr
        deployment_returns.tick(session, deployment_id=found.id, code=task.code, by=by, now=now)


def at(day: Any) -> datetime:
    """Noon of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=NOW.tzinfo)


def on_day(session: Session, found: Deployment, now: datetime) -> None:
    """The daily job runs."""
    deployment_turns.keep(session, by=job(), now=now)
    session.refresh(found)


def a_deployment(
    session: Session,
    wsa: InForce,
    person: Person,
    host: Organisation,
    state: DeploymentState = S.PROPOSED,
    **fields: Any,
) -> Deployment:
    """A row as it stands in that state."""
    row = Deployment(
        person_id=person.id,
        holder_id=person.holder_id,
        home_id=person.organisation_id,
        host_id=host.id,
        version_id=wsa.version_id,
        instrument=Instrument.SECONDMENT,
        staff_group=StaffGroup.NURSING_MIDWIFERY,
        role="rn_adult",
        grade=Grade.BAND_5,
        duties=fields.pop("duties", "Nurse on the ward."),
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=90),
        state=state,
        proposed_at=NOW,
        **fields,
    )
    return kept(session, row, host.id)


def deployments_at(
    session: Session, trust: Organisation, nurse: Person, name: str
) -> list[Deployment]:
    """What a trust of `two_trusts` has: its nurse at a hospice in several states, and somebody of
    the hospice at the trust."""
    hospice = build.an_organisation(session, name=f"{name} House")
    wsa = sharing.an_agreement(session, hospice, trust)
    other, _ = build.a_nurse(session, hospice, family_name=f"{name}brook")
    said: dict[str, Any] = {"duties": f"Duties of {name}", "agreed_at": NOW}
    text: dict[str, Any] = {"licence_text": f"Paper of {name}", "licence_hash": "a" * 64}
    back: dict[str, Any] = {"returned_at": NOW, "delete_on": TODAY + timedelta(days=30)}
    rows = [
        a_deployment(session, wsa, nurse, hospice, S.PROPOSED, duties=f"Duties of {name}"),
        a_deployment(session, wsa, nurse, hospice, S.AGREED, **said),
        a_deployment(session, wsa, nurse, hospice, S.CHECKED, **said, **text),
        a_deployment(session, wsa, nurse, hospice, S.RETURNED, **said, **text, **back),
        a_deployment(session, wsa, other, trust, S.ACTIVE, **said, **text),
        a_deployment(
            session, wsa, other, trust, S.RETURNED, **said, **text, **back,
            feedback={"given_on": str(TODAY), "competences": ["renal"]},
        ),
    ]  # fmt: skip
    longer = [
        a_deployment(session, wsa, nurse, hospice, S.ACTIVE, **said, **text),
        a_deployment(session, wsa, other, trust, S.ENDING, **said, **text),
    ]
    _extensions(session, longer, f"Longer paper of {name}")
    rows += longer
    for row in rows[3:]:
        task = DeploymentTask(
            deployment_id=row.id, organisation_id=row.host_id, code="badge", leg="onboarding",
            due_on=TODAY,
        )  # fmt: skip
        kept(session, task, trust.id)
    accepted = LicenceAcceptance(
        deployment_id=rows[2].id, party=AcceptedBy.HOST, text_hash="a" * 64, at=NOW,
        name=f"Officer {name}son",
    )  # fmt: skip
    kept(session, accepted, trust.id)
    return rows


def _extensions(session: Session, deployments: Sequence[Deployment], paper: str) -> None:
    """The first is proposed to go on longer, the second has its paper to be accepted."""
    for row, state in zip(deployments, (X.PROPOSED, X.CHECKED), strict=True):
        extension = DeploymentExtension(
            deployment_id=row.id, version_id=row.version_id,
            ends_before=TODAY + timedelta(days=90), ends_on=TODAY + timedelta(days=120),
            state=state, proposed_at=NOW, paper=paper if state is X.CHECKED else "",
        )  # fmt: skip
        kept(session, extension, row.host_id)
