"""Deployments on both databases: the whole way there and back, and what ends or holds one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bankhub.actions.deployments import deployment_records, deployment_returns, deployments
from bankhub.model.agreement_terms import Instrument
from bankhub.model.agreements import Agreement, AgreementVersion, VersionState
from bankhub.model.clearances import ClearanceState
from bankhub.model.deployments import (
    AcceptedBy,
    Deployment,
    DeploymentState,
    DeploymentTask,
    LicenceAcceptance,
)
from passport.actions.people import people
from passport.actors import AccessRole
from passport.db import Database
from passport.errors import Invalid, Refused
from passport.events import Notice
from passport.model.facts import Fact, FactKind
from tests.support import build, sharing
from tests.support.build import NOW
from tests.support.build_deployments import (
    TODAY,
    a_pair,
    accept_all,
    at,
    cleared,
    on_day,
    proposed,
    taken_to,
    tick_all,
)

S = DeploymentState
Acts = Callable[..., Deployment]


def stands(found: Deployment) -> DeploymentState:
    """Where it stands now, whatever was seen of it before."""
    return found.state


def tasks(session: Session, found: Deployment, *, done: bool) -> set[str]:
    rows = session.scalars(
        sa.select(DeploymentTask).where(DeploymentTask.deployment_id == found.id)
    )
    return {one.code for one in rows if (one.done_at is not None) is done}


def test_the_whole_way_there_and_back(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = proposed(session, pair)
        deployments.agree(session, deployment_id=found.id, by=pair.worker, now=NOW)
        deployments.authorise(session, deployment_id=found.id, by=pair.home_hr, now=NOW)
        assert stands(found) is S.AUTHORISED
        clearance = cleared(session, pair)
        on_day(session, found, NOW)
        assert (found.state, found.clearance_id) == (S.CHECKED, clearance.id)
        assert "Thorn NHS Trust (the host)" in found.licence_text
        accept_all(session, pair, found)
        assert stands(found) is S.LICENSED
        on_day(session, found, at(found.starts_on))
        assert stands(found) is S.LICENSED  # what holds the start is not done
        tick_all(session, pair, found, "onboarding")
        assert stands(found) is S.LICENSED  # its first day has not come
        on_day(session, found, at(found.starts_on))
        assert stands(found) is S.ACTIVE
        on_day(session, found, at(found.ends_on) - timedelta(days=14))
        assert stands(found) is S.ENDING
        on_day(session, found, at(found.ends_on))
        assert stands(found) is S.ENDING
        on_day(session, found, at(found.ends_on) + timedelta(days=1))
        assert stands(found) is S.RETURNED


def test_the_way_back_runs_by_itself_to_the_deletion(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session, retention_days=20)
        found = taken_to(session, pair, S.RETURNED)
        assert found.ends_on
        assert found.delete_on == found.ends_on + timedelta(days=20)
        assert tasks(session, found, done=False) == {
            "access_removed", "smartcard_removed", "badge_returned", "feedback",
            "competence_recorded", "recharge_settled", "data_deleted",
        }  # fmt: skip
        after = at(found.ends_on) + timedelta(days=2)
        tick_all(session, pair, found, "return", after)
        here: dict[str, Any] = {"deployment_id": found.id, "now": after}
        deployment_returns.give_feedback(
            session, competences=["renal", "critical_care"], by=pair.host_hr, **here
        )
        deployment_returns.record_competence(session, take=["renal"], by=pair.home_hr, **here)
        assert tasks(session, found, done=False) == {"data_deleted"}
        on_day(session, found, at(found.delete_on) - timedelta(days=1))
        assert stands(found) is S.RETURNED
        on_day(session, found, at(found.delete_on))
        assert stands(found) is S.CLOSED
        fact = session.scalars(
            sa.select(Fact).where(
                Fact.person_id == pair.nurse.id, Fact.kind == FactKind.SKILL,
                Fact.source == "deployment",
            )
        ).one()  # fmt: skip
        assert (fact.value, fact.checked_by_id) == ({"code": "renal"}, pair.home.id)
        assert fact.awarded_on == found.ends_on


@pytest.mark.parametrize(
    ("instrument", "ended"),
    [(Instrument.SECONDMENT, True), (Instrument.BANK_ASSIGNMENT, False)],
)
def test_deleting_ends_the_clearance_that_was_made_for_it(
    database: Database, instrument: Instrument, ended: bool
) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        clearance = cleared(session, pair, instrument=instrument, items=[{"code": "identity"}])
        found = proposed(session, pair)
        here: dict[str, Any] = {"deployment_id": found.id, "now": NOW}
        deployments.agree(session, by=pair.worker, **here)
        deployments.authorise(session, by=pair.home_hr, **here)
        accept_all(session, pair, found)
        tick_all(session, pair, found, "onboarding")
        on_day(session, found, at(found.starts_on))
        on_day(session, found, at(found.ends_on) + timedelta(days=1))
        on_day(session, found, at(found.delete_on))
        session.refresh(clearance)
        assert (clearance.state is ClearanceState.ENDED) is ended
        assert (clearance.items == []) is ended


def test_deleting_keeps_a_clearance_that_a_booking_rests_on(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        clearance = cleared(session, pair, instrument=Instrument.SECONDMENT)
        found = proposed(session, pair)
        here: dict[str, Any] = {"deployment_id": found.id, "now": NOW}
        deployments.agree(session, by=pair.worker, **here)
        deployments.authorise(session, by=pair.home_hr, **here)
        accept_all(session, pair, found)
        tick_all(session, pair, found, "onboarding")
        on_day(session, found, at(found.starts_on))
        shift = build.a_shift(
            session, pair.ward, starts_at=at(found.ends_on) + timedelta(days=60)
        )
        post = build.a_post(session, pair.nurse)
        build.a_booking(session, shift, pair.nurse, post)
        on_day(session, found, at(found.ends_on) + timedelta(days=1))
        on_day(session, found, at(found.delete_on))
        session.refresh(clearance)
        assert clearance.state is ClearanceState.CLEARED
        assert "data_deleted" in tasks(session, found, done=True)


def test_no_feedback_leaves_it_open_and_none_gained_settles_the_competence(
    database: Database,
) -> None:
    with database.transaction() as session:
        pair = a_pair(session, recharge={"basis": "none_reciprocal"})
        found = taken_to(session, pair, S.ACTIVE)
        deployment_returns.give_feedback(
            session, deployment_id=found.id, competences=[], by=pair.host_hr, now=NOW
        )
        on_day(session, found, at(found.ends_on) + timedelta(days=1))
        assert tasks(session, found, done=True) >= {"feedback", "competence_recorded"}
        assert "recharge_settled" not in tasks(session, found, done=False)


def test_an_acceptance_is_of_exactly_one_text(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.CHECKED)
        with pytest.raises(Refused) as refused:
            deployments.accept_own(
                session, deployment_id=found.id, text_hash="0" * 64, by=pair.worker, now=NOW
            )
        assert refused.value.code == "another_text"
        accept_all(session, pair, found)
        rows = session.scalars(sa.select(LicenceAcceptance)).all()
        assert {one.party for one in rows} == set(AcceptedBy)
        assert {one.text_hash for one in rows} == {found.licence_hash}
        assert {one.name for one in rows if one.party is AcceptedBy.WORKER} == {"Ada Okafor"}


def test_mutant_that_does_not_compare_the_text_accepts_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.CHECKED)
        seen = found.licence_hash
        found.licence_text, found.licence_hash = "Another.", "1" * 64
        with pytest.raises(Refused):
            deployments.accept_own(
                session, deployment_id=found.id, text_hash=seen, by=pair.worker, now=NOW
            )
        accept_all(session, pair, found)
        assert stands(found) is S.LICENSED


def test_acceptances_of_an_earlier_text_do_not_count(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.CHECKED)
        here: dict[str, Any] = {
            "deployment_id": found.id, "text_hash": found.licence_hash, "now": NOW,
        }  # fmt: skip
        deployments.accept_own(session, by=pair.worker, **here)
        found.licence_hash = "1" * 64
        assert deployment_records.facts_of(session, found).accepted == frozenset()


def test_without_a_clearance_it_is_not_checked_nor_active(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        clearance = cleared(session, pair, state=ClearanceState.NOT_CLEARED, until_on=None)
        found = proposed(session, pair)
        here: dict[str, Any] = {"deployment_id": found.id, "now": NOW}
        deployments.agree(session, by=pair.worker, **here)
        deployments.authorise(session, by=pair.home_hr, **here)
        assert stands(found) is S.AUTHORISED
        clearance.state, clearance.until_on = ClearanceState.CLEARED, found.starts_on
        session.flush()
        on_day(session, found, NOW)
        assert stands(found) is S.CHECKED
        accept_all(session, pair, found)
        tick_all(session, pair, found, "onboarding")
        clearance.state = ClearanceState.NOT_CLEARED
        session.flush()
        on_day(session, found, at(found.starts_on))
        assert stands(found) is S.LICENSED


def test_whoever_leaves_home_leaves_the_deployment(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        running = taken_to(session, pair, S.ACTIVE)
        manager = build.an_actor(pair.home, AccessRole.HR_OFFICER)
        people.let_go(session, person_id=pair.nurse.id, by=manager, now=at(TODAY))
        session.flush()
        assert (running.state, running.because) == (S.TERMINATED_EARLY, "left_home")
        assert "access_removed" in tasks(session, running, done=False)
        told = session.scalars(
            sa.select(Notice).where(Notice.template.like("deployment%"))
        ).all()
        assert any(one.to_person_id == pair.nurse.id for one in told)


def test_a_deployment_to_come_does_not_begin_for_a_leaver(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = proposed(session, pair)
        people.let_go(session, person_id=pair.nurse.id, by=pair.home_hr, now=NOW)
        assert (found.state, found.because) == (S.REFUSED, "left_home")


def test_the_version_it_started_under_holds_on(database: Database) -> None:
    """A later version, signed by all, does not end what runs under the earlier one."""
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        later = sharing.an_agreement(session, pair.home, pair.host)
        old = session.get_one(AgreementVersion, pair.wsa.version_id)
        new = session.get_one(AgreementVersion, later.version_id)
        new.agreement_id, new.number, old.state = old.agreement_id, 2, VersionState.SUPERSEDED
        session.flush()
        on_day(session, found, at(found.starts_on) + timedelta(days=5))
        assert (found.state, found.version_id) == (S.ACTIVE, old.id)


ENDS = {
    "notice: wound down": ({"ends_in": 30, "for_safety": False}, 30 + 28),
    "for safety: at once": ({"ends_in": 30, "for_safety": True}, 30),
}


@pytest.mark.parametrize(("how", "last"), ENDS.values(), ids=ENDS)
def test_the_agreement_ends(database: Database, how: dict[str, Any], last: int) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        agreement = session.get_one(Agreement, pair.wsa.agreement_id)
        agreement.ends_on = TODAY + timedelta(days=how["ends_in"])
        agreement.for_safety = how["for_safety"]
        session.flush()
        on_day(session, found, at(TODAY + timedelta(days=last)))
        assert stands(found) is S.ENDING
        on_day(session, found, at(TODAY + timedelta(days=last + 1)))
        assert (found.state, found.ends_on) == (S.RETURNED, TODAY + timedelta(days=last))


def test_a_suspended_party_puts_it_on_hold_until_it_is_lifted(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        party = sharing.standing(session, pair.wsa, pair.host)
        party.suspended_at = NOW
        on_day(session, found, at(found.starts_on))
        assert (found.state, found.because) == (S.ON_HOLD, "party_suspended")
        with pytest.raises(Refused):
            deployments.lift(session, deployment_id=found.id, by=pair.home_hr, now=NOW)
        party.suspended_at = None
        on_day(session, found, at(found.starts_on))
        assert (found.state, found.held_from) == (S.ACTIVE, None)


def test_only_the_side_that_held_it_lets_it_go_on(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        here: dict[str, Any] = {"deployment_id": found.id, "now": at(found.starts_on)}
        deployments.hold(session, by=pair.home_hr, **here)
        others = ((deployments.lift, pair.host_hr), (deployments.lift_own, pair.worker))
        for act, by in others:
            with pytest.raises(Refused, match="held_by_another"):
                act(session, by=by, **here)
        deployments.lift(session, by=pair.home_hr, **here)
        assert stands(found) is S.ACTIVE
        deployments.hold_own(session, by=pair.worker, **here)
        deployments.lift_own(session, by=pair.worker, **here)
        assert stands(found) is S.ACTIVE


def test_ended_early_on_a_day_to_come_and_at_once(database: Database) -> None:
    with database.transaction() as session:
        pair = a_pair(session)
        found = taken_to(session, pair, S.ACTIVE)
        here: dict[str, Any] = {"deployment_id": found.id, "now": at(found.starts_on)}
        with pytest.raises(Invalid):
            deployments.end_own(session, ends_on=TODAY, by=pair.worker, **here)
        last = found.starts_on + timedelta(days=7)
        deployments.end(session, because="staffing", ends_on=last, by=pair.host_hr, **here)
        assert (found.state, found.ends_on) == (S.ENDING, last)
        deployments.end(session, because="patient_safety", by=pair.home_hr, **here)
        assert (found.state, found.because) == (S.TERMINATED_EARLY, "patient_safety")
        assert found.ends_on == found.starts_on
        with pytest.raises(Invalid):
            deployments.refuse(
                session, deployment_id=proposed(session, pair).id, because="rumour",
                by=pair.home_hr, now=NOW,
            )  # fmt: skip
