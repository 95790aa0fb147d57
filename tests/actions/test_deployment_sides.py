"""Deployments from each side: who may propose whom, what each reads and is told, and what others
cannot do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bankhub.actions.deployments import (
    deployment_returns,
    deployment_turns,
    deployment_views,
    deployments,
)
from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import Clearance, InductionSignature
from bankhub.model.deployments import (
    Deployment,
    DeploymentState,
    DeploymentTask,
)
from bankhub.model.vocabulary import Grade, StaffGroup
from passport.actions.people import looks
from passport.actors import AccessRole, Actor, job
from passport.db import Database
from passport.errors import Forbidden, Invalid, NotFound, Refused
from passport.events import Event, Notice, record
from passport.model.accounts import RoleGrant
from passport.model.organisations import OrganisationKind
from tests.support import build
from tests.support.build import NOW
from tests.support.build_deployments import (
    TODAY,
    a_pair,
    a_wish,
    at,
    cleared,
    proposed,
    taken_to,
)

S = DeploymentState
Acts = Callable[..., Deployment]


def test_a_returner_comes_from_a_sponsor(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session, home_kind=OrganisationKind.ICB)
        returner = build.a_person(session, pair.home, family_name="Return")
        wish = a_wish(instrument=Instrument.LICENCE_TO_ATTEND, sponsored=True)
        ask: dict[str, Any] = {
            "person_id": returner.id, "host_id": pair.host.id, "by": pair.home_hr, "now": NOW,
        }  # fmt: skip
        with pytest.raises(Invalid) as refused:
            deployments.propose(session, wish=a_wish(sponsored=False), **ask)
        assert set(refused.value.fields) == {"sponsored"}
        found = deployments.propose(session, wish=wish, **ask)
        assert found.sponsored
        with pytest.raises(Refused, match="deployed_already"):
            deployments.propose(session, wish=wish, **ask)


def test_a_volunteer_is_deployed_but_not_on_paid_assignments(database: Database) -> None:
    with database.transaction() as session:
        scope = [{"staff_group": "estates_facilities", "grades": ["band_2"]}]
        pair = a_pair(session, scope=scope)
        person = build.a_person(session, pair.home, family_name="Vole")
        build.a_post(
            session, person, role="volunteer", grade=Grade.BAND_2,
            staff_group=StaffGroup.ESTATES_FACILITIES,
        )  # fmt: skip
        ask: dict[str, Any] = {
            "person_id": person.id, "host_id": pair.host.id, "by": pair.home_hr, "now": NOW,
        }  # fmt: skip
        work = {"role": "volunteer", "grade": Grade.BAND_2}
        with pytest.raises(Invalid) as refused:
            deployments.propose(
                session, wish=a_wish(instrument=Instrument.BANK_ASSIGNMENT, **work), **ask
            )
        assert set(refused.value.fields) == {"instrument"}
        wish = a_wish(instrument=Instrument.HONORARY_CONTRACT, **work)
        assert deployments.propose(session, wish=wish, **ask).state is S.PROPOSED


def test_a_host_proposes_only_who_showed_their_passport(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        ask: dict[str, Any] = {
            "person_id": pair.nurse.id, "host_id": pair.host.id, "wish": a_wish(),
            "by": pair.host_hr, "now": NOW,
        }  # fmt: skip
        with pytest.raises(NotFound):
            deployments.propose(session, **ask)
        cleared(session, pair)
        assert deployments.propose(session, **ask).state is S.PROPOSED


def test_a_third_trust_sees_and_does_nothing(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.CHECKED)
        third = build.an_organisation(session)
        by = build.an_actor(third, *AccessRole)
        here: dict[str, Any] = {"deployment_id": found.id, "by": by, "now": NOW}
        code = {"text_hash": found.licence_hash}
        deeds: list[tuple[Acts, dict[str, Any]]] = [
            (deployments.authorise, {}), (deployments.agree, {}), (deployments.accept, code),
            (deployments.accept_own, code), (deployments.refuse, {"because": "staffing"}),
            (deployments.decline, {}), (deployments.hold, {}), (deployments.hold_own, {}),
            (deployments.lift, {}), (deployments.end, {"because": "staffing"}),
            (deployments.end_own, {}), (deployment_returns.tick, {"code": "it_access"}),
            (deployment_returns.give_feedback, {"competences": []}),
            (deployment_returns.record_competence, {"take": []}),
        ]  # fmt: skip
        for act, more in deeds:
            with pytest.raises(NotFound):
                act(session, **here, **more)
        with pytest.raises(NotFound):
            deployment_views.one(session, **here)
        with pytest.raises(NotFound):
            deployment_views.own_one(session, **here)
        assert deployment_views.listed(session, by=by, now=NOW) == []


def test_no_side_does_anothers_part(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.AGREED)
        with pytest.raises(Refused, match="not_your_part"):
            deployments.authorise(session, deployment_id=found.id, by=pair.host_hr, now=NOW)
        coordinator = build.an_actor(pair.home, AccessRole.ROTA_COORDINATOR)
        with pytest.raises(Forbidden):
            deployments.authorise(session, deployment_id=found.id, by=coordinator, now=NOW)


def test_a_host_reads_no_name_before_the_person_agreed(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = proposed(session, pair)
        seen = deployment_views.one(session, deployment_id=found.id, by=pair.host_hr, now=NOW)
        assert seen.name == ""
        assert looks.own_looks(session, by=pair.worker) == []
        deployments.agree(session, deployment_id=found.id, by=pair.worker, now=NOW)
        seen = deployment_views.one(session, deployment_id=found.id, by=pair.host_hr, now=NOW)
        assert seen.name == "Ada Okafor"
        (look,) = looks.own_looks(session, by=pair.worker)
        assert (look.what, look.basis) == ("deployment", pair.wsa.named)


def test_what_each_side_reads(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.CHECKED)
        by_home = deployment_views.one(
            session, deployment_id=found.id, by=pair.home_hr, now=NOW
        )
        assert by_home.clearance is None
        assert by_home.place == "Ward 3, Thorn General"
        own = deployment_views.own_one(session, deployment_id=found.id, by=pair.worker, now=NOW)
        assert own.clearance is not None
        (listed,) = deployment_views.own(session, by=pair.worker, now=NOW)
        assert {one.value for one in listed.waits_for} == {"worker", "home", "host"}
        (choice,) = [deployment_views.choice(
            session, person_id=pair.nurse.id, by=pair.home_hr, now=NOW
        )]  # fmt: skip
        assert choice.hosts == [(pair.host.id, "Thorn NHS Trust")]


def test_every_move_is_on_record_and_the_job_may_run_twice(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.RETURNED)
    with database.transaction() as session:
        kinds = set(session.scalars(sa.select(Event.kind).where(Event.subject_id == found.id)))
        assert kinds >= {
            f"deployment.{state}"
            for state in (
                "proposed", "agreed", "authorised", "checked", "licensed", "active", "returned",
            )
        }  # fmt: skip
        later = at(found.ends_on) + timedelta(days=1)
        assert deployment_turns.keep(session, by=job(), now=later) == 0


def test_the_job_is_for_jobs(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        with pytest.raises(Forbidden):
            deployment_turns.keep(session, by=pair.home_hr, now=NOW)


@pytest.mark.parametrize("by", ["home", "worker"])
def test_who_is_told_of_what(database: Database, by: str) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        officer = build.an_account(session)
        grant = RoleGrant(
            account_id=officer.id, organisation_id=pair.host.id, role=AccessRole.HR_OFFICER,
            granted_at=NOW,
        )  # fmt: skip
        session.add(grant)
        build.an_event(session, pair.host.id)
        actor: Actor = pair.home_hr if by == "home" else pair.worker
        found = taken_to(session, pair, S.ACTIVE)
        here: dict[str, Any] = {"deployment_id": found.id, "by": actor, "now": NOW}
        if by == "home":
            deployments.end(session, because="staffing", **here)
        else:
            deployments.end_own(session, **here)
        said = session.scalars(
            sa.select(Notice).where(Notice.to_account_id == officer.id).order_by(Notice.id)
        ).all()
        assert "ended early" in said[-1].context["said"]
        assert "Ada" not in str([one.context for one in said])


def test_clearances_of_the_house_are_untouched_by_reading(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        taken_to(session, pair, S.CHECKED)
        assert session.scalar(sa.select(sa.func.count()).select_from(Clearance)) == 1


@pytest.mark.parametrize("both", [True, False])
def test_an_induction_that_both_signed_ticks_the_task(database: Database, both: bool) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.LICENSED)
        row = InductionSignature(
            host_id=pair.host.id, person_id=pair.nurse.id, holder_id=pair.nurse.holder_id,
            item="induction.ward", checklist="1", worker_at=NOW,
            in_charge_at=NOW if both else None, valid_until=TODAY if both else None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        record(session, "induction.signed", subject_id=row.id, by=pair.host_hr, now=NOW)
        done = session.scalar(
            sa.select(DeploymentTask.done_at).where(
                DeploymentTask.deployment_id == found.id,
                DeploymentTask.code == "local_induction",
            )
        )
        assert (done is not None) is both
