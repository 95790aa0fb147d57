"""A returner: no employer, a sponsor for the checks, and the right to work checked by the host."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bankhub.actions.clearances import clearance_evidence, clearances
from bankhub.actions.deployments import deployments
from bankhub.model.agreement_terms import Instrument
from bankhub.model.clearances import Clearance, ClearanceState
from bankhub.model.deployments import Deployment, DeploymentState
from passport.actors import AccessRole, job
from passport.db import Database
from passport.model.facts import FactKind
from tests.rules import clearance_examples as ex
from tests.rules import work_examples as work
from tests.support import build, clearing
from tests.support.build import NOW
from tests.support.build_deployments import TODAY, a_wish
from tests.support.clearing import World


def a_returner(session: Session) -> World:
    """Her post has ended and no employment is on her passport; the trust is to sponsor her."""
    world = clearing.a_world(session, instruments=[one.value for one in Instrument])
    world.post.ends_on = TODAY - timedelta(days=30)
    session.delete(next(one for one in world.held if one.type == "employment_assignment"))
    session.flush()
    return world


def sponsored(session: Session, world: World) -> Deployment:
    """Proposed by the sponsor and agreed by her."""
    hr = build.an_actor(world.home, AccessRole.HR_OFFICER)
    wish = a_wish(instrument=Instrument.LICENCE_TO_ATTEND, sponsored=True)
    found = deployments.propose(
        session, person_id=world.nurse.id, host_id=world.host.id, wish=wish, by=hr, now=NOW
    )
    own = build.as_worker(world.nurse)
    return deployments.agree(session, deployment_id=found.id, by=own, now=NOW)


def stands(found: Deployment) -> DeploymentState:
    return found.state


def missing(row: Clearance) -> set[str]:
    return {one["code"] for one in row.items if one["state"] == "missing"}


def test_a_returner_is_cleared_once_the_host_checked_the_right_to_work(
    database: Database,
) -> None:
    with database.transaction() as session:
        world = a_returner(session)
        row = clearing.cleared(session, world)
        assert missing(row) == {"employment"}
        found = sponsored(session, world)
        hr = build.an_actor(world.home, AccessRole.HR_OFFICER)
        deployments.authorise(session, deployment_id=found.id, by=hr, now=NOW)
        assert missing(row) == {"right_to_work"}
        assert stands(found) is DeploymentState.AUTHORISED
        here = build.a_person(session, world.host, holder=world.nurse)
        build.a_fact(session, here, FactKind.RIGHT_TO_WORK, {"route": "unlimited"})
        clearances.redecide(
            session, person_id=world.nurse.id, because="fact.added", by=job(), now=NOW
        )
        assert row.state is ClearanceState.CLEARED
        assert stands(found) is DeploymentState.CHECKED


def test_mutant_that_takes_nobody_for_a_returner_never_clears_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearance_evidence, "is_sponsored", lambda *_args: False)
    with database.transaction() as session:
        world = a_returner(session)
        row = clearing.cleared(session, world)
        found = sponsored(session, world)
        hr = build.an_actor(world.home, AccessRole.HR_OFFICER)
        deployments.authorise(session, deployment_id=found.id, by=hr, now=NOW)
        assert missing(row) == {"employment"}


RIGHTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "an employer's warranty is no sponsor's": ({}, {"right_to_work"}),
    "the host's own check": (
        {"employer_facts": (work.fact(FactKind.RIGHT_TO_WORK, {"route": "unlimited"}),)}, set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("known", "open_ones"), RIGHTS.values(), ids=RIGHTS)
def test_what_a_returner_needs(known: dict[str, Any], open_ones: set[str]) -> None:
    held = ex.passport(employment_assignment=None)
    asked = replace(ex.ASKED, sponsored=True)
    found = ex.decided(asked=asked, held=(*held, *ex.trained()), **known)
    assert ex.missing(found) == open_ones
